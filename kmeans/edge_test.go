package kmeans

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
)

func TestFitRefusesData(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	ok := []float32{0, 0, 1, 1, 2, 2}
	for _, c := range []struct {
		name     string
		x        []float32
		n        int
		o        Options
		want     string
		row, col int
	}{
		{"no rows", nil, 0, Options{K: 1}, "no rows", -1, -1},
		{"k 0", ok, 3, Options{}, "0 clusters", -1, -1},
		{"k negative", ok, 3, Options{K: -4}, "-4 clusters", -1, -1},
		{"k above n", ok, 3, Options{K: 4}, "only 3 rows", -1, -1},
		{"NaN", []float32{0, 0, 1, nan, 2, 2}, 3, Options{K: 2}, "row 1, column 1 is NaN", 1, 1},
		{"infinity", []float32{0, 0, 1, 1, inf, 2}, 3, Options{K: 2}, "row 2, column 0 is -Inf", 2, 0},
		{"overflow", []float32{0, 0, 1e20, 1, 2, 2}, 3, Options{K: 2}, "row 1 has length 1e+20", 1, -1},
		{"NaN in Init", ok, 3, Options{K: 1, Init: []float32{0, nan}}, "centroid 0, column 1", 0, 1},
		{"negative weight", ok, 3, Options{K: 1, Weights: []float32{1, -1, 1}}, "weight of row 1", 1, -1},
		{"NaN weight", ok, 3, Options{K: 1, Weights: []float32{1, 1, nan}}, "weight of row 2", 2, -1},
		{"infinite weight", ok, 3, Options{K: 1, Weights: []float32{-inf, 1, 1}}, "weight of row 0", 0, -1},
		{"no weight", ok, 3, Options{K: 1, Weights: []float32{0, 0, 0}}, "all weights are zero", -1, -1},
	} {
		_, err := Fit(context.Background(), c.x, c.n, 2, c.o)
		var e *InputError
		if !errors.As(err, &e) {
			t.Errorf("%s: error is %v", c.name, err)
			continue
		}
		if !strings.Contains(e.Error(), c.want) || e.Row != c.row || e.Col != c.col || e.Hint() == "" {
			t.Errorf("%s: error is %q at %d,%d with hint %q; want %q at %d,%d", c.name, e, e.Row, e.Col, e.Hint(), c.want, c.row, c.col)
		}
	}
}

func TestMisuseOfShapePanics(t *testing.T) {
	ctx := context.Background()
	x := make([]float32, 6)
	for name, f := range map[string]func() error{
		"len(X)":         func() error { _, err := Fit(ctx, x, 4, 2, Options{K: 1}); return err },
		"len(X) rest":    func() error { _, err := Fit(ctx, x[:5], 2, 2, Options{K: 1}); return err },
		"d":              func() error { _, err := Fit(ctx, x, 3, 0, Options{K: 1}); return err },
		"n":              func() error { _, err := Fit(ctx, x, -3, 2, Options{K: 1}); return err },
		"len(Weights)":   func() error { _, err := Fit(ctx, x, 3, 2, Options{K: 1, Weights: x[:2]}); return err },
		"len(Init)":      func() error { _, err := Fit(ctx, x, 3, 2, Options{K: 1, Init: x[:3]}); return err },
		"len(centroids)": func() error { _, err := Assign(ctx, x, 3, 2, x[:3], 1, AssignOptions{}); return err },
		"len(labels)":    func() error { _, err := Silhouette(ctx, x, 3, 2, []int32{0, 1}, 2, ScoreOptions{}); return err },
		"label":          func() error { _, err := Silhouette(ctx, x, 3, 2, []int32{0, 1, 2}, 2, ScoreOptions{}); return err },
		"search weights": func() error { _, err := Search(ctx, x, 3, 2, SearchOptions{Weights: x[:1]}); return err },
		"criterion":      func() error { _, err := Search(ctx, x, 3, 2, SearchOptions{Criterion: 9}); return err },
	} {
		func() {
			defer func() {
				if s, ok := recover().(string); !ok || !strings.HasPrefix(s, "kmeans: ") {
					t.Errorf("%s: panic is %q", name, s)
				}
			}()
			t.Errorf("%s: no panic, error is %v", name, f())
		}()
	}
}

func TestAssignRefusesAndAllows(t *testing.T) {
	ctx := context.Background()
	if _, err := Assign(ctx, nil, 0, 2, nil, 0, AssignOptions{}); err == nil {
		t.Error("no centroids: no error")
	}
	if _, err := Assign(ctx, nil, 0, 2, []float32{0, float32(math.NaN())}, 1, AssignOptions{}); err == nil {
		t.Error("NaN centroid: no error")
	}
	a, err := Assign(ctx, nil, 0, 2, []float32{0, 1}, 1, AssignOptions{})
	if err != nil || len(a.Labels) != 0 || len(a.Distances) != 0 {
		t.Errorf("no rows: %v, %v", a, err)
	}
}

// TestSmallAndDegenerate checks what is to come out where there is no choice.
func TestSmallAndDegenerate(t *testing.T) {
	repeat := func(v []float32, times int) (x []float32) {
		for range times {
			x = append(x, v...)
		}
		return x
	}
	for _, c := range []struct {
		name    string
		x       []float32
		n, d    int
		o       Options
		k       int
		inertia float64
		warns   string
	}{
		{"one row", []float32{3, 4}, 1, 2, Options{K: 1}, 1, 0, ""},
		{"one row, spherical", []float32{3, 4}, 1, 2, Options{K: 1, Spherical: true}, 1, 16, ""},
		{"k = n", []float32{1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233}, 12, 1, Options{K: 12}, 12, 0, ""},
		{"k = n, one start", []float32{1, 2, 3, 5, 8, 13}, 6, 1, Options{K: 6, Restarts: 1}, 6, 0, ""},
		{"all rows equal", repeat([]float32{1, 2}, 5), 5, 2, Options{K: 3}, 1, 0, "only 1 distinct"},
		{"zero rows", make([]float32, 10), 5, 2, Options{K: 2}, 1, 0, "only 1 distinct"},
		{"zero rows, spherical", make([]float32, 10), 5, 2, Options{K: 2, Spherical: true}, 1, 0, "only 1 distinct"},
		{"minus zero", []float32{0, float32(math.Copysign(0, -1))}, 2, 1, Options{K: 2}, 1, 0, "only 1 distinct"},
		{"two distinct rows", repeat([]float32{1, 2, 5, 6}, 4), 8, 2, Options{K: 3}, 2, 0, "only 2 distinct"},
		{"two distinct rows, one start", repeat([]float32{1, 2, 5, 6}, 4), 8, 2, Options{K: 5, Restarts: 1}, 2, 0, "only 2 distinct"},
		{"equal Init", []float32{0, 1, 10, 11}, 4, 1, Options{K: 2, Init: []float32{3, 3}}, 2, 1, ""},
		{"far Init", []float32{0, 1, 10, 11}, 4, 1, Options{K: 3, Init: []float32{500, 600, 700}}, 3, 0.5, ""},
		{"Init above distinct rows", []float32{1, 1, 2, 2}, 4, 1, Options{K: 3, Init: []float32{1, 2, 3}}, 2, 0, "had no rows"},
		{"weight only on one", []float32{0, 1, 10}, 3, 1, Options{K: 3, Weights: []float32{0, 2, 0}}, 1, 0, "only 1 distinct"},
		{"one direction, spherical", []float32{1, 1, 2, 2, 3, 3}, 3, 2, Options{K: 2, Spherical: true}, 1,
			math.Pow(math.Sqrt2-1, 2) + math.Pow(2*math.Sqrt2-1, 2) + math.Pow(3*math.Sqrt2-1, 2), "had no rows"},
		{"opposite rows, spherical", []float32{1, 0, -1, 0}, 2, 2, Options{K: 1, Spherical: true}, 1, 4, ""},
		{"huge", []float32{1e18, 0, -1e18, 0, 1e18, 1}, 3, 2, Options{K: 2}, 2, 0.5, ""},
		{"denormal", []float32{1e-40, 0, 3e-40, 0, 0, 0}, 6, 1, Options{K: 3}, 3, 0, ""},
		{"denormal, one start", []float32{1e-40, 0, 3e-40, 0, 0, 0}, 6, 1, Options{K: 3, Restarts: 1}, 3, 0, ""},
		{"squares underflow", []float32{1e-25, 0, 3e-25, 0, 0, 0}, 6, 1, Options{K: 3, Restarts: 1}, 3, 0, ""},
	} {
		r := mustFit(t, c.x, c.n, c.d, c.o)
		if r.K != c.k || len(r.Centroids) != c.k*c.d {
			t.Errorf("%s: %d clusters, %d numbers in centroids; want %d clusters", c.name, r.K, len(r.Centroids), c.k)
		}
		if math.Abs(r.Inertia-c.inertia) > 1e-5*(1+c.inertia) {
			t.Errorf("%s: inertia is %v, want %v", c.name, r.Inertia, c.inertia)
		}
		warned := strings.Join(r.Warnings, "; ")
		if (c.warns == "") != (warned == "") || !strings.Contains(warned, c.warns) {
			t.Errorf("%s: warnings are %q, want %q", c.name, warned, c.warns)
		}
		checkResult(t, c.x, c.n, c.d, c.o.Weights, r)
	}
}

// TestOffsetCostsNoPrecision has clusters that are 10⁻³ apart, 10³ away from
// the origin, where a float32 product cannot tell them.
func TestOffsetCostsNoPrecision(t *testing.T) {
	n, d, k := 400, 9, 12
	x, _ := blobs(n, d, k, 0.1, 3)
	for i := range x {
		x[i] = 1000 + x[i]*1e-3
	}
	r := mustFit(t, x, n, d, Options{K: k})
	checkResult(t, x, n, d, nil, r)
}

func TestFitDoesNotWriteItsInputs(t *testing.T) {
	x, _ := blobs(100, 3, 4, 0.3, 5)
	w := make([]float32, 100)
	for i := range w {
		w[i] = float32(i % 3)
	}
	init := append([]float32(nil), x[:12]...)
	x0, w0 := append([]float32(nil), x...), append([]float32(nil), w...)
	mustFit(t, x, 100, 3, Options{K: 4, Weights: w, Init: init, Spherical: true})
	mustFit(t, x, 100, 3, Options{K: 4, Weights: w})
	if !reflect.DeepEqual(x, x0) || !reflect.DeepEqual(w, w0) || !reflect.DeepEqual(init, x0[:12]) {
		t.Error("an input was written")
	}
}

func TestCancel(t *testing.T) {
	n, d := 3_000, 8
	x, _ := blobs(n, d, 40, 1, 6)
	for name, f := range map[string]func(context.Context, func(Progress)) error{
		"Fit": func(ctx context.Context, p func(Progress)) error {
			_, err := Fit(ctx, x, n, d, Options{K: 40, Progress: p, Restarts: 1 << 30})
			return err
		},
		"Fit's default effort": func(ctx context.Context, p func(Progress)) error {
			_, err := Fit(ctx, x[:400*d], 400, d, Options{K: 40, Progress: p})
			return err
		},
		"Search": func(ctx context.Context, p func(Progress)) error {
			_, err := Search(ctx, x, n, d, SearchOptions{Progress: p, MaxK: 20})
			return err
		},
	} {
		for after := range 3 {
			ctx, cancel := context.WithCancel(context.Background())
			calls := 0
			err := f(ctx, func(Progress) {
				if calls++; calls > after {
					cancel()
				}
			})
			if calls > after+1 {
				t.Errorf("%s: went on for %d calls of progress", name, calls-after-1)
			}
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: error is %v", name, err)
			}
			cancel()
		}
	}
}

func TestBegunCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	x := []float32{0, 1, 5, 6}
	for name, f := range map[string]func() error{
		"Fit":        func() error { _, err := Fit(ctx, x, 4, 1, Options{K: 2}); return err },
		"Search":     func() error { _, err := Search(ctx, x, 4, 1, SearchOptions{}); return err },
		"Assign":     func() error { _, err := Assign(ctx, x, 4, 1, x, 4, AssignOptions{}); return err },
		"Silhouette": func() error { _, err := Silhouette(ctx, x, 4, 1, make([]int32, 4), 2, ScoreOptions{}); return err },
	} {
		if err := f(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func TestPoolStopsBetweenTasks(t *testing.T) {
	for _, threads := range []int{1, 3} {
		ctx, cancel := context.WithCancel(context.Background())
		var ran atomic.Int64
		err := pool{threads: threads}.each(ctx, 1000, func(_, task int) {
			ran.Add(1)
			cancel()
		})
		if !errors.Is(err, context.Canceled) || ran.Load() > int64(threads) {
			t.Errorf("%d threads: %d tasks ran, error %v", threads, ran.Load(), err)
		}
	}
}

func TestProgress(t *testing.T) {
	x, _ := blobs(300, 4, 5, 0.5, 7)
	last := Progress{}
	calls := 0
	mustFit(t, x, 300, 4, Options{K: 5, Progress: func(p Progress) {
		calls++
		if p.Done < last.Done || p.Done >= p.Total || p.K < 5 || p.Iteration < 1 || !(p.Inertia > 0) {
			t.Errorf("after %+v: %+v", last, p)
		}
		last = p
	}})
	if calls == 0 {
		t.Error("progress was never called")
	}
}
