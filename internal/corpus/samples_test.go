package corpus

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// samples returns the folder of real exports that are not part of this
// repository.
func samples(t *testing.T, elem ...string) string {
	t.Helper()
	root := os.Getenv("SHEAF_TESTDATA")
	if root == "" {
		t.Skip("SHEAF_TESTDATA is not set: the folder with data/note-samples")
	}
	return filepath.Join(append([]string{root, "data"}, elem...)...)
}

func TestKeepSamples(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(samples(t, "note-samples", "keep", "notes"), "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	var inputs []Input
	for _, path := range paths {
		inputs = append(inputs, FileInput(path))
	}
	notes, err := ReadNotes(t.Context(), inputs, Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkNotes(t, notes)
	for _, f := range notes.Files {
		if f.Format != FormatKeep {
			t.Errorf("%s is read as %s", f.Path, f.Format)
		}
	}
	if len(notes.Skipped) != 1 || notes.Skipped[0].Reason != "in the trash" {
		t.Errorf("skipped %v", notes.Skipped)
	}
	for _, want := range []string{
		"First sub-item",
		"Archived note\nThis note was archived in Google Keep before export.",
		"Multiline title note\nSecond line\nThis note has a forced new line in its title.",
	} {
		if !slices.Contains(texts(notes), want) {
			t.Errorf("%q is missing", want)
		}
	}
}

func TestBrokenKeepSamples(t *testing.T) {
	path := filepath.Join(samples(t, "note-samples", "keep"), "broken-json-note.json")
	_, err := ReadNotes(t.Context(), []Input{FileInput(path)}, Options{})
	if err == nil || !strings.HasPrefix(err.Error(), path+":8: broken JSON: ") {
		t.Errorf("error %v", err)
	}
	// A key is missing that Takeout writes, and nothing that is needed.
	path = filepath.Join(samples(t, "note-samples", "keep"), "invalid-keep-json-note.json")
	notes, err := ReadNotes(t.Context(), []Input{FileInput(path)}, Options{})
	if err != nil || len(notes.Documents) != 1 || notes.Files[0].Format != FormatKeep {
		t.Errorf("%v, error %v", notes, err)
	}
}

func TestCSVSamples(t *testing.T) {
	for _, tt := range []struct {
		path, column string
		items        int
	}{
		{"note-samples/csv/sample.csv", "Content", 5},
		{"note-samples/csv/comprehensive-test.csv", "Content", 10},
		{"banking77/train.csv", "text", 10003},
		{"banking77/test.csv", "text", 3080},
	} {
		notes, err := ReadNotes(t.Context(), []Input{FileInput(samples(t, filepath.FromSlash(tt.path)))}, Options{})
		if err != nil {
			t.Errorf("%s: %v", tt.path, err)
			continue
		}
		checkNotes(t, notes)
		if len(notes.Documents) != tt.items {
			t.Errorf("%s: %d notes, want %d; skipped %v", tt.path, len(notes.Documents), tt.items, notes.Skipped)
		}
		if remarks := strings.Join(notes.Remarks, " "); !strings.Contains(remarks, `"`+tt.column+`"`) {
			t.Errorf("%s: %s", tt.path, remarks)
		}
	}
}

func TestJSONLSample(t *testing.T) {
	notes, err := ReadNotes(t.Context(), []Input{FileInput(samples(t, "arena-hard", "question-v0.1.jsonl"))}, Options{Column: "cluster"})
	if err != nil {
		t.Fatal(err)
	}
	checkNotes(t, notes)
	if len(notes.Documents) != 500 || notes.Files[0].Format != FormatJSONL {
		t.Errorf("%d notes as %s", len(notes.Documents), notes.Files[0].Format)
	}
}
