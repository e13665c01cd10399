// Package onnx embeds texts with transformer models through ONNX Runtime, the
// native library of that name. The library is not part of the program: it is
// looked for when a model is opened (see [FindLibrary]).
//
// With CGO_ENABLED=0 the package compiles, but Open always fails with
// [ErrNoCgo]; engine/purego then computes the same vectors, only slower.
package onnx

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"sheaf/engine/transformer"
)

// Backend is what engine.Info calls this backend.
const Backend = "onnx"

// The providers, which are what computes.
const (
	CPU    = "cpu"
	CoreML = "coreml" // Apple's, on Apple Silicon
)

// Options are optional; the zero value works.
type Options struct {
	transformer.Options

	// Provider is [CPU], the default, or [CoreML]. Where CoreML is not to be
	// had the CPU computes, and Defaults of the model says why.
	Provider string

	// LibraryPath is the ONNX Runtime library, or its folder. "" means the one
	// that [FindLibrary] finds.
	LibraryPath string
	// DataDir is a folder of the program's own that is looked at for the
	// library; "" means none.
	DataDir string

	// Streams is how many batches are computed at once, each by Threads/Streams
	// threads. 0 means one for each thread, or fewer where that many batches of
	// the longest texts would take much memory. It never changes a result.
	Streams int
	// Spin has idle threads wait busily, which is quicker by a little where a
	// stream has several threads, and wastes the processor. nil means false.
	Spin *bool
	// Arena keeps the memory of a batch for the next ones, and takes less of
	// it in all, since batches are bounded and the longest come first. nil
	// means true.
	Arena *bool
}

// ErrNoCgo says that the program was built without cgo, and so without ONNX
// Runtime.
var ErrNoCgo error = noCgo{}

type noCgo struct{}

func (noCgo) Error() string { return "this program was built without ONNX Runtime (CGO_ENABLED=0)" }
func (noCgo) Hint() string {
	return "build it with CGO_ENABLED=1 and a C compiler, or use the pure-Go backend"
}

// Supported says whether the program contains ONNX Runtime support at all.
func Supported() bool { return supported }

// Open opens the transformer model in the folder dir. The library stays loaded
// for the life of the process; a process can load only one.
//
// Errors that a user can do something about have a method Hint() string. Those
// about the library are [*LibraryError], or [ErrNoCgo].
func Open(dir string, opts Options) (*transformer.Embedder, error) {
	if !supported {
		return nil, ErrNoCgo
	}
	switch opts.Provider {
	case "", CPU, CoreML:
	default:
		return nil, &transformer.ModelError{Path: dir, Err: fmt.Errorf("there is no provider %q", opts.Provider), Advice: "choose cpu or coreml"}
	}
	library, err := FindLibrary(Search{Path: opts.LibraryPath, DataDir: opts.DataDir})
	if err != nil {
		return nil, err
	}
	b := transformer.Backend{Name: Backend, Start: func(f *transformer.Folder, output transformer.Value) (transformer.Runner, error) {
		if err := load(library.Path); err != nil {
			return nil, err
		}
		return start(newComputation(f, output, &opts))
	}}
	if opts.Provider != CoreML { // which shows only when a graph is loaded whether it is used
		b.Identity = identity(library.Path)
	}
	return transformer.Open(dir, b, opts.Options)
}

// identity stands for a library, which is another one when its file changes.
func identity(path string) string {
	st, err := os.Stat(path)
	if err != nil {
		return "" // loading it says what is wrong
	}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return fmt.Sprintf("%s %d %d", path, st.Size(), st.ModTime().UnixNano())
}

// start loads the graph for the provider that is wanted, or else for the CPU.
func start(c computation) (transformer.Runner, error) {
	s, err := newSession(c)
	if err != nil && c.provider != CPU {
		c.provider, c.reason = CPU, fmt.Sprintf("%s is not used, the CPU computes: %v", c.provider, err)
		s, err = newSession(c)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// computation is a graph with everything that a session is set up by.
type computation struct {
	file             string
	inputs           []transformer.Value
	output           string
	streams, threads int // threads of a stream
	spin, arena      bool
	provider, reason string // reason: why it is not another
	linked           bool   // weights lie in files that are links
}

// streamBytes bounds what the intermediate values of all streams' longest
// texts may take together.
const streamBytes = 256 << 20

func newComputation(f *transformer.Folder, output transformer.Value, opts *Options) computation {
	threads := opts.Threads
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	streams := opts.Streams
	if streams <= 0 {
		streams = max(streamBytes/max(f.TextBytes(f.MaxTokens), 1), 1)
	}
	streams = min(streams, threads)
	is := func(b *bool, byDefault bool) bool {
		if b == nil {
			return byDefault
		}
		return *b
	}
	provider := opts.Provider
	if provider == "" {
		provider = CPU
	}
	linked := slices.ContainsFunc(f.Graph.External, func(name string) bool {
		st, err := os.Lstat(filepath.Join(filepath.Dir(f.GraphFile), filepath.FromSlash(name)))
		return err == nil && st.Mode()&fs.ModeSymlink != 0
	})
	return computation{
		file: f.GraphFile, inputs: f.Graph.Inputs, output: output.Name, linked: linked,
		streams: streams, threads: threads / streams, spin: is(opts.Spin, false), arena: is(opts.Arena, true), provider: provider,
	}
}

// errPlatform is why CoreML cannot be had elsewhere.
var errPlatform = errors.New("it is there on Apple Silicon only, this is " + runtime.GOOS + "/" + runtime.GOARCH)
