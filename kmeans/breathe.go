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
	// A breath adds breathAdd centroids at first, or one in breathShare where
	// that is more, and half as many after each failure; one fewer where there
	// are so few rows that a breath takes no time. One in breathFewest is not
	// worth a breath.
	breathAdd    = 5
	breathShare  = 20
	breathFewest = 100
	// breathShift is how far an added centroid starts from the one it is to
	// share rows with, as a part of the way to that one's farthest row.
	breathShift = 0.1
	// breathGain is by what part a breath has to lower the inertia.
	breathGain = 1e-4

	// usefulRows is how many rows to a centroid are looked at to tell which
	// centroids are least useful, where there are more than fewRows.
	usefulRows = 16
)

// breathe returns cl or a better clustering of the same points, whose Lloyd
// runs end at relTol.
func (f *fitter) breathe(cl *clustering, moves bool, relTol float64) (*clustering, error) {
	most := max(breathAdd, cl.k/breathShare)
	m := min(most, cl.k, distinctRows(cl.p, cl.k+most)-cl.k)
	for m > cl.k/breathFewest {
		wide := f.take(cl.p, cl.k+m)
		if err := wide.widen(f.ctx, cl, cl.inhaled(m)); err != nil {
			return nil, err
		}
		if err := f.goOn(wide, false, relTol); err != nil {
			return nil, err
		}
		gone, err := wide.leastUseful(f.ctx, m)
		if err != nil {
			return nil, err
		}
		after := f.take(cl.p, cl.k)
		if err := after.narrow(f.ctx, wide, gone); err != nil {
			return nil, err
		}
		f.give(wide)
		if err := f.goOn(after, moves, relTol); err != nil {
			return nil, err
		}
		if after.inertia() < cl.inertia()*(1-breathGain) {
			cl, after = after, cl
		} else if cl.p.n > movesRows {
			m /= 2
		} else {
			m--
		}
		f.give(after)
	}
	return cl, nil
}

// inhaled returns m more centroids, each beside one of the m clusters
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
	c := make([]float32, 0, m*d)
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

// leastUseful tells which m centroids are to go: those whose rows would lose
// least by going to their next nearest. The nearest neighbour of one taken away
// takes over its rows, so it stays.
func (cl *clustering) leastUseful(ctx context.Context, m int) (gone []bool, err error) {
	k, d := cl.k, cl.p.d
	use, err := cl.usefulness(ctx)
	if err != nil {
		return nil, err
	}
	byUse := indices(k)
	slices.SortStableFunc(byUse, func(a, b int) int { return cmp.Compare(use[a], use[b]) })
	gone = make([]bool, k)
	stays := make([]bool, k)
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
					if v := cl.pool.sqDist(cl.c[q*d:(q+1)*d], cl.c[j*d:(j+1)*d]); v < least {
						near, least = q, v
					}
				}
			}
			if near >= 0 {
				stays[near] = true
			}
		}
	}
	return gone, nil
}

// usefulness is by how much the inertia would rise without each centroid,
// judged by some of the rows.
func (cl *clustering) usefulness(ctx context.Context) ([]float64, error) {
	every := 1
	if cl.p.n > fewRows {
		every = max(1, cl.p.n/(usefulRows*cl.k))
	}
	loss := make([]float64, cl.p.n)
	err := cl.panels.topTwo(ctx, cl.p, every, func(i int, label int32, best, second float32) {
		if label != cl.labels[i] {
			second = best // as good as equally near
		}
		loss[i] = cl.p.weight(i) * max(0, sqFromScore(cl.p, i, second)-float64(cl.dist[i]))
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
