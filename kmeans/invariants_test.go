package kmeans

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// checkResult checks what holds for every result.
func checkResult(t interface {
	Helper()
	Errorf(string, ...any)
}, x []float32, n, d int, w []float32, r *Result) {
	t.Helper()
	if len(r.Labels) != n || len(r.Distances) != n || len(r.Centroids) != r.K*d || r.K < 1 {
		t.Errorf("%d labels, %d distances, %d numbers in centroids for n=%d d=%d K=%d", len(r.Labels), len(r.Distances), len(r.Centroids), n, d, r.K)
		return
	}
	weight := make([]float64, r.K)
	var inertia float64
	for i := range n {
		wi := 1.0
		if w != nil {
			wi = float64(w[i])
		}
		j, v := naiveNearest(x[i*d:(i+1)*d], r.Centroids, r.K, d)
		if r.Labels[i] != j {
			// Two orders of summation may part at a tie.
			_, own := naiveNearest(x[i*d:(i+1)*d], r.Centroids[int(r.Labels[i])*d:], 1, d)
			if own > v*(1+1e-12) {
				t.Errorf("row %d is in cluster %d at %v, but %d is at %v", i, r.Labels[i], own, j, v)
			}
		}
		if math.Abs(float64(r.Distances[i])-v) > 1e-6*v+1e-44 {
			t.Errorf("row %d is at a distance of %v, not %v", i, v, r.Distances[i])
		}
		weight[r.Labels[i]] += wi
		inertia += wi * v
	}
	if math.Abs(inertia-r.Inertia) > 1e-9*inertia {
		t.Errorf("inertia is %v, not %v", inertia, r.Inertia)
	}
	if slices.Contains(weight, 0) {
		t.Errorf("a cluster has no weight: %v", weight)
	}
}

// A problem is rows to cluster, many of them equal or tied.
type problem struct {
	x    []float32
	n, d int
	w    []float32
	o    Options
}

func drawProblem(t *rapid.T) problem {
	n := rapid.IntRange(1, 60).Draw(t, "n")
	d := rapid.IntRange(1, 6).Draw(t, "d")
	// Small integers make ties and duplicates, and sums are exact.
	x := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float32 {
		return float32(rapid.IntRange(-3, 3).Draw(t, "v"))
	}), n*d, n*d).Draw(t, "x")
	p := problem{x: x, n: n, d: d}
	if rapid.Bool().Draw(t, "fraction") {
		for i := range x {
			x[i] += float32(math.Sin(float64(7*i))) / 4
		}
	}
	if rapid.Bool().Draw(t, "weighted") {
		p.w = make([]float32, n)
		for i := range p.w {
			p.w[i] = float32(rapid.IntRange(0, 3).Draw(t, "w"))
		}
		p.w[0]++
	}
	p.o = Options{
		K: rapid.IntRange(1, n).Draw(t, "k"), Seed: rapid.Uint64().Draw(t, "seed"), Weights: p.w,
		Restarts: rapid.IntRange(0, 3).Draw(t, "restarts"), Spherical: rapid.Bool().Draw(t, "spherical"),
		MaxIter: rapid.SampledFrom([]int{0, 1, 2}).Draw(t, "maxIter"), Threads: 1,
	}
	return p
}

func TestResultInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		r, err := Fit(context.Background(), p.x, p.n, p.d, p.o)
		if err != nil {
			t.Fatal(err)
		}
		checkResult(t, p.x, p.n, p.d, p.w, r)
		if r.K < p.o.K && len(r.Warnings) == 0 {
			t.Errorf("%d clusters for %d without a warning", r.K, p.o.K)
		}
		if p.o.Spherical {
			for j := range r.K {
				if c := r.Centroids[j*p.d : (j+1)*p.d]; sqNorm(c) != 0 && math.Abs(sqNorm(c)-1) > 1e-6 {
					t.Errorf("centroid %d has length² %v", j, sqNorm(c))
				}
			}
		}
		a, err := Assign(context.Background(), p.x, p.n, p.d, r.Centroids, r.K, AssignOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a.Labels, r.Labels) || !slices.Equal(a.Distances, r.Distances) {
			t.Errorf("Assign gives %v, Fit gave %v", a.Labels, r.Labels)
		}
	})
}

func TestCentroidsAreMeans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		p.o.Spherical, p.o.MaxIter = false, 0
		r, err := Fit(context.Background(), p.x, p.n, p.d, p.o)
		if err != nil {
			t.Fatal(err)
		}
		sum, weight := make([]float64, r.K*p.d), make([]float64, r.K)
		for i, j := range r.Labels {
			w := 1.0
			if p.w != nil {
				w = float64(p.w[i])
			}
			weight[j] += w
			for c := range p.d {
				sum[int(j)*p.d+c] += w * float64(p.x[i*p.d+c])
			}
		}
		for i, v := range sum {
			if v /= weight[i/p.d]; math.Abs(v-float64(r.Centroids[i])) > 1e-6*(1+math.Abs(v)) {
				t.Errorf("centroid %d, column %d is %v, the mean is %v", i/p.d, i%p.d, r.Centroids[i], v)
			}
		}
	})
}

func TestMoreRestartsAreNotWorse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		before := math.Inf(1)
		for restarts := range 5 {
			p.o.Restarts = restarts + 1
			r, err := Fit(context.Background(), p.x, p.n, p.d, p.o)
			if err != nil {
				t.Fatal(err)
			}
			if r.Inertia > before {
				t.Errorf("inertia is %v after %d starts, %v after one fewer", r.Inertia, restarts+1, before)
			}
			before = r.Inertia
		}
	})
}

// TestWeightIsRepetition fits from the same Init, as other rows draw other
// random numbers, and few clusters, as the refill of an empty one takes one
// copy at a time.
func TestWeightIsRepetition(t *testing.T) {
	for seed := range 200 {
		n, d, k := 20+seed%50, 1+seed%6, 1+seed%4
		x, _ := blobs(n, d, 5, 0.4, uint64(seed))
		w := make([]float32, n)
		var y []float32
		var from []int
		for i := range w {
			w[i] = float32((i*i + seed) % 4)
			if i < k {
				w[i]++ // the rows of Init
			}
			for range int(w[i]) {
				y = append(y, x[i*d:(i+1)*d]...)
				from = append(from, i)
			}
		}
		o := Options{K: k, Init: x[:k*d], Spherical: seed%2 == 1}
		rep := mustFit(t, y, len(from), d, o)
		o.Weights = w
		wtd := mustFit(t, x, n, d, o)
		if !near(rep.Inertia, wtd.Inertia, 1e-9) {
			t.Errorf("seed %d: inertia is %v repeated, %v weighted", seed, rep.Inertia, wtd.Inertia)
		}
		for q, i := range from {
			if rep.Labels[q] != wtd.Labels[i] {
				t.Errorf("seed %d, row %d: label %d repeated, %d weighted", seed, i, rep.Labels[q], wtd.Labels[i])
			}
		}
	}
}

// TestDimensionsMayBePermuted uses integers, whose sums are exact in any order.
func TestDimensionsMayBePermuted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, d := rapid.IntRange(1, 40).Draw(t, "n"), rapid.IntRange(2, 7).Draw(t, "d")
		x := make([]float32, n*d)
		for i := range x {
			x[i] = float32(rapid.IntRange(-9, 9).Draw(t, "v"))
		}
		perm := rapid.Permutation(indices(d)).Draw(t, "perm")
		y := make([]float32, n*d)
		for i := range n {
			for c, from := range perm {
				y[i*d+c] = x[i*d+from]
			}
		}
		// One iteration: means are rounded, and their distances no longer exact.
		k := rapid.IntRange(1, n).Draw(t, "k")
		o := Options{K: k, Init: x[:k*d], MaxIter: 1}
		a, err := Fit(context.Background(), x, n, d, o)
		if err != nil {
			t.Fatal(err)
		}
		o.Init = y[:k*d]
		b, err := Fit(context.Background(), y, n, d, o)
		if err != nil {
			t.Fatal(err)
		}
		if !near(a.Inertia, b.Inertia, 1e-5) {
			t.Errorf("inertia is %v, and %v with dimensions permuted", a.Inertia, b.Inertia)
		}
	})
}

func TestSameBitsForAnyParallelism(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	ctx := context.Background()
	n, d := 520, 9
	// X at odd addresses: assembly that looks at alignment must not matter.
	x, _ := blobs(n, d, 30, 0.6, 2)
	w := make([]float32, n)
	for i := range w {
		w[i] = float32(i%5) / 3
	}
	for _, k := range []int{1, 3, 8, 9, 40, 200} {
		for _, o := range []Options{
			{K: k, Restarts: 2}, {K: k, Restarts: 1, Weights: w}, {K: k, Restarts: 1, Spherical: true}, {K: k, RelTol: 1e-3, Weights: w},
		} {
			if o.Restarts == 0 && k >= 40 {
				continue // the default effort takes a while
			}
			o.Threads = 1
			want := mustFit(t, x, n, d, o)
			for _, threads := range []int{2, 3, 7} {
				runtime.GOMAXPROCS(1 + threads%3)
				o.Threads = threads
				shifted := append(make([]float32, threads, threads+len(x)), x...)[threads:]
				if got := mustFit(t, shifted, n, d, o); !reflect.DeepEqual(got, want) {
					t.Errorf("k=%d: %d threads give another result than 1", k, threads)
				}
			}
		}
	}
	var want *SearchResult
	for _, threads := range []int{1, 2, 7} {
		got, err := Search(ctx, x, n, d, SearchOptions{Threads: threads, MaxK: 20, Weights: w})
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		} else if !reflect.DeepEqual(got, want) {
			t.Errorf("Search: %d threads give another result than 1", threads)
		}
	}
}

// TestSameBitsOnEveryPlatform has a digest that any processor, instruction set
// and BLAS has to arrive at.
func TestSameBitsOnEveryPlatform(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	n, d := 700, 19
	x := make([]float32, n*d)
	for i := range x {
		x[i] = float32(rng.IntN(2001)-1000+2000*(i/d%13)) / 1024
	}
	h := fnv.New64a()
	for _, o := range []Options{{K: 20}, {K: 5, Spherical: true}, {K: 40, Restarts: 2}} {
		r := mustFit(t, x, n, d, o)
		for _, v := range []any{r.Centroids, r.Labels, r.Distances, r.Inertia, int64(r.Iterations)} {
			if err := binary.Write(h, binary.LittleEndian, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, want := h.Sum64(), uint64(0x4967119fd04cf059); got != want {
		t.Errorf("digest is %#x, want %#x", got, want)
	}
}
