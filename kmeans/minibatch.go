package kmeans

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// MiniBatchOptions says how to fit on batches. The zero value of every field
// but K works.
type MiniBatchOptions struct {
	// K is the number of clusters, 1 to n.
	K int
	// Seed selects the random numbers; 0 is a seed like any other.
	Seed uint64
	// BatchSize is the rows of a batch. 0 means 1024, and no more than n.
	BatchSize int
	// MaxIter bounds the batches to what would be so many times all rows.
	// 0 or less means 100.
	MaxIter int
	// Weights is that of [Options].
	Weights []float32
	// Threads is the number of goroutines that work at the same time. 0
	// means GOMAXPROCS. It has no influence on the result.
	Threads int
	// Progress, where it is not nil, is called on the caller's goroutine
	// after each batch, with the inertia that the batch stands for.
	Progress func(Progress)
}

const (
	batchRows = 1024
	batchIter = 100
	// initBatches is how many batches' rows a seeding looks at, and batchInits
	// how many seedings there are.
	initBatches = 3
	batchInits  = 3
	// noImprovement batches in a row end the fit.
	noImprovement = 10
	// A centroid that has less than reassignShare of the weight of the
	// heaviest one is put on a row of the batch, once in reassignEvery rows
	// for each centroid, or at once where a centroid has none.
	reassignShare = 0.01
	reassignEvery = 10
)

// MiniBatchFit clusters the n rows of X, n×d, by k-means on batches drawn at
// random (Sculley 2010, "Web-scale k-means clustering"), with the sizes, the
// stop and the reassignment of scikit-learn's MiniBatchKMeans. It takes
// O(b·k·d) time for each batch of b rows and O(n·k·d) for the labels at the
// end: less than [Fit] for a higher inertia. Iterations of the result counts
// batches. Errors and panics are those of Fit.
func MiniBatchFit(ctx context.Context, X []float32, n, d int, opts MiniBatchOptions) (*Result, error) {
	checkShape("X", X, n, d)
	if opts.Weights != nil && len(opts.Weights) != n {
		panic("kmeans: len(Weights) is not n")
	}
	if err := checkK(opts.K, n); err != nil {
		return nil, err
	}
	pl, err := newPool(opts.Threads)
	if err != nil {
		return nil, err
	}
	p, err := newPoints(ctx, pl, X, n, d, opts.Weights)
	if err != nil {
		return nil, err
	}
	var warnings []string
	k := opts.K
	if m := distinctRows(p, k); m < k {
		warnings = append(warnings, fewDistinct(m, k, ""))
		k = m
	}
	b := &batcher{
		ctx: ctx, pool: pl, p: p, k: k, size: opts.BatchSize,
		rng: rand.New(rand.NewPCG(opts.Seed, 0)), weight: make([]float64, k),
		a: newAssignment(pl, p, k),
	}
	b.a.once = true
	if b.size <= 0 {
		b.size = batchRows
	}
	b.size = min(b.size, n)
	if err := b.seed(opts.Seed); err != nil {
		return nil, err
	}
	iter := opts.MaxIter
	if iter <= 0 {
		iter = batchIter
	}
	steps := math.MaxInt // of so many there is no end anyway
	if iter <= math.MaxInt/n {
		steps = max(1, iter*n/b.size)
	}
	steps, err = b.run(steps, opts.Progress)
	if err != nil {
		return nil, err
	}
	cl := newClustering(pl, p, k, false)
	if err := cl.begin(ctx, b.c); err != nil {
		return nil, err
	}
	if err := cl.fill(ctx); err != nil {
		return nil, err
	}
	if err := cl.measure(ctx); err != nil {
		return nil, err
	}
	cl.iterations = steps
	return cl.result(ctx, warnings)
}

// A batcher is the state of one MiniBatchFit.
type batcher struct {
	ctx    context.Context
	pool   pool
	p      *points
	k      int
	size   int
	rng    *rand.Rand
	c      []float32
	weight []float64 // all that each centroid has got so far
	a      *assignment
}

// draw returns m places drawn with replacement.
func (b *batcher) draw(m int) []int32 {
	at := make([]int32, m)
	for i := range at {
		at[i] = int32(b.rng.IntN(b.p.n))
	}
	return at
}

// label labels q by c and returns the inertia.
func (b *batcher) label(q *points, c []float32) (float64, error) {
	b.a.reset(q, b.k)
	if err := b.a.pass(b.ctx, c); err != nil {
		return 0, err
	}
	if err := b.a.measure(b.ctx); err != nil {
		return 0, err
	}
	return b.a.inertia(), nil
}

// seed takes the best of a few seedings, by their inertia on other rows.
func (b *batcher) seed(seed uint64) error {
	m := initBatches * b.size
	if m < b.k {
		m = initBatches * b.k
	}
	m = min(m, b.p.n)
	check := b.p.sample(b.draw(m))
	f := &fitter{ctx: b.ctx, pool: b.pool, p: b.p, k: b.k}
	least := math.Inf(1)
	for t := range batchInits {
		rng := rand.New(rand.NewPCG(seed, uint64(t)+1))
		c, err := f.seeds(b.p.sample(sampleRows(b.p, m, rng)), rng)
		if err != nil {
			return err
		}
		v, err := b.label(check, c)
		if err != nil {
			return err
		}
		if v < least || b.c == nil {
			least, b.c = v, c
		}
	}
	return nil
}

// run takes batches until a smoothed inertia falls no more, at most steps.
func (b *batcher) run(steps int, progress func(Progress)) (int, error) {
	smoothing := min(1, 2*float64(b.size)/float64(b.p.n+1))
	var smooth float64
	least, since, rows := math.Inf(1), 0, 0
	for step := range steps {
		q := b.p.sample(b.draw(b.size))
		v, err := b.label(q, b.c)
		if err != nil {
			return 0, err
		}
		var batchWeight float64
		for i := range q.n {
			batchWeight += q.weight(i)
		}
		b.update(q)
		rows += b.size
		if slices.Contains(b.weight, 0) || rows >= reassignEvery*b.k {
			rows = 0
			b.reassign(q)
		}
		if progress != nil {
			progress(Progress{Done: step, Total: steps, K: b.k, Iteration: step + 1, Inertia: v})
		}
		// The first batch says how good the seeds were, not the centroids.
		if step == 0 || batchWeight == 0 {
			continue
		}
		v /= batchWeight
		if step == 1 {
			smooth = v
		} else {
			smooth += float64(smoothing * (v - smooth))
		}
		if since++; smooth < least {
			least, since = smooth, 0
		}
		if since >= noImprovement {
			return step + 1, nil
		}
	}
	return steps, nil
}

// update moves each centroid to the mean of all rows it ever got.
func (b *batcher) update(q *points) {
	d := q.d
	sum, weight := make([]float64, b.k*d), make([]float64, b.k)
	for i, j := range b.a.labels {
		weight[j] += q.weight(i)
		b.pool.kern.Accumulate(sum[int(j)*d:(int(j)+1)*d], q.row(i), q.weight(i))
	}
	for j, w := range weight {
		if w == 0 {
			continue
		}
		all := b.weight[j] + w
		for t := range d {
			at := j*d + t
			b.c[at] = float32((float64(float64(b.c[at])*b.weight[j]) + sum[at]) / all)
		}
		b.weight[j] = all
	}
}

// reassign puts the lightest centroids on rows of the batch, half of its rows
// at most.
func (b *batcher) reassign(q *points) {
	limit := reassignShare * slices.Max(b.weight)
	var light []int
	rest := math.Inf(1)
	for j, w := range b.weight {
		if w < limit {
			light = append(light, j)
		}
	}
	slices.SortStableFunc(light, func(i, j int) int { return cmp.Compare(b.weight[i], b.weight[j]) })
	light = light[:min(len(light), q.n/2)]
	for j, w := range b.weight {
		if !slices.Contains(light, j) {
			rest = min(rest, w)
		}
	}
	rows := b.rng.Perm(q.n)
	for _, j := range light {
		// A row of no weight has no say.
		for len(rows) > 0 && q.weight(rows[0]) == 0 {
			rows = rows[1:]
		}
		if len(rows) == 0 {
			return
		}
		copy(b.c[j*q.d:(j+1)*q.d], q.row(rows[0]))
		rows = rows[1:]
		b.weight[j] = rest
	}
}
