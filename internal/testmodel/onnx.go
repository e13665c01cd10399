package testmodel

import (
	"bufio"
	"encoding/binary"
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// Element types of onnx.TensorProto.DataType.
const (
	float32Type = 1
	int64Type   = 7
)

// Opset and irVersion are those of a usual export.
const (
	opset     = 14
	irVersion = 8
)

// graph collects an onnx.GraphProto. Weights are kept as recipes and written
// last, so that a model of a gigabyte needs no memory.
type graph struct {
	nodes   []byte
	inputs  []byte
	outputs []byte
	tensors []tensor
	named   int // nodes so far, for names
	seed    uint64
}

// tensor is an initializer: either data, or random numbers around mean.
type tensor struct {
	name         string
	dims         []int
	dtype        int
	data         []byte
	mean, spread float32
	seed         uint64
	nanRow       int // row of NaN; 0 means none
}

func (t *tensor) size() int64 {
	n := int64(4)
	if t.dtype == int64Type {
		n = 8
	}
	for _, d := range t.dims {
		n *= int64(d)
	}
	return n
}

// write writes the numbers. They are made of exact operations alone, so that
// a seed gives the same bytes on every platform.
func (t *tensor) write(w *bufio.Writer) error {
	if t.data != nil {
		_, err := w.Write(t.data)
		return err
	}
	rng := rand.NewPCG(t.seed, 0x5eed)
	width := int64(t.dims[len(t.dims)-1])
	var buf [4]byte
	for i := range t.size() / 4 {
		// 24 bits are a whole float32; the sum below is rounded once.
		unit := float32(int32(rng.Uint64()>>40)-1<<23) / (1 << 23)
		v := float32(unit*t.spread) + t.mean
		if t.nanRow > 0 && i/width == int64(t.nanRow) {
			v = float32(math.NaN())
		}
		binary.LittleEndian.PutUint32(buf[:], math.Float32bits(v))
		if _, err := w.Write(buf[:]); err != nil {
			return err
		}
	}
	return nil
}

// random adds weights that are uniform in mean±spread. They follow from the
// name, so that a change of the graph leaves those of other tensors alone.
func (g *graph) random(name string, mean, spread float64, dims ...int) string {
	h := fnv.New32()
	h.Write([]byte(name))
	g.tensors = append(g.tensors, tensor{name: name, dims: dims, dtype: float32Type,
		mean: float32(mean), spread: float32(spread), seed: g.seed<<32 | uint64(h.Sum32())})
	return name
}

func (g *graph) float(name string, v float64) string {
	data := binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(v)))
	g.tensors = append(g.tensors, tensor{name: name, dtype: float32Type, data: data})
	return name
}

// ints adds whole numbers; no dims make a scalar.
func (g *graph) ints(name string, v []int, dims ...int) string {
	data := make([]byte, 0, 8*len(v))
	for _, x := range v {
		data = binary.LittleEndian.AppendUint64(data, uint64(int64(x)))
	}
	g.tensors = append(g.tensors, tensor{name: name, dims: dims, dtype: int64Type, data: data})
	return name
}

// An attr is an attribute of a node: one whole number, or a list.
type attr struct {
	name string
	ints []int
	list bool
}

func integer(name string, v int) attr     { return attr{name: name, ints: []int{v}} }
func integers(name string, v ...int) attr { return attr{name: name, ints: v, list: true} }
func (a attr) appendTo(dst []byte) []byte {
	dst = appendString(dst, 1, a.name)
	if !a.list {
		return appendInt(appendInt(dst, 3, a.ints[0]), 20, 2) // INT
	}
	for _, v := range a.ints {
		dst = appendInt(dst, 8, v)
	}
	return appendInt(dst, 20, 7) // INTS
}

// op adds a node and returns the name of its output.
func (g *graph) op(kind string, inputs []string, attrs ...attr) string {
	g.named++
	out := "/" + kind + "_" + strconv.Itoa(g.named)
	g.opTo(out, kind, inputs, attrs...)
	return out
}

func (g *graph) opTo(out, kind string, inputs []string, attrs ...attr) {
	var node []byte
	for _, in := range inputs {
		node = appendString(node, 1, in)
	}
	node = appendString(node, 2, out)
	node = appendString(node, 3, "node:"+out)
	node = appendString(node, 4, kind)
	for _, a := range attrs {
		node = appendBytes(node, 5, a.appendTo(nil))
	}
	g.nodes = appendBytes(g.nodes, 1, node)
}

// valueInfo describes an input or output. A dimension is an int or a name.
func valueInfo(name string, dtype int, dims ...any) []byte {
	var shape []byte
	for _, d := range dims {
		var dim []byte
		switch d := d.(type) {
		case int:
			dim = appendInt(dim, 1, d)
		case string:
			dim = appendString(dim, 2, d)
		}
		shape = appendBytes(shape, 1, dim)
	}
	tensorType := appendBytes(appendInt(nil, 1, dtype), 2, shape)
	return appendBytes(appendString(nil, 1, name), 2, appendBytes(nil, 1, tensorType))
}

func (g *graph) input(name string) string {
	g.inputs = appendBytes(g.inputs, 11, valueInfo(name, int64Type, "batch_size", "sequence_length"))
	return name
}

func (g *graph) output(name string, dims ...any) {
	g.outputs = appendBytes(g.outputs, 12, valueInfo(name, float32Type, dims...))
}

// write writes the model to w. Where external is not nil, the weights go there
// and the model names the file externalName.
func (g *graph) write(w, external io.Writer, externalName string) error {
	heads := make([][]byte, len(g.tensors))
	size := int64(len(g.nodes) + len(g.inputs) + len(g.outputs))
	var offset int64
	for i, t := range g.tensors {
		var head []byte
		for _, d := range t.dims {
			head = appendInt(head, 1, d)
		}
		head = appendInt(head, 2, t.dtype)
		head = appendString(head, 8, t.name)
		body := t.size()
		if external != nil && t.data == nil {
			for _, kv := range [][2]string{
				{"location", externalName}, {"offset", strconv.FormatInt(offset, 10)}, {"length", strconv.FormatInt(body, 10)},
			} {
				head = appendBytes(head, 13, appendString(appendString(nil, 1, kv[0]), 2, kv[1]))
			}
			head = appendInt(head, 14, 1) // EXTERNAL
			offset += body
			body = 0
		} else {
			head = protowire.AppendTag(head, 9, protowire.BytesType)
			head = protowire.AppendVarint(head, uint64(body))
		}
		whole := int64(len(head)) + body
		prefix := protowire.AppendVarint(protowire.AppendTag(nil, 5, protowire.BytesType), uint64(whole))
		heads[i] = append(prefix, head...)
		size += int64(len(heads[i])) + body
	}

	out := bufio.NewWriterSize(w, 1<<20)
	ext := out
	if external != nil {
		ext = bufio.NewWriterSize(external, 1<<20)
	}
	model := appendInt(nil, 1, irVersion)
	model = appendString(model, 2, "testmodel")
	model = appendBytes(model, 8, appendInt(appendString(nil, 1, ""), 2, opset))
	model = protowire.AppendTag(model, 7, protowire.BytesType)
	model = protowire.AppendVarint(model, uint64(size))
	for _, part := range [][]byte{model, g.nodes} {
		if _, err := out.Write(part); err != nil {
			return err
		}
	}
	for i, t := range g.tensors {
		if _, err := out.Write(heads[i]); err != nil {
			return err
		}
		body := out
		if t.data == nil {
			body = ext
		}
		if err := t.write(body); err != nil {
			return err
		}
	}
	for _, part := range [][]byte{g.inputs, g.outputs} {
		if _, err := out.Write(part); err != nil {
			return err
		}
	}
	if err := ext.Flush(); err != nil {
		return err
	}
	return out.Flush()
}

func appendInt(dst []byte, field protowire.Number, v int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(dst, field, protowire.VarintType), uint64(int64(v)))
}

func appendString(dst []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(dst, field, protowire.BytesType), s)
}

func appendBytes(dst []byte, field protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(dst, field, protowire.BytesType), b)
}
