package kmeans

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Breathing k-means (Fritzke 2020, "The breathing k-means algorithm"): add a
// few centroids where the error is largest, let Lloyd's algorithm settle, take
// away as many that are least useful, let it settle again, and keep what is
// better than before. It moves centroids from where there are too many to
// where there are too few, over distances that Lloyd's algorithm alone would
// not cross.

const (
	breathAdd = 5 // centroids to add at first; one fewer after each failure
	// breathShift is how far an added centroid starts from the one it is to
	// share rows with, as a part of the way to that one's farthest row.
	breathShift = 0.1
	// breathGain is by what part a breath has to lower the inertia.
	breathGain = 1e-4
)

// breathe returns cl or a better clustering of the same points, whose Lloyd
// runs end at relTol.
func (f *fitter) breathe(cl *clustering, moves bool, relTol float64) (*clustering, error) {
	m := min(breathAdd, cl.k, distinctRows(cl.p, cl.k+breathAdd)-cl.k)
	spare := newClustering(cl.pool, cl.p, cl.k, cl.spherical)
	for m > 0 {
		in := newClustering(cl.pool, cl.p, cl.k+m, cl.spherical)
		if err := f.settle(in, cl.inhaled(m), false, relTol); err != nil {
			return nil, err
		}
		c, err := in.exhaled(f.ctx, m)
		if err != nil {
			return nil, err
		}
		if err := f.settle(spare, c, moves, relTol); err != nil {
			return nil, err
		}
		if spare.inertia() < cl.inertia()*(1-breathGain) {
			cl, spare = spare, cl
		} else {
			m--
		}
	}
	return cl, nil
}

// inhaled returns the centroids and m more, each beside one of the m clusters
// of largest error, towards its farthest row.
func (cl *clustering) inhaled(m int) []float32 {
	k, d := cl.k, cl.p.d
	errs := make([]float64, k)
	far := make([]int, k)
	for j := range far {
		far[j] = -1
	}
	for i, j := range cl.labels {
		g := float64(cl.p.weight(i) * float64(cl.dist[i]))
		errs[j] += g
		if g > 0 && (far[j] < 0 || cl.dist[i] > cl.dist[far[j]]) {
			far[j] = i
		}
	}
	byError := indices(k)
	slices.SortStableFunc(byError, func(a, b int) int { return cmp.Compare(errs[b], errs[a]) })
	c := slices.Clone(cl.c[:k*d])
	for _, j := range byError[:m] {
		own := cl.c[j*d : (j+1)*d]
		c = append(c, own...)
		if far[j] < 0 {
			continue // a copy: it is refilled
		}
		for t, v := range cl.p.row(far[j]) {
			c[len(c)-d+t] += float32(breathShift * (v - own[t]))
		}
	}
	return c
}

// exhaled returns the centroids without the m that are least useful: those
// whose rows would lose least by going to their next nearest. The nearest
// neighbour of one taken away takes over its rows, so it stays.
func (cl *clustering) exhaled(ctx context.Context, m int) ([]float32, error) {
	k, d := cl.k, cl.p.d
	use, err := cl.usefulness(ctx)
	if err != nil {
		return nil, err
	}
	byUse := indices(k)
	slices.SortStableFunc(byUse, func(a, b int) int { return cmp.Compare(use[a], use[b]) })
	gone, stays := make([]bool, k), make([]bool, k)
	left := m
	// The second round is for when too many had to stay.
	for round := range 2 {
		for _, j := range byUse {
			if left == 0 || gone[j] || (round == 0 && stays[j]) {
				continue
			}
			gone[j] = true
			left--
			near, least := -1, math.Inf(1)
			for q := range k {
				if !gone[q] {
					if v := sqDist(cl.c[q*d:(q+1)*d], cl.c[j*d:(j+1)*d]); v < least {
						near, least = q, v
					}
				}
			}
			if near >= 0 {
				stays[near] = true
			}
		}
	}
	c := make([]float32, 0, (k-m)*d)
	for j := range k {
		if !gone[j] {
			c = append(c, cl.c[j*d:(j+1)*d]...)
		}
	}
	return c, nil
}

// usefulness is by how much the inertia would rise without each centroid.
func (cl *clustering) usefulness(ctx context.Context) ([]float64, error) {
	loss := make([]float64, cl.p.n)
	cl.finder.bothExact = true
	defer func() { cl.finder.bothExact = false }()
	err := cl.pool.each(ctx, blocks(cl.p.n, blockRows), func(worker, b int) {
		s := cl.scratch[worker]
		if s == nil {
			s = cl.finder.newScratch()
			cl.scratch[worker] = s
		}
		s.pending = s.pending[:0]
		for i := b * blockRows; i < min(cl.p.n, (b+1)*blockRows); i++ {
			s.pending = append(s.pending, int32(i))
		}
		cl.finder.find(cl.p, s.pending, s, func(i int32, r nearest) {
			loss[i] = float64(cl.p.weight(int(i)) * (r.second - r.dist))
		})
	})
	if err != nil {
		return nil, err
	}
	use := make([]float64, cl.k)
	for i, j := range cl.labels {
		use[j] += loss[i]
	}
	return use, nil
}

func indices(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}
