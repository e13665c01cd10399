package judge

import (
	"strings"
	"testing"

	"sheaf/labeler"
)

// The founding article's nine clusters of its 32 notes, with the labels that a
// small model gave them, each judged for each cluster: a label is taken where a
// careful person would sign it and nowhere else.
func TestLabelsOfTheArticle(t *testing.T) {
	nine := []struct {
		members, label string
		good           bool
	}{
		{"meters, inches, feet, miles, kilometers", "Essential Measurement Tools for Everyday Life", false},
		{"alpha, beta, gamma", "Key Components for Successful Project Management", false},
		{"brick, concrete, asphalt, rebar, glass, lumber", "Materials for Construction and Repair", true},
		{"howard jones, gillian gilbert, wendy carlos", "Essential Artists: Howard Jones, Gillian Gillespie, and Wendy Carlos", false},
		{"apples, pears, bananas", "Fresh Fruits", true},
		{"cats, dogs, hamsters, birds", "Animals", true},
		{"pasta, bread", "Essential Ingredients for a Comforting Meal", false},
		{"thomas dolby, rick wakeman, gary numan, geoff downes", "Top 5 Legendary Musicians of the 1980s", false},
		{"milk, butter", "Food Essentials", false},
	}
	var lists []string
	for _, c := range nine {
		lists = append(lists, c.members)
	}
	for name, clusters := range map[string][]string{"nine clusters": lists, "seven groups": article} {
		r := reading(t, clusters...)
		for i, members := range clusters {
			for _, c := range nine {
				vs, err := r.Judge(t.Context(), i, Question{}, []string{c.label})
				if err != nil {
					t.Fatal(err)
				}
				mine := strings.HasPrefix(c.members, strings.Split(members, ",")[0]+",")
				if taken := vs[0].Fault == nil; taken != (c.good && mine) {
					t.Errorf("%s: %q for %s: %v %v", name, c.label, members, vs[0].Fault, vs[0].Score)
				}
			}
		}
	}
	for i, wanted := range map[int]string{0: "Units of Length", 1: "Greek Letters", 3: "Musicians", 7: "Musicians", 8: "Food"} {
		vs, err := reading(t, lists...).Judge(t.Context(), i, Question{}, []string{nine[i].label, "Project Management", wanted, "Kitchen Tools"})
		if err != nil {
			t.Fatal(err)
		}
		if Best(vs) != 2 {
			t.Errorf("for %s: %+v", lists[i], vs)
		}
	}
}

// One call serves chats and hierarchies too.
func TestJudgeOfChats(t *testing.T) {
	r := reading(t, react...)
	judge := func(p labeler.Profile, texts ...string) []Verdict {
		vs, err := r.Judge(t.Context(), 0, Question{Profile: p}, texts)
		if err != nil {
			t.Fatal(err)
		}
		return vs
	}
	labels := judge(labeler.ChatLabel, "React Table Components", "Debug Python memory leaks", "\"help implement frontend components.\"", "Recommend restaurants")
	if Best(labels) != 2 || labels[2].Text != "Help implement frontend components" {
		t.Errorf("%+v", labels)
	}
	about := judge(labeler.ChatDescription, "Users asked about restaurants. They wanted dinner.",
		"Users asked for help with React components. They wanted to sort tables and page through lists.", "Users ask for React tables. They want lists.")
	if Best(about) != 1 {
		t.Errorf("%+v", about)
	}
	// The names of parents, of which the members are the children's names.
	r = reading(t, "Categorise business expenses, Generate business transactions and ledger codes", "Improve code with Pydantic, Explain concurrent programming in Rust")
	for i, want := range []string{"Manage business finances", "Improve and explain code"} {
		vs, err := r.Judge(t.Context(), i, Question{Profile: labeler.ChatLabel}, []string{"Manage business finances", "Improve and explain code", "Plan weddings"})
		if err != nil {
			t.Fatal(err)
		}
		if best := Best(vs); best < 0 || vs[best].Text != want {
			t.Errorf("parent %d: %+v", i, vs)
		}
	}
}
