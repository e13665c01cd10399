// Package keywords names clusters with no chat model: by a concept of the
// built-in lexicon where one covers most members and few of the other
// clusters, and by distinctive words where none does.
package keywords

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
	"sheaf/engine/static"
	"sheaf/labeler"
	"sheaf/models/builtin"
)

// looked is how many members of a cluster, the nearest to its centroid first,
// are compared with concepts. More would not change which concept fits, and
// large clusters would take their size in time.
const looked = 400

// conceptThreshold is the score (see conceptScore) from which on a concept
// names a cluster better than its distinctive words do. Chosen by reading the
// labels of note lists and of question collections at 0.3 to 0.7.
const conceptThreshold = 0.45

// leastInside is the share of the members that a concept has to cover.
const leastInside = 0.5

// descriptionWords is how many distinctive words a description has at most.
const descriptionWords = 5

// A Space is a model in whose vectors concepts have a place;
// *engine/static.Model is one.
type Space interface {
	engine.Embedder
	// Lexicon gives the concepts, and Terms what of a text belongs to them and
	// how many words and phrases the text has.
	Lexicon() *builtin.Lexicon
	Terms(text string) (terms []static.Term, units int)
	// ConceptVectors gives one unit row for each concept of the lexicon, in
	// its order, in the dimensions of the block "concepts".
	ConceptVectors() blas32.General
}

// Labeler names clusters by concepts and distinctive words. It may be used by
// several goroutines.
type Labeler struct {
	space Space
	lex   *builtin.Lexicon
	lo    int // where the block "concepts" begins in the space's vectors
	vecs  blas32.General
}

var _ labeler.Labeler = (*Labeler)(nil)

// New makes a labeler from the space of a lexicon's concepts.
//
// New panics if the space has none.
func New(space Space) *Labeler {
	l := &Labeler{space: space, lex: space.Lexicon(), vecs: space.ConceptVectors()}
	_, lo, ok := space.Info().Block(engine.Concepts)
	if !ok || l.lex == nil || l.vecs.Rows != len(l.lex.Concepts) {
		panic("keywords: a space without concepts")
	}
	l.lo = lo
	return l
}

// Label implements labeler.Labeler.
func (l *Labeler) Label(ctx context.Context, clusters []labeler.Cluster, progress func(done int)) (*labeler.Labels, error) {
	groups := make([]group, len(clusters))
	for i, c := range clusters {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		groups[i] = l.read(c)
	}
	if err := l.place(ctx, groups); err != nil {
		return nil, err
	}
	words := distinctive(groups)
	concepts := l.rank(groups)

	out := &labeler.Labels{Labels: make([]labeler.Label, len(clusters)), Options: map[string]any{}}
	taken := make(map[int]bool)
	spare := make([][]string, len(clusters))
	// The best-covered cluster chooses its concept first.
	for done, i := range byBestScore(concepts) {
		label := &out.Labels[i]
		label.Source = labeler.FromKeywords
		var about []string
		for _, w := range words[i][:min(descriptionWords, len(words[i]))] {
			about = append(about, w.text)
		}
		label.Description = strings.Join(about, ", ")
		for _, w := range words[i] {
			spare[i] = append(spare[i], labeler.Tidy(w.text))
		}
		if c, ok := l.choose(&groups[i], concepts[i], taken); ok {
			taken[c.concept] = true
			label.Text = labeler.Tidy(l.lex.Concepts[c.concept].Name)
			label.Reason = fmt.Sprintf("the concept %q covers %.0f%% of the members looked at and %.0f%% of the others (score %.2f)",
				l.lex.Concepts[c.concept].Name, 100*c.inside, 100*c.outside, c.score)
		} else {
			label.Text, label.Reason = fromWords(words[i], clusters[i])
		}
		if progress != nil {
			progress(done + 1)
		}
	}
	labeler.MakeUnique(out.Labels, spare)
	return out, nil
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

// choose picks the best concept over the threshold that no other cluster has
// and that does not rest on one word.
func (l *Labeler) choose(g *group, ranked []conceptScore, taken map[int]bool) (conceptScore, bool) {
	for _, c := range ranked {
		if c.score < conceptThreshold {
			break
		}
		if c.inside >= leastInside && !taken[c.concept] && !l.restsOnOneWord(g, c.concept) {
			return c, true
		}
	}
	return conceptScore{}, false
}

// fromWords makes a label of the one to three most distinctive words, or of
// the member nearest to the centroid where there is no word.
func fromWords(words []keyword, c labeler.Cluster) (text, reason string) {
	var parts, reasons []string
	n := 0
	for _, w := range words {
		k := strings.Count(w.text, " ") + 1
		if len(parts) == 3 || n+k > labeler.MaxWords-1 || len(parts) > 0 && w.score < words[0].score/2 {
			break
		}
		n += k
		parts = append(parts, labeler.Tidy(spelling(w.text, c.Members)))
		reasons = append(reasons, fmt.Sprintf("%q in %.0f%%", w.text, 100*w.share))
	}
	if len(parts) > 0 {
		return labeler.Tidy(join(parts)), "distinctive words: " + strings.Join(reasons, ", ")
	}
	if t := labeler.Tidy(firstWords(beginning(c.Members[0]), labeler.MaxWords)); t != "" {
		return t, "the member nearest to the centroid; no word is distinctive"
	}
	return "Unnamed", "no member has a word"
}

// spelling gives each word of a keyword in capitals where the members write
// it so: "atm" is "ATM".
func spelling(keyword string, members []string) string {
	words := strings.Fields(keyword)
	for i, w := range words {
		upper := strings.ToUpper(w)
		capitals, other := 0, 0
		for _, m := range members[:min(looked, len(members))] {
			for _, f := range strings.FieldsFunc(m, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
				switch {
				case f == upper:
					capitals++
				case strings.EqualFold(f, w):
					other++
				}
			}
		}
		if capitals > other {
			words[i] = upper
		}
	}
	return strings.Join(words, " ")
}

func join(parts []string) string {
	last := len(parts) - 1
	if last == 0 {
		return parts[0]
	}
	return strings.Join(parts[:last], ", ") + " & " + parts[last]
}

func firstWords(s string, n int) string {
	f := strings.Fields(s)
	t := []rune(strings.Join(f[:min(n, len(f))], " "))
	return string(t[:min(labeler.MaxChars, len(t))])
}
