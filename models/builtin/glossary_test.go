package builtin

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

// Every concept has a heading in every language, no heading is of a concept
// that the lexicon does not have, and none is too long for a label.
func TestConceptNames(t *testing.T) {
	lex, err := ParseLexicon(os.DirFS("lexicon"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := ReadGlossary(os.DirFS("lexicon"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range lex.Concepts {
		if _, ok := g.Name(c.Name, English); !ok {
			t.Errorf("%s: concept %q is not in %s", c.Source, c.Name, conceptNamesFile)
		}
	}
	if len(g.names) != len(lex.Concepts) {
		t.Errorf("%d names for %d concepts", len(g.names), len(lex.Concepts))
	}
	for _, names := range g.names {
		for i, n := range names {
			if len(strings.Fields(n)) > 6 || utf8.RuneCountInString(n) > 60 {
				t.Errorf("%q is too long for a label", n)
			}
			if r, _ := utf8.DecodeRuneInString(n); i == 1 && strings.ToUpper(string(r)) != string(r) {
				t.Errorf("%q: a German heading begins with a capital", n)
			}
		}
	}
	for _, tt := range []struct {
		concept  string
		language int
		want     string
	}{
		{"fruit", English, "fruit"}, {"fruit", 0, "Obst"}, {"animals", 3, "animali"}, {"ai assistants", English, "AI assistants"},
		{"kids activities", English, "kids' activities"}, {"none such", 2, "none such"},
	} {
		if got, _ := g.Name(tt.concept, tt.language); got != tt.want {
			t.Errorf("Name(%q, %d) = %q, want %q", tt.concept, tt.language, got, tt.want)
		}
	}
}

// The model's files for headings are those of the lexicon.
func TestModelGlossary(t *testing.T) {
	fsys := os.DirFS("lexicon")
	lex, err := ParseLexicon(fsys)
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string][]byte)
	if want[vocabularyFile], err = lex.Vocabulary(fsys); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{conceptNamesFile, functionWordsFile} {
		if want[name], err = os.ReadFile(filepath.Join("lexicon", name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range want {
		got, err := os.ReadFile(filepath.Join("model", name))
		if err != nil || string(got) != string(data) {
			t.Errorf("model/%s is not what the lexicon gives (%v); make the model again: make model TEACHER=DIR", name, err)
		}
	}
}

func TestGlossaryLanguages(t *testing.T) {
	g, err := ReadGlossary(ModelFS())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		set  LanguageSet
		want string
	}{
		{g.Languages("kartoffeln"), "de"}, {g.Languages("ecureuil"), ""}, {g.Languages("manzanas"), "es"}, {g.Languages("potato"), ""},
		{g.Languages("ab"), ""}, {g.IsFunctionWord("und"), "de"}, {g.IsFunctionWord("con"), "es it"}, {g.IsFunctionWord("apple"), ""},
	} {
		var got []string
		for i, code := range Languages {
			if tt.set.Has(i) {
				got = append(got, code)
			}
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("languages %q, want %q", s, tt.want)
		}
	}
}

// Where the languages of a word are known, they are those of the translations.
func TestVocabulary(t *testing.T) {
	fsys := fstest.MapFS{
		"a.txt":            {Data: []byte("fruit: apple, fig\nanimals: cat")},
		"translations.tsv": {Data: []byte("apple\tApfel / Apfelsorten\tpomme\tmanzana\tmela\tmaçã\tappel\ncat\tKatze\tchat\tgato\tgatto\tgato\tkat\nfig\tfig\tfigue\tfigo\tfico\tfigo\tvijg")},
	}
	lex, err := ParseLexicon(fsys)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := lex.Vocabulary(fsys)
	if err != nil {
		t.Fatal(err)
	}
	// "Apfelsorten" has more than "apfel"; "fig" is English.
	want := "de\tapfel apfelsorten katze\nfr\tchat figue pomme\nes\tmanzana\nit\tfico gatto mela\npt\tmaca\nes pt\tfigo gato\nnl\tappel kat vijg\n"
	if string(raw) != want {
		t.Errorf("vocabulary\n%s, want\n%s", raw, want)
	}
}

func TestReadGlossaryRefuses(t *testing.T) {
	for _, tt := range []struct{ file, text, want string }{
		{conceptNamesFile, "fruit\tObst", "concept-names.tsv:1: 2 columns"},
		{conceptNamesFile, "# names\na\tb\tc\td\te\tf\t", "concept-names.tsv:2: a name is empty"},
		{conceptNamesFile, "a\tb\tc\td\te\tf\tg\nA\tb\tc\td\te\tf\tg", "concept-names.tsv:2: \"A\" is there twice"},
		{functionWordsFile, "de", "function-words.tsv:1: want"},
		{vocabularyFile, "de", "vocabulary.tsv:1: want"},
		{vocabularyFile, "xx\tword", "vocabulary.tsv:1: want"},
	} {
		_, err := ReadGlossary(fstest.MapFS{tt.file: {Data: []byte(tt.text)}})
		var le *LexiconError
		if !errors.As(err, &le) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want a LexiconError with %q", tt.text, err, tt.want)
		}
	}
	if g, err := ReadGlossary(fstest.MapFS{}); err != nil || g.Languages("apfel") != 0 {
		t.Errorf("no files: %v", err)
	}
}

func FuzzReadGlossary(f *testing.F) {
	f.Add("a\tb\tc\td\te\tf\tg", "de\tder, die", "de fr\tauto")
	f.Fuzz(func(t *testing.T, names, function, vocabulary string) {
		g, err := ReadGlossary(fstest.MapFS{
			conceptNamesFile: {Data: []byte(names)}, functionWordsFile: {Data: []byte(function)}, vocabularyFile: {Data: []byte(vocabulary)},
		})
		if err != nil {
			return
		}
		for i := English; i < len(Languages); i++ {
			if n, ok := g.Name("a", i); ok && n == "" {
				t.Fatal("an empty name")
			}
		}
	})
}
