package labeler

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The bounds of a label.
const (
	MaxWords = 6  // words of a label
	MaxChars = 60 // characters (code points) of a label
)

// A Rule is what a label has to keep; see [Check].
type Rule string

// The rules, in the order in which Check looks at them.
const (
	RuleEmpty    Rule = "empty"      // there is nothing in it
	RuleLetters  Rule = "no letters" // only punctuation, digits or symbols
	RuleWords    Rule = "too many words"
	RuleChars    Rule = "too long"
	RuleSymbols  Rule = "symbols"       // of code or markup, in none of the members
	RuleSentence Rule = "sentence"      // "These are animals", "I cannot help"
	RulePuffery  Rule = "puffery"       // "Essential", "Ultimate", "Top", in none of the members
	RuleCount    Rule = "count"         // "5 Musicians", the number in none of the members
	RuleList     Rule = "lists members" // names the members instead of what they share
	RuleInvented Rule = "invented name" // a member's name with a part changed
	RuleVague    Rule = "vague"         // "Miscellaneous", "Group 3"
)

// A RuleError says which rule a label breaks. Its text completes the sentence
// "the label …" and holds no text of a member, so that it may be logged.
type RuleError struct {
	Rule   Rule
	Detail string
}

func (e *RuleError) Error() string { return e.Detail }

// Check says whether a label, as [Tidy] leaves it, may stand for a cluster
// with these distinct members. The error is nil or a *[RuleError]. Of the
// members it looks at a [Sample], so that "in no member" is "in none of those
// looked at", and the time it takes is bounded.
//
// The rules know English. A label in another language passes those that it
// cannot break.
func Check(label string, members []string) error {
	if strings.TrimSpace(label) == "" {
		return &RuleError{RuleEmpty, "is empty"}
	}
	if !strings.ContainsFunc(label, unicode.IsLetter) {
		return &RuleError{RuleLetters, "has no letters"}
	}
	if n := countWords(label); n > MaxWords {
		return &RuleError{RuleWords, fmt.Sprintf("has %d words, more than %d", n, MaxWords)}
	}
	if n := utf8.RuneCountInString(label); n > MaxChars {
		return &RuleError{RuleChars, fmt.Sprintf("has %d characters, more than %d", n, MaxChars)}
	}

	members = Sample(members)
	if r := symbol(label, members); r != 0 {
		return &RuleError{RuleSymbols, fmt.Sprintf("has the character %q, which no text has", r)}
	}

	words := tokens(label)
	if sentence(words) {
		return &RuleError{RuleSentence, "is a sentence"}
	}
	texts := make([][]string, len(members))
	for i, m := range members {
		texts[i] = tokens(m)
	}
	said := make(map[string]bool) // all words of the members
	for _, text := range texts {
		for _, w := range text {
			said[w] = true
			said[stem(w)] = true
		}
	}

	if w := puffery(words, said); w != "" {
		return &RuleError{RulePuffery, fmt.Sprintf("has the word %q, which no text bears out", w)}
	}
	if w := inventedCount(label, said); w != "" {
		return &RuleError{RuleCount, fmt.Sprintf("has the number %q, which no text bears out", w)}
	}
	if n := named(words, texts); n >= 2 && len(members) > 2 {
		return &RuleError{RuleList, fmt.Sprintf("lists %d of the texts instead of saying what they share", n)}
	}
	if inventedName(label, texts, said) {
		return &RuleError{RuleInvented, "has a name that is in no text"}
	}
	if vague(words, said) {
		return &RuleError{RuleVague, "could stand for any group"}
	}
	return nil
}

// The bounds of a [Sample].
const (
	maxSampleMembers = 400
	maxSampleBytes   = 2 << 10 // of one member
)

// Sample returns what is enough of a cluster's members to judge a label by: of
// the first 400, which are the nearest to the centroid, the first 2 KiB each,
// cut between two characters. members itself is left as it is.
func Sample(members []string) []string {
	members = members[:min(len(members), maxSampleMembers)]
	isLong := func(m string) bool { return len(m) > maxSampleBytes }
	if !slices.ContainsFunc(members, isLong) {
		return members
	}
	members = slices.Clone(members)
	for i, m := range members {
		if isLong(m) {
			n := maxSampleBytes
			for n > maxSampleBytes-utf8.UTFMax && !utf8.RuneStart(m[n]) {
				n--
			}
			members[i] = m[:n]
		}
	}
	return members
}

// countWords counts the fields of s that hold a letter or a digit, so that
// "Food & Drink" has two words. A number that MakeUnique appended is none.
func countWords(s string) int {
	n := 0
	for f := range strings.FieldsSeq(s) {
		if strings.ContainsFunc(f, isWordRune) && !isSerial(f) {
			n++
		}
	}
	return n
}

// isSerial reports whether a field is "(2)", "(3)" and so on.
func isSerial(field string) bool {
	digits, ok := strings.CutPrefix(field, "(")
	if !ok {
		return false
	}
	digits, ok = strings.CutSuffix(digits, ")")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// tokens returns the words of s in lower case, without punctuation and
// without the possessive 's.
func tokens(s string) []string {
	fields := strings.FieldsFunc(strings.ToLower(norm.NFC.String(s)), func(r rune) bool {
		return !isWordRune(r) && !unicode.IsMark(r) && r != '\'' && r != '’'
	})
	words := fields[:0]
	for _, f := range fields {
		f = strings.Trim(strings.ReplaceAll(f, "’", "'"), "'")
		f = strings.TrimSuffix(f, "'s")
		if f != "" {
			words = append(words, f)
		}
	}
	return words
}

// stem takes the ending of an English plural off. It need not give a word,
// only the same string for "pear" and "pears", "box" and "boxes".
func stem(w string) string {
	switch {
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	case len(w) > 4 && (strings.HasSuffix(w, "xes") || strings.HasSuffix(w, "ses") || strings.HasSuffix(w, "hes")):
		return w[:len(w)-2]
	case len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"):
		return w[:len(w)-1]
	}
	return w
}

// named returns how many distinct members stand in the label, the longest
// first, no word counted twice: "sorting tables" is one even where "tables"
// is a member too.
func named(words []string, texts [][]string) int {
	label := make([]string, len(words))
	for i, w := range words {
		label[i] = stem(w)
	}
	byLength := make([][][]string, len(label)+1)
	seen := make(map[string]bool)
	for _, text := range texts {
		if len(text) == 0 || len(text) > len(label) {
			continue
		}
		stems := make([]string, len(text))
		small := true
		for i, w := range text {
			stems[i] = stem(w)
			small = small && smallWords.has(w)
		}
		key := strings.Join(stems, " ")
		if small || seen[key] {
			continue
		}
		seen[key] = true
		byLength[len(stems)] = append(byLength[len(stems)], stems)
	}
	n := 0
	for size := len(label); size > 0; size-- {
		for _, text := range byLength[size] {
			if at := indexOf(label, text); at >= 0 {
				n++
				for i := range text {
					label[at+i] = "" // no stem is empty
				}
			}
		}
	}
	return n
}

// indexOf returns where sub begins in s, or -1.
func indexOf(s, sub []string) int {
next:
	for i := 0; i+len(sub) <= len(s); i++ {
		for j, w := range sub {
			if s[i+j] != w {
				continue next
			}
		}
		return i
	}
	return -1
}

// MakeUnique changes labels in place so that no two are alike, letter case
// aside. The first of several keeps its text, a user's own label before all
// others. Each other gets a word that tells it apart in parentheses: the
// first of words[i] that is in no label of its kind; where there is none, or
// the label would grow too long, a number. words may be shorter than labels,
// or nil. A label without text becomes "Cluster N" with the source
// [FromNone].
func MakeUnique(labels []Label, words [][]string) {
	for i := range labels {
		if strings.TrimSpace(labels[i].Text) == "" {
			labels[i].Text = fmt.Sprintf("Cluster %d", i+1)
			labels[i].Source = FromNone
		}
	}
	taken := make(map[string]bool, len(labels))
	keeps := make([]bool, len(labels))
	for _, users := range []bool{true, false} {
		for i, l := range labels {
			if key := foldKey(l.Text); (l.Source == FromUser) == users && !taken[key] {
				taken[key], keeps[i] = true, true
			}
		}
	}
	for i := range labels {
		if keeps[i] {
			continue
		}
		var own []string
		if i < len(words) {
			own = words[i]
		}
		labels[i].Text = distinct(labels[i].Text, own, taken)
		taken[foldKey(labels[i].Text)] = true
	}
}

// distinct returns text with a word or a number that makes it a label that is
// not taken.
func distinct(text string, words []string, taken map[string]bool) string {
	has := make(map[string]bool)
	for _, w := range tokens(text) {
		has[stem(w)] = true
	}
	for _, w := range words {
		w = Tidy(w)
		ws := tokens(w)
		if len(ws) != 1 || has[stem(ws[0])] {
			continue
		}
		s := fmt.Sprintf("%s (%s)", text, w)
		if !taken[foldKey(s)] && countWords(s) <= MaxWords && utf8.RuneCountInString(s) <= MaxChars {
			return s
		}
	}
	for n := 2; ; n++ {
		suffix := fmt.Sprintf(" (%d)", n)
		base := cutWords(text, MaxChars-len(suffix))
		if s := base + suffix; !taken[foldKey(s)] {
			return s
		}
	}
}

// cutWords returns the longest run of whole words of s that has at most max
// characters, or a part of the first word where that alone is longer.
func cutWords(s string, max int) string {
	runes := []rune(s)
	if len(runes) <= max {
		return s
	}
	cut := string(runes[:max])
	if i := strings.LastIndexByte(cut, ' '); i > 0 && runes[max] != ' ' {
		cut = cut[:i]
	}
	return strings.TrimSpace(cut)
}

func foldKey(s string) string {
	return strings.ToLower(norm.NFC.String(strings.Join(strings.Fields(s), " ")))
}
