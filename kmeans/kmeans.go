// Package kmeans groups the rows of a matrix around k centroids so that the
// sum of squared Euclidean distances from each row to its centroid, the
// inertia, is small; and it helps to choose k.
//
// [Fit] seeds with greedy k-means++ (Arthur & Vassilvitskii 2007, the greedy
// variant of their section 6) and iterates Lloyd's algorithm (Lloyd 1982).
// [Assign] finds the nearest of given centroids. [MiniBatchFit] trades inertia
// for time, and [FitStream] takes rows from a file. [Search] compares values of
// k; [SimplifiedSilhouette], [Silhouette], [CalinskiHarabasz] and
// [DaviesBouldin] score a clustering.
//
// # Matrices
//
// A matrix of n rows and d columns is a []float32 of length n·d, row after
// row. It is read in place: never written, and never copied as a whole. [Matrix]
// is a view that gonum's mat and blas32 take.
//
// # The same bits every time
//
// A result depends on the data, the options and the seed alone, not on the
// number of threads, GOMAXPROCS, the memory alignment of X, or the processor.
// Rows are scored against centroids in float32, by kernels that use AVX-512,
// AVX2 and FMA, or NEON where there are these and plain Go elsewhere, and that
// agree in every bit. Scores, with a bound on their error, only rule centroids out, as
// do bounds kept from one iteration to the next; whatever is left is decided by
// distances summed in float64 in a fixed order, ties going to the lowest index.
// Centroids are float64 sums, in an order that depends on the labels of this
// iteration and those before alone, rounded to float32 once. SHEAF_SIMD=generic (or avx2, avx512, neon) in the environment
// forces a kernel; it changes nothing but the time. SIMD.md says more.
//
// # Cost
//
// An iteration of Fit takes O(n·k·d) time in the worst case and far less once
// the clusters are settled, because bounds on the distances to the other
// centroids (Hamerly 2010; Ding et al. 2015) tell for most rows that their
// label cannot change. Seeding takes O(m·k·d·log k) on m = min(n, max(4,096,
// 16·k)) rows. Beyond X, Fit keeps about 32 + k/8 bytes for each row, O(m·log
// k) numbers for seeding and O(k·d) for the centroids. The n×k distances are
// never stored. See [Options.Restarts] for what Fit does by default.
package kmeans

import (
	"context"
	"math"
)

// Options says how to fit. The zero value of every field but K works.
type Options struct {
	// K is the number of clusters, 1 to n. 0 and less are an error, as is
	// more than n. A K above the number of distinct rows (of positive
	// weight) gives that many clusters and a warning.
	K int
	// Seed selects the random numbers (math/rand/v2's PCG, a stream for each
	// start). Equal seeds give equal results; 0 is a seed like any other.
	Seed uint64
	// MaxIter bounds the iterations of each run of Lloyd's algorithm. 0 or
	// less means 300.
	MaxIter int
	// RelTol ends a run when an iteration lowers the inertia by less than
	// this share of it. 0 means 3e-5 for n > 10,000, and for fewer rows that
	// labels have to stop changing; a negative value means so for every n.
	RelTol float64
	// Restarts is the number of times to start from a seeding of its own;
	// the result of the lowest inertia is kept, the first of equals. The
	// starts are the same whatever their number, so more never give a
	// higher inertia.
	//
	// 0 means a default effort, which reaches a lower inertia than the best
	// of ten starts mostly does, in less time than those take. Up to 500
	// rows: ten starts, each going on by Hartigan's single-row moves (not if
	// Spherical), then breathing (Fritzke 2020). Up to 2,000: two starts,
	// breathing, and moves at the end. Up to 10,000: one start and
	// breathing. From there on: the same (two starts up to 50,000) on a
	// sample of 2,048 to 10,000 rows by K, or 64·K, then Lloyd's algorithm on samples
	// each four times as large as the one before, and on all. 1 is the least
	// effort: k-means++ and Lloyd.
	Restarts int
	// Weights is how much each row counts: n values ≥ 0, not all zero. A row
	// of weight 2 counts as two equal rows; a row of weight 0 gets a label
	// and a distance and has no say. nil means 1 for each row.
	Weights []float32
	// Spherical keeps the centroids at unit length: each is the direction of
	// the weighted sum of its rows. On unit rows this is spherical k-means
	// (Dhillon & Modha 2001), in which the nearest centroid is the one of
	// greatest cosine. Inertia and distances are squared Euclidean all the
	// same; rows that are not of unit length count by their length.
	Spherical bool
	// Init is K centroids to start from, K×d, instead of seeding; there is
	// one start then and Restarts is not looked at. It is not written.
	Init []float32
	// Threads is the number of goroutines that work at the same time, 1,024
	// at most. 0 means GOMAXPROCS. It has no influence on the result.
	Threads int
	// Progress, where it is not nil, is called on the caller's goroutine
	// after each iteration.
	Progress func(Progress)
}

// Progress tells how far a [Fit] or a [Search] has come.
type Progress struct {
	// Done of Total is the part of the work that is over: starts and what
	// follows them in Fit, values of k in Search. Total may grow while a
	// search refines.
	Done, Total int
	K           int     // the number of clusters being fitted
	Iteration   int     // of the current run, from 1
	Inertia     float64 // at that iteration
}

// Result is a clustering of n rows.
type Result struct {
	// Centroids is K×d. Where the iterations ended because labels no longer
	// changed, each is the weighted mean of its rows, rounded to float32
	// (Spherical: that mean scaled to unit length). Where they ended by
	// RelTol or MaxIter it is the mean of the rows it had an iteration
	// earlier. Labels, Distances and Inertia belong to these centroids in
	// either case.
	Centroids []float32
	// K is the number of clusters; each has at least one row of positive
	// weight. It is Options.K unless Warnings says why not.
	K int
	// Labels holds for each row the index of its nearest centroid, the
	// lowest of equally near ones.
	Labels []int32
	// Distances holds for each row the squared Euclidean distance to its
	// centroid.
	Distances []float32
	// Inertia is the sum of the weighted distances, before they are rounded
	// to float32.
	Inertia float64
	// Iterations is the number of times that the run of Lloyd's algorithm
	// that ended here computed its centroids.
	Iterations int
	// Warnings says in one line each what weakens the result.
	Warnings []string
}

const (
	defaultMaxIter = 300
	defaultRelTol  = 3e-5
	// exactRows is up to where a fit by default goes on until no label changes.
	exactRows = 10_000
)

// Fit clusters the n rows of X, n×d.
//
// Errors: n = 0; K < 1 or K > n; a NaN, an infinity or a row too long for
// float32 distances in X or Init (an [*InputError] that says where); a
// negative or non-finite weight, or none above zero; and ctx's own error,
// which is looked at between blocks of rows. It panics where lengths do not
// fit together.
func Fit(ctx context.Context, X []float32, n, d int, opts Options) (*Result, error) {
	checkShape("X", X, n, d)
	if opts.Weights != nil && len(opts.Weights) != n {
		panic("kmeans: len(Weights) is not n")
	}
	if opts.Init != nil && opts.K > 0 && len(opts.Init) != opts.K*d {
		panic("kmeans: len(Init) is not K·d")
	}
	if err := checkK(opts.K, n); err != nil {
		return nil, err
	}
	pl, err := newPool(opts.Threads)
	if err != nil {
		return nil, err
	}
	return fit(ctx, pl, X, n, d, opts)
}

// fit is Fit once shapes are checked, on a given pool.
func fit(ctx context.Context, pl pool, X []float32, n, d int, opts Options) (*Result, error) {
	p, err := newPoints(ctx, pl, X, n, d, opts.Weights)
	if err != nil {
		return nil, err
	}
	if opts.Init != nil {
		if err := checkRows(opts.Init, opts.K, d, "centroid"); err != nil {
			return nil, err
		}
	}
	f := &fitter{
		ctx: ctx, pool: pl, p: p, k: opts.K,
		seed: opts.Seed, maxIter: opts.MaxIter, relTol: opts.RelTol,
		spherical: opts.Spherical, progress: opts.Progress,
	}
	if f.maxIter <= 0 {
		f.maxIter = defaultMaxIter
	}
	if f.relTol == 0 && n > exactRows {
		f.relTol = defaultRelTol
	}
	return f.run(opts.Restarts, opts.Init)
}

func checkK(k, n int) error {
	switch {
	case n == 0:
		return &InputError{Row: -1, Col: -1, msg: "kmeans: no rows to cluster", hint: "give at least one row"}
	case k < 1:
		return inputErrorf("set the number of clusters to 1 or more", "kmeans: %d clusters asked for", k)
	case k > n:
		return inputErrorf("ask for fewer clusters", "kmeans: %d clusters asked for, but there are only %d rows", k, n)
	}
	return nil
}

func checkShape(name string, x []float32, n, d int) {
	if n < 0 || d < 1 {
		panic("kmeans: n < 0 or d < 1")
	}
	if n > math.MaxInt32 {
		panic("kmeans: more than 2³¹−1 rows")
	}
	if len(x)/d != n || len(x)%d != 0 {
		panic("kmeans: len(" + name + ") is not rows·d")
	}
}
