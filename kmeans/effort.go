package kmeans

import (
	"context"
	"fmt"
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
}

// defaultEffort is the number of starts where Options.Restarts is 0.
func defaultEffort(n int) int {
	switch {
	case n <= exactRows:
		return 10
	case n < 50_000:
		return 3
	}
	return 1
}

// seedRows is on how many rows at most k centroids are seeded.
func seedRows(k int) int { return max(exactRows, 128*k) }

func (f *fitter) run(restarts int, init []float32) (*Result, error) {
	var warnings []string
	if init == nil {
		if m := distinctRows(f.p, f.k); m < f.k {
			warnings = append(warnings, fmt.Sprintf("only %d distinct rows: %d clusters instead of %d", m, m, f.k))
			f.k = m
		}
	}
	starts := restarts
	switch {
	case init != nil:
		starts = 1
	case starts <= 0:
		starts = defaultEffort(f.p.n)
	}
	var best *clustering
	var spare *clustering
	var bestInertia float64
	iterations := 0
	for s := range starts {
		cl := spare
		if cl == nil {
			cl = newClustering(f.pool, f.p, f.k, f.spherical)
		}
		spare = nil
		c := init
		if c == nil {
			var err error
			if c, err = f.seeds(uint64(s)); err != nil {
				return nil, err
			}
		}
		if err := cl.begin(f.ctx, c); err != nil {
			return nil, err
		}
		it, err := cl.iterate(f.ctx, f.maxIter, f.relTol, func(iteration int, inertia float64) {
			if f.progress != nil {
				f.progress(Progress{Done: s, Total: starts, K: f.k, Iteration: iteration, Inertia: inertia})
			}
		})
		if err != nil {
			return nil, err
		}
		if err := cl.fill(f.ctx); err != nil {
			return nil, err
		}
		if now := cl.inertia(); best == nil || now < bestInertia {
			best, spare, bestInertia, iterations = cl, best, now, it
		} else {
			spare = cl
		}
	}
	return best.result(f.ctx, iterations, warnings)
}

// seeds returns K centroids for one start.
func (f *fitter) seeds(stream uint64) ([]float32, error) {
	rng := rand.New(rand.NewPCG(f.seed, stream))
	p := f.p
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
		if _, err := cl.pass(ctx, cl.c); err != nil {
			return err
		}
	}
	return nil
}

// result hands the clustering over, leaving out clusters without weight.
func (cl *clustering) result(ctx context.Context, iterations int, warnings []string) (*Result, error) {
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
		if _, err := a.pass(ctx, cl.c[:k*d]); err != nil {
			return nil, err
		}
	}
	return &Result{
		Centroids: cl.c[:k*d:k*d], K: k, Labels: a.labels, Distances: a.dist,
		Inertia: a.inertia(), Iterations: iterations, Warnings: warnings,
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
