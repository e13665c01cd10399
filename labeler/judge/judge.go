// Package judge says which of several labels may stand for a cluster and fits it
// best, without asking whoever proposed them: by the rules of package labeler,
// with the built-in lexicon as their vocabulary; by the language; by where a label
// lies among the centroids; and by how many members have a word or a concept of
// it.
//
// [Judge.Read] looks at a clustering, [Reading.Judge] gives a verdict on each
// candidate for one cluster, and [Best] takes one. The same calls serve labels of
// notes, labels and descriptions of chats, and the names of parents.
package judge

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
	"sheaf/engine/static"
	"sheaf/labeler"
	"sheaf/labeler/language"
	"sheaf/models/builtin"
)

// A Lexicon finds the concepts of a text; *engine/static.Model is one.
type Lexicon interface {
	engine.Embedder
	// Lexicon gives the concepts, and Terms what of a text belongs to them and
	// how many words and phrases the text has.
	Lexicon() *builtin.Lexicon
	Terms(text string) (terms []static.Term, units int)
	// AppendTokens appends the tokens of a text to dst. Those of the built-in model
	// are English words, and pieces of all others.
	AppendTokens(dst []uint32, text string) []uint32
	// ConceptVectors gives one unit row for each concept of the lexicon, in
	// its order, in the dimensions of the block "concepts".
	ConceptVectors() blas32.General
}

// A Judge compares labels with clusters. It may be used by several goroutines
// at once.
type Judge struct {
	embedder   engine.Embedder
	lexicon    Lexicon
	vocabulary *vocabulary
	glossary   *builtin.Glossary
	detector   *language.Detector
}

var _ labeler.Vocabulary = (*Judge)(nil)

// New makes a judge of the embedder that the clusters were made with, and of a
// lexicon, by itself the built-in model's.
func New(embedder engine.Embedder, lexicon Lexicon) *Judge {
	if lexicon.Lexicon() == nil {
		panic("judge: a lexicon without concepts")
	}
	_, lo, ok := lexicon.Info().Block(engine.Concepts)
	if !ok {
		panic("judge: a lexicon without a place for concepts")
	}
	glossary, err := builtin.ReadGlossary(builtin.ModelFS())
	if err != nil {
		panic("judge: " + err.Error()) // it is compiled in
	}
	return &Judge{embedder, lexicon, newVocabulary(lexicon, glossary, lo), glossary, language.New(glossary, lexicon)}
}

// A Score is how well a label fits its cluster.
type Score struct {
	// Total is what candidates are compared by: half Geometry, half Coverage.
	Total float64
	// Near is where the label lies between the other centroids, 0, and the
	// members of its own cluster, 1. Margin is how far its own centroid is
	// nearer than the nearest other, in the same unit, from -1 to 1. Both are 0
	// where Placed is false.
	Near, Margin float64
	// Words and Concepts are the shares of the members that have a word of the
	// label, or one of its concepts, less half of what the other clusters have.
	Words, Concepts float64
	// Known says that the lexicon knows a word of the label, and Placed that its
	// vector says something: the lexicon's own model gives words that it does not
	// know, as of another language, vectors by their spelling alone. Those of a
	// label say something only if it does know the cluster's words.
	Placed, Known bool
}

// Grounded says whether the label names something that is in the cluster. One
// that is neither Placed nor Known passes, for nothing is known against it.
func (s Score) Grounded() bool {
	cover := s.Words + s.Concepts
	switch {
	case !s.Placed:
		return !s.Known || cover >= leastCoverage
	case !s.Known: // its place is by its spelling, as far as that goes
		return cover >= leastCoverage || s.Near >= leastNear && s.Margin > 0
	case cover >= leastCoverage:
		return s.Total >= leastCovering && (s.Margin > leastMargin || cover >= muchCoverage)
	case cover > 0:
		return s.Total >= leastTotal && s.Margin > 0
	}
	return s.Near >= leastBare && s.Margin > leastAhead
}

// String is the score for people: "0.71 (near 0.80, margin 0.45, words 0.00,
// concepts 0.90)".
func (s Score) String() string {
	return fmt.Sprintf("%.2f (near %.2f, margin %.2f, words %.2f, concepts %.2f)", s.Total, s.Near, s.Margin, s.Words, s.Concepts)
}

// The bounds of a label that is grounded, chosen on testdata/clusterings.txt. The
// less of a cluster it covers, the better it has to lie.
const (
	leastCoverage = 0.25  // what counts as covering members, in shares of them
	leastCovering = 0.14  // the total of a label that does
	leastMargin   = -0.4  // and its margin: another cluster may be all about it
	muchCoverage  = 0.5   // unless so much of this one is too
	leastTotal    = 0.155 // the total of a label that covers fewer
	leastBare     = 0.2   // how near one that covers none has to lie
	leastAhead    = 0.05  // and its margin
	leastNear     = 0.15  // how near one of unknown words has to lie
)

const (
	// looked is how many members of a cluster are looked at, the nearest first.
	looked = 100
	// longText is how much of a member is looked at, in bytes.
	longText = 1 << 10
)

// A Reading is the clusters of one clustering as the judge sees them. It may be
// used by several goroutines at once.
type Reading struct {
	j        *Judge
	clusters []group
}

// A group is what is kept of a cluster.
type group struct {
	evidence  []string         // the members, without those that tell a model what to do
	language  int              // in builtin.Languages, or builtin.English
	latin     bool             // they are written in Latin letters
	mixed     bool             // they share nothing
	mean      []float64        // of the members' vectors
	unit      []float64        // mean at unit length; nil where there is none
	words     map[string]share // of the members that have a word
	concepts  map[int]share    // of the members that have a concept, or one below it
	below     map[int]share    // of the members that have one below it
	told      map[string]bool  // words of members that tell a model what to do
	known     share            // of the members of which the lexicon knows a word
	own, away float64          // what members have of similarity to unit, and to the other clusters'
}

// share is a part of a cluster's members, from 0 to 1.
type share = float64

// Read looks at the clusters of one clustering. The error is ctx's own or the
// embedder's.
func (j *Judge) Read(ctx context.Context, clusters []labeler.Cluster) (*Reading, error) {
	r := &Reading{j: j, clusters: make([]group, len(clusters))}
	dim := j.embedder.Info().Dim
	for i, c := range clusters {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		members, weights, total := sample(c)
		g := &r.clusters[i]
		g.mean = make([]float64, dim)
		if len(c.Centroid) == dim {
			for d, x := range c.Centroid {
				g.mean[d] = float64(x)
			}
		} else {
			e, err := j.embedder.Embed(ctx, members, nil)
			if err != nil {
				return nil, err
			}
			for m, w := range weights {
				row := e.Vectors.Data[m*e.Vectors.Stride:][:dim]
				for d, x := range row {
					g.mean[d] += w / total * float64(x)
				}
			}
		}
		g.unit = unit(g.mean)
		g.evidence = evidence(c.Members)
		g.words, g.concepts, g.below, g.told = make(map[string]share), make(map[int]share), make(map[int]share), make(map[string]bool)
		for m, text := range members {
			if len(g.evidence) < len(labeler.Sample(c.Members)) && labeler.IsInstruction(text) {
				maps.Copy(g.told, wordsOf(text))
				continue
			}
			w := weights[m] / total
			for word := range wordsOf(text) {
				g.words[word] += w
			}
			concepts := j.conceptsOf(text, true)
			if len(concepts) > 0 {
				g.known += w
			}
			own := j.conceptsOf(text, false)
			for concept, strength := range concepts {
				if strength >= leastStrength {
					g.concepts[concept] += w
					if _, ok := own[concept]; !ok {
						g.below[concept] += w
					}
				}
			}
		}
	}
	texts := make([][]string, len(clusters))
	for i := range r.clusters {
		r.spread(i)
		texts[i] = r.clusters[i].evidence
	}
	for i, place := range j.detector.Of(texts) {
		g := &r.clusters[i]
		count, letters := scripts(g.evidence...)
		g.language, g.latin = place, 2*count[latin] >= letters
		g.mixed = r.shareNothing(g)
	}
	return r, nil
}

// spread measures how alike the members of a cluster are, and how like the
// others. The mean of unit vectors times a direction is their mean cosine to it.
func (r *Reading) spread(i int) {
	g := &r.clusters[i]
	if g.unit == nil {
		return
	}
	g.own = dot(g.mean, g.unit)
	n := 0
	for o, other := range r.clusters {
		if o != i && other.unit != nil {
			g.away += dot(g.mean, other.unit)
			n++
		}
	}
	g.away /= float64(max(n, 1))
}

// shareNothing says whether no word and no concept stands in enough of the
// members. Of a few members, or of texts that the lexicon knows little of, nobody
// can say so.
func (r *Reading) shareNothing(g *group) bool {
	const (
		fewest = 4    // members
		known  = 0.75 // share of them of which the lexicon knows a word
		common = 0.4  // share of them that have something in common
	)
	if len(g.evidence) < fewest || g.known < known {
		return false
	}
	for _, share := range g.words {
		if share >= common {
			return false
		}
	}
	for _, share := range g.concepts {
		if share >= common {
			return false
		}
	}
	return true
}

// sample is the members that are looked at, with their weights.
func sample(c labeler.Cluster) (members []string, weights []float64, total float64) {
	members = labeler.Sample(c.Members)
	members = append([]string(nil), members[:min(len(members), looked)]...)
	weights = make([]float64, len(members))
	for i, m := range members {
		members[i] = m[:min(len(m), longText)] // words at the cut do not matter
		weights[i] = 1
		if c.Weights != nil {
			weights[i] = float64(c.Weights[i])
		}
		total += weights[i]
	}
	return members, weights, total
}

// Score judges labels for one cluster. The error is ctx's own or the
// embedder's. It panics if there is no such cluster.
func (r *Reading) Score(ctx context.Context, cluster int, labels []string) ([]Score, error) {
	e, err := r.j.embedder.Embed(ctx, labels, nil)
	if err != nil {
		return nil, err
	}
	scores := make([]Score, len(labels))
	for i, text := range labels {
		s := &scores[i]
		v := make([]float64, e.Vectors.Cols)
		for d, x := range e.Vectors.Data[i*e.Vectors.Stride:][:e.Vectors.Cols] {
			v[d] = float64(x)
		}
		r.cover(s, cluster, text)
		if s.Known || any(r.j.embedder) != any(r.j.lexicon) || r.clusters[cluster].known >= 0.5 {
			r.place(s, cluster, unit(v))
		}
		s.Total = 0.5*(0.5*s.Near+0.5*s.Margin) + 0.5*min(1, max(s.Words, s.Concepts))
	}
	return scores, nil
}

// place fills in where the label's vector lies. Models differ in how alike they
// find any two texts, so the unit is the distance, in cosines, between a member
// of the cluster and one of another.
func (r *Reading) place(s *Score, cluster int, v []float64) {
	g := &r.clusters[cluster]
	if v == nil || g.unit == nil {
		return
	}
	s.Placed = true
	width := max(g.own-g.away, 0.05)
	own := dot(v, g.unit)
	s.Near = within((own-g.away)/width, 0, 1)
	best, found := math.Inf(-1), false
	for o, other := range r.clusters {
		if o != cluster && other.unit != nil {
			best, found = max(best, dot(v, other.unit)), true
		}
	}
	s.Margin = s.Near
	if found {
		s.Margin = within((own-best)/width, -1, 1)
	}
}

// cover fills in which members have words and concepts of the label.
func (r *Reading) cover(s *Score, cluster int, label string) {
	outside := func(of func(g *group) float64) float64 {
		sum := 0.0
		for o := range r.clusters {
			if o != cluster {
				sum += of(&r.clusters[o])
			}
		}
		return sum / float64(max(len(r.clusters)-1, 1))
	}
	best := func(of func(g *group) float64) float64 {
		return max(0, of(&r.clusters[cluster])-outside(of)/2)
	}
	for w := range wordsOf(label) {
		s.Words = max(s.Words, best(func(g *group) float64 { return g.words[w] }))
	}
	for w := range wordsOf(label) {
		for _, c := range r.j.vocabulary.called[w] {
			s.Concepts = max(s.Concepts, byName*best(func(g *group) float64 { return g.concepts[c] }))
		}
	}
	for c, strength := range r.j.conceptsOf(label, false) {
		if strength > 0 {
			s.Known = true
			s.Concepts = max(s.Concepts, strength*best(func(g *group) float64 { return g.concepts[c] }))
		}
	}
}

// byName is what it counts that a word of the label stands in the name of a concept:
// "Jazz" where the members are jazz musicians.
const byName = 0.6

// leastStrength is from where on a text counts as having a concept.
const leastStrength = 0.2

// conceptsOf gives the concepts of a text and their strengths: the share that a
// term has in the text, less where the term may mean several things. With
// above, the concepts above those count too: who has apples has fruit.
func (j *Judge) conceptsOf(text string, above bool) map[int]float64 {
	terms, units := j.lexicon.Terms(text)
	out := make(map[int]float64)
	for _, t := range terms {
		strength := 1 / float64(max(units, 1)) / math.Sqrt(float64(len(t.Concepts)))
		for _, c := range t.Concepts {
			if !above {
				// A label's head says what it is about, however many words
				// stand before it.
				out[int(c)] = max(out[int(c)], math.Sqrt(strength))
				continue
			}
			for _, a := range j.lexicon.Lexicon().Ancestors(int(c)) {
				out[a.Concept] = max(out[a.Concept], a.Weight*strength)
			}
		}
	}
	if !above {
		j.nameConcepts(out, text)
	}
	return out
}

// nameConcepts adds the concepts that are called as the label ends: "physicists" in
// "Famous Physicists". A name need not be a term of its own concept.
func (j *Judge) nameConcepts(of map[int]float64, label string) {
	words := builtin.Words(label)
	for i := range words {
		if c, ok := j.lexicon.Lexicon().Find(strings.Join(words[i:], " ")); ok {
			of[c] = max(of[c], math.Sqrt(float64(len(words)-i)/float64(len(words))))
		}
	}
}

// wordsOf is the words of a text that say something, each by the base forms it
// may have.
func wordsOf(text string) map[string]bool {
	out := make(map[string]bool)
	for _, w := range builtin.Words(text) {
		if builtin.IsStopWord(w) || len(w) < 2 {
			continue
		}
		out[w] = true
		for _, s := range builtin.Stems(w) {
			out[s] = true
		}
	}
	return out
}

func unit(v []float64) []float64 {
	length := math.Sqrt(dot(v, v))
	if length == 0 {
		return nil
	}
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = x / length
	}
	return out
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}

func within[T cmp.Ordered](x, lo, hi T) T { return max(lo, min(x, hi)) }
