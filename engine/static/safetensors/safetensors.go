// Package safetensors reads and writes the safetensors file format: eight
// bytes of header length, a JSON header that names each tensor's type, shape
// and place, then the tensors' bytes, little-endian and row-major.
//
// Source: https://github.com/huggingface/safetensors, "Format".
package safetensors

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
)

// maxHeader is the reference implementation's own bound on the header.
const maxHeader = 100 << 20

// A DType is the type of a tensor's elements, spelled as in the file.
type DType string

// The types that this program uses. Others are listed by Parse and refused
// when their values are asked for.
const (
	F64 DType = "F64"
	F32 DType = "F32"
	F16 DType = "F16"
	I64 DType = "I64"
	I32 DType = "I32"
	I8  DType = "I8"
	U16 DType = "U16"
	U8  DType = "U8"
)

func (t DType) size() int {
	switch t {
	case F64, I64, "U64":
		return 8
	case F32, I32, "U32":
		return 4
	case F16, U16, "BF16", "I16":
		return 2
	case I8, U8, "BOOL", "F8_E4M3", "F8_E5M2":
		return 1
	}
	return 0
}

// A Tensor is one array of a file.
type Tensor struct {
	Name  string
	DType DType
	Shape []int
	// Data is the elements, little-endian and row-major. After Parse it is a
	// view of the bytes given and lives as long as they do.
	Data []byte
}

// Len is the number of elements.
func (t *Tensor) Len() int {
	n := 1
	for _, s := range t.Shape {
		n *= s
	}
	return n
}

// Float32s returns the elements of a tensor of type F64, F32, F16 or I8 as
// float32, in a slice of their own.
func (t *Tensor) Float32s() ([]float32, error) {
	out := make([]float32, t.Len())
	switch t.DType {
	case F32:
		for i := range out {
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.Data[4*i:]))
		}
	case F64:
		for i := range out {
			out[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(t.Data[8*i:])))
		}
	case F16:
		for i := range out {
			out[i] = Float16(binary.LittleEndian.Uint16(t.Data[2*i:]))
		}
	case I8:
		for i := range out {
			out[i] = float32(int8(t.Data[i]))
		}
	default:
		return nil, fmt.Errorf("tensor %q has type %s; want F32, F64, F16 or I8", t.Name, t.DType)
	}
	return out, nil
}

// Int32s returns the elements of a tensor of type I32, I64, U16 or U8. A value
// that does not fit an int32 is an error.
func (t *Tensor) Int32s() ([]int32, error) {
	out := make([]int32, t.Len())
	switch t.DType {
	case I32:
		for i := range out {
			out[i] = int32(binary.LittleEndian.Uint32(t.Data[4*i:]))
		}
	case I64:
		for i := range out {
			v := int64(binary.LittleEndian.Uint64(t.Data[8*i:]))
			if v != int64(int32(v)) {
				return nil, fmt.Errorf("tensor %q: element %d is %d, which is no 32-bit index", t.Name, i, v)
			}
			out[i] = int32(v)
		}
	case U16:
		for i := range out {
			out[i] = int32(binary.LittleEndian.Uint16(t.Data[2*i:]))
		}
	case U8:
		for i := range out {
			out[i] = int32(t.Data[i])
		}
	default:
		return nil, fmt.Errorf("tensor %q has type %s; want I32, I64, U16 or U8", t.Name, t.DType)
	}
	return out, nil
}

// Float16 widens an IEEE 754 half-precision number; every one of them is
// exact in float32.
func Float16(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exp := uint32(h>>10) & 0x1f
	frac := uint32(h) & 0x3ff
	switch exp {
	case 0: // zero or subnormal: frac × 2⁻²⁴
		f := float32(frac) * (1.0 / (1 << 24))
		return math.Float32frombits(math.Float32bits(f) | sign)
	case 0x1f: // infinity or NaN
		return math.Float32frombits(sign | 0xff<<23 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+127-15)<<23 | frac<<13)
}

type entry struct {
	DType   DType    `json:"dtype"`
	Shape   []int64  `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// Parse reads a whole file that lies in b, in memory or mapped. The tensors
// are views of b, sorted by name. Shapes and offsets are checked, so that no
// tensor reaches outside b.
func Parse(b []byte) ([]Tensor, error) {
	if len(b) < 8 {
		return nil, errors.New("not a safetensors file: shorter than its header length")
	}
	n := binary.LittleEndian.Uint64(b)
	if n > maxHeader || n > uint64(len(b)-8) {
		return nil, fmt.Errorf("not a safetensors file, or one cut short: a header of %d bytes in a file of %d", n, len(b))
	}
	var header map[string]json.RawMessage
	if err := json.Unmarshal(b[8:8+n], &header); err != nil {
		return nil, fmt.Errorf("safetensors header: %w", err)
	}
	body := b[8+n:]
	var tensors []Tensor
	for _, name := range slices.Sorted(maps.Keys(header)) { // of several broken ones, the same is named each time
		if name == "__metadata__" {
			continue
		}
		var e entry
		if err := json.Unmarshal(header[name], &e); err != nil {
			return nil, fmt.Errorf("safetensors header, tensor %q: %w", name, err)
		}
		t := Tensor{Name: name, DType: e.DType, Shape: make([]int, len(e.Shape))}
		want := int64(e.DType.size())
		if want == 0 {
			return nil, fmt.Errorf("tensor %q: type %q is not known", name, e.DType)
		}
		for i, s := range e.Shape {
			if s < 0 || s > math.MaxInt32 || (s > 0 && want > math.MaxInt64/s) {
				return nil, fmt.Errorf("tensor %q: shape %v is out of range", name, e.Shape)
			}
			t.Shape[i] = int(s)
			want *= s
		}
		lo, hi := e.Offsets[0], e.Offsets[1]
		if lo < 0 || hi < lo || hi > int64(len(body)) {
			return nil, fmt.Errorf("tensor %q: bytes %d to %d lie outside the file's %d (is the file cut short?)", name, lo, hi, len(body))
		}
		if hi-lo != want {
			return nil, fmt.Errorf("tensor %q: shape %v of %s takes %d bytes, the file has %d", name, e.Shape, e.DType, want, hi-lo)
		}
		t.Data = body[lo:hi:hi]
		tensors = append(tensors, t)
	}
	return tensors, nil
}

// Write writes tensors in the order given, without gaps, as the format wants
// it: put those of wide elements first to keep them aligned. The same tensors
// give the same bytes. Data must have the length that DType and Shape say;
// Write panics if it has not.
func Write(w io.Writer, tensors []Tensor) error {
	var header strings.Builder
	header.WriteByte('{')
	var at int64
	for i := range tensors {
		t := &tensors[i]
		if t.DType.size()*t.Len() != len(t.Data) {
			panic(fmt.Sprintf("safetensors: tensor %q of %v %s has %d bytes", t.Name, t.Shape, t.DType, len(t.Data)))
		}
		shape := make([]int64, len(t.Shape))
		for j, s := range t.Shape {
			shape[j] = int64(s)
		}
		name, err := json.Marshal(t.Name)
		if err != nil {
			return err
		}
		e, err := json.Marshal(entry{t.DType, shape, [2]int64{at, at + int64(len(t.Data))}})
		if err != nil {
			return err
		}
		if i > 0 {
			header.WriteByte(',')
		}
		header.Write(name)
		header.WriteByte(':')
		header.Write(e)
		at += int64(len(t.Data))
	}
	header.WriteByte('}')
	for header.Len()%8 != 0 {
		header.WriteByte(' ')
	}
	var length [8]byte
	binary.LittleEndian.PutUint64(length[:], uint64(header.Len()))
	if _, err := w.Write(length[:]); err != nil {
		return err
	}
	if _, err := io.WriteString(w, header.String()); err != nil {
		return err
	}
	for i := range tensors {
		if _, err := w.Write(tensors[i].Data); err != nil {
			return err
		}
	}
	return nil
}

// NewFloat32 makes a tensor of type F32.
func NewFloat32(name string, values []float32, shape ...int) Tensor {
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return Tensor{Name: name, DType: F32, Shape: shape, Data: data}
}

// NewInt32 makes a tensor of type I32.
func NewInt32(name string, values []int32, shape ...int) Tensor {
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, uint32(v))
	}
	return Tensor{Name: name, DType: I32, Shape: shape, Data: data}
}

// NewInt8 makes a tensor of type I8.
func NewInt8(name string, values []int8, shape ...int) Tensor {
	data := make([]byte, len(values))
	for i, v := range values {
		data[i] = byte(v)
	}
	return Tensor{Name: name, DType: I8, Shape: shape, Data: data}
}

// NewUint16 makes a tensor of type U16.
func NewUint16(name string, values []uint16, shape ...int) Tensor {
	data := make([]byte, 0, 2*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint16(data, v)
	}
	return Tensor{Name: name, DType: U16, Shape: shape, Data: data}
}

// NewUint8 makes a tensor of type U8.
func NewUint8(name string, values []uint8, shape ...int) Tensor {
	return Tensor{Name: name, DType: U8, Shape: shape, Data: values}
}
