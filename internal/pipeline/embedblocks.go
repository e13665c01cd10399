package pipeline

import (
	"context"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
	"sheaf/engine/adapt"
	"sheaf/engine/static"
	"sheaf/internal/report"
)

// topicBlock is how many texts of a large collection are embedded at once.
const topicBlock = 4096

// manyTexts is from how many on the vectors of a static model are fitted to a
// collection block by block, so that those as the model gives them are not in memory
// beside the others. They are the same to the bit.
const manyTexts = 20_000

// embedBlocks is embed, a block at a time where the texts are in a file or many.
func embedBlocks(ctx context.Context, emb engine.Embedder, texts []text, from *topics, r *report.Result, c *Common) (*collection, error) {
	n := len(texts)
	model, isStatic := emb.(*static.Model)
	if from.scratch == nil && (!isStatic || n < manyTexts) || n < adapt.MinBlocks {
		raw, err := from.read(0, n)
		if err != nil {
			return nil, err
		}
		return embed(ctx, emb, texts, raw, r, c)
	}
	b := &topicBlocks{from: from, rows: make([]int, 0, n)}
	if isStatic && (c.Adapt == nil || *c.Adapt >= 0) {
		b.fit = adapt.NewBlocks(n, emb.Info(), model, adapt.Options{Gamma: c.Adapt, Threads: c.Threads})
	}
	var gone []lostText
	for lo := 0; lo < n; lo += topicBlock {
		hi := min(lo+topicBlock, n)
		raw, err := from.read(lo, hi)
		if err != nil {
			return nil, err
		}
		e, err := emb.Embed(ctx, raw, func(done int) { c.progress(Embedding, lo+done, n) })
		if err != nil {
			return nil, err
		}
		for _, i := range e.Truncated {
			texts[lo+i].truncated = true
		}
		for i := range raw {
			if _, empty := slices.BinarySearch(e.Empty, i); !empty {
				b.rows = append(b.rows, lo+i)
			}
		}
		kept, lost := dropEmpty(e, texts[lo:hi], raw)
		copy(texts[len(b.rows)-len(kept):], kept)
		gone = append(gone, lost...)
		b.add(e, n)
	}
	skipLost(r, gone)
	if len(b.rows) == 0 {
		return nil, noneKnown(n, emb)
	}
	texts = texts[:len(b.rows)]
	if len(texts) < adapt.MinBlocks { // nearly all of them have no known word
		raw, err := b.texts(0, len(texts))
		if err != nil {
			return nil, err
		}
		return embed(ctx, emb, texts, raw, r, c)
	}
	if b.fit == nil {
		b.vectors.Data = b.vectors.Data[:b.vectors.Rows*b.vectors.Cols]
		return &collection{b.vectors, texts}, nil
	}
	v, fit, err := b.fit.Fit(ctx, b.texts)
	if err != nil {
		return nil, err
	}
	r.Manifest.Embedding.Adapt = manifestAdapt(fit)
	return &collection{v, texts}, nil
}

// topicBlocks are the vectors of topics so far.
type topicBlocks struct {
	from    *topics
	rows    []int          // which topics have one
	fit     *adapt.Blocks  // nil where they stay as the model gives them
	vectors blas32.General // without fit
}

// add takes the vectors of a block, of n in all.
func (b *topicBlocks) add(e *engine.Embeddings, n int) {
	if b.fit != nil {
		b.fit.Add(e)
		return
	}
	v := &b.vectors
	if v.Data == nil {
		v.Cols, v.Stride, v.Data = e.Vectors.Cols, e.Vectors.Stride, make([]float32, n*e.Vectors.Stride)
	}
	copy(v.Data[v.Rows*v.Stride:], e.Vectors.Data[:e.Vectors.Rows*e.Vectors.Stride])
	v.Rows += e.Vectors.Rows
}

// texts are those of some of the rows.
func (b *topicBlocks) texts(lo, hi int) ([]string, error) {
	if lo == hi {
		return nil, nil
	}
	first := b.rows[lo]
	all, err := b.from.read(first, b.rows[hi-1]+1)
	if err != nil {
		return nil, err
	}
	for i, at := range b.rows[lo:hi] {
		all[i] = all[at-first]
	}
	return all[:hi-lo], nil
}
