package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// A space is the concept block as the model holds it.
type space struct {
	concepts      *mat.Dense // concepts×dims
	tokenRows     []int32    // token ▸ row, or -1
	phrases       []uint16   // the phrases' tokens, sorted phrase by phrase
	lengths       []uint8    // how many tokens each phrase has
	phraseRows    []uint16
	phraseGeneral []uint16  // phrase ▸ row of the general block, or noRow
	own           int       // how many rows, the first ones, are of terms of the lexicon
	rowLengths    []uint8   // row ▸ how many concepts it has
	mixed         []uint16  // those concepts, row by row
	shares        []uint8   // and their shares
	rowScales     []float32 // row ▸ what the shares are multiplied by
}

// balance is how much the concepts count against the terms in the choice of
// the axes. Without it, concepts with few terms would share axes and be lost.
const balance = 3

// exact is how many of the dimensions are eigenvectors. All the others are a
// random projection of what these leave: further eigenvectors would drop the
// small differences between sibling concepts, a projection keeps some of each.
const exact = 64

// makeSpace lays the terms' mixtures out in rows, which terms of the same
// concepts share, and the concepts in dims dimensions.
// general says which row of the general block stands for each phrase.
func makeSpace(ts *terms, general []uint16, dims int) (*space, error) {
	s := &space{tokenRows: make([]int32, len(ts.token))}
	known := make(map[string]int)
	ownRow := func(concepts []int, m mixture) int {
		k := fmt.Sprint(concepts)
		at, ok := known[k]
		if !ok {
			at = s.add(m)
			known[k] = at
		}
		return at
	}
	type spelled struct {
		seq     []uint32
		row     int
		general uint16
	}
	var all []spelled
	for i, p := range ts.phrase {
		row := ownRow(p.concepts, p.mix)
		for _, seq := range p.seqs {
			all = append(all, spelled{seq, row, general[i]})
		}
	}
	for id, m := range ts.token {
		s.tokenRows[id] = -1
		if ts.own[id] != nil {
			s.tokenRows[id] = int32(ownRow(ts.own[id], m))
		}
	}
	s.own = len(s.rowLengths)
	for id, m := range ts.token {
		if ts.own[id] == nil && m != nil {
			s.tokenRows[id] = int32(s.add(m))
		}
	}
	// The rows of the general block are the tokens' and, after them, the concepts'.
	if len(s.rowLengths) > math.MaxUint16 || len(ts.token)+len(ts.members) > noRow {
		return nil, fmt.Errorf("%d rows, or %d tokens and %d concepts, do not fit in 16 bits", len(s.rowLengths), len(ts.token), len(ts.members))
	}
	// Two terms may be spelled with the same tokens; the first one counts.
	slices.SortStableFunc(all, func(a, b spelled) int { return slices.Compare(a.seq, b.seq) })
	all = slices.CompactFunc(all, func(a, b spelled) bool { return slices.Equal(a.seq, b.seq) })
	for _, p := range all {
		for _, id := range p.seq {
			s.phrases = append(s.phrases, uint16(id))
		}
		s.lengths = append(s.lengths, uint8(len(p.seq)))
		s.phraseRows = append(s.phraseRows, uint16(p.row))
		s.phraseGeneral = append(s.phraseGeneral, p.general)
	}
	s.concepts = reduce(ts, dims)
	return s, nil
}

// add appends a row and returns which it is.
func (s *space) add(m mixture) int {
	var top float64
	for _, x := range m {
		top = max(top, x.weight)
	}
	n := 0
	for _, x := range m {
		if q := uint8(math.RoundToEven(x.weight / top * math.MaxUint8)); q > 0 {
			s.mixed, s.shares = append(s.mixed, uint16(x.concept)), append(s.shares, q)
			n++
		}
	}
	s.rowLengths = append(s.rowLengths, uint8(n))
	s.rowScales = append(s.rowScales, float32(top/math.MaxUint8))
	return len(s.rowLengths) - 1
}

// reduce brings the concepts' rows from one dimension for each concept to
// dims: onto the eigenvectors with the largest eigenvalues of
//
//	G/tr G + balance · H/tr H
//
// with G the second moment of the terms' vectors and H that of the concepts'
// centroids (of the unit vectors of their terms); and, in the dimensions after
// those, a Gaussian random projection of the rest, which keeps its lengths and
// distances in expectation (Johnson and Lindenstrauss, 1984).
func reduce(ts *terms, dims int) *mat.Dense {
	c, _ := ts.concepts.Dims()
	// Both moments are first taken over mixtures, which are sparse:
	// G = Pᵀ·(Σ m·mᵀ)·P.
	moment := mat.NewDense(c, c, nil)
	mixtureOf := func(term int) mixture {
		if term < len(ts.token) {
			return ts.token[term]
		}
		return ts.phrase[term-len(ts.token)].mix
	}
	for term := range len(ts.token) + len(ts.phrase) {
		var weight float64
		if term < len(ts.token) {
			weight = ts.weight[term] * ts.weight[term]
		} else {
			weight = float64(ts.phrase[term-len(ts.token)].n)
		}
		m := mixtureOf(term)
		for _, a := range m {
			row := moment.RawRowView(a.concept)
			for _, b := range m {
				row[b.concept] += weight * a.weight * b.weight
			}
		}
	}
	centroids := mat.NewDense(c, c, nil)
	for i, members := range ts.members {
		row := centroids.RawRowView(i)
		for _, term := range members {
			m := mixtureOf(term)
			l := ts.length(m)
			for _, s := range m {
				row[s.concept] += s.weight / l
			}
		}
	}
	var half, full, cent mat.Dense
	half.Mul(moment, ts.concepts)
	full.Mul(ts.concepts.T(), &half)
	cent.Mul(centroids, ts.concepts)
	for i := range c {
		row := cent.RawRowView(i)
		if l := length(row); l > 0 {
			for j := range row {
				row[j] /= l
			}
		}
	}
	var h mat.SymDense
	h.SymOuterK(1, cent.T())
	sum := mat.NewSymDense(c, nil)
	fg, fh := 1/mat.Trace(&full), balance/mat.Trace(&h)
	for i := range c {
		for j := i; j < c; j++ {
			sum.SetSym(i, j, fg*full.At(i, j)+fh*h.At(i, j))
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(sum, true) {
		panic("train-builtin: the eigenvalues of a symmetric matrix did not converge")
	}
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	axes := mat.NewDense(c, dims, nil)
	n := min(exact, c)
	for j := range n {
		axes.SetCol(j, signed(mat.Col(nil, c-1-j, &vectors))) // eigenvalues ascend
	}
	if n < c {
		noise := mat.NewDense(c-n, dims-n, nil)
		rng := rand.New(rand.NewPCG(1, 2))
		for i := range c - n {
			for j := range dims - n {
				noise.Set(i, j, rng.NormFloat64()/math.Sqrt(float64(dims-n)))
			}
		}
		axes.Slice(0, c, n, dims).(*mat.Dense).Mul(vectors.Slice(0, c, 0, c-n), noise)
	}
	var out mat.Dense
	out.Mul(ts.concepts, axes)
	return &out
}

// signed turns an eigenvector, whose sign is arbitrary, so that its largest
// number is positive.
func signed(v []float64) []float64 {
	top := 0
	for i := range v {
		if math.Abs(v[i]) > math.Abs(v[top]) {
			top = i
		}
	}
	if v[top] < 0 {
		for i := range v {
			v[i] = -v[i]
		}
	}
	return v
}
