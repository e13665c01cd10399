package pipeline

import (
	"bytes"
	"context"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"sheaf/engine/onnx"
	"sheaf/internal/corpus"
	"sheaf/internal/report"
	"sheaf/internal/testmodel"
	"sheaf/models"
)

// notesWith groups ten notes with a small random transformer and returns the
// result without its times, and what was said on the way.
func notesWith(t *testing.T, spec testmodel.Spec, change func(*Common)) (*report.Result, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "small")
	if err := spec.Write(dir); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	opts := NotesOptions{Common: Common{Model: dir, K: 3, Labeler: labelerNone, Note: func(line string) { said.WriteString(line + "\n") }}}
	if change != nil {
		change(&opts.Common)
	}
	in := input("notes", "buy milk\nbuy bread\ncall mum\nfix the tap\npay rent\nwater plants\nbuy milk\nsell the car\nread a book\nsleep")
	out, err := Notes(context.Background(), []corpus.Input{in}, opts)
	if err != nil {
		t.Fatal(err)
	}
	r := out.Result
	r.Manifest.Seconds, r.Manifest.Created = report.Seconds{}, ""
	return r, said.String()
}

func encoded(t *testing.T, r *report.Result) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, r, report.JSON, report.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A transformer model's folder runs the main job, with whatever backend there
// is; the manifest says which, what goes before a text and what was assumed.
func TestTransformer(t *testing.T) {
	spec := testmodel.Small(testmodel.BERT, "mean_tokens")
	spec.Prompts, spec.MaxTokens = map[string]string{"clustering": "a b: ", "query": "c: "}, 0
	r, said := notesWith(t, spec, nil)
	em := r.Manifest.Embedding
	if em.Backend != "onnx" && em.Backend != "purego" || em.Dim != spec.Hidden || em.Adapt != nil || !strings.HasSuffix(em.Model, "small") {
		t.Errorf("embedding %+v", em)
	}
	if em.Prompt == nil || *em.Prompt != "a b: " {
		t.Errorf("prompt %v, want the one for clustering", em.Prompt)
	}
	if len(em.Defaults) == 0 {
		t.Error("nothing is said of the length that the folder does not give")
	}
	if slow := strings.Contains(said, "slower"); slow != (em.Backend == "purego") {
		t.Errorf("computed by %s, and said: %s", em.Backend, said)
	}
	if n := r.Manifest.Counts; n.Read != 10 || n.Clustered != 10 || n.Duplicates != 1 {
		t.Errorf("counts %+v", n)
	}
	other, _ := notesWith(t, spec, func(c *Common) { c.Prompt, c.Dim = "query", 8 })
	if em := other.Manifest.Embedding; em.Dim != 8 || em.Prompt == nil || *em.Prompt != "c: " {
		t.Errorf("with another prompt and 8 dimensions: %+v", em)
	}
}

// The catalogue's prompt goes before the texts of a model that was pulled, also
// where it is named by its folder.
func TestPromptOfTheCatalogue(t *testing.T) {
	home := t.TempDir()
	dir := filepath.Join(home, "e5-small-v2")
	spec := testmodel.Small(testmodel.BERT, "mean_tokens")
	if err := spec.Write(dir); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ model, repository, want string }{
		"by name":               {"e5-small-v2", "intfloat/e5-small-v2", "query: "},
		"by folder":             {dir, "intfloat/e5-small-v2", "query: "},
		"by folder, not listed": {dir, "owner/other", ""},
		"by folder, put there":  {dir, "", ""},
		"by name, put there":    {"e5-small-v2", "", "query: "},
	} {
		if err := models.WriteRecord(dir, models.Record{Name: "e5-small-v2", Repository: tt.repository}); err != nil {
			t.Fatal(err)
		}
		r, _ := notesWith(t, spec, func(c *Common) { c.Model, c.ModelHome = tt.model, home })
		got := ""
		if p := r.Manifest.Embedding.Prompt; p != nil {
			got = *p
		}
		if got != tt.want {
			t.Errorf("%s: prompt %q, want %q", name, got, tt.want)
		}
	}
}

// A provider that is not to be had is said on the way and in the manifest.
func TestProviderFallsBack(t *testing.T) {
	if _, err := onnx.FindLibrary(onnx.Search{}); err != nil {
		t.Skipf("%v; set %s, or run scripts/setup-onnxruntime/setup.sh", err, onnx.LibraryVariable)
	}
	if runtime.GOOS == "darwin" {
		t.Skip("CoreML may be there")
	}
	spec, cache := testmodel.Small(testmodel.BERT, "mean_tokens"), t.TempDir()
	for range 2 { // the second run knows the texts
		r, said := notesWith(t, spec, func(c *Common) { c.Provider, c.CacheDir = onnx.CoreML, cache })
		em := r.Manifest.Embedding
		const reason = "coreml is not used, the CPU computes"
		if em.Provider != onnx.CPU || len(em.Defaults) != 1 || !strings.Contains(em.Defaults[0], reason) || strings.Count(said, reason) != 1 {
			t.Errorf("provider %s, defaults %q, said: %s", em.Provider, em.Defaults, said)
		}
	}
}

// Without ONNX Runtime the same model is computed in Go, and the user is told
// once; the groups are the same.
func TestWithoutRuntime(t *testing.T) {
	if _, err := onnx.FindLibrary(onnx.Search{}); err != nil {
		t.Skipf("%v; set %s, or run scripts/setup-onnxruntime/setup.sh", err, onnx.LibraryVariable)
	}
	spec := testmodel.Small(testmodel.BERT, "cls_token")
	native, _ := notesWith(t, spec, nil)
	t.Setenv(onnx.LibraryVariable, "")
	t.Setenv("LD_LIBRARY_PATH", "")
	if _, err := onnx.FindLibrary(onnx.Search{}); err == nil {
		t.Skip("ONNX Runtime is in a system folder as well")
	}
	pure, said := notesWith(t, spec, nil)
	if pure.Manifest.Embedding.Backend != "purego" || strings.Count(said, "slower") != 1 {
		t.Errorf("backend %s, said: %s", pure.Manifest.Embedding.Backend, said)
	}
	if a, b := native.Manifest.Clustering.Inertia, pure.Manifest.Clustering.Inertia; math.Abs(a-b) > 1e-3 {
		t.Errorf("inertia %v and %v", a, b)
	}
}

// The second run looks the vectors up, and gives the same bytes on any number
// of threads.
func TestTransformerIsKept(t *testing.T) {
	spec, cache := testmodel.Small(testmodel.BERT, "max_tokens"), t.TempDir()
	model := filepath.Join(t.TempDir(), "small")
	if err := spec.Write(model); err != nil {
		t.Fatal(err)
	}
	var first []byte
	for _, run := range []struct {
		threads int
		cache   string
	}{{1, cache}, {2, cache}, {2, t.TempDir()}} { // the last computes again
		r, _ := notesWith(t, spec, func(c *Common) { c.Model, c.CacheDir, c.Threads = model, run.cache, run.threads })
		got := encoded(t, r)
		if first == nil {
			first = got
		} else if !bytes.Equal(first, got) {
			t.Errorf("%d threads, kept before: %t, gave other bytes", run.threads, run.cache == cache)
		}
	}
	if st, err := os.ReadDir(cache); err != nil || len(st) == 0 {
		t.Errorf("nothing was kept: %v, %v", st, err)
	}
}

// A model's files are read once; a file that changes is read again, and what
// was kept for the old one is not taken for its own.
func TestModelDigestIsKept(t *testing.T) {
	cache, model := t.TempDir(), filepath.Join(t.TempDir(), "small")
	digest := func(seed uint64, age time.Duration) string {
		spec := testmodel.Small(testmodel.BERT, "mean_tokens")
		spec.Seed = seed
		if err := os.RemoveAll(model); err != nil {
			t.Fatal(err)
		}
		if err := spec.Write(model); err != nil {
			t.Fatal(err)
		}
		err := filepath.WalkDir(model, func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			then := time.Unix(1_700_000_000, 0).Add(age)
			return os.Chtimes(path, then, then)
		})
		if err != nil {
			t.Fatal(err)
		}
		r, _ := notesWith(t, spec, func(c *Common) { c.Model, c.CacheDir = model, cache })
		return r.Manifest.Embedding.Digest
	}
	first := digest(1, 0)
	if again := digest(1, 0); again != first {
		t.Errorf("digest %s, then %s", first, again)
	}
	if other := digest(2, time.Hour); other == first {
		t.Error("another model has the digest of the first")
	}
	// The sizes and times are those of the first model: what was remembered of
	// it is taken, which shows that it was.
	if remembered := digest(2, 0); remembered != first {
		t.Errorf("digest %s, though the files look as those of %s did", remembered, first)
	}
}

// What does not fit a model is refused before any work.
func TestTransformerRefuses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "small")
	if err := testmodel.Small(testmodel.BERT, "mean_tokens").Write(dir); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		opts Common
		want string
	}{
		{"no such prompt", Common{Model: dir, Prompt: "nothing"}, `no prompt "nothing"`},
		{"too many dimensions", Common{Model: dir, Dim: 4000}, "4000"},
		{"prompt of a static model", Common{Prompt: "query"}, "--prompt is for transformer models"},
		{"dimensions of a static model", Common{Dim: 8}, "--dim is for transformer models"},
		{"provider of a static model", Common{Provider: "coreml"}, "--provider coreml is for transformer models"},
	} {
		tt.opts.Labeler = labelerNone
		_, err := Notes(context.Background(), []corpus.Input{input("a", "cats\ndogs")}, NotesOptions{Common: tt.opts})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}
