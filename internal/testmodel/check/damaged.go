package check

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"sheaf/engine/transformer"
	"sheaf/internal/testmodel"
)

// Damaged opens n models with a few bytes changed. Each gives an error with a
// hint, or finite vectors: nothing crashes, and no number is missing.
func Damaged(t *testing.T, open Opener, n int) {
	spec := testmodel.Small(testmodel.BERT, "mean_tokens")
	spec.Layers, spec.Hidden, spec.Heads, spec.Intermediate = 1, 4, 1, 4
	dir := Write(t, spec)
	path := filepath.Join(dir, "model.onnx")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 4))
	failed := 0
	for range n {
		model := append([]byte(nil), whole...)
		for range 1 + rng.IntN(4) {
			end := len(model)
			if rng.IntN(2) == 0 {
				end /= 3 // the nodes; the weights come after them
			}
			model[rng.IntN(end)] = byte(rng.Uint32())
		}
		if err := os.WriteFile(path, model, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := embedDamaged(t, open, dir); err != nil {
			failed++
			var h interface{ Hint() string }
			if !errors.As(err, &h) || h.Hint() == "" {
				t.Errorf("error %q has no hint", err)
			}
		}
	}
	if failed == 0 || failed == n {
		t.Errorf("%d of %d damaged models failed; some should, and some not", failed, n)
	}
}

func embedDamaged(t *testing.T, open Opener, dir string) error {
	e, err := open(dir, transformer.Options{})
	if err != nil {
		return err
	}
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	emb, err := e.Embed(context.Background(), []string{"buy milk", "read the writing on the door"}, nil)
	if err != nil {
		return err
	}
	for i, x := range emb.Vectors.Data {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			t.Errorf("number %d is %g", i, x)
		}
	}
	return nil
}
