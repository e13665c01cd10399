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

// naiveLloyd is Lloyd's algorithm as in a textbook.
func naiveLloyd(x []float32, n, d int, init []float32, k, maxIter int) ([]int32, []float32) {
	c := append([]float32(nil), init...)
	labels := make([]int32, n)
	assign := func() bool {
		changed := false
		for i := range n {
			j, _ := naiveNearest(x[i*d:(i+1)*d], c, k, d)
			changed = changed || labels[i] != j
			labels[i] = j
		}
		return changed
	}
	assign()
	for range maxIter {
		sum, count := make([]float64, k*d), make([]float64, k)
		for i, j := range labels {
			count[j]++
			for t := range d {
				sum[int(j)*d+t] += float64(x[i*d+t])
			}
		}
		for i := range c {
			c[i] = float32(sum[i] / count[i/d])
		}
		if !assign() {
			break
		}
	}
	return labels, c
}

func TestFitIsNaiveLloyd(t *testing.T) {
	for _, c := range []struct{ n, d, k int }{{50, 1, 3}, {200, 2, 8}, {300, 7, 9}, {700, 33, 20}, {900, 65, 60}, {600, 5, 200}} {
		x, _ := blobs(c.n, c.d, 12, 0.8, uint64(c.n))
		init := append([]float32(nil), x[:c.k*c.d]...)
		labels, centroids := naiveLloyd(x, c.n, c.d, init, c.k, 300)
		r := mustFit(t, x, c.n, c.d, Options{K: c.k, Init: init})
		if !reflect.DeepEqual(r.Labels, labels) || !reflect.DeepEqual(r.Centroids, centroids) {
			t.Errorf("%+v: not what naive Lloyd gives", c)
		}
	}
}

// TestLargePaths takes the ways that only many rows take: seeding on a sample,
// stopping by RelTol.
func TestLargePaths(t *testing.T) {
	n, d, k := 12_000, 3, 9
	x, _ := blobs(n, d, k, 0.2, 8)
	w := make([]float32, n)
	for i := range w {
		w[i] = float32(i % 2)
	}
	for _, o := range []Options{{K: k}, {K: k, Restarts: 2}, {K: k, Weights: w}, {K: 30, Restarts: 1}} {
		r := mustFit(t, x, n, d, o)
		checkResult(t, x, n, d, o.Weights, r)
		if one := mustFit(t, x, n, d, Options{K: o.K, Restarts: 1, Weights: o.Weights}); r.Inertia > 1.01*one.Inertia {
			t.Errorf("K=%d: inertia is %v, of one start %v", o.K, r.Inertia, one.Inertia)
		}
	}
	// A sample that misses most of the few distinct rows.
	clear(x)
	for i := range 7 {
		x[i*d*1500] = float32(i)
	}
	r := mustFit(t, x, n, d, Options{K: 7, Restarts: 1})
	if r.K != 7 || r.Inertia != 0 {
		t.Errorf("7 distinct rows: %d clusters, inertia %v, %v", r.K, r.Inertia, r.Warnings)
	}
}

// TestDefaultEffort compares with what it is documented to reach, over some
// seeds, and bounds what a single one may lose.
func TestDefaultEffort(t *testing.T) {
	if testing.Short() {
		t.Skip("compares inertias over many fits; nothing in it that the other tests do not run")
	}
	for _, n := range []int{60, 300, 700, 2100} {
		x := unitRows(n, 8, n/20, 4)
		k := 2 + n/80
		const seeds = 6
		var mean float64
		for seed := range uint64(seeds) {
			ten := mustFit(t, x, n, 8, Options{K: k, Seed: seed, Restarts: 10})
			ratio := mustFit(t, x, n, 8, Options{K: k, Seed: seed}).Inertia / ten.Inertia
			if ratio > 1.01 {
				t.Errorf("n=%d, seed %d: inertia is %.4f of that of ten starts", n, seed, ratio)
			}
			mean += ratio / seeds
		}
		if mean > 1 {
			t.Errorf("n=%d: inertia is %.4f of that of ten starts", n, mean)
		}
	}
}
