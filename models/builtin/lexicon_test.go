package builtin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func parse(t testing.TB, text string) (*Lexicon, error) {
	t.Helper()
	return ParseLexicon(fstest.MapFS{"a.txt": {Data: []byte(text)}})
}

// The lexicon keeps its rules: it is broad, no concept is nearly empty, no term
// is in so many concepts that it tells none of them apart, and no two concepts
// are one. That it parses says that there are no duplicates, no cycles and no
// unknown parents.
func TestLexicon(t *testing.T) {
	lex, err := ParseLexicon(os.DirFS("lexicon"))
	if err != nil {
		t.Fatal(err)
	}
	english := 0
	for _, term := range lex.Terms() {
		if _, foreign := lex.English(term); !foreign {
			english++
		}
		if n := len(lex.Lookup(term)); n > 6 {
			t.Errorf("term %q is in %d concepts", term, n)
		}
	}
	if len(lex.Concepts) < 1_600 || english < 70_000 {
		t.Errorf("%d concepts and %d English terms: a part is missing", len(lex.Concepts), english)
	}
	same := make(map[string]string)
	for i, c := range lex.Concepts {
		if len(c.Terms) < 3 {
			t.Errorf("%s: concept %q has only the terms %q", c.Source, c.Name, c.Terms)
		}
		if len(lex.Ancestors(i)) == 0 {
			t.Errorf("%s: concept %q is not its own ancestor", c.Source, c.Name)
		}
		key := strings.Join(slices.Sorted(slices.Values(c.Terms[1:])), ",")
		if other, ok := same[key]; ok {
			t.Errorf("%s: concept %q has the terms of %q", c.Source, c.Name, other)
		}
		same[key] = c.Name
	}
	for term, want := range map[string]string{
		"pears": "apples and pears", "hamsters": "pets", "kilometers": "length units", "rebar": "building materials", "omega": "greek letters",
		"Äpfel": "apples and pears", "Regenbogen": "sunshine and heat", "painfully slow": "performance", "book a table": "table reservations", "colour": "colours", "color": "colours",
	} {
		var names []string
		for _, c := range lex.Lookup(strings.Join(Words(term), " ")) {
			names = append(names, lex.Concepts[c].Name)
		}
		if !slices.Contains(names, want) {
			t.Errorf("%q is in %q, want %q among them", term, names, want)
		}
	}
}

func TestTranslations(t *testing.T) {
	lex, err := ParseLexicon(os.DirFS("lexicon"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("lexicon/translations.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows, english := 0, 0
	for line := range strings.Lines(string(raw)) {
		if line[0] == '#' {
			continue
		}
		rows++
		cols := strings.Split(strings.TrimSpace(line), "\t")
		for _, col := range cols[1:] {
			for alt := range strings.SplitSeq(col, " / ") {
				term := strings.Join(Words(alt), " ")
				if _, ok := lex.English(term); ok {
					if len(lex.Lookup(term)) == 0 {
						t.Errorf("%q has no concept", term)
					}
				} else {
					english++
				}
			}
		}
	}
	if rows < 2_000 {
		t.Errorf("%d terms in other languages, want 2,000", rows)
	}
	// Loanwords and words that English has for something else.
	if max := rows * len(Languages) / 4; english > max {
		t.Errorf("%d words of other languages are English terms, more than %d", english, max)
	}
}

func TestParseLexiconRefusesTables(t *testing.T) {
	for _, tt := range []struct{ file, text, want string }{
		{"translations.tsv", "apple\tApfel", "translations.tsv:1: 2 columns"},
		{"translations.tsv", "# words\npear\ta\tb\tc\td\te\tf", `translations.tsv:2: "pear" is no term`},
		{"translations.tsv", "apple\tzz\tzz\t \tzz\tzz\tzz", "no word in es"},
		{"translations.tsv", "apple\tzz / \tzz\tzz\tzz\tzz\tzz", "has no word"},
		{"translations.tsv", "apple\tb\tc\td\te\tf\tg\napple\tb\tc\td\te\tf\tg", "already at line 1"},
		{"function-words.tsv", "xx\tder", "function-words.tsv:1: want"},
		{"function-words.tsv", "de\tder, in der", `"in der" is not one word`},
		{"function-words.tsv", "en\tapple", `"apple" is a term`},
	} {
		_, err := ParseLexicon(fstest.MapFS{"a.txt": {Data: []byte("fruit: apple")}, tt.file: {Data: []byte(tt.text)}})
		var le *LexiconError
		if !errors.As(err, &le) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want a LexiconError with %q", tt.text, err, tt.want)
		}
	}
	lex, err := ParseLexicon(fstest.MapFS{
		"a.txt":              {Data: []byte("fruit: apple, date\ntime: hour, date, days")},
		"translations.tsv":   {Data: []byte("apple\tApfel / Äpfel\tpomme\tmanzana\tmela\tmaçã\tappel\nhour\tStunde\theure\thora\tora\thora\tdate")},
		"function-words.tsv": {Data: []byte("de\tder, und\nen\tday")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for term, want := range map[string]int{"apfel": 0, "hora": 1} {
		if got := lex.Lookup(term); !slices.Equal(got, []int{want}) {
			t.Errorf("Lookup(%q) = %v, want %d", term, got, want)
		}
	}
	if got := lex.Lookup("date"); len(got) != 2 { // Dutch says "date" for nothing: English has it
		t.Errorf("Lookup(date) = %v", got)
	}
	if got := lex.Lookup("day"); got != nil {
		t.Errorf("Lookup(day) = %v, a word that is no term whatever its stems", got)
	}
	if got := lex.FunctionWords(); !slices.Equal(got, []string{"der", "und"}) {
		t.Errorf("FunctionWords = %q", got)
	}
}

// The model in the program was made from the lexicon as it stands.
func TestModelFitsLexicon(t *testing.T) {
	raw, err := fs.ReadFile(ModelFS(), "config.json")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Digest string `json:"lexicon_digest"`
	}
	if err := json.Unmarshal(raw, &config); err != nil {
		t.Fatal(err)
	}
	digest, err := LexiconDigest(os.DirFS("lexicon"))
	if err != nil {
		t.Fatal(err)
	}
	if config.Digest != digest {
		t.Errorf("the model was made from the lexicon %s, which is now %s; make it again: make model TEACHER=DIR", config.Digest, digest)
	}
}

func TestParseLexiconRefuses(t *testing.T) {
	var names []string
	for i := range maxAncestors + 1 {
		names = append(names, fmt.Sprintf("c%d", i))
	}
	for _, tt := range []struct{ name, text, want string }{
		{"no colon", "fruit: apple\nfish", "a.txt:2: no colon"},
		{"no concept", ": apple", "a.txt:1: no concept"},
		{"unknown parent", "fruit < food: apple", `a.txt:1: concept "fruit" has the parent "food"`},
		{"twice", "fruit: apple\n\nfruit: pear", `a.txt:3: concept "fruit" is already at a.txt:1`},
		{"cycle", "a1 < b1: x1\nb1 < c1: y1\nc1 < a1: z1", "is its own ancestor"},
		{"own parent", "a1 < a1: x1", "is its own ancestor"},
		{"too deep", chain(100), "more than 32 steps"},
		{"too many parents", "a < " + strings.Join(names, ", ") + ": x\n" + strings.Join(names, ": y\n") + ": y", "more than 256 concepts above it"},
		{"too many ancestors", "a < b: x\nb < " + strings.Join(names[:maxAncestors], ", ") + ": x\n" + strings.Join(names, ": y\n") + ": y", `"b" has more than 256 concepts above it`},
		{"long phrase", "fruit: a b c d e f g h i", "more than 8 words"},
		{"long line", "fruit: " + strings.Repeat("x", maxLexiconLine), "a.txt:1: "},
	} {
		_, err := parse(t, tt.text)
		var le *LexiconError
		if !errors.As(err, &le) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want a LexiconError with %q", tt.name, err, tt.want)
		}
	}
}

// chain is concepts each of which has the next as its parent.
func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "c%d < c%d: x%d\n", i, i+1, i)
	}
	fmt.Fprintf(&b, "c%d: x\n", n)
	return b.String()
}

func TestAncestors(t *testing.T) {
	lex, err := parse(t, "food: eat\nshop: buy\nfruit < food, shop: apple\ncitrus < fruit: lemon")
	if err != nil {
		t.Fatal(err)
	}
	share := ancestorDecay * 0.7071067811865475
	want := []Weighted{{0, ancestorDecay * share}, {1, ancestorDecay * share}, {2, ancestorDecay}, {3, 1}}
	got := lex.Ancestors(3)
	if len(got) != len(want) {
		t.Fatalf("Ancestors(citrus) = %v, want %v", got, want)
	}
	for i := range want {
		if got[i].Concept != want[i].Concept || got[i].Weight-want[i].Weight > 1e-12 || want[i].Weight-got[i].Weight > 1e-12 {
			t.Errorf("Ancestors(citrus) = %v, want %v", got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"Don't  stop", "do not stop"},
		{"can't won't isn't", "can not will not is not"},
		{"Anna's crème brûlée", "anna creme brulee"},
		{"C++ and C#, f# too", "c++ and c# f# too"},
		{"c + d # e", "c d e"},
		{"we'll they’ve o'clock", "we they oclock"},
		{"e-mail: a_b 3.5kg", "e mail a b 3 5kg"},
		{"日本 и ÉCOLE", "日本 и ecole"},
		{"'quoted'", "quoted"},
	} {
		if got := strings.Join(Words(tt.text), " "); got != tt.want {
			t.Errorf("Words(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestStems(t *testing.T) {
	for w, want := range map[string]string{
		"berries": "berry", "dishes": "dish", "stopped": "stop", "baking": "bake", "running": "run",
		"cat": "", "apple": "apples", "quickly": "quick", "painter": "paint", "lady": "ladies",
	} {
		got := Stems(w)
		if want == "" && got != nil || want != "" && !slices.Contains(got, want) {
			t.Errorf("Stems(%q) = %q, want %q among them", w, got, want)
		}
	}
}

func TestInflections(t *testing.T) {
	for term, want := range map[string]string{
		"invoice": "invoices", "acme pay": "acme pays", "query": "queries", "key": "keys", "box": "boxes", "batch": "batches",
		"wish": "wishes", "news": "", "go": "", "": "", "c++": "c++s", "ÿy": "ÿies",
	} {
		got := Inflections(term)
		if got[0] != term || len(got) > 2 || strings.Join(got[1:], " ") != want {
			t.Errorf("Inflections(%q) = %q, want %q after the term", term, got, want)
		}
	}
}

func FuzzParseLexicon(f *testing.F) {
	f.Add("fruit < food: apple, pear\nfood: eat\n# comment\n")
	f.Add("a<a:b")
	f.Fuzz(func(t *testing.T, text string) {
		lex, err := ParseLexicon(fstest.MapFS{"a.txt": {Data: []byte(text)}})
		if err != nil {
			return
		}
		for _, term := range lex.Terms() {
			if len(lex.Lookup(term)) == 0 {
				t.Fatalf("term %q has no concept", term)
			}
			if strings.Join(Words(term), " ") != term {
				t.Fatalf("term %q is not as Words gives it: %q", term, Words(term))
			}
		}
	})
}
