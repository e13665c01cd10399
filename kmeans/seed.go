package kmeans

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"sheaf/kmeans/internal/simd"
)

// seeder chooses first centroids by greedy k-means++: each is the best of
// 2+⌊ln k⌋ rows drawn with a probability proportional to weight times squared
// distance to the centroids so far; best by the inertia that would be left
// (Arthur & Vassilvitskii 2007, section 6; the number of candidates is that of
// their own code and of scikit-learn). Distances are put together from products
// in float32 here: they are odds, not decisions. Those too small for that are
// measured, so that a row equal to a centroid is at 0.
//
// Where there are many centroids, one more changes the odds little, and those
// of a few are drawn at once, as going through all rows takes longer than
// scoring them.
type seeder struct {
	pool   pool
	p      *points
	trials int       // candidates for a centroid
	most   int       // candidates measured at once
	dist   []float32 // squared distance to the nearest centroid so far
	cand   []float32 // the same, were each of the candidates added; n×most
	sums   []float64 // weighted sums of these by block; blocks×most
	acc    []float64 // running sum of weight·dist over blocks

	panels   [][]float32 // of 8 candidates each
	errScale float64
	errConst float64
	scratch  []*productScratch
}

type productScratch struct {
	rows simd.Rows
	out  [simd.MaxRows * simd.ProductWidth]float32
}

const (
	// seedBlock is a multiple of the rows of a tile.
	seedBlock = 16 * simd.MaxRows

	// One centroid in drawShare may be drawn at once, drawMost at most.
	drawShare = 16
	drawMost  = 4
)

func newSeeder(pl pool, p *points) *seeder {
	return &seeder{pool: pl, p: p, dist: make([]float32, p.n), scratch: make([]*productScratch, pl.threads)}
}

// choose returns the places of up to k rows, no two of them equal; fewer only
// where fewer rows of positive weight are distinct.
func (s *seeder) choose(ctx context.Context, k int, rng *rand.Rand) ([]int, error) {
	n, nb := s.p.n, blocks(s.p.n, seedBlock)
	s.trials = 2 + int(math.Log(float64(k)))
	s.most = s.trials * min(drawMost, max(1, k/drawShare))
	s.cand, s.sums = make([]float32, n*s.most), make([]float64, nb*s.most)
	s.panels = nil
	for range blocks(s.most, simd.ProductWidth) {
		s.panels = append(s.panels, make([]float32, simd.ProductPanelLen(s.p.d)))
	}
	s.acc = make([]float64, nb)
	for i := range s.dist {
		s.dist[i] = 1 // the first row is drawn by weight alone
	}
	first := s.draw(rng.Float64() * s.sumBlocks())
	for i := range s.dist {
		s.dist[i] = posInf
	}
	if err := s.measure(ctx, []int{first}); err != nil {
		return nil, err
	}
	s.keep(0)
	chosen := []int{first}
	var cands, ends []int
	for len(chosen) < k {
		total := s.sumBlocks()
		if total == 0 {
			break
		}
		cands, ends = cands[:0], ends[:0]
		for range min(drawMost, max(1, len(chosen)/drawShare), k-len(chosen)) {
			for range s.trials {
				// Two draws of one row need measuring once.
				if i := s.draw(rng.Float64() * total); !slices.Contains(cands, i) {
					cands = append(cands, i)
				}
			}
			ends = append(ends, len(cands))
		}
		if err := s.measure(ctx, cands); err != nil {
			return nil, err
		}
		from := 0
		for _, to := range ends {
			if from > 0 {
				if err := s.lower(ctx, from, to); err != nil {
					return nil, err
				}
			}
			if t := s.best(cands, from, to); t >= 0 {
				s.keep(t)
				chosen = append(chosen, cands[t])
			}
			from = to
		}
	}
	return chosen, nil
}

// best returns which of the candidates would leave the lowest inertia, the
// first of equals, or −1 where all equal one chosen since they were drawn.
func (s *seeder) best(cands []int, from, to int) int {
	best, least := -1, math.Inf(1)
	for t := from; t < to; t++ {
		if s.dist[cands[t]] == 0 {
			continue
		}
		var left float64
		for b := range s.acc {
			left += s.sums[b*s.most+t]
		}
		if left < least {
			best, least = t, left
		}
	}
	return best
}

// lower makes cand and sums of candidates measured before another was chosen
// what they are now.
func (s *seeder) lower(ctx context.Context, from, to int) error {
	return s.pool.each(ctx, blocks(s.p.n, seedBlock), func(_, b int) {
		sums := s.sums[b*s.most+from : b*s.most+to]
		clear(sums)
		for i := b * seedBlock; i < min(s.p.n, (b+1)*seedBlock); i++ {
			w, have := s.p.weight(i), s.dist[i]
			for t, v := range s.cand[i*s.most+from : i*s.most+to] {
				v = min(v, have)
				s.cand[i*s.most+from+t] = v
				sums[t] += float64(w * float64(v))
			}
		}
	})
}

// pack makes panels of the candidate rows, with the biases of type panels.
func (s *seeder) pack(cands []int) {
	const width = simd.ProductWidth
	d := s.p.d
	var maxOff, maxBias float64
	for q, panel := range s.panels {
		clear(panel)
		for lane, i := range cands[min(len(cands), q*width):min(len(cands), (q+1)*width)] {
			var off, dot float64
			for t, v := range s.p.row(i) {
				m := float64(s.p.mean[t])
				w := float64(v) - m
				panel[(t+1)*width+lane] = float32(w)
				off += float64(w * w)
				dot += float64(m * w)
			}
			bias := -dot - off/2
			panel[lane] = float32(bias) + 0
			maxOff, maxBias = max(maxOff, off), max(maxBias, math.Abs(bias))
		}
	}
	u := float64(d+4) * unitRoundoff32
	s.errScale, s.errConst = u*math.Sqrt(maxOff), u*maxBias
}

// measure fills cand and sums for the candidate rows.
func (s *seeder) measure(ctx context.Context, cands []int) error {
	p, most := s.p, s.most
	s.pack(cands)
	return s.pool.each(ctx, blocks(p.n, seedBlock), func(worker, b int) {
		if s.scratch[worker] == nil {
			s.scratch[worker] = &productScratch{}
		}
		t := s.scratch[worker]
		sums := s.sums[b*most : (b+1)*most]
		clear(sums)
		for lo := b * seedBlock; lo < min(p.n, (b+1)*seedBlock); lo += simd.MaxRows {
			hi := min(p.n, lo+simd.MaxRows)
			for r := range t.rows {
				t.rows[r] = p.rowAt(min(lo+r, hi-1))
			}
			for q, panel := range s.panels {
				some := cands[min(len(cands), q*simd.ProductWidth):min(len(cands), (q+1)*simd.ProductWidth)]
				if len(some) == 0 {
					break
				}
				s.pool.kern.Products(&t.rows, p.d, panel, &t.out)
				for i := lo; i < hi; i++ {
					s.take(i, some, t.out[(i-lo)*simd.ProductWidth:], s.cand[i*most+q*simd.ProductWidth:], sums[q*simd.ProductWidth:])
				}
			}
		}
	})
}

// take makes squared distances of the scores of row i, none above what it has.
func (s *seeder) take(i int, cands []int, scores, dist []float32, sums []float64) {
	p := s.p
	w, base, have := p.weight(i), p.base[i], s.dist[i]
	// Less than this is rounding for the most part.
	least := float32(8 * (float64(s.errScale*float64(p.norm[i])) + s.errConst + float64(unitRoundoff32*float64(base))))
	scores, dist, sums = scores[:len(cands)], dist[:len(cands)], sums[:len(cands)]
	for l, v := range scores {
		v = base - float32(2*v)
		if !(v > least) {
			v = float32(p.pool.sqDist(p.row(i), p.row(cands[l])))
		}
		v = min(v, have)
		dist[l] = v
		sums[l] += float64(w * float64(v))
	}
}

// keep makes candidate t a centroid.
func (s *seeder) keep(t int) {
	for i := range s.dist {
		s.dist[i] = s.cand[i*s.most+t]
	}
}

// sumBlocks computes the running sums and returns the total.
func (s *seeder) sumBlocks() float64 {
	var total float64
	for b := range s.acc {
		for i := b * seedBlock; i < min(s.p.n, (b+1)*seedBlock); i++ {
			total += float64(s.p.weight(i) * float64(s.dist[i]))
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
		if v := float64(s.p.weight(i) * float64(s.dist[i])); v > 0 {
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
		if s.p.weight(i)*float64(s.dist[i]) > 0 {
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
