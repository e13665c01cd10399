package bench

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/kmeans"
)

// miniBatchOptions are those of scikit-learn's MiniBatchKMeans that MTEB sets.
// The others have its defaults.
type miniBatchOptions struct {
	K, BatchSize int
	Inits        int    // n_init: seedings to choose from
	Seed         uint32 // random_state
	Threads      int
}

const (
	initBatches   = 3    // batches' rows that a seeding looks at
	maxEpochs     = 100  // bound of the batches, in times all rows
	noImprovement = 10   // batches in a row that end the fit
	reassignShare = 0.01 // of the weight of the heaviest centroid: a lighter one is put elsewhere
	reassignEvery = 10   // rows for each centroid between two times
)

// A miniBatchFit is k-means on batches (Sculley 2010, "Web-scale k-means
// clustering") as scikit-learn does it, down to the random numbers: from one ten
// seeds to another the median of its V-measures moves by two points and more, so
// that only the same draws give figures that can be compared with published
// ones. kmeans.MiniBatchFit is as good, with draws of its own.
type miniBatchFit struct {
	ctx      context.Context
	x        []float32
	n, d     int
	opts     miniBatchOptions
	random   *randomState
	centres  []float32
	weights  []float64 // rows that each centroid has got
	initRows int
}

// miniBatch clusters the n rows of x, n×d, and returns the cluster of each.
func miniBatch(ctx context.Context, x []float32, n, d int, opts miniBatchOptions) ([]int32, error) {
	opts.BatchSize = min(opts.BatchSize, n)
	m := &miniBatchFit{ctx: ctx, x: x, n: n, d: d, opts: opts, random: newRandomState(opts.Seed), weights: make([]float64, opts.K)}
	m.initRows = initBatches * opts.BatchSize
	if m.initRows < opts.K {
		m.initRows = initBatches * opts.K
	}
	m.initRows = min(m.initRows, n)
	if err := m.seed(); err != nil {
		return nil, err
	}
	if err := m.run(); err != nil {
		return nil, err
	}
	a, err := m.assign(x, n, m.centres)
	if err != nil {
		return nil, err
	}
	return a.Labels, nil
}

func (m *miniBatchFit) assign(x []float32, n int, centres []float32) (*kmeans.Assignment, error) {
	return kmeans.Assign(m.ctx, x, n, m.d, centres, m.opts.K, kmeans.AssignOptions{Threads: m.opts.Threads})
}

func inertia(a *kmeans.Assignment) float64 {
	sum := 0.0
	for _, d := range a.Distances {
		sum += float64(d)
	}
	return sum
}

// seed takes the best of a few seedings, by their inertia on other rows.
func (m *miniBatchFit) seed() error {
	valid := rows(m.x, m.d, m.random.rows(m.n, m.initRows))
	least := math.Inf(1)
	for range m.opts.Inits {
		of, n := m.x, m.n
		if m.initRows < m.n {
			of, n = rows(m.x, m.d, m.random.rows(m.n, m.initRows)), m.initRows
		}
		centres, err := m.plusplus(of, n)
		if err != nil {
			return err
		}
		a, err := m.assign(valid, m.initRows, centres)
		if err != nil {
			return err
		}
		if v := inertia(a); v < least {
			least, m.centres = v, centres
		}
	}
	return nil
}

// plusplus is greedy k-means++ (Arthur & Vassilvitskii 2007) on the n rows of x.
func (m *miniBatchFit) plusplus(x []float32, n int) ([]float32, error) {
	k, d := m.opts.K, m.d
	trials := 2 + int(math.Log(float64(k)))
	norms := make([]float32, n)
	for i := range norms {
		row := blas32.Vector{N: d, Inc: 1, Data: x[i*d : (i+1)*d]}
		norms[i] = blas32.Dot(row, row)
	}
	// distances are those of some rows to all rows.
	distances := func(of []int) []float32 {
		out := make([]float32, len(of)*n)
		a := blas32.General{Rows: len(of), Cols: d, Stride: d, Data: rows(x, d, of)}
		all := blas32.General{Rows: n, Cols: d, Stride: d, Data: x}
		blas32.Gemm(blas.NoTrans, blas.Trans, -2, a, all, 0, blas32.General{Rows: len(of), Cols: n, Stride: n, Data: out})
		for t, c := range of {
			for i := range norms {
				out[t*n+i] = max(0, out[t*n+i]+norms[i]+norms[c])
			}
			out[t*n+c] = 0
		}
		return out
	}
	first := m.random.below(n)
	centres := append(make([]float32, 0, k*d), x[first*d:(first+1)*d]...)
	closest := distances([]int{first})
	sums := make([]float64, n)
	candidates := make([]int, trials)
	for len(centres) < k*d {
		if err := m.ctx.Err(); err != nil {
			return nil, err
		}
		total := 0.0
		for i, v := range closest {
			total += float64(v)
			sums[i] = total
		}
		for t := range candidates {
			at, _ := slices.BinarySearch(sums, m.random.uniform()*total)
			candidates[t] = min(at, n-1)
		}
		all := distances(candidates)
		best, least := 0, math.Inf(1)
		for t := range candidates {
			pot := 0.0
			for i, v := range closest {
				all[t*n+i] = min(all[t*n+i], v)
				pot += float64(all[t*n+i])
			}
			if pot < least {
				best, least = t, pot
			}
		}
		closest = all[best*n : (best+1)*n]
		centres = append(centres, x[candidates[best]*d:(candidates[best]+1)*d]...)
	}
	return centres, nil
}

// run takes batches until a smoothed inertia falls no more.
func (m *miniBatchFit) run() error {
	size := m.opts.BatchSize
	smoothing := min(1, 2*float64(size)/float64(m.n+1))
	var smooth float64
	least, since, seen := math.Inf(1), 0, 0
	for step := range maxEpochs * m.n / size {
		batch := rows(m.x, m.d, m.random.rows(m.n, size))
		seen += size
		reassigns := slices.Contains(m.weights, 0) || seen >= reassignEvery*m.opts.K
		a, err := m.assign(batch, size, m.centres)
		if err != nil {
			return err
		}
		m.update(batch, a.Labels)
		if reassigns {
			seen = 0
			m.reassign(batch, size)
		}
		if step == 0 { // whose inertia is the seeds'
			continue
		}
		v := inertia(a) / float64(size)
		if step == 1 {
			smooth = v
		} else {
			smooth = smooth*(1-smoothing) + v*smoothing
		}
		if since++; smooth < least {
			least, since = smooth, 0
		}
		if since >= noImprovement {
			return nil
		}
	}
	return nil
}

// update moves each centroid to the mean of all rows that it ever got.
func (m *miniBatchFit) update(batch []float32, labels []int32) {
	d := m.d
	added := make([]float64, m.opts.K)
	sums := make([]float64, len(m.centres))
	for i, l := range labels {
		added[l]++
		for t, v := range batch[i*d : (i+1)*d] {
			sums[int(l)*d+t] += float64(v)
		}
	}
	for j, w := range added {
		if w == 0 {
			continue
		}
		all := m.weights[j] + w
		for t := j * d; t < (j+1)*d; t++ {
			m.centres[t] = float32((float64(float64(m.centres[t])*m.weights[j]) + sums[t]) / all)
		}
		m.weights[j] = all
	}
}

// reassign puts centroids of little weight on rows of the batch, half of its
// rows at most.
func (m *miniBatchFit) reassign(batch []float32, size int) {
	limit := reassignShare * slices.Max(m.weights)
	var light []int
	for j, w := range m.weights {
		if w < limit {
			light = append(light, j)
		}
	}
	if most := size / 2; len(light) > most {
		slices.SortStableFunc(light, func(i, j int) int { return cmp.Compare(m.weights[i], m.weights[j]) })
		light = light[:most]
		slices.Sort(light)
	}
	if len(light) == 0 {
		return
	}
	rest := math.Inf(1)
	for j, w := range m.weights {
		if _, is := slices.BinarySearch(light, j); !is {
			rest = min(rest, w)
		}
	}
	for i, row := range m.random.permutation(size)[:len(light)] {
		copy(m.centres[light[i]*m.d:(light[i]+1)*m.d], batch[row*m.d:(row+1)*m.d])
		m.weights[light[i]] = rest
	}
}
