package keywords

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"

	"sheaf/labeler"
	"sheaf/models/builtin"
)

// A language is that of a cluster's notes: which words mean something, and how
// a heading is written.
type language struct {
	place    int // in builtin.Languages, or builtin.English
	glossary *builtin.Glossary
}

// words splits a text into words. French and Italian write short words before
// an apostrophe ("l'ampoule"), which belong to no word.
func (l language) words(text string) []string {
	if l.place != builtin.English {
		text = strings.Map(func(r rune) rune {
			if r == '\'' || r == '’' {
				return ' '
			}
			return r
		}, text)
	}
	return builtin.Words(text)
}

// fields says where the words of a text begin and end.
func (l language) fields(text string) [][2]int {
	var out [][2]int
	start := -1
	for i, r := range text + " " {
		inside := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '+' || r == '#' || r == '-' ||
			l.place == builtin.English && (r == '\'' || r == '’')
		switch {
		case inside && start < 0:
			start = i
		case !inside && start >= 0:
			out = append(out, [2]int{start, i})
			start = -1
		}
	}
	return out
}

// isStopWord says whether a word, as words gives it, says nothing about a topic.
func (l language) isStopWord(w string) bool {
	if l.place == builtin.English {
		return builtin.IsStopWord(w) || isForeignStopWord(w)
	}
	return l.glossary.IsFunctionWord(w).Has(l.place) || builtin.IsStopWord(w)
}

// heading writes a text as a heading: English in title case, others with
// their first letter in upper case.
func (l language) heading(s string) string {
	if l.place == builtin.English {
		return labeler.Tidy(s)
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToTitle(r)) + s[n:]
}

// part writes what may stand within a heading.
func (l language) part(s string) string {
	if l.place == builtin.English {
		return labeler.Tidy(s)
	}
	return s
}

// conceptName is what the language calls a concept.
func (l language) conceptName(concept string) string {
	name, ok := l.glossary.Name(concept, l.place)
	if !ok {
		return labeler.Tidy(name) // the English one
	}
	return l.part(name)
}

// How the language of a cluster is found.
const (
	// priorNotes is for how many notes the whole collection counts beside the
	// cluster's own.
	priorNotes = 3
	// leastShare of the notes has to be in another language: in doubt it is
	// English.
	leastShare = 0.35
	// A word of the vocabulary may be a name or a loanword; a function word
	// that English has too ("die", "in") tells little.
	vocabularyVote, sharedVote = 0.7, 0.2
	// A note with none of these words is likelier English the more there are.
	unknownVote = 0.35
	// asked is how many members of a cluster are looked at.
	asked = 100
)

// A ballot is how many votes each language has, and English; of the rest of
// the notes it is not known what they are in.
type ballot struct {
	votes   [len(builtin.Languages)]float64
	english float64
	unknown float64
}

func (b *ballot) add(o ballot) {
	for i, v := range o.votes {
		b.votes[i] += v
	}
	b.english += o.english
	b.unknown += o.unknown
}

// share of the votes that a language has; what is not known counts for less.
func (b *ballot) share(language int) (votes, of float64) {
	of = b.english + unknownVote*b.unknown
	for _, v := range b.votes {
		of += v
	}
	return b.votes[language], of
}

// languages finds the language of each cluster: that of the largest share of
// its notes, as far as their words tell, those of the whole collection counted
// in.
func (l *Labeler) languages(clusters []labeler.Cluster) []language {
	own := make([]ballot, len(clusters))
	var all ballot
	for ci, c := range clusters {
		for _, m := range c.Members[:min(asked, len(c.Members))] {
			own[ci].add(l.vote(m))
		}
		all.add(own[ci])
	}
	out := make([]language, len(clusters))
	for ci := range clusters {
		out[ci] = language{builtin.English, l.glossary}
		best := leastShare
		for i := range builtin.Languages {
			v, of := own[ci].share(i)
			prior, ofAll := all.share(i)
			if share := (v + priorNotes*prior/max(ofAll, 1)) / (of + priorNotes); share > best {
				best, out[ci].place = share, i
			}
		}
	}
	return out
}

// vote divides the vote of a note among the languages by its words.
func (l *Labeler) vote(text string) ballot {
	g := l.glossary
	var b ballot
	sum := 0.0
	for _, w := range (language{place: 0}).words(beginning(text)) {
		english := builtin.IsStopWord(w)
		set, weight := g.IsFunctionWord(w), 1.0
		switch {
		case set != 0 && english:
			weight = sharedVote
		case english:
			b.english++
			sum++
			continue
		case set == 0:
			set, weight = g.Languages(w), vocabularyVote
		}
		n := float64(bits.OnesCount8(uint8(set)))
		for i := range b.votes {
			if set.Has(i) {
				b.votes[i] += weight / n
				sum += weight / n
			}
		}
	}
	if sum == 0 {
		// All words are known, and not as those of another language.
		if terms, units := l.space.Terms(beginning(text)); len(terms) > 0 && len(terms) == units {
			b.english = vocabularyVote
			sum = vocabularyVote
		}
	}
	// A word that English has too is no whole vote.
	scale := 1 / max(sum, vocabularyVote)
	for i := range b.votes {
		b.votes[i] *= scale
	}
	b.english *= scale
	b.unknown = 1 - sum*scale
	return b
}
