package static_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine/static"
	"sheaf/models/builtin"
)

func openBuiltin(t testing.TB) *static.Model {
	t.Helper()
	m, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// cosines embeds the texts and returns a function that compares two of them.
func cosines(t *testing.T, m *static.Model, texts ...string) func(i, j int) float32 {
	t.Helper()
	e, err := m.Embed(t.Context(), texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Empty) > 0 {
		t.Errorf("texts %v of %q have no vector", e.Empty, texts)
	}
	row := func(i int) blas32.Vector {
		return blas32.Vector{N: e.Vectors.Cols, Inc: 1, Data: e.Vectors.Data[i*e.Vectors.Stride:]}
	}
	return func(i, j int) float32 { return blas32.Dot(row(i), row(j)) }
}

func conceptsOf(m *static.Model, text string) (names []string) {
	terms, _ := m.Terms(text)
	for _, term := range terms {
		for _, c := range term.Concepts {
			names = append(names, m.Lexicon().Concepts[c].Name)
		}
	}
	return names
}

// A word of another language lies where its English one does.
func TestOtherLanguages(t *testing.T) {
	m := openBuiltin(t)
	for english, others := range map[string][]string{
		"apples and pears": {"Äpfel und Birnen", "pommes et poires", "manzanas y peras", "mele e pere", "maçãs e peras", "appels en peren"},
		"pay the bill":     {"die Rechnung bezahlen", "payer la facture", "pagar la factura", "pagare la bolletta", "pagar a conta", "de rekening betalen"},
	} {
		for _, other := range others {
			cos := cosines(t, m, english, other, "the dog barks at the cat")
			if same, different := cos(0, 1), cos(1, 2); same < 0.4 || same < different+0.3 {
				t.Errorf("%q has the cosine %.2f to %q and %.2f to something else", other, same, english, different)
			}
		}
	}
	// A function word of another language means nothing in that language and
	// what it means in English there.
	german := conceptsOf(m, "die Rechnung bezahlen")
	for _, c := range conceptsOf(m, "die") {
		if slices.Contains(german, c) {
			t.Errorf("the German article is a word of %q", c)
		}
	}
	if len(conceptsOf(m, "die")) == 0 {
		t.Error("the English verb is of no concept: the test shows nothing")
	}
}

// A word that is put together is of the kind of its last part, where nothing
// better is known of it.
func TestCompounds(t *testing.T) {
	m := openBuiltin(t)
	for compound, want := range map[string]string{"Roggenbrot": "bread", "Vollmilch": "milk", "moestuinstoel": "chair"} {
		cos := cosines(t, m, compound, want, "football")
		if like, other := cos(0, 1), cos(0, 2); like < 0.6 || like < other+0.3 {
			t.Errorf("%q has the cosine %.2f to %q and %.2f to football", compound, like, want, other)
		}
		if c := conceptsOf(m, compound); len(c) > 0 {
			t.Errorf("%q is a term of %q: its part is", compound, c)
		}
	}
	// It says nothing beside a word that is known, and a name at the end of a
	// word is no name.
	cos := cosines(t, m, "Roggenbrot bicycle", "bicycle", "bread", "zzmarie", "Marie")
	if cos(0, 1) < cos(0, 2)+0.3 {
		t.Errorf("cosine %.2f to the known word, %.2f to what the other is put together of", cos(0, 1), cos(0, 2))
	}
	if c := cos(3, 4); c > 0.5 {
		t.Errorf("a word that ends in a name has the cosine %.2f to it", c)
	}
}

// "won't" does not speak of money.
func TestNegation(t *testing.T) {
	m := openBuiltin(t)
	if c := conceptsOf(m, "won"); len(c) == 0 {
		t.Fatal("won is of no concept: the test shows nothing")
	}
	for _, text := range []string{"it won't", "it won’t"} {
		if c := conceptsOf(m, text); len(c) > 0 {
			t.Errorf("%q is of %q", text, c)
		}
	}
}

// No word is lost while it has letters: what no piece of the vocabulary spells
// gets a vector by its letters, alike for words that look alike.
func TestUnknownWords(t *testing.T) {
	m := openBuiltin(t)
	cos := cosines(t, m, "ქართული ენა", "ქართულად ენა", "საყიდლების სია", "ꙮ", strings.Repeat("ქ", 300), "milk ქართული", "milk")
	if alike, other := cos(0, 1), cos(0, 2); alike < other+0.2 {
		t.Errorf("words alike have the cosine %.2f, others %.2f", alike, other)
	}
	if c := cos(5, 6); c < 0.6 {
		t.Errorf("an unknown word hides a known one: cosine %.2f", c)
	}
	if ids := m.AppendTokens(nil, "ქართული"); len(ids) != 0 {
		t.Errorf("tokens %v", ids)
	}
}

func TestSymbols(t *testing.T) {
	m := openBuiltin(t)
	cos := cosines(t, m, "🍎", "apple", "milk🥛", "milk milk", "❤️", "love", "👍", "👍🏽", "🦖🦕")
	for _, pair := range [][2]int{{0, 1}, {2, 3}, {4, 5}, {6, 7}} {
		if c := cos(pair[0], pair[1]); c < 0.999 {
			t.Errorf("texts %v have the cosine %.4f", pair, c)
		}
	}
}

// All kinds of things that stand in notes have a vector, near their like.
func TestKindsOfThings(t *testing.T) {
	m := openBuiltin(t)
	for _, tt := range [][3]string{ // two of a kind, and another
		{"Gillian Gilbert", "Thomas Müller", "asphalt"},
		{"Lisbon", "Copenhagen", "bread"},
		{"12 March", "Monday 3 June 2024", "hamsters"},
		{"https://example.com/a?b=1", "www.example.org", "pears"},
		{"fmt.Println(x)", "func main() { return }", "buy milk"},
		{"anna@example.com", "bob@example.org", "three kilometres"},
		{"42", "1,337.50", "the cat sleeps"},
	} {
		cos := cosines(t, m, tt[0], tt[1], tt[2])
		if like, other := cos(0, 1), max(cos(0, 2), cos(1, 2)); like <= other {
			t.Errorf("%q has the cosine %.2f to %q, and one of them %.2f to %q", tt[0], like, tt[1], other, tt[2])
		}
	}
}

// FuzzEmbed: whatever the text, its vector has length one or is said to be
// empty, and has nothing that is no number.
func FuzzEmbed(f *testing.F) {
	for _, s := range []string{"milk🥛", "ქართული", "won't", "die die", "\xff\xfe", "e\u0301\u200d", "👨‍👩‍👧", "a\x00b"} {
		f.Add(s)
	}
	m := openBuiltin(f)
	f.Fuzz(func(t *testing.T, text string) {
		e, err := m.Embed(t.Context(), []string{text}, nil)
		if err != nil {
			t.Fatal(err)
		}
		length := blas32.Nrm2(blas32.Vector{N: e.Vectors.Cols, Inc: 1, Data: e.Vectors.Data})
		if want := float32(1 - len(e.Empty)); !(length > want-1e-4 && length < want+1e-4) {
			t.Fatalf("%q has length %v, want %v", text, length, want)
		}
		if fmt.Sprint(m.AppendTokens(nil, text)) != fmt.Sprint(m.AppendTokens([]uint32{}, text)) {
			t.Fatal("tokens depend on what they are appended to")
		}
	})
}
