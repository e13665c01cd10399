package main

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// A space is the concept block as the model holds it.
type space struct {
	rows       *mat.Dense // distinct rows×dims
	concepts   *mat.Dense // concepts×dims
	tokenRows  []int32    // token ▸ row, or -1
	phrases    []uint16   // the phrases' tokens, sorted phrase by phrase
	lengths    []uint8    // how many tokens each phrase has
	phraseRows []uint16
	setLengths []uint8  // row ▸ how many concepts it stands for; 0 where it is borrowed
	sets       []uint16 // those concepts, row by row
}

// balance is how much the concepts count against the terms in the choice of
// the axes. Without it, concepts with few terms would share axes and be lost.
const balance = 3

// reduce brings the terms' vectors from one dimension for each concept to
// dims: onto the eigenvectors with the largest eigenvalues of
//
//	G/tr G + balance · H/tr H
//
// with G the second moment of the terms' rows and H that of the concepts'
// centroids (of the unit rows of their terms).
func reduce(ts *terms, dims int) (*space, error) {
	c, _ := ts.concepts.Dims()
	s := &space{tokenRows: make([]int32, len(ts.token))}
	var vecs [][]float64 // the rows
	known := make(map[string]int)
	add := func(v []float64, concepts []int) int {
		k := fmt.Sprint(concepts)
		if at, ok := known[k]; ok {
			return at
		}
		if concepts != nil {
			known[k] = len(vecs)
		}
		vecs = append(vecs, v)
		s.setLengths = append(s.setLengths, uint8(len(concepts)))
		for _, c := range concepts {
			s.sets = append(s.sets, uint16(c))
		}
		return len(vecs) - 1
	}
	rowOf := make([]int, len(ts.token)+len(ts.phrase)) // term ▸ row, or -1
	weight := make([]float64, len(rowOf))
	for id, v := range ts.token {
		s.tokenRows[id], rowOf[id] = -1, -1
		if v != nil {
			rowOf[id] = add(v, ts.own[id])
			s.tokenRows[id] = int32(rowOf[id])
			weight[id] = ts.weight[id]
		}
	}
	type spelled struct {
		seq []uint32
		row int
	}
	var all []spelled
	for i, p := range ts.phrase {
		rowOf[len(ts.token)+i] = add(p.vec, p.concepts)
		weight[len(ts.token)+i] = math.Sqrt(float64(p.n))
		for _, seq := range p.seqs {
			all = append(all, spelled{seq, rowOf[len(ts.token)+i]})
		}
	}
	if len(vecs) > math.MaxUint16 || len(ts.token) > math.MaxUint16 {
		return nil, fmt.Errorf("%d rows and %d tokens do not fit in 16 bits", len(vecs), len(ts.token))
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
	}
	full := mat.NewDense(len(vecs), c, nil)
	for i, v := range vecs {
		copy(full.RawRowView(i), v)
	}
	cent := mat.NewDense(c, c, nil)
	for i, members := range ts.members {
		row := cent.RawRowView(i)
		for _, m := range members {
			v := full.RawRowView(rowOf[m])
			l := length(v)
			for j, x := range v {
				row[j] += x / l
			}
		}
		if l := length(row); l > 0 {
			for j := range row {
				row[j] /= l
			}
		}
	}
	// Each term counts with its weight, though terms share rows.
	count := make([]float64, len(vecs))
	for i, r := range rowOf {
		if r >= 0 {
			count[r] += weight[i] * weight[i]
		}
	}
	weighted := mat.NewDense(len(vecs), c, nil)
	for i, v := range vecs {
		for j, x := range v {
			weighted.Set(i, j, math.Sqrt(count[i])*x)
		}
	}
	var g, h mat.SymDense
	g.SymOuterK(1, weighted.T())
	h.SymOuterK(1, cent.T())
	g.ScaleSym(1/mat.Trace(&g), &g)
	h.ScaleSym(balance/mat.Trace(&h), &h)
	g.AddSym(&g, &h)
	var eig mat.EigenSym
	if !eig.Factorize(&g, true) {
		panic("train-builtin: the eigenvalues of a symmetric matrix did not converge")
	}
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	axes := mat.NewDense(c, dims, nil)
	for j := range dims {
		col := mat.Col(nil, c-1-j, &vectors) // eigenvalues ascend
		top := 0
		for i := range col {
			if math.Abs(col[i]) > math.Abs(col[top]) {
				top = i
			}
		}
		sign := math.Copysign(1, col[top]) // an eigenvector's sign is arbitrary: fix it
		for i, x := range col {
			axes.Set(i, j, sign*x)
		}
	}
	s.rows, s.concepts = new(mat.Dense), new(mat.Dense)
	s.rows.Mul(full, axes)
	s.concepts.Mul(ts.concepts, axes)
	return s, nil
}
