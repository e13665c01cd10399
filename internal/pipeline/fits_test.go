package pipeline

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Scores by products of blocks are those of comparing with each member in turn,
// for any number of threads and any place in a block.
func TestScorerIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		d, k := rapid.IntRange(1, 9).Draw(t, "d"), rapid.IntRange(1, fitClusters).Draw(t, "k")
		vector := func() []float32 {
			v := make([]float32, d)
			for i := range v {
				v[i] = float32(rng.NormFloat64())
			}
			return v
		}
		s := &scorer{threads: rapid.IntRange(1, 4).Draw(t, "threads")}
		var all [][]float32
		for range k {
			s.centroids = append(s.centroids, vector())
			var members [][]float32
			for range rng.IntN(6) {
				members = append(members, vector())
			}
			s.members, all = append(s.members, members), append(all, members...)
		}
		vectors, selves := slices.Clone(all), slices.Clone(all)
		for range rapid.IntRange(1, 300).Draw(t, "new") {
			vectors, selves = append(vectors, vector()), append(selves, nil)
		}
		places, err := s.all(t.Context(), vectors, selves)
		if err != nil {
			t.Fatal(err)
		}
		// near is the mean distance of vector i to its nearest few of some members.
		near := func(i int, members [][]float32) (mean float64, ok bool) {
			var ds []float64
			for _, m := range members {
				if selves[i] == nil || &m[0] != &selves[i][0] {
					ds = append(ds, squared(vectors[i], m))
				}
			}
			slices.Sort(ds)
			ds = ds[:min(len(ds), fitNeighbours)]
			for _, x := range ds {
				mean += x / float64(len(ds))
			}
			return mean, len(ds) > 0
		}
		both := func(i, c int) float64 {
			distance := squared(vectors[i], s.centroids[c])
			if mean, ok := near(i, s.members[c]); ok {
				return distance + mean
			}
			return 2 * distance
		}
		for i, p := range places {
			if want, _ := near(i, all); math.Abs(p.score-want) > 1e-4 {
				t.Fatalf("vector %d: score %v, want %v", i, p.score, want)
			}
			if want := squared(vectors[i], s.centroids[p.cluster]); math.Abs(p.distance-want) > 1e-6 {
				t.Fatalf("vector %d: distance %v, want %v", i, p.distance, want)
			}
			for c := range s.centroids {
				if both(i, c) < both(i, p.cluster)-1e-4 {
					t.Fatalf("vector %d belongs to %d rather than to %d", i, c, p.cluster)
				}
			}
		}
	})
}
