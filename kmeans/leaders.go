package kmeans

import (
	"context"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/kmeans/internal/simd"
)

const (
	// leaderBlock rows are held against the leaders before them at once, and
	// then, one after another, against those among themselves.
	leaderBlock = 512
	leaderTask  = 48 // rows of a task

	// Rows of more than leaderDims dimensions are compared by so many
	// coordinates first, where there are at least leaderMin of them.
	leaderDims   = 48
	leaderMin    = 1024
	leaderSample = 2048 // rows that the coordinates are taken from
)

// Leaders is the leader algorithm (Hartigan 1975, "Clustering Algorithms",
// chapter 3): the n rows of X, n×d, are gone through in their order, and each
// joins the nearest leader before it that is at a squared Euclidean distance of
// at most within, the first of equally near ones, or else becomes a leader. It
// returns the leader of each row; a leader's is the row itself. So every row is
// within reach of its leader, and no two leaders are within reach of each
// other. It takes O(n·l·d) time for l leaders, of which most is ruled out by a
// few dimensions, and O(n + l) rows of memory. The result is exact, and the same
// for any number of threads.
//
// It fails for a negative within, for values that [Fit] would refuse, and with
// ctx's own error, and panics where lengths do not fit together.
func Leaders(ctx context.Context, X []float32, n, d int, within float64, opts AssignOptions) ([]int32, error) {
	checkShape("X", X, n, d)
	if !(within >= 0) {
		return nil, inputErrorf("give 0 or more", "kmeans: leaders within a squared distance of %v", within)
	}
	pl, err := newPool(opts.Threads)
	if err != nil {
		return nil, err
	}
	p, err := newPoints(ctx, pl, X, n, d, nil)
	if err != nil {
		return nil, err
	}
	l := &leading{pool: pl, p: p, within: within, leader: make([]int32, n), dist: make([]float64, n)}
	if err := l.reduce(ctx); err != nil {
		return nil, err
	}
	tiles := make([]tile, pl.threads)
	for lo := 0; lo < n; lo += leaderBlock {
		hi := min(n, lo+leaderBlock)
		err := pl.each(ctx, blocks(hi-lo, leaderTask), func(w, t int) {
			l.earlier(lo+t*leaderTask, min(hi, lo+(t+1)*leaderTask), &tiles[w])
		})
		if err != nil {
			return nil, err
		}
		l.among(lo, hi)
	}
	return l.leader, nil
}

// leading is the state of one Leaders.
//
// A row x is represented by r(x) = (Px, ‖x−PᵀPx‖), its coordinates in a few
// orthonormal directions and the length of the rest. By the inequality of
// Cauchy and Schwarz x·y ≤ r(x)·r(y), so
//
//	‖x−y‖² ≥ ‖x‖² + ‖y‖² − 2 r(x)·r(y)
//
// which rules nearly all pairs out, 16 by a tile of the kernel. Of the others
// distances in float64 decide.
type leading struct {
	pool   pool
	p      *points
	within float64

	dims int       // of r
	r    []float32 // n×dims
	sq   []float64 // ‖x‖²

	leaders []int32
	panels  []float32 // of the leaders, with −‖y‖²/2 as bias
	leader  []int32   // of each row
	dist    []float64 // squared, to it
}

type tile struct {
	rows simd.Rows
	top  simd.Top
}

// earlier finds for rows the nearest of the leaders there are.
func (l *leading) earlier(lo, hi int, t *tile) {
	for i := lo; i < hi; i++ {
		l.leader[i], l.dist[i] = -1, math.Inf(1)
	}
	kern, size := l.pool.kern, simd.PanelLen(l.dims)
	all := len(l.panels) / size
	for q := 0; q < all; {
		take := min(kern.Panels, all-q)
		first := q * simd.Width
		leaders := l.leaders[first:min(len(l.leaders), first+take*simd.Width)]
		for at := lo; at < hi; at += kern.Rows {
			rows := min(kern.Rows, hi-at)
			for r := range t.rows {
				t.rows[r] = &l.r[(at+min(r, rows-1))*l.dims]
			}
			kern.Tile(&t.rows, l.dims, l.panels[q*size:(q+take)*size], &t.top)
			for r := range rows {
				if float64(t.top.Best[r]) < l.least(at+r) {
					continue
				}
				for _, j := range leaders {
					l.offer(at+r, j)
				}
			}
		}
		q += take
	}
}

// least is a score that a row has at least with whatever is within reach: half
// of what ‖x−y‖² ≤ within asks for, less what float32 may have cost, for each
// dimension a rounding of the sum, and a few for r, the bias and this.
func (l *leading) least(i int) float64 {
	longest := l.p.longest
	slack := 2 * float64(l.dims+16) * unitRoundoff32 * (float64(float64(l.p.norm[i])*longest) + longest*longest)
	return (l.sq[i]-l.within)/2 - slack - 1e-40 // and underflow
}

// offer makes j the leader of row i where it is within reach and nearer than
// the one it has.
func (l *leading) offer(i int, j int32) {
	if d := l.pool.sqDist(l.p.row(i), l.p.row(int(j))); d <= l.within && d < l.dist[i] {
		l.leader[i], l.dist[i] = j, d
	}
}

// among goes through rows that know the leaders before them, and makes leaders
// of those that have none.
func (l *leading) among(lo, hi int) {
	known := len(l.leaders)
	for i := lo; i < hi; i++ {
		for _, j := range l.leaders[known:] {
			l.offer(i, j)
		}
		if l.leader[i] < 0 {
			l.leader[i], l.dist[i] = int32(i), 0
			l.lead(i)
		}
	}
}

// lead puts row i among the leaders.
func (l *leading) lead(i int) {
	size := simd.PanelLen(l.dims)
	lane := len(l.leaders) % simd.Width
	if lane == 0 {
		l.panels = append(l.panels, make([]float32, size)...)
		for k := range simd.Width {
			l.panels[len(l.panels)-size+k] = negInf
		}
	}
	panel := l.panels[len(l.panels)-size:]
	panel[lane] = float32(-l.sq[i] / 2)
	for t, v := range l.r[i*l.dims : (i+1)*l.dims] {
		panel[(t+1)*simd.Width+lane] = v
	}
	l.leaders = append(l.leaders, int32(i))
}

// reduce finds r and sq for each row.
func (l *leading) reduce(ctx context.Context) error {
	p := l.p
	l.sq = make([]float64, p.n)
	var basis []float64
	l.dims, l.r = p.d, p.x
	if p.d > leaderDims && p.n >= leaderMin {
		basis = directions(p, leaderDims-1)
		l.dims = leaderDims
		l.r = make([]float32, p.n*leaderDims)
	}
	zero := make([]float32, p.d)
	return l.pool.each(ctx, blocks(p.n, blockRows), func(_, b int) {
		var along [leaderDims - 1]float64
		for i := b * blockRows; i < min(p.n, (b+1)*blockRows); i++ {
			x := p.row(i)
			l.sq[i] = l.pool.sqDist(x, zero)
			if basis == nil {
				continue
			}
			clear(along[:])
			for t, v := range x {
				for j, w := range basis[t*len(along) : (t+1)*len(along)] {
					along[j] += float64(v) * w
				}
			}
			rest := l.sq[i]
			r := l.r[i*leaderDims : (i+1)*leaderDims]
			for j, v := range along {
				r[j] = float32(v)
				rest -= v * v
			}
			// What is left of a difference of nearly equal numbers is rounding.
			r[len(along)] = float32(math.Sqrt(max(rest, 0) + 1e-12*l.sq[i]))
		}
	})
}

// directions is m orthonormal directions, d×m, that hold much of the rows: two
// steps of subspace iteration (Halko, Martinsson and Tropp 2011, "Finding
// structure with randomness") on a sample. They need not be the best; where
// there are fewer, the others are zero.
func directions(p *points, m int) []float64 {
	n := min(p.n, leaderSample)
	sample := make([]float32, n*p.d)
	for i := range n {
		copy(sample[i*p.d:(i+1)*p.d], p.row(i*p.n/n))
	}
	// Rows of any scale, so that no product overflows.
	if scale := p.longest; scale > 0 {
		for i := range sample {
			sample[i] = float32(float64(sample[i]) / scale)
		}
	}
	A := blas32.General{Rows: n, Cols: p.d, Stride: p.d, Data: sample}
	Q := blas32.General{Rows: p.d, Cols: m, Stride: m, Data: make([]float32, p.d*m)}
	Y := blas32.General{Rows: n, Cols: m, Stride: m, Data: make([]float32, n*m)}
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range Q.Data {
		Q.Data[i] = float32(rng.NormFloat64())
	}
	basis := make([]float64, p.d*m)
	for range 2 {
		blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, A, Q, 0, Y)
		blas32.Gemm(blas.Trans, blas.NoTrans, 1, A, Y, 0, Q)
		for i, v := range Q.Data {
			basis[i] = float64(v)
		}
		orthonormalize(basis, p.d, m)
		for i, v := range basis {
			Q.Data[i] = float32(v)
		}
	}
	return basis
}

// orthonormalize makes the m columns of b, d×m, orthonormal by the modified
// process of Gram and Schmidt, twice, as once can leave them askew. Columns that
// depend on earlier ones become zero.
func orthonormalize(b []float64, d, m int) {
	dot := func(i, j int) float64 {
		s := 0.0
		for t := range d {
			s += b[t*m+i] * b[t*m+j]
		}
		return s
	}
	for j := range m {
		was := math.Sqrt(dot(j, j))
		for range 2 {
			for i := range j {
				v := dot(i, j)
				for t := range d {
					b[t*m+j] -= v * b[t*m+i]
				}
			}
		}
		scale := 0.0
		if now := math.Sqrt(dot(j, j)); now > 1e-6*was {
			scale = 1 / now
		}
		for t := range d {
			b[t*m+j] *= scale
		}
	}
}
