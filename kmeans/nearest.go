package kmeans

import "context"

// topTwo goes through one in every rows and calls visit with the best score
// among the centroids, whose it is, and the best score of the others, once for
// each of these rows and on any goroutine. Scores are those of panels; bounds
// are not looked at.
func (ps *panels) topTwo(ctx context.Context, p *points, every int, visit func(i int, label int32, best, second float32)) error {
	workers := make([]*worker, ps.pool.threads)
	n := blocks(p.n, every)
	return ps.pool.each(ctx, blocks(n, blockRows), func(w, b int) {
		if workers[w] == nil {
			workers[w] = &worker{}
		}
		s := workers[w]
		lo, hi := b*blockRows, min(n, (b+1)*blockRows)
		s.pending = s.pending[:0]
		for i := lo; i < hi; i++ {
			s.pending = append(s.pending, int32(i*every))
		}
		s.scores = resize(s.scores, hi-lo)
		for q := range s.scores {
			s.scores[q] = tally{best: negInf, second: negInf}
		}
		for g := range ps.groups {
			ps.score(p, g, s.pending, &s.scratch)
			members := ps.members(g)
			for q := range s.scores {
				t := &s.scores[q]
				if best := s.best[q]; best > t.best {
					t.second = max(t.best, s.second[q])
					t.best, t.label = best, members[s.index[q]]
				} else {
					t.second = max(t.second, best)
				}
			}
		}
		for q, t := range s.scores {
			visit((lo+q)*every, t.label, t.best, t.second)
		}
	})
}

// sqFromScore is the squared distance of row i that a score stands for.
func sqFromScore(p *points, i int, score float32) float64 {
	return max(0, float64(p.base[i])-2*float64(score))
}
