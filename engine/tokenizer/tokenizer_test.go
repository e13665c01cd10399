package tokenizer

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// readTestdata reads a file under models/ of the test data that is not part
// of the repository.
func readTestdata(tb testing.TB, path ...string) []byte {
	tb.Helper()
	root := os.Getenv("SHEAF_TESTDATA")
	if root == "" {
		tb.Skip("SHEAF_TESTDATA is not set: no vocabulary of a real model")
	}
	data, err := os.ReadFile(filepath.Join(append([]string{root, "models"}, path...)...))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// parseFile parses such a file.
func parseFile(tb testing.TB, path ...string) *Tokenizer {
	tb.Helper()
	t, err := Parse(readTestdata(tb, path...))
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func TestBERT(t *testing.T) {
	tok := parseFile(t, "tokenizers", "bert-base-uncased-vespa", "tokenizer.json")
	for _, test := range []struct {
		text string
		want []uint32
	}{
		{"", []uint32{101, 102}},
		{"Hello, world!", []uint32{101, 7592, 1010, 2088, 999, 102}},
		{"a[SEP]b", []uint32{101, 1037, 102, 1038, 102}},
		{"café", []uint32{101, 7668, 102}},
	} {
		if got := tok.Encode(test.text, true); !slices.Equal(got, test.want) {
			t.Errorf("Encode(%q) = %v, want %v", test.text, got, test.want)
		}
	}
	if got := tok.Size(); got != 30522 {
		t.Errorf("Size() = %d, want 30522", got)
	}
	if id, ok := tok.UnknownID(); id != 100 || !ok {
		t.Errorf("UnknownID() = %d, %v, want 100, true", id, ok)
	}
	if s, ok := tok.Token(2088); s != "world" || !ok {
		t.Errorf("Token(2088) = %q, %v, want world, true", s, ok)
	}
	if id, ok := tok.ID("##ing"); id != 2075 || !ok {
		t.Errorf("ID(##ing) = %d, %v, want 2075, true", id, ok)
	}
}
