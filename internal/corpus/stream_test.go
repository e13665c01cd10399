package corpus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"sheaf/internal/hint"
)

// tiny makes the stream go through many pieces even where a test is small.
var tiny = limits{head: 24, line: 1 << 12, ahead: 1 << 12}

func streamed(in Input, opts Options, lim limits) ([]Record, *Streamed, error) {
	var out []Record
	sum, err := stream(context.Background(), []Input{in}, opts, func(r Record) error {
		out = append(out, r)
		return nil
	}, lim)
	if err == nil && sum.Records != len(out) {
		err = fmt.Errorf("%d records were handed out, the sum says %d", len(out), sum.Records)
	}
	return out, sum, err
}

// sameNotes says how records differ from what ReadNotes gives, or "".
func sameNotes(records []Record, sum *Streamed, notes *Notes) string {
	var docs, skips []Record
	for _, r := range records {
		if r.Reason == "" {
			docs = append(docs, r)
		} else {
			skips = append(skips, r)
		}
	}
	if len(docs) != len(notes.Documents) || len(skips) != len(notes.Skipped) || sum.Blank != notes.Blank {
		return fmt.Sprintf("%d texts, %d skips, %d blank; ReadNotes has %d, %d, %d: %+v\n%+v",
			len(docs), len(skips), sum.Blank, len(notes.Documents), len(notes.Skipped), notes.Blank, records, notes)
	}
	for i, d := range notes.Documents {
		if want := (Record{Ref: d.Ref, Text: d.Text, Source: d.Source}); docs[i] != want {
			return fmt.Sprintf("%+v, want %+v", docs[i], want)
		}
	}
	for i, s := range notes.Skipped {
		if want := (Record{Source: s.Source, Reason: s.Reason, Lost: s.Lost}); skips[i] != want {
			return fmt.Sprintf("%+v, want %+v", skips[i], want)
		}
	}
	return ""
}

// Every sample, of every format, gives the same items as ReadNotes.
func TestStreamSamples(t *testing.T) {
	paths, err := filepath.Glob("testdata/notes/*")
	if err != nil || len(paths) == 0 {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, ".golden") {
			continue
		}
		notes, err := ReadNotes(context.Background(), []Input{FileInput(path)}, Options{})
		if err != nil && strings.Contains(err.Error(), "no usable note") {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		records, sum, err := streamed(FileInput(path), Options{}, streamLimits)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if diff := sameNotes(records, sum, notes); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
		if !slices.Equal(sum.Remarks, notes.Remarks) {
			t.Errorf("%s: remarks %q, want %q", path, sum.Remarks, notes.Remarks)
		}
		// In pieces too, where the format can be: half of the file decides.
		st, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		half := limits{head: int(st.Size()/2) + 1, line: 1 << 16, ahead: 1 << 12}
		records, sum, err = streamed(FileInput(path), Options{Format: notes.Files[0].Format}, half)
		if err != nil {
			t.Errorf("%s in pieces: %v", path, err)
			continue
		}
		if diff := sameNotes(records, sum, notes); diff != "" {
			t.Errorf("%s in pieces: %s", path, diff)
		}
	}
}

// checkStream compares Stream in tiny pieces with ReadNotes.
func checkStream(t *rapid.T, name, text string, opts Options, lim limits) {
	t.Helper()
	notes, err := ReadNotes(context.Background(), []Input{textInput(name, text)}, opts)
	records, sum, serr := streamed(textInput(name, text), opts, lim)
	if err != nil {
		// Without a text ReadNotes fails; Stream hands out the skips.
		if serr == nil && slices.ContainsFunc(records, func(r Record) bool { return r.Reason == "" }) {
			t.Fatalf("ReadNotes: %v; Stream gives %+v", err, records)
		}
		return
	}
	if serr != nil {
		t.Fatalf("Stream: %v", serr)
	}
	if diff := sameNotes(records, sum, notes); diff != "" {
		t.Fatal(diff)
	}
}

func drawLimits(t *rapid.T) limits {
	return limits{head: rapid.IntRange(20, 100).Draw(t, "head"), line: 1 << 12, ahead: rapid.IntRange(300, 400).Draw(t, "ahead")}
}

func lineEnd(t *rapid.T) string {
	return rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(t, "line end")
}

func TestStreamLinesIsReadNotes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.OneOf(rapid.SampledFrom([]string{"", "- cats", "* [ ] dogs", "  ", "ü", "3. Oktober", "- "}), rapid.StringMatching(`[a-zé😀 ]{0,30}`))
		text := strings.Join(rapid.SliceOfN(line, 1, 40).Draw(t, "lines"), lineEnd(t))
		if rapid.Bool().Draw(t, "mark") {
			text = bomUTF8 + text
		}
		checkStream(t, "notes.txt", text, Options{Format: FormatLines}, drawLimits(t))
	})
}

func TestStreamJSONLIsReadNotes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.OneOf(
			rapid.SampledFrom([]string{"", " ", `"cats"`, `null`, `{"text":""}`, `{"text":7}`, `{"id":1}`, `{}`, `[1]`, `{"text":"a`, `nonsense`, `{"text":"<p>red</p>","id":"x"}`}),
			rapid.Custom(func(t *rapid.T) string {
				raw, err := json.Marshal(map[string]any{"text": rapid.String().Draw(t, "text"), "id": rapid.IntRange(0, 99).Draw(t, "id")})
				if err != nil {
					t.Fatal(err)
				}
				return string(raw)
			}))
		lines := rapid.SliceOfN(line, 1, 40).Draw(t, "lines")
		text := strings.Join(append([]string{`{"text":"first"}`}, lines...), lineEnd(t))
		checkStream(t, "notes.jsonl", text, Options{Column: "text"}, drawLimits(t))
	})
}

func TestStreamCSVIsReadNotes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(rapid.StringMatching(`[a-z é]{0,12}`), rapid.StringMatching(`"[a-z,;\n é]{0,20}(""){0,2}[a-z]{0,4}"`), rapid.SampledFrom([]string{"", `""`, `a"b`, `"a"b`}))
		comma := rapid.SampledFrom([]string{",", ";", "\t"}).Draw(t, "comma")
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 1, 4), 1, 40).Draw(t, "rows")
		lines := []string{"id" + comma + "text", "1" + comma + "cats"}
		for _, r := range rows {
			lines = append(lines, strings.Join(r, comma))
		}
		text := strings.Join(lines, lineEnd(t))
		format := FormatCSV
		if comma == "\t" {
			format = FormatTSV
		}
		checkStream(t, "notes.csv", text, Options{Format: format, Column: "text"}, drawLimits(t))
	})
}

// Records come in the order of the input, whatever they are.
func TestStreamOrder(t *testing.T) {
	const table = "id,text\na,cats\nb,\nc,\"dogs\nand\"\nd,e,f\n"
	want := []Record{
		{Ref: "a", Text: "cats", Source: "t.csv:2"},
		{Source: "t.csv:3", Reason: reasonEmpty},
		{Ref: "c", Text: "dogs\nand", Source: "t.csv:4"},
		{Source: "t.csv:6", Reason: "3 fields where the first row has 2", Lost: true},
	}
	for name, lim := range map[string]limits{"whole": streamLimits, "pieces": tiny} {
		got, _, err := streamed(textInput("t.csv", table), Options{}, lim)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if !want[1].IsEmpty() || want[0].IsEmpty() || want[3].IsEmpty() {
		t.Error("IsEmpty is wrong")
	}
	// Of several inputs too, and of a format that is read as a whole.
	var got []string
	sum, err := Stream(context.Background(), []Input{textInput("a.txt", "cats\n\ndogs\n"), textInput("b.json", `["red","","blue"]`)}, Options{}, func(r Record) error {
		got = append(got, r.Source+" "+r.Text+r.Reason)
		return nil
	})
	if err != nil || fmt.Sprint(got) != "[a.txt:1 cats a.txt:3 dogs b.json:1 red b.json:1 empty b.json:1 blue]" || sum.Blank != 1 || sum.Records != 5 {
		t.Errorf("%q, %+v, %v", got, sum, err)
	}
}

func TestStreamEncodings(t *testing.T) {
	ascii := strings.Repeat("plain words\n", 20)
	for _, tt := range []struct {
		name, text, last, remark string
	}{
		{"UTF-8", ascii + "café", "café", ""},
		{"Windows-1252 from the start", "th\xe9 \x96 vert\n" + ascii + "caf\xe9\n", "café", "not UTF-8, read as Windows-1252"},
		{"Windows-1252 late", ascii + "caf\xe9\n", "café", "not UTF-8, read as Windows-1252"},
		{"UTF-8 with a broken byte late", "é\n" + ascii + "caf\xe9\n", "caf" + replacement, "U+FFFD stands once for bytes that are not UTF-8, first in line 22"},
		{"UTF-16", "\xff\xfe" + utf16le(ascii+"café"), "café", ""},
		{"UTF-16 without a mark", utf16le(ascii + "caf"), "caf", ""},
		{"CRLF", strings.ReplaceAll(ascii, "\n", "\r\n") + "cats\r\n", "cats", ""},
		{"CR", strings.ReplaceAll(ascii, "\n", "\r") + "cats\r", "cats", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, sum, err := streamed(textInput("n.txt", tt.text), Options{}, tiny)
			if err != nil {
				t.Fatal(err)
			}
			last := got[len(got)-1]
			lines := strings.Count(strings.TrimRight(strings.ReplaceAll(strings.ReplaceAll(tt.text, "\r\n", "\n"), "\r", "\n"), "\n"), "\n") + 1
			if last.Text != tt.last || last.Source != fmt.Sprint("n.txt:", lines) || len(got) != lines {
				t.Errorf("%d records, the last is %+v, want %q on line %d", len(got), last, tt.last, lines)
			}
			if remark := strings.Join(sum.Remarks, "|"); !strings.HasSuffix(remark, tt.remark) || (remark == "") != (tt.remark == "") {
				t.Errorf("remarks %q, want %q", remark, tt.remark)
			}
		})
	}
}

func utf16le(s string) string {
	var b bytes.Buffer
	for _, r := range s {
		b.WriteByte(byte(r))
		b.WriteByte(byte(r >> 8))
	}
	return b.String()
}

// What is too long is lost alone, and the lines after it keep their numbers.
func TestStreamLongLines(t *testing.T) {
	lim := limits{head: 24, line: 100, ahead: 300}
	long := strings.Repeat("é", 70_000)
	for _, end := range []string{"\n", "\r\n", "\r"} {
		lines := strings.Join([]string{"cats", long, "dogs", "", long, long, "red"}, end)
		got, sum, err := streamed(textInput("n.txt", lines), Options{Format: FormatLines}, lim)
		want := []Record{{Text: "cats", Source: "n.txt:1"}, {Source: "n.txt:2", Reason: reasonLong, Lost: true}, {Text: "dogs", Source: "n.txt:3"},
			{Source: "n.txt:5", Reason: reasonLong, Lost: true}, {Source: "n.txt:6", Reason: reasonLong, Lost: true}, {Text: "red", Source: "n.txt:7"}}
		if err != nil || !slices.Equal(got, want) || sum.Blank != 1 || len(sum.Remarks) > 0 {
			t.Errorf("%q: %+v, %+v, %v", end, got, sum, err)
		}
		records := strings.Join([]string{`{"text":"cats"}`, `{"text":"` + long + `"}`, `{"text":"dogs"}`}, end)
		got, _, err = streamed(textInput("n.jsonl", records), Options{}, lim)
		want = []Record{{Text: "cats", Source: "n.jsonl:1"}, {Source: "n.jsonl:2", Reason: reasonLong, Lost: true}, {Text: "dogs", Source: "n.jsonl:3"}}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %+v, %v", end, got, err)
		}
	}
	// A quote that nothing closes costs its row.
	table := "id,text\n1,cats\n2,\"dogs\n" + strings.Repeat("3,red\n", 500)
	got, _, err := streamed(textInput("n.csv", table), Options{}, lim)
	if err != nil || len(got) != 502 || !got[1].Lost || got[501] != (Record{Ref: "3", Text: "red", Source: "n.csv:503"}) {
		t.Errorf("%d records, the second %+v, the last %+v, %v", len(got), got[1], got[len(got)-1], err)
	}
}

func TestStreamErrors(t *testing.T) {
	many := strings.Repeat("plain words\n", 50)
	for _, tt := range []struct {
		name string
		in   Input
		opts Options
		want string
	}{
		{"empty", textInput("n.txt", ""), Options{}, "n.txt: empty"},
		{"blank", textInput("n.txt", "\n\n"), Options{}, "only blank lines"},
		{"binary", textInput("n.txt", "\x7fELF\x02\x01\x01\x00\x00\x00\x01"), Options{}, "n.txt: a binary file"},
		{"binary late", textInput("n.txt", many+"a\x00b\n"), Options{}, "n.txt: a binary file"},
		{"undefined byte late", textInput("n.txt", many+"a\x81b\n"), Options{}, "n.txt:51: neither UTF-8 nor Windows-1252: byte 0x81"},
		{"broken JSON", textInput("n.json", `["a",`), Options{}, "n.json:1: broken JSON"},
		{"no column", textInput("n.csv", "id,text\n1,a\n"+many), Options{Column: "x"}, `no column "x"`},
		{"column of lines", textInput("n.txt", many), Options{Format: FormatLines, Column: "x"}, "which has no columns"},
		{"no key", textInput("n.jsonl", strings.Repeat("{\"text\":\"a\"}\n", 20)), Options{Column: "x"}, `no key "x"`},
		{"format", textInput("n.txt", "a"), Options{Format: "x"}, "unknown format"},
		{"not there", FileInput("testdata/none.txt"), Options{}, "no such file"},
		{"a read that fails", Input{Name: "n.txt", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(many), iotest.ErrReader(errors.New("cable")))), nil
		}}, Options{Format: FormatLines}, "n.txt: cable"},
	} {
		_, _, err := streamed(tt.in, tt.opts, tiny)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		} else if hint.Of(err) == "" && !strings.Contains(tt.name, "read") {
			t.Errorf("%s: no hint", tt.name)
		}
	}
	if _, err := Stream(context.Background(), nil, Options{}, nil); err == nil {
		t.Error("no input is no error")
	}
}

// An error of each ends the reading at once, whatever the format.
func TestStreamStops(t *testing.T) {
	stop := errors.New("enough")
	for name, text := range map[string]string{
		"n.txt": strings.Repeat("a\n", 3000), "n.jsonl": strings.Repeat("\"a\"\n", 3000),
		"n.csv": "id,text\n" + strings.Repeat("1,a\n", 3000), "n.json": "[" + strings.Repeat(`"a",`, 3000) + `"a"]`,
	} {
		for _, lim := range []limits{tiny, streamLimits} {
			for _, at := range []int{1, 3000} {
				calls := 0
				_, err := stream(context.Background(), []Input{textInput(name, text)}, Options{}, func(Record) error {
					if calls++; calls == at {
						return stop
					}
					return nil
				}, lim)
				if !errors.Is(err, stop) || calls != at {
					t.Errorf("%s: %v after %d calls, want %d", name, err, calls, at)
				}
			}
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err := stream(ctx, []Input{textInput("n.txt", strings.Repeat("a\n", 1<<20))}, Options{Format: FormatLines}, func(Record) error { cancel(); return nil }, tiny)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended: %v", err)
	}
}

// repeated repeats a line until it has given so many bytes.
type repeated struct {
	line string
	at   int
	left int
}

func (e *repeated) Read(b []byte) (n int, err error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	for n < len(b) && e.left > 0 {
		k := copy(b[n:], e.line[e.at:])
		n += k
		e.left -= k
		e.at = (e.at + k) % len(e.line)
	}
	return n, nil
}

// What is held does not grow with the input.
func TestStreamMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the race detector has memory of its own")
	}
	size := 80 << 20
	for name, line := range map[string]string{
		"n.txt": "a note of some words\n", "n.jsonl": `{"text":"a note of some words"}` + "\n", "n.csv": "7,\"a note\nof words\"\n",
	} {
		in := Input{Name: name, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(line), &repeated{line: line, left: size})), nil
		}}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		before, most, n := m.HeapAlloc, uint64(0), 0
		_, err := Stream(context.Background(), []Input{in}, Options{}, func(r Record) error {
			if n++; n%(1<<18) == 0 {
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
			return nil
		})
		if err != nil || n < size/len(line)-1 {
			t.Errorf("%s: %d records, %v", name, n, err)
		}
		if most == 0 || most > before+24<<20 {
			t.Errorf("%s: %d MB held", name, (most-before)>>20)
		}
		t.Logf("%s: %d records, %d MB held", name, n, (most-before)>>20)
	}
}
