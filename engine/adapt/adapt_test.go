package adapt

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"
	"pgregory.net/rapid"

	"sheaf/engine"
)

func TestBeta(t *testing.T) {
	for n, want := range map[int]float64{0: 2.5, 1: 2.5, 60: 2.5, 200: 1.1, 100_000: 1.1} {
		if got := Beta(n); got != want {
			t.Errorf("Beta(%d) = %v, want %v", n, got, want)
		}
	}
	for n := 1; n < 300; n++ {
		if Beta(n+1) > Beta(n) {
			t.Errorf("Beta rises from %d to %d", n, n+1)
		}
	}
}

// The two blocks keep their directions, and their lengths stand to each other
// as if the text had been embedded with the new weight at once.
func TestApply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		general := unit(rapid.SliceOfN(rapid.Float32Range(-1, 1), 3, 3).Draw(t, "general"))
		concepts := rapid.SliceOfN(rapid.Float32Range(-1, 1), 2, 2).Draw(t, "concepts")
		n := rapid.IntRange(1, 1000).Draw(t, "n")
		join := func(w float64) []float32 {
			row := append([]float32(nil), general...)
			for _, x := range concepts {
				row = append(row, float32(w*float64(x)))
			}
			return unit(row)
		}
		info := engine.Info{Dim: 5, Blocks: []engine.Block{{Name: "general", Dim: 3, Weight: 1}, {Name: "concepts", Dim: 2, Weight: 1.25}}}
		e := &engine.Embeddings{Vectors: blas32.General{Rows: 2, Cols: 5, Stride: 5, Data: append(join(1.25), make([]float32, 5)...)}}
		fit, ok := Apply(e, info, n)
		if !ok || fit.Beta != Beta(n) || fit.Documents != n {
			t.Fatalf("Apply = %+v, %v", fit, ok)
		}
		want := join(fit.Beta)
		for j := range want {
			if math.Abs(float64(want[j]-e.Vectors.Data[j])) > 1e-5 {
				t.Fatalf("row = %v, want %v", e.Vectors.Data[:5], want)
			}
		}
		for _, x := range e.Vectors.Data[5:] {
			if x != 0 {
				t.Fatalf("a zero row became %v", e.Vectors.Data[5:])
			}
		}
	})
}

func unit(v []float32) []float32 {
	normalise(v)
	return v
}

func TestApplyLeavesOtherModelsAlone(t *testing.T) {
	e := &engine.Embeddings{Vectors: blas32.General{Rows: 1, Cols: 2, Stride: 2, Data: []float32{0.6, 0.8}}}
	if _, ok := Apply(e, engine.Info{Dim: 2}, 10); ok || e.Vectors.Data[0] != 0.6 || e.Vectors.Data[1] != 0.8 {
		t.Errorf("Apply changed a model of one block: %v, %v", ok, e.Vectors.Data)
	}
	defer func() {
		if recover() == nil {
			t.Error("Apply took vectors of the wrong width")
		}
	}()
	Apply(e, engine.Info{Dim: 3}, 10)
}
