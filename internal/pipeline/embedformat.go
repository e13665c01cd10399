package pipeline

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"sheaf/internal/hint"
)

// A VectorFormat is how vectors are written. Numbers are float32; as text they
// have the fewest digits that read as the same float32.
type VectorFormat string

// The formats of vectors.
const (
	VectorsJSONL VectorFormat = "jsonl" // an array on each line, or null
	VectorsCSV   VectorFormat = "csv"   // a row without a header for each
	VectorsNPY   VectorFormat = "npy"   // NumPy's, little-endian, C order, n×d
)

// VectorFormats returns the names of the formats.
func VectorFormats() []string {
	return []string{string(VectorsJSONL), string(VectorsCSV), string(VectorsNPY)}
}

// ParseVectorFormat returns the format of that name.
func ParseVectorFormat(name string) (VectorFormat, error) {
	name = strings.ToLower(name)
	if !slices.Contains(VectorFormats(), name) {
		return "", hint.Errorf("choose one of "+strings.Join(VectorFormats(), ", "), "unknown format of vectors %q", name)
	}
	return VectorFormat(name), nil
}

// A vectorWriter writes vectors of d numbers in a format.
type vectorWriter struct {
	w       io.Writer
	format  VectorFormat
	d       int
	rows    int
	buffers [][]byte // one for each thread
}

func newVectorWriter(w io.Writer, format VectorFormat, d, threads int) (*vectorWriter, error) {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	v := &vectorWriter{w: w, format: format, d: d, buffers: make([][]byte, threads)}
	if format != VectorsNPY {
		return v, nil
	}
	if _, ok := w.(io.WriterAt); !ok {
		return nil, errNoNPY
	}
	_, err := w.Write(npyHeader(0, d))
	return v, err
}

// errNoNPY is misuse by the caller, who knows where it writes.
var errNoNPY = errors.New("npy: its header is written last, which needs a file")

// hasNull says whether the format has a way to write that there is no vector.
func (v *vectorWriter) hasNull() bool { return v.format == VectorsJSONL }

// write writes a row for each vector; nil is null. The threads take a part of
// the rows each, for it is the digits that take the time.
func (v *vectorWriter) write(vectors [][]float32) error {
	part := (len(vectors) + len(v.buffers) - 1) / len(v.buffers)
	var wg sync.WaitGroup
	used := 0
	for rows := range slices.Chunk(vectors, max(part, 1)) {
		i := used
		used++
		wg.Go(func() {
			b := v.buffers[i][:0]
			for _, row := range rows {
				b = v.format.append(b, row)
			}
			v.buffers[i] = b
		})
	}
	wg.Wait()
	for _, b := range v.buffers[:used] {
		if _, err := v.w.Write(b); err != nil {
			return err
		}
	}
	v.rows += len(vectors)
	return nil
}

// finish writes what is known at the end only.
func (v *vectorWriter) finish() error {
	if v.format != VectorsNPY {
		return nil
	}
	_, err := v.w.(io.WriterAt).WriteAt(npyHeader(v.rows, v.d), 0)
	return err
}

// append appends a row.
func (f VectorFormat) append(b []byte, row []float32) []byte {
	switch f {
	case VectorsJSONL:
		if row == nil {
			return append(b, "null\n"...)
		}
		b = append(b, '[')
		b = appendNumbers(b, row)
		return append(b, "]\n"...)
	case VectorsCSV:
		return append(appendNumbers(b, row), '\n')
	case VectorsNPY:
		for _, x := range row {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
		return b
	}
	panic("pipeline: no format of vectors " + strconv.Quote(string(f)))
}

func appendNumbers(b []byte, row []float32) []byte {
	for i, x := range row {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, float64(x), 'g', -1, 32)
	}
	return b
}

// npyHeaderBytes is the length of an NPY header, a multiple of 64, with room for
// any number of rows.
const npyHeaderBytes = 128

// npyHeader is the header of version 1.0 of the format for n×d numbers. It has
// the same length for every n.
//
// Source: numpy/lib/format.py, "Format Version 1.0".
func npyHeader(n, d int) []byte {
	const magic = "\x93NUMPY\x01\x00"
	b := append(make([]byte, 0, npyHeaderBytes), magic...)
	b = binary.LittleEndian.AppendUint16(b, npyHeaderBytes-uint16(len(magic))-2)
	b = fmt.Appendf(b, "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", n, d)
	for len(b) < npyHeaderBytes-1 {
		b = append(b, ' ')
	}
	return append(b, '\n')
}
