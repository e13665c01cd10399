package labeler

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A wordList is words in lower case with a space before and after each. The
// lists are English where they do not say otherwise.
type wordList string

func (l wordList) has(w string) bool {
	return w != "" && !strings.Contains(w, " ") && strings.Contains(string(l), " "+w+" ")
}

// smallWords are lower case within an English title.
const smallWords wordList = " a an and as at but by for from if in nor of on or per the to via vs with "

// foreignWords are frequent in other languages that are written in Latin
// letters and rare in English; one of them says that a label is not English.
const foreignWords wordList = "" +
	" und der das dem ein eine mit für von im zur zum auf nicht " + // German
	" et le les des du aux avec dans sur une est " + // French
	" el los las del y con para por una " + // Spanish
	" il gli dei delle della di nel " + // Italian
	" os dos das da ao um uma " + // Portuguese
	" het een voor met och för på att det og til av " + // Dutch, Swedish, Danish
	" oraz dla przez " // Polish

// puffWords praise instead of naming.
const puffWords wordList = "" +
	" essential essentials ultimate best greatest finest top legendary iconic amazing awesome " +
	" incredible fantastic wonderful fabulous epic perfect premier unforgettable comprehensive " +
	" definitive successful stunning extraordinary biggest largest fastest hottest coolest " +
	" cheapest strongest smartest easiest tastiest healthiest richest most "

// keyNouns make "Key" an adjective: "Key Components" says no more than "Components".
const keyNouns wordList = "" +
	" aspect component concept element factor feature idea ingredient insight point principle " +
	" takeaway thing topic "

// numberWords are counts when they stand before what is counted.
const numberWords wordList = "" +
	" two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen " +
	" sixteen seventeen eighteen nineteen twenty thirty forty fifty dozen hundred "

// vagueWords name no group when nothing else stands beside them.
const vagueWords wordList = "" +
	" assorted category cluster collection content data different entry general group item label " +
	" list misc miscellaneous mixed n na none note other random stuff text thing title topic " +
	" uncategorized unknown unlabeled unnamed unrelated untitled various "

// openers begin a sentence about the texts, or one about the model itself.
const openers wordList = " i i'm i'll i've here here's it it's these they they're this those we sorry sure as the all "

// verbs make a sentence of what an opener begins.
const verbs wordList = "" +
	" am are is was were be can cannot can't could would will won't have has do does don't seem seems " +
	" apologize i'm i'll i've it's here's they're sorry "

// symbol returns a character of the label that belongs to code or markup and
// is in no member, or 0.
func symbol(label string, members []string) rune {
	for _, r := range label {
		if strings.ContainsRune(`{}<>[]|\;=^~`, r) &&
			!slices.ContainsFunc(members, func(m string) bool { return strings.ContainsRune(m, r) }) {
			return r
		}
	}
	return 0
}

// sentence reports whether a label is a sentence as chat models begin them,
// or a refusal.
func sentence(words []string) bool {
	return len(words) > 1 && openers.has(words[0]) && slices.ContainsFunc(words, verbs.has)
}

// puffery returns the first word of praise that the members do not have
// themselves, as "essential" in "essential oils", or "".
func puffery(words []string, said map[string]bool) string {
	for i, w := range words {
		puffed := puffWords.has(w) ||
			w == "key" && i+1 < len(words) && keyNouns.has(stem(words[i+1])) ||
			w == "must" && i+1 < len(words) && stem(words[i+1]) == "have"
		if puffed && !said[w] && !said[stem(w)] {
			return w
		}
	}
	return ""
}

// inventedCount returns the number that counts what follows it and that no
// member has, or "". Years and "Windows 11" count nothing.
func inventedCount(label string, said map[string]bool) string {
	// Hyphens stay: "Two-Factor Logins" counts nothing.
	words := strings.Fields(strings.ToLower(label))
	for i, w := range words {
		w = strings.TrimFunc(w, func(r rune) bool { return !isWordRune(r) })
		words[i] = w
		leads := i == 0 || words[i-1] == "the" || words[i-1] == "top" || words[i-1] == "of"
		if !leads || i+1 == len(words) || said[w] {
			continue
		}
		digits := w != "" && len(w) <= 3 && strings.Trim(w, "0123456789") == ""
		if digits || numberWords.has(w) {
			return w
		}
	}
	return ""
}

// vague reports whether a label consists of words that fit any group.
func vague(words []string, said map[string]bool) bool {
	any := false
	for _, w := range words {
		digits := strings.Trim(w, "0123456789") == ""
		if !digits && !smallWords.has(w) && (!vagueWords.has(w) && !vagueWords.has(stem(w)) || said[w]) {
			return false
		}
		any = any || !digits
	}
	return any
}

// inventedName reports whether two neighbouring capitalised words of the
// label are a name from the members with one part changed, as a small model
// makes "Gillian Gillespie" of "gillian gilbert".
//
// The shared part must always have the same neighbour in the members: with
// "database records" and "database queries" there, "database" is a common
// word and "Database Recovery" no misspelt name.
func inventedName(label string, texts [][]string, said map[string]bool) bool {
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
		if said[first] && !said[second] && misspells(second, onlyNeighbour(texts, first, +1)) {
			return true
		}
		if said[second] && !said[first] && misspells(first, onlyNeighbour(texts, second, -1)) {
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
	" ing ings tion tions sion sions ment ments ness ity ities ery ure ures able ible ance ence " +
	" ism ics age ages ware "

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
