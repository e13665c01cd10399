package transformer

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"sheaf/engine/static/safetensors"
)

// A dense is a layer after the pooling: activation(W·x + b).
type dense struct {
	in, out    int
	weight     []float32 // out×in, row-major
	bias       []float32 // nil where there is none
	activation func(float64) float64
}

// denseConfig is the content of a Dense module's config.json.
type denseConfig struct {
	In         int     `json:"in_features"`
	Out        int     `json:"out_features"`
	Bias       *bool   `json:"bias"`
	Activation *string `json:"activation_function"` // the name of a class of PyTorch
}

// denseWeights is the file with a Dense module's matrix.
const denseWeights = "model.safetensors"

// readDense reads the Dense module in a folder of the model's.
func (f *Folder) readDense(dir string) (*dense, error) {
	at := filepath.Join(f.Dir, filepath.FromSlash(dir))
	if dir == "" || !filepath.IsLocal(filepath.FromSlash(dir)) {
		return nil, modelError(f.Dir, adviceFetch, "%s names %q, which is no folder inside it", modulesFile, dir)
	}
	var c denseConfig
	if found, err := f.readJSON(dir+"/config.json", &c); err != nil {
		return nil, err
	} else if !found {
		return nil, modelError(at, adviceFetch, "has no config.json")
	}
	d := &dense{in: c.In, out: c.Out, activation: math.Tanh} // Tanh where none is named, as in sentence-transformers
	if c.Activation != nil {
		switch name := (*c.Activation)[strings.LastIndexByte(*c.Activation, '.')+1:]; name {
		case "Tanh":
		case "Identity":
			d.activation = nil
		default:
			return nil, modelError(at, adviceOther, "its activation function %s is not supported", name)
		}
	}
	data, err := f.read(dir + "/" + denseWeights)
	if err != nil {
		return nil, err
	}
	if data == nil {
		return nil, modelError(at, "take a version of the model that has the file, or save it again with a newer sentence-transformers", "has no %s", denseWeights)
	}
	tensors, err := safetensors.Parse(data)
	if err == nil {
		err = d.take(tensors, c.Bias == nil || *c.Bias)
	}
	if err != nil {
		return nil, &ModelError{filepath.Join(at, denseWeights), err, adviceFetch}
	}
	return d, nil
}

// take takes the matrix and the bias from a file's tensors.
func (d *dense) take(tensors []safetensors.Tensor, biased bool) error {
	want := map[string][]int{"linear.weight": {d.out, d.in}}
	if biased {
		want["linear.bias"] = []int{d.out}
	}
	if d.in < 1 || d.out < 1 {
		return fmt.Errorf("its config.json makes %d of %d dimensions", d.out, d.in)
	}
	for i := range tensors {
		t := &tensors[i]
		shape, ok := want[t.Name]
		if !ok {
			continue
		}
		if fmt.Sprint(t.Shape) != fmt.Sprint(shape) {
			return fmt.Errorf("the tensor %s has the shape %v, its config.json says %v", t.Name, t.Shape, shape)
		}
		values, err := t.Float32s()
		if err != nil {
			return err
		}
		if t.Name == "linear.weight" {
			d.weight = values
		} else {
			d.bias = values
		}
		delete(want, t.Name)
	}
	for name := range want {
		return fmt.Errorf("it has no tensor %s", name)
	}
	return nil
}

// apply writes the layer's vector of x into dst, of length out. Sums are kept
// in float64.
func (d *dense) apply(dst, x []float32) {
	for i := range dst {
		sum := 0.0
		if d.bias != nil {
			sum = float64(d.bias[i])
		}
		for j, w := range d.weight[i*d.in : (i+1)*d.in] {
			sum += float64(w) * float64(x[j])
		}
		if d.activation != nil {
			sum = d.activation(sum)
		}
		dst[i] = float32(sum)
	}
}
