package purego_test

import (
	"testing"

	"sheaf/engine/purego"
	"sheaf/engine/transformer"
	"sheaf/internal/testmodel/check"
)

func open(dir string, opts transformer.Options) (*transformer.Embedder, error) {
	return purego.Open(dir, purego.Options{Options: opts})
}

func TestGolden(t *testing.T)     { check.Golden(t, open, 1e-4) }
func TestNeighbours(t *testing.T) { check.Neighbours(t, open, 12) }
