package kmeans

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// boundSqrt is a lower bound on the root of a lower bound.
func boundSqrt(sq float64) float64 {
	if !(sq > 0) {
		return 0
	}
	return math.Sqrt(sq) * margin
}

// moved lowers the bounds after centroids went from old to c: by how far any
// centroid but a row's own went, at most.
func (a *assignment) moved(old, c []float32) {
	k, d := a.finder.k, a.p.d
	var most, next float64
	at := -1
	for j := range k {
		v := math.Sqrt(sqDist(old[j*d:(j+1)*d], c[j*d:(j+1)*d])) / margin
		if v > most {
			most, next, at = v, most, j
		} else if v > next {
			next = v
		}
	}
	if most == 0 {
		return
	}
	for i, l := range a.lower {
		v := most
		if int(a.labels[i]) == at {
			v = next
		}
		a.lower[i] = roundDown(float64(l) - v)
	}
}

// A clustering is the state of Lloyd's algorithm on some points.
type clustering struct {
	*assignment
	k         int
	spherical bool
	c, old    []float32
	order     []int32 // rows by label, then by index
	start     []int   // where each label starts in order
	weight    []float64
	sums64    [][]float64 // one for each worker

	iterations int // of the last iterate
}

func newClustering(pl pool, p *points, k int, spherical bool) *clustering {
	return &clustering{
		assignment: newAssignment(pl, p, k), k: k, spherical: spherical,
		c: make([]float32, k*p.d), old: make([]float32, k*p.d),
		order: make([]int32, p.n), start: make([]int, k+1),
		weight: make([]float64, k), sums64: make([][]float64, pl.threads),
	}
}

// begin labels the points by the centroids c, which are copied.
func (cl *clustering) begin(ctx context.Context, c []float32) error {
	copy(cl.c, c)
	if cl.spherical {
		for j := range cl.k {
			normalize(cl.c[j*cl.p.d : (j+1)*cl.p.d])
		}
	}
	cl.started = false
	_, err := cl.pass(ctx, cl.c)
	return err
}

// iterate is Lloyd's algorithm: it runs until labels no longer change, an
// iteration lowers the inertia by less than relTol of it, or maxIter.
// A cluster without weight never ends it.
func (cl *clustering) iterate(ctx context.Context, maxIter int, relTol float64, report func(iteration int, inertia float64)) error {
	before := cl.inertia()
	for cl.iterations = 0; cl.iterations < maxIter; {
		refilled := cl.refill()
		if err := cl.update(ctx); err != nil {
			return err
		}
		changed, err := cl.pass(ctx, cl.c)
		if err != nil {
			return err
		}
		cl.iterations++
		now := cl.inertia()
		report(cl.iterations, now)
		if !refilled {
			if changed == 0 {
				break
			}
			// Rounding to float32 could make labels go round in circles
			// for ever, hence the stop at no gain.
			gain := before - now
			if cl.weigh(); !cl.anyEmpty() && (gain < relTol*before || gain <= 0) {
				break
			}
		}
		before = now
	}
	return nil
}

// weigh computes the weight of each cluster.
func (cl *clustering) weigh() {
	clear(cl.weight)
	for i, j := range cl.labels {
		cl.weight[j] += cl.p.weight(i)
	}
}

func (cl *clustering) anyEmpty() bool { return slices.Contains(cl.weight, 0) }

// groupRows returns the rows by label, then by index, and where each label
// starts among them.
func groupRows(labels []int32, k int) (order []int32, start []int) {
	order, start = make([]int32, len(labels)), make([]int, k+1)
	groupInto(order, start, labels)
	return order, start
}

func groupInto(order []int32, start []int, labels []int32) {
	clear(start)
	for _, j := range labels {
		start[j+1]++
	}
	for j := 1; j < len(start); j++ {
		start[j] += start[j-1]
	}
	next := slices.Clone(start)
	for i, j := range labels {
		order[next[j]] = int32(i)
		next[j]++
	}
}

// update moves each centroid to the weighted mean of its rows. A cluster is
// summed by one goroutine, in the order of its rows.
func (cl *clustering) update(ctx context.Context) error {
	groupInto(cl.order, cl.start, cl.labels)
	cl.c, cl.old = cl.old, cl.c
	d := cl.p.d
	err := cl.pool.each(ctx, cl.k, func(worker, j int) {
		if cl.sums64[worker] == nil {
			cl.sums64[worker] = make([]float64, d)
		}
		cl.mean(j, cl.sums64[worker], cl.c[j*d:(j+1)*d])
	})
	if err != nil {
		return err
	}
	cl.moved(cl.old, cl.c)
	return nil
}

// mean writes the centroid of cluster j to c. A cluster that has none, for
// want of weight or (spherical) of a direction, stays where it is.
func (cl *clustering) mean(j int, sum []float64, c []float32) {
	clear(sum)
	var total float64
	for _, i := range cl.order[cl.start[j]:cl.start[j+1]] {
		row := cl.p.row(int(i))
		s := sum[:len(row)]
		if cl.p.w == nil {
			total++
			for t, v := range row {
				s[t] += float64(v)
			}
			continue
		}
		w := float64(cl.p.w[i])
		total += w
		for t, v := range row {
			s[t] += float64(w * float64(v))
		}
	}
	if cl.spherical {
		total = 0
		for _, v := range sum {
			total += float64(v * v)
		}
		total = math.Sqrt(total)
	}
	if total == 0 {
		copy(c, cl.old[j*cl.p.d:(j+1)*cl.p.d])
		return
	}
	for t, v := range sum {
		c[t] = float32(v / total)
	}
}

// refill gives each cluster without weight the row that adds most to the
// inertia, and reports whether there were any. Rows equal to one already taken
// are passed over, and no cluster loses its last row.
func (cl *clustering) refill() bool {
	cl.weigh()
	if !cl.anyEmpty() {
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
			if cl.weight[from] <= w || slices.ContainsFunc(taken, func(t int32) bool { return sqDist(p.row(int(t)), p.row(int(i))) == 0 }) {
				continue
			}
			taken = append(taken, i)
			cl.weight[from] -= w
			cl.weight[j] = w
			cl.labels[i] = int32(j)
			cl.lower[i] = 0
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
	g := sqDist(cl.p.row(i), cl.c[c:c+cl.p.d])
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
