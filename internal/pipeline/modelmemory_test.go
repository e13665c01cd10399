package pipeline

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/testmodel"
)

// age sets the times of a model's files: the digest of a file that was written
// just now is not kept.
func age(t testing.TB, model string, to time.Time) {
	t.Helper()
	err := filepath.WalkDir(model, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, to, to)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Where the store has every text the model is not loaded. What is wrong with
// its files shows when it is opened all the same, unless they look as they did
// when it worked, and then with the first new text.
func TestModelIsLoadedLate(t *testing.T) {
	model, cache := filepath.Join(t.TempDir(), "small"), t.TempDir()
	if err := testmodel.Small(testmodel.BERT, "mean_tokens").Write(model); err != nil {
		t.Fatal(err)
	}
	then := time.Unix(1_700_000_000, 0)
	age(t, model, then)
	run := func(texts string) (string, error) {
		t.Helper()
		var out bytes.Buffer
		_, err := Embed(context.Background(), []corpus.Input{input("notes", texts)}, &out, EmbedOptions{
			Common: Common{Model: model, CacheDir: cache}, Vectors: VectorsJSONL,
		})
		if err != nil && hint.Of(err) == "" {
			t.Errorf("%v has no hint", err)
		}
		return out.String(), err
	}
	first, err := run("cats\ndogs\ncats")
	if err != nil {
		t.Fatal(err)
	}

	// An operator that there is not, in a file that looks the same.
	graph := filepath.Join(model, "model.onnx")
	good, err := os.ReadFile(graph)
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Replace(good, []byte("\x22\x07Softmax"), []byte("\x22\x07Sofamax"), 1)
	if bytes.Equal(good, bad) {
		t.Fatal("the graph has no Softmax")
	}
	write := func(data []byte, at time.Time) {
		t.Helper()
		if err := os.WriteFile(graph, data, 0o600); err != nil {
			t.Fatal(err)
		}
		age(t, model, at)
	}
	write(bad, then)
	if again, err := run("cats\ndogs\ncats"); err != nil || again != first {
		t.Errorf("the model was loaded, or gave something else: %v", err)
	}
	if out, err := run("cats\na new one"); err == nil || out != "" || !strings.Contains(err.Error(), "Sofamax") {
		t.Errorf("a text that is not in the store: %q, %v", out, err)
	}

	// With another time it is another file.
	write(bad, then.Add(time.Hour))
	if out, err := run("cats"); err == nil || out != "" {
		t.Errorf("a model that has changed: %q, %v", out, err)
	}
	write(good[:len(good)/2], then)
	if out, err := run("cats"); err == nil || out != "" {
		t.Errorf("a model that is cut short: %q, %v", out, err)
	}
	write(good, then.Add(2*time.Hour))
	if again, err := run("cats\ndogs\ncats"); err != nil || again != first {
		t.Errorf("the model as it was: %v", err)
	}
}
