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

func parse(t *testing.T, text string) (*Lexicon, error) {
	t.Helper()
	return ParseLexicon(fstest.MapFS{"a.txt": {Data: []byte(text)}})
}

func TestEmbeddedLexicon(t *testing.T) {
	lex, err := ParseLexicon(os.DirFS("lexicon"))
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range lex.Concepts {
		if len(c.Terms) < 3 {
			t.Errorf("%s: concept %q has only the terms %q", c.Source, c.Name, c.Terms)
		}
		if len(lex.Ancestors(i)) == 0 {
			t.Errorf("%s: concept %q is not its own ancestor", c.Source, c.Name)
		}
	}
	for _, term := range lex.Terms() {
		if n := len(lex.Lookup(term)); n > 6 {
			t.Errorf("term %q is in %d concepts; it tells none of them apart", term, n)
		}
	}
	for term, want := range map[string]string{"pears": "fruit", "hamsters": "pets", "kilometers": "length units", "rebar": "building materials", "omega": "greek letters"} {
		var names []string
		for _, c := range lex.Lookup(term) {
			names = append(names, lex.Concepts[c].Name)
		}
		if !slices.Contains(names, want) {
			t.Errorf("%q is in %q, want %q among them", term, names, want)
		}
	}
}

// The next lexicon keeps the rules too.
func TestNextLexicon(t *testing.T) {
	lex, err := ParseLexicon(os.DirFS("lexicon/next"))
	if err != nil {
		t.Fatal(err)
	}
	terms := lex.Terms()
	for _, term := range terms {
		if n := len(lex.Lookup(term)); n > 6 {
			t.Errorf("term %q is in %d concepts", term, n)
		}
	}
	if len(lex.Concepts) < 1_600 || len(terms) < 70_000 {
		t.Errorf("%d concepts and %d terms: a part is missing", len(lex.Concepts), len(terms))
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
	for _, tt := range []struct{ name, text, want string }{
		{"no colon", "fruit: apple\nfish", "a.txt:2: no colon"},
		{"no concept", ": apple", "a.txt:1: no concept"},
		{"unknown parent", "fruit < food: apple", `a.txt:1: concept "fruit" has the parent "food"`},
		{"twice", "fruit: apple\n\nfruit: pear", `a.txt:3: concept "fruit" is already at a.txt:1`},
		{"cycle", "a1 < b1: x1\nb1 < c1: y1\nc1 < a1: z1", "is its own ancestor"},
		{"own parent", "a1 < a1: x1", "is its own ancestor"},
		{"too deep", chain(100), "more than 32 steps"},
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
