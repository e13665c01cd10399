package clio

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sheaf/labeler"
)

// verbs and things make names that are all different, and pass the rules.
var (
	verbs  = []string{"Explain", "Improve", "Compare", "Plan", "Find", "Repair", "Translate", "Review"}
	things = []string{"bicycles", "contracts", "recipes", "train journeys", "tax forms", "garden plants", "guitar chords", "data tables", "short stories", "running shoes"}
)

// manyNodes are n clusters with names of their own, each about one of the things.
func manyNodes(n int) []Node {
	var out []Node
	for i := range n {
		thing := things[i%len(things)]
		name := fmt.Sprintf("%s %s", verbs[i/len(things)%len(verbs)], thing)
		if round := i / (len(things) * len(verbs)); round > 0 {
			name += " " + strings.Repeat("again ", round)
		}
		out = append(out, Node{Name: Name{Name: strings.TrimSpace(name), Description: "The user asked about " + thing + ". They wanted help."}, Source: labeler.FromModel, Weight: float64(10 + i)})
	}
	return out
}

// check holds what is true of every hierarchy: one parent for each cluster, no
// parent without a child, levels that get smaller, weights that add up.
func check(t *testing.T, base []Node, h labeler.Hierarchy, levels [][]Node) {
	t.Helper()
	below := base
	for l, parents := range h {
		if len(parents) != len(below) || len(levels[l]) >= len(below) || len(levels[l]) == 0 {
			t.Fatalf("level %d: %d parents of %d clusters, %d nodes", l+1, len(parents), len(below), len(levels[l]))
		}
		weight := make([]float64, len(levels[l]))
		for i, p := range parents {
			if p < 0 || p >= len(levels[l]) {
				t.Fatalf("level %d: cluster %d has parent %d of %d", l+1, i, p, len(levels[l]))
			}
			weight[p] += below[i].Weight
		}
		for p, n := range levels[l] {
			if n.Weight != weight[p] || n.Weight == 0 || n.Name.Name == "" {
				t.Errorf("level %d: node %d is %+v, its children weigh %v", l+1, p, n, weight[p])
			}
		}
		below = levels[l]
	}
}

// thingOf is the thing that a text is about.
func thingOf(text string) string {
	for _, t := range things {
		if strings.Contains(text, t) {
			return t
		}
	}
	return ""
}

// good proposes, assigns and names by the things.
func good(q question) any {
	switch q.task {
	case "propose", "dedupe":
		name := map[string]string{"propose": "groups", "dedupe": "names"}[q.task]
		var names []string
		for _, g := range q.list(name) {
			if n := "Help with " + thingOf(g); !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
		return object{"names": names}
	case "assign":
		group := strings.Join(q.list("group"), " ")
		for _, p := range q.list("parents") {
			if thingOf(p) == thingOf(group) {
				return object{"parent": p}
			}
		}
		return object{"parent": "Bake cakes"}
	case "cluster":
		thing := thingOf(strings.Join(q.list("requests"), " "))
		return object{"description": "The user asked about " + thing + ". They wanted help.", "name": "Ask about " + thing}
	}
	return "I do not know."
}

// More than 60 clusters make several neighbourhoods, each proposes with outsiders
// in view, and duplicates among all proposals are taken out once a level.
func TestNeighbourhoods(t *testing.T) {
	base := manyNodes(80)
	a, m := ask(t, Options{Seed: 1}, good)
	h, levels, err := a.Hierarchy(t.Context(), base, []int{80, 20, 5}, bySpelling, nil)
	if err != nil {
		t.Fatal(err)
	}
	check(t, base, h, levels)
	if len(h) != 2 {
		t.Fatalf("%d levels above the base", len(h))
	}
	shown := 0
	for _, q := range m.of("propose") {
		groups := q.list("groups")
		if len(groups) > 60 {
			t.Errorf("a neighbourhood of %d", len(groups))
		}
		if strings.Contains(q.user, "<nearby>") {
			nearby := q.list("nearby")
			if len(nearby) != nearbyShown {
				t.Errorf("%d outsiders: %q", len(nearby), nearby)
			}
			for _, n := range nearby {
				if slices.ContainsFunc(groups, func(g string) bool { return strings.HasPrefix(g, n+".") }) {
					t.Errorf("%q stands inside and outside", n)
				}
			}
			shown += len(groups)
		}
	}
	if shown != 80 {
		t.Errorf("%d clusters of 80 stood in neighbourhoods", shown)
	}
	if dedupe := m.of("dedupe"); len(dedupe) != 1 {
		t.Errorf("%d questions for duplicates", len(dedupe))
	} else if names := dedupe[0].list("names"); len(names) != len(things) {
		t.Errorf("names to clean up: %q", names) // spellings that are the same are gone before
	}
	// Each cluster is assigned by what it is about, where there is such a parent.
	wrong := 0
	for i, p := range h[0] {
		if thingOf(levels[0][p].Name.Name) != thingOf(base[i].Name.Name) {
			wrong++
		}
	}
	if wrong > a.Counts().Assigned {
		t.Errorf("%d clusters are below a parent about something else", wrong)
	}
	// A neighbourhood may propose half as many again as are wanted of it, so that
	// one with many things leaves some out.
	if c := a.Counts(); c.Assigned > 8 || c != (Counts{Assigned: c.Assigned}) {
		t.Errorf("rules had to help: %+v", c)
	}
}

// Two clusters of the same level see their parents in another order, and two runs
// with the same seed in the same.
func TestParentsAreShuffled(t *testing.T) {
	orders := func(seed uint64) map[string]string {
		a, m := ask(t, Options{Seed: seed}, good)
		if _, _, err := a.Hierarchy(t.Context(), manyNodes(30), []int{30, 8}, bySpelling, nil); err != nil {
			t.Fatal(err)
		}
		out := make(map[string]string)
		for _, q := range m.of("assign") {
			out[q.list("group")[0]] = strings.Join(q.list("parents"), "|")
		}
		return out
	}
	first, again, other := orders(1), orders(1), orders(2)
	seen, same := make(map[string]bool), 0
	for group, order := range first {
		if again[group] != order {
			t.Errorf("%q: the same seed gave another order", group)
		}
		if other[group] == order {
			same++
		}
		seen[order] = true
	}
	if len(first) != 30 || len(seen) < 20 || same > 10 {
		t.Errorf("%d orders for %d clusters, %d the same with another seed", len(seen), len(first), same)
	}
}

// Whatever a model says, every cluster has one parent, levels get smaller, and
// what rules had to do is counted.
func TestHierarchyOfBadAnswers(t *testing.T) {
	isClean := func(_ context.Context, text string, _ bool) (bool, error) {
		return !strings.Contains(text, "Kowalski"), nil
	}
	for name, tt := range map[string]struct {
		task   string
		answer any
		count  func(c Counts) int
	}{
		"parents that do not exist":     {"assign", object{"parent": "Bake cakes"}, func(c Counts) int { return c.Assigned }},
		"an empty parent":               {"assign", object{"parent": ""}, func(c Counts) int { return c.Assigned }},
		"a refusal to assign":           {"assign", "I'm sorry, but I cannot help with that.", func(c Counts) int { return c.Assigned }},
		"a refusal to propose":          {"propose", "As an AI I cannot do this.", func(c Counts) int { return c.Proposals }},
		"refusals as names":             {"propose", object{"names": []string{"I cannot help with that", "I'm sorry"}}, func(c Counts) int { return c.Proposals }},
		"proposals with a name":         {"propose", object{"names": []string{"Help Anna Kowalski with bicycles"}}, func(c Counts) int { return c.Proposals }},
		"duplicates left as they are":   {"dedupe", "no", func(c Counts) int { return c.Duplicates }},
		"an empty list of what is left": {"dedupe", object{"names": []string{}}, func(c Counts) int { return c.Duplicates }},
		"names with a person":           {"cluster", object{"description": "The user asked about Anna Kowalski. They wanted help.", "name": "Write to Anna Kowalski"}, func(c Counts) int { return c.Names }},
		"names with a placeholder":      {"cluster", object{"description": "The user asked for help. They wanted it soon.", "name": "Help (PERSON_1) with forms"}, func(c Counts) int { return c.Names }},
		"refusals to name":              {"cluster", object{"description": "I cannot help with that.", "name": "I cannot do this"}, func(c Counts) int { return c.Names }},
		"one parent for all":            {"propose", object{"names": []string{"Help with bicycles"}}, nil},
		"everything broken":             {"", `{"names": ["Help`, func(c Counts) int { return c.Proposals }},
	} {
		t.Run(name, func(t *testing.T) {
			base := manyNodes(70)
			a, _ := ask(t, Options{Seed: 1, Clean: isClean}, func(q question) any {
				if tt.task == "" || q.task == tt.task {
					return tt.answer
				}
				return good(q)
			})
			h, levels, err := a.Hierarchy(t.Context(), base, []int{70, 14, 3}, bySpelling, nil)
			if err != nil {
				t.Fatal(err)
			}
			check(t, base, h, levels)
			if tt.count != nil && tt.count(a.Counts()) == 0 {
				t.Errorf("counts %+v", a.Counts())
			}
			for _, level := range levels {
				for _, n := range level {
					for _, bad := range []string{"Kowalski", "PERSON", "cannot", "sorry"} {
						if strings.Contains(n.Name.Name+n.Description, bad) {
							t.Errorf("%+v", n)
						}
					}
				}
			}
		})
	}
}

// Proposals as many as there are clusters, to which each is assigned on its own,
// are joined by distance: a level is smaller than the one below.
func TestParentsThatNeverShrink(t *testing.T) {
	base := manyNodes(6)
	a, _ := ask(t, Options{Seed: 1}, func(q question) any {
		switch q.task {
		case "propose":
			return object{"names": q.list("groups")}
		case "assign":
			for _, p := range q.list("parents") {
				if strings.HasPrefix(q.list("group")[0], p) {
					return object{"parent": p}
				}
			}
		}
		return good(q)
	})
	h, levels, err := a.Hierarchy(t.Context(), base, []int{6, 4}, bySpelling, nil)
	if err != nil {
		t.Fatal(err)
	}
	check(t, base, h, levels)
}

// Hierarchies of few clusters are sane.
func TestFewNodes(t *testing.T) {
	for n := 1; n <= 10; n++ {
		base := manyNodes(n)
		a, _ := ask(t, Options{}, good)
		h, levels, err := a.Hierarchy(t.Context(), base, labeler.LevelSizes(n, 0, 0), bySpelling, nil)
		if err != nil {
			t.Fatal(err)
		}
		check(t, base, h, levels)
	}
}

// An error of whoever looks at texts ends the run.
func TestCleanFails(t *testing.T) {
	failed := fmt.Errorf("the disk is full")
	a, _ := ask(t, Options{Clean: func(context.Context, string, bool) (bool, error) { return false, failed }}, good)
	if _, _, err := a.Hierarchy(t.Context(), manyNodes(8), []int{8, 3}, bySpelling, nil); err == nil || !strings.Contains(err.Error(), failed.Error()) {
		t.Errorf("error %v", err)
	}
}
