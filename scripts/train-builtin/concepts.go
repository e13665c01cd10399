package main

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gonum.org/v1/gonum/mat"

	"sheaf/models/builtin"
)

const (
	// phraseTokens is the most tokens a phrase may have.
	phraseTokens = 8
	// sif is the constant a of smooth inverse frequency weighting, a/(a+p)
	// (Arora, Liang, Ma: A Simple but Tough-to-Beat Baseline for Sentence
	// Embeddings, 2017).
	sif = 1e-3
	// A word that stands only inside phrases gets so much of their concepts.
	insidePhrase = 0.8
	// A word without a concept gets those of its nearest words that have one:
	// so many of them, weighted by exp(cosine/temperature), if the nearest is
	// at least minCosine near, and damped.
	neighbours  = 8
	temperature = 0.08
	minCosine   = 0.35
	borrowed    = 0.6
	// mixed is how many concepts a borrowed row is made of at most.
	mixed = 8
	// modifierWeight is how much a modifier counts against another term.
	modifierWeight = 0.65
)

// modifiers are concepts whose terms mostly say when, how many or where about
// something else in the text, which is what the text is about ("walk the dog
// twice a day"). They count less; alone in a text they still decide.
var modifiers = []string{
	"numbers", "ordinal numbers", "quantity words", "units of quantity", "fractions and percentages",
	"weekdays", "months", "times of day", "days and weeks", "how often", "time units", "periods of time",
	"time expressions", "position words", "comparison words", "connecting words", "decision words",
	"people classes", "changes and trends", "age words", "measuring",
	"difficulty and effort", "success and failure", "speed", "growth and decline", "importance", "ownership",
	"luck", "cooperation", "helping", "movement", "talking",
}

// A person known for something is a person first: beside people of whom only
// the name is known, that is what they have in common. So concepts under
// famousPeople have at least personWeight of namesOfPeople, which the steps
// between would leave less of.
const (
	famousPeople  = "famous people"
	namesOfPeople = "names of people"
	personWeight  = 0.7
)

// terms is what the concept block knows: single tokens and phrases, each with
// a vector over the lexicon's concepts.
type terms struct {
	concepts *mat.Dense // concepts×concepts: a concept and its ancestors, unit rows
	gram     *mat.Dense // concepts×concepts: the rows' products with each other
	token    []mixture
	stop     map[string]bool // function words of other languages that are no words of English
	modifier []bool          // by concept: whether it only says when, how many or where
	own      [][]int         // the token's concepts in the lexicon itself
	foreign  []bool          // by token: whether it is a word of another language
	phrase   []phrase
	weight   []float64 // SIF weight by token
	members  [][]int   // by concept: its terms, tokens as they are, phrases after them
}

// A mixture is a vector over the concepts' rows; it has few that are not zero.
type mixture []share

type share struct {
	concept int
	weight  float64
}

type phrase struct {
	term     string
	seqs     [][]uint32 // its spellings in tokens
	concepts []int
	mix      mixture
	n        int // words
}

func collectTerms(t *teacher, lex *builtin.Lexicon) *terms {
	c, size := len(lex.Concepts), t.tok.Size()
	ts := &terms{
		concepts: mat.NewDense(c, c, nil), token: make([]mixture, size), own: make([][]int, size),
		weight: make([]float64, size), members: make([][]int, c), modifier: make([]bool, c),
		foreign: make([]bool, size), stop: make(map[string]bool),
	}
	names := slices.IndexFunc(lex.Concepts, func(c builtin.Concept) bool { return c.Name == namesOfPeople })
	for i := range c {
		row := ts.concepts.RawRowView(i)
		person := false
		for _, a := range lex.Ancestors(i) {
			row[a.Concept] = a.Weight
			person = person || lex.Concepts[a.Concept].Name == famousPeople
		}
		if person && names >= 0 {
			row[names] = max(row[names], personWeight)
		}
		l := length(row)
		for j := range row {
			row[j] /= l
		}
	}
	for i, concept := range lex.Concepts {
		ts.modifier[i] = slices.Contains(modifiers, concept.Name)
	}
	ts.gram = new(mat.Dense)
	ts.gram.Mul(ts.concepts, ts.concepts.T())
	for _, w := range lex.FunctionWords() {
		ts.stop[w] = lex.Lookup(w) == nil
	}
	for id := range size {
		w, _ := t.tok.Token(uint32(id))
		ts.weight[id] = sif / (sif + frequency(w, id))
		if !isWord(w) || builtin.IsStopWord(w) || ts.stop[w] {
			continue
		}
		_, ts.foreign[id] = lex.English(w)
		if cs := lex.Lookup(w); cs != nil {
			ts.token[id], ts.own[id] = ts.mean(cs), cs
			for _, c := range cs {
				ts.members[c] = append(ts.members[c], id)
			}
		}
	}
	for _, term := range lex.Terms() {
		seqs := spellings(t, term)
		if len(seqs) == 0 {
			continue
		}
		cs := lex.Lookup(term)
		for _, c := range cs {
			ts.members[c] = append(ts.members[c], size+len(ts.phrase))
		}
		ts.phrase = append(ts.phrase, phrase{term, seqs, cs, ts.mean(cs), strings.Count(term, " ") + 1})
	}
	return ts
}

// spellings gives the token sequences a term may stand as, in its inflections.
// A term that is one token, and one that the tokenizer cannot spell, gives
// none.
func spellings(t *teacher, term string) [][]uint32 {
	unk, _ := t.tok.UnknownID()
	var out [][]uint32
	for _, f := range builtin.Inflections(term) {
		ids := t.tok.AppendIDs(nil, f)
		if len(ids) >= 2 && len(ids) <= phraseTokens && !slices.Contains(ids, unk) {
			out = append(out, ids)
		}
	}
	return out
}

// frequency is the share of running text that a word makes up, from its rank
// in the teacher's vocabulary, which is ordered by frequency from the word
// "the" on: Zipf's law, 1/(10·rank).
func frequency(w string, id int) float64 {
	const the = 1002 // its id
	if !isWord(w) || id < the {
		return 0.01
	}
	return 1 / (10 * float64(id-the+1))
}

func isWord(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// mean is the mean of the concepts' rows over the square root of its length,
// so that a term of several concepts counts somewhat less than a clear one. A
// term of modifiers alone counts less still.
func (ts *terms) mean(concepts []int) mixture {
	m := make(mixture, len(concepts))
	for i, c := range concepts {
		m[i] = share{c, 1 / float64(len(concepts))}
	}
	s := math.Sqrt(ts.length(m))
	if !slices.ContainsFunc(concepts, func(c int) bool { return !ts.modifier[c] }) {
		s /= modifierWeight
	}
	for i := range m {
		m[i].weight /= s
	}
	return m
}

// length is the Euclidean length of a mixture of the concepts' rows.
func (ts *terms) length(m mixture) float64 {
	var sum float64
	for _, a := range m {
		for _, b := range m {
			sum += a.weight * b.weight * ts.gram.At(a.concept, b.concept)
		}
	}
	return math.Sqrt(sum)
}

// strongest keeps the concepts with the largest weights.
func strongest(weights []float64) mixture {
	var m mixture
	for c, w := range weights {
		if w > 0 {
			m = append(m, share{c, w})
		}
	}
	slices.SortFunc(m, func(a, b share) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), a.concept-b.concept)
	})
	return m[:min(len(m), mixed)]
}

func length(v []float64) float64 {
	var sum float64
	for _, x := range v {
		sum += x * x
	}
	return math.Sqrt(sum)
}

// spread gives words that stand only inside phrases a share of the phrases'
// concepts.
func (ts *terms) spread(t *teacher) {
	c, _ := ts.concepts.Dims()
	sum := make(map[uint32][]float64)
	count := make(map[uint32]float64)
	for _, p := range ts.phrase {
		if p.n < 2 {
			continue
		}
		for _, id := range p.seqs[0] {
			w, _ := t.tok.Token(id)
			if ts.own[id] != nil || !isWord(w) || builtin.IsStopWord(w) || ts.stop[w] {
				continue
			}
			if sum[id] == nil {
				sum[id] = make([]float64, c)
			}
			for _, s := range p.mix {
				sum[id][s.concept] += s.weight
			}
			count[id]++
		}
	}
	for id, v := range sum {
		for j := range v {
			v[j] *= insidePhrase / count[id]
		}
		ts.token[id] = strongest(v)
	}
}

// fill gives words without a concept those of their nearest words in the
// teacher's table.
func (ts *terms) fill(t *teacher) {
	unit := centredUnitRows(t)
	var have, lack []int
	for id := range ts.token {
		w, _ := t.tok.Token(uint32(id))
		switch {
		case ts.own[id] != nil && !ts.foreign[id]:
			have = append(have, id)
		case ts.own[id] == nil && isWord(w) && !builtin.IsStopWord(w) && !ts.stop[w] && utf8.RuneCountInString(w) > 1:
			lack = append(lack, id)
		}
	}
	src := pick(unit, have)
	const block = 1024
	for lo := 0; lo < len(lack); lo += block {
		ids := lack[lo:min(lo+block, len(lack))]
		var sim mat.Dense
		sim.Mul(pick(unit, ids), src.T())
		for i, id := range ids {
			if v := ts.borrow(have, sim.RawRowView(i)); v != nil {
				if phrases := ts.token[id]; phrases != nil {
					for j := range v {
						v[j] /= 2
					}
					for _, s := range phrases {
						v[s.concept] += s.weight
					}
				}
				ts.token[id] = strongest(v)
			}
		}
	}
}

// borrow is the weighted mean of the nearest words' concepts, or nil.
func (ts *terms) borrow(have []int, sim []float64) []float64 {
	order := make([]int, len(sim))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case sim[a] > sim[b]:
			return -1
		case sim[a] < sim[b]:
			return 1
		}
		return a - b
	})
	order = order[:min(neighbours, len(order))]
	best := sim[order[0]]
	confidence := (best - minCosine) / (1 - minCosine)
	if confidence <= 0 {
		return nil
	}
	var total float64
	weights := make([]float64, len(order))
	for i, o := range order {
		weights[i] = math.Exp((sim[o] - best) / temperature)
		total += weights[i]
	}
	c, _ := ts.concepts.Dims()
	v := make([]float64, c)
	for i, o := range order {
		f := borrowed * math.Sqrt(confidence) * weights[i] / total
		for _, s := range ts.token[have[o]] {
			v[s.concept] += f * s.weight
		}
	}
	return v
}

// centredUnitRows is the teacher's table with the mean of its whole words
// taken off and the rows at unit length.
func centredUnitRows(t *teacher) *mat.Dense {
	n, d := t.rows.Dims()
	mean := make([]float64, d)
	words := 0.0
	for id := range n {
		if w, _ := t.tok.Token(uint32(id)); isWord(w) {
			words++
			for j, x := range t.rows.RawRowView(id) {
				mean[j] += x
			}
		}
	}
	out := mat.NewDense(n, d, nil)
	for id := range n {
		row := out.RawRowView(id)
		for j, x := range t.rows.RawRowView(id) {
			row[j] = x - mean[j]/words
		}
		if l := length(row); l > 0 {
			for j := range row {
				row[j] /= l
			}
		}
	}
	return out
}

func pick(m *mat.Dense, rows []int) *mat.Dense {
	_, d := m.Dims()
	out := mat.NewDense(len(rows), d, nil)
	for i, r := range rows {
		copy(out.RawRowView(i), m.RawRowView(r))
	}
	return out
}
