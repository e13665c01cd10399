package kmeans

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// seeder chooses first centroids by greedy k-means++: each is the best of
// 2+⌊ln k⌋ rows drawn with a probability proportional to weight times squared
// distance to the centroids so far; best by the inertia that would be left
// (Arthur & Vassilvitskii 2007, section 6; the number of candidates is that of
// their own code and of scikit-learn). Distances are in float32 here: they are
// odds, not decisions.
type seeder struct {
	pool pool
	p    *points
	dist []float64   // squared distance to the nearest centroid so far
	cand [][]float64 // the same, were each of the candidates added
	sums [][]float64 // weighted sums of these by block
	acc  []float64   // running sum of weight·dist over blocks
}

const seedBlock = 128

func newSeeder(pl pool, p *points) *seeder {
	return &seeder{pool: pl, p: p, dist: make([]float64, p.n)}
}

// choose returns the places of up to k rows, no two of them equal; fewer only
// where fewer rows of positive weight are distinct.
func (s *seeder) choose(ctx context.Context, k int, rng *rand.Rand) ([]int, error) {
	n, nb := s.p.n, blocks(s.p.n, seedBlock)
	trials := 2 + int(math.Log(float64(k)))
	for len(s.cand) < trials {
		s.cand = append(s.cand, make([]float64, n))
		s.sums = append(s.sums, make([]float64, nb))
	}
	s.acc = make([]float64, nb)
	for i := range s.dist {
		s.dist[i] = 1 // the first row is drawn by weight alone
	}
	total := s.sumBlocks()
	first := s.draw(rng.Float64() * total)
	for i := range s.dist {
		s.dist[i] = math.Inf(1)
	}
	if err := s.measure(ctx, []int{first}); err != nil {
		return nil, err
	}
	s.keep(0)
	chosen := []int{first}
	cands := make([]int, 0, trials)
	for len(chosen) < k {
		total := s.sumBlocks()
		if total == 0 {
			break
		}
		cands = cands[:0]
		for range trials {
			// Two draws of one row need measuring once.
			if i := s.draw(rng.Float64() * total); !slices.Contains(cands, i) {
				cands = append(cands, i)
			}
		}
		if err := s.measure(ctx, cands); err != nil {
			return nil, err
		}
		best, least := 0, math.Inf(1)
		for t := range cands {
			var left float64
			for _, v := range s.sums[t] {
				left += v
			}
			if left < least {
				best, least = t, left
			}
		}
		s.keep(best)
		chosen = append(chosen, cands[best])
	}
	return chosen, nil
}

// measure fills cand and sums for the candidate rows.
func (s *seeder) measure(ctx context.Context, cands []int) error {
	p := s.p
	return s.pool.each(ctx, blocks(p.n, seedBlock), func(_, b int) {
		lo, hi := b*seedBlock, min(p.n, (b+1)*seedBlock)
		for t, c := range cands {
			row := p.row(c)
			var sum float64
			for i := lo; i < hi; i++ {
				v := min(s.dist[i], float64(sqDist32(p.row(i), row)))
				s.cand[t][i] = v
				sum += float64(p.weight(i) * v)
			}
			s.sums[t][b] = sum
		}
	})
}

func (s *seeder) keep(t int) { s.dist, s.cand[t] = s.cand[t], s.dist }

// sumBlocks computes the running sums and returns the total.
func (s *seeder) sumBlocks() float64 {
	var total float64
	for b := range s.acc {
		for i := b * seedBlock; i < min(s.p.n, (b+1)*seedBlock); i++ {
			total += float64(s.p.weight(i) * s.dist[i])
		}
		s.acc[b] = total
	}
	return total
}

// draw returns the place at which the running sum of weight·dist passes r.
func (s *seeder) draw(r float64) int {
	b := sort.Search(len(s.acc), func(b int) bool { return s.acc[b] > r })
	if b == len(s.acc) {
		b--
	}
	var sum float64
	if b > 0 {
		sum = s.acc[b-1]
	}
	last := -1
	for i := b * seedBlock; i < min(s.p.n, (b+1)*seedBlock); i++ {
		if v := float64(s.p.weight(i) * s.dist[i]); v > 0 {
			last = i
			if sum += v; sum > r {
				return i
			}
		}
	}
	if last >= 0 {
		return last
	}
	// Only rounding at the very end of the sum leads here.
	for i := s.p.n - 1; i >= 0; i-- {
		if s.p.weight(i)*s.dist[i] > 0 {
			return i
		}
	}
	return 0
}

// sampleRows returns m of the places of p that have positive weight, in
// ascending order, every such set being equally likely (Knuth, TAOCP 2,
// algorithm 3.4.2 S); all of them where there are no more than m.
func sampleRows(p *points, m int, rng *rand.Rand) []int32 {
	rest := p.n
	if p.w != nil {
		rest = 0
		for _, w := range p.w {
			if w > 0 {
				rest++
			}
		}
	}
	out := make([]int32, 0, min(m, rest))
	for i := 0; i < p.n && len(out) < m; i++ {
		if p.w != nil && p.w[i] == 0 {
			continue
		}
		if rest <= m-len(out) || rng.IntN(rest) < m-len(out) {
			out = append(out, int32(i))
		}
		rest--
	}
	return out
}
