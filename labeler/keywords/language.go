package keywords

import (
	"unicode"
	"unicode/utf8"

	"sheaf/labeler"
	detect "sheaf/labeler/language"
	"sheaf/models/builtin"
)

// A language is that of a cluster's notes: which words mean something, and how
// a heading is written.
type language struct {
	place    int // in builtin.Languages, or builtin.English
	glossary *builtin.Glossary
}

// words splits a text into words.
func (l language) words(text string) []string {
	if l.place != builtin.English {
		return detect.Words(text)
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
	return l.glossary.IsFunctionWord(w).Has(l.place) || builtin.IsStopWord(w) || isForeignStopWord(w)
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

// languages finds the language of each cluster.
func (l *Labeler) languages(clusters []labeler.Cluster) []language {
	groups := make([][]string, len(clusters))
	for i, c := range clusters {
		groups[i] = c.Members
	}
	out := make([]language, len(clusters))
	for i, place := range l.detector.Of(groups) {
		out[i] = language{place, l.glossary}
	}
	return out
}
