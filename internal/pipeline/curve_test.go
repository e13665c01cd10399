package pipeline

import (
	"context"
	"os"
	"testing"

	"sheaf/internal/corpus"
	"sheaf/internal/report"
	"sheaf/internal/testsets"
)

func curve(t testing.TB, opts CurveOptions, in corpus.Input) *report.Curve {
	t.Helper()
	opts.Seed = 1
	c, err := Curve(context.Background(), []corpus.Input{in}, opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCurve(t *testing.T) {
	in := corpus.FileInput("../../examples/notes.txt")
	c := curve(t, CurveOptions{}, in)
	if c.K < 6 || c.K > 9 || c.Range.Low > c.K || c.Range.High < c.K || c.Range.High > 2*c.Range.Low || c.Distinct != 32 {
		t.Errorf("%d, %+v of %d", c.K, c.Range, c.Distinct)
	}
	for _, p := range c.Points {
		if near := 2*p.K >= c.K && p.K <= c.K+1; near && (p.Stability == nil || *p.Stability < 0.3) {
			t.Errorf("k %d has stability %v", p.K, p.Stability)
		}
	}
	// It is what a run takes, whatever the number of threads.
	r := run(t, NotesOptions{Common: Common{Seed: 1, Threads: 1}}, in).Result
	if got := r.Manifest.Clustering; got.K != c.K || got.KRange == nil || *got.KRange != c.Range {
		t.Errorf("a run takes %d of %+v, the curve says %d of %+v", got.K, got.KRange, c.K, c.Range)
	}
	if _, err := Curve(context.Background(), []corpus.Input{input("a", "cats\ndogs\n")}, CurveOptions{}); err == nil {
		t.Error("two texts have a curve")
	}
}

// How often the suggestion is near the true number of groups.
func TestCurveLabelledSets(t *testing.T) {
	dir, err := testsets.Dir()
	if err != nil {
		t.Skip(err)
	}
	if os.Getenv("SHEAF_VERIFY") == "" {
		t.Skip("SHEAF_VERIFY is not set: a minute")
	}
	sets, err := testsets.All(dir)
	if err != nil {
		t.Fatal(err)
	}
	inRange, near := 0, 0
	judge := func(name string, k int, c *report.Curve) {
		t.Logf("%s: %d groups; suggested %d, %d to %d", name, k, c.K, c.Range.Low, c.Range.High)
		if c.Range.High > 2*c.Range.Low {
			t.Errorf("%s: the range %+v is wider than a factor of two", name, c.Range)
		}
		if k >= c.Range.Low && k <= c.Range.High {
			inRange++
		}
		if 2*k <= 3*c.K && 2*c.K <= 3*k {
			near++
		}
	}
	judge("the article's notes", 7, curve(t, CurveOptions{}, corpus.FileInput("../../examples/notes.txt")))
	var intents *report.Curve
	for i, set := range sets {
		c := intents
		if i != 2 { // of the same texts as the set before it
			c = curve(t, CurveOptions{}, jsonl(t, set.Texts))
		}
		intents = c
		judge(set.Name, set.K(), c)
	}
	if inRange < 3 || near < 4 {
		t.Errorf("the number of groups is in the range %d times of 6, want 3, and within a factor of 1.5 %d times, want 4", inRange, near)
	}
}
