package keywords

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine/static"
	"sheaf/labeler"
	"sheaf/models/builtin"
)

// A group is a cluster as the labeler reads it.
type group struct {
	texts   []string          // the members looked at
	weights []float64         // of those
	total   float64           // their sum
	has     []map[int]float64 // by member: concept ▸ strength
	terms   [][]static.Term   // by member
	words   *wordCount
	nearest []near // concepts nearest to the centroid
}

// near is a concept and its cosine to a centroid.
type near struct {
	concept int
	cosine  float64
}

// conceptScore is how well a concept names a cluster.
type conceptScore struct {
	concept         int
	inside, outside float64 // share of members that have it
	score           float64
}

// covered is the strength from which on a member counts as having a concept.
const covered = 0.2

// read finds the words and the concepts of a cluster's members.
func (l *Labeler) read(c labeler.Cluster) group {
	g := group{words: newWordCount()}
	for i, text := range c.Members {
		w := 1.0
		if c.Weights != nil {
			w = float64(c.Weights[i])
		}
		g.words.add(builtin.Words(beginning(text)), w)
		if i < looked {
			g.texts = append(g.texts, text)
			g.weights = append(g.weights, w)
			g.total += w
			terms, has := l.strengths(text)
			g.terms = append(g.terms, terms)
			g.has = append(g.has, has)
		}
	}
	return g
}

// beginning is as much of a text as a label can rest on. What stands after it
// is not embedded either, and a megabyte of distinct words would only cost
// memory.
func beginning(text string) string {
	const most = 4 << 10
	if len(text) <= most {
		return text
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}

// strengths gives the terms of a text and the concepts they belong to: each
// term gives its share of the text to its concepts and, less, to those above
// them. A term of several concepts gives each the root of its share, so that
// one clear term weighs as much as two that may mean something else.
func (l *Labeler) strengths(text string) ([]static.Term, map[int]float64) {
	terms, units := l.space.Terms(text)
	if len(terms) == 0 {
		return nil, nil
	}
	out := make(map[int]float64)
	best := make(map[int]float64)
	for _, t := range terms {
		clear(best)
		for _, c := range t.Concepts {
			for _, a := range l.lex.Ancestors(int(c)) {
				best[a.Concept] = max(best[a.Concept], a.Weight)
			}
		}
		share := 1 / float64(max(units, 1)) / math.Sqrt(float64(len(t.Concepts)))
		for c, w := range best {
			out[c] = min(1, out[c]+w*share)
		}
	}
	return terms, out
}

// leading is the largest share that a single term has in a concept's members:
// 1 where all of them have the concept by the same word.
func (l *Labeler) leading(g *group, concept int) float64 {
	by := make(map[string]float64)
	var members, most float64
	for i, has := range g.has {
		if has[concept] < covered {
			continue
		}
		members += g.weights[i]
		seen := make(map[string]bool)
		for _, t := range g.terms[i] {
			k := fmt.Sprint(t.Tokens)
			if !seen[k] && l.under(t.Concepts, concept) {
				seen[k] = true
				by[k] += g.weights[i]
				most = max(most, by[k])
			}
		}
	}
	if members == 0 {
		return 0
	}
	return most / members
}

// under says whether one of the concepts is the given one or lies below it.
func (l *Labeler) under(concepts []int32, concept int) bool {
	return slices.ContainsFunc(concepts, func(c int32) bool {
		return slices.ContainsFunc(l.lex.Ancestors(int(c)), func(a builtin.Weighted) bool { return a.Concept == concept })
	})
}

// candidates is how many concepts near a centroid are looked at beside those
// of the members' own words.
const candidates = 12

// minCosine is how near a member has to be to a concept to have it without
// any of its words; its strength is then half the cosine. Only members of
// which the lexicon has no word are placed so: of the others it is known what
// they are, and in the space bread lies near dairy too.
const minCosine = 0.6

// place finds, among the concepts that some member has, those nearest to each
// cluster's centroid, and gives them to the members without a concept that lie
// near them too. Words that the model hardly knows, as of another language, lie
// near all kinds of concepts; alone they name none.
func (l *Labeler) place(ctx context.Context, groups []group) error {
	for gi := range groups {
		g := &groups[gi]
		emb, err := l.space.Embed(ctx, g.texts, nil)
		if err != nil {
			return err
		}
		d := l.vecs.Cols
		centroid := make([]float64, d)
		rows := make([][]float32, len(g.texts))
		for i := range g.texts {
			rows[i] = emb.Vectors.Data[i*emb.Vectors.Stride+l.lo:][:d]
			for j, x := range rows[i] {
				centroid[j] += float64(g.weights[i]) * float64(x)
			}
		}
		own := make(map[int]bool) // concepts that some member has by its words
		for _, has := range g.has {
			for c, s := range has {
				own[c] = own[c] || s >= covered
			}
		}
		for c := range l.vecs.Rows {
			if !own[c] {
				continue
			}
			if cos := cosine(centroid, row(l.vecs, c)); cos >= minCosine {
				g.nearest = append(g.nearest, near{c, cos})
			}
		}
		slices.SortFunc(g.nearest, func(a, b near) int {
			return cmp.Or(cmp.Compare(b.cosine, a.cosine), cmp.Compare(a.concept, b.concept))
		})
		g.nearest = g.nearest[:min(candidates, len(g.nearest))]
		v := make([]float64, d)
		for i, r := range rows {
			if g.has[i] != nil {
				continue
			}
			for j, x := range r {
				v[j] = float64(x)
			}
			for _, n := range g.nearest {
				cos := cosine(v, row(l.vecs, n.concept))
				if cos < minCosine {
					continue
				}
				if g.has[i] == nil {
					g.has[i] = make(map[int]float64)
				}
				g.has[i][n.concept] = cos / 2
			}
		}
	}
	return nil
}

func row(m blas32.General, i int) []float32 { return m.Data[i*m.Stride:][:m.Cols] }

// cosine of a to the unit vector u.
func cosine(a []float64, u []float32) float64 {
	var dot, sum float64
	for j, x := range a {
		dot += x * float64(u[j])
		sum += x * x
	}
	if sum == 0 {
		return 0
	}
	return dot / math.Sqrt(sum)
}

// rank scores, for each cluster, the concepts its members have, the best first:
//
//	0.6 · share of members that have it + 0.4 · mean strength
//	- 0.7 · share of the other clusters' members that have it
//	+ 0.2 · cosine of the centroid to the concept
//
// The share of the others is counted by cluster and then averaged, so that a
// large cluster does not decide for all.
func (l *Labeler) rank(groups []group) [][]conceptScore {
	n := len(l.lex.Concepts)
	inside := make([][]float64, len(groups))
	strength := make([][]float64, len(groups))
	sum := make([]float64, n)
	for gi, g := range groups {
		inside[gi], strength[gi] = make([]float64, n), make([]float64, n)
		for i, has := range g.has {
			for c, s := range has { // each concept is added to on its own: the order does not matter
				strength[gi][c] += s * g.weights[i] / g.total
				if s >= covered {
					inside[gi][c] += g.weights[i] / g.total
				}
			}
		}
		for c, x := range inside[gi] {
			sum[c] += x
		}
	}
	out := make([][]conceptScore, len(groups))
	for gi, g := range groups {
		cos := make(map[int]float64)
		for _, nr := range g.nearest {
			cos[nr.concept] = nr.cosine
		}
		for c := range n {
			if inside[gi][c] == 0 {
				continue
			}
			s := conceptScore{concept: c, inside: inside[gi][c]}
			if len(groups) > 1 {
				s.outside = (sum[c] - inside[gi][c]) / float64(len(groups)-1)
			}
			s.score = 0.6*s.inside + 0.4*strength[gi][c] - 0.7*s.outside + 0.2*cos[c]
			out[gi] = append(out[gi], s)
		}
		slices.SortFunc(out[gi], func(a, b conceptScore) int {
			return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.concept, b.concept))
		})
	}
	return out
}

// byBestScore is the order of the clusters by the score of their best concept.
func byBestScore(ranked [][]conceptScore) []int {
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
