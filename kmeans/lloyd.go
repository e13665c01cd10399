package kmeans

import (
	"cmp"
	"context"
	"math"
	"slices"

	"sheaf/kmeans/internal/simd"
)

// A clustering is the state of Lloyd's algorithm on some points.
type clustering struct {
	*assignment
	k         int
	spherical bool
	c, old    []float32
	weight    []float64 // of each cluster
	// sum is the weighted sum of the rows of each cluster, k×d, by the labels
	// in counted: rows that change their label are taken from one and given
	// to another.
	sum     []float64
	counted []int32
	// mass is Σ w‖x‖ of each cluster; turnover is the same of all rows that
	// came or went since its sum was made anew. Where it is far more than the
	// mass, what went may have taken the digits of what is left with it.
	mass, turnover []float64
	moves          []int32   // rows whose label is not the counted one
	parts          []float64 // each cluster's part of the objective
	// measured says that the objective was not put together from these. One
	// that was cannot be compared with one that was not.
	measured bool

	iterations int // of the last iterate
}

func newClustering(pl pool, p *points, k int, spherical bool) *clustering {
	cl := &clustering{assignment: &assignment{pool: pl}, spherical: spherical}
	cl.reset(p, k)
	return cl
}

// reset makes cl ready for other points or another k.
func (cl *clustering) reset(p *points, k int) {
	cl.assignment.reset(p, k)
	cl.k = k
	cl.c, cl.old = resize(cl.c, k*p.d), resize(cl.old, k*p.d)
	cl.weight, cl.parts = resize(cl.weight, k), resize(cl.parts, k)
	cl.mass, cl.turnover = resize(cl.mass, k), resize(cl.turnover, k)
	clear(cl.turnover)
	cl.sum, cl.counted = resize(cl.sum, k*p.d), resize(cl.counted, p.n)
}

// begin labels the points by the centroids c, which are copied.
func (cl *clustering) begin(ctx context.Context, c []float32) error {
	copy(cl.c, c)
	if cl.spherical {
		for j := range cl.k {
			normalize(cl.c[j*cl.p.d : (j+1)*cl.p.d])
		}
	}
	for i := range cl.counted {
		cl.counted[i] = -1
	}
	cl.started = false
	_, err := cl.relabel(ctx)
	return err
}

// widen makes cl from's clustering with more centroids, which have no rows yet.
func (cl *clustering) widen(ctx context.Context, from *clustering, more []float32) error {
	d := cl.p.d
	if cl.k > simd.Width {
		cl.panels.widen(from.panels, len(more)/d)
		cl.takeOver(from.assignment, nil)
	} else {
		cl.started = false // one panel of all is the best there is
	}
	at := copy(cl.c, from.c)
	copy(cl.c[at:], more)
	if cl.spherical {
		for ; at < len(cl.c); at += d {
			normalize(cl.c[at : at+d])
		}
	}
	clear(cl.sum)
	copy(cl.sum, from.sum)
	clear(cl.turnover)
	copy(cl.turnover, from.turnover)
	copy(cl.counted, from.counted)
	_, err := cl.relabel(ctx)
	return err
}

// narrow makes cl from's clustering without some centroids, whose rows go to
// the nearest of the others.
func (cl *clustering) narrow(ctx context.Context, from *clustering, gone []bool) error {
	d := cl.p.d
	number, kept := make([]int32, from.k), make([]int32, 0, cl.k)
	for j := range number {
		if number[j] = -1; !gone[j] {
			number[j] = int32(len(kept))
			kept = append(kept, int32(j))
		}
	}
	cl.takeOver(from.assignment, cl.panels.narrow(from.panels, number))
	for j, was := range kept {
		copy(cl.c[j*d:(j+1)*d], from.c[int(was)*d:(int(was)+1)*d])
		copy(cl.sum[j*d:(j+1)*d], from.sum[int(was)*d:(int(was)+1)*d])
		cl.turnover[j] = from.turnover[was]
	}
	// Any label will do for the rows that have lost theirs; a near one leaves
	// little to look at.
	heir := make([]int32, from.k)
	for j := range heir {
		if !gone[j] {
			continue
		}
		least := math.Inf(1)
		for q := range cl.k {
			if v := cl.pool.sqDist(from.c[j*d:(j+1)*d], cl.c[q*d:(q+1)*d]); v < least {
				heir[j], least = int32(q), v
			}
		}
	}
	for i, j := range cl.labels {
		cl.counted[i] = number[from.counted[i]]
		if cl.labels[i] = number[j]; gone[j] {
			cl.labels[i], cl.upper[i] = heir[j], posInf
		}
	}
	_, err := cl.relabel(ctx)
	return err
}

// shiftTo labels the points by other centroids near those it has.
func (cl *clustering) shiftTo(ctx context.Context, c []float32) error {
	cl.moved(cl.c, c)
	copy(cl.c, c)
	_, err := cl.relabel(ctx)
	return err
}

// relabel labels the points by the centroids as they are, counts them, and
// returns how many labels changed.
func (cl *clustering) relabel(ctx context.Context) (changed int, err error) {
	if err := cl.pass(ctx, cl.c); err != nil {
		return 0, err
	}
	return cl.count(ctx)
}

// iterate is Lloyd's algorithm: it runs until labels no longer change, an
// iteration lowers the inertia by less than relTol of it, or maxIter.
// A cluster without weight never ends it.
func (cl *clustering) iterate(ctx context.Context, maxIter int, relTol float64, report func(iteration int, inertia float64)) error {
	before, err := cl.objective(ctx)
	if err != nil {
		return err
	}
	for cl.iterations = 0; cl.iterations < maxIter; {
		refilled := cl.refill()
		if refilled {
			if _, err := cl.count(ctx); err != nil {
				return err
			}
		}
		if err := cl.update(ctx); err != nil {
			return err
		}
		changed, err := cl.relabel(ctx)
		if err != nil {
			return err
		}
		cl.iterations++
		measured := cl.measured
		now, err := cl.objective(ctx)
		if err != nil {
			return err
		}
		report(cl.iterations, now)
		if !refilled {
			if changed == 0 {
				break
			}
			// Rounding to float32 could make labels go round in circles
			// for ever, hence the stop at no gain.
			gain := before - now
			if cl.measured == measured && !cl.anyEmpty() && (gain < relTol*before || gain <= 0) {
				break
			}
		}
		before = now
	}
	return nil
}

// objective is the inertia of the labels that are counted, put together from
// what is known of whole clusters: with all vectors taken from the mean μ,
//
//	Σ w‖x‖² + Σ Wⱼ‖cⱼ‖² − 2·Sⱼ·cⱼ
//
// where Wⱼ is the weight and Sⱼ the sum of cluster j. It is off by rounding
// alone, which is of the order of 2⁻⁵³·Σw‖x‖², or 2⁻²⁴ of that where the first
// sum is concerned, which is the same in all iterations. Where so little is
// left that this could hide what an iteration gains, distances are measured.
func (cl *clustering) objective(ctx context.Context) (float64, error) {
	d := cl.p.d
	for j := range cl.k {
		c, s := cl.c[j*d:(j+1)*d], cl.sum[j*d:(j+1)*d]
		w := cl.weight[j]
		var v float64
		for t, m := range cl.p.mean {
			m := float64(m)
			e := float64(c[t]) - m
			v += float64(e * (float64(w*e) - 2*(s[t]-float64(w*m))))
		}
		cl.parts[j] = v
	}
	sum := cl.p.spread
	for _, v := range cl.parts {
		sum += v
	}
	if cl.measured = !(sum > objectiveLeast*cl.p.spread); !cl.measured {
		return sum, nil
	}
	err := cl.measure(ctx)
	return cl.inertia(), err
}

// objectiveLeast is the part of Σw‖x‖² down to which the objective is put
// together.
const objectiveLeast = 1e-5

// weigh computes the weight and the mass of each cluster by the labels.
func (cl *clustering) weigh() {
	clear(cl.weight)
	clear(cl.mass)
	for i, j := range cl.labels {
		w := cl.p.weight(i)
		cl.weight[j] += w
		cl.mass[j] += float64(w * float64(cl.p.norm[i]))
	}
}

func (cl *clustering) anyEmpty() bool { return slices.Contains(cl.weight, 0) }

// countRows is how many rows are counted before ctx is looked at.
const countRows = 4096

// count brings sum, weight and counted up to date with the labels. Goroutines
// own slices of the dimensions, so that every sum is in the order of the rows.
func (cl *clustering) count(ctx context.Context) (changed int, err error) {
	p, d := cl.p, cl.p.d
	cl.moves = cl.moves[:0]
	for i, j := range cl.labels {
		if cl.counted[i] != j {
			cl.moves = append(cl.moves, int32(i))
		}
	}
	cl.weigh()
	anew := cl.worn() || len(cl.moves) > p.n/2
	if anew {
		clear(cl.sum)
		copy(cl.turnover, cl.mass)
	}
	err = cl.pool.overDims(ctx, d, func(ctx context.Context, lo, hi int) {
		add := func(j int32, x []float32, w float64) {
			cl.pool.kern.Accumulate(cl.sum[int(j)*d+lo:int(j)*d+hi], x[lo:hi], w)
		}
		if anew {
			for i, j := range cl.labels {
				if i%countRows == 0 && ctx.Err() != nil {
					return
				}
				add(j, p.row(i), p.weight(i))
			}
			return
		}
		for q, i := range cl.moves {
			if q%countRows == 0 && ctx.Err() != nil {
				return
			}
			x, w := p.row(int(i)), p.weight(int(i))
			if was := cl.counted[i]; was >= 0 {
				add(was, x, -w)
			}
			add(cl.labels[i], x, w)
		}
	})
	if err != nil {
		return 0, err
	}
	for _, i := range cl.moves {
		cl.counted[i] = cl.labels[i]
	}
	return len(cl.moves), nil
}

// maxTurnover is how many times its mass a cluster's turnover may be: beyond
// that, the rounding of its sum could come near that of float32.
const maxTurnover = 1 << 12

// worn counts the moves into the turnovers and reports whether one is too much.
func (cl *clustering) worn() bool {
	for _, i := range cl.moves {
		mass := float64(cl.p.weight(int(i)) * float64(cl.p.norm[i]))
		if was := cl.counted[i]; was >= 0 {
			cl.turnover[was] += mass
		}
		cl.turnover[cl.labels[i]] += mass
	}
	for j, w := range cl.weight {
		if w > 0 && cl.turnover[j] > maxTurnover*cl.mass[j] {
			return true
		}
	}
	return false
}

// update moves each centroid to the weighted mean of its rows.
func (cl *clustering) update(ctx context.Context) error {
	cl.c, cl.old = cl.old, cl.c
	d := cl.p.d
	const some = 16
	err := cl.pool.each(ctx, blocks(cl.k, some), func(_, b int) {
		for j := b * some; j < min(cl.k, (b+1)*some); j++ {
			cl.mean(j, cl.c[j*d:(j+1)*d])
		}
	})
	if err != nil {
		return err
	}
	cl.moved(cl.old, cl.c)
	return nil
}

// mean writes the centroid of cluster j to c. A cluster that has none stays
// where it is.
func (cl *clustering) mean(j int, c []float32) {
	d := cl.p.d
	if !meanOf(c, cl.sum[j*d:(j+1)*d], cl.weight[j], cl.spherical, cl.p.longest) {
		copy(c, cl.old[j*d:(j+1)*d])
	}
}

// meanOf makes a centroid of the weighted sum of rows, the longest of which has
// that length. It reports false, and writes nothing, where there is none for
// want of weight or (spherical) of a direction.
func meanOf(c []float32, sum []float64, weight float64, spherical bool, longest float64) bool {
	if weight == 0 {
		return false
	}
	if spherical {
		var sq float64
		for _, v := range sum {
			sq += float64(v * v)
		}
		// What is left of a sum that cancels is rounding.
		if rest := 1e-13 * weight * longest; !(sq > rest*rest) {
			return false
		}
		weight = math.Sqrt(sq)
	}
	for t, v := range sum {
		c[t] = float32(v / weight)
	}
	return true
}

// refill gives each cluster without weight the row that adds most to the
// inertia, and reports whether there were any. Rows equal to one already taken
// are passed over, and no cluster loses its last row.
func (cl *clustering) refill() bool {
	if cl.weigh(); !cl.anyEmpty() {
		return false
	}
	p := cl.p
	gain := make([]float64, p.n)
	var rows []int32
	for i := range cl.labels {
		if gain[i] = cl.gain(i); gain[i] > 0 {
			rows = append(rows, int32(i))
		}
	}
	slices.SortFunc(rows, func(a, b int32) int {
		return cmp.Or(cmp.Compare(gain[b], gain[a]), cmp.Compare(a, b))
	})
	var taken []int32
	any := false
	for j := range cl.k {
		if cl.weight[j] > 0 {
			continue
		}
		for len(rows) > 0 {
			i := rows[0]
			rows = rows[1:]
			w, from := p.weight(int(i)), cl.labels[i]
			if cl.weight[from] <= w || slices.ContainsFunc(taken, func(t int32) bool { return slices.Equal(p.row(int(t)), p.row(int(i))) }) {
				continue
			}
			taken = append(taken, i)
			cl.weight[from] -= w
			cl.weight[j] = w
			cl.labels[i] = int32(j)
			cl.forget(int(i))
			any = true
			break
		}
	}
	return any
}

// gain is what the inertia would lose if row i became a centroid.
func (cl *clustering) gain(i int) float64 {
	// Not cl.dist, which may have underflowed.
	c := int(cl.labels[i]) * cl.p.d
	g := cl.pool.sqDist(cl.p.row(i), cl.c[c:c+cl.p.d])
	if cl.spherical {
		// The centroid would be x/‖x‖, at a distance of (‖x‖−1)². Rows of
		// one direction are at the same distance but for rounding.
		n := math.Sqrt(sqNorm(cl.p.row(i)))
		if g -= float64((n - 1) * (n - 1)); g <= 1e-9*n*n {
			return 0
		}
	}
	return g * cl.p.weight(i)
}

// normalize scales a row to unit length; a zero row stays zero.
func normalize(x []float32) {
	n := math.Sqrt(sqNorm(x))
	if n == 0 {
		return
	}
	for t, v := range x {
		x[t] = float32(float64(v) / n)
	}
}
