package adapt

import (
	"fmt"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
)

// Blocks of any size give the bits that all texts give at once: with a full LSA
// block, one of few dimensions, without one, and where only a sample is analysed.
func TestBlocksEqualApply(t *testing.T) {
	none, some := 0.0, 0.9
	sizes := []int{MinBlocks, 400, 5000}
	if !testing.Short() {
		sizes = append(sizes, lsaSample+1234)
	}
	for _, n := range sizes {
		for name, tt := range map[string]struct {
			opts  Options
			texts func(i int, s string) string
		}{
			"default":           {Options{}, func(_ int, s string) string { return s }},
			"another weight":    {Options{Gamma: &some, Threads: 3}, func(i int, s string) string { return fmt.Sprint(s, " w", i%90, " v", i%31) }},
			"no LSA":            {Options{Gamma: &none}, func(_ int, s string) string { return s }},
			"nothing in common": {Options{}, func(i int, _ string) string { return fmt.Sprint("only", i) }},
		} {
			_, texts := collection(n)
			for i, s := range texts {
				texts[i] = tt.texts(i, s)
			}
			vectors := func(lo, hi int) *engine.Embeddings {
				e := &engine.Embeddings{Vectors: blas32.General{Rows: hi - lo, Cols: 5, Stride: 5, Data: make([]float32, 5*(hi-lo))}}
				for i := range hi - lo {
					if (lo+i)%7 > 0 { // the others are zero
						copy(e.Vectors.Data[5*i:], unit([]float32{1, float32((lo + i) % 3), 0.5, float32((lo + i) % 5), 2}))
					}
				}
				return e
			}
			want, wantFit, err := Apply(t.Context(), vectors(0, n), twoBlocks, texts, words{}, tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			b := NewBlocks(n+50, twoBlocks, words{}, tt.opts)
			for lo := 0; lo < n; lo += 777 {
				b.Add(vectors(lo, min(lo+777, n)))
			}
			got, fit, err := b.Fit(t.Context(), func(lo, hi int) ([]string, error) { return texts[lo:hi], nil })
			if err != nil || fit != wantFit || got.Rows != want.Rows || got.Cols != want.Cols || !slices.Equal(got.Data, want.Data) {
				t.Errorf("%d texts, %s: %+v, want %+v; %d×%d, want %d×%d; %v", n, name, fit, wantFit, got.Rows, got.Cols, want.Rows, want.Cols, err)
			}
			if name == "default" && fit.Dims == 0 || name == "nothing in common" && fit.Dims > 0 {
				t.Errorf("%s: %+v", name, fit)
			}
		}
	}
}
