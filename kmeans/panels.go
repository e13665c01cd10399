package kmeans

import (
	"cmp"
	"math"
	"slices"

	"sheaf/kmeans/internal/simd"
)

const (
	// groupPanels panels make a group: the centroids that share a bound.
	groupPanels = 2
	groupWidth  = groupPanels * simd.Width

	unitRoundoff32 = 1.0 / (1 << 24)
	unitRoundoff64 = 1.0 / (1 << 53)
)

// panels is k centroids as the kernels want them. The score of centroid c for
// row x is
//
//	v = x·(c−μ) − μ·(c−μ) − ‖c−μ‖²/2,  so that  ‖x−c‖² = ‖x−μ‖² − 2v
//
// where μ is about the mean of all rows, taken off so that a common offset
// costs no precision. The kernel computes v in float32, one fused multiply-add
// for each dimension. Its error is at most
//
//	e = γ(‖x‖·max‖c−μ‖ + max|bias|),  γ = (d+4)u/(1−(d+4)u),  u = 2⁻²⁴
//
// (Higham 2002, "Accuracy and stability of numerical algorithms", section 3.1;
// the 4 is for rounding c−μ and the bias and the rest), and some terms that
// only matter for tiny or far-off numbers. So a score tells which centroids
// cannot be the nearest; among the others distances in float64 decide.
type panels struct {
	pool   pool
	k, d   int
	groups int
	c      []float32 // the centroids, k×d
	perm   []int32   // the centroid at each place; ascending within a group
	group  []int32   // the group of each centroid
	data   []float32 // panels one after another

	// See errorBound.
	errScale, errConst, errSquare, longest float64
}

func newPanels(pl pool, k, d int) *panels {
	ps := &panels{pool: pl}
	ps.reset(k, d)
	return ps
}

// reset makes ps ready for other numbers of centroids and dimensions.
func (ps *panels) reset(k, d int) {
	ps.k, ps.d, ps.groups = k, d, blocks(k, groupWidth)
	ps.perm, ps.group = resize(ps.perm, k), resize(ps.group, k)
	ps.data = resize(ps.data, blocks(k, simd.Width)*simd.PanelLen(d))
	clear(ps.data) // places without a centroid
	for j := range ps.perm {
		ps.perm[j] = int32(j)
	}
	ps.place()
}

// place fills group from perm.
func (ps *panels) place() {
	for at, j := range ps.perm {
		ps.group[j] = int32(at / groupWidth)
	}
}

// members is the centroids of a group.
func (ps *panels) members(g int) []int32 {
	return ps.perm[g*groupWidth : min(ps.k, (g+1)*groupWidth)]
}

// arrange puts centroids that are near each other into the same group, so that
// a group's bound is worth more: by halves, along the line between two that
// lie far apart.
func (ps *panels) arrange(c []float32) {
	if ps.groups < 2 {
		return
	}
	d := ps.d
	row := func(j int32) []float32 { return c[int(j)*d : (int(j)+1)*d] }
	along := make([]float64, ps.k)
	var split func(part []int32)
	split = func(part []int32) {
		if len(part) <= groupWidth {
			slices.Sort(part) // the lowest of equals has to come first
			return
		}
		farthest := func(from int32) int32 {
			at, most := part[0], -1.0
			for _, j := range part {
				if v := ps.pool.sqDist(row(from), row(j)); v > most {
					at, most = j, v
				}
			}
			return at
		}
		a := farthest(part[0])
		b := farthest(a)
		for _, j := range part {
			along[j] = ps.pool.sqDist(row(j), row(a)) - ps.pool.sqDist(row(j), row(b))
		}
		slices.SortFunc(part, func(i, j int32) int {
			return cmp.Or(cmp.Compare(along[i], along[j]), cmp.Compare(i, j))
		})
		half := blocks(len(part), groupWidth) / 2 * groupWidth
		split(part[:half])
		split(part[half:])
	}
	for j := range ps.perm {
		ps.perm[j] = int32(j)
	}
	split(ps.perm)
	ps.place()
}

// set takes c, k×d, as the centroids. It keeps c and does not write it.
func (ps *panels) set(c, mean []float32) {
	ps.c = c
	d := ps.d
	var maxOff, maxBias, maxNorm, meanSq float64
	for _, v := range mean {
		meanSq += float64(v) * float64(v)
	}
	for at, j := range ps.perm {
		p := ps.panel(at / simd.Width)
		lane := at % simd.Width
		var off, dot, norm float64
		for t, v := range c[int(j)*d : (int(j)+1)*d] {
			m := float64(mean[t])
			w := float64(v) - m
			p[(t+1)*simd.Width+lane] = float32(w)
			off += float64(w * w)
			dot += float64(m * w)
			norm += float64(float64(v) * float64(v))
		}
		bias := -dot - off/2
		p[lane] = float32(bias) + 0 // no −0
		maxOff = max(maxOff, off)
		maxBias = max(maxBias, math.Abs(bias))
		maxNorm = max(maxNorm, norm)
	}
	for at := ps.k; at%simd.Width != 0; at++ {
		ps.panel(at / simd.Width)[at%simd.Width] = float32(math.Inf(-1))
	}
	off := math.Sqrt(maxOff)
	du := float64(d+4) * unitRoundoff32
	gamma := math.Inf(1)
	if du < 0.5 {
		gamma = du / (1 - du)
	}
	ps.errScale = gamma * off
	ps.errConst = gamma*maxBias + float64(d+8)*(1.0/(1<<60))*(1.0/(1<<60))*(1.0/(1<<26)) // underflow: 2⁻¹⁴⁶ a term
	// Float64: the bias above, and the squared distances that decide.
	ps.errSquare = 4 * float64(d+8) * unitRoundoff64
	ps.longest = math.Sqrt(max(maxNorm, meanSq))
}

func (ps *panels) panel(q int) []float32 {
	n := simd.PanelLen(ps.d)
	return ps.data[q*n : (q+1)*n : (q+1)*n]
}

// errorBound is how far a score of row i is off at most.
func (ps *panels) errorBound(p *points, i int) float64 {
	x := float64(p.norm[i])
	s := x + ps.longest
	return ps.errScale*x + ps.errConst + ps.errSquare*s*s + 2*unitRoundoff32*float64(p.base[i])
}

// scratch is what one goroutine needs to score rows.
type scratch struct {
	rows   simd.Rows
	top    simd.Top
	best   []float32
	index  []int32 // place of the best in the group
	second []float32
}

func (s *scratch) grow(n int) {
	if cap(s.best) < n {
		s.best, s.index, s.second = make([]float32, n), make([]int32, n), make([]float32, n)
	}
}

// score puts into s, for each place of p in at, the best score among the
// centroids of group g, where it is, and the best of the others.
func (ps *panels) score(p *points, g int, at []int32, s *scratch) {
	s.grow(len(at))
	kern, d := ps.pool.kern, ps.d
	n := simd.PanelLen(d)
	first, last := g*groupPanels, min((g+1)*groupPanels, len(ps.data)/n)
	for q := first; q < last; {
		take := min(kern.Panels, last-q)
		panel := ps.data[q*n : (q+take)*n]
		for lo := 0; lo < len(at); lo += kern.Rows {
			rows := at[lo:min(lo+kern.Rows, len(at))]
			for r := range s.rows {
				s.rows[r] = p.rowAt(int(rows[min(r, len(rows)-1)]))
			}
			kern.Tile(&s.rows, d, panel, &s.top)
			for r := range rows {
				i := lo + r
				best, index, second := s.top.Best[r], s.top.Index[r], s.top.Second[r]
				if q == first {
					s.best[i], s.index[i], s.second[i] = best, index, second
				} else if best > s.best[i] {
					s.second[i] = max(s.best[i], second)
					s.best[i], s.index[i] = best, index+int32((q-first)*simd.Width)
				} else {
					s.second[i] = max(s.second[i], best)
				}
			}
		}
		q += take
	}
}
