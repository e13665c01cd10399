package kmeans

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"sheaf/kmeans/internal/simd"
)

// TestPruningAndKernelsChangeNothing fits with every kernel that this
// processor has, with bounds and without, on 1, 2 and 3 threads.
func TestPruningAndKernelsChangeNothing(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		n, d, k int
		scale   float32
		offset  float32
		o       Options
	}{
		{400, 7, 8, 1, 0, Options{}},
		{400, 1, 31, 1e-3, 0, Options{}},
		{300, 20, 32, 1e3, 0, Options{Spherical: true}},
		{300, 20, 33, 1, 1000, Options{}},
		{500, 9, 100, 1, 0, Options{Restarts: 2}},
		{150, 385, 20, 1, 0, Options{Restarts: 1}},
		// Breathing takes groups of centroids over, and gives some up.
		{2500, 3, 14, 1, 0, Options{}},
		{2500, 3, 90, 1, 0, Options{}},
	} {
		x := unitRows(c.n, c.d, c.k, uint64(c.n+c.d))
		for i := range x {
			x[i] = x[i]*c.scale + c.offset
		}
		c.o.K, c.o.Weights = c.k, make([]float32, c.n)
		for i := range c.o.Weights {
			c.o.Weights[i] = float32(1+i%3) / 3
		}
		var want *Result
		for _, kern := range simd.Kernels() {
			for _, noPrune := range []bool{false, true} {
				for threads := 1; threads <= 3; threads++ {
					if kern.Name == "generic" && (threads == 2 || c.n > 1000 && (threads > 1 || noPrune)) {
						continue // slow
					}
					if testing.Short() && ((threads == 2) != noPrune || kern.Name == "generic" && (threads > 1 || noPrune || c.o.Restarts == 0)) {
						continue // each on its own, not each with each
					}
					got, err := fit(ctx, pool{threads: threads, kern: kern, noPrune: noPrune}, x, c.n, c.d, c.o)
					if err != nil {
						t.Fatal(err)
					}
					if want == nil {
						want = got
						checkResult(t, x, c.n, c.d, c.o.Weights, want)
					} else if !reflect.DeepEqual(got, want) {
						t.Errorf("n=%d d=%d k=%d: %s, %d threads, noPrune %v: another result", c.n, c.d, c.k, kern.Name, threads, noPrune)
					}
				}
			}
		}
	}
}

// TestSmallShapes assigns rows of every small shape and compares with plain
// float64. Small integers make many ties.
func TestSmallShapes(t *testing.T) {
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(9, 9))
	for n := 1; n <= 40; n++ {
		for d := 1; d <= 40; d++ {
			x := make([]float32, n*d)
			for i := range x {
				x[i] = float32(rng.IntN(5)-2) / 2
				if n%2 == 1 {
					x[i] += float32(rng.NormFloat64()) / 8
				}
			}
			for _, k := range []int{1, 1 + rng.IntN(n), n} {
				c := x[:k*d]
				a, err := Assign(ctx, x, n, d, c, k, AssignOptions{Threads: 1})
				if err != nil {
					t.Fatal(err)
				}
				for i := range n {
					j, v := naiveNearest(x[i*d:(i+1)*d], c, k, d)
					if a.Labels[i] != j || math.Abs(float64(a.Distances[i])-v) > 1e-6*v {
						t.Fatalf("n=%d d=%d k=%d row %d: %d at %v, want %d at %v", n, d, k, i, a.Labels[i], a.Distances[i], j, v)
					}
				}
			}
		}
	}
	for n := 1; n <= 12; n++ {
		for d := 1; d <= 9; d++ {
			for k := 1; k <= n; k++ {
				x, _ := blobs(n, d, 3, 0.5, uint64(n*d))
				for _, restarts := range []int{0, 1} {
					r := mustFit(t, x, n, d, Options{K: k, Restarts: restarts, Threads: 1})
					checkResult(t, x, n, d, nil, r)
					if k == n && r.Inertia > 1e-12 {
						t.Errorf("n=k=%d d=%d: inertia is %v", n, d, r.Inertia)
					}
				}
			}
		}
	}
}

func TestShapesOfTheKernels(t *testing.T) {
	scales := []float32{1, 1e-3, 1e3}
	if testing.Short() {
		scales = scales[:1]
	}
	for _, d := range []int{1, 7, 384, 385, 768, 1024} {
		for _, k := range []int{8, 31, 32, 33, 100} {
			for _, scale := range scales {
				n := 230
				x := unitRows(n, d, k, uint64(d+k))
				for i := range x {
					x[i] *= scale * float32(1+i/d%3) // not of unit length
				}
				copy(x[5*d:6*d], x[3*d:4*d]) // duplicates
				clear(x[9*d : 10*d])         // a zero row
				r := mustFit(t, x, n, d, Options{K: k, Init: x[:k*d]})
				checkResult(t, x, n, d, nil, r)
			}
		}
	}
}

// TestInertiaNeverRises watches a run that has many iterations.
func TestInertiaNeverRises(t *testing.T) {
	for _, spherical := range []bool{false, true} {
		x := unitRows(3000, 12, 60, 5)
		before := math.Inf(1)
		iterations := 0
		mustFit(t, x, 3000, 12, Options{K: 40, Restarts: 1, Spherical: spherical, Progress: func(p Progress) {
			if p.Inertia > before*(1+1e-9) {
				t.Errorf("spherical %v, iteration %d: inertia is %v after %v", spherical, p.Iteration, p.Inertia, before)
			}
			before = p.Inertia
			iterations++
		}})
		if iterations < 5 {
			t.Errorf("only %d iterations", iterations)
		}
	}
}

// TestRowsMayBePermuted: the same centroids to start from, the rows in another
// order: the same clusters.
func TestRowsMayBePermuted(t *testing.T) {
	n, d, k := 500, 10, 12
	x, _ := blobs(n, d, 15, 0.4, 3)
	perm := rand.New(rand.NewPCG(1, 1)).Perm(n)
	y := make([]float32, n*d)
	for i, from := range perm {
		copy(y[i*d:(i+1)*d], x[from*d:(from+1)*d])
	}
	init := slices.Clone(x[:k*d])
	a, b := mustFit(t, x, n, d, Options{K: k, Init: init}), mustFit(t, y, n, d, Options{K: k, Init: init})
	for i, from := range perm {
		if b.Labels[i] != a.Labels[from] {
			t.Fatalf("row %d has label %d, %d after the rows were permuted", from, a.Labels[from], b.Labels[i])
		}
	}
	// Seeds depend on the order of rows, so only up to names where the
	// clusters are plain.
	x, _ = blobs(n, d, 6, 0.03, 4)
	for i, from := range perm {
		copy(y[i*d:(i+1)*d], x[from*d:(from+1)*d])
	}
	a, b = mustFit(t, x, n, d, Options{K: 6}), mustFit(t, y, n, d, Options{K: 6})
	names := map[[2]int32]bool{}
	for i, from := range perm {
		names[[2]int32{a.Labels[from], b.Labels[i]}] = true
	}
	if len(names) != 6 {
		t.Errorf("labels correspond in %d ways, want 6: %v", len(names), fmt.Sprint(names))
	}
}

func TestWarmStart(t *testing.T) {
	x := unitRows(800, 16, 20, 3)
	r := mustFit(t, x, 800, 16, Options{K: 15})
	again := mustFit(t, x, 800, 16, Options{K: 15, Init: r.Centroids})
	if !slices.Equal(again.Labels, r.Labels) || again.Iterations > 1 {
		t.Errorf("%d iterations from where a fit ended", again.Iterations)
	}
}
