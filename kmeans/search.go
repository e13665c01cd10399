package kmeans

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// A Criterion says by what a [Search] compares values of k.
type Criterion int

const (
	// PenalizedVariance scores k by the share of the variance that the
	// clusters explain, less what k clusters cost:
	//
	//	1 − W_k/W_1 − λ·k/n,  λ = min(5, √n/4)
	//
	// where W_k is the inertia at k and n the number of rows looked at. A
	// cluster has to lower the inertia by as much as λ average rows have
	// about the overall mean. For a fixed λ this is the objective of DP-means
	// (Kulis & Jordan 2012, "Revisiting k-means: new algorithms via Bayesian
	// nonparametrics", section 3), which a prior over partitions leads to; 5
	// and √n/4 are what served labelled collections of short texts best.
	PenalizedVariance Criterion = iota
	// MeanSilhouette scores k by [SimplifiedSilhouette]. It tends to rise
	// with k where clusters are small and many.
	MeanSilhouette
)

// SearchOptions says how to look for k. The zero value works.
type SearchOptions struct {
	// MinK and MaxK bound the values of k. 0 or less means 2, and min(u−1,
	// max(12, ⌈4√n⌉), 500) for u distinct rows of positive weight. Whatever
	// they are, k is kept from 2 to u−1.
	MinK, MaxK int
	// Sample is on how many rows, drawn at random, the search is made where
	// there are more. 0 means 20,000.
	Sample int
	// Seed selects the random numbers; 0 is a seed like any other.
	Seed uint64
	// Weights and Spherical are those of [Options]. The n of a criterion
	// counts rows, not weights: copies do not call for more clusters.
	Weights   []float32
	Spherical bool
	// Criterion says what is best.
	Criterion Criterion
	// Threads is the number of goroutines that work at the same time. 0
	// means GOMAXPROCS. It has no influence on the result.
	Threads int
	// Progress, where it is not nil, is called on the caller's goroutine
	// before each value of k.
	Progress func(Progress)
}

// A Candidate is one value of k and how it did on the rows looked at.
type Candidate struct {
	K                int
	Silhouette       float64 // see [SimplifiedSilhouette]; higher is better
	CalinskiHarabasz float64 // see [CalinskiHarabasz]; higher is better
	DaviesBouldin    float64 // see [DaviesBouldin]; lower is better
	Inertia          float64
	Score            float64 // by the criterion; higher is better

	stdErr float64 // of Score
}

// SearchResult is a suggestion for k.
type SearchResult struct {
	// K is the candidate of highest score, the lowest of equals; 1 where
	// there are fewer than 4 distinct rows.
	K int
	// Low and High are the ends of the run of candidates about K that score
	// within a standard error of it (Breiman et al. 1984, "Classification
	// and regression trees", section 3.4.3), at most a factor of 2 apart.
	Low, High int
	// Bounded says that K is the largest k that was tried while the rows would
	// have allowed more. Whether that weakens the suggestion depends on whose
	// bound it was, so that Warnings has no line about it.
	Bounded bool
	// Candidates is every k that was tried, in ascending order.
	Candidates []Candidate
	// Warnings says in one line each what weakens the suggestion.
	Warnings []string
}

const (
	searchSample = 20_000
	searchMaxK   = 500
	denseMaxK    = 16  // up to this MaxK every k is tried
	minDistinct  = 4   // fewer distinct rows make one cluster
	refineRatio  = 1.1 // neighbours of the best k this near are near enough
	// searchTol ends a fit; the differences between values of k are larger.
	searchTol     = 1e-3
	penaltyRows   = 5.0 // λ of PenalizedVariance for many rows
	penaltyOfRoot = 0.25
)

// Search suggests how many clusters the n rows of X, n×d, should make. It fits
// values of k from a geometric grid of ratio √2 (every k where there are few),
// then bisects on both sides of the best. The seeds of all k are the beginnings
// of the same few greedy k-means++ sequences, and the fits are rougher than
// [Fit]'s default.
//
// It is a suggestion. On 101 labelled sets (two embeddings of collections of 27
// to 4,500 short texts) k came within a factor of 1.5 of the number of labels
// 74 times, and that number lay in the range 58 times. On nearly the same sets
// the k of the best simplified silhouette came as near 8 times in 106, that of
// the exact one 37 in 92, that of the Bayesian information criterion of Pelleg &
// Moore (2000) 59 in 106. With 10 texts or fewer to a label, and with labels of
// very different sizes, k was too low. No criterion knows how fine the reader
// wants the clusters to be.
//
// It takes the time of about 20 fits on at most Sample rows.
//
// Errors and panics are those of [Fit]; a MinK above MaxK is an error too.
func Search(ctx context.Context, X []float32, n, d int, opts SearchOptions) (*SearchResult, error) {
	checkShape("X", X, n, d)
	if opts.Weights != nil && len(opts.Weights) != n {
		panic("kmeans: len(Weights) is not n")
	}
	if opts.Criterion != PenalizedVariance && opts.Criterion != MeanSilhouette {
		panic("kmeans: unknown criterion")
	}
	if opts.MaxK > 0 && opts.MinK > opts.MaxK {
		return nil, inputErrorf("set the least number of clusters to at most the largest", "kmeans: from %d to %d clusters asked for", opts.MinK, opts.MaxK)
	}
	if n == 0 {
		return nil, inputErrorf("give at least one row", "kmeans: no rows to cluster")
	}
	pl, err := newPool(opts.Threads)
	if err != nil {
		return nil, err
	}
	p, err := newPoints(ctx, pl, X, n, d, opts.Weights)
	if err != nil {
		return nil, err
	}
	sample := opts.Sample
	if sample <= 0 {
		sample = searchSample
	}
	if n > sample {
		// A stream that no start of a fit uses.
		p = p.sample(sampleRows(p, sample, rand.New(rand.NewPCG(opts.Seed, math.MaxUint64))))
	}
	s := &searcher{ctx: ctx, pool: pl, p: p, opts: opts, res: &SearchResult{K: 1, Low: 1, High: 1}}
	lo, hi := s.bounds(n)
	if hi == 0 {
		return s.res, ctx.Err()
	}
	if err := s.run(lo, hi); err != nil {
		return nil, err
	}
	return s.res, nil
}

// A searcher is the state of one Search.
type searcher struct {
	ctx  context.Context
	pool pool
	p    *points
	opts SearchOptions
	res  *SearchResult

	seeds [][]float32 // for each start, centroids for the largest k
	whole float64     // W_1
	total int         // values of k to try, as far as known
}

// bounds returns the least and the largest k to try of n rows, or 0 where
// there is nothing to choose.
func (s *searcher) bounds(n int) (lo, hi int) {
	most := s.opts.MaxK
	if most <= 0 {
		most = min(max(12, int(math.Ceil(4*math.Sqrt(float64(n))))), searchMaxK)
	}
	most = min(max(most, 2), n)
	distinct := distinctRows(s.p, max(most+1, minDistinct))
	if distinct < minDistinct {
		return 0, 0
	}
	hi = min(most, distinct-1)
	lo = max(s.opts.MinK, 2)
	if lo > hi {
		s.warn("k is bounded by the %d distinct rows", distinct)
		lo = hi
	}
	return lo, hi
}

func (s *searcher) warn(format string, args ...any) {
	s.res.Warnings = append(s.res.Warnings, fmt.Sprintf(format, args...))
}

func (s *searcher) run(lo, hi int) error {
	if err := s.prepare(hi); err != nil {
		return err
	}
	grid := coarseGrid(lo, hi)
	s.total = len(grid)
	for _, k := range grid {
		if err := s.try(k); err != nil {
			return err
		}
	}
	for {
		next := s.refinement()
		if len(next) == 0 {
			break
		}
		s.total += len(next)
		for _, k := range next {
			if err := s.try(k); err != nil {
				return err
			}
		}
	}
	s.conclude(lo, hi)
	return nil
}

// coarseGrid returns the values of k to begin with, in ascending order.
func coarseGrid(lo, hi int) []int {
	var grid []int
	if hi <= denseMaxK {
		for k := lo; k <= hi; k++ {
			grid = append(grid, k)
		}
		return grid
	}
	for i := 0; ; i++ {
		k := int(math.Round(float64(lo) * math.Pow(math.Sqrt2, float64(i))))
		if k >= hi {
			return append(grid, hi)
		}
		if len(grid) == 0 || k > grid[len(grid)-1] {
			grid = append(grid, k)
		}
	}
}

// refinement returns the values between the best k and its neighbours.
func (s *searcher) refinement() []int {
	c := s.res.Candidates
	at := s.best()
	var next []int
	for _, side := range []int{at - 1, at + 1} {
		if side < 0 || side >= len(c) {
			continue
		}
		a, b := min(c[at].K, c[side].K), max(c[at].K, c[side].K)
		if b-a < 2 || float64(b) <= refineRatio*float64(a) {
			continue
		}
		k := int(math.Round(math.Sqrt(float64(a) * float64(b))))
		next = append(next, min(max(k, a+1), b-1))
	}
	return next
}

func (s *searcher) best() int {
	at := 0
	for i, c := range s.res.Candidates {
		if c.Score > s.res.Candidates[at].Score {
			at = i
		}
	}
	return at
}

// starts is the number of fits at each k; with few rows one is worth little
// and costs little.
func (s *searcher) starts() int {
	switch {
	case s.p.n <= 200:
		return 10
	case s.p.n <= exactRows:
		return 3
	}
	return 1
}

// prepare draws the seeds and computes W_1.
func (s *searcher) prepare(hi int) error {
	f := s.fitter(hi)
	for t := range s.starts() {
		rng := rand.New(rand.NewPCG(s.opts.Seed, uint64(t)))
		c, err := f.seeds(s.p, rng)
		if err != nil {
			return err
		}
		s.seeds = append(s.seeds, c)
	}
	one := newClustering(s.pool, s.p, 1, s.opts.Spherical)
	if err := s.fitter(1).settle(one, s.seeds[0][:s.p.d], false, 0); err != nil {
		return err
	}
	s.whole = one.inertia()
	return nil
}

func (s *searcher) fitter(k int) *fitter {
	return &fitter{
		ctx: s.ctx, pool: s.pool, p: s.p, k: k,
		maxIter: defaultMaxIter, spherical: s.opts.Spherical,
	}
}

// try fits k clusters and adds the candidate.
func (s *searcher) try(k int) error {
	if s.opts.Progress != nil {
		s.opts.Progress(Progress{Done: len(s.res.Candidates), Total: s.total, K: k})
	}
	f := s.fitter(k)
	var best *clustering
	for _, c := range s.seeds {
		cl := f.take(s.p, k)
		if err := f.settle(cl, c[:k*s.p.d], false, searchTol); err != nil {
			return err
		}
		if best == nil || cl.inertia() < best.inertia() {
			best, cl = cl, best
		}
		f.give(cl)
	}
	if s.p.n <= movesRows {
		if err := f.settle(best, best.c, true, searchTol); err != nil {
			return err
		}
	}
	c, err := s.candidate(best)
	if err != nil {
		return err
	}
	at, _ := slices.BinarySearchFunc(s.res.Candidates, k, func(c Candidate, k int) int { return cmp.Compare(c.K, k) })
	s.res.Candidates = slices.Insert(s.res.Candidates, at, c)
	return nil
}

func (s *searcher) candidate(cl *clustering) (Candidate, error) {
	c := Candidate{K: cl.k, Inertia: cl.inertia()}
	sc := score(s.pool, s.p, cl.labels, cl.k)
	var err error
	var silhouetteErr float64
	if c.Silhouette, silhouetteErr, err = sc.simplified(s.ctx, cl.c); err != nil {
		return c, err
	}
	if err := sc.means(s.ctx); err != nil {
		return c, err
	}
	c.CalinskiHarabasz = sc.calinskiHarabasz()
	c.DaviesBouldin = sc.daviesBouldin()
	switch s.opts.Criterion {
	case MeanSilhouette:
		c.Score, c.stdErr = c.Silhouette, silhouetteErr
	default:
		c.Score = 1 - c.Inertia/s.whole - s.cost(cl.k)
		var sq float64
		for _, v := range cl.dist {
			sq += float64(float64(v) * float64(v))
		}
		n := float64(s.p.n)
		mean := c.Inertia / sc.total
		c.stdErr = math.Sqrt(max(0, sq/n-float64(mean*mean))/n) * sc.total / s.whole
	}
	return c, nil
}

// cost is λ·k/n.
func (s *searcher) cost(k int) float64 {
	n := float64(s.p.n)
	return min(penaltyRows, penaltyOfRoot*math.Sqrt(n)) * float64(k) / n
}

// conclude picks k and the range about it.
func (s *searcher) conclude(lo, hi int) {
	r := s.res
	c := r.Candidates
	at := s.best()
	least := c[at].Score - c[at].stdErr
	from, to := at, at
	for from > 0 && c[from-1].Score >= least {
		from--
	}
	for to+1 < len(c) && c[to+1].Score >= least {
		to++
	}
	// The end that scores less goes first.
	for c[to].K > 2*c[from].K {
		if to > at && (from == at || c[to].Score < c[from].Score) {
			to--
		} else {
			from++
		}
	}
	r.K, r.Low, r.High = c[at].K, c[from].K, c[to].K
	if s.opts.Criterion == PenalizedVariance && c[at].Score <= -s.cost(1) {
		s.warn("no number of clusters explains more than it costs: the rows may not form clusters")
	}
	r.Bounded = r.K == hi && lo < hi && hi < distinctRows(s.p, hi+2)-1
}
