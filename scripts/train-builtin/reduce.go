package main

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// A space is the concept block as the model holds it.
type space struct {
	rows       *mat.Dense // terms×dims, SIF weight multiplied in
	concepts   *mat.Dense // concepts×dims
	tokenRows  []int32    // token ▸ row, or -1
	phrases    []int32    // phrases×phraseTokens, token ids filled up with -1
	phraseRows []int32
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
func reduce(ts *terms, dims int) *space {
	c, _ := ts.concepts.Dims()
	s := &space{tokenRows: make([]int32, len(ts.token))}
	var vecs [][]float64
	rowOf := make([]int, len(ts.token)+len(ts.phrase)) // term ▸ row, or -1
	add := func(v []float64, weight float64) int32 {
		row := make([]float64, c)
		for j, x := range v {
			row[j] = weight * x
		}
		vecs = append(vecs, row)
		return int32(len(vecs) - 1)
	}
	for id, v := range ts.token {
		s.tokenRows[id] = -1
		if v != nil {
			s.tokenRows[id] = add(v, ts.weight[id])
		}
		rowOf[id] = int(s.tokenRows[id])
	}
	for i, p := range ts.phrase {
		row := add(p.vec, math.Sqrt(float64(p.n)))
		rowOf[len(ts.token)+i] = int(row)
		for _, seq := range p.seqs {
			for j := range phraseTokens {
				id := int32(-1)
				if j < len(seq) {
					id = int32(seq[j])
				}
				s.phrases = append(s.phrases, id)
			}
			s.phraseRows = append(s.phraseRows, row)
		}
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
	var g, h mat.SymDense
	g.SymOuterK(1, full.T())
	h.SymOuterK(1, cent.T())
	g.ScaleSym(1/mat.Trace(&g), &g)
	h.ScaleSym(balance/mat.Trace(&h), &h)
	g.AddSym(&g, &h)
	var eig mat.EigenSym
	if !eig.Factorize(&g, true) {
		panic("train-builtin: the eigenvalues of a symmetric matrix did not converge")
	}
	var all mat.Dense
	eig.VectorsTo(&all)
	axes := mat.NewDense(c, dims, nil)
	for j := range dims {
		col := mat.Col(nil, c-1-j, &all) // eigenvalues ascend
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
	return s
}
