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
	language
	texts   []string          // the members looked at
	weights []float64         // of those
	total   float64           // their sum
	has     []map[int]float64 // by member: concept ▸ strength
	terms   [][]static.Term   // by member
	counts  *wordCount
	nearest []near // concepts nearest to the centroid
}

// near is a concept and its cosine to a centroid.
type near struct {
	concept int
	cosine  float64
}

// covered is the strength from which on a member counts as having a concept.
const covered = 0.2

// read finds the words and the concepts of a cluster's members.
func (l *Labeler) read(c labeler.Cluster, lang language) group {
	g := group{language: lang, counts: newWordCount()}
	for i, text := range c.Members {
		w := 1.0
		if c.Weights != nil {
			w = float64(c.Weights[i])
		}
		g.counts.add(lang.words(beginning(text)), w, lang)
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
// term gives its share of the text, one over the root of how many words and
// phrases that has, to its concepts and, less, to those above them. A term of
// several concepts gives each the root of its share, so that one clear term
// weighs as much as two that may mean something else; those above get the root
// of the sum of squares, as they are meant by all of its meanings below. Weak concepts count
// where no term is of others alone.
func (l *Labeler) strengths(text string) ([]static.Term, map[int]float64) {
	terms, units := l.space.Terms(text)
	if len(terms) == 0 {
		return nil, nil
	}
	isWeak := func(c int32) bool { return l.weak[c] }
	strong := slices.ContainsFunc(terms, func(t static.Term) bool { return !slices.ContainsFunc(t.Concepts, isWeak) })
	out := make(map[int]float64)
	squares := make(map[int]float64)
	if strong {
		n := len(terms)
		for i, t := range terms { // in place would change the model's own table
			terms[i].Concepts = slices.DeleteFunc(slices.Clone(t.Concepts), isWeak)
		}
		terms = slices.DeleteFunc(terms, func(t static.Term) bool { return len(t.Concepts) == 0 })
		units -= n - len(terms)
	}
	for _, t := range terms {
		clear(squares)
		for _, c := range t.Concepts {
			for _, a := range l.lex.Ancestors(int(c)) {
				squares[a.Concept] += a.Weight * a.Weight
			}
		}
		share := 1 / float64(max(units, 1)*len(t.Concepts))
		for c, w := range squares {
			out[c] = min(1, out[c]+math.Sqrt(w*share))
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
