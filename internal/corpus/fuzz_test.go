package corpus

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fuzzFormat reads whatever it is given as one format. Nothing may panic, and
// what is read keeps the rules of every result.
func fuzzFormat(f *testing.F, format Format, extensions ...string) {
	for _, extension := range extensions {
		paths, err := filepath.Glob("testdata/notes/*" + extension)
		if err != nil || len(paths) == 0 {
			f.Fatalf("no samples with %s: %v", extension, err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		notes, err := ReadNotes(context.Background(), []Input{textInput("f", string(data))}, Options{Format: format})
		if err != nil {
			if notes != nil || !strings.Contains(err.Error(), "f") {
				t.Errorf("error %v beside %v", err, notes)
			}
			return
		}
		checkNotes(t, notes)
		again, err := ReadNotes(context.Background(), []Input{textInput("f", string(data))}, Options{Format: format})
		if err != nil || dump(notes) != dump(again) {
			t.Errorf("read again: %v\n%s\nbefore\n%s", err, dump(again), dump(notes))
		}
	})
}

func FuzzAuto(f *testing.F) {
	fuzzFormat(f, FormatAuto, ".txt", ".md", ".csv", ".tsv", ".json", ".jsonl", ".opml", ".mm", ".enex")
}
func FuzzLines(f *testing.F)    { fuzzFormat(f, FormatLines, ".txt") }
func FuzzMarkdown(f *testing.F) { fuzzFormat(f, FormatMarkdown, ".md") }
func FuzzCSV(f *testing.F)      { fuzzFormat(f, FormatCSV, ".csv") }
func FuzzTSV(f *testing.F)      { fuzzFormat(f, FormatTSV, ".tsv") }
func FuzzJSON(f *testing.F)     { fuzzFormat(f, FormatJSON, ".json") }
func FuzzJSONL(f *testing.F)    { fuzzFormat(f, FormatJSONL, ".jsonl") }
func FuzzKeep(f *testing.F)     { fuzzFormat(f, FormatKeep, "keep-*.json") }
func FuzzTrello(f *testing.F)   { fuzzFormat(f, FormatTrello, "trello.json") }
func FuzzOPML(f *testing.F)     { fuzzFormat(f, FormatOPML, ".opml") }
func FuzzFreeMind(f *testing.F) { fuzzFormat(f, FormatFreeMind, ".mm") }
func FuzzENEX(f *testing.F)     { fuzzFormat(f, FormatENEX, ".enex") }

// FuzzStickyNotes damages a database and its log, each at one place or by
// cutting it short; from a random file SQLite reads no more than its header.
func FuzzStickyNotes(f *testing.F) {
	path := plum(f, true, noteTable, "PRAGMA wal_checkpoint(truncate)", sampleRows)
	db, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	wal, err := os.ReadFile(path + "-wal")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint16(0), []byte{}, uint16(0), []byte{}, uint16(0))
	f.Add(uint16(4096), []byte{0xff}, uint16(40), []byte{1, 2}, uint16(100))
	f.Fuzz(func(t *testing.T, at uint16, patch []byte, walAt uint16, walPatch []byte, cut uint16) {
		raw := &rawInput{bytes: string(patched(db, at, patch, cut)), wal: patched(wal, walAt, walPatch, cut)}
		notes := &Notes{}
		if err := readInput(context.Background(), notes, "f", raw, FormatStickyNotes, ""); err != nil {
			return
		}
		for _, d := range notes.Documents {
			if isBlank(d.Text) {
				t.Errorf("blank note %q", d.Text)
			}
		}
	})
}

func patched(data []byte, at uint16, patch []byte, cut uint16) []byte {
	data = slices.Clone(data[:len(data)-int(cut)%len(data)])
	copy(data[int(at)%len(data):], patch)
	return data
}

func FuzzEscapeMarkdown(f *testing.F) {
	for _, seed := range []string{"- a", "1. b\n\n  2) c", "\\", "# d\r\ne", "[x] TODO ```\n~~~", "\u200e\n-", "= -"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		// What the reader itself can give: no broken UTF-8, \n between lines.
		text = trim(unixLines(strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")))
		if isBlank(text) || len(text) > maxItem/2 {
			return
		}
		written := "- before\n- " + EscapeMarkdown(text) + "\n- after\n"
		notes, err := ReadNotes(context.Background(), []Input{textInput("a.md", written)}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := texts(notes), []string{"before", text, "after"}; !slices.Equal(got, want) {
			t.Errorf("wrote %q, read %q, want %q", written, got, want)
		}
	})
}

func FuzzHTML(f *testing.F) {
	f.Add("<p>a<br/>b</p><ul><li>c<li>d</ul>")
	f.Add("<title><script></pre></li></li><en-todo/>")
	f.Fuzz(func(t *testing.T, s string) {
		for _, line := range htmlLines(s) {
			if isBlank(line.text) || line.item < 0 {
				t.Errorf("line %+v", line)
			}
		}
	})
}
