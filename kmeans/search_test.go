package kmeans

import (
	"context"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func mustSearch(t testing.TB, x []float32, n, d int, o SearchOptions) *SearchResult {
	t.Helper()
	r, err := Search(context.Background(), x, n, d, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func candidateKs(r *SearchResult) []int {
	var ks []int
	for _, c := range r.Candidates {
		ks = append(ks, c.K)
	}
	return ks
}

func TestSearchFindsBlobs(t *testing.T) {
	for _, c := range []struct{ n, k int }{{40, 4}, {200, 6}, {500, 12}} {
		x, _ := blobs(c.n, 6, c.k, 0.05, uint64(c.k))
		for _, criterion := range []Criterion{PenalizedVariance, MeanSilhouette} {
			r := mustSearch(t, x, c.n, 6, SearchOptions{Criterion: criterion})
			if r.K != c.k {
				t.Errorf("%d rows, criterion %d: k is %d, want %d", c.n, criterion, r.K, c.k)
			}
			if r.Low > c.k || r.High < c.k {
				t.Errorf("%d rows, criterion %d: range is %d to %d, want %d in it", c.n, criterion, r.Low, r.High, c.k)
			}
		}
	}
}

func TestSearchBounds(t *testing.T) {
	line := func(n, distinct int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(i % distinct * i % distinct)
		}
		for i := range min(n, distinct) {
			x[i] = float32(i)
		}
		return x
	}
	for _, c := range []struct {
		name        string
		n, distinct int
		o           SearchOptions
		lo, hi      int // of the candidates; 0 for none
	}{
		{"1 row", 1, 1, SearchOptions{}, 0, 0},
		{"2 rows", 2, 2, SearchOptions{}, 0, 0},
		{"3 rows", 3, 3, SearchOptions{}, 0, 0},
		{"3 distinct of 50", 50, 3, SearchOptions{MinK: 5}, 0, 0},
		{"4 rows", 4, 4, SearchOptions{}, 2, 3},
		{"5 distinct of 50", 50, 5, SearchOptions{}, 2, 4},
		{"20 rows", 20, 20, SearchOptions{}, 2, 18},
		{"200 rows", 200, 200, SearchOptions{}, 2, 57},
		{"bounded", 200, 200, SearchOptions{MinK: 5, MaxK: 9}, 5, 9},
		{"one k", 200, 200, SearchOptions{MinK: 7, MaxK: 7}, 7, 7},
		{"MinK above the rows", 20, 20, SearchOptions{MinK: 30, MaxK: 40}, 19, 19},
		{"MaxK 1", 20, 20, SearchOptions{MaxK: 1}, 2, 2},
		{"sampled", 200, 200, SearchOptions{Sample: 10}, 2, 9},
	} {
		r := mustSearch(t, line(c.n, c.distinct), c.n, 1, c.o)
		if c.hi == 0 {
			if r.K != 1 || r.Low != 1 || r.High != 1 || len(r.Candidates) != 0 {
				t.Errorf("%s: %+v, want one cluster", c.name, r)
			}
			continue
		}
		ks := candidateKs(r)
		if len(ks) == 0 || ks[0] != c.lo || ks[len(ks)-1] != c.hi {
			t.Errorf("%s: candidates are %v, want from %d to %d", c.name, ks, c.lo, c.hi)
		}
		checkSearch(t, r)
	}
}

// checkSearch checks what holds for every result with candidates.
func checkSearch(t interface {
	Helper()
	Errorf(string, ...any)
}, r *SearchResult) {
	t.Helper()
	ks := candidateKs(r)
	if !slices.IsSorted(ks) || len(slices.Compact(slices.Clone(ks))) != len(ks) {
		t.Errorf("candidates are %v", ks)
	}
	if !slices.Contains(ks, r.K) || !slices.Contains(ks, r.Low) || !slices.Contains(ks, r.High) {
		t.Errorf("%d in %d to %d is not among the candidates %v", r.K, r.Low, r.High, ks)
	}
	if r.Low > r.K || r.High < r.K || r.High > 2*r.Low {
		t.Errorf("k is %d in a range of %d to %d", r.K, r.Low, r.High)
	}
	best := r.Candidates[slices.Index(ks, r.K)].Score
	for _, c := range r.Candidates {
		if c.Score > best {
			t.Errorf("k=%d scores %v, but %d was chosen at %v", c.K, c.Score, r.K, best)
		}
		for _, v := range []float64{c.Score, c.Silhouette, c.CalinskiHarabasz, c.DaviesBouldin, c.Inertia} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("candidate %+v", c)
			}
		}
	}
}

func TestSearchInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		r, err := Search(context.Background(), p.x, p.n, p.d, SearchOptions{
			Weights: p.w, Seed: p.o.Seed, Spherical: p.o.Spherical,
			Criterion: rapid.SampledFrom([]Criterion{PenalizedVariance, MeanSilhouette}).Draw(t, "criterion"),
			Sample:    rapid.SampledFrom([]int{0, 5, 30}).Draw(t, "sample"),
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Candidates) == 0 {
			if r.K != 1 {
				t.Errorf("k is %d without candidates", r.K)
			}
			return
		}
		checkSearch(t, r)
	})
}

// TestCopiesCallForNoMoreClusters has ten texts, each sent in a thousand times.
func TestCopiesCallForNoMoreClusters(t *testing.T) {
	x := unitRows(40, 32, 6, 1)
	w := make([]float32, 40)
	for i := range w {
		w[i] = 1000
	}
	plain, copies := mustSearch(t, x, 40, 32, SearchOptions{}), mustSearch(t, x, 40, 32, SearchOptions{Weights: w})
	if plain.K != copies.K {
		t.Errorf("k is %d, and %d where every row weighs 1000", plain.K, copies.K)
	}
}

func TestSearchWarns(t *testing.T) {
	blob, _ := blobs(90, 10, 10, 0.05, 3)
	if r := mustSearch(t, blob, 90, 10, SearchOptions{MinK: 100, MaxK: 200}); !strings.Contains(strings.Join(r.Warnings, "; "), "bounded by the 90 distinct rows") {
		t.Errorf("warnings are %q", r.Warnings)
	}
	for most, bounded := range map[int]bool{4: true, 0: false} {
		if r := mustSearch(t, blob, 90, 10, SearchOptions{MaxK: most}); r.Bounded != bounded || len(r.Warnings) > 0 {
			t.Errorf("up to %d: k %d, bounded %v, warnings %q", most, r.K, r.Bounded, r.Warnings)
		}
	}
	// Rows on orthogonal axes: no two are nearer than any others.
	x := make([]float32, 40*40)
	for i := range 40 {
		x[i*41] = 1
	}
	if r := mustSearch(t, x, 40, 40, SearchOptions{}); len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "may not form clusters") {
		t.Errorf("without structure: warnings are %q", r.Warnings)
	}
}

func TestSearchRefusesData(t *testing.T) {
	if _, err := Search(context.Background(), nil, 0, 3, SearchOptions{}); err == nil || !strings.Contains(err.Error(), "no rows") {
		t.Errorf("no rows: error is %v", err)
	}
	if _, err := Search(context.Background(), []float32{1, float32(math.NaN())}, 2, 1, SearchOptions{}); err == nil || !strings.Contains(err.Error(), "row 1, column 0") {
		t.Errorf("NaN: error is %v", err)
	}
}

func TestSearchProgress(t *testing.T) {
	x, _ := blobs(300, 4, 5, 0.5, 7)
	var calls []Progress
	r := mustSearch(t, x, 300, 4, SearchOptions{Progress: func(p Progress) { calls = append(calls, p) }})
	if len(calls) != len(r.Candidates) {
		t.Errorf("%d calls for %d candidates", len(calls), len(r.Candidates))
	}
	for i, p := range calls {
		if p.Done != i || p.Total <= p.Done || p.K < 2 {
			t.Errorf("call %d is %+v", i, p)
		}
	}
}

func TestCoarseGrid(t *testing.T) {
	for _, c := range []struct {
		lo, hi int
		want   []int
	}{
		{2, 2, []int{2}},
		{2, 5, []int{2, 3, 4, 5}},
		{2, 17, []int{2, 3, 4, 6, 8, 11, 16, 17}},
		{10, 500, []int{10, 14, 20, 28, 40, 57, 80, 113, 160, 226, 320, 453, 500}},
		{400, 500, []int{400, 500}},
	} {
		if got := coarseGrid(c.lo, c.hi); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%d to %d: %v, want %v", c.lo, c.hi, got, c.want)
		}
	}
}
