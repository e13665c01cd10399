package static

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine/static/safetensors"
	"sheaf/engine/tokenizer"
)

// conceptBlock is the second block of a model: what kinds of things a text
// speaks of. It knows terms, which are words or phrases: a phrase is a run of
// tokens, the longest match wins. With z the sum of the terms' weighted rows
// over the number of words and phrases in the text, the block is
//
//	weight · z / √‖z‖
//
// so that a text in which few words have a concept leans on the general block
// more than one in which all have.
//
// Tensors (V tokens, P phrases, R rows, C concepts):
//
//	concepts         R×dim   the terms' rows
//	concept_weights  R       their weights, quantisation scale included
//	concept_rows     V       token id ▸ row, or -1
//	phrases          P×L     token ids, filled up with -1
//	phrase_rows      P       phrase ▸ row
//	concept_vectors  C×dim   where the lexicon's concepts lie
type conceptBlock struct {
	table   table
	weight  float32
	weights []float32
	rows    []int32 // token id ▸ row, or -1
	phrases phraseIndex
	kinds   []kind // by token id
	vectors *safetensors.Tensor
}

type kind byte

const (
	punctuation kind = iota // says nothing; between words
	wordStart
	continuation // goes on with the word before
)

func newConceptBlock(tensors []safetensors.Tensor, tok *tokenizer.Tokenizer, weight float32) (*conceptBlock, error) {
	t := find(tensors, "concepts")
	if t == nil {
		return nil, nil
	}
	c := &conceptBlock{weight: weight}
	var err error
	if c.table, err = newTable(t); err != nil {
		return nil, err
	}
	if !(weight > 0) || math.IsInf(float64(weight), 0) {
		return nil, fmt.Errorf("a concept block with the weight %v; want concept_weight above 0 in %s", weight, configFile)
	}
	need := func(name string, dims int) (*safetensors.Tensor, error) {
		t := find(tensors, name)
		if t == nil || len(t.Shape) != dims {
			return nil, fmt.Errorf("a concept block without a tensor %q of %d dimensions", name, dims)
		}
		return t, nil
	}
	ints := func(name string, dims int) ([]int32, []int) { // keeps the first error
		t, e := need(name, dims)
		var v []int32
		if e == nil {
			v, e = t.Int32s()
		}
		if err == nil {
			err = e
		}
		if e != nil {
			return nil, make([]int, dims)
		}
		return v, t.Shape
	}
	rows, rowsShape := ints("concept_rows", 1)
	phrases, phraseShape := ints("phrases", 2)
	phraseRows, phraseRowsShape := ints("phrase_rows", 1)
	if err != nil {
		return nil, err
	}
	w, err := need("concept_weights", 1)
	if err != nil {
		return nil, err
	}
	if c.weights, err = w.Float32s(); err != nil {
		return nil, err
	}
	if len(c.weights) != c.table.rows || rowsShape[0] < tok.Size() || phraseRowsShape[0] != phraseShape[0] {
		return nil, fmt.Errorf("the concept block's tensors do not fit together: %d rows, %d weights, %d of %d tokens, %d of %d phrases",
			c.table.rows, len(c.weights), rowsShape[0], tok.Size(), phraseRowsShape[0], phraseShape[0])
	}
	for _, r := range slices.Concat(rows, phraseRows) {
		if int(r) >= c.table.rows {
			return nil, fmt.Errorf("row %d of a concept block with %d rows", r, c.table.rows)
		}
	}
	c.rows = rows
	if c.phrases, err = newPhraseIndex(phrases, phraseShape[1], phraseRows, tok.Size()); err != nil {
		return nil, err
	}
	c.kinds = make([]kind, tok.Size())
	for id := range c.kinds {
		s, ok := tok.Token(uint32(id))
		r, _ := utf8.DecodeRuneInString(s)
		switch {
		case !ok:
		case strings.HasPrefix(s, "##") && len(s) > 2:
			c.kinds[id] = continuation
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			c.kinds[id] = wordStart
		}
	}
	if c.vectors = find(tensors, "concept_vectors"); c.vectors != nil &&
		(len(c.vectors.Shape) != 2 || c.vectors.Shape[1] != c.table.dim) {
		return nil, fmt.Errorf("tensor %q has shape %v; want concepts×%d", "concept_vectors", c.vectors.Shape, c.table.dim)
	}
	return c, nil
}

// embed writes the block of the token ids into dst, which is zero on entry.
func (c *conceptBlock) embed(dst []float32, ids []uint32) {
	terms := 0
	for i := 0; i < len(ids); {
		id := ids[i]
		if c.kinds[id] == punctuation {
			i++
			continue
		}
		terms++
		row, end := c.rows[id], i+1
		if r, n := c.phrases.longest(ids[i:], c.kinds); n > 0 {
			row, end = r, i+n
		} else {
			for end < len(ids) && c.kinds[ids[end]] == continuation {
				end++
				row = -1 // a word in pieces is a term only as a whole
			}
		}
		if row >= 0 {
			c.table.add(dst, int(row), c.weights[row])
		}
		i = end
	}
	n := norm(dst) / float64(max(terms, 1))
	if n == 0 || math.IsInf(n, 0) || math.IsNaN(n) {
		clear(dst)
		return
	}
	scale := float64(c.weight) / (math.Sqrt(n) * float64(terms))
	for i, x := range dst {
		dst[i] = float32(float64(x) * scale)
	}
}

// ConceptVectors returns where the concepts of the model's lexicon lie in the
// block "concepts" of its vectors: one unit row for each concept, in the
// order of the lexicon. It has no rows where the model has no such block.
func (m *Model) ConceptVectors() blas32.General {
	if m.concepts == nil || m.concepts.vectors == nil {
		return blas32.General{Stride: 1}
	}
	t, err := newTable(m.concepts.vectors)
	if err != nil {
		return blas32.General{Stride: 1}
	}
	out := blas32.General{Rows: t.rows, Cols: t.dim, Stride: t.dim, Data: make([]float32, t.rows*t.dim)}
	for i := range t.rows {
		row := out.Data[i*t.dim : (i+1)*t.dim]
		t.add(row, i, 1)
		unit(row)
	}
	return out
}

// A phraseIndex finds the longest phrase that a run of token ids begins with.
type phraseIndex struct {
	start []int32 // token id ▸ first of its phrases; one more at the end
	seqs  [][]uint32
	rows  []int32
}

func newPhraseIndex(flat []int32, width int, rows []int32, tokens int) (phraseIndex, error) {
	p := phraseIndex{start: make([]int32, tokens+1)}
	type phrase struct {
		seq []uint32
		row int32
	}
	var all []phrase
	for i, row := range rows {
		var seq []uint32
		for _, id := range flat[i*width : (i+1)*width] {
			if id < 0 {
				break
			}
			if int(id) >= tokens {
				return p, fmt.Errorf("phrase %d has token %d of %d", i, id, tokens)
			}
			seq = append(seq, uint32(id))
		}
		if len(seq) == 0 || row < 0 {
			return p, fmt.Errorf("phrase %d has no tokens or no row", i)
		}
		all = append(all, phrase{seq, row})
	}
	// By first token, the longest first; then the first that fits is the
	// longest. The order of equals does not matter: they would be the same.
	slices.SortStableFunc(all, func(a, b phrase) int {
		if a.seq[0] != b.seq[0] {
			return int(a.seq[0]) - int(b.seq[0])
		}
		return len(b.seq) - len(a.seq)
	})
	for _, ph := range all {
		p.start[ph.seq[0]+1]++
		p.seqs = append(p.seqs, ph.seq)
		p.rows = append(p.rows, ph.row)
	}
	for i := range tokens {
		p.start[i+1] += p.start[i]
	}
	return p, nil
}

// longest returns the row and the length of the longest phrase that ids
// begins with and that ends with a whole word, or 0, 0.
func (p *phraseIndex) longest(ids []uint32, kinds []kind) (row int32, n int) {
	for j := p.start[ids[0]]; j < p.start[ids[0]+1]; j++ {
		seq := p.seqs[j]
		if len(seq) > len(ids) || !slices.Equal(seq, ids[:len(seq)]) {
			continue
		}
		if len(seq) < len(ids) && kinds[ids[len(seq)]] == continuation {
			continue
		}
		return p.rows[j], len(seq)
	}
	return 0, 0
}
