package pipeline

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"sheaf/internal/quality"
)

// How a text is judged to fit or not. Its score is the mean squared distance to
// the nearest few members of the nearest clusters: what is said anew is near
// something that was said before, also where a cluster is wide. On clinc150,
// clustered without labels, this tells what is out of scope better than the
// distance to the centroid, alone or against the cluster's spread or that of
// the second nearest.
const (
	fitNeighbours = 3
	fitClusters   = 8
	fitSample     = 2000 // members that the threshold is taken from, at most
)

// scorer knows the members that texts are judged by.
type scorer struct {
	centroids [][]float32
	members   [][][]float32 // of each cluster
	threads   int
}

func newScorer(p *placer, threads int) *scorer {
	s := &scorer{centroids: p.centroids, members: make([][][]float32, len(p.centroids)), threads: threads}
	for i, v := range p.vectors {
		s.members[p.of[i]] = append(s.members[p.of[i]], v)
	}
	return s
}

// A place is where a vector belongs.
type place struct {
	cluster  int
	distance float64 // squared Euclidean, to the centroid
	score    float64 // see fitNeighbours
}

// judge finds the nearest cluster of a vector and its score. self, where it is
// not nil, is the vector's own row among the members and is left out.
func (s *scorer) judge(v, self []float32) place {
	type near struct {
		cluster  int
		distance float64
	}
	order := make([]near, len(s.centroids))
	for i, c := range s.centroids {
		order[i] = near{i, squared(v, c)}
	}
	slices.SortStableFunc(order, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	out := place{cluster: order[0].cluster, distance: order[0].distance}
	var best [fitNeighbours]float64
	for i := range best {
		best[i] = math.Inf(1)
	}
	for _, o := range order[:min(len(order), fitClusters)] {
		for _, m := range s.members[o.cluster] {
			if self != nil && &m[0] == &self[0] {
				continue
			}
			d := squared(v, m)
			for i := range best {
				if d < best[i] {
					d, best[i] = best[i], d
				}
			}
		}
	}
	n := 0.0
	for _, d := range best {
		if !math.IsInf(d, 1) {
			out.score += d
			n++
		}
	}
	if n > 0 {
		out.score /= n
	}
	return out
}

// all judges vectors on several goroutines.
func (s *scorer) all(ctx context.Context, vectors, selves [][]float32) ([]place, error) {
	out := make([]place, len(vectors))
	threads := s.threads
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range threads {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(vectors) {
					return
				}
				var self []float32
				if selves != nil {
					self = selves[i]
				}
				out[i] = s.judge(vectors[i], self)
			}
		})
	}
	wg.Wait()
	return out, ctx.Err()
}

// threshold is the score that a share of the members, each judged as if it were
// new, does not exceed, and of how many that was found: evenly spread ones where
// there are very many. With fewer than four members there is none.
func (s *scorer) threshold(ctx context.Context, share float64) (limit float64, of int, err error) {
	var members [][]float32
	for _, m := range s.members {
		members = append(members, m...)
	}
	if len(members) <= fitNeighbours {
		return math.Inf(1), 0, nil
	}
	n := min(len(members), fitSample)
	sample := make([][]float32, n)
	for i := range sample {
		sample[i] = members[i*len(members)/n]
	}
	places, err := s.all(ctx, sample, sample)
	if err != nil {
		return 0, 0, err
	}
	scores := make([]float64, n)
	for i, p := range places {
		scores[i] = p.score
	}
	slices.Sort(scores)
	return quality.Quantile(scores, share), n, nil
}
