package kmeans

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
)

// A Source yields the rows of a matrix that need not fit in memory. [NpyFile]
// and [RawFile] are sources.
type Source interface {
	// Dims returns the number of rows and of columns.
	Dims() (n, d int)
	// ReadRows fills dst, a whole number of rows, with those from lo on. It
	// is called from one goroutine at a time.
	ReadRows(dst []float32, lo int) error
}

// streamRelTol is coarser than Fit's: every iteration looks at everything.
const streamRelTol = 1e-4

// streamNumbers is how many numbers of a source are in memory at a time.
const streamNumbers = 4 << 20

// FitStream clusters the rows of src. It fits a sample of 256·K rows (2,048
// to 10,000) or 64·K, whichever are more, with the effort that opts says, then
// runs Lloyd's algorithm on all rows, reading them once for each iteration and
// once before; opts.MaxIter bounds these, and RelTol of 0 means 1e-4.
// opts.Init, if there is one, takes the place of the sample's centroids.
//
// Memory is that of a fit of the sample, 16 MB for rows, and 8 bytes for each
// row of src for its label and distance. Each iteration takes O(n·k·d) time: no
// bounds are kept. A cluster that loses all rows stays where it is, and is left
// out with a warning if that is so at the end.
//
// Errors are those of [Fit] and of src.
func FitStream(ctx context.Context, src Source, opts Options) (*Result, error) {
	n, d := src.Dims()
	if n < 0 || d < 1 || n > math.MaxInt32 {
		panic("kmeans: a source of no columns, or of too many rows")
	}
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
	if opts.Weights != nil {
		if err := checkWeights(opts.Weights); err != nil {
			return nil, err
		}
	}
	s := &streamer{
		ctx: ctx, pool: pl, src: src, n: n, d: d, opts: opts,
		buf:    make([]float32, min(n, max(1, streamNumbers/d))*d),
		labels: make([]int32, n), dist: make([]float32, n),
	}
	first, err := s.begin()
	if err != nil {
		return nil, err
	}
	return s.run(first)
}

// A streamer is the state of one FitStream.
type streamer struct {
	ctx    context.Context
	pool   pool
	src    Source
	n, d   int
	opts   Options
	buf    []float32
	labels []int32
	dist   []float32
	a      *assignment

	sum     []float64
	weight  []float64
	inertia float64
	longest float64
	stages  int // for progress, with the last one
}

// each calls f with all rows, some at a time, and where they start.
func (s *streamer) each(f func(p *points, lo int) error) error {
	rows := len(s.buf) / s.d
	for lo := 0; lo < s.n; lo += rows {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		m := min(rows, s.n-lo)
		x := s.buf[:m*s.d]
		if err := s.src.ReadRows(x, lo); err != nil {
			return fmt.Errorf("kmeans: rows %d to %d: %w", lo, lo+m-1, err)
		}
		p, err := newPoints(s.ctx, s.pool, x, m, s.d, nil)
		if err != nil {
			return shifted(err, lo)
		}
		if s.opts.Weights != nil {
			p.w = s.opts.Weights[lo : lo+m]
		}
		if err := f(p, lo); err != nil {
			return err
		}
	}
	return s.ctx.Err()
}

// begin checks all rows and returns the centroids to start from.
func (s *streamer) begin() (*Result, error) {
	m := firstRows(s.opts.K)
	all := &points{n: s.n, w: s.opts.Weights}
	at := sampleRows(all, m, rand.New(rand.NewPCG(s.opts.Seed, math.MaxUint64-1)))
	x, w := make([]float32, 0, len(at)*s.d), []float32(nil)
	err := s.each(func(p *points, lo int) error {
		s.longest = max(s.longest, p.longest)
		for len(at) > 0 && int(at[0]) < lo+p.n {
			i := int(at[0]) - lo
			at = at[1:]
			x = append(x, p.row(i)...)
			if s.opts.Weights != nil {
				w = append(w, p.w[i])
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	o := s.opts
	if o.Init != nil {
		if err := checkRows(o.Init, o.K, s.d, "centroid"); err != nil {
			return nil, err
		}
		return &Result{Centroids: append([]float32(nil), o.Init...), K: o.K}, nil
	}
	o.Weights = w
	rows := len(x) / s.d
	var warnings []string
	if distinct := distinctRows(&points{x: x, n: rows, d: s.d, w: w}, o.K); distinct < o.K {
		where := ""
		if rows == m && m < s.n {
			where = " in the sample"
		}
		warnings = append(warnings, fewDistinct(distinct, o.K, where))
		o.K = distinct
	}
	if s.opts.Progress != nil {
		o.Progress = func(p Progress) {
			p.Total++ // all rows come after the sample
			s.stages = p.Total
			s.opts.Progress(p)
		}
	}
	first, err := Fit(s.ctx, x, rows, s.d, o)
	if err != nil {
		return nil, err
	}
	first.Warnings = append(warnings, first.Warnings...)
	return first, nil
}

// pass labels all rows by c and sums them up.
func (s *streamer) pass(c []float32, k int) error {
	if s.a == nil {
		s.a = &assignment{pool: s.pool, once: true}
		s.sum, s.weight = make([]float64, k*s.d), make([]float64, k)
	}
	clear(s.sum)
	clear(s.weight)
	s.inertia = 0
	return s.each(func(p *points, lo int) error {
		s.a.reset(p, k)
		if err := s.a.pass(s.ctx, c); err != nil {
			return err
		}
		if err := s.a.measure(s.ctx); err != nil {
			return err
		}
		copy(s.labels[lo:], s.a.labels)
		copy(s.dist[lo:], s.a.dist)
		s.inertia += s.a.inertia()
		for i, j := range s.a.labels {
			s.weight[j] += p.weight(i)
		}
		return s.pool.overDims(s.ctx, s.d, func(_ context.Context, from, to int) {
			for i, j := range s.a.labels {
				s.pool.kern.Accumulate(s.sum[int(j)*s.d+from:int(j)*s.d+to], p.row(i)[from:to], p.weight(i))
			}
		})
	})
}

func (s *streamer) run(first *Result) (*Result, error) {
	c, k, d := first.Centroids, first.K, s.d
	relTol, maxIter := s.opts.RelTol, s.opts.MaxIter
	if relTol == 0 {
		relTol = streamRelTol
	}
	if maxIter <= 0 {
		maxIter = defaultMaxIter
	}
	if s.opts.Spherical {
		for j := range k {
			normalize(c[j*d : (j+1)*d])
		}
	}
	if err := s.pass(c, k); err != nil {
		return nil, err
	}
	iterations := 0
	for iterations < maxIter {
		before := s.inertia
		for j := range k {
			meanOf(c[j*d:(j+1)*d], s.sum[j*d:(j+1)*d], s.weight[j], s.opts.Spherical, s.longest)
		}
		if err := s.pass(c, k); err != nil {
			return nil, err
		}
		iterations++
		if s.opts.Progress != nil {
			total := max(1, s.stages)
			s.opts.Progress(Progress{Done: total - 1, Total: total, K: k, Iteration: iterations, Inertia: s.inertia})
		}
		if gain := before - s.inertia; gain <= 0 || gain < relTol*before {
			break
		}
	}
	warnings := first.Warnings
	var kept []float32
	for j, w := range s.weight {
		if w > 0 {
			kept = append(kept, c[j*d:(j+1)*d]...)
		}
	}
	if m := len(kept) / d; m < k {
		warnings = append(warnings, fmt.Sprintf("%d of %d clusters had no rows and were left out", k-m, k))
		c, k, s.a = kept, m, nil
		if err := s.pass(c, k); err != nil {
			return nil, err
		}
	}
	return &Result{
		Centroids: c, K: k, Labels: s.labels, Distances: s.dist,
		Inertia: s.inertia, Iterations: iterations, Warnings: warnings,
	}, nil
}
