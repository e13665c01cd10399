package kmeans

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// A golden is what scikit-learn says of a small set; scripts/golden-kmeans
// writes them.
type golden struct {
	Name             string
	N, D, K          int
	X, Init          []float32
	Labels           []int32
	Inertia          float64
	Silhouette       float64
	CalinskiHarabasz float64 `json:"calinski_harabasz"`
	DaviesBouldin    float64 `json:"davies_bouldin"`
	BestOf10         float64 `json:"best_of_10"`
}

func goldens(t *testing.T) []golden {
	t.Helper()
	b, err := os.ReadFile("testdata/sklearn.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct{ Sets []golden }
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	if len(f.Sets) == 0 {
		t.Fatal("no golden sets")
	}
	return f.Sets
}

func near(got, want, tol float64) bool { return math.Abs(got-want) <= tol*math.Abs(want) }

func TestLloydIsScikitLearns(t *testing.T) {
	for _, g := range goldens(t) {
		r := mustFit(t, g.X, g.N, g.D, Options{K: g.K, Init: g.Init})
		if !slices.Equal(r.Labels, g.Labels) {
			t.Errorf("%s: labels are\n%v, want\n%v", g.Name, r.Labels, g.Labels)
		}
		if !near(r.Inertia, g.Inertia, 1e-5) {
			t.Errorf("%s: inertia is %v, want %v", g.Name, r.Inertia, g.Inertia)
		}
	}
}

func TestDefaultEffortAgainstScikitLearn(t *testing.T) {
	for _, g := range goldens(t) {
		for seed := range uint64(5) {
			r := mustFit(t, g.X, g.N, g.D, Options{K: g.K, Seed: seed})
			if r.Inertia > 1.005*g.BestOf10 {
				t.Errorf("%s, seed %d: inertia is %v, scikit-learn's best of 10 has %v", g.Name, seed, r.Inertia, g.BestOf10)
			}
		}
	}
}

func TestScoresAreScikitLearns(t *testing.T) {
	ctx := context.Background()
	for _, g := range goldens(t) {
		for _, s := range []struct {
			name  string
			score func(context.Context, []float32, int, int, []int32, int, ScoreOptions) (float64, error)
			want  float64
		}{
			{"silhouette", Silhouette, g.Silhouette},
			{"Calinski-Harabasz", CalinskiHarabasz, g.CalinskiHarabasz},
			{"Davies-Bouldin", DaviesBouldin, g.DaviesBouldin},
		} {
			got, err := s.score(ctx, g.X, g.N, g.D, g.Labels, g.K, ScoreOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if !near(got, s.want, 1e-9) {
				t.Errorf("%s: %s is %v, want %v", g.Name, s.name, got, s.want)
			}
		}
	}
}
