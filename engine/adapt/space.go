package adapt

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"

	"sheaf/engine"
)

// A Space is what a collection was fitted to. It places other texts where they
// would lie had they been fitted with the collection without changing the fit.
// It is not changed by that and may be used by several goroutines at once.
type Space struct {
	Fit

	info    engine.Info
	tok     Tokenizer
	threads int
	general int        // dimensions of the model's block "general"
	shared  *mat.Dense // d×d, projects on what is shared; nil where nothing was taken off
	lsa     *lsa       // nil where there is none
}

// Place puts the vectors e of texts, as the space's model gave them, into the
// space, n×(d+Dims). A text of the collection gets the vector that [Learn] gave
// it, but for rounding where directions were taken off. Place may overwrite e,
// and panics on wrong shapes, as Learn does.
func (s *Space) Place(ctx context.Context, e *engine.Embeddings, texts []string) (blas32.General, error) {
	s.check(e, texts)
	v := s.weigh(e.Vectors)
	switch {
	case s.shared != nil:
		s.project(v)
	case s.lsa != nil:
		v = s.addLSA(v, s.tokens(texts))
	}
	return v, ctx.Err()
}

func (s *Space) check(e *engine.Embeddings, texts []string) {
	if v := e.Vectors; v.Cols != s.info.Dim || v.Rows != len(texts) {
		panic(fmt.Sprintf("adapt: %d×%d vectors, %d texts, a model of %d dimensions", v.Rows, v.Cols, len(texts), s.info.Dim))
	}
}

func (s *Space) tokens(texts []string) [][]uint32 {
	docs := make([][]uint32, len(texts))
	each(len(texts), s.threads, func(i int) { docs[i] = s.tok.AppendTokens(nil, texts[i]) })
	return docs
}

// weigh gives the block "concepts" its weight. In a collection of many texts
// it keeps its coarse dimensions alone, which is as good there and half the
// work for whoever clusters.
func (s *Space) weigh(v blas32.General) blas32.General {
	block, lo, ok := s.info.Block(engine.Concepts)
	if !ok {
		return v
	}
	keep := block.Dim
	if block.Coarse > 0 && s.Documents >= many {
		keep = block.Coarse
	}
	out := blas32.General{Rows: v.Rows, Cols: v.Cols - block.Dim + keep, Stride: v.Cols - block.Dim + keep, Data: v.Data}
	factor := s.Beta / float64(block.Weight)
	for i := range v.Rows {
		row := v.Data[i*v.Stride:][:v.Cols]
		for j, x := range row[lo : lo+block.Dim] {
			row[lo+j] = float32(float64(x) * factor)
		}
		// The rows move towards the start of what they had, never past each other.
		short := out.Data[i*out.Stride:][:out.Cols]
		copy(short, row[:lo+keep])
		copy(short[lo+keep:], row[lo+block.Dim:])
		normalise(short)
	}
	out.Data = out.Data[:v.Rows*out.Stride]
	return out
}

// addLSA adds the LSA block of documents to their vectors.
func (s *Space) addLSA(v blas32.General, docs [][]uint32) blas32.General {
	d := v.Cols + s.lsa.dims
	out := blas32.General{Rows: v.Rows, Cols: d, Stride: d, Data: make([]float32, v.Rows*d)}
	for i := range v.Rows {
		copy(out.Data[i*d:], v.Data[i*v.Stride:][:v.Cols])
	}
	s.placeLSA(out, docs)
	return out
}

// placeLSA fills in the LSA block, the last columns, of rows that have the others.
func (s *Space) placeLSA(v blas32.General, docs [][]uint32) {
	each(v.Rows, s.threads, func(i int) {
		row := v.Data[i*v.Stride:][:v.Cols]
		// gamma is against the general block, which is shorter than the others
		// where there are concepts beside it.
		scale := s.Gamma * length(row[:s.general])
		lsaRow := make([]float64, s.lsa.dims)
		s.lsa.place(lsaRow, docs[i])
		for j, x := range lsaRow {
			row[v.Cols-s.lsa.dims+j] = float32(scale * x)
		}
		normalise(row)
	})
}

// project leaves of each row of v what the collection shares; see shrink.
func (s *Space) project(v blas32.General) {
	d := v.Cols
	row, left := mat.NewVecDense(d, nil), mat.NewVecDense(d, nil)
	for i := range v.Rows {
		r := v.Data[i*v.Stride:][:d]
		for j, x := range r {
			row.SetVec(j, float64(x))
		}
		left.MulVec(s.shared, row)
		keepShared(r, left.RawVector().Data)
	}
}
