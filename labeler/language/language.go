// Package language finds the language of a group of short texts among those that
// the built-in glossary knows.
package language

import (
	"math/bits"
	"strings"
	"unicode/utf8"

	"sheaf/engine/static"
	"sheaf/models/builtin"
)

// Terms finds what of a text belongs to concepts, and how many words and phrases
// it has; *engine/static.Model does.
type Terms interface {
	Terms(text string) (terms []static.Term, units int)
}

// A Detector finds languages. It may be used by several goroutines at once.
type Detector struct {
	glossary *builtin.Glossary
	terms    Terms
}

// New makes a detector of a glossary, and of the terms of the built-in model.
func New(glossary *builtin.Glossary, terms Terms) *Detector { return &Detector{glossary, terms} }

// Words splits a text into words, in a language other than English. French and
// Italian write short words before an apostrophe ("l'ampoule"), which belong to
// no word.
func Words(text string) []string {
	return builtin.Words(strings.Map(func(r rune) rune {
		if r == '\'' || r == '’' {
			return ' '
		}
		return r
	}, text))
}

// beginning is as much of a text as is looked at.
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

// Of finds the language of each group of texts, as a place in
// [builtin.Languages] or [builtin.English]: that of the largest share of its
// texts, as far as their words tell, those of the whole collection counted in.
func (d *Detector) Of(groups [][]string) []int {
	own := make([]ballot, len(groups))
	var all ballot
	for gi, texts := range groups {
		for _, text := range texts[:min(asked, len(texts))] {
			own[gi].add(d.vote(text))
		}
		all.add(own[gi])
	}
	out := make([]int, len(groups))
	for gi := range groups {
		out[gi] = builtin.English
		best := leastShare
		for i := range builtin.Languages {
			v, of := own[gi].share(i)
			prior, ofAll := all.share(i)
			if share := (v + priorNotes*prior/max(ofAll, 1)) / (of + priorNotes); share > best {
				best, out[gi] = share, i
			}
		}
	}
	return out
}

// vote divides the vote of a note among the languages by its words.
func (d *Detector) vote(text string) ballot {
	g := d.glossary
	var b ballot
	sum := 0.0
	for _, w := range Words(beginning(text)) {
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
		if terms, units := d.terms.Terms(beginning(text)); len(terms) > 0 && len(terms) == units {
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
