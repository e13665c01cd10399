package kmeans

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"sheaf/kmeans/internal/simd"
)

// A pool runs independent pieces of work on a fixed number of goroutines, with
// one kernel.
type pool struct {
	threads int
	kern    *simd.Kernel
	noPrune bool // tests: look at every centroid in every pass
}

// maxThreads bounds the memory that goroutines have for themselves.
const maxThreads = 1024

// newPool fails where the environment names a kernel that is not there.
func newPool(threads int) (pool, error) {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	threads = min(threads, maxThreads)
	kern, err := simd.Default()
	if unknown := (*simd.ChoiceError)(nil); errors.As(err, &unknown) {
		err = inputErrorf(unknown.Hint(), "kmeans: %s", unknown.Error())
	}
	return pool{threads: threads, kern: kern}, err
}

// sqDist is the squared Euclidean distance that decides: float64, summed in a
// fixed order.
func (pl pool) sqDist(x, y []float32) float64 { return pl.kern.SqDist(x, y) }

// each calls f(worker, task) once for every task in [0, tasks). worker is in
// [0, threads); calls with the same worker do not overlap, so that scratch
// memory may belong to a worker. What f computes must not depend on worker.
// ctx is looked at before every task.
func (pl pool) each(ctx context.Context, tasks int, f func(worker, task int)) error {
	workers := min(pl.threads, tasks)
	if workers <= 1 {
		for t := range tasks {
			if err := ctx.Err(); err != nil {
				return err
			}
			f(0, t)
		}
		return ctx.Err()
	}
	var next atomic.Int64
	work := func(w int) {
		for ctx.Err() == nil {
			t := int(next.Add(1)) - 1
			if t >= tasks {
				return
			}
			f(w, t)
		}
	}
	// The caller works too: where there is little to do it is over before
	// another goroutine has woken up.
	var wg sync.WaitGroup
	for w := 1; w < workers; w++ {
		wg.Go(func() { work(w) })
	}
	work(0)
	wg.Wait()
	return ctx.Err()
}

// overDims calls f for slices of the dimensions, one for each thread at most.
// Sums over rows that a slice has to itself are in the order of the rows,
// whatever the number of threads.
func (pl pool) overDims(ctx context.Context, d int, f func(ctx context.Context, lo, hi int)) error {
	vectors := blocks(d, simd.Width)
	parts := min(pl.threads, vectors)
	width := blocks(vectors, parts) * simd.Width
	return pl.each(ctx, parts, func(_, s int) {
		if lo, hi := min(d, s*width), min(d, (s+1)*width); lo < hi {
			f(ctx, lo, hi)
		}
	})
}

func blocks(n, size int) int { return (n + size - 1) / size }
