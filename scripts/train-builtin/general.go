package main

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"sheaf/models/builtin"
)

// noRow says that a phrase's own tokens stand for it.
const noRow = math.MaxUint16

// fewestMembers is of how many whole words a concept's row is the mean at
// least.
const fewestMembers = 3

// A general block is the teacher's table and, after it, a row for each
// concept: the mean direction of its words, at the length of a usual row. It
// stands for words that the teacher only knows in pieces, of which the pieces
// ("co", "urg", "ettes") mean other things. A word of another language has the
// row of its English one.
type generalBlock struct {
	rows     *mat.Dense // tokens+concepts × dims
	mapping  []uint16   // token ▸ row
	phrases  []uint16   // phrase ▸ row, or noRow
	function []uint16   // tokens that are function words of other languages
}

func makeGeneral(t *teacher, lex *builtin.Lexicon, ts *terms) *generalBlock {
	n, c := t.tok.Size(), len(lex.Concepts)
	g := &generalBlock{
		rows: mat.NewDense(n+c, t.dims, nil), mapping: make([]uint16, n),
		phrases: make([]uint16, len(ts.phrase)),
	}
	var lengths []float64
	for id := range n {
		row := t.rows.RawRowView(id)
		copy(g.rows.RawRowView(id), row)
		g.mapping[id] = uint16(id)
		if ts.own[id] != nil {
			lengths = append(lengths, length(row))
		}
	}
	slices.Sort(lengths)
	usual := lengths[len(lengths)/2]
	has := make([]bool, c)
	for i, members := range ts.members {
		row := g.rows.RawRowView(n + i)
		words := 0
		for _, id := range members {
			if id >= n || ts.foreign[id] {
				continue
			}
			words++
			src := t.rows.RawRowView(id)
			l := length(src)
			for j, x := range src {
				row[j] += x / l
			}
		}
		if l := length(row); words >= fewestMembers && l > 0 {
			has[i] = true
			for j := range row {
				row[j] *= usual / l
			}
		}
	}
	// rowOf is the row that stands for a term: of the smallest of its concepts,
	// which says most about it.
	rowOf := func(concepts []int) uint16 {
		best := -1
		for _, k := range concepts {
			if has[k] && (best < 0 || len(ts.members[k]) < len(ts.members[best])) {
				best = k
			}
		}
		if best < 0 {
			return noRow
		}
		return uint16(n + best)
	}
	english := func(term string, concepts []int) uint16 {
		e, _ := lex.English(term)
		if id, ok := t.tok.ID(e); ok {
			return uint16(id)
		}
		return rowOf(concepts)
	}
	for id := range n {
		if !ts.foreign[id] {
			continue
		}
		w, _ := t.tok.Token(uint32(id))
		if r := english(w, ts.own[id]); r != noRow {
			g.mapping[id] = r
		}
	}
	for i, p := range ts.phrase {
		switch _, foreign := lex.English(p.term); {
		case foreign:
			g.phrases[i] = english(p.term, p.concepts)
		case p.n == 1:
			g.phrases[i] = rowOf(p.concepts)
		default:
			g.phrases[i] = noRow
		}
	}
	for _, w := range lex.FunctionWords() {
		if id, ok := t.tok.ID(w); ok {
			g.function = append(g.function, uint16(id))
		}
	}
	slices.Sort(g.function)
	g.function = slices.Compact(g.function)
	return g
}

// weights are the scales of the quantised rows as they are looked up: first by
// token, then for the rows of concepts.
func (g *generalBlock) weights(scales []float32) []float32 {
	out := make([]float32, len(scales))
	for i := range out {
		row := i
		if i < len(g.mapping) {
			row = int(g.mapping[i])
		}
		out[i] = scales[row]
	}
	return out
}
