//go:build !386 && !arm && !mips && !mipsle

package purego

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	gomlx "github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/knights-analytics/hugot/backends"
	"github.com/knights-analytics/hugot/options"

	"sheaf/engine/transformer"
)

// graph is a loaded graph: a transformer.Runner with one worker, since the
// backend is not safe for more.
//
// The backend compiles the graph anew for each shape of a batch and keeps what
// it compiled. So that there are few shapes, batches are cut into pieces of a
// power of two of texts, and padded to one of some lengths.
type graph struct {
	weights *context.Context
	backend gomlx.Backend
	exec    *context.Exec
	inputs  []transformer.Value
	output  int
	masked  bool
}

// maxRows is the most texts in a piece: more are not computed faster.
const maxRows = 8

func start(f *transformer.Folder, output transformer.Value) (transformer.Runner, error) {
	if f.Graph.Vocab == 0 {
		// The backend takes the last row for an id that has none.
		return nil, &transformer.ModelError{Path: f.GraphFile, Err: errors.New("how many tokens it knows is neither in the graph nor in config.json"),
			Advice: "use ONNX Runtime, which sees by itself when an id is out of range"}
	}
	data, err := os.ReadFile(f.GraphFile)
	if err != nil {
		return nil, err
	}
	g := &graph{}
	if err := guard(func() error { return g.load(f, data, output.Name) }); err != nil {
		return nil, &transformer.ModelError{Path: f.GraphFile, Err: err,
			Advice: "use ONNX Runtime, which knows all operators, or fetch the model again if it is damaged"}
	}
	return g, nil
}

func (g *graph) load(f *transformer.Folder, data []byte, output string) error {
	m := &backends.Model{Path: filepath.Dir(f.GraphFile), OnnxBytes: data}
	opts := options.Defaults()
	opts.Backend = "GO"
	if err := backends.CreateModelBackend(m, opts); err != nil {
		return err
	}
	g.output = slices.IndexFunc(m.OutputsMeta, func(o backends.InputOutputInfo) bool { return o.Name == output })
	if g.output < 0 {
		return fmt.Errorf("no output %s", output)
	}
	for _, in := range m.InputsMeta { // in the order in which they are passed
		i := slices.IndexFunc(f.Graph.Inputs, func(v transformer.Value) bool { return v.Name == in.Name })
		if i < 0 {
			return fmt.Errorf("an input %s that is not in the file's header", in.Name)
		}
		v := f.Graph.Inputs[i]
		g.inputs = append(g.inputs, v)
		g.masked = g.masked || v.Name == transformer.AttentionMask && (v.Dims == nil || v.Dims[1] < 0)
	}
	// The executor that hugot sets up computes several operators at once, and
	// they race for the buffers they share. One after another they do not; a
	// product of matrices is still shared out among the processors.
	var err error
	if g.backend, err = simplego.New("ops_sequential"); err != nil {
		return err
	}
	g.weights = m.GoMLXModel.Ctx
	if g.exec, err = context.NewExec(g.backend, g.weights, m.GoMLXModel.Call); err != nil {
		return err
	}
	g.exec.SetMaxCache(-1)
	m.GoMLXModel.Exec.Finalize()
	m.GoMLXModel.Backend.Finalize()
	return nil
}

// guard turns a panic of the backend, which is how it reports much of what can
// be wrong with a model, into an error.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the backend gave up: %v", p)
		}
	}()
	return f()
}

func (g *graph) Workers() int { return 1 }

func (g *graph) Provider() (name, reason string) { return "cpu", "" }

func (g *graph) Close() error {
	return guard(func() error {
		g.exec.Finalize()
		g.weights.Finalize()
		g.backend.Finalize()
		return nil
	})
}

// length is the length that rows of n tokens are padded to: in steps of an
// eighth to a quarter of themselves.
func (g *graph) length(n int) int {
	if !g.masked {
		return n
	}
	step := 4
	for n > 8*step {
		step *= 2
	}
	return (n + step - 1) / step * step
}

// Probe implements transformer.Runner.
func (g *graph) Probe(b *transformer.Batch) (dims []int, err error) {
	length := g.length(b.Length)
	err = g.run(b, 0, b.Rows, length, func(shape []int, _ []float32) error {
		dims = slices.Clone(shape)
		if len(dims) == 3 && dims[1] == length {
			dims[1] = b.Length
		}
		return nil
	})
	return dims, err
}

// Run implements transformer.Runner.
func (g *graph) Run(_ int, b *transformer.Batch, dst transformer.Output) error {
	length := g.length(b.Length)
	want := slices.Clone(dst.Dims)
	if len(want) == 3 {
		want[1] = length
	}
	to := len(dst.Data) / b.Rows   // numbers of a text
	from := to / b.Length * length // with the padding
	if len(want) == 2 {
		from = to
	}
	for first := 0; first < b.Rows; {
		n := maxRows
		for n > b.Rows-first {
			n /= 2
		}
		want[0] = n
		err := g.run(b, first, n, length, func(shape []int, data []float32) error {
			if !slices.Equal(shape, want) {
				return fmt.Errorf("the output has the shape %v, want %v", shape, want)
			}
			for r := range n {
				copy(dst.Data[(first+r)*to:(first+r+1)*to], data[r*from:])
			}
			return nil
		})
		if err != nil {
			return err
		}
		first += n
	}
	return nil
}

// run runs the graph on n rows of b from first, padded to length, and hands
// the output to use.
func (g *graph) run(b *transformer.Batch, first, n, length int, use func(dims []int, data []float32) error) error {
	return guard(func() (err error) {
		var inputs, outputs []*tensors.Tensor
		defer func() {
			for _, t := range slices.Concat(inputs, outputs) {
				err = errors.Join(err, t.FinalizeAll())
			}
		}()
		for _, in := range g.inputs {
			inputs = append(inputs, input(in, b, first, n, length))
		}
		if outputs, err = g.exec.Exec(inputs); err != nil {
			return err
		}
		out := outputs[g.output]
		var used error
		err = tensors.ConstFlatData(out, func(flat []float32) { used = use(out.Shape().Dimensions, flat) })
		return errors.Join(err, used)
	})
}

// input is the tensor of n rows of an input. Padding repeats a row's last
// number, but is 0 in the mask.
func input(in transformer.Value, b *transformer.Batch, first, n, length int) *tensors.Tensor {
	data := b.Data(in.Name)
	padded := make([]int64, 0, n*length)
	for r := first; r < first+n; r++ {
		row := data[r*b.Length : (r+1)*b.Length]
		padded = append(padded, row...)
		fill := row[len(row)-1]
		if in.Name == transformer.AttentionMask {
			fill = 0
		}
		for range length - b.Length {
			padded = append(padded, fill)
		}
	}
	if in.Type == transformer.Int64 {
		return tensors.FromFlatDataAndDimensions(padded, n, length)
	}
	narrow := make([]int32, len(padded))
	for i, x := range padded {
		narrow[i] = int32(x)
	}
	return tensors.FromFlatDataAndDimensions(narrow, n, length)
}
