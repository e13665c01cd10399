package adapt

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
)

// MinBlocks is how many texts a collection has at least that is fitted in blocks:
// of fewer the weights depend on how many they are.
const MinBlocks = many

// blockTexts is how many texts are looked at together in the end.
const blockTexts = 4096

// Blocks fits a collection whose vectors come in blocks, so that neither the texts
// nor the vectors as the model gives them are in memory at once. The result has the
// bits of [Apply] on all of them.
type Blocks struct {
	s    *Space
	most int
	v    blas32.General // so far; the columns of the LSA block are empty
	room int            // of the LSA block, in columns
}

// NewBlocks begins a collection of at most so many texts, which is at least
// MinBlocks.
func NewBlocks(most int, info engine.Info, tok Tokenizer, opts Options) *Blocks {
	s := &Space{Fit: Fit{Documents: most}, info: info, tok: tok, threads: opts.Threads, general: info.Dim}
	if _, lo, ok := info.Block(engine.Concepts); ok {
		s.general = lo
		s.Beta = Beta(most)
	}
	b := &Blocks{s: s, most: most, room: lsaDims}
	if s.Gamma = DefaultGamma; opts.Gamma != nil {
		s.Gamma = *opts.Gamma
	}
	if s.Gamma <= 0 {
		s.Gamma, b.room = 0, 0
	}
	return b
}

// Add takes the vectors of the next texts, which are written over. It panics if
// they are not as wide as the model's, or more than there may be.
func (b *Blocks) Add(e *engine.Embeddings) {
	if e.Vectors.Cols != b.s.info.Dim || b.v.Rows+e.Vectors.Rows > b.most {
		panic(fmt.Sprintf("adapt: %d×%d vectors after %d of %d, a model of %d dimensions", e.Vectors.Rows, e.Vectors.Cols, b.v.Rows, b.most, b.s.info.Dim))
	}
	v := b.s.weigh(e.Vectors)
	if b.v.Data == nil {
		d := v.Cols + b.room
		b.v.Cols, b.v.Stride, b.v.Data = d, d, make([]float32, b.most*d)
	}
	for i := range v.Rows {
		copy(b.v.Data[(b.v.Rows+i)*b.v.Stride:], v.Data[i*v.Stride:][:v.Cols])
	}
	b.v.Rows += v.Rows
}

// Fit gives the vectors of all texts that were added, as Apply does. texts gives
// those from lo up to, but not including, hi, twice each. It panics if fewer than
// MinBlocks were added.
func (b *Blocks) Fit(ctx context.Context, texts func(lo, hi int) ([]string, error)) (blas32.General, Fit, error) {
	n, s := b.v.Rows, b.s
	if n < MinBlocks {
		panic(fmt.Sprintf("adapt: %d texts in blocks", n))
	}
	s.Documents = n
	b.v.Data = b.v.Data[:n*b.v.Stride]
	if b.room == 0 {
		return b.v, s.Fit, nil
	}
	var sampled [][]uint32
	err := b.each(ctx, texts, func(lo int, texts []string) {
		var some []string
		for at := lsaRow(len(sampled), n); len(sampled)+len(some) < min(n, lsaSample) && at < lo+len(texts); at = lsaRow(len(sampled)+len(some), n) {
			some = append(some, texts[at-lo])
		}
		sampled = append(sampled, s.tokens(some)...)
	})
	if err != nil {
		return blas32.General{}, Fit{}, err
	}
	l, err := fitSample(ctx, sampled, s.threads)
	if err != nil {
		return blas32.General{}, Fit{}, err
	}
	if l == nil {
		s.Gamma = 0
		b.narrow(b.room)
		return b.v, s.Fit, nil
	}
	s.lsa, s.Dims = l, l.dims
	b.narrow(b.room - l.dims)
	err = b.each(ctx, texts, func(lo int, texts []string) {
		rows := b.v
		rows.Rows, rows.Data = len(texts), b.v.Data[lo*b.v.Stride:]
		s.placeLSA(rows, s.tokens(texts))
	})
	return b.v, s.Fit, err
}

// each calls do for all texts, some at a time.
func (b *Blocks) each(ctx context.Context, texts func(lo, hi int) ([]string, error), do func(lo int, texts []string)) error {
	for lo := 0; lo < b.v.Rows; lo += blockTexts {
		if err := ctx.Err(); err != nil {
			return err
		}
		hi := min(lo+blockTexts, b.v.Rows)
		some, err := texts(lo, hi)
		if err != nil {
			return err
		}
		if len(some) != hi-lo {
			panic(fmt.Sprintf("adapt: %d texts from %d to %d", len(some), lo, hi))
		}
		do(lo, some)
	}
	return nil
}

// narrow takes columns off the end of each row.
func (b *Blocks) narrow(columns int) {
	if columns == 0 {
		return
	}
	d := b.v.Cols - columns
	for i := range b.v.Rows { // towards the start, never past each other
		copy(b.v.Data[i*d:(i+1)*d], b.v.Data[i*b.v.Stride:])
	}
	b.v.Cols, b.v.Stride, b.v.Data = d, d, b.v.Data[:b.v.Rows*d]
}
