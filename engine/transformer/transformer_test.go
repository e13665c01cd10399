package transformer_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"sheaf/engine/transformer"
	"sheaf/internal/testmodel"
	"sheaf/internal/testmodel/check"
)

// width is the length of the fake's vectors.
const width = 8

// fake is a runner whose vector of a token says its id and where it stands,
// and that remembers what it was given.
type fake struct {
	mu      sync.Mutex
	batches []transformer.Batch
	workers int
	pooled  bool
	fail    error
	nan     bool // for the token "milk"
	before  func()
	closed  bool
}

func (f *fake) Workers() int { return max(f.workers, 1) }
func (f *fake) Close() error { f.closed = true; return nil }

func (f *fake) Provider() (name, reason string) { return "cpu", "" }

func (f *fake) Probe(b *transformer.Batch) ([]int, error) {
	if f.pooled {
		return []int{1, width}, nil
	}
	return []int{1, b.Length, width}, nil
}

func (f *fake) Run(_ int, b *transformer.Batch, dst transformer.Output) error {
	if f.before != nil {
		f.before()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.batches = append(f.batches, transformer.Batch{Rows: b.Rows, Length: b.Length, IDs: slices.Clone(b.IDs),
		Mask: slices.Clone(b.Mask), Types: slices.Clone(b.Types), Positions: slices.Clone(b.Positions)})
	for i, id := range b.IDs {
		if f.pooled {
			if i%b.Length != 0 {
				continue
			}
			i /= b.Length
		}
		v := dst.Data[i*width : (i+1)*width]
		for j := range v {
			v[j] = float32(math.Sin(float64(id)*0.7+float64(j))) + 2
		}
		if f.nan && id == milk {
			v[0] = float32(math.NaN())
		}
	}
	return f.fail
}

// milk is the token "milk" of the test vocabulary.
var milk = func() int64 {
	spec := testmodel.Small(testmodel.BERT, "")
	return int64(spec.ID("milk"))
}()

// open opens dir with the fake.
func (f *fake) open(dir string, opts transformer.Options) (*transformer.Embedder, error) {
	return transformer.Open(dir, transformer.Backend{Name: "fake", Start: func(*transformer.Folder, transformer.Value) (transformer.Runner, error) { return f, nil }}, opts)
}

func (f *fake) must(t *testing.T, spec testmodel.Spec, opts transformer.Options) *transformer.Embedder {
	t.Helper()
	return check.Opener(f.open).Must(t, check.Write(t, spec), opts)
}

func small() testmodel.Spec { return testmodel.Small(testmodel.BERT, "mean_tokens") }

// rows is the ids that reached the runner, without padding, and in no order.
func (f *fake) rows() [][]int {
	var rows [][]int
	for _, b := range f.batches {
		for r := range b.Rows {
			var ids []int
			for j := range b.Length {
				if b.Mask[r*b.Length+j] == 1 {
					ids = append(ids, int(b.IDs[r*b.Length+j]))
				}
			}
			rows = append(rows, ids)
		}
	}
	slices.SortFunc(rows, slices.Compare)
	return rows
}

// The ids, prompts and cuts of all cases are those of the numpy script.
func TestIDs(t *testing.T) {
	goldens, err := testmodel.Goldens()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range testmodel.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			f := &fake{}
			e := f.must(t, c.Spec, transformer.Options{})
			check.Embed(t, e, testmodel.Texts())
			want := slices.Clone(goldens[c.Name].IDs)
			slices.SortFunc(want, slices.Compare)
			if got := f.rows(); !slices.EqualFunc(got, want, slices.Equal) {
				t.Errorf("got %v\nwant %v", got, want)
			}
		})
	}
}

func TestBatches(t *testing.T) {
	f := &fake{workers: 3}
	spec := testmodel.Small(testmodel.RoBERTa, "mean_tokens")
	e := f.must(t, spec, transformer.Options{BatchTokens: 100})
	texts := check.Random(3, 500, 40)
	check.Embed(t, e, texts)
	tokens, padding := 0, 0
	for _, b := range f.batches {
		if n := b.Rows * b.Length; n > 100 && b.Rows > 1 {
			t.Errorf("a batch of %d×%d tokens, more than 100", b.Rows, b.Length)
		}
		for i, m := range b.Mask {
			tokens++
			if m == 0 {
				padding++
				if b.IDs[i] != 1 {
					t.Fatalf("padded with id %d, want 1", b.IDs[i])
				}
			} else if b.Positions[i] != int64(2+i%b.Length) {
				t.Fatalf("token %d has position %d, want %d", i%b.Length, b.Positions[i], 2+i%b.Length)
			}
		}
	}
	if padding*10 > tokens {
		t.Errorf("%d of %d tokens are padding", padding, tokens)
	}
}

func TestInfo(t *testing.T) {
	spec := small()
	dir := check.Write(t, spec)
	e := check.Opener((&fake{}).open).Must(t, dir, transformer.Options{})
	in := e.Info()
	if in.Model != dir || in.Backend != "fake" || in.Provider != "cpu" || in.Dim != width || in.Pooling != "mean" || in.MaxTokens != 64 {
		t.Errorf("info %+v", in)
	}
	if !strings.HasPrefix(in.Digest, "sha256:") || !strings.HasPrefix(in.TokenizerDigest, "sha256:") {
		t.Errorf("digests %q, %q", in.Digest, in.TokenizerDigest)
	}
	if len(e.Defaults()) != 0 || !e.Normalized() {
		t.Errorf("a complete folder has the defaults %q", e.Defaults())
	}
	prefix := "x "
	for name, opts := range map[string]transformer.Options{"prefix": {Prefix: &prefix}} {
		other := check.Opener((&fake{}).open).Must(t, dir, opts)
		if other.Info().Digest == in.Digest {
			t.Errorf("%s does not change the digest", name)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := check.Opener((&fake{}).open).Must(t, dir, transformer.Options{})
	if other.Info().Digest == in.Digest {
		t.Error("another config.json does not change the digest")
	}
}

// What a folder does not say is said by Defaults.
func TestDefaults(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*testmodel.Spec)
		remove string
		opts   transformer.Options
		want   []string // parts of the sentences
		max    int
	}{
		"no modules":         {change: func(s *testmodel.Spec) { s.Pooling = "" }, want: []string{"no modules.json", "no pooling"}, max: 64},
		"no length":          {change: func(s *testmodel.Spec) { s.MaxTokens = 0 }, want: []string{"66 tokens, from config.json"}, max: 66},
		"too long":           {change: func(s *testmodel.Spec) { s.MaxTokens = 512 }, want: []string{"has positions for 66"}, max: 66},
		"no config":          {remove: "config.json", want: []string{"no config.json"}, max: 64},
		"not normalized":     {change: func(s *testmodel.Spec) { s.Normalize = false }, want: []string{"does not normalise"}, max: 64},
		"unusual output":     {change: func(s *testmodel.Spec) { s.Output = "encodings" }, want: []string{"took encodings"}, max: 64},
		"prompts unused":     {change: func(s *testmodel.Spec) { s.Prompts = map[string]string{"q": "get", "d": ""} }, want: []string{"without one of d, q"}, max: 64},
		"shorter by request": {opts: transformer.Options{MaxTokens: 9}, max: 9},
		"longer by request":  {opts: transformer.Options{MaxTokens: 900}, max: 64},
		"roberta's positions": {change: func(s *testmodel.Spec) { s.Architecture, s.MaxTokens = testmodel.RoBERTa, 0 },
			want: []string{"64 tokens, from config.json"}, max: 64},
	} {
		t.Run(name, func(t *testing.T) {
			spec := small()
			if tt.change != nil {
				tt.change(&spec)
			}
			dir := check.Write(t, spec)
			if tt.remove != "" {
				if err := os.Remove(filepath.Join(dir, tt.remove)); err != nil {
					t.Fatal(err)
				}
			}
			e := check.Opener((&fake{}).open).Must(t, dir, tt.opts)
			got := e.Defaults()
			if len(got) != len(tt.want) {
				t.Errorf("defaults %q", got)
			}
			for _, part := range tt.want {
				if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, part) }) {
					t.Errorf("%q is not in %q", part, got)
				}
			}
			if e.Info().MaxTokens != tt.max {
				t.Errorf("MaxTokens %d, want %d", e.Info().MaxTokens, tt.max)
			}
		})
	}
}

func TestPrompts(t *testing.T) {
	literal := "buy: "
	prompts := map[string]string{"query": "get: ", "clustering": "plan: ", "document": ""}
	for name, tt := range map[string]struct {
		opts          transformer.Options
		defaultPrompt string
		prompts       map[string]string
		want          string
	}{
		"clustering first":  {prompts: prompts, defaultPrompt: "query", want: "plan: "},
		"then the default":  {prompts: map[string]string{"query": "get: "}, defaultPrompt: "query", want: "get: "},
		"by name":           {prompts: prompts, opts: transformer.Options{Prompt: "query"}, want: "get: "},
		"an empty prompt":   {prompts: prompts, opts: transformer.Options{Prompt: "document"}, want: ""},
		"a literal prefix":  {prompts: prompts, opts: transformer.Options{Prefix: &literal}, want: "buy: "},
		"none of the model": {want: ""},
	} {
		t.Run(name, func(t *testing.T) {
			spec := small()
			spec.Prompts, spec.DefaultPrompt = tt.prompts, tt.defaultPrompt
			if got := (&fake{}).must(t, spec, tt.opts).Prompt(); got != tt.want {
				t.Errorf("prompt %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDim(t *testing.T) {
	dir := check.Write(t, small())
	texts := []string{"buy apples", "fix the tap"}
	whole := check.Embed(t, check.Opener((&fake{}).open).Must(t, dir, transformer.Options{}), texts)
	e := check.Opener((&fake{}).open).Must(t, dir, transformer.Options{Dim: 3})
	cut := check.Embed(t, e, texts)
	if e.Info().Dim != 3 || cut.Vectors.Cols != 3 {
		t.Fatalf("%d dimensions, want 3", cut.Vectors.Cols)
	}
	for i := range texts {
		want := slices.Clone(check.Row(whole, i)[:3])
		var sum float64
		for _, x := range want {
			sum += float64(x) * float64(x)
		}
		for j := range want {
			want[j] /= float32(math.Sqrt(sum))
		}
		if d := check.Distance(check.Row(cut, i), want); !(d < 1e-6) {
			t.Errorf("text %d: %v, want %v", i, check.Row(cut, i), want)
		}
	}
}

// Texts without a known token have no vector, long ones are cut, and a model
// that pools is taken at its word.
func TestStates(t *testing.T) {
	for _, pooled := range []bool{false, true} {
		f := &fake{pooled: pooled}
		spec := small()
		spec.Prompts = map[string]string{"clustering": "plan: "}
		if pooled {
			spec.Output = "sentence_embedding"
		}
		e := f.must(t, spec, transformer.Options{})
		texts := []string{"", "buy", "\x00 \t", "日本", strings.Repeat("x", 100_000), strings.Repeat("buy bread ", 10_000), "日 buy"}
		emb := check.Embed(t, e, texts)
		if !slices.Equal(emb.Empty, []int{0, 2, 3, 4}) {
			t.Errorf("empty %v, want [0 2 3 4]: the long one is a word nobody can spell", emb.Empty)
		}
		if !slices.Equal(emb.Truncated, []int{5}) {
			t.Errorf("truncated %v, want [5]", emb.Truncated)
		}
		for i := range texts {
			var sum float64
			for _, x := range check.Row(emb, i) {
				sum += float64(x) * float64(x)
			}
			want := 1.0
			if slices.Contains(emb.Empty, i) {
				want = 0
			}
			if math.Abs(sum-want) > 1e-5 {
				t.Errorf("text %d has the length %g, want %g", i, sum, want)
			}
		}
		if emb := check.Embed(t, e, nil); emb.Vectors.Rows != 0 {
			t.Error("no texts have vectors")
		}
	}
}

func TestProgress(t *testing.T) {
	f := &fake{workers: 3}
	e := f.must(t, small(), transformer.Options{BatchTokens: 50})
	texts := append(check.Random(4, 300, 10), "", "日本")
	var calls []int
	if _, err := e.Embed(context.Background(), texts, func(done int) { calls = append(calls, done) }); err != nil {
		t.Fatal(err)
	}
	if len(calls) < 10 || !slices.IsSorted(calls) || calls[len(calls)-1] != len(texts) {
		t.Errorf("progress %v", calls)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	f := &fake{workers: 2}
	e := f.must(t, small(), transformer.Options{BatchTokens: 20})
	runs := 0
	f.before = func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if runs++; runs == 3 {
			cancel(nil)
		}
	}
	_, err := e.Embed(ctx, check.Random(5, 1000, 10), nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if runs > 5 {
		t.Errorf("%d batches after the third", runs-3)
	}
}

// Several goroutines may embed at once, and get what one would.
func TestConcurrent(t *testing.T) {
	e := (&fake{workers: 2}).must(t, small(), transformer.Options{BatchTokens: 50})
	texts := check.Random(6, 100, 12)
	want := check.Embed(t, e, texts)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			got, err := e.Embed(context.Background(), texts, nil)
			if err != nil || !slices.Equal(got.Vectors.Data, want.Vectors.Data) {
				t.Errorf("other vectors, error %v", err)
			}
		})
	}
	wg.Wait()
}

func TestEmbedErrors(t *testing.T) {
	f := &fake{nan: true}
	e := f.must(t, small(), transformer.Options{})
	_, err := e.Embed(context.Background(), []string{"buy", "milk"}, nil)
	check.WantError(t, err, "the vector of text 2 is zero or not a number")
	f.fail = errors.New("out of luck")
	_, err = e.Embed(context.Background(), []string{"buy"}, nil)
	check.WantError(t, err, "1 texts of 3 tokens: out of luck")
}

func TestOpenErrors(t *testing.T) {
	edit := func(name string, change func(m map[string]any)) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, filepath.FromSlash(name))
			m := map[string]any{}
			if data, err := os.ReadFile(path); err == nil {
				if err := json.Unmarshal(data, &m); err != nil {
					t.Fatal(err)
				}
			}
			change(m)
			data, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			put(t, path, data)
		}
	}
	file := func(name, content string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { put(t, filepath.Join(dir, filepath.FromSlash(name)), []byte(content)) }
	}
	remove := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	truncate := func(name string, keep int64) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.Truncate(filepath.Join(dir, name), keep); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, tt := range map[string]struct {
		spec   func(*testmodel.Spec)
		change func(*testing.T, string)
		opts   transformer.Options
		want   string
	}{
		"no folder":           {change: func(t *testing.T, dir string) { os.RemoveAll(dir) }, want: "no such file"},
		"no model":            {change: remove("model.onnx"), want: "holds no .onnx file"},
		"no tokenizer":        {change: remove("tokenizer.json"), want: "has no tokenizer.json"},
		"a damaged tokenizer": {change: file("tokenizer.json", "{"), want: "tokenizer.json"},
		"empty model":         {change: truncate("model.onnx", 0), want: "is empty"},
		"a cut model":         {change: truncate("model.onnx", 5000), want: "cut short"},
		"no ONNX":             {change: file("model.onnx", "version https://git-lfs.github.com/spec/v1\n"), want: "not an ONNX model"},
		"several models": {change: func(t *testing.T, dir string) {
			file("a.onnx", "")(t, dir)
			file("b.onnx", "")(t, dir)
			remove("model.onnx")(t, dir)
		}, want: "holds several .onnx files"},
		"no such file":       {opts: transformer.Options{File: "other.onnx"}, want: "has no file other.onnx"},
		"no such output":     {opts: transformer.Options{Output: "x"}, want: "no output x"},
		"no such pooling":    {opts: transformer.Options{Pooling: "x"}, want: `no pooling "x"`},
		"no such prompt":     {opts: transformer.Options{Prompt: "x"}, want: `no prompt "x"`},
		"too many tokens":    {spec: func(s *testmodel.Spec) { s.TokenizerExtra = 1 }, want: "the tokenizer has 201 tokens, the graph's table only 200 rows"},
		"no room":            {opts: transformer.Options{MaxTokens: 2}, want: "2 tokens leave no room"},
		"too many dims":      {opts: transformer.Options{Dim: 9}, want: "cannot cut vectors of 8 dimensions to 9"},
		"no external data":   {spec: external, change: remove("model.onnx_data"), want: "its weights are in model.onnx_data"},
		"cut external data":  {spec: external, change: truncate("model.onnx_data", 100), want: "the model needs"},
		"bad config":         {change: file("config.json", "["), want: "config.json"},
		"bad modules":        {change: file("modules.json", "{}"), want: "modules.json"},
		"a dense step":       {change: file("modules.json", `[{"type":"sentence_transformers.models.Dense","path":"2_Dense"}]`), want: "its step Dense (2_Dense) is not supported"},
		"modules elsewhere":  {change: file("modules.json", `[{"type":"x.Pooling","path":"../.."}]`), want: "outside the folder"},
		"two poolings":       {change: edit("1_Pooling/config.json", func(m map[string]any) { m["pooling_mode_cls_token"] = true }), want: "several poolings"},
		"no default prompt":  {change: edit("config_sentence_transformers.json", func(m map[string]any) { m["default_prompt_name"] = "x" }), want: `the default prompt "x"`},
		"a bad prompts file": {change: file("config_sentence_transformers.json", "1"), want: "config_sentence_transformers.json"},
	} {
		t.Run(name, func(t *testing.T) {
			spec := small()
			if tt.spec != nil {
				tt.spec(&spec)
			}
			dir := check.Write(t, spec)
			if tt.change != nil {
				tt.change(t, dir)
			}
			f := &fake{}
			_, err := f.open(dir, tt.opts)
			check.WantError(t, err, tt.want)
		})
	}
}

func external(s *testmodel.Spec) { s.ExternalData = true }

func put(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A runner is closed when what follows fails.
func TestOpenCloses(t *testing.T) {
	f := &fake{}
	if _, err := f.open(check.Write(t, small()), transformer.Options{Dim: 100}); err == nil || !f.closed {
		t.Errorf("error %v, closed %v", err, f.closed)
	}
}

func TestIsModel(t *testing.T) {
	dir := check.Write(t, small())
	if !transformer.IsModel(dir) || transformer.IsModel(filepath.Join(dir, "1_Pooling")) || transformer.IsModel(filepath.Join(dir, "none")) {
		t.Error("IsModel does not tell models from other folders")
	}
}
