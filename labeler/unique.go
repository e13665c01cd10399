package labeler

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

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
