package static

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"sheaf/engine/static/safetensors"
)

// A table is rows×dim numbers that stay as they lie in the file.
type table struct {
	rows, dim int
	dtype     safetensors.DType
	data      []byte
}

func find(tensors []safetensors.Tensor, name string) *safetensors.Tensor {
	for i := range tensors {
		if tensors[i].Name == name {
			return &tensors[i]
		}
	}
	return nil
}

// maxDims is far beyond any model's dimensions; each text takes four bytes for
// each of them, which a small file could say are a thousand million.
const maxDims = 1 << 16

func newTable(t *safetensors.Tensor) (table, error) {
	if t == nil {
		return table{}, errors.New(`no tensor "embeddings"`)
	}
	if len(t.Shape) != 2 || t.Shape[0] == 0 || t.Shape[1] == 0 {
		return table{}, fmt.Errorf("tensor %q has shape %v; want rows×dimensions", t.Name, t.Shape)
	}
	if t.Shape[1] > maxDims {
		return table{}, fmt.Errorf("tensor %q has %d dimensions; want at most %d", t.Name, t.Shape[1], maxDims)
	}
	switch t.DType {
	case safetensors.F32, safetensors.F16, safetensors.I8:
	default:
		return table{}, fmt.Errorf("tensor %q has type %s; want F32, F16 or I8", t.Name, t.DType)
	}
	return table{rows: t.Shape[0], dim: t.Shape[1], dtype: t.DType, data: t.Data}, nil
}

// typeName is what engine.Info calls the type of the numbers.
func (t *table) typeName() string {
	return map[safetensors.DType]string{safetensors.F32: "float32", safetensors.F16: "float16", safetensors.I8: "int8"}[t.dtype]
}

// add adds w times the row to dst, which has length dim. The conversions keep
// multiplication and addition apart on every platform.
func (t *table) add(dst []float32, row int, w float32) {
	switch t.dtype {
	case safetensors.I8:
		src := t.data[row*t.dim : (row+1)*t.dim]
		for i := range dst {
			dst[i] += float32(w * float32(int8(src[i])))
		}
	case safetensors.F16:
		src := t.data[2*row*t.dim : 2*(row+1)*t.dim]
		for i := range dst {
			dst[i] += float32(w * safetensors.Float16(binary.LittleEndian.Uint16(src[2*i:])))
		}
	default:
		src := t.data[4*row*t.dim : 4*(row+1)*t.dim]
		for i := range dst {
			dst[i] += float32(w * math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:])))
		}
	}
}
