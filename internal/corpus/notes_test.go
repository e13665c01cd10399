package corpus

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"sheaf/internal/hint"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// textInput is an input that holds text.
func textInput(name, text string) Input {
	return Input{Name: name, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}

// readText reads text as one input.
func readText(t testing.TB, name, text string, opts Options) *Notes {
	t.Helper()
	notes, err := ReadNotes(context.Background(), []Input{textInput(name, text)}, opts)
	if err != nil {
		t.Fatalf("ReadNotes(%s): %v", name, err)
	}
	return notes
}

func texts(n *Notes) []string {
	texts := make([]string, len(n.Documents))
	for i, d := range n.Documents {
		texts[i] = d.Text
	}
	return texts
}

// dump writes notes so that a difference can be read.
func dump(n *Notes) string {
	var b strings.Builder
	for _, f := range n.Files {
		fmt.Fprintf(&b, "file    %s %s %d items\n", f.Path, f.Format, f.Items)
	}
	for _, d := range n.Documents {
		fmt.Fprintf(&b, "note    %s %s %q %q\n", d.ID, d.Source, d.Ref, d.Text)
	}
	for _, s := range n.Skipped {
		fmt.Fprintf(&b, "skipped %s %s\n", s.Source, s.Reason)
	}
	fmt.Fprintf(&b, "blank   %d\n", n.Blank)
	for _, r := range n.Remarks {
		fmt.Fprintf(&b, "remark  %s\n", r)
	}
	return b.String()
}

// TestGolden reads each file of testdata/notes by itself and all of them
// together.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/notes/*")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	var all []Input
	for _, path := range paths {
		if filepath.Ext(path) == ".golden" {
			continue
		}
		name := filepath.Base(path)
		in := FileInput(path)
		in.Name = name
		all = append(all, in)
		t.Run(name, func(t *testing.T) {
			notes, err := ReadNotes(context.Background(), []Input{in}, Options{})
			got := ""
			if err != nil {
				got = fmt.Sprintf("error: %v\nhint: %v\n", err, hint.Of(err))
			} else {
				got = dump(notes)
			}
			golden := path + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	notes, err := ReadNotes(context.Background(), all, Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkNotes(t, notes)
	if len(notes.Files) != len(all) {
		t.Errorf("%d files for %d inputs", len(notes.Files), len(all))
	}
}

// A failer is a *testing.T or a *rapid.T.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// checkNotes checks what holds for every result.
func checkNotes(t failer, n *Notes) {
	t.Helper()
	items := 0
	for _, f := range n.Files {
		items += f.Items
		if len(f.SHA256) != 64 || f.Format == "" {
			t.Errorf("incomplete file %+v", f)
		}
	}
	if got := len(n.Documents) + len(n.Skipped); got != items {
		t.Errorf("%d documents and skips, %d items", got, items)
	}
	for i, d := range n.Documents {
		if want := fmt.Sprintf("n%d", i+1); d.ID != want {
			t.Errorf("document %d has the id %q, want %q", i, d.ID, want)
		}
		if !utf8.ValidString(d.Text) || d.Text != trim(d.Text) || isBlank(d.Text) || len(d.Text) > maxItem || d.Source == "" {
			t.Errorf("document %s is not tidy: %q", d.ID, d.Text)
		}
	}
	for _, s := range n.Skipped {
		if s.Reason == "" || s.Source == "" {
			t.Errorf("a skip says too little: %+v", s)
		}
	}
}

func TestReadNotesErrors(t *testing.T) {
	dir := t.TempDir()
	unreadable := filepath.Join(dir, "secret.txt")
	if err := os.WriteFile(unreadable, []byte("x"), 0o000); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("word ", 2<<20)
	for _, tt := range []struct {
		name   string
		inputs []Input
		opts   Options
		want   string
	}{
		{"no input", nil, Options{}, "no input"},
		{"unknown format", []Input{textInput("a", "x")}, Options{Format: "docx"}, `unknown format of notes "docx"`},
		{"empty", []Input{textInput("a.txt", "")}, Options{}, "a.txt: empty"},
		{"empty, of several", []Input{textInput("a.txt", ""), textInput("b.txt", "")}, Options{}, "2 inputs: empty"},
		{"blank", []Input{textInput("a.txt", "\n \n\u200b\n\ufeff\n")}, Options{}, "a.txt: only blank lines"},
		{"headings only", []Input{textInput("a.md", "# a\n")}, Options{}, "a.md: no notes"},
		{"missing", []Input{FileInput(filepath.Join(dir, "none.txt"))}, Options{}, filepath.Join(dir, "none.txt") + ": no such file"},
		{"folder", []Input{FileInput(dir)}, Options{}, dir + ": a folder, not a file"},
		{"binary", []Input{textInput("a.bin", "\x7fELF\x01\x00\x00\x01\x00\x00")}, Options{}, "a.bin: a binary file, not text"},
		{"binary behind the first block", []Input{textInput("a.bin", strings.Repeat("a\n", blockSize)+"\x00")}, Options{}, "a.bin: a binary file, not text"},
		{"zip", []Input{textInput("a.docx", "PK\x03\x04")}, Options{}, "a.docx: a zip archive or an office document, not text"},
		{"pdf", []Input{textInput("a.pdf", "%PDF-1.7\n")}, Options{}, "a.pdf: a PDF, not text"},
		{"web page", []Input{textInput("a.html", "<!doctype html>\n<p>x")}, Options{}, "a.html: a web page, not notes"},
		{"utf-32", []Input{textInput("a.txt", "\xff\xfe\x00\x00a\x00\x00\x00")}, Options{}, "a.txt: UTF-32 is not supported"},
		{"undefined byte", []Input{textInput("a.txt", "x\xe9\n\x81")}, Options{}, "a.txt: neither UTF-8 nor Windows-1252: byte 0x81 at offset 3"},
		{"xml charset", []Input{textInput("a.opml", "<?xml version='1.0' encoding='koi8-r'?><opml>\xc1\xc2</opml>")}, Options{}, "a.opml: the encoding koi8-r is not supported"},
		{"one long line", []Input{textInput("a.txt", long)}, Options{}, "a.txt:1: no usable note: longer than 1 MiB"},
		{"long lines", []Input{textInput("a.txt", long+"\n"+long)}, Options{}, "a.txt: none of 2 items is a usable note, the first because: a.txt:1: longer than 1 MiB"},
		{"broken JSON", []Input{textInput("a.json", "[\n\"a\",\n\"b\"\n\"c\"]")}, Options{}, "a.json:4: broken JSON: invalid character '\"' after array element"},
		{"cut JSON", []Input{textInput("a.json", "[\n\"a\",\n")}, Options{}, "a.json:2: broken JSON: unexpected end of JSON input"},
		{"more after JSON", []Input{textInput("a.json", "[\"a\"]\n]")}, Options{}, "a.json:2: broken JSON: invalid character ']' after top-level value"},
		{"JSON number", []Input{textInput("a.json", "7")}, Options{}, "a.json: no list of notes in it"},
		{"empty object", []Input{textInput("a.json", "{}")}, Options{}, "a.json:1: no usable note: an empty object"},
		{"object without a text", []Input{textInput("a.json", `{"size": 7}`)}, Options{}, "a.json:1: no usable note: an object without a text"},
		{"empty name", []Input{textInput("a.json", "{}"), FileInput("")}, Options{}, "input 2 of 2: an empty name"},
		{"wrong type", []Input{textInput("a.json", "{\"isTrashed\": false,\n\"title\": 7}")}, Options{}, "a.json:2: broken JSON: \"title\" is of the type number"},
		{"broken XML", []Input{textInput("a.opml", "<opml>\n<body>\n<outline text='a'>\n</body></opml>")}, Options{}, "a.opml:4: broken XML: an element is closed by the end tag of another"},
		{"other XML", []Input{textInput("a.opml", "<rss>\n</rss>")}, Options{}, "a.opml:1: broken XML: another element where <opml> is expected"},
		{"no XML", []Input{textInput("a.opml", "words")}, Options{}, "a.opml:1: broken XML: no <opml> in it"},
		{"entity", []Input{textInput("a.opml", "<!DOCTYPE opml [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n<opml><outline text=\"&b;\"/></opml>")}, Options{}, "a.opml:2: broken XML: an & that begins no known entity"},
		{"no column", []Input{textInput("a.csv", "id,text\n1,a\n")}, Options{Column: "note"}, `a.csv: no column "note"`},
		{"no key", []Input{textInput("a.json", `[{"id":"1","text":"a"}]`)}, Options{Column: "note"}, `a.json: no key "note"`},
		{"column in lines", []Input{textInput("a.txt", "a")}, Options{Column: "note"}, `a.txt: read as lines, which has no columns to find "note" in`},
		{"deep XML", []Input{textInput("a.opml", "<opml>"+strings.Repeat("<b>", maxDepth))}, Options{}, "a.opml:1: broken XML: elements are nested deeper than 10000"},
		{"cut XML", []Input{textInput("a.mm", "<map>\n<node>\n<richcontent>")}, Options{}, "a.mm:3: broken XML: the end comes too early"},
		{"not SQLite", []Input{textInput("a.txt", "words")}, Options{Format: FormatStickyNotes}, "a.txt: not a SQLite database"},
		{"no permission", []Input{FileInput(unreadable)}, Options{}, unreadable + ": no permission to read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "no permission" && os.Geteuid() == 0 {
				t.Skip("root may read every file")
			}
			notes, err := ReadNotes(context.Background(), tt.inputs, tt.opts)
			if err == nil {
				t.Fatalf("no error, but\n%s", dump(notes))
			}
			if err.Error() != tt.want {
				t.Errorf("error %q, want %q", err, tt.want)
			}
			if h := hint.Of(err); h == "" || strings.HasSuffix(h, ".") || strings.Contains(h, "\n") {
				t.Errorf("hint %q", h)
			}
		})
	}
}

// Beside others a broken input is one skip, and nothing of it is a note.
func TestBrokenInputBesideOthers(t *testing.T) {
	for _, tt := range []struct {
		name   string
		broken Input
		want   Skip
		format Format
	}{
		{"JSON", textInput("b.json", "[\n\"x\",\n"), Skip{"b.json:2", "broken JSON: unexpected end of JSON input", true}, FormatJSON},
		{"Keep", textInput("b.json", "{\"isTrashed\":false,\n\"title\":7}"), Skip{"b.json:2", "broken JSON: \"title\" is of the type number", true}, FormatKeep},
		{"no notes", textInput("b.json", "7"), Skip{"b.json", "no list of notes in it", true}, FormatJSON},
		{"XML", textInput("b.opml", "<opml>\n<outline text='x'/><outline text='y'/>"), Skip{"b.opml:2", "broken XML: the end comes too early", true}, FormatOPML},
		{"encoding", textInput("b.txt", "x\xe9\n\x81"), Skip{"b.txt", "neither UTF-8 nor Windows-1252: byte 0x81 at offset 3", true}, FormatAuto},
		{"PDF", textInput("b.pdf", "%PDF-1.7\n"), Skip{"b.pdf", "a PDF, not text", true}, FormatAuto},
		{"zip", textInput("b.docx", "PK\x03\x04"+strings.Repeat("\x00", 2*blockSize)), Skip{"b.docx", "a zip archive or an office document, not text", true}, FormatAuto},
		{"gzip", textInput("b.gz", "\x1f\x8b"), Skip{"b.gz", "compressed with gzip, not text", true}, FormatAuto},
		{"binary", textInput("b.bin", "\x7fELF\x01\x00\x00"), Skip{"b.bin", "a binary file, not text", true}, FormatAuto},
		{"binary later", textInput("b.txt", strings.Repeat("a\n", blockSize)+"\x00"), Skip{"b.txt", "a binary file, not text", true}, FormatAuto},
		{"web page", textInput("b.html", "<!doctype html>\n<p>x"), Skip{"b.html", "a web page, not notes", true}, FormatAuto},
		{"SQLite", textInput("b", "SQLite format 3\x00"), Skip{"b", "not a SQLite database", true}, FormatStickyNotes},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i := range 3 {
				inputs := slices.Insert([]Input{textInput("a.json", `["one"]`), textInput("c.txt", "two\n")}, i, tt.broken)
				notes, err := ReadNotes(t.Context(), inputs, Options{})
				if err != nil {
					t.Fatal(err)
				}
				checkNotes(t, notes)
				if got := texts(notes); !slices.Equal(got, []string{"one", "two"}) || !slices.Equal(notes.Skipped, []Skip{tt.want}) {
					t.Errorf("got %q, skipped %v, want %v", got, notes.Skipped, tt.want)
				}
				raw := read(t, tt.broken)
				if sum := fmt.Sprintf("%x", sha256.Sum256(raw)); notes.Files[i].SHA256 != sum {
					t.Errorf("sum %s, want %s", notes.Files[i].SHA256, sum)
				}
				if f := notes.Files[i]; f.Path != tt.broken.Name || f.Items != 1 || f.Format != tt.format {
					t.Errorf("file %+v", f)
				}
				if len(notes.Remarks) > 0 {
					t.Errorf("remarks %q", notes.Remarks)
				}
			}
		})
	}
}

func read(t *testing.T, in Input) []byte {
	t.Helper()
	r, err := in.Open()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(r)
	if cerr := r.Close(); err != nil || cerr != nil {
		t.Fatal(err, cerr)
	}
	return raw
}

// An input that is no text may have no end: alone it is not read on.
func TestBinaryAloneIsNotReadOn(t *testing.T) {
	r := io.MultiReader(strings.NewReader("%PDF-1.7\n"+strings.Repeat("x", blockSize)), iotest.ErrReader(os.ErrClosed))
	in := Input{Name: "-", Open: func() (io.ReadCloser, error) { return io.NopCloser(r), nil }}
	if _, err := ReadNotes(t.Context(), []Input{in}, Options{}); err == nil || err.Error() != "-: a PDF, not text" {
		t.Errorf("error %v", err)
	}
}

// What was named by mistake ends the run, whatever stands beside it.
func TestWrongInputBesideOthers(t *testing.T) {
	for _, tt := range []struct {
		in   Input
		opts Options
	}{
		{FileInput(filepath.Join(t.TempDir(), "none")), Options{}},
		{FileInput(t.TempDir()), Options{}},
		{textInput("a.csv", "id,text\n1,a\n"), Options{Column: "x"}},
	} {
		good := textInput("b.csv", "id,text,x\n1,a,b\n")
		if notes, err := ReadNotes(t.Context(), []Input{good, tt.in}, tt.opts); err == nil {
			t.Errorf("%s: no error, but\n%s", tt.in.Name, dump(notes))
		}
	}
}

func TestMissingFileKeepsItsCause(t *testing.T) {
	_, err := ReadNotes(context.Background(), []Input{FileInput("no-such-file")}, Options{})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v hides os.ErrNotExist", err)
	}
}

// A reader that breaks off is not one that ends.
func TestCutReader(t *testing.T) {
	for _, cause := range []error{io.ErrUnexpectedEOF, os.ErrClosed} {
		in := Input{Name: "-", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader("a note\n"), iotest.ErrReader(cause))), nil
		}}
		if _, err := ReadNotes(t.Context(), []Input{in}, Options{}); !errors.Is(err, cause) {
			t.Errorf("error %v, want %v", err, cause)
		}
	}
}

// A file without notes beside others is no error, but it is said.
func TestEmptyFileBesideOthers(t *testing.T) {
	notes, err := ReadNotes(t.Context(), []Input{textInput("a.txt", ""), textInput("b.txt", "b")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(notes.Remarks, ";"); got != "a.txt: no notes in it" || len(notes.Files) != 2 {
		t.Errorf("remarks %q, files %v", got, notes.Files)
	}
}

func TestHintsNameTheChoices(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		opts       Options
		want       string
	}{
		{"a.csv", "id,text,Title\n1,a,b\n", Options{Column: "note"}, "choose one of: id, text, Title"},
		{"a.json", `[{"text":"a","x":{"y":"b"}}]`, Options{Column: "note"}, "choose one of: text, x.y"},
		{"a.txt", "a", Options{Format: "x"}, "choose one of auto, lines, markdown, keep, trello, opml, freemind, enex, stickynotes, csv, tsv, json, jsonl"},
	} {
		_, err := ReadNotes(context.Background(), []Input{textInput(tt.name, tt.text)}, tt.opts)
		if got := hint.Of(err); got != tt.want {
			t.Errorf("%s: hint %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestProgressCountsAllInputs(t *testing.T) {
	var got []int64
	inputs := []Input{textInput("a", "one\n"), textInput("b", strings.Repeat("x\n", blockSize))}
	_, err := ReadNotes(context.Background(), inputs, Options{Progress: func(n int64) { got = append(got, n) }})
	if err != nil {
		t.Fatal(err)
	}
	want := []int64{4, 4 + blockSize, 4 + 2*blockSize}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("progress %v, want %v", got, want)
	}
}

// endless is a reader that never ends; it cancels after some blocks.
type endless struct {
	cancel context.CancelFunc
	blocks int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.blocks--; e.blocks == 0 {
		e.cancel()
	}
	for i := range p {
		p[i] = "a\n"[i&1]
	}
	return len(p), nil
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	in := Input{Name: "-", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(&endless{cancel, 3}), nil
	}}
	if _, err := ReadNotes(ctx, []Input{in}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("reading: %v", err)
	}

	// Canceled when the bytes are there and the items are being read.
	samples := map[Format]string{
		FormatLines:    strings.Repeat("note\n", 5000),
		FormatMarkdown: strings.Repeat("- note\n", 5000),
		FormatCSV:      "text\n" + strings.Repeat("note\n", 5000),
		FormatJSONL:    strings.Repeat("\"note\"\n", 5000),
		FormatJSON:     "[" + strings.Repeat("\"note\",\n", 5000) + "\"end\"]",
		FormatOPML:     "<opml>" + strings.Repeat("<outline text='a'/>\n", 5000) + "</opml>",
	}
	for format, text := range samples {
		ctx, cancel := context.WithCancel(context.Background())
		opts := Options{Format: format, Progress: func(int64) { cancel() }}
		if _, err := ReadNotes(ctx, []Input{textInput("a", text)}, opts); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// lineNumber returns the line that a source names.
func lineNumber(t failer, source string) int {
	_, number, _ := strings.Cut(source, ":")
	n, err := strconv.Atoi(number)
	if err != nil {
		t.Fatalf("source %q: %v", source, err)
	}
	return n
}
