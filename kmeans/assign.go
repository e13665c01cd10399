package kmeans

import "context"

// AssignOptions says how to assign. The zero value works.
type AssignOptions struct {
	// Threads is the number of goroutines that work at the same time. 0
	// means GOMAXPROCS. It has no influence on the result.
	Threads int
}

// Assignment says where each row belongs.
type Assignment struct {
	// Labels holds for each row the index of its nearest centroid, the
	// lowest of equally near ones.
	Labels []int32
	// Distances holds for each row the squared Euclidean distance to it.
	Distances []float32
}

// Assign finds the nearest of k centroids, k×d, for each of the n rows of X,
// n×d, in O(n·k·d) time and O(n + k·d) memory. n may be 0; k < 1 is an error,
// as are values that [Fit] would refuse, and ctx's own error. It panics where
// lengths do not fit together.
func Assign(ctx context.Context, X []float32, n, d int, centroids []float32, k int, opts AssignOptions) (*Assignment, error) {
	checkShape("X", X, n, d)
	if k < 1 {
		return nil, inputErrorf("give at least one centroid", "kmeans: %d centroids to assign to", k)
	}
	checkShape("centroids", centroids, k, d)
	if err := checkRows(centroids, k, d, "centroid"); err != nil {
		return nil, err
	}
	pl := newPool(opts.Threads)
	p, err := newPoints(ctx, pl, X, n, d, nil)
	if err != nil {
		return nil, err
	}
	a := newAssignment(pl, p, k)
	if _, err := a.pass(ctx, centroids); err != nil {
		return nil, err
	}
	return &Assignment{Labels: a.labels, Distances: a.dist}, nil
}

// An assignment keeps the labels of points while centroids move.
type assignment struct {
	pool   pool
	p      *points
	finder *finder
	labels []int32
	dist   []float32 // squared
	// lower bounds the distance (not squared) of each row to any centroid
	// but its own; a row that is nearer to its own need not be looked at.
	lower   []float32
	started bool

	scratch []*scratch
	sums    []float64 // inertia of each block
	changed []int     // labels changed in each block
}

func newAssignment(pl pool, p *points, k int) *assignment {
	nb := blocks(p.n, blockRows)
	return &assignment{
		pool: pl, p: p, finder: newFinder(k, p.d),
		labels:  make([]int32, p.n),
		dist:    make([]float32, p.n),
		lower:   make([]float32, p.n),
		scratch: make([]*scratch, pl.threads),
		sums:    make([]float64, nb),
		changed: make([]int, nb),
	}
}

// margin is what a bound has to be ahead by, so that rounding in the bounds
// themselves and in sqDist cannot matter.
const margin = 1 - 1e-9

// pass labels every row by the centroids c and returns how many labels it
// changed. Bounds must have been lowered by what the centroids moved since
// the last pass (see moved).
func (a *assignment) pass(ctx context.Context, c []float32) (changed int, err error) {
	p, d := a.p, a.p.d
	a.finder.set(c)
	err = a.pool.each(ctx, len(a.sums), func(worker, b int) {
		s := a.scratch[worker]
		if s == nil {
			s = a.finder.newScratch()
			a.scratch[worker] = s
		}
		lo, hi := b*blockRows, min(p.n, (b+1)*blockRows)
		var dist [blockRows]float64
		s.pending = s.pending[:0]
		for i := lo; i < hi; i++ {
			if a.started {
				if l := float64(a.lower[i]); l > 0 {
					j := int(a.labels[i])
					sq := sqDist(p.row(i), c[j*d:(j+1)*d])
					if sq < l*l*margin {
						dist[i-lo] = sq
						continue
					}
				}
			}
			s.pending = append(s.pending, int32(i))
		}
		n := 0
		a.finder.find(p, s.pending, s, func(i int32, r nearest) {
			if !a.started || a.labels[i] != r.label {
				n++
			}
			a.labels[i] = r.label
			a.lower[i] = roundDown(boundSqrt(r.second))
			dist[int(i)-lo] = r.dist
		})
		var sum float64
		for i := lo; i < hi; i++ {
			a.dist[i] = float32(dist[i-lo])
			sum += float64(p.weight(i) * dist[i-lo])
		}
		a.sums[b], a.changed[b] = sum, n
	})
	if err != nil {
		return 0, err
	}
	a.started = true
	for _, n := range a.changed {
		changed += n
	}
	return changed, nil
}

func (a *assignment) inertia() float64 {
	var sum float64
	for _, v := range a.sums {
		sum += v
	}
	return sum
}
