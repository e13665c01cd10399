package adapt

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"

	"sheaf/engine"
)

// noisy is n unit rows in groups: a direction that the group shares and one
// that is the row's own.
func noisy(n, groups, d int) blas32.General {
	rng := rand.New(rand.NewPCG(3, 4))
	v := blas32.General{Rows: n, Cols: d, Stride: d, Data: make([]float32, n*d)}
	shared := make([]float32, groups*d)
	for i := range shared {
		shared[i] = float32(rng.NormFloat64())
	}
	for i := range n {
		row := v.Data[i*d : (i+1)*d]
		for j := range row {
			row[j] = shared[i%groups*d+j] + 1.5*float32(rng.NormFloat64())
		}
		normalise(row)
	}
	return v
}

func spread(v blas32.General, groups int) (inside, across float64) {
	var in, out float64
	for i := range v.Rows {
		for j := range i {
			dot := float64(blas32.Dot(
				blas32.Vector{N: v.Cols, Inc: 1, Data: v.Data[i*v.Stride:]}, blas32.Vector{N: v.Cols, Inc: 1, Data: v.Data[j*v.Stride:]}))
			if i%groups == j%groups {
				inside += dot
				in++
			} else {
				across += dot
				out++
			}
		}
	}
	return inside / in, across / out
}

// What is common to a group stays, what is a row's own goes.
func TestShrink(t *testing.T) {
	v := noisy(40, 5, 64)
	before, _ := spread(v, 5)
	if _, noise := shrink(v); noise <= 0 {
		t.Errorf("noise level %v", noise)
	}
	inside, across := spread(v, 5)
	if inside < before+0.15 || math.Abs(across) > 0.1 {
		t.Errorf("cosine %.3f within groups, before %.3f; %.3f across", inside, before, across)
	}
	for i := range v.Rows {
		if l := length(v.Data[i*v.Stride:][:v.Cols]); math.Abs(l-1) > 1e-6 {
			t.Errorf("row %d has length %v", i, l)
		}
	}
}

// shrink is what its comment says: the singular values with the squared median
// taken off.
func TestShrinkEqualsSVD(t *testing.T) {
	const n, d = 12, 31
	v := noisy(n, 4, d)
	x := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			x.Set(i, j, float64(v.Data[i*d+j]))
		}
	}
	var svd mat.SVD
	if !svd.Factorize(x, mat.SVDThin) {
		t.Fatal("no decomposition")
	}
	s := svd.Values(nil) // descending
	var u, w, half, want mat.Dense
	svd.UTo(&u)
	svd.VTo(&w)
	noise := s[n/2]
	diag := mat.NewDiagDense(n, nil)
	for i, x := range s {
		diag.SetDiag(i, math.Sqrt(max(0, x*x-noise*noise)))
	}
	half.Mul(&u, diag)
	want.Mul(&half, w.T())
	if _, got := shrink(v); math.Abs(got-noise) > 1e-6 {
		t.Errorf("noise level %v, want %v", got, noise)
	}
	for i := range n {
		l := mat.Norm(want.RowView(i), 2)
		for j := range d {
			if got := float64(v.Data[i*d+j]); math.Abs(got-want.At(i, j)/l) > 1e-5 {
				t.Fatalf("%d, %d: %v, want %v", i, j, got, want.At(i, j)/l)
			}
		}
	}
}

// Lists too short to say what is shared, rows of zeros and rows that are all
// the same stay as they are, and so do the vectors of a model without concepts.
func TestNothingToShrink(t *testing.T) {
	for _, tt := range []struct {
		name string
		n    int
		info engine.Info
	}{
		{"few", minShrink - 1, twoBlocks},
		{"no concepts", 40, engine.Info{Dim: 5}},
	} {
		v := noisy(tt.n, 2, 5)
		_, fit, err := Apply(t.Context(), &engine.Embeddings{Vectors: v}, tt.info, make([]string, tt.n), words{}, Options{})
		if err != nil || fit.Noise != 0 {
			t.Errorf("%s: %+v, %v", tt.name, fit, err)
		}
	}
	same := blas32.General{Rows: 30, Cols: 4, Stride: 4, Data: make([]float32, 120)}
	for i := range 29 { // the last row stays zero
		same.Data[4*i+1] = 1
	}
	want := slices.Clone(same.Data)
	shrink(same)
	for i, x := range want {
		if math.Abs(float64(x-same.Data[i])) > 1e-6 {
			t.Fatalf("rows that are the same became %v", same.Data)
		}
	}
}

// A row that shares nothing has no direction in what is shared: it keeps its
// own. So do rows of zeros, and all rows where one is not finite.
func TestNothingShared(t *testing.T) {
	const n, d, zero = 40, 64, 7
	v := noisy(n, 5, d)
	clear(v.Data[zero*d : (zero+1)*d])
	if _, noise := shrink(v); noise <= 0 {
		t.Errorf("noise level %v", noise)
	}
	if l := length(v.Data[zero*d : (zero+1)*d]); l != 0 {
		t.Errorf("a row of zeros has the length %v", l)
	}

	same := func(name string, v blas32.General) {
		t.Helper()
		want := slices.Clone(v.Data)
		shrink(v)
		for i, x := range v.Data {
			if y := want[i]; math.Abs(float64(x-y)) > 1e-6 || math.IsNaN(float64(x)) != math.IsNaN(float64(y)) {
				t.Fatalf("%s: number %d was %v and is %v", name, i, y, x)
			}
		}
	}
	axes := blas32.General{Rows: n, Cols: d, Stride: d, Data: make([]float32, n*d)}
	for i := range n {
		axes.Data[i*d+(5*i)%n+i/8] = 1
	}
	same("axes", axes)
	rng := rand.New(rand.NewPCG(5, 6))
	x := mat.NewDense(d, n, nil)
	for i := range d {
		for j := range n {
			x.Set(i, j, rng.NormFloat64())
		}
	}
	var qr mat.QR
	qr.Factorize(x)
	var q mat.Dense
	qr.QTo(&q)
	turned := blas32.General{Rows: n, Cols: d, Stride: d, Data: make([]float32, n*d)}
	for i := range n {
		for j := range d {
			turned.Data[i*d+j] = float32(q.At(j, i))
		}
	}
	same("orthogonal rows", turned)
	for _, bad := range []float64{math.NaN(), math.Inf(-1)} {
		v := noisy(n, 5, d)
		v.Data[70] = float32(bad)
		same(fmt.Sprint(bad), v)
	}
}

// A large collection keeps the coarse dimensions of the concepts alone.
func TestCoarse(t *testing.T) {
	info := engine.Info{Dim: 6, Blocks: []engine.Block{{Name: "general", Dim: 2, Weight: 1}, {Name: engine.Concepts, Dim: 4, Weight: 1, Coarse: 3}}}
	none := 0.0
	for _, n := range []int{many - 1, many} {
		v := noisy(n, 3, 6)
		first := slices.Clone(v.Data[:6])
		last := slices.Clone(v.Data[6*(n-1):])
		got, _, err := Apply(t.Context(), &engine.Embeddings{Vectors: v}, info, make([]string, n), words{}, Options{Gamma: &none})
		if err != nil {
			t.Fatal(err)
		}
		want := 6
		if n >= many {
			want = 5
		}
		if got.Cols != want || got.Stride != want || got.Rows != n || len(got.Data) != n*want {
			t.Fatalf("%d texts have vectors of %d dimensions, want %d", n, got.Cols, want)
		}
		for i, old := range map[int][]float32{0: first, n - 1: last} {
			for j := 2; j < want; j++ {
				old[j] *= float32(Beta(n))
			}
			old = unit(old[:want])
			for j, x := range got.Data[i*want:][:want] {
				if math.Abs(float64(x-old[j])) > 1e-5 {
					t.Fatalf("row %d of %d is %v, want %v", i, n, got.Data[i*want:][:want], old)
				}
			}
		}
	}
}
