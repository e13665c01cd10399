package pipeline

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/report"
)

// npyFile is a file as Embed wants it for npy.
func npyFile(t *testing.T) (*report.AtomicFile, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "v.npy")
	f, err := report.CreateAtomic(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Abort)
	return f, path
}

// embedText runs Embed over a text in every format and returns the rows; nil is
// null.
func embedText(t *testing.T, format VectorFormat, name, text string, threads int) [][]float32 {
	t.Helper()
	opts := EmbedOptions{Common: Common{Threads: threads}, Vectors: format}
	if format == VectorsNPY {
		f, path := npyFile(t)
		if _, err := Embed(context.Background(), []corpus.Input{input(name, text)}, f, opts); err != nil {
			t.Fatal(err)
		}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return readNPY(t, raw)
	}
	var b bytes.Buffer
	if _, err := Embed(context.Background(), []corpus.Input{input(name, text)}, &b, opts); err != nil {
		t.Fatal(err)
	}
	var rows [][]float32
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSuffix(line, "\n")
		if format == VectorsCSV {
			line = "[" + line + "]"
		}
		var row []float32
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

var npyDict = regexp.MustCompile(`^\{'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\), \} *\n$`)

// readNPY reads version 1.0 of the format.
func readNPY(t *testing.T, raw []byte) [][]float32 {
	t.Helper()
	if len(raw) < 10 || string(raw[:8]) != "\x93NUMPY\x01\x00" {
		t.Fatalf("no npy: %q", raw[:min(len(raw), 10)])
	}
	data := 10 + int(binary.LittleEndian.Uint16(raw[8:]))
	m := npyDict.FindSubmatch(raw[10:data])
	if data%64 != 0 || m == nil {
		t.Fatalf("header of %d bytes: %q", data, raw[10:data])
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	d, err := strconv.Atoi(string(m[2]))
	if err != nil || len(raw)-data != 4*n*d {
		t.Fatalf("%d bytes for %d×%d, %v", len(raw)-data, n, d, err)
	}
	rows := make([][]float32, n)
	for i := range rows {
		for j := range d {
			rows[i] = append(rows[i], math.Float32frombits(binary.LittleEndian.Uint32(raw[data+4*(i*d+j):])))
		}
	}
	return rows
}

// Every format has the model's own vectors, bit by bit, in the order of the
// input, whatever the number of threads and however many windows there are.
func TestEmbedFormats(t *testing.T) {
	if testing.Short() {
		t.Skip("many runs one after another, which the race detector makes twenty times slower")
	}
	for _, n := range []int{1, windowRecords, windowRecords + 3} {
		var lines []string
		for i := range n {
			lines = append(lines, fmt.Sprintf("note %d on cats and %s", i%50, []string{"dogs", "wine", "rent"}[i%3]))
		}
		e, err := openEmbedder(&Common{})
		if err != nil {
			t.Fatal(err)
		}
		want := mustEmbed(t, e, lines...)
		for _, format := range []VectorFormat{VectorsJSONL, VectorsCSV, VectorsNPY} {
			for _, threads := range []int{1, 3} {
				rows := embedText(t, format, "notes.txt", strings.Join(lines, "\n")+"\n", threads)
				if len(rows) != n {
					t.Fatalf("%s, %d threads: %d rows of %d", format, threads, len(rows), n)
				}
				for i, row := range rows {
					if !slices.Equal(row, want.Vectors.Data[i*want.Vectors.Stride:][:want.Vectors.Cols]) {
						t.Fatalf("%s, %d threads: row %d of %d is not that of %q", format, threads, i, n, lines[i])
					}
				}
			}
		}
		mustClose(t, e)
	}
}

// NumPy reads what is written.
func TestNumPyReads(t *testing.T) {
	const python = "/usr/bin/python3"
	if out, err := exec.Command(python, "-c", "import numpy").CombinedOutput(); err != nil {
		t.Skipf("no NumPy for %s (Debian: python3-numpy): %v: %s", python, err, out)
	}
	f, path := npyFile(t)
	text := strings.Repeat("cats\ndogs\nwine\n", 1000)
	if _, err := Embed(context.Background(), []corpus.Input{input("n.txt", text)}, f, EmbedOptions{Vectors: VectorsNPY}); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "-c", `
import sys, numpy
a = numpy.load(sys.argv[1], allow_pickle=False)
assert a.dtype == numpy.float32 and a.flags.c_contiguous
assert numpy.allclose(numpy.linalg.norm(a, axis=1), 1)
print(a.shape[0], [float(x) for x in a[1]])`, path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	count, numbers, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	var row []float32
	if err := json.Unmarshal([]byte(numbers), &row); err != nil || count != "3000" {
		t.Fatalf("%s rows, %v", count, err)
	}
	if want := embedText(t, VectorsJSONL, "n.txt", "dogs\n", 1); !slices.Equal(row, want[0]) {
		t.Error("NumPy reads another vector")
	}
}

// Records without a vector: null in jsonl, an error that names the line elsewhere.
func TestEmbedMissing(t *testing.T) {
	const text = "{\"text\":\"cats\"}\n{\"text\":\"\"}\n\n{\"text\":7}\n{\"text\":\"\ue000\"}\n{\"text\":\"dogs\"}\n"
	var notes []string
	opts := EmbedOptions{Vectors: VectorsJSONL, Common: Common{Note: func(l string) { notes = append(notes, l) }}}
	var b bytes.Buffer
	incomplete, err := Embed(context.Background(), []corpus.Input{input("n.jsonl", text)}, &b, opts)
	if err != nil {
		t.Fatal(err)
	}
	var nulls []int
	for i, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		if line == "null" {
			nulls = append(nulls, i)
		}
	}
	if !slices.Equal(nulls, []int{1, 2, 3}) {
		t.Errorf("null in the rows %v", nulls)
	}
	if len(incomplete) != 1 || !strings.Contains(incomplete[0], "2 of 5 records") || !strings.Contains(incomplete[0], "n.jsonl:4: not a text") {
		t.Errorf("incomplete: %q", incomplete)
	}
	if !slices.Contains(notes, "empty records, for which null stands: 1") {
		t.Errorf("notes %q", notes)
	}
	for _, format := range []VectorFormat{VectorsCSV, VectorsNPY} {
		f, _ := npyFile(t)
		_, err := Embed(context.Background(), []corpus.Input{input("n.jsonl", text)}, f, EmbedOptions{Vectors: format})
		if err == nil || err.Error() != "n.jsonl:2: no vector: empty" || !strings.Contains(hint.Of(err), "jsonl") {
			t.Errorf("%s: %v, hint %q", format, err, hint.Of(err))
		}
	}
	// A card that is put away has no row, and is not missing.
	b.Reset()
	notes = nil
	board := `{"lists":[{"id":"l"}],"cards":[{"name":"cats","idList":"l"},{"name":"dogs","closed":true,"idList":"l"}]}`
	incomplete, err = Embed(context.Background(), []corpus.Input{input("b.json", board)}, &b, opts)
	if err != nil || len(incomplete) > 0 || strings.Count(b.String(), "\n") != 1 || !slices.Contains(notes, "items that are deleted or put away, which have no row: 1") {
		t.Errorf("%d rows, %q, notes %q, %v", strings.Count(b.String(), "\n"), incomplete, notes, err)
	}
}

// A failingWriter fails after so many bytes.
type failingWriter struct{ left int }

var errFull = errors.New("full")

func (w *failingWriter) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestEmbedFails(t *testing.T) {
	in := []corpus.Input{input("n.txt", strings.Repeat("cats\n", 3*windowRecords))}
	ctx := context.Background()
	if _, err := Embed(ctx, in, &failingWriter{1000}, EmbedOptions{Vectors: VectorsJSONL}); !errors.Is(err, errFull) {
		t.Errorf("a writer that fails: %v", err)
	}
	if _, err := Embed(ctx, in, io.Discard, EmbedOptions{Vectors: VectorsNPY}); !errors.Is(err, errNoNPY) {
		t.Errorf("npy into a stream: %v", err)
	}
	if _, err := Embed(ctx, in, io.Discard, EmbedOptions{Vectors: VectorsCSV, Common: Common{Model: "none"}}); err == nil {
		t.Error("a model that is not there is no error")
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Embed(ctx, in, io.Discard, EmbedOptions{Vectors: VectorsCSV}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended: %v", err)
	}
}

func TestNPYHeader(t *testing.T) {
	for _, n := range []int{0, 1, math.MaxInt} {
		b := npyHeader(n, 1<<20)
		if len(b) != npyHeaderBytes || !npyDict.Match(b[10:]) || b[len(b)-1] != '\n' {
			t.Errorf("%d rows: %q", n, b)
		}
	}
}

func TestParseVectorFormat(t *testing.T) {
	for _, name := range VectorFormats() {
		if f, err := ParseVectorFormat(strings.ToUpper(name)); err != nil || string(f) != name {
			t.Errorf("%s: %q, %v", name, f, err)
		}
	}
	if _, err := ParseVectorFormat("xml"); err == nil || hint.Of(err) == "" {
		t.Errorf("xml: %v", err)
	}
}
