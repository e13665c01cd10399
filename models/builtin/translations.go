package builtin

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// The files of a lexicon beside its concepts. Both may be missing.
const (
	translationsFile  = "translations.tsv"
	functionWordsFile = "function-words.tsv"
)

// maxMeanings is of how many concepts a word of another language can be: more
// tell nothing apart.
const maxMeanings = 6

// Languages are the columns of translations.tsv after the English one, in
// their order.
var Languages = [...]string{"de", "fr", "es", "it", "pt", "nl"}

// readTranslations adds the words of other languages to the lexicon: each line
// of translations.tsv is an English term and, tab by tab, what it is in each of
// Languages, alternatives separated by " / ". A word has the concepts of all
// English terms it stands for, up to maxMeanings. One that is an English term too keeps the
// English meaning: a German "Gift" in English notes is a present.
func (l *Lexicon) readTranslations(fsys fs.FS) error {
	foreign := make(map[string][]int)
	l.english = make(map[string]string)
	seen := make(map[string]int)
	err := readTable(fsys, translationsFile, func(line int, cols []string) error {
		fail := func(format string, args ...any) error {
			return &LexiconError{Source: fmt.Sprintf("%s:%d", translationsFile, line), Reason: fmt.Sprintf(format, args...)}
		}
		if len(cols) != 1+len(Languages) {
			return fail("%d columns; want %d", len(cols), 1+len(Languages))
		}
		english := strings.Join(Words(cols[0]), " ")
		concepts := l.Lookup(english)
		if concepts == nil {
			return fail("%q is no term of the lexicon", cols[0])
		}
		if at, ok := seen[english]; ok {
			return fail("%q is already at line %d", cols[0], at)
		}
		seen[english] = line
		for i, col := range cols[1:] {
			if strings.TrimSpace(col) == "" {
				return fail("no word in %s", Languages[i])
			}
			for alt := range strings.SplitSeq(col, "/") {
				words := Words(alt)
				if len(words) == 0 || len(words) > maxTermWords {
					return fail("%q in %s has no word or more than %d", strings.TrimSpace(alt), Languages[i], maxTermWords)
				}
				term := strings.Join(words, " ")
				if l.terms[term] != nil || IsStopWord(term) {
					continue
				}
				if _, ok := l.english[term]; !ok {
					l.english[term] = english // of several, the first
				}
				both := append(slices.Clone(foreign[term]), concepts...)
				slices.Sort(both)
				if both = slices.Compact(both); len(both) <= maxMeanings || foreign[term] == nil {
					foreign[term] = both
				}
			}
		}
		return nil
	})
	maps.Copy(l.terms, foreign)
	return err
}

// readFunctionWords reads function-words.tsv: a language and, after the tab,
// its function words, separated by commas. English ones ("en") are no terms,
// though their stems may be: "becomes", "chaired".
func (l *Lexicon) readFunctionWords(fsys fs.FS) error {
	l.none = make(map[string]bool)
	return readTable(fsys, functionWordsFile, func(line int, cols []string) error {
		fail := func(format string, args ...any) error {
			return &LexiconError{Source: fmt.Sprintf("%s:%d", functionWordsFile, line), Reason: fmt.Sprintf(format, args...)}
		}
		if len(cols) != 2 || cols[0] != "en" && !slices.Contains(Languages[:], cols[0]) {
			return fail("want \"en\" or one of the languages %q, a tab and words", Languages)
		}
		for w := range strings.SplitSeq(cols[1], ",") {
			words := Words(w)
			switch {
			case len(words) != 1:
				return fail("%q is not one word", strings.TrimSpace(w))
			case cols[0] == "en" && l.terms[words[0]] != nil:
				return fail("%q is a term of the lexicon", words[0])
			case cols[0] == "en":
				l.none[words[0]] = true
			default:
				l.function = append(l.function, words[0])
			}
		}
		return nil
	})
}

// readTable calls do for each line of a file of tab-separated columns that is
// not empty and no comment. No file is no table.
func readTable(fsys fs.FS, name string, do func(line int, cols []string) error) error {
	data, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	line := 0
	for text := range strings.Lines(string(data)) {
		line++
		text = strings.TrimRight(text, "\r\n")
		if text == "" || text[0] == '#' {
			continue
		}
		if err := do(line, strings.Split(text, "\t")); err != nil {
			return err
		}
	}
	return nil
}

// English returns the English term of which a term of another language is the
// translation, and whether it is one.
func (l *Lexicon) English(term string) (string, bool) {
	e, ok := l.english[term]
	return e, ok
}

// FunctionWords returns words of other languages that say nothing about a
// topic. Some mean something in English: "die", "van".
func (l *Lexicon) FunctionWords() []string { return l.function }
