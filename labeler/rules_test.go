package labeler

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func rule(err error) Rule {
	var re *RuleError
	if errors.As(err, &re) {
		return re.Rule
	}
	return ""
}

// The labels that a small model gave, with the verdict of a careful person.
func TestCheckSmallModelLabels(t *testing.T) {
	for _, c := range []struct {
		members, label string
		want           Rule
	}{
		{"meters, inches, feet, miles, kilometers", "Essential Measurement Tools for Everyday Life", RulePuffery},
		{"alpha, beta, gamma", "Key Components for Successful Project Management", RulePuffery},
		{"brick, concrete, asphalt, rebar, glass, lumber", "Materials for Construction and Repair", ""},
		{"howard jones, gillian gilbert, wendy carlos", "Essential Artists: Howard Jones, Gillian Gillespie, and Wendy Carlos", RuleWords},
		{"apples, pears, bananas", "Fresh Fruits", ""},
		{"cats, dogs, hamsters, birds", "Animals", ""},
		{"pasta, bread", "Essential Ingredients for a Comforting Meal", RulePuffery},
		{"thomas dolby, rick wakeman, gary numan, geoff downes", "Top 5 Legendary Musicians of the 1980s", RuleWords},
		{"milk, butter", "Food Essentials", RulePuffery},
		{"meters, inches, feet, miles, kilometers", "Units of Length", ""},
		{"alpha, beta, gamma", "Greek Letters", ""},
		{"milk, butter", "Food", ""},
	} {
		if got := rule(Check(Tidy(c.label), strings.Split(c.members, ", "))); got != c.want {
			t.Errorf("%s: rule %q, want %q", c.label, got, c.want)
		}
	}
}

func TestCheck(t *testing.T) {
	musicians := []string{"thomas dolby", "howard jones", "gillian gilbert", "wendy carlos"}
	for _, c := range []struct {
		label   string
		members []string
		want    Rule
	}{
		{"", nil, RuleEmpty},
		{" \u00a0", nil, RuleEmpty},
		{"42", nil, RuleLetters},
		{"— !? 🍎", nil, RuleLetters},
		{"One Two Three Four Five Six", nil, ""},
		{"A Label of More Words Than Six", nil, RuleWords},
		{"Food & Drink – Home & Away & More", nil, ""},
		{strings.Repeat("x", 60), nil, ""},
		{strings.Repeat("x", 61), nil, RuleChars},
		{strings.Repeat("é", 60), nil, ""},

		{"Animals}", nil, RuleSymbols},
		{"Cats; Dogs", []string{"cats"}, RuleSymbols},
		{"Cats | Dogs", nil, RuleSymbols},
		{`Pets \ Birds`, nil, RuleSymbols},
		{"Maps and map[string]bool", []string{"map[string]bool", "struct"}, ""},
		{"Q&A (Support) – 50% Off", nil, ""},

		{"These Are Animals", nil, RuleSentence},
		{"I Cannot Help With That", nil, RuleRefusal},
		{"I'm Sorry", nil, RuleRefusal},
		{"Here Are Some Fruits", nil, RuleSentence},
		{"The Texts Are About Food", nil, RuleSentence},
		{"The Art of War", nil, ""},
		{"Things That Are Red", nil, ""},
		{"IT Support", nil, ""},

		{"Top Fruits", nil, RulePuffery},
		{"Ultimate Guide", nil, RulePuffery},
		{"The Best of Everything", nil, RulePuffery},
		{"Must-Have Tools", nil, RulePuffery},
		{"Key Insights", nil, RulePuffery},
		{"Key Signatures", []string{"g major", "a minor"}, ""},
		{"Laptop Tops", nil, ""},
		{"Essential Oils", []string{"lavender essential oil", "tea tree"}, ""},

		{"5 Musicians", musicians, RuleCount},
		{"Four Musicians", musicians, RuleCount},
		{"The 10 Commandments", musicians, RuleCount},
		{"Windows 11", []string{"windows update"}, ""},
		{"2024 Budget", []string{"rent", "food"}, ""},
		{"3 Musketeers", []string{"the 3 musketeers", "athos"}, ""},
		{"Two-Factor Logins", []string{"one-time code"}, ""},
		{"Music of the 1980s", musicians, ""},

		{"Howard Jones and Wendy Carlos", musicians, RuleList},
		{"Milk and Butter", []string{"milk", "butter"}, ""},
		{"Milk and Butter", []string{"milk", "butter", "bread"}, RuleList},
		{"Apple & Pear Dishes", []string{"apples", "pears", "bananas"}, RuleList},
		{"Sorting Tables", []string{"sorting tables", "tables", "sorting", "lists"}, ""},
		{"Apples and Apples", []string{"apples", "Apples", "apples!"}, ""},
		{"Art of War", []string{"of", "the", "and"}, ""},

		{"Gillian Gillespie", musicians, RuleInvented},
		{"Music by Gillian Gillespie", musicians, RuleInvented},
		{"Thomas Dolbey Songs", musicians, RuleInvented},
		{"Wendy Carlson", musicians, RuleInvented},
		{"Gilliam Gilbert", musicians, RuleInvented},
		{"Gillian Gilbert", musicians, ""},
		{"Gillian Gilbert's Music", musicians, ""},
		{"Howard, Jonson and Others", musicians, ""}, // two names, not one
		{"Synth Pop Musicians", musicians, ""},
		{"Project Management", []string{"project manager", "gantt chart"}, ""},
		{"Apple Pies", []string{"apple pie", "apple pie recipe"}, ""},
		{"Database Recovery", []string{"database records", "database queries"}, ""},
		{"Fresh Fruits", []string{"fresh fries", "fresh bread"}, ""},

		{"Miscellaneous", nil, RuleVague},
		{"Group 3", nil, RuleVague},
		{"Various Items", nil, RuleVague},
		{"List of Notes", nil, RuleVague},
		{"Notes", []string{"release notes", "patch notes"}, ""},
		{"Other Animals", nil, ""},

		{"Здоровье и спорт", []string{"бег", "сон"}, ""},
		{"動物", []string{"猫", "犬", "鳥"}, ""},
	} {
		if got := rule(Check(c.label, c.members)); got != c.want {
			t.Errorf("Check(%q, %q): rule %q, want %q", c.label, c.members, got, c.want)
		}
	}
}

func TestRuleErrorHoldsNoMemberText(t *testing.T) {
	members := []string{"gillian gilbert", "secret project", "howard jones"}
	for _, label := range []string{"Gillian Gillespie", "Secret Project and Howard Jones", "7 Secrets", strings.Repeat("secret ", 9)} {
		err := Check(label, members)
		if err == nil {
			t.Errorf("%q passes", label)
			continue
		}
		for _, m := range append(strings.Fields(strings.Join(members, " ")), "gillespie") {
			if strings.Contains(strings.ToLower(err.Error()), m) {
				t.Errorf("%q: the error %q holds %q", label, err, m)
			}
		}
	}
}

func TestMakeUnique(t *testing.T) {
	label := func(texts ...string) []Label {
		ls := make([]Label, len(texts))
		for i, s := range texts {
			source := FromModel
			if user, ok := strings.CutPrefix(s, "user:"); ok {
				s, source = user, FromUser
			}
			ls[i] = Label{Text: s, Source: source}
		}
		return ls
	}
	long := "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaa Bbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	for _, c := range []struct {
		in    []Label
		words [][]string
		want  []string
	}{
		{label("A", "B"), nil, []string{"A", "B"}},
		{label("Food", "food", "FOOD"), nil, []string{"Food", "food (2)", "FOOD (3)"}},
		{label("Food", "Food"), [][]string{{"milk"}, {"pasta"}}, []string{"Food", "Food (Pasta)"}},
		{label("Food", "Food", "Food"), [][]string{nil, {"pasta"}, {"food", "pasta", "bread"}}, []string{"Food", "Food (Pasta)", "Food (Bread)"}},
		{label("Food", "Food", "Food (Pasta)"), [][]string{nil, {"pasta"}}, []string{"Food", "Food (2)", "Food (Pasta)"}},
		{label("Food", "Food", "Food (2)"), nil, []string{"Food", "Food (3)", "Food (2)"}},
		{label("Birds", "The Bird", "Kinds of Bird"), [][]string{nil, {"robin"}, {"owl"}}, []string{"Birds", "The Bird (Robin)", "Kinds of Bird (Owl)"}},
		{label("Card Payments", "Payment Cards"), nil, []string{"Card Payments", "Payment Cards (2)"}},
		{label("user:Bird", "user:Birds", "user:birds"), nil, []string{"Bird", "Birds", "birds (2)"}},
		{label("Food", "user:Food"), [][]string{{"milk"}}, []string{"Food (Milk)", "Food"}},
		{label("", "x", " "), nil, []string{"Cluster 1", "x", "Cluster 3"}},
		{label("One Two Three Four Five Six", "One Two Three Four Five Six"), [][]string{nil, {"seven"}},
			[]string{"One Two Three Four Five Six", "One Two Three Four Five Six (2)"}},
		{label(long, long), nil, []string{long, "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaa (2)"}},
		{label("Cafe\u0301", "CAFÉ"), nil, []string{"Cafe\u0301", "CAFÉ (2)"}},
	} {
		before := slices.Clone(c.in)
		MakeUnique(c.in, c.words)
		for i, l := range c.in {
			if l.Text != c.want[i] {
				t.Errorf("%v: label %d is %q, want %q", before, i, l.Text, c.want[i])
			}
		}
	}
}

func TestMakeUniqueHoldsForAnyLabels(t *testing.T) {
	text := rapid.SampledFrom([]string{"Food", "food", "Food (2)", "Food (Milk)", "", "Cluster 2", "É", "E\u0301",
		strings.Repeat("y", 60), "A B C D E F"})
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(text, 0, 12).Draw(t, "labels")
		words := rapid.SliceOfN(rapid.SliceOfN(rapid.SampledFrom([]string{"milk", "food", "pasta", "two words", ""}), 0, 3), 0, 12).Draw(t, "words")
		labels := make([]Label, len(texts))
		for i, s := range texts {
			labels[i].Text = s
		}
		again := slices.Clone(labels)
		MakeUnique(labels, words)
		MakeUnique(again, words)
		seen := make(map[string]bool)
		for i, l := range labels {
			key := foldKey(l.Text)
			if seen[key] {
				t.Fatalf("%q stands twice in %v", l.Text, labels)
			}
			seen[key] = true
			if l != again[i] {
				t.Fatalf("%v and %v of the same labels", labels, again)
			}
			if n := countWords(l.Text); n > MaxWords {
				t.Fatalf("%q has %d words", l.Text, n)
			}
			if n := len([]rune(l.Text)); n > MaxChars {
				t.Fatalf("%q has %d characters", l.Text, n)
			}
		}
	})
}

func ExampleCheck() {
	members := []string{"thomas dolby", "rick wakeman", "gary numan", "geoff downes"}
	for _, answer := range []string{`"Top 5 Legendary Musicians"`, "Label: synthesizer players."} {
		label := Tidy(answer)
		if err := Check(label, members); err != nil {
			fmt.Printf("%s: %v\n", label, err)
			continue
		}
		fmt.Println(label)
	}
	// Output:
	// Top 5 Legendary Musicians: has the word "top", which no text bears out
	// Synthesizer Players
}
