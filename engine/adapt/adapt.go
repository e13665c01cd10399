// Package adapt fits the vectors of a static model to the collection they
// are from. An embedder gives each text the same vector whatever stands
// beside it; how much each of a model's blocks should count, and which words
// go together in this collection, is a second step with a record of its own.
package adapt

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
)

// Options say how to fit. The zero value fits by the size of the collection.
type Options struct {
	// Gamma is the weight of the LSA block against the general one, 0 for no
	// such block. nil means DefaultGamma from MinDocuments on; below, there is
	// none, and from 20 texts on what no other text shares is taken off the
	// vectors of a model with concepts.
	Gamma *float64
	// Threads is how many goroutines work at once, but for the small matrix
	// products, which are gonum's; 0 means GOMAXPROCS. It never changes a
	// result.
	Threads int
}

// A Fit is what was fitted, as it goes into a run's manifest.
type Fit struct {
	Beta      float64 // weight of the block "concepts" against the general one; 0 where the model has none
	Gamma     float64 // weight of the LSA block against the general one; 0 where there is none
	Dims      int     // dimensions of the LSA block
	Noise     float64 // singular value up to which directions were taken for noise; 0 where nothing was taken off
	Documents int     // distinct texts it was fitted on
}

// A Tokenizer gives the tokens of a text that the model looks at;
// *engine/static.Model is one.
type Tokenizer interface {
	AppendTokens(dst []uint32, text string) []uint32
}

const (
	// DefaultGamma is the weight of the LSA block.
	DefaultGamma = 0.5
	// MinDocuments is from how many distinct texts on there is an LSA block
	// by default: fewer do not show which words go together.
	MinDocuments = 150
)

// In a short list of short notes the words themselves hardly repeat, so that
// what kind of thing they name has to decide; in a large collection the
// general meaning tells finer groups apart. Chosen on the notes and the
// collections of a few thousand questions in models/builtin/CARD.md.
const (
	betaFew, few   = 2.5, 60
	betaMany, many = 1.1, 200
)

// Beta is the weight of the concept block for a collection of n distinct
// texts: 2.5 up to 60, 1.1 from 200 on, between them falling with log n.
func Beta(n int) float64 {
	switch {
	case n <= few:
		return betaFew
	case n >= many:
		return betaMany
	}
	t := math.Log(float64(n)/few) / math.Log(float64(many)/few)
	return betaFew + t*(betaMany-betaFew)
}

// Apply fits the vectors e of texts, n×d, which are distinct, to each other:
// the block "concepts" gets its weight for n texts, and an LSA block of the
// texts' tokens is added. It returns n×(d+Dims) vectors of unit length, which
// may share memory with e's; e is not to be used afterwards. Rows that are zero
// stay so.
//
// Apply panics if the vectors' width is not info's, or their number not that
// of the texts.
func Apply(ctx context.Context, e *engine.Embeddings, info engine.Info, texts []string, tok Tokenizer, opts Options) (blas32.General, Fit, error) {
	v, s, err := Learn(ctx, e, info, texts, tok, opts)
	if err != nil {
		return blas32.General{}, Fit{}, err
	}
	return v, s.Fit, nil
}

// Learn is [Apply] and gives beside the vectors the space they are in, so that
// texts can be placed in it later.
func Learn(ctx context.Context, e *engine.Embeddings, info engine.Info, texts []string, tok Tokenizer, opts Options) (blas32.General, *Space, error) {
	s := &Space{Fit: Fit{Documents: len(texts)}, info: info, tok: tok, threads: opts.Threads, general: info.Dim}
	s.check(e, texts)
	if _, lo, ok := info.Block(engine.Concepts); ok {
		s.general = lo
		s.Beta = Beta(len(texts))
	}
	v := s.weigh(e.Vectors)
	var gamma float64
	switch {
	case opts.Gamma != nil:
		gamma = *opts.Gamma
	case len(texts) >= MinDocuments:
		gamma = DefaultGamma
	}
	if gamma <= 0 {
		if opts.Gamma == nil && s.Beta > 0 && len(texts) >= minShrink {
			s.shared, s.Noise = shrink(v)
		}
		return v, s, nil
	}
	docs := s.tokens(texts)
	l, err := fitLSA(ctx, docs, opts.Threads)
	if err != nil || l == nil {
		return v, s, err
	}
	s.lsa, s.Gamma, s.Dims = l, gamma, l.dims
	return s.addLSA(v, docs), s, ctx.Err()
}

func length(row []float32) float64 {
	var sum float64
	for _, x := range row {
		sum += float64(float64(x) * float64(x))
	}
	return math.Sqrt(sum)
}

func normalise(row []float32) {
	n := length(row)
	if n == 0 {
		return
	}
	for j, x := range row {
		row[j] = float32(float64(x) / n)
	}
}
