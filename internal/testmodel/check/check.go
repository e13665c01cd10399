// Package check holds the tests that every backend for transformer models has
// to pass.
package check

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sheaf/engine"
	"sheaf/engine/transformer"
	"sheaf/internal/testmodel"
)

// An Opener opens the model in dir with a backend.
type Opener func(dir string, opts transformer.Options) (*transformer.Embedder, error)

// Write writes a model into a folder of the test's and returns its path.
func Write(t testing.TB, s testmodel.Spec) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "model")
	if err := s.Write(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Must opens a model and closes it when the test ends.
func (open Opener) Must(t testing.TB, dir string, opts transformer.Options) *transformer.Embedder {
	t.Helper()
	e, err := open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// Embed embeds texts.
func Embed(t testing.TB, e engine.Embedder, texts []string) *engine.Embeddings {
	t.Helper()
	emb, err := e.Embed(context.Background(), texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	return emb
}

// Row is row i of the vectors.
func Row(emb *engine.Embeddings, i int) []float32 {
	v := emb.Vectors
	return v.Data[i*v.Stride : i*v.Stride+v.Cols]
}

// Distance is the largest difference of two vectors in any dimension, and NaN
// where one of them has a NaN.
func Distance[F float32 | float64](a []float32, b []F) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	worst := 0.0
	for i := range a {
		worst = max(worst, math.Abs(float64(a[i])-float64(b[i])))
	}
	return worst
}

// Golden compares the vectors of all cases with those that were computed
// apart, one text at a time (no padding), all at once (padding), and in
// another order. tolerance is that of a number of a vector.
func Golden(t *testing.T, open Opener, tolerance float64) {
	goldens, err := testmodel.Goldens()
	if err != nil {
		t.Fatal(err)
	}
	texts := testmodel.Texts()
	for _, c := range testmodel.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			want, ok := goldens[c.Name]
			if !ok {
				t.Fatal("no golden values; run go run ./scripts/golden-onnx")
			}
			e := open.Must(t, Write(t, c.Spec), transformer.Options{KeepLength: !c.Spec.Normalize})
			all := Embed(t, e, texts)
			for i := range texts {
				if d := Distance(Row(all, i), want.Vectors[i]); !(d <= tolerance) {
					t.Errorf("text %d of all: off by %g", i, d)
				}
				alone := Embed(t, e, texts[i:i+1])
				if d := Distance(Row(alone, 0), want.Vectors[i]); !(d <= tolerance) {
					t.Errorf("text %d alone: off by %g", i, d)
				}
			}
			if want := longer(want, c.Spec.MaxTokens); !slices.Equal(all.Truncated, want) {
				t.Errorf("truncated %v, want %v", all.Truncated, want)
			}
		})
	}
}

// longer is the texts that fill the limit and, as none is exactly that long,
// were cut.
func longer(g testmodel.Golden, limit int) []int {
	var cut []int
	for i, ids := range g.IDs {
		if len(ids) == limit {
			cut = append(cut, i)
		}
	}
	return cut
}

// Neighbours sees that a text's vector does not depend on the texts beside it,
// on their order, or on the number of threads. It embeds n texts in six ways.
func Neighbours(t *testing.T, open Opener, n int) {
	const tolerance = 1e-5
	for _, a := range []testmodel.Architecture{testmodel.BERT, testmodel.MPNet, testmodel.RoBERTa} {
		t.Run(string(a), func(t *testing.T) {
			spec := testmodel.Small(a, "mean_tokens")
			dir := Write(t, spec)
			texts := Random(1, n, 70)
			e := open.Must(t, dir, transformer.Options{Threads: 1})
			want := Embed(t, e, texts)

			perm := rand.New(rand.NewPCG(2, 2)).Perm(len(texts))
			mixed := make([]string, len(texts))
			for to, from := range perm {
				mixed[to] = texts[from]
			}
			others := map[string]*transformer.Embedder{
				"same":              e,
				"small batches":     open.Must(t, dir, transformer.Options{BatchTokens: 40}),
				"one at a time":     open.Must(t, dir, transformer.Options{BatchTokens: 1}),
				"three threads":     open.Must(t, dir, transformer.Options{Threads: 3}),
				"another tokeniser": open.Must(t, dir, transformer.Options{Tokenizers: 3}),
			}
			for name, o := range others {
				got := Embed(t, o, mixed)
				for to, from := range perm {
					if d := Distance(Row(got, to), Row(want, from)); !(d <= tolerance) {
						t.Errorf("%s: text %d off by %g", name, from, d)
					}
				}
			}
		})
	}
}

// Random makes n texts of up to longest words from the test vocabulary.
func Random(seed uint64, n, longest int) []string {
	rng := rand.New(rand.NewPCG(seed, 1))
	spec := testmodel.Small(testmodel.BERT, "")
	words := spec.Tokens()[100:130]
	texts := make([]string, n)
	for i := range texts {
		for range 1 + rng.IntN(longest) {
			texts[i] += words[rng.IntN(len(words))] + " "
		}
	}
	return texts
}

// Mixed makes n texts for the large shapes: as many words as notes and chats
// have, most about 16 and some over 200, each word one token.
func Mixed(seed uint64, n int) []string {
	rng := rand.New(rand.NewPCG(seed, 3))
	texts := make([]string, n)
	for i := range texts {
		words := int(math.Exp(rng.NormFloat64()*0.9 + 2.8))
		var b strings.Builder
		for range min(max(words, 1), 250) {
			fmt.Fprintf(&b, "word%d ", 200+rng.IntN(20000))
		}
		texts[i] = b.String()
	}
	return texts
}

// Memory is a field of /proc/self/status, in bytes.
func Memory(t testing.TB, field string) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			kB, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return kB << 10
		}
	}
	t.Fatalf("no %s in /proc/self/status", field)
	return 0
}
