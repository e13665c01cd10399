package kmeans

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"
)

func mustBatch(t *testing.T, x []float32, n, d int, o MiniBatchOptions) *Result {
	t.Helper()
	r, err := MiniBatchFit(context.Background(), x, n, d, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMiniBatch(t *testing.T) {
	n, d, k := 6000, 10, 12
	x, of := blobs(n, d, k, 0.05, 3)
	w := make([]float32, n)
	for i := range w {
		w[i] = float32(i % 3)
	}
	for _, weights := range [][]float32{nil, w} {
		o := MiniBatchOptions{K: k, Weights: weights, Threads: 1}
		want := mustBatch(t, x, n, d, o)
		checkResult(t, x, n, d, weights, want)
		for threads := 2; threads <= 3; threads++ {
			o.Threads = threads
			if got := mustBatch(t, x, n, d, o); !reflect.DeepEqual(got, want) {
				t.Errorf("%d threads give another result", threads)
			}
		}
		if full := mustFit(t, x, n, d, Options{K: k, Weights: weights}); want.Inertia > 1.2*full.Inertia {
			t.Errorf("inertia is %v, of a fit on all rows %v", want.Inertia, full.Inertia)
		}
	}
	to := map[int32]int32{}
	for i, j := range mustBatch(t, x, n, d, MiniBatchOptions{K: k}).Labels {
		if was, ok := to[of[i]]; ok && was != j {
			t.Fatalf("row %d: blob %d is in clusters %d and %d", i, of[i], was, j)
		}
		to[of[i]] = j
	}
}

func TestMiniBatchOfFewRows(t *testing.T) {
	for _, c := range []struct {
		x       []float32
		k, want int
	}{
		{[]float32{3}, 1, 1},
		{[]float32{1, 1, 1, 1}, 3, 1},
		{[]float32{1, 2, 3, 4}, 4, 4},
		{[]float32{1, 1, 5, 5, 9}, 3, 3},
	} {
		r := mustBatch(t, c.x, len(c.x), 1, MiniBatchOptions{K: c.k, BatchSize: 2})
		if r.K != c.want {
			t.Errorf("%v: %d clusters, want %d; %v", c.x, r.K, c.want, r.Warnings)
		}
		checkResult(t, c.x, len(c.x), 1, nil, r)
	}
	var bad *InputError
	if _, err := MiniBatchFit(context.Background(), nil, 0, 1, MiniBatchOptions{K: 1}); !errors.As(err, &bad) {
		t.Errorf("no rows: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	x, _ := blobs(3000, 4, 5, 1, 1)
	calls := 0
	_, err := MiniBatchFit(ctx, x, 3000, 4, MiniBatchOptions{K: 5, Progress: func(Progress) { calls++; cancel() }})
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("cancelled: %v after %d calls", err, calls)
	}
}

func TestMatrixIsGonums(t *testing.T) {
	m := Matrix{2, 3, []float32{1, 2, 3, 4, 5, 6}}
	var product mat.Dense
	product.Mul(m, m.T())
	if !mat.Equal(&product, mat.NewDense(2, 2, []float64{14, 32, 32, 77})) {
		t.Errorf("m·mᵀ is %v", mat.Formatted(&product))
	}
	g := m.General()
	blas32.Scal(2, blas32.Vector{N: 6, Inc: 1, Data: g.Data})
	if m.At(1, 2) != 12 || m.Row(1)[0] != 8 || &MatrixOf(g).Data[0] != &m.Data[0] {
		t.Error("General is not a view")
	}
	r := mustFit(t, points6, 6, 2, Options{K: 2})
	if rows, cols := r.CentroidMatrix().Dims(); rows != 2 || cols != 2 {
		t.Errorf("centroids are %d×%d", rows, cols)
	}
	for name, f := range map[string]func(){
		"row":    func() { m.At(2, 0) },
		"column": func() { m.At(0, -1) },
		"gaps":   func() { MatrixOf(blas32.General{Rows: 2, Cols: 2, Stride: 3, Data: make([]float32, 6)}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

var points6 = []float32{1, 1, 1, 2, 2, 1, 8, 8, 9, 8, 8, 9}
