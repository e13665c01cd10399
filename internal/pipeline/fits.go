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
// something that was said before, also where a cluster is wide. [scorer.level]
// takes half of that off by which the members of the cluster of the nearest one
// are farther from each other than those of most: where texts differ much, a new
// one may too.
//
// On clinc150, clustered without labels, this tells what is out of scope (AUROC
// 0.94) better than the distance to the centroid (0.91), than its ratio to that of
// the second nearest (0.84) and than the shared Mahalanobis distance (0.92); and
// intents that nothing was known of better than without the half (over three times
// ten of them 0.82 against 0.80; the ratio 0.75, all of it in place of half 0.82,
// but less out of scope).
const (
	fitNeighbours = 3
	fitClusters   = 8
	fitSample     = 2000 // members that the threshold is taken from, at most
	levelSample   = 16   // members of a cluster that its level is taken from; fewer say too little
	levelShare    = 0.5
)

// scorer knows the members that texts are judged by.
type scorer struct {
	centroids [][]float32
	members   [][][]float32 // of each cluster
	excess    []float64     // see level; nil takes nothing off
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
	at       int     // the cluster of the nearest member, or -1
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
	out := place{cluster: order[0].cluster, distance: order[0].distance, at: -1}
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
			if d < best[0] {
				out.at = o.cluster
			}
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
	if s.excess != nil && out.at >= 0 {
		out.score -= levelShare * s.excess[out.at]
	}
	return out
}

// level makes scores comparable between clusters whose members are alike and
// those whose members are not. The excess of a cluster is the median score of its
// members, each judged as if it were new, over that of all those members.
// One of few members has none.
func (s *scorer) level(ctx context.Context) error {
	var sample [][]float32
	var of []int
	for c, members := range s.members {
		if len(members) < levelSample {
			continue
		}
		for i := range levelSample {
			sample, of = append(sample, members[i*len(members)/levelSample]), append(of, c)
		}
	}
	places, err := s.all(ctx, sample, sample)
	if err != nil || len(places) == 0 {
		return err
	}
	scores, each := make([]float64, len(places)), make([][]float64, len(s.members))
	for i, p := range places {
		scores[i] = p.score
		each[of[i]] = append(each[of[i]], p.score)
	}
	slices.Sort(scores)
	middle := quality.Quantile(scores, 0.5)
	s.excess = make([]float64, len(s.members))
	for c, own := range each {
		if len(own) > 0 {
			slices.Sort(own)
			s.excess[c] = quality.Quantile(own, 0.5) - middle
		}
	}
	return nil
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
