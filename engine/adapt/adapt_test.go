package adapt

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"sheaf/engine"
)

// words is a tokenizer whose tokens are the hashes of words.
type words struct{}

func (words) AppendTokens(dst []uint32, text string) []uint32 {
	for w := range strings.FieldsSeq(text) {
		h := fnv.New32a()
		h.Write([]byte(w))
		dst = append(dst, h.Sum32())
	}
	return dst
}

func TestBeta(t *testing.T) {
	for n, want := range map[int]float64{0: 2.5, 1: 2.5, 60: 2.5, 200: 1.1, 100_000: 1.1} {
		if got := Beta(n); got != want {
			t.Errorf("Beta(%d) = %v, want %v", n, got, want)
		}
	}
	for n := 1; n < 300; n++ {
		if Beta(n+1) > Beta(n) {
			t.Errorf("Beta rises from %d to %d", n, n+1)
		}
	}
}

var twoBlocks = engine.Info{Dim: 5, Blocks: []engine.Block{{Name: "general", Dim: 3, Weight: 1}, {Name: "concepts", Dim: 2, Weight: 1.25}}}

// The two blocks keep their directions, and their lengths stand to each other
// as if the text had been embedded with the new weight at once.
func TestBlockWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		general := unit(rapid.SliceOfN(rapid.Float32Range(-1, 1), 3, 3).Draw(t, "general"))
		concepts := rapid.SliceOfN(rapid.Float32Range(-1, 1), 2, 2).Draw(t, "concepts")
		n := rapid.IntRange(2, 140).Draw(t, "n")
		join := func(w float64) []float32 {
			row := append([]float32(nil), general...)
			for _, x := range concepts {
				row = append(row, float32(w*float64(x)))
			}
			return unit(row)
		}
		data := make([]float32, 5*n)
		copy(data, join(1.25)) // the other rows are zero
		e := &engine.Embeddings{Vectors: blas32.General{Rows: n, Cols: 5, Stride: 5, Data: data}}
		v, fit, err := Apply(context.Background(), e, twoBlocks, make([]string, n), words{}, Options{})
		if err != nil || fit != (Fit{Beta: Beta(n), Documents: n}) || v.Cols != 5 {
			t.Fatalf("Apply = %+v, %v, %d columns", fit, err, v.Cols)
		}
		want := join(fit.Beta)
		for j := range want {
			if math.Abs(float64(want[j]-v.Data[j])) > 1e-5 {
				t.Fatalf("row = %v, want %v", v.Data[:5], want)
			}
		}
		for _, x := range v.Data[5:] {
			if x != 0 {
				t.Fatalf("a zero row became %v", v.Data[5:])
			}
		}
	})
}

func unit(v []float32) []float32 {
	normalise(v)
	return v
}

// collection is texts of two topics whose words never meet, and vectors that
// do not tell them apart.
func collection(n int) (*engine.Embeddings, []string) {
	topics := [][]string{strings.Fields("rain snow wind cloud storm sun"), strings.Fields("goal ball team match score league")}
	rng := rand.New(rand.NewPCG(1, 2))
	e := &engine.Embeddings{Vectors: blas32.General{Rows: n, Cols: 2, Stride: 2, Data: make([]float32, 2*n)}}
	var texts []string
	for i := range n {
		topic := topics[i%2]
		texts = append(texts, fmt.Sprintf("%s %s %s the", topic[rng.IntN(6)], topic[rng.IntN(6)], topic[rng.IntN(6)]))
		e.Vectors.Data[2*i] = 1
	}
	return e, texts
}

// The LSA block tells topics apart that the model cannot, is of unit length
// with the rest, and has the same bits on any number of threads.
func TestLSA(t *testing.T) {
	info := engine.Info{Dim: 2}
	var first []float32
	for _, threads := range []int{1, 2, 5} {
		e, texts := collection(400)
		v, fit, err := Apply(t.Context(), e, info, texts, words{}, Options{Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		if fit.Gamma != DefaultGamma || fit.Dims < 2 || fit.Documents != 400 || fit.Beta != 0 || v.Cols != 2+fit.Dims {
			t.Fatalf("fit %+v, %d columns", fit, v.Cols)
		}
		dot := func(i, j int) float64 {
			return float64(blas32.Dot(blas32.Vector{N: v.Cols, Inc: 1, Data: v.Data[i*v.Stride:]}, blas32.Vector{N: v.Cols, Inc: 1, Data: v.Data[j*v.Stride:]}))
		}
		var same, other float64
		for i := range 100 {
			same += dot(i, i+2) / 100
			other += dot(i, i+1) / 100
			if l := dot(i, i); math.Abs(l-1) > 1e-5 {
				t.Fatalf("row %d has the squared length %v", i, l)
			}
		}
		if same < other+0.02 {
			t.Errorf("cosine %.3f within a topic, %.3f across", same, other)
		}
		if first == nil {
			first = v.Data
		} else if !slices.Equal(first, v.Data) {
			t.Errorf("%d threads gave other bits", threads)
		}
	}
}

func TestGamma(t *testing.T) {
	none, some := 0.0, 0.9
	for _, tt := range []struct {
		n    int
		opts Options
		want float64
	}{
		{MinDocuments - 1, Options{}, 0}, {MinDocuments, Options{}, DefaultGamma},
		{400, Options{Gamma: &none}, 0}, {40, Options{Gamma: &some}, 0.9},
	} {
		e, texts := collection(tt.n)
		_, fit, err := Apply(t.Context(), e, engine.Info{Dim: 2}, texts, words{}, tt.opts)
		if err != nil || fit.Gamma != tt.want {
			t.Errorf("%d texts: %+v, %v; want gamma %v", tt.n, fit, err, tt.want)
		}
	}
	// Texts that share no word have nothing to analyse.
	e, texts := collection(200)
	for i := range texts {
		texts[i] = fmt.Sprint("only", i)
	}
	if v, fit, err := Apply(t.Context(), e, engine.Info{Dim: 2}, texts, words{}, Options{}); err != nil || fit.Gamma != 0 || v.Cols != 2 {
		t.Errorf("texts without a common word: %+v, %v", fit, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e, texts = collection(400)
	if _, _, err := Apply(ctx, e, engine.Info{Dim: 2}, texts, words{}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Apply under a cancelled context = %v", err)
	}
}

// Whatever the texts: no panic, unit rows, and the same bits on any number of
// threads.
func TestAnyCollection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vocabulary := rapid.IntRange(1, 6).Draw(t, "vocabulary")
		n := rapid.IntRange(1, 40).Draw(t, "n")
		texts := make([]string, n)
		for i := range texts {
			for range rapid.IntRange(0, 4).Draw(t, "words") {
				texts[i] += fmt.Sprint("w", rapid.IntRange(1, vocabulary).Draw(t, "word"), " ")
			}
			if rapid.Bool().Draw(t, "alone") {
				texts[i] += fmt.Sprint("only", i)
			}
		}
		gamma := 0.5
		var first []float32
		for _, threads := range []int{1, 3} {
			e := &engine.Embeddings{Vectors: blas32.General{Rows: n, Cols: 1, Stride: 1, Data: make([]float32, n)}}
			for i := range n {
				e.Vectors.Data[i] = 1
			}
			v, fit, err := Apply(context.Background(), e, engine.Info{Dim: 1}, texts, words{}, Options{Gamma: &gamma, Threads: threads})
			if err != nil {
				t.Fatal(err)
			}
			if (fit.Dims == 0) != (fit.Gamma == 0) || v.Cols != 1+fit.Dims {
				t.Fatalf("fit %+v, %d columns", fit, v.Cols)
			}
			for i := range n {
				if l := length(v.Data[i*v.Stride:][:v.Cols]); math.Abs(l-1) > 1e-5 {
					t.Fatalf("row %d has the length %v", i, l)
				}
			}
			if first != nil && !slices.Equal(first, v.Data) {
				t.Fatal("the number of threads shows")
			}
			first = v.Data
		}
	})
}

// All that repeats stands in every text.
func TestNothingTellsApart(t *testing.T) {
	e, texts := collection(300)
	for i := range texts {
		texts[i] = fmt.Sprint("i want to buy only", i)
	}
	if _, fit, err := Apply(t.Context(), e, engine.Info{Dim: 2}, texts, words{}, Options{}); err != nil || fit.Dims != 0 {
		t.Errorf("%+v, %v", fit, err)
	}
}

// The randomised decomposition spans what the exact one does.
func TestDecompositionEqualsSVD(t *testing.T) {
	_, texts := collection(300)
	docs := make([][]uint32, len(texts))
	for i, s := range texts {
		docs[i] = words{}.AppendTokens(nil, s)
	}
	l, err := fitLSA(t.Context(), docs, 2)
	if err != nil {
		t.Fatal(err)
	}
	a := mat.NewDense(len(docs), len(l.idf), nil)
	for i, d := range docs {
		for _, c := range l.weigh(d) {
			a.Set(i, int(c.index), c.value)
		}
	}
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDThin) {
		t.Fatal("no exact decomposition")
	}
	exact := svd.Values(nil)
	var us mat.Dense
	us.Mul(a, l.axes)
	for j := range l.dims {
		if got := mat.Norm(us.ColView(j), 2); math.Abs(got-exact[j]) > 1e-6*exact[0] {
			t.Errorf("singular value %d is %v, want %v", j, got, exact[j])
		}
	}
}

func TestApplyPanicsOnShape(t *testing.T) {
	e := &engine.Embeddings{Vectors: blas32.General{Rows: 1, Cols: 2, Stride: 2, Data: []float32{0.6, 0.8}}}
	for name, call := range map[string]func(){
		"width": func() {
			_, _, _ = Apply(t.Context(), e, engine.Info{Dim: 3}, []string{"a"}, words{}, Options{})
		},
		"rows": func() {
			_, _, _ = Apply(t.Context(), e, engine.Info{Dim: 2}, nil, words{}, Options{})
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Apply took a wrong %s", name)
				}
			}()
			call()
		}()
	}
}

func BenchmarkApply(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		e, texts := collection(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := Apply(b.Context(), e, engine.Info{Dim: 2}, texts, words{}, Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "texts/s")
		})
	}
}
