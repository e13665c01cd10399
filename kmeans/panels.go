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
	list   []int32   // the centroids of each group, with room for groupWidth
	size   []int32   // how many it has
	group  []int32   // the group of each centroid
	data   []float32 // panels one after another, groupPanels to a group; see width

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
	ps.resize(k, d, blocks(k, groupWidth))
	ps.place(iota32(k))
}

func (ps *panels) resize(k, d, groups int) {
	ps.k, ps.d, ps.groups = k, d, groups
	ps.list, ps.size = resize(ps.list, groups*groupWidth), resize(ps.size, groups)
	ps.group = resize(ps.group, k)
	ps.data = resize(ps.data, groups*groupPanels*simd.PanelLen(d))
}

// place fills the groups one after another with the centroids in order.
func (ps *panels) place(order []int32) {
	clear(ps.size)
	for at, j := range order {
		ps.put(at/groupWidth, j)
	}
}

// put adds centroid j to group g.
func (ps *panels) put(g int, j int32) {
	ps.list[g*groupWidth+int(ps.size[g])] = j
	ps.size[g]++
	ps.group[j] = int32(g)
}

// members is the centroids of a group.
func (ps *panels) members(g int) []int32 {
	return ps.list[g*groupWidth : g*groupWidth+int(ps.size[g])]
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
	order := iota32(ps.k)
	split(order)
	ps.place(order)
}

// widen takes over the groups of from, for its centroids and m more, which get
// groups of their own.
func (ps *panels) widen(from *panels, m int) {
	ps.resize(from.k+m, from.d, from.groups+blocks(m, groupWidth))
	copy(ps.list, from.list)
	clear(ps.size)
	copy(ps.size, from.size)
	copy(ps.group, from.group)
	for q := range m {
		ps.put(from.groups+q/groupWidth, int32(from.k+q))
	}
}

// narrow takes over the groups of from without the centroids that have no new
// number. Groups beyond those that the rest needs are given up, and each of
// their centroids goes to a group with room that has one near it; taken says
// from which such groups each group took any.
func (ps *panels) narrow(from *panels, number []int32) (taken [][]int) {
	k := 0
	for _, j := range number {
		k = max(k, int(j)+1)
	}
	d := from.d
	ps.resize(k, d, blocks(k, groupWidth))
	clear(ps.size)
	taken = make([][]int, ps.groups)
	row := func(j int32) []float32 { return from.c[int(j)*d : (int(j)+1)*d] }
	for g := range from.groups {
		for _, j := range from.members(g) {
			if number[j] < 0 {
				continue
			}
			to := g
			if g >= ps.groups {
				least := math.Inf(1)
				for other, at := range from.group {
					if at := int(at); at < ps.groups && ps.size[at] < groupWidth {
						if v := ps.pool.sqDist(row(j), row(int32(other))); v < least {
							to, least = at, v
						}
					}
				}
				for at := 0; to >= ps.groups; at++ { // into one that was emptied
					if ps.size[at] < groupWidth {
						to = at
					}
				}
				if !slices.Contains(taken[to], g) {
					taken[to] = append(taken[to], g)
				}
			}
			ps.put(to, number[j])
		}
	}
	return taken
}

func iota32(n int) []int32 {
	s := make([]int32, n)
	for i := range s {
		s[i] = int32(i)
	}
	return s
}

// set takes c, k×d, as the centroids. It keeps c and does not write it.
func (ps *panels) set(c, mean []float32) {
	ps.c = c
	d := ps.d
	var maxOff, maxBias, maxNorm, meanSq float64
	for _, v := range mean {
		meanSq += float64(v) * float64(v)
	}
	for g := range ps.groups {
		width := ps.width(g)
		for at, j := range ps.members(g) {
			p := ps.panel(g, at/width)
			lane := at % width
			var off, dot, norm float64
			for t, v := range c[int(j)*d : (int(j)+1)*d] {
				m := float64(mean[t])
				w := float64(v) - m
				p[(t+1)*width+lane] = float32(w)
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
		// Places without a centroid.
		for at := int(ps.size[g]); at%width != 0; at++ {
			p := ps.panel(g, at/width)
			lane := at % width
			p[lane] = negInf
			for t := lane + width; t < len(p); t += width {
				p[t] = 0
			}
		}
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

// width is how many centroids each panel of a group holds: few are in one that
// is half as wide.
func (ps *panels) width(g int) int {
	if ps.size[g] <= simd.ProductWidth {
		return simd.ProductWidth
	}
	return simd.Width
}

// panel is the q-th panel of group g.
func (ps *panels) panel(g, q int) []float32 {
	width := ps.width(g)
	n := width * (ps.d + 1)
	at := g*groupPanels*simd.PanelLen(ps.d) + q*n
	return ps.data[at : at+n : at+n]
}

// errorBound is how far a score of row i is off at most.
func (ps *panels) errorBound(p *points, i int) float64 {
	x := float64(p.norm[i])
	s := x + ps.longest
	return ps.errScale*x + ps.errConst + ps.errSquare*s*s + 2*unitRoundoff32*float64(p.base[i])
}

// scratch is what one goroutine needs to score rows.
type scratch struct {
	rows   []*float32 // those to score, and as many more as a tile may ask for
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
	s.rows = s.rows[:0]
	for _, i := range at {
		s.rows = append(s.rows, p.rowAt(int(i)))
	}
	if len(at) > 0 {
		for range simd.MaxRows - 1 {
			s.rows = append(s.rows, s.rows[len(at)-1])
		}
	}
	first := g * groupPanels
	last := first + blocks(int(ps.size[g]), simd.Width)
	if first == last {
		for i := range at {
			s.best[i], s.index[i], s.second[i] = negInf, 0, negInf
		}
	}
	if ps.width(g) == simd.ProductWidth && first < last {
		panel := ps.panel(g, 0)
		for lo := 0; lo < len(at); lo += simd.MaxRows {
			kern.Narrow((*simd.Rows)(s.rows[lo:]), d, panel, &s.top)
			hi := min(lo+simd.MaxRows, len(at))
			copy(s.best[lo:hi], s.top.Best[:])
			copy(s.index[lo:hi], s.top.Index[:])
			copy(s.second[lo:hi], s.top.Second[:])
		}
		return
	}
	for q := first; q < last; {
		take := min(kern.Panels, last-q)
		panel := ps.data[q*n : (q+take)*n]
		for lo := 0; lo < len(at); lo += kern.Rows {
			kern.Tile((*simd.Rows)(s.rows[lo:]), d, panel, &s.top)
			m := min(kern.Rows, len(at)-lo)
			bests, indices, seconds := s.best[lo:lo+m], s.index[lo:lo+m], s.second[lo:lo+m]
			if q == first {
				copy(bests, s.top.Best[:])
				copy(indices, s.top.Index[:])
				copy(seconds, s.top.Second[:])
				continue
			}
			for r, had := range bests {
				best, index, second := s.top.Best[r], s.top.Index[r], s.top.Second[r]
				if best > had {
					seconds[r] = max(had, second)
					bests[r], indices[r] = best, index+int32((q-first)*simd.Width)
				} else {
					seconds[r] = max(seconds[r], best)
				}
			}
		}
		q += take
	}
}
