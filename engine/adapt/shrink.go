package adapt

import (
	"math"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"
)

// minShrink is the fewest texts whose directions say which of them are shared.
const minShrink = 20

// leastLeft is how much of a row's length has to be left for the row to have a
// direction: of less, the rounding of float32 vectors decides where it points.
const leastLeft = 1e-3

// shrink takes off the rows of v, n×d, what few of them share: with the
// singular value decomposition V = U·S·Wᵀ and t the median of the n singular
// values, it becomes U·S'·Wᵀ with
//
//	s' = √(s² - t²), or 0 where s < t
//
// and rows of unit length again. In a short list most of what sets a note
// apart from the others is its own alone, and tells no groups apart; what is
// common to a group has large singular values. It is the shrinkage of a matrix
// under white noise whose level is the median (Gavish and Donoho, Optimal
// Shrinkage of Singular Values, 2017, for the idea).
//
// A row of which nothing is left, since it shares nothing, stays as it is, as
// does one that is zero; and all do if one has a number that is not finite.
//
// It returns W·(S'/S)·Wᵀ, which does the same to rows that are not of v, and the
// noise level t.
func shrink(v blas32.General) (*mat.Dense, float64) {
	n, d := v.Rows, v.Cols
	// U·S'·Wᵀ = U·(S'/S)·Uᵀ·V, and U and S² are the eigenvectors and
	// eigenvalues of V·Vᵀ, which is far smaller than V.
	x := mat.NewDense(n, d, nil)
	for i := range n {
		row := x.RawRowView(i)
		for j, f := range v.Data[i*v.Stride:][:d] {
			row[j] = float64(f)
		}
	}
	gram := mat.NewSymDense(n, nil)
	gram.SymOuterK(1, x)
	var eig mat.EigenSym
	if !eig.Factorize(gram, true) {
		return nil, 0 // not finite: whoever looks at the vectors next says so
	}
	values := eig.Values(nil) // ascending
	noise := max(0, values[n-1-n/2])
	var u mat.Dense
	eig.VectorsTo(&u)
	filter := mat.NewDense(n, n, nil)
	shared := mat.NewDense(d, d, nil)
	for k, s := range values {
		if s <= noise {
			continue
		}
		f := math.Sqrt(1 - noise/s)
		for i := range n {
			for j := range n {
				filter.Set(i, j, filter.At(i, j)+f*u.At(i, k)*u.At(j, k))
			}
		}
		var w mat.VecDense
		w.MulVec(x.T(), u.ColView(k)) // S·W
		shared.RankOne(shared, f/s, &w, &w)
	}
	var out mat.Dense
	out.Mul(filter, x)
	for i := range n {
		keepShared(v.Data[i*v.Stride:][:d], out.RawRowView(i))
	}
	return shared, math.Sqrt(noise)
}

// keepShared makes a row what is left of it, at unit length, where that has a
// direction.
func keepShared(row []float32, left []float64) {
	if mat.Norm(mat.NewVecDense(len(left), left), 2) < leastLeft*length(row) || length(row) == 0 {
		return
	}
	for j, f := range left {
		row[j] = float32(f)
	}
	normalise(row)
}
