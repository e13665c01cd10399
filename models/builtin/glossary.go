package builtin

import (
	"fmt"
	"io/fs"
	"math/bits"
	"slices"
	"strings"
	"unicode"
)

// The files of a glossary. A lexicon's folder has the first two, and the table
// from which the third is made; a model's folder has all.
const (
	conceptNamesFile = "concept-names.tsv"
	vocabularyFile   = "vocabulary.tsv"
)

// A LanguageSet is some of Languages, a bit for each by its place.
type LanguageSet uint8

// Has says whether the language at a place of Languages is in the set.
func (s LanguageSet) Has(language int) bool { return s&(1<<language) != 0 }

// Glossary is what it takes to write a heading in another language: what a
// concept is called, and the words by which a language is known. It is never
// changed once it is read and may be used by several goroutines.
type Glossary struct {
	names      map[string][]string // key of a concept ▸ English, then as in Languages
	function   map[string]LanguageSet
	vocabulary map[string]LanguageSet
}

// ReadGlossary reads concept-names.tsv, function-words.tsv and vocabulary.tsv.
// One that is not there is empty.
//
// Each line of concept-names.tsv is what a heading calls a concept, in English
// and, tab by tab, in each of Languages. Nouns have the capitals of their
// language; those of the English name, and its apostrophes and hyphens, may be
// others than the lexicon's ("AI assistants"). Each line of vocabulary.tsv is
// languages and, after a tab, words that all of them have.
func ReadGlossary(fsys fs.FS) (*Glossary, error) {
	g := &Glossary{
		names: make(map[string][]string), function: make(map[string]LanguageSet), vocabulary: make(map[string]LanguageSet),
	}
	err := readTable(fsys, conceptNamesFile, func(line int, cols []string) error {
		fail := func(format string, args ...any) error {
			return &LexiconError{Source: fmt.Sprintf("%s:%d", conceptNamesFile, line), Reason: fmt.Sprintf(format, args...)}
		}
		if len(cols) != 1+len(Languages) {
			return fail("%d columns; want %d", len(cols), 1+len(Languages))
		}
		if slices.ContainsFunc(cols, func(c string) bool { return c == "" || c != strings.TrimSpace(c) }) {
			return fail("a name is empty or has space around it")
		}
		k := nameKey(cols[0])
		if g.names[k] != nil {
			return fail("%q is there twice", cols[0])
		}
		g.names[k] = cols
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = readTable(fsys, functionWordsFile, func(line int, cols []string) error {
		if len(cols) != 2 {
			return &LexiconError{Source: fmt.Sprintf("%s:%d", functionWordsFile, line), Reason: "want a language, a tab and words"}
		}
		if i := slices.Index(Languages[:], cols[0]); i >= 0 { // English ones are known elsewhere
			for w := range strings.SplitSeq(cols[1], ",") {
				for _, w := range Words(w) {
					g.function[w] |= 1 << i
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return g, readTable(fsys, vocabularyFile, func(line int, cols []string) error {
		var set LanguageSet
		ok := len(cols) == 2
		for l := range strings.FieldsSeq(cols[0]) {
			i := slices.Index(Languages[:], l)
			if ok = ok && i >= 0; ok {
				set |= 1 << i
			}
		}
		if !ok || set == 0 {
			return &LexiconError{Source: fmt.Sprintf("%s:%d", vocabularyFile, line), Reason: fmt.Sprintf("want some of %q, a tab and words", Languages)}
		}
		for w := range strings.FieldsSeq(cols[1]) {
			g.vocabulary[w] = set
		}
		return nil
	})
}

// nameKey is the same for the names of one concept, whatever their capitals
// and punctuation.
func nameKey(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == ' ' {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// English is what stands for the language where it is English: it is none of
// Languages.
const English = -1

// Name is what a heading calls a concept in a language, which is a place in
// Languages or English. A concept without a name there has its own.
func (g *Glossary) Name(concept string, language int) (name string, ok bool) {
	names := g.names[nameKey(concept)]
	if names == nil {
		return concept, false
	}
	return names[1+language], true
}

// IsFunctionWord says in which languages a word, as Words gives it, is a
// function word.
func (g *Glossary) IsFunctionWord(w string) LanguageSet { return g.function[w] }

// Languages says which languages have a word, as Words gives it, or one with
// the same beginning and up to three bytes less.
func (g *Glossary) Languages(w string) LanguageSet {
	for cut := 0; cut <= inflection && (cut == 0 || len(w)-cut >= shortestStem); cut++ {
		if s := g.vocabulary[w[:len(w)-cut]]; s != 0 {
			return s
		}
	}
	return 0
}

// Has says which languages have a word, as Words gives it, in just that form. A
// word that English has too is in none.
func (g *Glossary) Has(w string) LanguageSet { return g.vocabulary[w] }

const (
	inflection    = 3 // bytes that a form of a word may have more than the shortest
	shortestStem  = 4 // bytes of what is left
	shortestWord  = 3 // bytes of a word in the vocabulary
	mostLanguages = 3 // that have a word there: more tell little
)

// Vocabulary is vocabulary.tsv for a lexicon: the single words of other
// languages in its translations. Words that the lexicon has in English are
// left out, as they tell little, and so are those of more than three languages
// and those that Languages finds by a shorter one.
func (l *Lexicon) Vocabulary(fsys fs.FS) ([]byte, error) {
	sets := make(map[string]LanguageSet)
	err := readTable(fsys, translationsFile, func(_ int, cols []string) error {
		for i, col := range cols[1:] {
			for alt := range strings.SplitSeq(col, "/") {
				words := Words(alt)
				if len(words) != 1 || len(words[0]) < shortestWord {
					continue
				}
				if _, foreign := l.English(words[0]); foreign {
					sets[words[0]] |= 1 << i
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	g := Glossary{vocabulary: make(map[string]LanguageSet)}
	lines := make(map[LanguageSet][]string)
	words := make([]string, 0, len(sets))
	for w := range sets {
		words = append(words, w)
	}
	slices.Sort(words) // a word comes after its beginnings
	for _, w := range words {
		if set := sets[w]; bits.OnesCount8(uint8(set)) <= mostLanguages && g.Languages(w) != set {
			g.vocabulary[w] = set
			lines[set] = append(lines[set], w)
		}
	}
	var out []byte
	for set := LanguageSet(1); set < 1<<len(Languages); set++ {
		if lines[set] == nil {
			continue
		}
		var codes []string
		for i, code := range Languages {
			if set.Has(i) {
				codes = append(codes, code)
			}
		}
		out = fmt.Appendf(out, "%s\t%s\n", strings.Join(codes, " "), strings.Join(lines[set], " "))
	}
	return out, nil
}
