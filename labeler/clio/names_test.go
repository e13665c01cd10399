package clio

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"sheaf/engine/static"
	"sheaf/labeler/judge"
	"sheaf/models/builtin"
)

func builtinJudge(t *testing.T) *judge.Judge {
	t.Helper()
	m, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return judge.New(m, m)
}

// A name that says nothing of its requests, or invents a company, is asked for
// again, and done without the second time.
func TestNamesAreJudged(t *testing.T) {
	clusters := []Cluster{
		{Members: []string{"cook a lentil soup", "bake a pie with apples", "roast a chicken", "make a mushroom risotto"}},
		{Members: []string{"mend a bicycle tyre", "clean a bicycle chain", "adjust bicycle brakes", "choose a bicycle helmet"}},
	}
	description := "The user asked for help. They wanted to know how to do it."
	for name, tt := range map[string]struct {
		first, second string
		want          string // "" where it is done without
	}{
		"a good one":          {"Cook dinner recipes", "", "Cook dinner recipes"},
		"about something":     {"Repair bicycles", "Cook dinner recipes", "Cook dinner recipes"},
		"an invented company": {"Order food from Netflix", "Cook dinner recipes", "Cook dinner recipes"},
		"never":               {"Repair bicycles", "Explain quantum physics", ""},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			a, _ := ask(t, Options{Judge: builtinJudge(t)}, func(q question) any {
				if strings.Contains(q.list("requests")[0], "bicycle") {
					return object{"description": description, "name": "Repair and adjust bicycles"}
				}
				asked++
				if asked == 1 {
					return object{"description": description, "name": tt.first}
				}
				return object{"description": description, "name": tt.second}
			})
			names, err := a.Names(t.Context(), clusters, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if names[0] != nil {
				got = names[0].Name
			}
			if got != tt.want || names[1] == nil || names[1].Name != "Repair and adjust bicycles" {
				t.Errorf("%q and %+v", got, names[1])
			}
			if n := a.Counts().Names; (n == 1) != (tt.want == "") {
				t.Errorf("%d names were done without", n)
			}
		})
	}
}

// What is said of somebody is asked for once more, as another question, and the
// second answer is taken where it is clean.
func TestNamesAreClean(t *testing.T) {
	n := 0
	a, m := ask(t, Options{Clean: func(_ context.Context, text string, _ bool) (bool, error) {
		return !strings.Contains(text, "Kowalski"), nil
	}},
		func(question) any {
			n++
			if n == 1 {
				return object{"description": "The user asked for help with forms. They wrote to Kowalski.", "name": "Fill in tax forms"}
			}
			return object{"description": "The user asked for help with forms. They wrote to an office.", "name": "Fill in tax forms"}
		})
	names, err := a.Names(t.Context(), []Cluster{{Members: []string{"fill in a tax form"}}}, nil)
	if err != nil || names[0] == nil || strings.Contains(names[0].Description, "Kowalski") || a.Counts().Unclean != 1 || len(m.asked) != 2 {
		t.Errorf("%+v, %v, %+v, %d questions", names, err, a.Counts(), len(m.asked))
	}
}

// A parent is known in other punctuation and case, and by no other name; of more
// parents than there is room for, those listed first are offered.
func TestAssign(t *testing.T) {
	parents := []string{"Cook dinner", "Repair bicycles", "Plan journeys"}
	for answer, want := range map[string]int{"Repair bicycles": 1, " repair Bicycles. ": 1, "Plan journeys": 2, "Repair cars": -1, "": -1} {
		a, _ := ask(t, Options{}, func(question) any { return object{"parent": answer} })
		got, ok, err := a.Assign(t.Context(), Name{Name: "Mend a tyre"}, parents, []int{2, 0, 1})
		if err != nil || ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %d, %v, %v", answer, got, ok, err)
		}
	}
	var many []string
	var order []int
	for i := range 400 {
		many = append(many, fmt.Sprintf("%s %s of kind %d", verbs[i%len(verbs)], things[i%len(things)], i))
		order = append(order, 399-i)
	}
	a, m := ask(t, Options{}, func(q question) any { return object{"parent": q.list("parents")[0]} })
	got, ok, err := a.Assign(t.Context(), Name{Name: "Mend a tyre", Description: strings.Repeat("The user asked. ", 500)}, many, order)
	if err != nil || !ok || got != 399 {
		t.Errorf("%d, %v, %v", got, ok, err)
	}
	if n := len(m.asked[0].list("parents")); n < 20 || n >= 400 {
		t.Errorf("%d parents were listed", n)
	}
}
