package labeler

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MakeUnique is [Profile.MakeUnique] of notes' labels.
func MakeUnique(labels []Label, words [][]string) { NoteLabel.MakeUnique(labels, words) }

// MakeUnique changes labels in place so that no two are alike, as [NearEqual]
// has it. The first of several keeps its text, a user's own label before all
// others; two of the user's may be nearly alike, but not the same. Each other gets
// a word that tells it apart in parentheses: the first of words[i] that is in no
// label of its kind; where there is none, or the label would grow too long, a
// number. words may be shorter than labels, or nil. A label without text becomes
// "Cluster N" with the source [FromNone].
func (p Profile) MakeUnique(labels []Label, words [][]string) {
	for i := range labels {
		if strings.TrimSpace(labels[i].Text) == "" {
			labels[i].Text = fmt.Sprintf("Cluster %d", i+1)
			labels[i].Source = FromNone
		}
	}
	taken := make(takenLabels)
	keeps := make([]bool, len(labels))
	for _, users := range []bool{true, false} {
		for i, l := range labels {
			if (l.Source == FromUser) != users {
				continue
			}
			if keeps[i] = !taken.has(l.Text) || users && !taken[foldKey(l.Text)]; keeps[i] {
				taken.add(l.Text)
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
		labels[i].Text = p.distinct(labels[i].Text, own, taken)
		taken.add(labels[i].Text)
	}
}

// takenLabels are labels by their text, and by what they tell.
type takenLabels map[string]bool

func (t takenLabels) has(text string) bool { return t[foldKey(text)] || t[toldKey(text)] }

func (t takenLabels) add(text string) { t[foldKey(text)], t[toldKey(text)] = true, true }

// toldKey is the same for labels that are NearEqual, and no label's text.
func toldKey(text string) string {
	words := told(text)
	if len(words) == 0 {
		return foldKey(text)
	}
	return "\x00" + strings.Join(slices.Sorted(maps.Keys(words)), " ")
}

// NearEqual says whether two labels say the same to a reader: they have the same
// words, their order, plurals, articles and words that fit any group aside.
func NearEqual(a, b string) bool {
	return foldKey(a) == foldKey(b) || toldKey(a) == toldKey(b)
}

// told is the words of a label that say something.
func told(label string) map[string]bool {
	out := make(map[string]bool)
	for _, w := range tokens(label) {
		if !smallWords.has(w) && !isVagueWord(w) {
			out[stem(w)] = true
		}
	}
	return out
}

// distinct returns text with a word or a number that makes it a label that is
// not taken.
func (p Profile) distinct(text string, words []string, taken takenLabels) string {
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
		if !taken.has(s) && countWords(s) <= p.MaxWords() && utf8.RuneCountInString(s) <= p.MaxChars() {
			return s
		}
	}
	for n := 2; ; n++ {
		suffix := fmt.Sprintf(" (%d)", n)
		base := cutWords(text, p.MaxChars()-len(suffix))
		if s := base + suffix; !taken.has(s) {
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
