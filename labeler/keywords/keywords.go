// Package keywords names clusters with no chat model: by a concept of the
// built-in lexicon where one covers most members and few of the other
// clusters, and by distinctive words where none does.
package keywords

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
	"sheaf/engine/static"
	"sheaf/labeler"
	detect "sheaf/labeler/language"
	"sheaf/models/builtin"
)

// looked is how many members of a cluster, the nearest to its centroid first,
// are compared with concepts. More would not change which concept fits, and
// large clusters would take their size in time.
const looked = 400

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
	space    Space
	lex      *builtin.Lexicon
	glossary *builtin.Glossary
	detector *detect.Detector
	weak     []bool // by concept
	lo       int    // where the block "concepts" begins in the space's vectors
	vecs     blas32.General
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
	l.lo, l.weak = lo, weakIn(l.lex)
	var err error
	if l.glossary, err = builtin.ReadGlossary(builtin.ModelFS()); err != nil {
		panic("keywords: " + err.Error()) // it is compiled in
	}
	l.detector = detect.New(l.glossary, space)
	return l
}

// Label implements labeler.Labeler.
func (l *Labeler) Label(ctx context.Context, clusters []labeler.Cluster, progress func(done int)) (*labeler.Labels, error) {
	langs := l.languages(clusters)
	groups := make([]group, len(clusters))
	for i, c := range clusters {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		groups[i] = l.read(c, langs[i])
	}
	if err := l.place(ctx, groups); err != nil {
		return nil, err
	}
	words := l.distinctive(groups)
	ranked := l.rank(groups)

	out := &labeler.Labels{Labels: make([]labeler.Label, len(clusters)), Options: map[string]any{}}
	taken := make(map[string]bool)
	spare := make([][]string, len(clusters))
	// The best-covered cluster chooses its concept first.
	for done, i := range byBestScore(ranked) {
		label := &out.Labels[i]
		label.Source = labeler.FromKeywords
		var about []string
		for _, w := range words[i][:min(descriptionWords, len(words[i]))] {
			about = append(about, w.text)
		}
		label.Description = strings.Join(about, ", ")
		for _, w := range words[i] {
			spare[i] = append(spare[i], langs[i].heading(spelling(w.text, clusters[i].Members, langs[i])))
		}
		if n, ok := l.conceptName(ranked[i], words[i], &groups[i], taken); ok {
			label.Text, label.Reason = l.named(n, langs[i])
			if taken[n.key()] { // it fits the other cluster better, which keeps it as it is
				label.Text = toldApart(label.Text, spare[i])
			}
			taken[n.key()] = true
		} else {
			label.Text, label.Reason = fromWords(words[i], clusters[i], langs[i])
		}
		if progress != nil {
			progress(done + 1)
		}
	}
	labeler.MakeUnique(out.Labels, spare)
	return out, nil
}

// HasConcept says whether a label of this package is the name of a concept, or of
// two, which says what the whole of a cluster is about.
func HasConcept(l labeler.Label) bool {
	return l.Source == labeler.FromKeywords && strings.HasPrefix(l.Reason, conceptReason)
}

// toldApart adds the first of a cluster's words to a name that another
// cluster has, if there is one that says nothing that the name itself says.
func toldApart(text string, words []string) string {
	said := strings.ToLower(text)
	for _, w := range words {
		repeats := slices.ContainsFunc(strings.Fields(strings.ToLower(w)), func(w string) bool { return strings.Contains(said, key(w)) })
		if s := text + " (" + w + ")"; w != "" && !repeats && labeler.Check(s, nil) == nil {
			return s
		}
	}
	return text
}

// fromWords makes a label of the one to three most distinctive words, or of
// the member nearest to the centroid where there is no word.
func fromWords(words []keyword, c labeler.Cluster, lang language) (text, reason string) {
	var parts, reasons []string
	n := 0
	for _, w := range words {
		if len(parts) == 3 || len(parts) > 0 && w.score < words[0].score/2 {
			break
		}
		part := lang.part(spelling(w.text, c.Members, lang))
		k := len(strings.Fields(part))
		if len(parts) > 0 && n+k > labeler.MaxWords-1 {
			break
		}
		n += k
		parts = append(parts, part)
		reasons = append(reasons, fmt.Sprintf("%q in %.0f%%", w.text, 100*w.share))
	}
	if len(parts) > 0 {
		return lang.heading(join(parts)), "distinctive words: " + strings.Join(reasons, ", ")
	}
	if t := labeler.Tidy(firstWords(beginning(c.Members[0]), labeler.MaxWords)); t != "" {
		return t, "the member nearest to the centroid; no word is distinctive"
	}
	return "Unnamed", "no member has a word"
}

// spelling writes a keyword as most members do: "atm" is "ATM", "flights
// sicily" is "flights to Sicily" and "uber" is "über". What stands between two
// words is left out where members differ in it.
func spelling(keyword string, members []string, lang language) string {
	words := strings.Fields(keyword)
	count := make(map[string]int)
	best, total := "", 0
	for _, m := range members[:min(looked, len(members))] {
		for _, s := range occurrences(words, beginning(m), lang) {
			total++
			if count[s]++; count[s] > count[best] {
				best = s
			}
		}
	}
	if 2*count[best] > total {
		return best
	}
	// One by one: the words in the spelling that is theirs most often.
	if len(words) == 1 {
		return cmp.Or(best, keyword)
	}
	for i, w := range words {
		words[i] = spelling(w, members, lang)
	}
	return strings.Join(words, " ")
}

// occurrences finds where a word, or two at most reach apart, stand in a text,
// and gives what stands there: "check-in" for "check in", "pre-holiday check"
// for "holiday check".
func occurrences(words []string, text string, lang language) []string {
	fields := lang.fields(text)
	has := func(i int, word string) bool {
		return slices.Contains(lang.words(text[fields[i][0]:fields[i][1]]), word)
	}
	var out []string
	for i := range fields {
		last := i
		switch {
		case !has(i, words[0]):
			continue
		case len(words) > 1 && !has(i, words[1]):
			for last++; last < len(fields) && last <= i+reach && !has(last, words[1]); last++ {
			}
			if last == len(fields) || last > i+reach {
				continue
			}
		}
		s := text[fields[i][0]:fields[last][1]]
		if !strings.ContainsAny(s, ".,;:!?()\"/&") { // not over the end of a clause
			out = append(out, strings.Join(strings.Fields(s), " "))
		}
	}
	return out
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
