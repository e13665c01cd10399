package kmeans

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// A rowFile is a [Source] of little-endian float32 in a file. It reads rather
// than maps: the operating system keeps what it reads in the same cache that a
// mapping would show, it works the same everywhere, and a file that is cut
// short is an error and not a signal.
type rowFile struct {
	r     io.ReaderAt
	start int64
	n, d  int
	bytes []byte
}

// RawFile is n×d little-endian float32, row after row, from the start of r.
func RawFile(r io.ReaderAt, n, d int) Source {
	if n < 0 || d < 1 {
		panic("kmeans: n < 0 or d < 1")
	}
	return &rowFile{r: r, n: n, d: d}
}

var npyShape = regexp.MustCompile(`'shape':\s*\((\d+),\s*(\d+)\s*,?\s*\)`)

// NpyFile is a matrix of float32 in numpy's format (version 1 to 3), which has
// to be little-endian and in C order.
func NpyFile(r io.ReaderAt) (Source, error) {
	bad := func(format string, args ...any) error {
		return inputErrorf("save it with numpy.save of a C-ordered float32 array of two dimensions", "kmeans: "+format, args...)
	}
	head := make([]byte, 12)
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, bad("not a .npy file: %v", err)
	}
	if string(head[:6]) != "\x93NUMPY" || head[6] < 1 || head[6] > 3 {
		return nil, bad("not a .npy file")
	}
	start, size := int64(10), int64(binary.LittleEndian.Uint16(head[8:]))
	if head[6] > 1 {
		start, size = 12, int64(binary.LittleEndian.Uint32(head[8:]))
	}
	if size > 1<<20 {
		return nil, bad("a .npy header of %d bytes", size)
	}
	text := make([]byte, size)
	if _, err := r.ReadAt(text, start); err != nil {
		return nil, bad("a .npy header that is cut short: %v", err)
	}
	header := string(text)
	if !strings.Contains(header, "'<f4'") {
		return nil, bad("numbers of another kind than little-endian float32")
	}
	if !strings.Contains(strings.ReplaceAll(header, " ", ""), "'fortran_order':False") {
		return nil, bad("a matrix column after column")
	}
	m := npyShape.FindStringSubmatch(header)
	if m == nil {
		return nil, bad("not a matrix of two dimensions")
	}
	n, err1 := strconv.Atoi(m[1])
	d, err2 := strconv.Atoi(m[2])
	if err1 != nil || err2 != nil || n > math.MaxInt32 || d < 1 || d > math.MaxInt32 {
		return nil, bad("a matrix of %s×%s", m[1], m[2])
	}
	f := &rowFile{r: r, start: start + size, n: n, d: d}
	// A header may promise what the file does not hold; better now than after
	// memory for it has been asked for.
	if n > 0 {
		if int64(d) > (math.MaxInt64-f.start)/4/int64(n) {
			return nil, bad("a matrix of %d×%d", n, d)
		}
		if m, err := r.ReadAt(head[:4], f.start+4*int64(n)*int64(d)-4); m < 4 {
			return nil, bad("a matrix of %d×%d that is cut short: %v", n, d, err)
		}
	}
	return f, nil
}

func (f *rowFile) Dims() (n, d int) { return f.n, f.d }

func (f *rowFile) ReadRows(dst []float32, lo int) error {
	if len(dst)%f.d != 0 || lo < 0 || lo+len(dst)/f.d > f.n {
		panic("kmeans: rows that the file does not have")
	}
	const some = 64 << 10
	f.bytes = resize(f.bytes, 4*min(some, len(dst)))
	at := f.start + 4*int64(lo)*int64(f.d)
	for len(dst) > 0 {
		b := f.bytes[:4*min(some, len(dst))]
		// A read of all there is may come with io.EOF.
		if n, err := f.r.ReadAt(b, at); n < len(b) {
			return fmt.Errorf("%d bytes at %d: %w", len(b), at, err)
		}
		for i := range len(b) / 4 {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
		dst, at = dst[len(b)/4:], at+int64(len(b))
	}
	return nil
}
