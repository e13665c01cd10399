package judge

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sheaf/engine/static"
	"sheaf/labeler"
	"sheaf/models/builtin"
)

func builtinModel(t *testing.T) *static.Model {
	t.Helper()
	m, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func score(t *testing.T, r *Reading, cluster int, labels ...string) []Score {
	t.Helper()
	scores, err := r.Score(t.Context(), cluster, labels)
	if err != nil {
		t.Fatal(err)
	}
	return scores
}

func reading(t *testing.T, lists ...string) *Reading {
	t.Helper()
	m := builtinModel(t)
	var cs []labeler.Cluster
	for _, l := range lists {
		cs = append(cs, labeler.Cluster{Members: strings.Split(l, ", ")})
	}
	r, err := New(m, m).Read(t.Context(), cs)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The groups of the founding article, and requests that a chat had.
var article = []string{
	"meters, inches, feet, miles, kilometers",
	"alpha, beta, gamma",
	"brick, concrete, asphalt, rebar, glass, lumber",
	"howard jones, gillian gilbert, wendy carlos, thomas dolby, rick wakeman, gary numan, geoff downes",
	"apples, pears, bananas",
	"cats, dogs, hamsters, birds",
	"pasta, bread, milk, butter",
}

func TestGrounded(t *testing.T) {
	r := reading(t, article...)
	for i, labels := range []struct{ good, bad []string }{
		{[]string{"Units of Length", "Measurement Units", "Distances"}, []string{"Project Management", "Building Materials", "Travel Plans"}},
		{[]string{"Greek Letters", "Greek Alphabet"}, []string{"Project Management", "Key Project Components", "Food", "Business Strategy"}},
		{[]string{"Materials for Construction and Repair", "Building Materials"}, []string{"Project Management", "Fresh Fruits", "Animals"}},
		{[]string{"Musicians", "Synth-Pop Artists", "Electronic Music Pioneers"}, []string{"Project Management", "Kitchen Tools", "Animals"}},
		{[]string{"Fresh Fruits", "Fruit"}, []string{"Project Management", "Animals", "Greek Letters"}},
		{[]string{"Animals", "Pets"}, []string{"Project Management", "Fresh Fruits"}},
		{[]string{"Food", "Groceries", "Food Staples"}, []string{"Project Management", "Units of Length"}},
	} {
		for j, list := range [][]string{labels.good, labels.bad} {
			for k, s := range score(t, r, i, list...) {
				if s.Grounded() != (j == 0) {
					t.Errorf("%q for %s: %v", list[k], article[i], s)
				}
			}
		}
	}
}

var react = []string{
	"Help sort a table in React, Add pagination to a React list component, Show filtered database records in a React table",
	"Find a memory leak in a Python service, Explain reference counting in Python",
	"Recommend restaurants for dinner, Suggest a place to eat with vegetarian food",
	"Analyse a CSV file with pandas, Plot a pandas data frame by month",
}

// Of labels for requests about frontends the one that says so wins, and none
// that another cluster would bear.
func TestBestLabel(t *testing.T) {
	r := reading(t, react...)
	labels := []string{"Debug Python Memory Leaks", "Software Development", "Help implement frontend components", "Restaurant Recommendations", "Pandas Data Analysis"}
	scores := score(t, r, 0, labels...)
	for i, s := range scores {
		if i != 2 && s.Total >= scores[2].Total {
			t.Errorf("%q has %v, %q only %v", labels[i], s, labels[2], scores[2])
		}
		if contrastive := i != 1 && i != 2; contrastive == s.Grounded() {
			t.Errorf("%q: %v", labels[i], s)
		}
	}
	if s := score(t, r, 0, "React Tables")[0]; s.Words != 1 {
		t.Errorf("every member has the word react: %v", s)
	}
}

func TestUnknownWordsAreNotHeldAgainstALabel(t *testing.T) {
	r := reading(t, append(article, "kot, pies, chomik", "犬, 猫, 鳥")...)
	for i, label := range []string{"Zwierzęta domowe", "動物"} {
		if s := score(t, r, len(article)+i, label)[0]; s.Placed || s.Known || !s.Grounded() || s.Total != 0 {
			t.Errorf("%q: %+v", label, s)
		}
	}
	// Where the words of the cluster are known, nonsense can be told.
	for _, label := range []string{"ⰀⰁⰂ", "Wqx Zzyv", "A an:WF6_ji뛰b9:W"} {
		if s := score(t, r, 0, label)[0]; s.Known || s.Grounded() {
			t.Errorf("%q: %+v", label, s)
		}
	}
}

func TestOneClusterAlone(t *testing.T) {
	r := reading(t, article[5])
	good, bad := score(t, r, 0, "Animals")[0], score(t, r, 0, "Project Management")[0]
	if !good.Grounded() || bad.Grounded() || good.Total <= bad.Total {
		t.Errorf("%v, %v", good, bad)
	}
}

// A centroid that is given stands for the members' vectors, and weights count
// as copies do.
func TestCentroidAndWeights(t *testing.T) {
	m := builtinModel(t)
	texts := []string{"cats", "dogs", "dogs", "milk"}
	e, err := m.Embed(t.Context(), texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	centroid := make([]float32, m.Info().Dim)
	for i := range texts {
		for d, x := range e.Vectors.Data[i*e.Vectors.Stride:][:len(centroid)] {
			centroid[d] += x / float32(len(texts))
		}
	}
	other := labeler.Cluster{Members: []string{"brick", "glass"}}
	var want Score
	for i, c := range []labeler.Cluster{
		{Members: texts},
		{Members: []string{"cats", "dogs", "milk"}, Weights: []int{1, 2, 1}},
		{Members: []string{"cats", "dogs", "milk"}, Weights: []int{1, 2, 1}, Centroid: centroid},
	} {
		r, err := New(m, m).Read(t.Context(), []labeler.Cluster{c, other})
		if err != nil {
			t.Fatal(err)
		}
		s := score(t, r, 0, "Animals")[0]
		if i == 0 {
			want = s
		} else if math.Abs(s.Near-want.Near) > 1e-6 || math.Abs(s.Margin-want.Margin) > 1e-6 || math.Abs(s.Concepts-want.Concepts) > 1e-6 {
			t.Errorf("case %d: %+v, want %+v", i, s, want)
		}
	}
}

// Scores are within their bounds and the same every time, whatever the label.
func TestScoresAreBounded(t *testing.T) {
	r := reading(t, article...)
	rapid.Check(t, func(t *rapid.T) {
		label := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"Fruit", "Project Management", "the apples of"})).Draw(t, "label")
		i := rapid.IntRange(0, len(article)-1).Draw(t, "cluster")
		var got [2]Score
		for n := range got {
			scores, err := r.Score(context.Background(), i, []string{label})
			if err != nil {
				t.Fatal(err)
			}
			got[n] = scores[0]
		}
		s := got[0]
		if s != got[1] {
			t.Fatalf("%v, then %v", s, got[1])
		}
		if !(s.Near >= 0 && s.Near <= 1 && s.Margin >= -1 && s.Margin <= 1 && s.Words >= 0 && s.Words <= 1.001 && s.Concepts >= 0 && s.Concepts <= 1.001 && s.Total >= -0.25 && s.Total <= 1) {
			t.Fatalf("%q: %+v", label, s)
		}
	})
}

func TestJudgeIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m := builtinModel(t)
	if _, err := New(m, m).Read(ctx, []labeler.Cluster{{Members: []string{"cats"}}}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
