package testmodel_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"sheaf/internal/testmodel"
)

// digest is a sha256 over a folder's files.
func digest(t *testing.T, dir string) string {
	t.Helper()
	h := sha256.New()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
		h.Write([]byte(path))
		h.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func write(t *testing.T, s testmodel.Spec) string {
	t.Helper()
	dir := t.TempDir()
	if err := s.Write(dir); err != nil {
		t.Fatal(err)
	}
	return digest(t, dir)
}

// A seed gives the same bytes, on every platform; another seed gives others.
// The digest is written down because golden.json belongs to these bytes.
func TestDeterministic(t *testing.T) {
	const want = "d28b22ee8c0189945c5ff3ee26f14361c37bea325cd23d60316245ecd10a9530"
	s := testmodel.Small(testmodel.MPNet, "mean_tokens")
	if got := write(t, s); got != want {
		t.Errorf("digest %s, want %s; if that is meant, run go run ./scripts/golden-onnx", got, want)
	}
	s.Seed++
	if write(t, s) == want {
		t.Error("the seed changes nothing")
	}
}

func TestWriteErrors(t *testing.T) {
	for name, change := range map[string]func(*testmodel.Spec){
		"heads that do not divide": func(s *testmodel.Spec) { s.Heads = 5 },
		"too small a vocabulary":   func(s *testmodel.Spec) { s.Vocab = testmodel.MinVocab - 1 },
	} {
		s := testmodel.Small(testmodel.BERT, "")
		change(&s)
		if s.Write(t.TempDir()) == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Every vocabulary has each token once, and as many as it says.
func TestTokens(t *testing.T) {
	for _, a := range []testmodel.Architecture{testmodel.BERT, testmodel.MPNet, testmodel.RoBERTa} {
		s := testmodel.Small(a, "")
		s.Vocab = testmodel.MinVocab
		tokens := s.Tokens()
		if len(tokens) != testmodel.MinVocab {
			t.Errorf("%s: %d tokens, want %d", a, len(tokens), testmodel.MinVocab)
		}
		seen := map[string]bool{}
		for _, token := range tokens {
			if seen[token] {
				t.Errorf("%s: token %q is there twice", a, token)
			}
			seen[token] = true
		}
	}
}

// There are golden values for each case and text, and for nothing else.
func TestGoldens(t *testing.T) {
	g, err := testmodel.Goldens()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range testmodel.Cases() {
		if n := len(testmodel.Texts()); len(g[c.Name].IDs) != n || len(g[c.Name].Vectors) != n {
			t.Errorf("%s: %d lists of ids and %d vectors for %d texts", c.Name, len(g[c.Name].IDs), len(g[c.Name].Vectors), n)
		}
	}
	if len(g) != len(testmodel.Cases()) {
		t.Errorf("%d golden cases, want %d", len(g), len(testmodel.Cases()))
	}
}
