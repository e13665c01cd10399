package kmeans

import (
	"context"
	"math"

	"sheaf/kmeans/internal/simd"
)

// AssignOptions says how to assign. The zero value works.
type AssignOptions struct {
	// Threads is the number of goroutines that work at the same time. 0
	// means GOMAXPROCS. It has no influence on the result.
	Threads int
}

// Assignment says where each row belongs.
type Assignment struct {
	// Labels holds for each row the index of its nearest centroid, the
	// lowest of equally near ones.
	Labels []int32
	// Distances holds for each row the squared Euclidean distance to it.
	Distances []float32
}

// Assign finds the nearest of k centroids, k×d, for each of the n rows of X,
// n×d, in O(n·k·d) time and O(n + k·d) memory. n may be 0; k < 1 is an error,
// as are values that [Fit] would refuse, and ctx's own error. It panics where
// lengths do not fit together.
func Assign(ctx context.Context, X []float32, n, d int, centroids []float32, k int, opts AssignOptions) (*Assignment, error) {
	checkShape("X", X, n, d)
	if k < 1 {
		return nil, inputErrorf("give at least one centroid", "kmeans: %d centroids to assign to", k)
	}
	checkShape("centroids", centroids, k, d)
	if err := checkRows(centroids, k, d, "centroid"); err != nil {
		return nil, err
	}
	pl, err := newPool(opts.Threads)
	if err != nil {
		return nil, err
	}
	p, err := newPoints(ctx, pl, X, n, d, nil)
	if err != nil {
		return nil, err
	}
	a := newAssignment(pl, p, k)
	a.once = true
	if err := a.pass(ctx, centroids); err != nil {
		return nil, err
	}
	if err := a.measure(ctx); err != nil {
		return nil, err
	}
	return &Assignment{Labels: a.labels, Distances: a.dist}, nil
}

const (
	// blockRows is the number of rows that one task works on where all are
	// looked at: with their scores they fit the second-level cache.
	blockRows = 192
	// sparseRows is up to how many, where bounds have ruled most out.
	sparseRows = 2048

	// up and down are what a bound in float32 is multiplied with after a
	// rounding or two, so that it stays a bound, and stays strictly on its
	// side of what float64 distances come to.
	up   = 1 + 1.0/(1<<22)
	down = 1 - 1.0/(1<<22)
)

// An assignment keeps the labels of points while centroids move.
//
// Two kinds of lower bounds tell for most rows that they need not be looked at:
// one for each row on the distance to any centroid but its own (Hamerly 2010,
// "Making k-means even faster"), and one for each row and group of centroids
// (Ding et al. 2015, "Yinyang k-means"). Bounds only filter. A row that passes
// gets scores for the groups in question, and where scores are too near to
// each other to tell, distances in float64 decide. So labels do not depend on
// bounds, groups or scores.
type assignment struct {
	pool   pool
	p      *points
	panels *panels
	labels []int32
	dist   []float32 // squared; see measure

	// Euclidean distances, not squared.
	upper []float32 // to a row's own centroid, at least
	lower []float32 // to any other, at most
	group []float32 // n×groups: to any other of each group, at most, as of
	since []uint16  // this pass of the run
	// gone holds for each pass how far the centroids of each group went in
	// all passes up to it, at most.
	gone  []float64
	shift []float64 // of each centroid since the last pass, at most
	most  float64   // the largest of them

	started bool // labels and bounds stand
	once    bool // there will be one pass only: keep no bounds

	passes  int
	scored  int64 // rows·groups scored in the last pass
	workers []*worker
	sums    []float64 // inertia of each block
}

// A worker is the memory of one goroutine.
type worker struct {
	scratch
	lists   [][]int32
	pending []int32
	scores  []tally
	scored  int64
}

// A tally is what is known of a row's scores while groups are gone through.
type tally struct {
	best   float32
	label  int32   // −1 before any
	within float32 // the best other score in the group of best
	second float32 // the best other score of all
	keep   bool    // the bound of best's group stands as it is
}

func newAssignment(pl pool, p *points, k int) *assignment {
	a := &assignment{pool: pl}
	a.reset(p, k)
	return a
}

// reset makes a ready for points and a number of centroids, with the memory
// that it has where that suffices.
func (a *assignment) reset(p *points, k int) {
	a.p, a.started = p, false
	if a.panels == nil {
		a.panels = newPanels(a.pool, k, p.d)
	} else {
		a.panels.reset(k, p.d)
	}
	a.labels, a.dist = resize(a.labels, p.n), resize(a.dist, p.n)
	a.shift = resize(a.shift, k)
	a.sums = resize(a.sums, blocks(p.n, blockRows))
	if a.workers == nil {
		a.workers = make([]*worker, a.pool.threads)
	}
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

func (a *assignment) worker(w int) *worker {
	if a.workers[w] == nil {
		a.workers[w] = &worker{}
	}
	s := a.workers[w]
	for len(s.lists) < a.panels.groups {
		s.lists = append(s.lists, nil)
	}
	return s
}

// moved records how far the centroids went from old to c since the last pass.
func (a *assignment) moved(old, c []float32) {
	d := a.p.d
	for j := range a.shift {
		if v := a.pool.sqDist(old[j*d:(j+1)*d], c[j*d:(j+1)*d]); v > 0 {
			a.shift[j] += math.Sqrt(v) * up
		}
	}
}

// start makes ready for a first pass over c.
func (a *assignment) start(c []float32) {
	n, G := a.p.n, a.panels.groups
	a.upper, a.lower = resize(a.upper, n), resize(a.lower, n)
	if !a.once {
		a.panels.arrange(c)
		a.since = resize(a.since, n)
		a.group = resize(a.group, n*G)
	}
	a.gone = append(a.gone[:0], make([]float64, G)...)
	a.passes, a.scored = 0, int64(n)*int64(G)
	clear(a.shift)
}

// takeOver takes the labels and bounds of from, for the same points, into as
// many groups as a has now. Those of the bounds of a group are the least of
// from's group of the same number and of those in taken, if it is not nil;
// groups that from does not have are still to be looked at.
func (a *assignment) takeOver(from *assignment, taken [][]int) {
	n, G, was := a.p.n, a.panels.groups, from.panels.groups
	a.upper, a.lower, a.since = resize(a.upper, n), resize(a.lower, n), resize(a.since, n)
	a.group = resize(a.group, n*G)
	copy(a.labels, from.labels)
	copy(a.upper, from.upper)
	copy(a.lower, from.lower)
	clear(a.since)
	now := from.gone[from.passes*was:]
	for i := range n {
		then := from.gone[int(from.since[i])*was:]
		old, bounds := from.group[i*was:(i+1)*was], a.group[i*G:(i+1)*G]
		bound := func(g int) float32 { return lowered(old[g], now[g]-then[g]) }
		for g := range bounds {
			if g >= was {
				a.lower[i], bounds[g] = 0, 0
				continue
			}
			bounds[g] = bound(g)
			if taken != nil {
				for _, other := range taken[g] {
					bounds[g] = min(bounds[g], bound(other))
				}
			}
		}
	}
	a.gone = append(a.gone[:0], make([]float64, G)...)
	a.passes, a.scored = 0, int64(n)
	clear(a.shift)
	a.started = true
}

const maxPasses = math.MaxUint16

// pass labels every row by the centroids c. Their moves since the last pass
// must have been told to moved.
func (a *assignment) pass(ctx context.Context, c []float32) error {
	if a.started && a.passes == maxPasses {
		a.started = false // begin the count anew
	}
	if !a.started {
		a.start(c)
	} else {
		a.advance()
	}
	a.panels.set(c, a.p.mean)
	n, G := a.p.n, a.panels.groups
	// Where bounds rule most rows out, more rows make whole tiles of the rest.
	size := blockRows
	if a.started && !a.pool.noPrune {
		share := float64(a.scored) / (float64(n) * float64(G))
		size = int(min(sparseRows, max(blockRows, blockRows/max(share, 1e-6)), max(blockRows, float64(n)/16)))
	}
	err := a.pool.each(ctx, blocks(n, size), func(w, b int) {
		a.block(a.worker(w), b*size, min(n, (b+1)*size))
	})
	if err != nil {
		a.started = false
		return err
	}
	a.started = true
	a.scored = 0
	for _, s := range a.workers {
		if s != nil {
			a.scored += s.scored
			s.scored = 0
		}
	}
	clear(a.shift)
	if debug {
		a.check()
	}
	return nil
}

// advance takes the shifts into account.
func (a *assignment) advance() {
	G := a.panels.groups
	a.passes++
	a.gone = append(a.gone, a.gone[len(a.gone)-G:]...)
	now := a.gone[len(a.gone)-G:]
	a.most = 0
	for g := range G {
		var most float64
		for _, j := range a.panels.members(g) {
			most = max(most, a.shift[j])
		}
		now[g] = (now[g] + most) * (1 + 4*unitRoundoff64)
		a.most = max(a.most, most)
	}
}

// block labels the rows from lo to hi.
func (a *assignment) block(s *worker, lo, hi int) {
	G := a.panels.groups
	for g := range G {
		s.lists[g] = s.lists[g][:0]
	}
	s.pending = s.pending[:0]
	s.scores = resize(s.scores, hi-lo)
	for i := lo; i < hi; i++ {
		t := &s.scores[i-lo]
		if !a.started || a.pool.noPrune {
			*t = tally{best: negInf, label: -1, within: negInf, second: negInf}
			for g := range G {
				s.lists[g] = append(s.lists[g], int32(i))
			}
			s.pending = append(s.pending, int32(i))
			continue
		}
		if a.filter(s, i, t) {
			s.pending = append(s.pending, int32(i))
		}
	}
	for g := range G {
		a.scoreGroup(s, g, lo)
	}
	for _, i := range s.pending {
		a.resolve(int(i), &s.scores[int(i)-lo])
	}
}

var posInf, negInf = float32(math.Inf(1)), float32(math.Inf(-1))

// filter brings the bounds of row i up to date and reports whether its label
// may change; it then puts the row on the lists of the groups in question.
func (a *assignment) filter(s *worker, i int, t *tally) bool {
	j := a.labels[i]
	u := float32((float64(a.upper[i]) + a.shift[j]) * up)
	l := lowered(a.lower[i], a.most)
	a.upper[i], a.lower[i] = u, l
	if u < l {
		return false
	}
	G := a.panels.groups
	bounds := a.group[i*G : (i+1)*G]
	then, now := a.gone[int(a.since[i])*G:], a.gone[a.passes*G:]
	a.since[i] = uint16(a.passes)
	l = posInf
	for g, v := range bounds {
		v = lowered(v, now[g]-then[g])
		bounds[g] = v
		l = min(l, v)
	}
	a.lower[i] = l
	if u < l {
		return false
	}
	d := a.p.d
	if G == 1 && a.panels.k <= simd.Width {
		// Scores of one panel take no longer than what could spare them.
		*t = tally{best: negInf, label: -1, within: negInf, second: negInf}
		s.lists[0] = append(s.lists[0], int32(i))
		return true
	}
	sq := a.pool.sqDist(a.p.row(i), a.panels.c[int(j)*d:(int(j)+1)*d])
	u = float32(math.Sqrt(sq) * up * up)
	a.upper[i] = u
	if u < l {
		return false
	}
	own := a.panels.group[j]
	*t = tally{best: negInf, label: -1, within: negInf, second: negInf}
	if bounds[own] > u {
		// No other centroid of its own group is in question.
		*t = tally{best: float32((float64(a.p.base[i]) - sq) / 2), label: j, second: negInf, keep: true}
	}
	for g, v := range bounds {
		if !(v > u) {
			s.lists[g] = append(s.lists[g], int32(i))
		}
	}
	return true
}

// lowered is a lower bound less how far centroids went. Where float32 has not
// all of its precision, there is no bound.
func lowered(bound float32, by float64) float32 {
	if v := (float64(bound) - by) * down; v > 1e-30 {
		return float32(v)
	}
	return 0
}

// forget makes the next pass look at every centroid for row i, whose label was
// changed by others.
func (a *assignment) forget(i int) {
	G := a.panels.groups
	a.upper[i], a.lower[i] = posInf, 0
	clear(a.group[i*G : (i+1)*G])
	a.since[i] = uint16(a.passes)
}

// scoreGroup scores the rows on the list of group g and updates their tallies.
func (a *assignment) scoreGroup(s *worker, g, lo int) {
	list := s.lists[g]
	if len(list) == 0 {
		return
	}
	s.scored += int64(len(list))
	a.panels.score(a.p, g, list, &s.scratch)
	members, G := a.panels.members(g), a.panels.groups
	for q, i := range list {
		t := &s.scores[int(i)-lo]
		best, second := s.best[q], s.second[q]
		if best <= t.best {
			t.second = max(t.second, best)
			if !a.once {
				a.group[int(i)*G+g] = a.lowerBound(int(i), best)
			}
			continue
		}
		// A new best; the bound of its group is written by resolve, that of the
		// best so far now.
		if t.label >= 0 {
			a.keepBound(int(i), t)
		}
		*t = tally{best: best, label: members[s.index[q]], within: second, second: max(t.second, t.best, second)}
	}
}

// keepBound writes the bound of the group of t's best, which is not a row's own.
func (a *assignment) keepBound(i int, t *tally) {
	if a.once {
		return
	}
	at := i*a.panels.groups + int(a.panels.group[t.label])
	l := a.lowerBound(i, t.best)
	if t.keep {
		l = min(l, a.group[at])
	}
	a.group[at] = l
}

// lowerBound is a bound on the distance of row i to centroids of no higher
// score.
func (a *assignment) lowerBound(i int, score float32) float32 {
	sq := float64(a.p.base[i]) - 2*float64(score) - 2*a.panels.errorBound(a.p, i)
	if !(sq > 0) {
		return 0
	}
	return float32(math.Sqrt(sq) * down * down)
}

// resolve decides on the label of row i and writes its bounds.
func (a *assignment) resolve(i int, t *tally) {
	e := a.panels.errorBound(a.p, i)
	near := max(0, float64(a.p.base[i])-2*float64(t.best)+2*e)
	a.upper[i] = float32(math.Sqrt(near) * up * up)
	if !(float64(t.best)-float64(t.second) > 2*e) {
		a.decide(i, t, e)
	}
	a.labels[i] = t.label
	if a.once {
		return
	}
	G := a.panels.groups
	bounds := a.group[i*G : (i+1)*G]
	if !t.keep {
		bounds[a.panels.group[t.label]] = a.lowerBound(i, t.within)
	}
	l := posInf
	for _, v := range bounds {
		l = min(l, v)
	}
	a.lower[i] = l
	a.since[i] = uint16(a.passes)
}

// decide measures every centroid that the scores leave open in float64. The
// nearest gets the label, the lowest of equals.
func (a *assignment) decide(i int, t *tally, e float64) {
	x, d, ps := a.p.row(i), a.p.d, a.panels
	best, label := math.Inf(1), int32(-1)
	for g := range ps.groups {
		own := int(ps.group[t.label]) == g
		if !own && !a.once && a.group[i*ps.groups+g] > a.upper[i] {
			continue
		}
		for _, j := range ps.members(g) {
			if sq := a.pool.sqDist(x, ps.c[int(j)*d:(int(j)+1)*d]); sq < best || sq == best && j < label {
				best, label = sq, j
			}
		}
	}
	if label == t.label {
		return
	}
	// Another centroid than the one of the best score: what held for the
	// others of either group now holds for the one that lost.
	a.keepBound(i, t)
	// Its group's bound may be its own distance, which is low enough.
	t.label, t.keep = label, true
}

// measure computes the distance of every row to its centroid, and the inertia.
func (a *assignment) measure(ctx context.Context) error {
	p, d := a.p, a.p.d
	return a.pool.each(ctx, len(a.sums), func(_, b int) {
		var sum float64
		for i := b * blockRows; i < min(p.n, (b+1)*blockRows); i++ {
			j := int(a.labels[i])
			sq := a.pool.sqDist(p.row(i), a.panels.c[j*d:(j+1)*d])
			a.dist[i] = float32(sq)
			sum += float64(p.weight(i) * sq)
		}
		a.sums[b] = sum
	})
}

// inertia is the sum of the weighted distances when they were measured last.
func (a *assignment) inertia() float64 {
	var sum float64
	for _, v := range a.sums {
		sum += v
	}
	return sum
}
