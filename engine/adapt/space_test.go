package adapt

import (
	"context"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
)

// Texts of the collection are placed where they were fitted to, whatever stands
// beside them, and others do not move the space.
func TestPlace(t *testing.T) {
	info := engine.Info{Dim: 64, Blocks: []engine.Block{{Name: "general", Dim: 40, Weight: 1}, {Name: "concepts", Dim: 24, Weight: 1.25, Coarse: 8}}}
	ctx := context.Background()
	subjects := []string{"tram bus stop", "cake bread flour", "rain wind snow", "goal match ball"}
	none := 0.0
	for _, tt := range []struct {
		n    int
		opts Options
	}{{10, Options{}}, {60, Options{}}, {60, Options{Gamma: &none}}, {140, Options{}}, {300, Options{}}, {300, Options{Gamma: &none}}} {
		texts := make([]string, tt.n)
		for i := range texts {
			texts[i] = strings.Join([]string{subjects[i%4], strings.Fields(subjects[i%4])[i%3], "word" + string(rune('a'+i%26))}, " ")
		}
		vectors := func(rows []int) *engine.Embeddings {
			v := noisy(tt.n, 4, 64)
			out := blas32.General{Rows: len(rows), Cols: 64, Stride: 64}
			for _, r := range rows {
				out.Data = append(out.Data, v.Data[r*64:(r+1)*64]...)
			}
			return &engine.Embeddings{Vectors: out}
		}
		all := make([]int, tt.n)
		for i := range all {
			all[i] = i
		}
		v, space, err := Learn(ctx, vectors(all), info, texts, words{}, tt.opts)
		if err != nil {
			t.Fatal(err)
		}
		rows := []int{3, 0, 7, 3}
		picked := make([]string, len(rows))
		for i, r := range rows {
			picked[i] = texts[r]
		}
		for range 2 { // placing changes nothing
			got, err := space.Place(ctx, vectors(rows), picked)
			if err != nil || got.Cols != v.Cols {
				t.Fatalf("%d texts: %d columns, want %d: %v", tt.n, got.Cols, v.Cols, err)
			}
			for i, r := range rows {
				for j := range v.Cols {
					if d := math.Abs(float64(got.Data[i*got.Stride+j] - v.Data[r*v.Stride+j])); d > 2e-6 {
						t.Fatalf("%d texts, gamma %v: text %d is off by %v in dimension %d", tt.n, space.Gamma, r, d, j)
					}
				}
			}
		}
	}
}
