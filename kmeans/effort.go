package kmeans

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// A fitter runs the starts of one Fit.
type fitter struct {
	ctx       context.Context
	pool      pool
	p         *points
	k         int
	seed      uint64
	maxIter   int
	relTol    float64
	spherical bool
	progress  func(Progress)

	done, total int // stages, for progress
	spares      []*clustering
}

// take returns a clustering for p and k, with the memory of one given back if
// there is one; memory for many rows is not to be left to the collector.
func (f *fitter) take(p *points, k int) *clustering {
	if n := len(f.spares); n > 0 {
		cl := f.spares[n-1]
		f.spares = f.spares[:n-1]
		cl.reset(p, k)
		return cl
	}
	return newClustering(f.pool, p, k, f.spherical)
}

func (f *fitter) give(cl *clustering) {
	if cl != nil {
		f.spares = append(f.spares, cl)
	}
}

// An effort says what is done to find a low inertia.
type effort struct {
	starts  int  // k-means++ and Lloyd; the best is kept
	moves   bool // after each run of Lloyd's algorithm, Hartigan's
	polish  bool // after the last one
	breathe bool // then breathing
	// sampled has all of this done on a sample of the rows, followed by one
	// run of Lloyd's algorithm on all of them.
	sampled bool
	// relTol is where the runs end that are not the last.
	relTol float64
}

const (
	// movesRows is up to how many rows Hartigan's moves, which are not
	// spread over threads, cost less than they bring.
	movesRows = 500
	// fewRows is up to how many more than one start costs little.
	fewRows = 2000

	// sampleMost is how many rows there are to a centroid in the sample that
	// is clustered first; samplePerCentroid where it would be of more than
	// exactRows with so many, and sampleFewest in all.
	sampleMost        = 256
	samplePerCentroid = 64
	sampleFewest      = 2048
	// seedPerCentroid is the same for that part of it, of seedFewest rows at
	// least, in which centroids are chosen.
	seedPerCentroid = 16
	seedFewest      = 4096
	// roughTol ends runs from which others go on.
	roughTol = 1e-3
	// Between a sample and all rows there are others, each stageGrowth times
	// as large as the one before: iterations on fewer rows cost less, and
	// leave few to the last run. stageTol ends them.
	stageGrowth = 4
	stageTol    = 1e-4
)

// defaultEffort is what Options.Restarts = 0 stands for.
func defaultEffort(n, k int) effort {
	switch {
	case n <= movesRows:
		return effort{starts: 10, moves: true, breathe: true}
	case n <= fewRows:
		return effort{starts: 2, breathe: true, polish: true, relTol: roughTol}
	case n <= exactRows:
		return effort{starts: 1, breathe: true, relTol: roughTol}
	case n < 50_000:
		return effort{starts: 2, breathe: true, relTol: roughTol, sampled: n > firstRows(k)}
	}
	return effort{starts: 1, breathe: true, relTol: roughTol, sampled: n > firstRows(k)}
}

// firstRows is how many rows at most are clustered first.
func firstRows(k int) int {
	return max(min(exactRows, max(sampleFewest, sampleMost*k)), samplePerCentroid*k)
}

// seedRows is among how many rows at most k centroids are chosen.
func seedRows(k int) int { return max(seedFewest, seedPerCentroid*k) }

func (f *fitter) run(restarts int, init []float32) (*Result, error) {
	if init != nil {
		cl := f.take(f.p, f.k)
		f.total = 1
		if err := f.settle(cl, init, false, f.relTol); err != nil {
			return nil, err
		}
		return cl.result(f.ctx, nil)
	}
	var warnings []string
	if m := distinctRows(f.p, f.k); m < f.k {
		warnings = append(warnings, fewDistinct(m, f.k, ""))
		f.k = m
	}
	e := effort{starts: restarts, relTol: f.relTol}
	if restarts <= 0 {
		e = defaultEffort(f.p.n, f.k)
	}
	cl, err := f.search(e)
	if err != nil {
		return nil, err
	}
	return cl.result(f.ctx, warnings)
}

func fewDistinct(m, k int, where string) string {
	return fmt.Sprintf("only %d distinct rows%s: %d clusters instead of %d", m, where, m, k)
}

// search does what e says.
func (f *fitter) search(e effort) (*clustering, error) {
	f.total = e.starts
	if e.breathe {
		f.total++
	}
	if e.sampled {
		f.total++
	}
	var best *clustering
	var p *points
	for s := range e.starts {
		rng := rand.New(rand.NewPCG(f.seed, uint64(s)))
		q := f.p
		if m := firstRows(f.k); q.n > m {
			q = q.sample(sampleRows(q, m, rng))
		}
		c, err := f.seeds(q, rng)
		if err != nil {
			return nil, err
		}
		switch {
		case !e.sampled:
			p = f.p
		case p == nil:
			p = q // the later starts are compared on the first one's sample
		}
		cl := f.take(p, f.k)
		if err := f.settle(cl, c, e.moves, e.relTol); err != nil {
			return nil, err
		}
		f.done++
		if best == nil || cl.inertia() < best.inertia() {
			best, cl = cl, best
		}
		f.give(cl)
	}
	if e.breathe {
		var err error
		if best, err = f.breathe(best, e.moves, e.relTol); err != nil {
			return nil, err
		}
		f.done++
	}
	switch {
	case e.sampled:
		c := slices.Clone(best.c)
		f.give(best)
		for m := stageGrowth * p.n; m <= f.p.n/4; m *= stageGrowth {
			// A stream that no start uses.
			q := f.p.sample(sampleRows(f.p, m, rand.New(rand.NewPCG(f.seed, uint64(m)<<32))))
			cl := f.take(q, f.k)
			if err := f.settle(cl, c, false, stageTol); err != nil {
				return nil, err
			}
			copy(c, cl.c)
			f.give(cl)
		}
		best = f.take(f.p, f.k)
		return best, f.settle(best, c, false, f.relTol)
	case e.relTol != f.relTol:
		return best, f.goOn(best, e.polish, f.relTol)
	}
	return best, nil
}

// settle runs Lloyd's algorithm from c, and with moves Hartigan's and Lloyd's
// by turns, until the inertia stops falling.
func (f *fitter) settle(cl *clustering, c []float32, moves bool, relTol float64) error {
	if err := cl.begin(f.ctx, c); err != nil {
		return err
	}
	return f.goOn(cl, moves, relTol)
}

// goOn is settle from where cl stands.
func (f *fitter) goOn(cl *clustering, moves bool, relTol float64) error {
	for before := math.Inf(1); ; {
		err := cl.iterate(f.ctx, f.maxIter, relTol, func(iteration int, inertia float64) {
			if f.progress != nil {
				f.progress(Progress{Done: f.done, Total: f.total, K: cl.k, Iteration: iteration, Inertia: inertia})
			}
		})
		if err != nil {
			return err
		}
		if err := cl.fill(f.ctx); err != nil {
			return err
		}
		if err := cl.measure(f.ctx); err != nil {
			return err
		}
		if !moves || cl.inertia() >= before {
			return nil
		}
		before = cl.inertia()
		c, err := cl.hartigan(f.ctx)
		if c == nil || err != nil {
			return err
		}
		if err := cl.shiftTo(f.ctx, c); err != nil {
			return err
		}
	}
}

// seeds returns K centroids chosen among the points, or some of them.
func (f *fitter) seeds(p *points, rng *rand.Rand) ([]float32, error) {
	if m := seedRows(f.k); p.n > m {
		p = p.sample(sampleRows(p, m, rng))
	}
	chosen, err := newSeeder(f.pool, p).choose(f.ctx, f.k, rng)
	if err != nil {
		return nil, err
	}
	d := p.d
	c := make([]float32, f.k*d)
	for j := range f.k {
		// A sample may have fewer distinct rows than all have. A copy of the
		// first centroid gets no rows and is refilled.
		i := chosen[0]
		if j < len(chosen) {
			i = chosen[j]
		}
		copy(c[j*d:(j+1)*d], p.row(i))
	}
	return c, nil
}

// fill moves centroids without rows onto rows, until there are none or no row
// is left that would gain by it. Each round lowers the inertia.
func (cl *clustering) fill(ctx context.Context) error {
	d := cl.p.d
	for range cl.k {
		if cl.weigh(); !cl.anyEmpty() {
			return nil
		}
		labels := slices.Clone(cl.labels)
		if !cl.refill() {
			return nil
		}
		copy(cl.old, cl.c)
		for i, j := range cl.labels {
			if j != labels[i] {
				c := cl.c[int(j)*d : (int(j)+1)*d]
				copy(c, cl.p.row(i))
				if cl.spherical {
					normalize(c)
				}
			}
		}
		cl.moved(cl.old, cl.c)
		if _, err := cl.relabel(ctx); err != nil {
			return err
		}
	}
	return nil
}

// result hands the clustering over, leaving out clusters without weight.
func (cl *clustering) result(ctx context.Context, warnings []string) (*Result, error) {
	d, k := cl.p.d, 0
	cl.weigh()
	for j, w := range cl.weight {
		if w > 0 {
			copy(cl.c[k*d:(k+1)*d], cl.c[j*d:(j+1)*d])
			k++
		}
	}
	a := cl.assignment
	if k < cl.k {
		warnings = append(warnings, fmt.Sprintf("%d of %d clusters had no rows and were left out", cl.k-k, cl.k))
		a = newAssignment(cl.pool, cl.p, k)
		a.once = true
		if err := a.pass(ctx, cl.c[:k*d]); err != nil {
			return nil, err
		}
		if err := a.measure(ctx); err != nil {
			return nil, err
		}
	}
	return &Result{
		Centroids: cl.c[: k*d : k*d], K: k, Labels: a.labels, Distances: a.dist,
		Inertia: a.inertia(), Iterations: cl.iterations, Warnings: warnings,
	}, nil
}

// distinctRows counts the different rows of positive weight, up to limit.
func distinctRows(p *points, limit int) int {
	seen := make(map[uint64][]int32, limit)
	count := 0
	for i := 0; i < p.n && count < limit; i++ {
		if p.weight(i) == 0 {
			continue
		}
		row := p.row(i)
		h := hashRow(row)
		if !slices.ContainsFunc(seen[h], func(j int32) bool { return slices.Equal(p.row(int(j)), row) }) {
			seen[h] = append(seen[h], int32(i))
			count++
		}
	}
	return count
}
