package transformer

import "math"

// A Pooling makes one vector of the vectors of a text's tokens.
type Pooling string

// The poolings, by the names that engine.Info has for them.
const (
	Mean         Pooling = "mean"
	CLS          Pooling = "cls"  // the first token's
	Last         Pooling = "last" // the last token's
	Max          Pooling = "max"
	MeanSqrt     Pooling = "mean_sqrt_len" // the sum over √n; a mean but for its length
	WeightedMean Pooling = "weightedmean"  // the i-th token weighs i, counted from 1
	InGraph      Pooling = "model"         // the graph pools by itself
)

// pool writes the pooled vector of n tokens into dst, of length d. hidden is
// n×d; the first skip tokens are those of a prompt that does not count, which
// leaves at least one. Sums are kept in sum, which has length d.
func (p Pooling) pool(dst []float32, sum []float64, hidden []float32, n, skip int) {
	d := len(dst)
	row := func(t int) []float32 { return hidden[t*d : (t+1)*d] }
	switch p {
	case CLS, InGraph:
		copy(dst, row(0))
	case Last:
		copy(dst, row(n-1))
	case Max:
		copy(dst, row(skip))
		for t := skip + 1; t < n; t++ {
			for j, x := range row(t) {
				dst[j] = max(dst[j], x)
			}
		}
	default:
		clear(sum)
		total := 0.0
		for t := skip; t < n; t++ {
			w := 1.0
			if p == WeightedMean {
				w = float64(t + 1)
			}
			total += w
			for j, x := range row(t) {
				sum[j] += w * float64(x)
			}
		}
		if p == MeanSqrt {
			total = math.Sqrt(total)
		}
		for j, s := range sum {
			dst[j] = float32(s / total)
		}
	}
}

// unit scales v to unit length. It reports whether it could: a vector that is
// zero or not finite has no direction.
func unit(v []float32) bool {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	norm := math.Sqrt(sum)
	if !(norm > 0) || math.IsInf(norm, 0) {
		return false
	}
	for i, x := range v {
		v[i] = float32(float64(x) / norm)
	}
	return true
}

// finite reports whether all of v is finite.
func finite(v []float32) bool {
	for _, x := range v {
		if d := x - x; d != 0 { // of NaN and infinities it is NaN
			return false
		}
	}
	return true
}
