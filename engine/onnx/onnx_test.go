package onnx_test

import (
	"errors"
	"testing"

	"sheaf/engine/onnx"
	"sheaf/engine/transformer"
	"sheaf/internal/testmodel/check"
)

// open opens a model, or skips the test where there is no ONNX Runtime.
func open(t testing.TB) check.Opener {
	t.Helper()
	needLibrary(t)
	return func(dir string, opts transformer.Options) (*transformer.Embedder, error) {
		return onnx.Open(dir, onnx.Options{Options: opts})
	}
}

func needLibrary(t testing.TB) onnx.Library {
	t.Helper()
	if !onnx.Supported() {
		t.Skip("built without cgo, and so without ONNX Runtime")
	}
	l, err := onnx.FindLibrary(onnx.Search{})
	if errors.Is(err, onnx.ErrNotFound) {
		t.Skipf("%v; set %s, or run scripts/setup-onnxruntime/setup.sh", err, onnx.LibraryVariable)
	}
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestGolden(t *testing.T)     { check.Golden(t, open(t), 1e-4) }
func TestNeighbours(t *testing.T) { check.Neighbours(t, open(t), 60) }
