package static

import (
	"cmp"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine/static/safetensors"
	"sheaf/engine/tokenizer"
	"sheaf/models/builtin"
)

// conceptBlock is the second block of a model: what kinds of things a text
// speaks of. It knows terms, which are words or phrases: a phrase is a run of
// tokens, the longest match wins. With z the sum of the terms' weighted rows
// over the number of words and phrases in the text, the block is
//
//	weight · z / √‖z‖
//
// so that a text in which few words have a concept leans on the general block
// more than one in which all have. Terms of the same concepts share a row. A
// word's weight is in a tensor; that of a phrase is the root of its words.
//
// Tensors (V tokens, P phrases of N tokens in all, R rows, C concepts):
//
//	concepts         R×dim   the rows
//	concept_scales   R       what undoes the rows' quantisation
//	concept_rows     V       token ▸ row, or -1
//	concept_weights  V       of the tokens
//	phrases          N       the phrases' tokens, one phrase after another,
//	                         sorted by their tokens
//	phrase_lengths   P       how many tokens each has
//	phrase_rows      P       phrase ▸ row
//	row_lengths      R       how many concepts the row's terms have, 0 where
//	                         the row is borrowed from other words
//	row_concepts             those concepts, row by row
//	concept_vectors  C×dim   where the concepts lie
//
// The file concepts.txt names the concepts and their parents, in order.
type conceptBlock struct {
	table         table
	weight        float32
	scales        []float32
	rows          []int32 // token ▸ row, or -1
	weights       []float32
	phrases       phraseIndex
	phraseWeights []float32
	kinds         []kind // by token
	vectors       *safetensors.Tensor
	lexicon       *builtin.Lexicon // the concepts, without terms
	concepts      []int32          // of the rows, row by row
	conceptEnds   []int32          // where each row's concepts end
}

// maxConceptWeight is far beyond any use; it keeps squares finite.
const maxConceptWeight = 1e6

type kind byte

const (
	punctuation  kind = iota // says nothing; between words
	wordStart                // the first piece of a word
	continuation             // goes on with the word before
	joiner                   // a hyphen or an apostrophe
	possessive               // the word "s", which follows an apostrophe
)

func newConceptBlock(fsys fs.FS, tensors []safetensors.Tensor, tok *tokenizer.Tokenizer, weight float32) (*conceptBlock, error) {
	t := find(tensors, "concepts")
	if t == nil {
		return nil, nil
	}
	c := &conceptBlock{weight: weight}
	var err error
	if c.table, err = newTable(t); err != nil {
		return nil, err
	}
	if !(weight > 0 && weight <= maxConceptWeight) {
		return nil, fmt.Errorf("a concept block with the weight %v; want concept_weight above 0, at most %v, in %s", weight, maxConceptWeight, configFile)
	}
	need := func(name string, dims int) (*safetensors.Tensor, error) {
		t := find(tensors, name)
		if t == nil || len(t.Shape) != dims {
			return nil, fmt.Errorf("a concept block without a tensor %q of %d dimensions", name, dims)
		}
		return t, nil
	}
	ints := func(name string, dims int) []int32 { // keeps the first error
		t, e := need(name, dims)
		var v []int32
		if e == nil {
			v, e = t.Int32s()
		}
		err = cmp.Or(err, e)
		return v
	}
	floats := func(name string) []float32 {
		t, e := need(name, 1)
		var v []float32
		if e == nil {
			v, e = t.Float32s()
		}
		err = cmp.Or(err, e)
		return v
	}
	rows := ints("concept_rows", 1)
	phrases, lengths, phraseRows := ints("phrases", 1), ints("phrase_lengths", 1), ints("phrase_rows", 1)
	setLengths, sets := ints("row_lengths", 1), ints("row_concepts", 1)
	c.scales, c.weights = floats("concept_scales"), floats("concept_weights")
	if err != nil {
		return nil, err
	}
	if len(c.scales) != c.table.rows || len(rows) < tok.Size() || len(c.weights) < tok.Size() {
		return nil, fmt.Errorf("the concept block's tensors do not fit together: %d rows, %d scales, %d tokens, %d rows and %d weights of tokens",
			c.table.rows, len(c.scales), tok.Size(), len(rows), len(c.weights))
	}
	for _, r := range slices.Concat(rows, phraseRows) {
		if int(r) >= c.table.rows {
			return nil, fmt.Errorf("row %d of a concept block with %d rows", r, c.table.rows)
		}
	}
	c.rows = rows
	c.kinds = kindsOf(tok)
	if c.phrases, err = newPhraseIndex(phrases, lengths, phraseRows, tok.Size()); err != nil {
		return nil, err
	}
	c.phraseWeights = make([]float32, len(phraseRows))
	for i := range phraseRows {
		if phraseRows[i] < 0 {
			return nil, fmt.Errorf("phrase %d has no row", i)
		}
		words := 0
		for _, id := range c.phrases.phrase(i) {
			if c.kinds[id] == wordStart || c.kinds[id] == possessive {
				words++
			}
		}
		c.phraseWeights[i] = float32(math.Sqrt(float64(words)))
	}
	if c.lexicon, err = builtin.ParseConcepts(fsys, conceptsFile); err != nil {
		return nil, err
	}
	if err := c.setConcepts(setLengths, sets); err != nil {
		return nil, err
	}
	if c.vectors = find(tensors, "concept_vectors"); c.vectors != nil &&
		(len(c.vectors.Shape) != 2 || c.vectors.Shape[1] != c.table.dim || c.vectors.Shape[0] != len(c.lexicon.Concepts)) {
		return nil, fmt.Errorf("tensor %q has shape %v; want %d×%d", "concept_vectors", c.vectors.Shape, len(c.lexicon.Concepts), c.table.dim)
	}
	return c, nil
}

// kindsOf says of each token what part it has in a word.
func kindsOf(tok *tokenizer.Tokenizer) []kind {
	kinds := make([]kind, tok.Size())
	for id := range kinds {
		s, ok := tok.Token(uint32(id))
		r, _ := utf8.DecodeRuneInString(s)
		switch {
		case !ok:
		case strings.HasPrefix(s, "##") && len(s) > 2:
			kinds[id] = continuation
		case s == "-" || s == "'" || s == "’" || s == "‐":
			kinds[id] = joiner
		case s == "s":
			kinds[id] = possessive
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			kinds[id] = wordStart
		}
	}
	return kinds
}

// setConcepts keeps which concepts each row has.
func (c *conceptBlock) setConcepts(lengths, sets []int32) error {
	if len(lengths) != c.table.rows {
		return fmt.Errorf("the concepts of %d rows for %d rows", len(lengths), c.table.rows)
	}
	c.concepts, c.conceptEnds = sets, make([]int32, len(lengths))
	end := 0
	for i, n := range lengths {
		if n < 0 || int(n) > len(sets)-end {
			return fmt.Errorf("row %d has %d concepts; %d are left", i, n, len(sets)-end)
		}
		end += int(n)
		c.conceptEnds[i] = int32(end)
	}
	if end != len(sets) {
		return fmt.Errorf("%d concepts of rows that have %d", len(sets), end)
	}
	for _, s := range sets {
		if s < 0 || int(s) >= len(c.lexicon.Concepts) {
			return fmt.Errorf("concept %d of %d", s, len(c.lexicon.Concepts))
		}
	}
	return nil
}

// terms calls do for each word and phrase of the text: its row, or -1, its
// weight, and its tokens.
func (c *conceptBlock) terms(ids []uint32, do func(row int32, weight float32, term []uint32)) {
	for i := 0; i < len(ids); {
		id := ids[i]
		if k := c.kinds[id]; k == punctuation || k == joiner || k == possessive {
			i++
			continue
		}
		row, weight, end := c.rows[id], c.weights[id], i+1
		if p, n := c.phrases.longest(ids[i:], c.kinds); n > 0 {
			row, weight, end = c.phrases.rows[p], c.phraseWeights[p], i+n
		} else {
			for end < len(ids) && c.kinds[ids[end]] == continuation {
				end++
				row = -1 // a word in pieces is a term only as a whole
			}
		}
		do(row, weight, ids[i:end])
		i = end
	}
}

// embed writes the block of the tokens into dst, which is zero on entry.
func (c *conceptBlock) embed(dst []float32, ids []uint32) {
	terms := 0
	c.terms(ids, func(row int32, weight float32, _ []uint32) {
		terms++
		if row >= 0 {
			c.table.add(dst, int(row), float32(c.scales[row]*weight))
		}
	})
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

// A Term is a word or phrase of a text that has concepts in the lexicon.
type Term struct {
	Tokens   []uint32 // what tells it from other terms
	Concepts []int32  // into Lexicon().Concepts
}

// Terms returns the terms of a text, and how many words and phrases it has in
// all, stop words not among them. There are none where the model has no
// concepts.
func (m *Model) Terms(text string) (terms []Term, units int) {
	c := m.concepts
	if c == nil {
		return nil, 0
	}
	ids := m.AppendTokens(nil, text)
	c.terms(ids, func(row int32, _ float32, tokens []uint32) {
		if w, _ := m.tok.Token(tokens[0]); len(tokens) > 1 || !builtin.IsStopWord(w) {
			units++
		}
		if row < 0 {
			return
		}
		lo, hi := int32(0), c.conceptEnds[row]
		if row > 0 {
			lo = c.conceptEnds[row-1]
		}
		if lo < hi {
			terms = append(terms, Term{tokens, c.concepts[lo:hi]})
		}
	})
	return terms, units
}

// Lexicon returns the model's concepts, without their terms, or nil where it
// has none.
func (m *Model) Lexicon() *builtin.Lexicon {
	if m.concepts == nil {
		return nil
	}
	return m.concepts.lexicon
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
