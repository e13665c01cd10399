package kmeans

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// A pool runs independent pieces of work on a fixed number of goroutines.
type pool struct{ threads int }

func newPool(threads int) pool {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return pool{threads}
}

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
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for ctx.Err() == nil {
				t := int(next.Add(1)) - 1
				if t >= tasks {
					return
				}
				f(w, t)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

func blocks(n, size int) int { return (n + size - 1) / size }
