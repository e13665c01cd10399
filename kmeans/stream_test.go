package kmeans

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func rawBytes(x []float32) []byte {
	var b []byte
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func npyBytes(header string, x []float32) []byte {
	for (10+len(header)+1)%64 != 0 {
		header += " "
	}
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)+1), byte((len(header)+1)>>8))
	return append(append(b, header+"\n"...), rawBytes(x)...)
}

// TestStreamIsFit: from the same centroids, to the same stop, rows that are
// read give what rows in memory give, whatever the blocks they come in.
func TestStreamIsFit(t *testing.T) {
	n, d, k := 900, 6, 9
	x, _ := blobs(n, d, 12, 0.6, 4)
	w := make([]float32, n)
	for i := range w {
		w[i] = float32(i % 4)
	}
	for _, o := range []Options{{}, {Weights: w}, {Spherical: true}, {MaxIter: 3}} {
		o.K, o.RelTol = k, 1e-5
		o.Init = x[4*d : (4+k)*d]
		want := mustFit(t, x, n, d, o)
		for _, rows := range []int{1, 7, 192, 899, 900} {
			s := &streamer{
				ctx: context.Background(), src: RawFile(bytes.NewReader(rawBytes(x)), n, d), n: n, d: d, opts: o,
				buf: make([]float32, rows*d), labels: make([]int32, n), dist: make([]float32, n),
			}
			var err error
			if s.pool, err = newPool(2); err != nil {
				t.Fatal(err)
			}
			first, err := s.begin()
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.run(first)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Labels, want.Labels) || !near(got.Inertia, want.Inertia, 1e-6) {
				t.Errorf("%d rows at a time, %+v: inertia %v, want %v", rows, o.Spherical, got.Inertia, want.Inertia)
			}
			checkResult(t, x, n, d, o.Weights, got)
		}
	}
}

func TestStreamFromFile(t *testing.T) {
	ctx := context.Background()
	n, d, k := 12_000, 5, 8
	x, _ := blobs(n, d, k, 0.1, 6)
	src, err := NpyFile(bytes.NewReader(npyBytes(fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", n, d), x)))
	if err != nil {
		t.Fatal(err)
	}
	var want *Result
	for threads := 1; threads <= 3; threads++ {
		r, err := FitStream(ctx, src, Options{K: k, Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		checkResult(t, x, n, d, nil, r)
		if want == nil {
			want = r
		} else if !reflect.DeepEqual(r, want) {
			t.Errorf("%d threads give another result", threads)
		}
	}
	if all := mustFit(t, x, n, d, Options{K: k}); want.Inertia > 1.001*all.Inertia {
		t.Errorf("inertia is %v streamed, %v in memory", want.Inertia, all.Inertia)
	}
}

func TestStreamRefusesData(t *testing.T) {
	ctx := context.Background()
	x := make([]float32, 40)
	x[31] = float32(math.NaN())
	_, err := FitStream(ctx, RawFile(bytes.NewReader(rawBytes(x)), 20, 2), Options{K: 2})
	var bad *InputError
	if !errors.As(err, &bad) || bad.Row != 15 || bad.Col != 1 {
		t.Errorf("NaN: %v", err)
	}
	if err := shifted(&InputError{Row: 3, Col: 1, msg: "kmeans: row 3, column 1 is NaN"}, 100); err.Error() != "kmeans: row 103, column 1 is NaN" {
		t.Errorf("row 3 of a block from 100: %v", err)
	}
	_, err = FitStream(ctx, RawFile(bytes.NewReader(rawBytes(x[:30])), 20, 2), Options{K: 2})
	if !errors.Is(err, io.EOF) || !strings.Contains(err.Error(), "rows 0 to 19") {
		t.Errorf("a file cut short: %v", err)
	}
	if _, err = FitStream(ctx, RawFile(bytes.NewReader(nil), 0, 2), Options{K: 2}); err == nil {
		t.Error("no rows: no error")
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err = FitStream(cancelled, RawFile(bytes.NewReader(rawBytes(x[:30])), 15, 2), Options{K: 2}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestNpyRefuses(t *testing.T) {
	ok := "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
	for name, b := range map[string][]byte{
		"nothing":     nil,
		"text":        []byte("one line of text that is long enough"),
		"float64":     npyBytes(strings.Replace(ok, "<f4", "<f8", 1), nil),
		"big-endian":  npyBytes(strings.Replace(ok, "<f4", ">f4", 1), nil),
		"columns":     npyBytes(strings.Replace(ok, "False", "True", 1), nil),
		"a vector":    npyBytes(strings.Replace(ok, "(2, 3)", "(6,)", 1), nil),
		"three":       npyBytes(strings.Replace(ok, "(2, 3)", "(1, 2, 3)", 1), nil),
		"no columns":  npyBytes(strings.Replace(ok, "(2, 3)", "(2, 0)", 1), nil),
		"cut short":   npyBytes(ok, nil)[:30],
		"no numbers":  npyBytes(ok, nil),
		"one less":    npyBytes(ok, make([]float32, 5)),
		"huge matrix": npyBytes(strings.Replace(ok, "(2, 3)", "(2147483647, 2147483647)", 1), nil),
		"huge header": append([]byte("\x93NUMPY\x02\x00"), 255, 255, 255, 127, 0, 0),
	} {
		var bad *InputError
		if _, err := NpyFile(bytes.NewReader(b)); !errors.As(err, &bad) || bad.Hint() == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NpyFile(bytes.NewReader(npyBytes(ok, make([]float32, 6)))); err != nil {
		t.Error(err)
	}
}

func FuzzNpyFile(f *testing.F) {
	f.Add(npyBytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", make([]float32, 6)))
	f.Add([]byte("\x93NUMPY\x03\x00\x10\x00\x00\x00'<f4'"))
	f.Fuzz(func(t *testing.T, b []byte) {
		src, err := NpyFile(bytes.NewReader(b))
		if err != nil {
			return
		}
		if n, d := src.Dims(); n > 0 && d < 1000 {
			src.ReadRows(make([]float32, d), n-1) // an error or numbers, no panic
		}
	})
}
