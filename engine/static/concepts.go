package static

import (
	"cmp"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"
	"sync/atomic"
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
// over the number of words and phrases in the text, unknown ones too, the block
// is
//
//	weight · z / √‖z‖
//
// so that a text in which few words have a concept leans on the general block
// more than one in which all have. Terms of the same concepts share a row. A
// word's weight is in a tensor; that of a phrase is the root of its words.
//
// A row is a mixture of concepts, which is far smaller than its numbers; the
// numbers are worked out when a text first needs them.
//
// Tensors (V tokens, P phrases of N tokens in all, R rows, C concepts):
//
//	concept_vectors  C×dim   where the concepts lie
//	concept_scales   C       what undoes their quantisation
//	row_lengths      R       how many concepts each row has
//	row_concepts             those concepts, row by row
//	row_shares               the concepts' parts in the row, from 0 to 255
//	row_scales       R       what undoes the shares' quantisation
//	lexicon_rows     1       how many of the rows, the first ones, are of the
//	                         lexicon's own terms; the others are borrowed
//	                         from similar words
//	concept_rows     V       token ▸ row, or -1
//	concept_weights  V       of the tokens
//	phrases          N       the phrases' tokens, one phrase after another,
//	                         sorted by their tokens
//	phrase_lengths   P       how many tokens each has
//	phrase_rows      P       phrase ▸ row
//	function_tokens  F       tokens that are function words of other languages
//	phrase_general   P       phrase ▸ row of the general block that stands for
//	                         its tokens, or 65535: a word that the tokenizer
//	                         only has in pieces
//
// The file concepts.txt names the concepts and their parents, in order.
type conceptBlock struct {
	table         table // the concepts' vectors
	scales        []float32
	weight        float32
	mixtures      mixtures
	made          []atomic.Pointer[[]float32] // the rows that were needed so far
	rows          []int32                     // token ▸ row, or -1
	weights       []float32
	phrases       phraseIndex
	phraseWeights []float32
	phraseGeneral []int32
	tok           *tokenizer.Tokenizer
	function      []bool           // by token: a function word of another language
	tokens        int32            // rows of the general block that are of tokens; the others are of concepts
	negation      uint32           // the word "t", which follows an apostrophe
	kinds         []kind           // by token
	lexicon       *builtin.Lexicon // the concepts, without the model's terms
	user          *userBlock       // nil where the user has no concepts of their own
}

// maxConceptWeight is far beyond any use; it keeps squares finite.
const maxConceptWeight = 1e6

// mixtures says of each row which concepts it is made of.
type mixtures struct {
	ends     []int32 // where each row ends in concepts and shares
	concepts []int32
	shares   []int32
	scales   []float32 // by row
	own      int       // how many rows are of the lexicon's own terms
	model    int       // how many rows are the model's; those after are of a user's terms
}

// row returns the concepts of row r and their shares.
func (m *mixtures) row(r int32) (concepts, shares []int32) {
	lo, hi := int32(0), m.ends[r]
	if r > 0 {
		lo = m.ends[r-1]
	}
	return m.concepts[lo:hi], m.shares[lo:hi]
}

type kind byte

const (
	punctuation  kind = iota // says nothing; between words
	wordStart                // the first piece of a word
	continuation             // goes on with the word before
	joiner                   // a hyphen or an apostrophe
	possessive               // the word "s", which follows an apostrophe
)

func newConceptBlock(fsys fs.FS, tensors []safetensors.Tensor, tok *tokenizer.Tokenizer, general int, weight float32) (*conceptBlock, error) {
	t := find(tensors, "concept_vectors")
	if t == nil {
		return nil, nil
	}
	c := &conceptBlock{weight: weight, tok: tok}
	var err error
	if c.table, err = newTable(t); err != nil {
		return nil, err
	}
	if !(weight > 0 && weight <= maxConceptWeight) {
		return nil, fmt.Errorf("a concept block with the weight %v; want concept_weight above 0, at most %v, in %s", weight, maxConceptWeight, configFile)
	}
	ints := func(name string) []int32 { return column(tensors, name, (*safetensors.Tensor).Int32s, &err) }
	floats := func(name string) []float32 { return column(tensors, name, (*safetensors.Tensor).Float32s, &err) }
	c.rows, c.weights, c.scales = ints("concept_rows"), floats("concept_weights"), floats("concept_scales")
	phrases, lengths, phraseRows := ints("phrases"), ints("phrase_lengths"), ints("phrase_rows")
	c.phraseGeneral = ints("phrase_general")
	rowLengths, own := ints("row_lengths"), ints("lexicon_rows")
	c.mixtures = mixtures{concepts: ints("row_concepts"), shares: ints("row_shares"), scales: floats("row_scales")}
	if err != nil {
		return nil, err
	}
	if c.lexicon, err = builtin.ParseConcepts(fsys, conceptsFile); err != nil {
		return nil, err
	}
	if n := len(c.lexicon.Concepts); c.table.rows != n || len(c.scales) != n {
		return nil, fmt.Errorf("%d vectors and %d scales for %d concepts", c.table.rows, len(c.scales), n)
	}
	if err := c.mixtures.set(rowLengths, own, c.table.rows); err != nil {
		return nil, err
	}
	c.made = make([]atomic.Pointer[[]float32], len(rowLengths))
	if len(c.rows) < tok.Size() || len(c.weights) < tok.Size() {
		return nil, fmt.Errorf("%d rows and %d weights for %d tokens", len(c.rows), len(c.weights), tok.Size())
	}
	for _, r := range slices.Concat(c.rows, phraseRows) {
		if int(r) >= len(c.made) {
			return nil, fmt.Errorf("row %d of a concept block with %d rows", r, len(c.made))
		}
	}
	if len(c.phraseGeneral) != len(phraseRows) {
		return nil, fmt.Errorf("%d general rows for %d phrases", len(c.phraseGeneral), len(phraseRows))
	}
	for i, r := range c.phraseGeneral {
		switch {
		case r == math.MaxUint16:
			c.phraseGeneral[i] = -1
		case r < 0 || int(r) >= general:
			return nil, fmt.Errorf("phrase %d has row %d of a general block with %d rows", i, r, general)
		}
	}
	c.tokens, c.function = int32(tok.Size()), make([]bool, tok.Size())
	for _, id := range ints("function_tokens") {
		if id < 0 || int(id) >= len(c.function) {
			return nil, fmt.Errorf("function word %d of %d tokens", id, len(c.function))
		}
		c.function[id] = true
	}
	if err != nil {
		return nil, err
	}
	c.negation = math.MaxUint32
	if id, ok := tok.ID("t"); ok {
		c.negation = id
	}
	c.kinds = kindsOf(tok)
	if c.phrases, err = newPhraseIndex(phrases, lengths, phraseRows, tok.Size()); err != nil {
		return nil, err
	}
	c.phraseWeights = make([]float32, len(phraseRows))
	for i := range phraseRows {
		if phraseRows[i] < 0 {
			return nil, fmt.Errorf("phrase %d has no row", i)
		}
		c.phraseWeights[i] = phraseWeight(c, c.phrases.phrase(i))
	}
	return c, nil
}

// phraseWeight is the root of how many words a phrase has.
func phraseWeight[T int32 | uint32](c *conceptBlock, tokens []T) float32 {
	words := 0
	for _, id := range tokens {
		if c.kinds[id] == wordStart || c.kinds[id] == possessive {
			words++
		}
	}
	return float32(math.Sqrt(float64(words)))
}

// column reads a tensor of one dimension. It keeps the first error in err.
func column[T any](tensors []safetensors.Tensor, name string, read func(*safetensors.Tensor) ([]T, error), err *error) []T {
	t := find(tensors, name)
	if t == nil || len(t.Shape) != 1 {
		*err = cmp.Or(*err, fmt.Errorf("a concept block without a tensor %q of one dimension", name))
		return nil
	}
	v, e := read(t)
	*err = cmp.Or(*err, e)
	return v
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

// set takes the rows' lengths and checks that everything fits together.
func (m *mixtures) set(lengths, own []int32, concepts int) error {
	if len(own) != 1 || own[0] < 0 || int(own[0]) > len(lengths) || len(m.scales) != len(lengths) {
		return fmt.Errorf("%v rows of the lexicon and %d scales for %d rows", own, len(m.scales), len(lengths))
	}
	m.own, m.model, m.ends = int(own[0]), len(lengths), make([]int32, len(lengths))
	end := 0
	for i, n := range lengths {
		if end += int(n); n < 0 || end > len(m.concepts) {
			return fmt.Errorf("row %d has %d concepts; %d are left", i, n, len(m.concepts)-end+int(n))
		}
		m.ends[i] = int32(end)
	}
	if end != len(m.concepts) || end != len(m.shares) {
		return fmt.Errorf("%d concepts and %d shares of rows that have %d", len(m.concepts), len(m.shares), end)
	}
	for _, s := range m.concepts {
		if s < 0 || int(s) >= concepts {
			return fmt.Errorf("concept %d of %d", s, concepts)
		}
	}
	return nil
}

// row returns the numbers of row r. Goroutines that need a row at the same
// time may each work it out; they get the same.
func (c *conceptBlock) row(r int32) []float32 {
	if made := c.made[r].Load(); made != nil {
		return *made
	}
	v := make([]float32, c.table.dim)
	concepts, shares := c.mixtures.row(r)
	for i, k := range concepts {
		share := float32(c.mixtures.scales[r] * float32(shares[i]))
		c.addConcept(v, int(k), share)
	}
	c.made[r].Store(&v)
	return v
}

// addConcept adds w times the vector of a concept to dst.
func (c *conceptBlock) addConcept(dst []float32, concept int, w float32) {
	if v := c.userVector(concept); v != nil {
		addTo(dst, v, w)
		return
	}
	c.table.add(dst, concept, float32(c.scales[concept]*w))
}

// A span is a word or phrase of a text.
type span struct {
	start, end int     // its tokens
	row        int32   // of the concepts, or -1
	general    int32   // row of the general block that stands for all its tokens, or -1
	weight     float32 // of the concepts
	lent       bool    // the meaning is that of a part of the word
}

// spans appends the words and phrases of a text to dst, in their order. Tokens
// between them are of none. In a text with a word of another language, its
// function words mean nothing, whatever they are in English: "die", "van".
func (c *conceptBlock) spans(dst []span, ids []uint32) []span {
	first, foreign, function := len(dst), false, false
	for i := 0; i < len(ids); {
		id := ids[i]
		if k := c.kinds[id]; k == punctuation || k == joiner || k == possessive {
			i++
			continue
		}
		s := span{start: i, end: i + 1, row: c.rows[id], general: -1, weight: c.weights[id]}
		p, n := c.phrases.longest(ids[i:], c.kinds)
		if n > 0 {
			s.row, s.general, s.weight, s.end = c.phrases.rows[p], c.phraseGeneral[p], c.phraseWeights[p], i+n
		}
		user := c.user != nil && c.userSpan(&s, ids)
		if n == 0 && !user {
			for s.end < len(ids) && c.kinds[ids[s.end]] == continuation {
				s.end++
				s.row = -1 // a word in pieces is a term only as a whole
			}
			// "won't" is not what South Korea pays with.
			if c.negated(ids, s.end) {
				s.end += 2
				s.row = -1
			} else if s.end > i+1 {
				c.compound(&s, ids[i:s.end])
			}
		}
		if s.end == i+1 && c.function[id] && !user {
			function = true
			foreign = foreign || s.row < 0
		}
		// A phrase has the row of a token where it is that word's translation.
		foreign = foreign || s.general >= 0 && s.general < c.tokens
		dst = append(dst, s)
		i = s.end
	}
	if foreign && function {
		for i, s := range dst[first:] {
			if s.end == s.start+1 && c.function[ids[s.start]] && int(s.row) < c.mixtures.model {
				dst[first+i].row, dst[first+i].general = -1, functionWord
			}
		}
	}
	return dst
}

// negated says whether the word that ends before the token at end is one like
// "won't".
func (c *conceptBlock) negated(ids []uint32, end int) bool {
	return end+1 < len(ids) && c.kinds[ids[end]] == joiner && ids[end+1] == c.negation
}

// functionWord in place of a row of the general block: the tokens count for
// functionWeight. The general block knows such words as marks of a language,
// not as the grammar that they are.
const (
	functionWord   = -2
	functionWeight = 0.1
)

// embed writes the block of the spans into dst, which is zero on entry, and
// returns the square of its length. unknown is how many words the text has
// beside them that the model knows nothing of. What words that the lexicon
// lacks have borrowed from similar ones only counts where no word of the text
// is in the lexicon.
func (c *conceptBlock) embed(dst []float32, spans []span, unknown int) float64 {
	own := slices.ContainsFunc(spans, c.inLexicon)
	for _, s := range spans {
		if s.row < 0 || own && !c.inLexicon(s) {
			continue
		}
		row := c.row(s.row)[:len(dst)]
		for j, x := range row {
			dst[j] += float32(s.weight * x) // rounded on its own: no fused operation
		}
	}
	words := float64(max(len(spans)+unknown, 1))
	n := norm(dst) / words
	if n == 0 || math.IsInf(n, 0) || math.IsNaN(n) {
		clear(dst)
		return 0
	}
	scale := float64(c.weight) / (math.Sqrt(n) * words)
	for i, x := range dst {
		dst[i] = float32(float64(x) * scale)
	}
	return float64(float64(c.weight) * float64(c.weight) * n) // the caller adds to it
}

// inLexicon says whether the span is a term of the lexicon itself or of the
// user's.
func (c *conceptBlock) inLexicon(s span) bool {
	return !s.lent && s.row >= 0 && int(s.row) < c.mixtures.own || int(s.row) >= c.mixtures.model
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
	for _, s := range c.spans(nil, ids) {
		tokens := ids[s.start:s.end]
		if w, _ := m.tok.Token(tokens[0]); len(tokens) > 1 || !builtin.IsStopWord(w) {
			units++
		}
		if c.inLexicon(s) {
			concepts, _ := c.mixtures.row(s.row)
			terms = append(terms, Term{tokens, concepts})
		}
	}
	return terms, units
}

// Lexicon returns the model's concepts and after them the user's, or nil where
// it has none. Of terms it has the user's and the names of the concepts.
func (m *Model) Lexicon() *builtin.Lexicon {
	if m.concepts == nil {
		return nil
	}
	return m.concepts.lexicon
}

// ConceptVectors returns where the concepts of the model's lexicon lie in the
// block "concepts" of its vectors: one row for each concept, in the order of
// [Model.Lexicon], of unit length, or zero where it has no direction. It has no rows where the model has no such block.
func (m *Model) ConceptVectors() blas32.General {
	if m.concepts == nil {
		return blas32.General{Stride: 1}
	}
	n, d := len(m.concepts.lexicon.Concepts), m.concepts.table.dim
	out := blas32.General{Rows: n, Cols: d, Stride: d, Data: make([]float32, n*d)}
	for i := range n {
		copy(out.Data[i*d:(i+1)*d], m.concepts.direction(i))
	}
	return out
}

// direction is where a concept lies, at unit length; zero where the model's
// numbers give it no direction.
func (c *conceptBlock) direction(concept int) []float32 {
	v := make([]float32, c.table.dim)
	if own := c.userVector(concept); own != nil {
		copy(v, own)
		return v
	}
	c.table.add(v, concept, 1)
	if !unit(v) {
		clear(v)
	}
	return v
}
