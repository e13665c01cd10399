package keywords

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sheaf/engine/static"
	"sheaf/labeler"
	"sheaf/models/builtin"
)

func newLabeler(t testing.TB) *Labeler {
	t.Helper()
	space, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return New(space)
}

func clusters(texts ...string) []labeler.Cluster {
	var out []labeler.Cluster
	for _, t := range texts {
		out = append(out, labeler.Cluster{Members: strings.Split(t, "; ")})
	}
	return out
}

func labels(t testing.TB, l *Labeler, in []labeler.Cluster) []labeler.Label {
	t.Helper()
	got, err := l.Label(context.Background(), in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Labels) != len(in) {
		t.Fatalf("%d labels for %d clusters", len(got.Labels), len(in))
	}
	return got.Labels
}

// What a person would call the groups of the founding article, and of lists
// whose words say what is shared only through what they are a kind of.
func TestConcepts(t *testing.T) {
	l := newLabeler(t)
	for _, tt := range []struct{ clusters, want []string }{
		{
			[]string{
				"meters; inches; feet; miles; kilometers", "alpha; beta; gamma", "brick; concrete; asphalt; rebar; glass; lumber",
				"thomas dolby; howard jones; gillian gilbert; wendy carlos; rick wakeman; gary numan; geoff downes",
				"apples; pears; bananas", "cats; dogs; hamsters; birds", "pasta; milk; bread; butter",
			},
			[]string{"Length Units", "Greek Letters", "Building Materials", "Names of People", "Fruit", "Animals", "Groceries"},
		},
		{[]string{"cats; dogs; hamsters; birds", "red; green; blue"}, []string{"Animals", "Colours"}},
		{[]string{"mow the lawn; rake leaves; trim the hedge", "piano lessons; choir; playing guitar"}, []string{"Garden Work", "Music Making"}},
	} {
		for i, got := range labels(t, l, clusters(tt.clusters...)) {
			if got.Text != tt.want[i] || got.Source != labeler.FromKeywords {
				t.Errorf("%s: %q from %s, want %q\n%s", tt.clusters[i], got.Text, got.Source, tt.want[i], got.Reason)
			}
			if got.Reason == "" || got.Description == "" {
				t.Errorf("%s: reason %q, description %q", tt.clusters[i], got.Reason, got.Description)
			}
		}
	}
}

func TestWords(t *testing.T) {
	l := newLabeler(t)
	in := clusters(
		"When does Zorblax launch?; the zorblax launch slipped; zorblax launch party; who owns the zorblax launch; Zorblax launch date",
		"Quuxify the parser; quuxify everything; please quuxify this; why quuxify; can we quuxify it",
		"Flurbing is slow; flurbing fails; more flurbing; is flurbing done; flurbing again",
	)
	want := []string{"Zorblax Launch", "Quuxify", "Flurbing"}
	for i, got := range labels(t, l, in) {
		if !strings.Contains(got.Text, want[i]) {
			t.Errorf("cluster %d is %q, want %q in it (%s)", i, got.Text, want[i], got.Reason)
		}
		if n := len(strings.Split(got.Description, ", ")); n > descriptionWords {
			t.Errorf("cluster %d has a description of %d words: %q", i, n, got.Description)
		}
	}
}

// A concept that all members have by one and the same word is that word.
func TestConceptOfOneWord(t *testing.T) {
	l := newLabeler(t)
	in := clusters("swift transfer arrives; is swift free; send by swift; swift code; swift takes long; what is swift",
		"my salary; when is salary paid; salary date; salary missing; salary late; salary day")
	if got := labels(t, l, in)[0].Text; !strings.Contains(strings.ToLower(got), "swift") {
		t.Errorf("label %q, want the word that all share", got)
	}
}

// Whatever the members hold: a label each, no two alike, none empty or too
// long, and the same again.
func TestAnyMembers(t *testing.T) {
	l := newLabeler(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.SampledFrom([]string{"cats", "dog!", "", "???", "12 34", "the of", "die der und", "日本語", "\x1b[31mred", "freeze my card", strings.Repeat("long ", 300)}),
			rapid.String())
		in := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) labeler.Cluster {
			c := labeler.Cluster{Members: rapid.SliceOfN(text, 1, 8).Draw(t, "members")}
			if rapid.Bool().Draw(t, "weighted") {
				c.Weights = rapid.SliceOfN(rapid.IntRange(1, 5), len(c.Members), len(c.Members)).Draw(t, "weights")
			}
			return c
		}), 1, 6).Draw(t, "clusters")
		got, err := l.Label(context.Background(), in, nil)
		if err != nil {
			t.Fatal(err)
		}
		seen := make(map[string]bool)
		for _, lab := range got.Labels {
			k := strings.ToLower(lab.Text)
			if k == "" || seen[k] {
				t.Fatalf("labels %+v: one is empty or there twice", got.Labels)
			}
			seen[k] = true
			if n := len(strings.Fields(lab.Text)); n > labeler.MaxWords+1 { // a number may tell repeats apart
				t.Fatalf("label %q has %d words", lab.Text, n)
			}
		}
		again, err := l.Label(context.Background(), in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(again.Labels) != fmt.Sprint(got.Labels) {
			t.Fatal("the same clusters got other labels")
		}
	})
}

func TestCancelAndProgress(t *testing.T) {
	l := newLabeler(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Label(ctx, clusters("cats", "dogs"), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Label under a cancelled context = %v", err)
	}
	var done []int
	if _, err := l.Label(t.Context(), clusters("cats", "red", "iron"), func(n int) { done = append(done, n) }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(done, []int{1, 2, 3}) {
		t.Errorf("progress %v, want 1, 2, 3", done)
	}
}

func TestStem(t *testing.T) {
	in := map[string]float64{"charge": 1, "top": 1, "freeze card": 1, "ring": 1}
	for w, want := range map[string]string{
		"charged": "charge", "charging": "charge", "charges": "charge", "topping": "top", "cards": "card",
		"freezed cards": "freezed card", "ring": "ring", "boxes": "box", "countries": "country", "status": "status", "declined": "declined",
	} {
		if got := stem(w, in); got != want {
			t.Errorf("stem(%q) = %q, want %q", w, got, want)
		}
	}
}

func BenchmarkLabel(b *testing.B) {
	l := newLabeler(b)
	words := builtin.Words("please help me my card was not accepted at the shop and the exchange rate of the transfer is wrong again")
	for _, n := range []int{1_000, 10_000, 100_000} {
		in := make([]labeler.Cluster, 100)
		for i := range n {
			c := &in[i%100]
			c.Members = append(c.Members, fmt.Sprintf("%s %s %s %s", words[i%len(words)], words[i*7%len(words)], words[i*13%len(words)], words[i/100%len(words)]))
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := l.Label(b.Context(), in, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "notes/s")
		})
	}
}
