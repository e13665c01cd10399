package labeler

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// phraseWords is how many words the name of a person or a company may have.
const phraseWords = 4

// invented refuses a person, company or product that is in no member. A general
// word that is in none may stand: "Greek Letters".
func (c *checked) invented() error {
	isCommon := func(w string) bool { return c.Vocabulary != nil && c.Vocabulary.Meaning(w) == Common }
	if inventedName(c.label, c.texts, c.said, isCommon) || c.Vocabulary != nil && c.inventsName() {
		return &RuleError{RuleInvented, "has a name that is in no text"}
	}
	return nil
}

// inventsName looks at the label's words and phrases, the longest first. A word
// that the vocabulary does not know is taken for a name if the texts are such
// that it knows their words, and if it is not formed as common words are.
func (c *checked) inventsName() bool {
	unknown := 0
	for i := 0; i < len(c.words); {
		n, meaning := c.longest(c.words[i:])
		phrase := c.words[i : i+n]
		i += n
		if c.isKnownHere(phrase) {
			continue
		}
		switch {
		case meaning == Name:
			return true
		case meaning == Unknown && !c.isOrdinary(phrase[0]):
			unknown++
		}
	}
	return unknown > 0 && !c.Foreign && c.knowsTexts()
}

// longest is the longest beginning of words that means something together, or
// the first word.
func (c *checked) longest(words []string) (n int, meaning Meaning) {
	for n := min(phraseWords, len(words)); n > 1; n-- {
		if smallWords.has(words[0]) || smallWords.has(words[n-1]) {
			continue
		}
		if m := c.Vocabulary.Meaning(strings.Join(words[:n], " ")); m != Unknown {
			return n, m
		}
	}
	return 1, c.Vocabulary.Meaning(words[0])
}

// isKnownHere says whether the members have each word of a phrase, or a
// compound of it, as "front end" has that of "frontend".
func (c *checked) isKnownHere(phrase []string) bool {
	for _, w := range phrase {
		if smallWords.has(w) || c.isSaid(w) {
			continue
		}
		const shortest = 4 // letters that may be found within a word by more than chance
		found := false
		for said := range c.said {
			if len(w) >= shortest && strings.Contains(said, w) || len(said) >= shortest && strings.Contains(w, said) && len(w)-len(said) <= 3 || sameWord(w, said) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// isOrdinary says whether a word that the vocabulary lacks is formed as common
// words are: from a word it has, or with their endings.
func (c *checked) isOrdinary(w string) bool {
	letters := strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) })
	switch {
	case utf8.RuneCountInString(letters) <= 3: // an abbreviation, if anything
		return true
	case isVagueWord(w), puffWords.has(w), numberWords.has(w): // lists of our own
		return true
	case strings.ContainsFunc(letters, func(r rune) bool { return r >= utf8.RuneSelf }):
		return true // another language, or a name of which nobody can say so
	}
	base := stem(w)
	for _, suffix := range strings.Fields(string(commonSuffixes)) {
		if strings.HasSuffix(base, suffix) && len(base) >= len(suffix)+3 {
			return true
		}
	}
	isCommon := func(part string) bool { return len(part) >= 3 && c.Vocabulary.Meaning(part) == Common }
	if isCommon(base) {
		return true
	}
	for _, prefix := range strings.Fields(string(commonPrefixes)) {
		if rest, ok := strings.CutPrefix(w, prefix); ok && isCommon(rest) {
			return true
		}
	}
	const part = 4
	for i := part; i+part <= len(base); i++ {
		if isCommon(base[:i]) && isCommon(base[i:]) {
			return true
		}
	}
	return false
}

// knowsTexts says whether the vocabulary has most words of the members.
func (c *checked) knowsTexts() bool {
	const looked = 48
	known, all := 0, 0
	for _, text := range c.texts {
		for _, w := range text {
			if smallWords.has(w) || !strings.ContainsFunc(w, unicode.IsLetter) {
				continue
			}
			if all == looked {
				return 2*known > all
			}
			all++
			if c.Vocabulary.Meaning(w) != Unknown {
				known++
			}
		}
	}
	return 2*known > all
}

// commonPrefixes stand before common words.
const commonPrefixes wordList = "" +
	" un re non anti pre post over under sub super inter multi micro mini bio geo eco cyber tele video audio photo auto" +
	" self semi trans out up down fore mid mis dis co counter cross extra hyper ultra mono poly "

// inventedName reports whether two neighbouring capitalised words of the
// label are a name from the members with one part changed, as a small model
// makes "Gillian Gillespie" of "gillian gilbert".
//
// The shared part must always have the same neighbour in the members: with
// "database records" and "database queries" there, "database" is a common
// word and "Database Recovery" no misspelt name; nor is a common word one.
func inventedName(label string, texts [][]string, said map[string]bool, isCommon func(string) bool) bool {
	var words []string // "" breaks a run of capitalised words
	for f := range strings.FieldsSeq(label) {
		ws := tokens(f)
		r, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(f, func(r rune) bool { return !isWordRune(r) }))
		if len(ws) != 1 || !unicode.IsUpper(r) {
			words = append(words, "")
			continue
		}
		words = append(words, ws[0])
		if last, _ := utf8.DecodeLastRuneInString(f); !isWordRune(last) {
			words = append(words, "")
		}
	}
	for i := 1; i < len(words); i++ {
		first, second := words[i-1], words[i]
		if first == "" || second == "" {
			continue
		}
		if said[first] && !said[second] && !isCommon(second) && misspells(second, onlyNeighbour(texts, first, +1)) {
			return true
		}
		if said[second] && !said[first] && !isCommon(first) && misspells(first, onlyNeighbour(texts, second, -1)) {
			return true
		}
	}
	return false
}

// onlyNeighbour returns the one word that stands beside word in the texts, on
// the side that step says, or "" where there are several or none.
func onlyNeighbour(texts [][]string, word string, step int) string {
	only := ""
	for _, text := range texts {
		for i, w := range text {
			if w != word {
				continue
			}
			if i+step < 0 || i+step >= len(text) {
				return ""
			}
			if n := text[i+step]; only == "" || n == only {
				only = n
			} else {
				return ""
			}
		}
	}
	return only
}

// misspells reports whether got resembles the name want without being a form
// of the same word.
func misspells(got, want string) bool {
	if len(got) < 4 || len(want) < 4 || got == want || sameWord(got, want) {
		return false
	}
	for _, suffix := range strings.Fields(string(commonSuffixes)) {
		if strings.HasSuffix(got, suffix) {
			return false
		}
	}
	a, b := []rune(got), []rune(want)
	d := editDistance(a, b)
	if d <= 2 {
		return true
	}
	return a[0] == b[0] && a[1] == b[1] && 10*d <= 6*max(len(a), len(b))
}

// commonSuffixes end common words rather than names.
const commonSuffixes wordList = "" +
	" ing ings tion tions sion sions ment ments ness ity ities ery ure ures able ible ance ence" +
	" ism ics age ages ware ology ography ometry ship hood dom ful ous ious ive ical less like wise proof craft" +
	" tical ward wards ization isation ography scope phobia itis "

// endings turn one form of an English word into another.
const endings wordList = "" +
	" s es ed d ing er ers r rs or ors ion ions ment ments ation ations al ally ly ness ity y ies " +
	" ied e ist ists ism ic ics ical able ive ance ence ery ary ful less n an ian "

// sameWord reports whether a and b are forms of one word: they share a
// beginning, and what is left of each is an ending or nothing.
func sameWord(a, b string) bool {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	ending := func(s string) bool { return s == "" || endings.has(s) }
	return n >= 3 && ending(a[n:]) && ending(b[n:])
}

// editDistance is Levenshtein's: insertions, deletions and substitutions
// count one each.
func editDistance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, ra := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, rb := range b {
			cost := diagonal
			if ra != rb {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
