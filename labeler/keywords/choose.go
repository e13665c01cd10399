package keywords

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A name is one concept, or two, and how well they name a cluster.
type name struct {
	concepts        []int
	members         int     // how many have one of them
	inside, outside float64 // share of members that have one of them
	score           float64
}

func (n name) key() string { return fmt.Sprint(n.concepts) }

// fit is the score with no regard to other clusters.
func (n name) fit() float64 { return n.score + othersCost*n.outside }

// The bounds of a name by concepts. Chosen by reading the labels of note lists
// and of question collections.
const (
	threshold    = 0.4 // the score from which on a concept names a cluster
	fewThreshold = 0.5 // and where it covers fewer than enough members, which may agree by chance, or is two
	enough       = 3
	leastInside  = 0.5  // the share of the members that they have to cover
	leastPart    = 0.2  // the share that each of two has to cover alone
	leastScore   = 0.25 // the score that each of two has to have alone
	fewestPart   = 2    // the members that each of two has to cover alone
	twoNames     = 0.1  // what a second concept costs
	smallPart    = 0.1  // what it costs more where one of the two has only fewestPart of the members
	weakName     = 0.25 // what a weak concept costs that does not cover nearly all
	broadName    = 0.1  // what one costs that does not either and has none above it, as "home"
	nearlyAll    = 0.9
	partners     = 16  // how many of the best concepts are paired with each other
	repeats      = 0.2 // how much worse a name may be than one that another cluster has

	othersCost = 0.7 // of the others' members that have the concepts

	// A concept that other clusters have too is still what a cluster is about
	// if it covers and fits so much, others aside.
	generalInside, generalFit = 0.65, 0.55
	// One that much of the whole collection has is its theme, and names what
	// has no other name.
	themeInside, themeOutside = 0.3, 0.35
	// One that covers only some says more than words of one member each.
	partInside, partScore = 0.35, 0.45
	// A word that so many members share says more than either, and a pair of
	// words more than a concept with less than that score.
	sharedWord, sharedBy, beatsPair = 0.35, 3, 0.65
)

// rank scores, for each cluster, the concepts its members have and pairs of
// the best of them, the best first:
//
//	0.7 · share of members that have it + 0.3 · mean strength
//	- 0.7 · share of the other clusters' members that have it
//	+ 0.2 · cosine of the centroid to the concept
//
// The share of the others is counted by cluster and then averaged, so that a
// large cluster does not decide for all.
func (l *Labeler) rank(groups []group) [][]name {
	n := len(l.lex.Concepts)
	inside := make([][]float64, len(groups))
	strength := make([][]float64, len(groups))
	members := make([][]int, len(groups))
	sum := make([]float64, n)
	for gi, g := range groups {
		inside[gi], strength[gi], members[gi] = make([]float64, n), make([]float64, n), make([]int, n)
		for i, has := range g.has {
			for c, s := range has { // each concept is added to on its own: the order does not matter
				strength[gi][c] += s * g.weights[i] / g.total
				if s >= covered {
					members[gi][c]++
					inside[gi][c] += g.weights[i] / g.total
				}
			}
		}
		for c, x := range inside[gi] {
			sum[c] += x
		}
	}
	out := make([][]name, len(groups))
	for gi := range groups {
		g := &groups[gi]
		cos := make(map[int]float64)
		for _, nr := range g.nearest {
			cos[nr.concept] = nr.cosine
		}
		for c := range n {
			_, users := l.lex.UserName(c)
			if inside[gi][c] == 0 || !users && (isVague(l.lex.Concepts[c].Name) || l.restsOnOneWord(g, c)) {
				continue
			}
			s := name{concepts: []int{c}, members: members[gi][c], inside: inside[gi][c]}
			if len(groups) > 1 {
				s.outside = (sum[c] - inside[gi][c]) / float64(len(groups)-1)
			}
			s.score = 0.7*s.inside + 0.3*strength[gi][c] - othersCost*s.outside + 0.2*cos[c]
			switch {
			case s.inside >= nearlyAll:
			case users: // whoever names a concept wants to see it
			case l.weak[c]:
				s.score -= weakName
			case len(l.lex.Concepts[c].Parents) == 0:
				s.score -= broadName
			}
			out[gi] = append(out[gi], s)
		}
		sortNames(out[gi])
		out[gi] = append(out[gi], l.pairs(g, out[gi])...)
		sortNames(out[gi])
	}
	return out
}

func sortNames(names []name) {
	slices.SortFunc(names, func(a, b name) int {
		return cmp.Or(cmp.Compare(b.score, a.score), slices.Compare(a.concepts, b.concepts))
	})
}

// pairs scores pairs of a cluster's best concepts, neither of which lies above
// the other: "Drinks & Meat" for a cluster of both. The larger part stands
// first; of equals, that of the member nearer to the centroid.
func (l *Labeler) pairs(g *group, singles []name) []name {
	singles = slices.DeleteFunc(slices.Clone(singles), func(n name) bool {
		return l.weak[n.concepts[0]] || n.inside < leastPart || n.score < leastScore
	})
	singles = singles[:min(partners, len(singles))]
	var out []name
	for i, a := range singles {
		for _, b := range singles[i+1:] {
			x, y := a.concepts[0], b.concepts[0]
			if l.above(x, y) || l.above(y, x) {
				continue
			}
			if n, ok := g.pair(a, b); ok {
				if b.inside > a.inside || b.inside == a.inside && g.first(y) < g.first(x) {
					x, y = y, x
				}
				n.concepts = []int{x, y}
				out = append(out, n)
			}
		}
	}
	return out
}

// pair scores two concepts together; each has to stand for members that the
// other does not have.
func (g *group) pair(a, b name) (name, bool) {
	x, y := a.concepts[0], b.concepts[0]
	var union, strength, onlyX, onlyY float64
	nX, nY := 0, 0
	for i, has := range g.has {
		w := g.weights[i] / g.total
		hasX, hasY := has[x] >= covered, has[y] >= covered
		strength += w * max(has[x], has[y])
		if hasX || hasY {
			union += w
		}
		switch {
		case hasX && !hasY:
			onlyX += w
			nX++
		case hasY && !hasX:
			onlyY += w
			nY++
		}
	}
	n := name{inside: union, outside: a.outside + b.outside}
	n.score = 0.7*union + 0.3*strength - othersCost*n.outside - twoNames
	if min(nX, nY) == fewestPart {
		n.score -= smallPart
	}
	return n, min(onlyX, onlyY) >= leastPart && min(nX, nY) >= fewestPart
}

// first is the first member that has the concept.
func (g *group) first(concept int) int {
	return slices.IndexFunc(g.has, func(has map[int]float64) bool { return has[concept] >= covered })
}

// above says whether concept x is y or lies above it.
func (l *Labeler) above(x, y int) bool { return l.under([]int32{int32(y)}, x) }

// byBestScore is the order of the clusters by the score of their best name.
func byBestScore(ranked [][]name) []int {
	best := func(i int) float64 {
		if len(ranked[i]) == 0 {
			return math.Inf(-1)
		}
		return ranked[i][0].score
	}
	order := make([]int, len(ranked))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(best(b), best(a)) })
	return order
}

// choose picks the best name that is good enough. Where another cluster has
// it, the next one serves if it is nearly as good; if none is, both have the
// same name, and a word will tell them apart.
func choose(ranked []name, taken map[string]bool, good func(name) bool) (name, bool) {
	var best name
	found := false
	for _, n := range ranked {
		if found && n.score < best.score-repeats {
			break
		}
		if !good(n) {
			continue
		}
		if !taken[n.key()] {
			return n, true
		}
		if !found {
			best, found = n, true
		}
	}
	return best, found
}

// conceptName picks the name by concepts that says more than the cluster's
// distinctive words, if there is one.
func (l *Labeler) conceptName(ranked []name, words []keyword, g *group, taken map[string]bool) (name, bool) {
	shared := len(words) > 0 && words[0].share >= sharedWord && words[0].share*g.counts.members >= sharedBy
	n, ok := choose(ranked, taken, fits)
	if ok && shared && n.score < beatsPair && strings.Contains(words[0].text, " ") {
		ok = false
	}
	if ok || shared {
		return n, ok
	}
	byFit := slices.Clone(ranked)
	slices.SortStableFunc(byFit, func(a, b name) int { return cmp.Compare(b.fit(), a.fit()) })
	if n, ok := choose(byFit, taken, isGeneral); ok {
		return n, true
	}
	if n, ok := choose(ranked, taken, isPart); ok {
		return n, true
	}
	return choose(byFit, taken, isTheme)
}

// fits says that a name covers the cluster and tells it from the others.
func fits(n name) bool {
	least := threshold
	if len(n.concepts) > 1 || n.members < enough {
		least = fewThreshold
	}
	return n.inside >= leastInside && n.score >= least
}

// isGeneral says that a name covers the cluster, and others too.
func isGeneral(n name) bool {
	return len(n.concepts) == 1 && n.inside >= generalInside && n.fit() >= generalFit
}

// isTheme says that a name is what the whole collection is about.
func isTheme(n name) bool {
	return len(n.concepts) == 1 && n.inside >= themeInside && n.outside >= themeOutside
}

// isPart says that a name covers much of the cluster and not of the others.
func isPart(n name) bool {
	return len(n.concepts) == 1 && n.inside >= partInside && n.score >= partScore
}

// restsOnOneWord says whether a concept is held up by a single word: by more
// than maxLeading of the members, or by all where there are only a few. Such a
// concept is that word, which says more ("Swift", not "Programming Languages").
func (l *Labeler) restsOnOneWord(g *group, concept int) bool {
	const maxLeading, few = 0.6, 5
	share := l.leading(g, concept)
	if n := len(g.texts); n <= few {
		return n > 1 && share >= 1
	}
	return share > maxLeading
}

// conceptReason begins the reason of a label that concepts name.
const conceptReason = "the concept"

// named writes a name in the cluster's language, or as the user has it, and the
// reason for it.
func (l *Labeler) named(n name, lang language) (text, reason string) {
	var parts, quoted []string
	for _, c := range n.concepts {
		called, ok := l.lex.UserName(c)
		if !ok {
			called = lang.conceptName(l.lex.Concepts[c].Name)
		}
		parts = append(parts, called)
		quoted = append(quoted, fmt.Sprintf("%q", l.lex.Concepts[c].Name))
	}
	what := conceptReason + " " + quoted[0] + " covers"
	if len(quoted) > 1 {
		what = conceptReason + "s " + strings.Join(quoted, " and ") + " cover"
	}
	return lang.heading(join(parts)), fmt.Sprintf("%s %.0f%% of the members looked at and %.0f%% of the others (score %.2f)",
		what, 100*n.inside, 100*n.outside, n.score)
}
