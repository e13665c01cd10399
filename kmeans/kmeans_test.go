package kmeans

import (
	"context"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

// blobs returns n rows around centres at random places, and which centre.
func blobs(n, d, centres int, spread float64, seed uint64) ([]float32, []int32) {
	rng := rand.New(rand.NewPCG(seed, 99))
	c := make([]float64, centres*d)
	for i := range c {
		c[i] = rng.NormFloat64()
	}
	x := make([]float32, n*d)
	of := make([]int32, n)
	for i := range n {
		of[i] = int32(rng.IntN(centres))
		for t := range d {
			x[i*d+t] = float32(c[int(of[i])*d+t] + spread*rng.NormFloat64())
		}
	}
	return x, of
}

func mustFit(t testing.TB, x []float32, n, d int, o Options) *Result {
	t.Helper()
	r, err := Fit(context.Background(), x, n, d, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// naiveNearest is the nearest centroid by plain float64 sums.
func naiveNearest(x, c []float32, k, d int) (int32, float64) {
	at, best := 0, math.Inf(1)
	for j := range k {
		var s float64
		for t := range d {
			v := float64(x[t]) - float64(c[j*d+t])
			s += v * v
		}
		if s < best {
			at, best = j, s
		}
	}
	return int32(at), best
}

func TestFitFindsBlobs(t *testing.T) {
	x, of := blobs(600, 12, 6, 0.05, 1)
	r := mustFit(t, x, 600, 12, Options{K: 6})
	to := map[int32]int32{}
	for i, j := range r.Labels {
		if was, ok := to[of[i]]; ok && was != j {
			t.Fatalf("row %d: blob %d is in clusters %d and %d", i, of[i], was, j)
		}
		to[of[i]] = j
	}
	if len(to) != 6 {
		t.Errorf("%d clusters for 6 blobs", len(to))
	}
}

func TestSameBitsForAnyThreads(t *testing.T) {
	for _, k := range []int{3, 8, 9, 40, 200} {
		x, _ := blobs(1500, 20, 30, 0.6, 2)
		want := mustFit(t, x, 1500, 20, Options{K: k, Threads: 1, Restarts: 2})
		for _, threads := range []int{2, 3, 7} {
			got := mustFit(t, x, 1500, 20, Options{K: k, Threads: threads, Restarts: 2})
			if !reflect.DeepEqual(got, want) {
				t.Errorf("k=%d: %d threads give another result than 1", k, threads)
			}
		}
	}
}

func TestAssignIsNaive(t *testing.T) {
	for _, d := range []int{1, 2, 3, 7, 64, 65, 130} {
		for _, k := range []int{1, 2, 8, 9, 31, 193, 300} {
			n := 301
			x, _ := blobs(n, d, 5, 0.3, uint64(d*1000+k))
			c, _ := blobs(k, d, k, 0, uint64(d+k))
			a, err := Assign(context.Background(), x, n, d, c, k, AssignOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for i := range n {
				j, v := naiveNearest(x[i*d:], c, k, d)
				if a.Labels[i] != j || math.Abs(float64(a.Distances[i])-v) > 1e-6*v {
					t.Fatalf("d=%d k=%d row %d: %d at %v, want %d at %v", d, k, i, a.Labels[i], a.Distances[i], j, v)
				}
			}
		}
	}
}
