package static

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// A compound's last word has so many letters at least, and so many stand
	// before it.
	compoundTail = 4
	compoundHead = 3
	// compoundWeight is that of a word that was found by its last part alone.
	compoundWeight = 0.6
)

// compound looks for a word of the lexicon that the unknown word of these
// tokens ends with, as German and Dutch words do that are put together:
// "Roggenbrot" is a kind of bread. It fills in the span, as one whose meaning
// is lent, and says whether it found one.
func (c *conceptBlock) compound(s *span, ids []uint32) bool {
	var b strings.Builder
	for i, id := range ids {
		piece, _ := c.tok.Token(id)
		if i > 0 {
			piece = strings.TrimPrefix(piece, "##")
		}
		b.WriteString(piece)
	}
	word := b.String()
	letters := utf8.RuneCountInString(word)
	if letters < compoundHead+compoundTail || letters > compoundLetters {
		return false
	}
	var tail []uint32
	at := 0
	for i := range word { // the longest tail first
		if at++; at <= compoundHead || letters-at+1 < compoundTail {
			continue
		}
		tail = c.tok.AppendIDs(tail[:0], word[i:])
		row, general := int32(-1), int32(-1)
		switch len(tail) {
		case 0: // the tokenizer may make nothing of it
		case 1:
			row = c.rows[tail[0]]
		default:
			if p, n := c.phrases.longest(tail, c.kinds); n == len(tail) {
				row, general = c.phrases.rows[p], c.phraseGeneral[p]
			}
		}
		if row >= 0 && int(row) < c.mixtures.own && !c.isName(row) {
			s.row, s.weight, s.lent = row, compoundWeight, true
			// The general block hears of it too where the part is a word of
			// another language; of an English one the pieces say as much.
			if general >= 0 && general < c.tokens {
				s.general = general
			}
			return true
		}
	}
	return false
}

// isName says whether the row is of names of persons, which end words by chance.
func (c *conceptBlock) isName(row int32) bool {
	concepts, _ := c.mixtures.row(row)
	return slices.ContainsFunc(concepts, func(k int32) bool { return c.lexicon.Concepts[k].Name == namesOfPeople })
}

const namesOfPeople = "names of people"

// compoundLetters is the longest word that is looked at.
const compoundLetters = 40
