package safetensors

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// file builds a file from a header as it stands and a body.
func file(header string, body []byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	return append(b, body...)
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(0, 5).Draw(t, "rows"), rapid.IntRange(0, 5).Draw(t, "cols")
		f := rapid.SliceOfN(rapid.Float32(), rows*cols, rows*cols).Draw(t, "f")
		i := rapid.SliceOfN(rapid.Int32(), rows, rows).Draw(t, "i")
		q := rapid.SliceOfN(rapid.Int8(), cols, cols).Draw(t, "q")
		u := rapid.SliceOfN(rapid.Uint16(), rows, rows).Draw(t, "u")
		b := rapid.SliceOfN(rapid.Uint8(), cols, cols).Draw(t, "b")
		in := []Tensor{NewFloat32("f", f, rows, cols), NewInt32("i", i, rows), NewInt8("q", q, cols), NewUint16("u", u, rows), NewUint8("v", b, cols)}
		var buf bytes.Buffer
		if err := Write(&buf, in); err != nil {
			t.Fatal(err)
		}
		out, err := Parse(buf.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if len(out) != 5 || out[0].Name != "f" || out[1].Name != "i" || out[2].Name != "q" {
			t.Fatalf("tensors came back as %v", out)
		}
		gotF, err := out[0].Float32s()
		if err != nil {
			t.Fatal(err)
		}
		for j := range f {
			if math.Float32bits(gotF[j]) != math.Float32bits(f[j]) {
				t.Fatalf("float %d: %v became %v", j, f[j], gotF[j])
			}
		}
		gotI, err := out[1].Int32s()
		if err != nil {
			t.Fatal(err)
		}
		for j := range i {
			if gotI[j] != i[j] {
				t.Fatalf("int %d: %v became %v", j, i[j], gotI[j])
			}
		}
		gotU, err := out[3].Int32s()
		if err != nil {
			t.Fatal(err)
		}
		gotB, err := out[4].Int32s()
		if err != nil {
			t.Fatal(err)
		}
		for j := range u {
			if gotU[j] != int32(u[j]) {
				t.Fatalf("uint16 %d: %v became %v", j, u[j], gotU[j])
			}
		}
		for j := range b {
			if gotB[j] != int32(b[j]) {
				t.Fatalf("uint8 %d: %v became %v", j, b[j], gotB[j])
			}
		}
		gotQ, err := out[2].Float32s()
		if err != nil {
			t.Fatal(err)
		}
		for j := range q {
			if gotQ[j] != float32(q[j]) {
				t.Fatalf("int8 %d: %v became %v", j, q[j], gotQ[j])
			}
		}
	})
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		data       []byte
	}{
		{"empty", "shorter", nil},
		{"cut in the header", "cut short", file(`{"a":{"dtype":"F32"`, nil)[:12]},
		{"header too long", "cut short", binary.LittleEndian.AppendUint64(nil, 1<<40)},
		{"no JSON", "header", file(`nonsense`, nil)},
		{"unknown type", "not known", file(`{"a":{"dtype":"Q4","shape":[1],"data_offsets":[0,1]}}`, []byte{0})},
		{"shape and bytes differ", "takes 8 bytes", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, make([]byte, 4))},
		{"outside the file", "outside", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, make([]byte, 4))},
		{"negative shape", "out of range", file(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, make([]byte, 4))},
		{"overflowing shape", "out of range", file(`{"a":{"dtype":"F64","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,4]}}`, make([]byte, 4))},
		{"offsets backwards", "outside", file(`{"a":{"dtype":"I8","shape":[1],"data_offsets":[1,0]}}`, make([]byte, 4))},
	} {
		_, err := Parse(tt.data)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: Parse = %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}

func TestFloat16(t *testing.T) {
	for _, tt := range []struct {
		h    uint16
		want float32
	}{
		{0x0000, 0}, {0x3c00, 1}, {0xc000, -2}, {0x7bff, 65504}, {0x3555, 0.33325195},
		{0x0400, 6.1035156e-05}, {0x0001, 5.9604645e-08}, {0x03ff, 6.0975552e-05}, {0x8001, -5.9604645e-08},
		{0x7c00, float32(math.Inf(1))}, {0xfc00, float32(math.Inf(-1))},
	} {
		if got := Float16(tt.h); got != tt.want {
			t.Errorf("Float16(%#04x) = %v, want %v", tt.h, got, tt.want)
		}
	}
	if got := Float16(0x8000); got != 0 || !math.Signbit(float64(got)) {
		t.Errorf("Float16(0x8000) = %v, want -0", got)
	}
	if got := Float16(0x7e00); got == got {
		t.Errorf("Float16(0x7e00) = %v, want NaN", got)
	}
}

func TestWrongTypes(t *testing.T) {
	f := NewFloat32("f", []float32{1}, 1)
	if _, err := f.Int32s(); err == nil {
		t.Error("Int32s of an F32 tensor gave no error")
	}
	i := Tensor{Name: "i", DType: I64, Shape: []int{1}, Data: binary.LittleEndian.AppendUint64(nil, 1<<40)}
	if _, err := i.Int32s(); err == nil {
		t.Error("Int32s of 1<<40 gave no error")
	}
	if _, err := (&Tensor{Name: "b", DType: "BF16", Shape: []int{1}, Data: []byte{0, 0}}).Float32s(); err == nil {
		t.Error("Float32s of BF16 gave no error")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, make([]byte, 4)))
	f.Add(file(`{"__metadata__":{"x":"y"},"a":{"dtype":"I8","shape":[0],"data_offsets":[0,0]}}`, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		tensors, err := Parse(b)
		if err != nil {
			return
		}
		for i := range tensors {
			if got, want := len(tensors[i].Data), tensors[i].Len()*tensors[i].DType.size(); got != want {
				t.Fatalf("tensor %q has %d bytes, want %d", tensors[i].Name, got, want)
			}
			// Every accepted tensor can be read or refused, never panics.
			if _, err := tensors[i].Float32s(); err != nil {
				_ = err.Error()
			}
			if _, err := tensors[i].Int32s(); err != nil {
				_ = err.Error()
			}
		}
	})
}
