package transformer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/edsrzf/mmap-go"
	"google.golang.org/protobuf/encoding/protowire"
)

// An ElementType is a type of onnx.TensorProto.DataType.
type ElementType int32

// The types that encoders have at their ends.
const (
	Float32 ElementType = 1
	Int32   ElementType = 6
	Int64   ElementType = 7
)

func (t ElementType) String() string {
	switch t {
	case Float32:
		return "float32"
	case Int32:
		return "int32"
	case Int64:
		return "int64"
	case 10:
		return "float16"
	case 16:
		return "bfloat16"
	}
	return "type " + strconv.Itoa(int(t))
}

// A Value is an input or output of a graph.
type Value struct {
	Name string
	Type ElementType
	Dims []int64 // -1 where a dimension is not fixed; nil where the file does not say
}

// A Graph is what the header of an ONNX file says. Reading it costs neither
// the time nor the memory of loading the model.
type Graph struct {
	Inputs  []Value
	Outputs []Value
	// Vocab is the number of rows of the table that input_ids are looked up
	// in; 0 where the graph does not show it.
	Vocab int
	// DType is the type of most of the weights, as [engine.Info] has it.
	DType string
	// External is the files beside the model that hold its weights, sorted.
	External []string
}

// errCut says that a message ends in the middle of a field.
var errCut = errors.New("not an ONNX model, or cut short")

// ReadGraph reads the header of the ONNX file path, and sees that the files
// with external weights are there and long enough.
func ReadGraph(path string) (*Graph, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &ModelError{path, err, adviceFolder}
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || st.Size() == 0 {
		return nil, modelError(path, adviceFetch, "is empty or no file")
	}
	data, err := mmap.Map(f, mmap.RDONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", path, err)
	}
	g, extent, err := parseModel(data)
	if err = errors.Join(err, data.Unmap()); err != nil {
		return nil, &ModelError{path, err, adviceFetch}
	}
	for name, size := range extent {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, modelError(path, adviceFetch, "keeps weights in %q, outside its folder", name)
		}
		g.External = append(g.External, name)
		file := filepath.Join(filepath.Dir(path), filepath.FromSlash(name))
		st, err := os.Stat(file)
		switch {
		case err != nil:
			return nil, modelError(path, "fetch "+name+" too and put it beside the .onnx file", "its weights are in %s: %w", name, err)
		case st.Size() < size:
			return nil, modelError(file, adviceFetch, "has %d bytes, the model needs %d", st.Size(), size)
		}
	}
	slices.Sort(g.External)
	return g, nil
}

// fields calls f for each field of a protobuf message. v is the bytes of a
// length-delimited field, n the number of a varint.
func fields(msg []byte, f func(field protowire.Number, v []byte, n uint64) error) error {
	for len(msg) > 0 {
		field, kind, used := protowire.ConsumeTag(msg)
		if used < 0 {
			return errCut
		}
		msg = msg[used:]
		var v []byte
		var n uint64
		switch kind {
		case protowire.BytesType:
			v, used = protowire.ConsumeBytes(msg)
		case protowire.VarintType:
			n, used = protowire.ConsumeVarint(msg)
		default:
			used = protowire.ConsumeFieldValue(field, kind, msg)
		}
		if used < 0 {
			return errCut
		}
		msg = msg[used:]
		if err := f(field, v, n); err != nil {
			return err
		}
	}
	return nil
}

// parseModel reads an onnx.ModelProto. extent is the external files with the
// bytes they must have.
func parseModel(data []byte) (g *Graph, extent map[string]int64, err error) {
	var graph []byte
	err = fields(data, func(field protowire.Number, v []byte, _ uint64) error {
		if field == 7 && v != nil {
			graph = v
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if graph == nil {
		return nil, nil, errors.New("not an ONNX model: it holds no graph")
	}
	r := reader{graph: &Graph{}, tensors: map[string]int64{}, weights: map[ElementType]float64{}, extent: map[string]int64{}}
	if err := fields(graph, r.field); err != nil {
		return nil, nil, err
	}
	if len(r.nodes) == 0 || len(r.graph.Outputs) == 0 {
		return nil, nil, errors.New("not an ONNX model: its graph is empty")
	}
	// Old files list the weights among the inputs.
	r.graph.Inputs = slices.DeleteFunc(r.graph.Inputs, func(v Value) bool {
		_, weight := r.tensors[v.Name]
		return weight
	})
	r.graph.Vocab, r.graph.DType = int(r.tableRows("input_ids")), r.weightType()
	return r.graph, r.extent, nil
}

// reader collects what a graph says.
type reader struct {
	graph   *Graph
	nodes   []node
	tensors map[string]int64        // initializer ▸ its first dimension
	weights map[ElementType]float64 // numbers of each type in all of them
	extent  map[string]int64
}

type node struct {
	op              string
	inputs, outputs []string
}

// field takes a field of an onnx.GraphProto.
func (r *reader) field(field protowire.Number, v []byte, _ uint64) error {
	switch field {
	case 1:
		var n node
		err := fields(v, func(field protowire.Number, v []byte, _ uint64) error {
			switch field {
			case 1:
				n.inputs = append(n.inputs, string(v))
			case 2:
				n.outputs = append(n.outputs, string(v))
			case 4:
				n.op = string(v)
			}
			return nil
		})
		r.nodes = append(r.nodes, n)
		return err
	case 5:
		return r.tensor(v)
	case 11, 12:
		value, err := parseValue(v)
		if field == 11 {
			r.graph.Inputs = append(r.graph.Inputs, value)
		} else {
			r.graph.Outputs = append(r.graph.Outputs, value)
		}
		return err
	}
	return nil
}

// tensor takes an onnx.TensorProto.
func (r *reader) tensor(msg []byte) error {
	var name string
	var rows int64 = -1
	var external bool
	var kind ElementType
	count := 1.0
	place := map[string]string{}
	err := fields(msg, func(field protowire.Number, v []byte, n uint64) error {
		switch field {
		case 1: // dims, packed or one by one
			if v == nil {
				v = protowire.AppendVarint(nil, n)
			}
			for len(v) > 0 {
				n, used := protowire.ConsumeVarint(v)
				if used < 0 {
					return errCut
				}
				v = v[used:]
				if rows < 0 {
					rows = int64(n)
				}
				count *= float64(n)
			}
		case 2:
			kind = ElementType(n)
		case 8:
			name = string(v)
		case 13:
			var key, value string
			err := fields(v, func(field protowire.Number, v []byte, _ uint64) error {
				if field == 1 {
					key = string(v)
				} else {
					value = string(v)
				}
				return nil
			})
			place[key] = value
			return err
		case 14:
			external = n == 1
		}
		return nil
	})
	r.tensors[name] = rows
	r.weights[kind] += count
	if err != nil || !external {
		return err
	}
	var end int64
	for _, key := range []string{"offset", "length"} {
		if place[key] == "" {
			continue
		}
		n, err := strconv.ParseInt(place[key], 10, 64)
		if err != nil || n < 0 {
			return fmt.Errorf("external data: %s %q", key, place[key])
		}
		end += n
	}
	r.extent[place["location"]] = max(r.extent[place["location"]], end)
	return nil
}

// weightType names the type that most of the weights have. Signed or not makes
// no difference, and bytes that hold two numbers each are told by who reads them.
func (r *reader) weightType() string {
	counts := map[string]float64{}
	inPairs := slices.ContainsFunc(r.nodes, func(n node) bool { return n.op == "MatMulNBits" })
	for kind, n := range r.weights {
		switch kind {
		case Float32, 10, 16:
			counts[kind.String()] += n
		case 2, 3:
			if inPairs {
				counts["int4"] += 2 * n
			} else {
				counts["int8"] += n
			}
		case 21, 22:
			counts["int4"] += n
		}
	}
	most := ""
	for _, name := range []string{"float32", "float16", "bfloat16", "int8", "int4"} {
		if counts[name] > counts[most] {
			most = name
		}
	}
	return most
}

// parseValue reads an onnx.ValueInfoProto.
func parseValue(msg []byte) (value Value, err error) {
	parseDim := func(_ protowire.Number, dim []byte, _ uint64) error {
		size := int64(-1)
		err := fields(dim, func(field protowire.Number, _ []byte, n uint64) error {
			if field == 1 {
				size = int64(n)
			}
			return nil
		})
		value.Dims = append(value.Dims, size)
		return err
	}
	parseTensor := func(field protowire.Number, v []byte, n uint64) error {
		switch field {
		case 1:
			value.Type = ElementType(n)
		case 2:
			value.Dims = []int64{}
			return fields(v, parseDim)
		}
		return nil
	}
	err = fields(msg, func(field protowire.Number, v []byte, _ uint64) error {
		switch field {
		case 1:
			value.Name = string(v)
		case 2: // TypeProto, whose field 1 is a tensor
			return fields(v, func(field protowire.Number, v []byte, _ uint64) error {
				if field == 1 {
					return fields(v, parseTensor)
				}
				return nil
			})
		}
		return nil
	})
	return value, err
}

// tableRows is the number of rows of the table that the ids of an input are
// looked up in, or 0. It follows the ids through casts, and a table through
// its dequantisation.
func (r *reader) tableRows(input string) int64 {
	ids := map[string]bool{input: true}
	rows := map[string]int64{}
	for _, n := range r.nodes { // they stand in the order of execution
		if len(n.inputs) == 0 || len(n.outputs) == 0 {
			continue
		}
		first, out := n.inputs[0], n.outputs[0]
		switch n.op {
		case "Cast", "Identity":
			if ids[first] {
				ids[out] = true
			}
			fallthrough
		case "DequantizeLinear":
			if size, ok := r.tensors[first]; ok {
				rows[out] = size
			}
		case "Gather", "GatherBlockQuantized":
			if len(n.inputs) < 2 || !ids[n.inputs[1]] {
				continue
			}
			if size, ok := r.tensors[first]; ok && size > 0 {
				return size
			}
			if size := rows[first]; size > 0 {
				return size
			}
		}
	}
	return 0
}
