package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/blas/blas32"
	"pgregory.net/rapid"

	"sheaf/engine"
	"sheaf/engine/static"
)

// fake is an embedder that counts. A text that begins with "?" has no vector,
// one that ends with "…" is truncated.
type fake struct {
	info   engine.Info
	prompt string
	calls  [][]string
	fail   int // the call that fails, from 1
	closed bool
}

var errFake = errors.New("the model failed")

func newFake() *fake {
	return &fake{info: engine.Info{Model: "fake", Digest: "sha256:f", TokenizerDigest: "sha256:t", Backend: "onnx", Provider: "cpu", Dim: 3, Pooling: "mean", MaxTokens: 8}}
}

func (f *fake) Info() engine.Info { return f.info }
func (f *fake) Prompt() string    { return f.prompt }
func (f *fake) Close() error      { f.closed = true; return nil }

func (f *fake) vector(text string) []float32 {
	v := make([]float32, f.info.Dim)
	for i, c := range []byte(f.prompt + text) {
		v[i%len(v)] += float32(int(c) * (i + 1))
	}
	n := blas32.Nrm2(blas32.Vector{N: len(v), Inc: 1, Data: v})
	if n == 0 {
		v[0], n = 1, 1
	}
	for i := range v {
		v[i] /= n
	}
	return v
}

func (f *fake) Embed(ctx context.Context, texts []string, progress func(int)) (*engine.Embeddings, error) {
	f.calls = append(f.calls, slices.Clone(texts))
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(f.calls) == f.fail {
		return nil, errFake
	}
	d := f.info.Dim
	e := &engine.Embeddings{Vectors: blas32.General{Rows: len(texts), Cols: d, Stride: d, Data: make([]float32, len(texts)*d)}}
	for i, t := range texts {
		if strings.HasSuffix(t, "…") {
			e.Truncated = append(e.Truncated, i)
		}
		if strings.HasPrefix(t, "?") {
			e.Empty = append(e.Empty, i)
			continue
		}
		copy(e.Vectors.Data[i*d:], f.vector(t))
	}
	if progress != nil {
		progress(len(texts))
	}
	return e, nil
}

// embedded is how many texts reached the embedder.
func (f *fake) embedded() (n int) {
	for _, c := range f.calls {
		n += len(c)
	}
	return n
}

// opened puts a store in dir before f.
func opened(t testing.TB, f engine.Embedder, dir string) engine.Embedder {
	t.Helper()
	e := (&keeper{c: &Common{CacheDir: dir, Note: func(line string) { t.Errorf("note %q", line) }}}).before(f)
	if _, ok := e.(*cached); !ok {
		t.Fatal("no store")
	}
	return e
}

func mustEmbed(t testing.TB, e engine.Embedder, texts ...string) *engine.Embeddings {
	t.Helper()
	out, err := e.Embed(context.Background(), texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func mustClose(t testing.TB, e engine.Embedder) {
	t.Helper()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

func sameEmbeddings(a, b *engine.Embeddings) bool {
	return a.Vectors.Rows == b.Vectors.Rows && a.Vectors.Cols == b.Vectors.Cols && a.Vectors.Stride == b.Vectors.Stride &&
		slices.EqualFunc(a.Vectors.Data, b.Vectors.Data, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) }) &&
		slices.Equal(a.Truncated, b.Truncated) && slices.Equal(a.Empty, b.Empty)
}

func TestCached(t *testing.T) {
	dir := t.TempDir()
	f := newFake()
	e := opened(t, f, dir)
	texts := []string{"cats", "dogs", "?", "cats", "a long one…", "?", ""}
	want := mustEmbed(t, newFake(), texts...)
	if got := mustEmbed(t, e, texts...); !sameEmbeddings(got, want) {
		t.Errorf("cold: %+v, want %+v", got, want)
	}
	if len(f.calls) != 1 || !slices.Equal(f.calls[0], []string{"cats", "dogs", "?", "a long one…", ""}) {
		t.Errorf("the embedder was given %q, not what is missing in one call", f.calls)
	}
	mustClose(t, e)
	if !f.closed {
		t.Error("the embedder is not closed")
	}

	f = newFake()
	e = opened(t, f, dir)
	if got := mustEmbed(t, e, texts...); !sameEmbeddings(got, want) || len(f.calls) > 0 {
		t.Errorf("warm: %+v after the calls %q", got, f.calls)
	}
	mixed := []string{"new", "dogs", "new", "a long one…", "?other", "cats"}
	if got := mustEmbed(t, e, mixed...); !sameEmbeddings(got, mustEmbed(t, newFake(), mixed...)) {
		t.Errorf("mixed: %+v", got)
	}
	if len(f.calls) != 1 || !slices.Equal(f.calls[0], []string{"new", "?other"}) {
		t.Errorf("the embedder was given %q", f.calls)
	}
	if got := mustEmbed(t, e); got.Vectors.Rows != 0 || len(f.calls) != 1 {
		t.Errorf("no text: %+v, calls %q", got, f.calls)
	}
	mustClose(t, e)

	other := newFake()
	other.prompt = "query: "
	e = opened(t, other, dir)
	if got := mustEmbed(t, e, texts...); sameEmbeddings(got, want) || len(other.calls) != 1 {
		t.Error("another prompt has the same vectors")
	}
	mustClose(t, e)
}

// With and without the store, whatever was embedded before, the answer is the same.
func TestCachedIsTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFake()
		e := opened(t, f, t.TempDir())
		defer mustClose(t, e)
		text := rapid.SampledFrom([]string{"", "a", "b", "c", "?", "?d", "e…", "?f…"})
		for range rapid.IntRange(1, 4).Draw(rt, "calls") {
			texts := rapid.SliceOfN(text, 0, 8).Draw(rt, "texts")
			if got, want := mustEmbed(t, e, texts...), mustEmbed(t, newFake(), texts...); !sameEmbeddings(got, want) {
				rt.Fatalf("%q: %+v, want %+v", texts, got, want)
			}
		}
		if n := f.embedded(); n > 8 {
			rt.Fatalf("%d texts were embedded, there are only 8", n)
		}
	})
}

// A run that fails keeps what it had, and the progress never goes back.
func TestCachedGoesOn(t *testing.T) {
	dir := t.TempDir()
	texts := make([]string, 3*firstWindow)
	for i := range texts {
		texts[i] = fmt.Sprint("text ", i)
	}
	f := newFake()
	f.fail = 2
	e := opened(t, f, dir)
	if _, err := e.Embed(context.Background(), texts, nil); !errors.Is(err, errFake) {
		t.Fatalf("error %v", err)
	}
	mustClose(t, e)
	f = newFake()
	e = opened(t, f, dir)
	defer mustClose(t, e)
	var seen []int
	if _, err := e.Embed(context.Background(), texts, func(done int) { seen = append(seen, done) }); err != nil {
		t.Fatal(err)
	}
	if f.embedded() != len(texts)-firstWindow {
		t.Errorf("%d of %d were embedded, %d were kept", f.embedded(), len(texts), firstWindow)
	}
	if !slices.IsSorted(seen) || seen[0] != firstWindow || seen[len(seen)-1] != len(texts) {
		t.Errorf("progress %v", seen)
	}
}

func TestCachedEnded(t *testing.T) {
	f := newFake()
	e := opened(t, f, t.TempDir())
	defer mustClose(t, e)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Embed(ctx, []string{"a"}, nil); !errors.Is(err, context.Canceled) || len(f.calls) > 0 {
		t.Errorf("%v after %d calls", err, len(f.calls))
	}
}

// A store that cannot be used costs its use and no more.
func TestCachedWithoutStore(t *testing.T) {
	var notes []string
	c := &Common{Note: func(line string) { notes = append(notes, line) }}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.CacheDir = filepath.Join(file, "cache")
	f := newFake()
	if e := (&keeper{c: c}).before(f); e != engine.Embedder(f) || len(notes) != 1 || !strings.Contains(notes[0], "not kept") {
		t.Errorf("a folder that cannot be made: %v, notes %q", e, notes)
	}
	c.CacheDir = t.TempDir()
	e := (&keeper{c: c}).before(f)
	if err := e.(*cached).store.Close(); err != nil {
		t.Fatal(err)
	}
	notes = nil
	if got := mustEmbed(t, e, "cats"); !sameEmbeddings(got, mustEmbed(t, newFake(), "cats")) || len(notes) != 1 {
		t.Errorf("a store that fails: %+v, notes %q", got, notes)
	}
	c.NoCache = true
	c.CacheDir = filepath.Join(t.TempDir(), "cache")
	if e := (&keeper{c: c}).before(f); e != engine.Embedder(f) {
		t.Errorf("no cache: %v", e)
	}
	if _, err := os.Stat(c.CacheDir); err == nil {
		t.Error("no cache, and yet a folder")
	}
}

// Static models are quicker than the store.
func TestStaticBypassesStore(t *testing.T) {
	c := &Common{CacheDir: filepath.Join(t.TempDir(), "cache")}
	e, err := openEmbedder(c)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if _, ok := e.(*static.Model); !ok {
		t.Errorf("the built-in model is a %T", e)
	}
	if _, err := os.Stat(c.CacheDir); err == nil {
		t.Error("a store was made")
	}
}

func TestNextWindow(t *testing.T) {
	for _, tt := range []struct {
		window int
		took   time.Duration
		want   int
	}{
		{256, 0, 512}, {8192, 0, 8192}, {256, 3 * time.Second, 256}, {256, time.Minute, 128}, {1, time.Minute, 1},
	} {
		if got := nextWindow(tt.window, tt.took); got != tt.want {
			t.Errorf("nextWindow(%d, %v) = %d, want %d", tt.window, tt.took, got, tt.want)
		}
	}
}

func TestClearCache(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	e := opened(t, newFake(), dir)
	mustEmbed(t, e, "a", "b")
	mustClose(t, e)
	info, err := ClearCache(ctx, dir)
	if err != nil || info.Embeddings != 2 {
		t.Errorf("cleared %+v, %v", info, err)
	}
	if info, err = InspectCache(ctx, dir); err != nil || info.Embeddings != 0 || info.Bytes != 0 {
		t.Errorf("left %+v, %v", info, err)
	}
}
