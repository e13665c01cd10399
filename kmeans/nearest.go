package kmeans

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

const (
	// blockRows is the number of rows that one task works on.
	blockRows = 256
	// A product of tileRows×tileCols is small enough for gonum's Gemm to
	// stay on the calling goroutine (it parallelises from 4 blocks of 64×64
	// on), and tileDims keeps its operands in the first-level cache.
	tileRows = 64
	tileCols = 192
	tileDims = 64
	// directK is up to how many centroids measuring all distances is as fast
	// as ruling most of them out by a matrix product.
	directK = 8

	unitRoundoff32 = 1.0 / (1 << 24)
	unitRoundoff64 = 1.0 / (1 << 53)
)

// A finder finds the nearest of k centroids.
//
// For many centroids it takes two steps. A product in float32 gives
//
//	v_j = ‖c_j‖² − ‖μ‖² − 2·x·(c_j−μ) = ‖x−c_j‖² − ‖x−μ‖²
//
// up to an error e, where μ is the mean of the centroids, taken off so that a
// common offset costs no precision. A dot product of length d in float32 is
// off by at most γ‖x‖‖c‖ with γ = d·u/(1−d·u), u = 2⁻²⁴, whatever the order of
// its sum (Higham 2002, section 3.1); e adds the other roundings. Every
// centroid within 2e of the least v is then measured in float64.
//
// The product is X·W with W d×k, both not transposed: gonum computes it by
// f32.AxpyUnitary along the rows of the result, so each element is summed in
// the order of the dimensions at any alignment and in any block. (Its dot
// product, which X·Cᵀ with C k×d would use, is not so: it sums up to the
// first 16-byte boundary apart.) The result does not need it, as e holds for
// any order; the amount of work does, a little.
type finder struct {
	k, d int
	c    []float32 // k×d
	w    []float32 // d×k, −2(c−μ)
	bias []float32 // ‖c‖² − ‖μ‖²
	// An error bound is errScale·‖x‖ + errConst + errSquare·(‖x‖+longest)².
	errScale, errConst, errSquare, longest float64

	// bothExact has the second distance measured too, not bounded only.
	bothExact bool

	mean []float64
}

func newFinder(k, d int) *finder {
	f := &finder{k: k, d: d}
	if k > directK {
		f.w = make([]float32, d*k)
		f.bias = make([]float32, k)
		f.mean = make([]float64, d)
	}
	return f
}

// set takes c, k×d, as the centroids. It keeps c and does not write it.
func (f *finder) set(c []float32) {
	f.c = c
	k, d := f.k, f.d
	if k <= directK {
		return
	}
	clear(f.mean)
	for j := range k {
		for t, v := range c[j*d : (j+1)*d] {
			f.mean[t] += float64(v)
		}
	}
	var meanSq float64
	for t := range f.mean {
		f.mean[t] /= float64(k)
		meanSq += float64(f.mean[t] * f.mean[t])
	}
	var maxOff, maxBias, maxNorm float64
	for j := range k {
		row := c[j*d : (j+1)*d]
		var off float64
		for t, v := range row {
			w := float32(float64(v) - f.mean[t])
			f.w[t*k+j] = -2 * w
			off += float64(float64(w) * float64(w))
		}
		sq := sqNorm(row)
		f.bias[j] = float32(sq - meanSq)
		maxOff = max(maxOff, off)
		maxBias = max(maxBias, math.Abs(sq-meanSq))
		maxNorm = max(maxNorm, sq)
	}
	maxOff, maxNorm = math.Sqrt(maxOff), math.Sqrt(maxNorm)
	// 2(γ_d+u)‖x‖‖c−μ‖ for the product and the rounding of c−μ; one u more
	// each for the bias, and for the sum of both.
	du := float64(d+8) * unitRoundoff32
	gamma := math.Inf(1)
	if du < 0.5 {
		gamma = du / (1 - du)
	}
	f.errScale = 2 * gamma * maxOff
	f.errConst = 4*unitRoundoff32*maxBias + float64(d+8)*(1.0/(1<<60))*(1.0/(1<<60))*(1.0/(1<<26)) // underflow: 2⁻¹⁴⁶ a term
	f.errSquare = 4 * float64(d+8) * unitRoundoff64
	f.longest = maxNorm
}

func (f *finder) errorBound(norm float32) float64 {
	x := float64(norm)
	s := x + f.longest
	return f.errScale*x + f.errConst + f.errSquare*s*s
}

// scratch is what one goroutine needs to look for nearest centroids.
type scratch struct {
	prod    []float32 // tileRows×k
	gather  []float32 // tileRows×d
	pending []int32
}

func (f *finder) newScratch() *scratch {
	s := &scratch{}
	if f.k > directK {
		s.prod = make([]float32, tileRows*f.k)
		s.gather = make([]float32, tileRows*f.d)
	}
	return s
}

// A nearest is the answer for one row.
type nearest struct {
	label  int32
	dist   float64 // squared distance to that centroid
	second float64 // no other centroid's squared distance is below this (bothExact: it is this)
}

// find calls found(i, …) for each place i of p in at, in that order.
func (f *finder) find(p *points, at []int32, s *scratch, found func(i int32, r nearest)) {
	if f.k <= directK {
		for _, i := range at {
			found(i, f.direct(p.row(int(i))))
		}
		return
	}
	for len(at) > 0 {
		m := min(tileRows, len(at))
		f.product(p, at[:m], s)
		for r, i := range at[:m] {
			found(i, f.decide(p.row(int(i)), s.prod[r*f.k:(r+1)*f.k], f.errorBound(p.norm[i])))
		}
		at = at[m:]
	}
}

// direct measures every centroid.
func (f *finder) direct(x []float32) nearest {
	r := nearest{dist: math.Inf(1), second: math.Inf(1)}
	for j := range f.k {
		v := sqDist(x, f.c[j*f.d:(j+1)*f.d])
		if v < r.dist {
			r.label, r.dist, r.second = int32(j), v, r.dist
		} else if v < r.second {
			r.second = v
		}
	}
	return r
}

// product puts x·W into s.prod for the rows at the given places.
func (f *finder) product(p *points, at []int32, s *scratch) {
	m, k, d := len(at), f.k, f.d
	x := s.gather[:m*d]
	if p.idx == nil && int(at[m-1]-at[0]) == m-1 {
		x = p.x[int(at[0])*d : (int(at[m-1])+1)*d]
	} else {
		for r, i := range at {
			copy(x[r*d:(r+1)*d], p.row(int(i)))
		}
	}
	for j := 0; j < k; j += tileCols {
		cols := min(tileCols, k-j)
		out := blas32.General{Rows: m, Cols: cols, Stride: k, Data: s.prod[j : (m-1)*k+j+cols]}
		for t := 0; t < d; t += tileDims {
			dims := min(tileDims, d-t)
			beta := float32(1)
			if t == 0 {
				beta = 0
			}
			a := blas32.General{Rows: m, Cols: dims, Stride: d, Data: x[t : (m-1)*d+t+dims]}
			b := blas32.General{Rows: dims, Cols: cols, Stride: k, Data: f.w[t*k+j : (t+dims-1)*k+j+cols]}
			blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, a, b, beta, out)
		}
	}
}

// decide finds the nearest centroid of x from its row of products, which are
// overwritten, and their error bound.
func (f *finder) decide(x []float32, prod []float32, e float64) nearest {
	best, second := float32(math.Inf(1)), float32(math.Inf(1))
	at := 0
	bias := f.bias[:len(prod)]
	for j, v := range prod {
		v += bias[j]
		prod[j] = v
		if v < second {
			if v < best {
				best, second, at = v, best, j
			} else {
				second = v
			}
		}
	}
	limit := float64(best) + 2*e
	if f.bothExact {
		limit = float64(second) + 2*e
	} else if float64(second) > limit {
		r := nearest{label: int32(at), dist: sqDist(x, f.c[at*f.d:(at+1)*f.d])}
		r.second = r.dist + (float64(second) - float64(best)) - 2*e
		return r
	}
	r := nearest{dist: math.Inf(1), second: math.Inf(1)}
	for j, v := range prod {
		if !(float64(v) > limit) {
			sq := sqDist(x, f.c[j*f.d:(j+1)*f.d])
			if sq < r.dist {
				r.label, r.dist, r.second = int32(j), sq, r.dist
			} else if sq < r.second {
				r.second = sq
			}
		}
	}
	if f.bothExact {
		return r
	}
	// What was not measured lies above limit.
	r.second = min(r.second, r.dist+(limit-float64(prod[r.label]))-2*e)
	return r
}
