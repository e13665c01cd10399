// Package purego embeds texts with transformer models without any native
// library: the graph is computed by hugot's pure-Go backend. It gives the
// vectors that engine/onnx gives, to about 1e-6, and is many times slower.
//
// It needs a 64-bit platform; elsewhere Open fails with [ErrPlatform].
package purego

import (
	"errors"

	"sheaf/engine/transformer"
)

// Backend is what engine.Info calls this backend.
const Backend = "purego"

// Options are optional; the zero value works. Threads has no effect: the
// backend uses all that the Go scheduler has.
type Options struct {
	transformer.Options
}

// ErrPlatform says that this platform's integers are too small for the backend.
var ErrPlatform error = unsupported{errors.New("the pure-Go backend needs a 64-bit platform")}

type unsupported struct{ error }

func (unsupported) Hint() string { return "use a static model, or a 64-bit build" }

// Open opens the transformer model in the folder dir.
func Open(dir string, opts Options) (*transformer.Embedder, error) {
	return transformer.Open(dir, transformer.Backend{Name: Backend, Identity: Backend, Start: start}, opts.Options)
}
