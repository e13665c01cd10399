//go:build cgo

package onnx

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"

	ort "github.com/yalue/onnxruntime_go"

	"sheaf/engine/transformer"
)

const supported = true

// environment guards what the Go binding keeps for the whole process: one
// library, loaded once. It is never unloaded, since the library's threads and
// what they leave behind do not survive that.
var environment struct {
	sync.Mutex
	library string
}

// load loads the library, unless that has been done.
func load(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	environment.Lock()
	defer environment.Unlock()
	if ort.IsInitialized() {
		if loaded := environment.library; loaded != path && loaded != "" {
			return &LibraryError{path, fmt.Errorf("this process has loaded %s, and cannot load another", loaded), "use the same library for all models"}
		}
		return nil
	}
	// The reason of a failure is kept for each thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ort.SetSharedLibraryPath(path)
	// What goes wrong comes back as an error; nothing is to be printed.
	if err := ort.InitializeEnvironment(ort.WithLogLevelFatal()); err != nil {
		return &LibraryError{path, err, adviceLibrary}
	}
	environment.library = path
	// Builds for Windows have it on.
	return ort.DisableTelemetry()
}

// session is a loaded graph: a transformer.Runner.
type session struct {
	run     *ort.DynamicAdvancedSession
	inputs  []transformer.Value
	streams []stream

	provider, reason string
}

// stream is the memory of one batch at a time, by input.
type stream struct {
	narrow [][]int32 // for inputs that take int32
	values []ort.Value
}

func newSession(c computation) (_ *session, err error) {
	opts, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, opts.Destroy()) }()
	onOff := map[bool]string{true: "1", false: "0"}
	for _, set := range []func() error{
		func() error { return opts.SetGraphOptimizationLevel(ort.GraphOptimizationLevelEnableAll) },
		func() error { return opts.SetExecutionMode(ort.ExecutionModeSequential) },
		func() error { return opts.SetIntraOpNumThreads(c.threads) },
		func() error { return opts.SetInterOpNumThreads(1) },
		func() error { return opts.AddSessionConfigEntry("session.intra_op.allow_spinning", onOff[c.spin]) },
		func() error { return opts.SetCpuMemArena(c.arena) },
		// A pattern is kept for each shape of a batch, and shapes are many.
		func() error { return opts.SetMemPattern(false) },
		// Weights in the arena would be rounded up to powers of two.
		func() error { return opts.AddSessionConfigEntry("session.use_device_allocator_for_initializers", "1") },
		func() error { return useProvider(opts, c.provider) },
	} {
		if err := set(); err != nil {
			return nil, err
		}
	}
	names := make([]string, len(c.inputs))
	for i, in := range c.inputs {
		names[i] = in.Name
	}
	run, err := ort.NewDynamicAdvancedSession(c.file, names, []string{c.output}, opts)
	if err != nil {
		advice := "fetch the model again, or choose another .onnx file of it"
		if c.linked {
			// As in the Hugging Face cache; ONNX Runtime 1.24 follows no links.
			advice = "copy the model's folder with its links followed (cp -rL), or use a newer ONNX Runtime"
		}
		return nil, &transformer.ModelError{Path: c.file, Err: err, Advice: advice}
	}
	s := &session{run: run, inputs: c.inputs, provider: c.provider, reason: c.reason, streams: make([]stream, c.streams)}
	for i := range s.streams {
		s.streams[i] = stream{narrow: make([][]int32, len(c.inputs)), values: make([]ort.Value, len(c.inputs))}
	}
	return s, nil
}

func useProvider(opts *ort.SessionOptions, provider string) error {
	if provider != CoreML {
		return nil
	}
	if runtime.GOOS != "darwin" || runtime.GOARCH != "arm64" {
		return errPlatform
	}
	return opts.AppendExecutionProviderCoreMLV2(map[string]string{"ModelFormat": "MLProgram", "MLComputeUnits": "ALL"})
}

func (s *session) Workers() int { return len(s.streams) }
func (s *session) Close() error { return s.run.Destroy() }

func (s *session) Provider() (name, reason string) { return s.provider, s.reason }

// Run implements transformer.Runner. The output is written where it is wanted.
func (s *session) Run(worker int, b *transformer.Batch, dst transformer.Output) error {
	shape := make(ort.Shape, len(dst.Dims))
	for i, d := range dst.Dims {
		shape[i] = int64(d)
	}
	out, err := ort.NewTensor(shape, dst.Data)
	if err != nil {
		return err
	}
	_, err = s.compute(worker, b, out)
	return errors.Join(err, out.Destroy())
}

// Probe implements transformer.Runner.
func (s *session) Probe(b *transformer.Batch) (dims []int, err error) {
	out, err := s.compute(0, b, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, out.Destroy()) }()
	if _, ok := out.(*ort.Tensor[float32]); !ok {
		return nil, errors.New("its output is not of float32")
	}
	for _, d := range out.GetShape() {
		dims = append(dims, int(d))
	}
	return dims, nil
}

// compute runs the graph with the data of b. It returns out, or a new value
// where out is nil.
func (s *session) compute(worker int, b *transformer.Batch, out ort.Value) (_ ort.Value, err error) {
	st := &s.streams[worker]
	shape := ort.NewShape(int64(b.Rows), int64(b.Length))
	inputs := st.values[:len(s.inputs)]
	clear(inputs)
	defer func() {
		for _, v := range inputs {
			if v != nil {
				err = errors.Join(err, v.Destroy())
			}
		}
	}()
	for i, in := range s.inputs {
		data := b.Data(in.Name)
		if in.Type == transformer.Int32 {
			st.narrow[i] = st.narrow[i][:0]
			for _, x := range data {
				st.narrow[i] = append(st.narrow[i], int32(x))
			}
			v, err := ort.NewTensor(shape, st.narrow[i])
			if err != nil {
				return nil, err
			}
			inputs[i] = v
			continue
		}
		v, err := ort.NewTensor(shape, data)
		if err != nil {
			return nil, err
		}
		inputs[i] = v
	}
	outputs := []ort.Value{out}
	err = s.run.Run(inputs, outputs)
	return outputs[0], err
}
