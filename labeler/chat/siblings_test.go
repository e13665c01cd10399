package chat

import (
	"slices"
	"strings"
	"testing"

	"sheaf/labeler"
)

var fishAndBirds = []string{"salmon, trout, cod", "sparrows, robins, eagles", "hammers, pliers, saws"}

// Two clusters with nearly the same label: the one that it fits better keeps it,
// and about the other is asked once more, with the texts and the label of the
// first.
func TestSiblingsAreToldApart(t *testing.T) {
	s := play(inTurn(t, map[string][]string{
		"salmon":   slices.Repeat([]string{"Fish"}, 3),
		"sparrows": {"Animals", "The Animal", "Animals", "Animals"},
		"hammers":  slices.Repeat([]string{"Tools"}, 3),
	}))
	got := label(t, connect(t, s, settings{Judge: theJudge(t)}), clustersOf(fishAndBirds...))
	if want := []string{"model: Fish", "model: Animals", "model: Tools"}; !slices.Equal(texts(got), want) || len(s.asked()) != 9 {
		t.Errorf("labels that differ: %q after %d requests", texts(got), len(s.asked()))
	}

	for _, c := range []struct {
		name   string
		second []string // what is answered to the second question about birds
		want   string
		says   string
	}{
		{"told apart", []string{"Birds"}, "model: Birds", `told from "Animals": 1 answer: "Birds" `},
		{"the same again, then told apart", []string{"The Animal", "Kinds of Birds"}, "model: Kinds of Birds", "which is nearly the label of the other group"},
		{"the same again and again", []string{"Animals", "Animals"}, "model: Animal (Sparrows)", "2 answers"},
		{"what fits neither", []string{"Project Management", "Ultimate Birds"}, "model: Animal (Sparrows)", "names nothing that the texts are about"},
		{"the label of a third", []string{"Tools", "Tool"}, "model: Animal (Sparrows)", "names nothing"},
	} {
		birds := append(slices.Repeat([]string{"Animal"}, 3), c.second...)
		s := play(inTurn(t, map[string][]string{
			"salmon": slices.Repeat([]string{"Animals"}, 3), "sparrows": birds, "hammers": slices.Repeat([]string{"Tools"}, 3),
		}))
		clusters := clustersOf(fishAndBirds...)
		got := label(t, connect(t, s, settings{Judge: theJudge(t)}), clusters)
		if want := []string{"model: Animals", c.want, "model: Tools"}; !slices.Equal(texts(got), want) {
			t.Errorf("%s: %q, want %q\n%s", c.name, texts(got), want, got.Labels[1].Reason)
		}
		if !strings.Contains(got.Labels[1].Reason, c.says) {
			t.Errorf("%s: reason %s", c.name, got.Labels[1].Reason)
		}
		second := s.asked()[9]
		if !strings.Contains(second.User, `which is called "Animals"`) || !sameTexts(fenced(second, "others"), clusters[0].Members) || !sameTexts(fenced(second, "notes"), clusters[1].Members) {
			t.Errorf("%s: asked\n%s", c.name, second.User)
		}
	}
}

// Without a judge the first keeps the label; with any number of workers the
// result is the same.
func TestSiblingsWithoutJudge(t *testing.T) {
	answers := map[string][]string{
		"salmon": {"Animals"}, "sparrows": {"Animals", "Birds"}, "hammers": {"Tools"},
	}
	for _, workers := range []int{1, 3} {
		got := label(t, connect(t, play(inTurn(t, answers)), settings{Workers: workers}), clustersOf(fishAndBirds...))
		if want := []string{"model: Animals", "model: Birds", "model: Tools"}; !slices.Equal(texts(got), want) {
			t.Errorf("%d workers: %q", workers, texts(got))
		}
	}
}

// A label that the model shares with one that is not its own is the model's to
// change.
func TestSiblingOfAKeywordLabel(t *testing.T) {
	s := play(inTurn(t, map[string][]string{
		"salmon": {"Ultimate Fish", "Best Fish"}, "sparrows": {"About Salmon", "Birds"}, "hammers": {"Tools"},
	}))
	got := label(t, connect(t, s, settings{}), clustersOf(fishAndBirds...))
	if want := []string{"keywords: About Salmon", "model: Birds", "model: Tools"}; !slices.Equal(texts(got), want) {
		t.Errorf("%q", texts(got))
	}
}

// Whoever watches sees every answer, what is wrong with it, and which is taken.
func TestWatch(t *testing.T) {
	s := play(inTurn(t, map[string][]string{
		"salmon":   {"Fish", "Ultimate Fish", "Fish"},
		"sparrows": {"Animals", "Animals", "Fish", "Birds"},
		"hammers":  {"Alpha Centauri", "Zebras", "Thomas Dolby", "Zebras"},
	}))
	opts := settings{Judge: theJudge(t)}.options()
	seen := make([][]Judged, len(fishAndBirds))
	opts.Watch = func(cluster int, answers []Judged) { seen[cluster] = answers }
	l, err := NewLabeler(s, opts)
	if err != nil {
		t.Fatal(err)
	}
	got := label(t, l, clustersOf(fishAndBirds...))
	answers := 0
	for i, of := range seen {
		taken := 0
		for _, a := range of {
			if a.Taken {
				taken++
				if a.Fault != nil || a.Score == nil || a.Text != got.Labels[i].Text {
					t.Errorf("taken for %d: %+v", i, a)
				}
			}
		}
		if want := map[bool]int{true: 1, false: 0}[got.Labels[i].Source == labeler.FromModel]; taken != want {
			t.Errorf("%d answers are the label %+v", taken, got.Labels[i])
		}
		answers += len(of)
	}
	if answers != len(s.asked()) {
		t.Errorf("%d answers were told of, %d asked for", answers, len(s.asked()))
	}
	if f := seen[0][1].Fault; f == nil || seen[0][1].Text != "Ultimate Fish" {
		t.Errorf("%+v", seen[0])
	}
}
