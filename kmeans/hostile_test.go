package kmeans

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestFarRowsDoNotDrownOthers has a row so far off that the others vanish in a
// sum with it, in float64 too; once it has left a cluster, the centroid has to
// be the mean of the rest.
func TestFarRowsDoNotDrownOthers(t *testing.T) {
	x := []float32{1e18, 1, 2, 3}
	r := mustFit(t, x, 4, 1, Options{K: 2, Init: []float32{3, 3}})
	if slices.Sort(r.Centroids); r.Centroids[0] != 2 || r.Inertia != 2 {
		t.Errorf("centroids are %v, inertia is %v; want 2 and 1e18, and 2", r.Centroids, r.Inertia)
	}
	// The same for weights.
	x = []float32{50, 1, 2, 3}
	r = mustFit(t, x, 4, 1, Options{K: 2, Init: []float32{3, 3}, Weights: []float32{1e30, 1, 1, 1}})
	if slices.Sort(r.Centroids); r.Centroids[0] != 2 || r.Inertia != 2 {
		t.Errorf("weighted: centroids are %v, inertia is %v; want 2 and 50, and 2", r.Centroids, r.Inertia)
	}
	// Iterations go on although what they gain vanishes beside the far row.
	n := 400
	y, _ := blobs(n, 1, 9, 0.5, 3)
	far := append(slices.Clone(y), 1e15)
	init := slices.Clone(y[:8])
	want := mustFit(t, y, n, 1, Options{K: 8, Init: init})
	if want.Iterations < 4 {
		t.Fatalf("%d iterations show nothing", want.Iterations)
	}
	r = mustFit(t, far, n+1, 1, Options{K: 9, Init: append(init, 1e15)})
	if !slices.Equal(r.Labels[:n], want.Labels) || !near(r.Inertia, want.Inertia, 1e-9) {
		t.Errorf("inertia is %v after %d iterations with a far row, %v after %d without", r.Inertia, r.Iterations, want.Inertia, want.Iterations)
	}
}

// TestHugeOptions: no number of threads, iterations or starts is too large.
func TestHugeOptions(t *testing.T) {
	ctx := context.Background()
	x, _ := blobs(60, 2, 3, 0.2, 1)
	want := mustFit(t, x, 60, 2, Options{K: 3})
	got := mustFit(t, x, 60, 2, Options{K: 3, Threads: math.MaxInt, MaxIter: math.MaxInt})
	if !slices.Equal(got.Centroids, want.Centroids) {
		t.Error("another result")
	}
	r, err := MiniBatchFit(ctx, x, 60, 2, MiniBatchOptions{K: 3, MaxIter: math.MaxInt, BatchSize: math.MaxInt, Threads: math.MaxInt})
	if err != nil || r.Iterations < 2 {
		t.Errorf("%+v, %v", r, err)
	}
	for _, o := range []SearchOptions{{MaxK: math.MaxInt}, {MinK: math.MaxInt}, {Sample: math.MaxInt}, {MinK: math.MinInt, MaxK: math.MinInt}} {
		if s, err := Search(ctx, x, 60, 2, o); err != nil || s.K < 2 || s.K > 59 {
			t.Errorf("%+v: %+v, %v", o, s, err)
		}
	}
}

func TestSearchRefusesCrossedBounds(t *testing.T) {
	x, _ := blobs(60, 2, 3, 0.2, 1)
	var bad *InputError
	if _, err := Search(context.Background(), x, 60, 2, SearchOptions{MinK: 9, MaxK: 5}); !errors.As(err, &bad) || bad.Hint() == "" {
		t.Errorf("error is %v", err)
	}
}

func TestStreamWarnsOfFewerClusters(t *testing.T) {
	x := []float32{0, 1, 2, 3, 4, 5, 6, 7}
	for name, w := range map[string][]float32{"weights": {0, 1, 0, 1, 0, 0, 0, 1}, "distinct": nil} {
		y := x
		if w == nil {
			y = []float32{0, 1, 2, 0, 1, 2, 0, 1}
		}
		r, err := FitStream(context.Background(), RawFile(bytes.NewReader(rawBytes(y)), 8, 1), Options{K: 5, Weights: w})
		if err != nil || r.K != 3 || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "3 clusters instead of 5") {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func TestStreamProgress(t *testing.T) {
	x, _ := blobs(3000, 2, 5, 0.5, 7)
	var last Progress
	_, err := FitStream(context.Background(), RawFile(bytes.NewReader(rawBytes(x)), 3000, 2), Options{K: 5, Progress: func(p Progress) {
		if p.Done < last.Done || p.Done >= p.Total || p.Total < last.Total {
			t.Errorf("after %+v: %+v", last, p)
		}
		last = p
	}})
	if err != nil || last.Total < 3 || last.Done != last.Total-1 {
		t.Errorf("the last is %+v; %v", last, err)
	}
}
