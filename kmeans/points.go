package kmeans

import (
	"context"
	"math"
)

// points is the rows to cluster: all rows of x, or a sample of them.
type points struct {
	x    []float32
	n, d int
	idx  []int32   // the row of x that stands at each place; nil means all rows
	w    []float32 // weight at each place; nil means 1
	norm []float32 // Euclidean length at each place, never rounded down
	base []float32 // squared distance to mean
	mean []float32 // about the mean of all rows
	pool pool

	spread  float64 // Σ w·base
	longest float64 // the largest norm
}

// sumUp fills what is kept of all rows.
func (p *points) sumUp() {
	for i, v := range p.base {
		p.spread += float64(p.weight(i) * float64(v))
		p.longest = max(p.longest, float64(p.norm[i]))
	}
}

func (p *points) row(i int) []float32 {
	if p.idx != nil {
		i = int(p.idx[i])
	}
	return p.x[i*p.d : (i+1)*p.d : (i+1)*p.d]
}

func (p *points) rowAt(i int) *float32 {
	if p.idx != nil {
		i = int(p.idx[i])
	}
	return &p.x[i*p.d]
}

func (p *points) weight(i int) float64 {
	if p.w == nil {
		return 1
	}
	return float64(p.w[i])
}

// sample returns the rows at the given places of p.
func (p *points) sample(at []int32) *points {
	s := &points{
		x: p.x, n: len(at), d: p.d, mean: p.mean, pool: p.pool,
		idx: make([]int32, len(at)), norm: make([]float32, len(at)), base: make([]float32, len(at)),
	}
	if p.w != nil {
		s.w = make([]float32, len(at))
	}
	for j, i := range at {
		s.norm[j], s.base[j] = p.norm[i], p.base[i]
		if p.w != nil {
			s.w[j] = p.w[i]
		}
		if p.idx != nil {
			i = p.idx[i]
		}
		s.idx[j] = i
	}
	s.sumUp()
	return s
}

// maxSquare bounds ‖x‖² so that no squared distance between two rows, at most
// (‖x‖+‖y‖)², and no product of the kernels overflows float32.
const maxSquare = math.MaxFloat32 / 16

// newPoints checks the rows and the weights.
func newPoints(ctx context.Context, pl pool, x []float32, n, d int, w []float32) (*points, error) {
	if w != nil {
		if err := checkWeights(w); err != nil {
			return nil, err
		}
	}
	p := &points{x: x, n: n, d: d, w: w, norm: make([]float32, n), base: make([]float32, n), pool: pl}
	p.mean = roughMean(x, n, d)
	zero := make([]float32, d)
	nb := blocks(n, blockRows)
	bad := make([]bool, nb)
	err := pl.each(ctx, nb, func(_, b int) {
		for i := b * blockRows; i < min(n, (b+1)*blockRows); i++ {
			sq := pl.sqDist(p.row(i), zero)
			if !(sq <= maxSquare) {
				bad[b] = true
				return
			}
			p.norm[i] = roundUp(math.Sqrt(sq) * up)
			p.base[i] = float32(pl.sqDist(p.row(i), p.mean))
		}
	})
	if err != nil {
		return nil, err
	}
	for b, bad := range bad {
		if bad {
			lo, hi := b*blockRows, min(n, (b+1)*blockRows)
			return nil, firstBad(x[lo*d:hi*d], lo, d, "row")
		}
	}
	p.sumUp()
	return p, nil
}

// roughMean is the mean of up to 1024 rows that lie equally far apart, or zero
// if that is not finite. What it is has no influence on a result, but for how
// much is left to decide in float64.
func roughMean(x []float32, n, d int) []float32 {
	mean, sum := make([]float32, d), make([]float64, d)
	m := min(n, 1024)
	for q := range m {
		i := int(int64(q) * int64(n) / int64(m))
		for t, v := range x[i*d : (i+1)*d] {
			sum[t] += float64(v)
		}
	}
	for t, v := range sum {
		mean[t] = float32(v / float64(m))
	}
	if m > 0 && !(sqNorm(mean) <= maxSquare) {
		clear(mean)
	}
	return mean
}

// checkRows does for a few rows what newPoints does for X.
func checkRows(c []float32, k, d int, what string) error {
	for j := range k {
		if !(sqNorm(c[j*d:(j+1)*d]) <= maxSquare) {
			return firstBad(c[j*d:(j+1)*d], j, d, what)
		}
	}
	return nil
}

// firstBad names the first cell or row of x that newPoints refuses; x starts
// at row first.
func firstBad(x []float32, first, d int, what string) error {
	for i := 0; i < len(x)/d; i++ {
		row := x[i*d : (i+1)*d]
		for c, v := range row {
			if v != v || math.IsInf(float64(v), 0) {
				return cellErrorf(first+i, c, "leave out rows that have no vector",
					"kmeans: %s %d, column %d is %v", what, first+i, c, v)
			}
		}
		if sqNorm(row) > maxSquare {
			return cellErrorf(first+i, -1, "scale the data down",
				"kmeans: %s %d has length %.3g: its squared distances overflow float32", what, first+i, math.Sqrt(sqNorm(row)))
		}
	}
	panic("kmeans: no bad row")
}

func checkWeights(w []float32) error {
	positive := false
	for i, v := range w {
		if !(v >= 0) || math.IsInf(float64(v), 0) {
			return cellErrorf(i, -1, "weights are finite and 0 or more", "kmeans: the weight of row %d is %v", i, v)
		}
		positive = positive || v > 0
	}
	if !positive {
		return inputErrorf("give at least one row a weight above 0", "kmeans: all weights are zero")
	}
	return nil
}

// roundUp is a conversion to float32 that keeps a bound a bound.
func roundUp(v float64) float32 {
	f := float32(v)
	if float64(f) < v {
		f = math.Nextafter32(f, posInf)
	}
	return f
}

// hashRow is FNV-1a over the bits of a row; −0 counts as 0, its equal.
func hashRow(x []float32) uint64 {
	h := uint64(14695981039346656037)
	for _, v := range x {
		if v == 0 {
			v = 0
		}
		h = (h ^ uint64(math.Float32bits(v))) * 1099511628211
	}
	return h
}
