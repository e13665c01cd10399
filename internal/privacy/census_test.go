package privacy

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A name that one conversation has is looked for in the texts of all, a word
// that a few have as a name and many as a word is not.
func TestCensus(t *testing.T) {
	r := New(Options{})
	census := r.NewCensus()
	learn := func(text string) {
		s := r.Session()
		s.RedactAll([]string{text})
		census.Add(s.Strings().Digests())
	}
	learn("My friend Zanthor Quibble called. My name is Pelle Wobblet.")
	learn("My friend Pravdin Quibble called.")
	for i := range 300 {
		text := "list the images of wobblet"
		if i < 20 {
			text += " for zanthor and quibbles" // without a capital, which a recogniser does not see
		}
		census.Count(census.Find(text, text))
	}
	if n := census.Drop(); n != 1 {
		t.Errorf("%d everyday words", n)
	}
	if got := census.Find("wobblet, zanthor and Pravdin!"); !slices.Equal(got, []uint64{hashKey("zanthor"), hashKey("pravdin")}) {
		t.Errorf("%d strings are found", len(got))
	}
	v, err := NewAuditor(r, nil).Audit(t.Context(), Audit{Stage: Summary, Text: "They ask for zanthor's wobblet.", Others: census})
	if err != nil || v.Action != Redact || v.Text != "They ask for [PERSON]'s wobblet." {
		t.Errorf("%+v, %v", v, err)
	}
}

// The first letters decide nothing but whether to look: a census finds in
// any spelling what the strings that it has find.
func TestCensusFindsTheSame(t *testing.T) {
	r := New(Options{})
	words := rapid.SampledFrom([]string{"Müller", "Aeschbacher", "Oe", "Ueli", "O'Connor", "Søren", "Ng", "Żółć", "Traoré", "Jae", "Poelmans", "al-Khatib"})
	rapid.Check(t, func(t *rapid.T) {
		own, census := NewStrings(), r.NewCensus()
		name := fmt.Sprintf("%s %s", words.Draw(t, "first"), words.Draw(t, "last"))
		own.add(Person, name, r)
		census.Add(own.Digests())
		for _, spelling := range []string{name, foldKey(name), foldWords(name)[0]} {
			text := "list of " + spelling + " here"
			a, b := r.find(text, own), r.find(text, census)
			if len(a) != len(b) {
				t.Fatalf("%q: %v, by the census %v", text, a, b)
			}
		}
	})
}

func BenchmarkCensus(b *testing.B) {
	r := New(Options{})
	census := r.NewCensus()
	for i := range 100_000 { // names that do not repeat, as many as a large collection has
		s := NewStrings()
		s.add(Person, fmt.Sprintf("%s%c%c %s%c%c", "Zan Kel Vor Mir Tal Bru Os Pel"[i%8*4%29:][:2], 'a'+i%26, 'a'+i/26%26, "Quib Harn Stol"[i%3*5:][:4], 'a'+i/7%26, 'a'+i/676%26), r)
		census.Add(s.Digests())
	}
	const summary = "The user's overall request for the assistant is to sort a table by date and by place before the rows are joined. The task is to write a query for it."
	b.Run("find", func(b *testing.B) {
		b.SetBytes(int64(len(summary)))
		for b.Loop() {
			census.Find(summary)
		}
	})
	// The floor: reading the text once and looking each word up.
	b.Run("tokens", func(b *testing.B) {
		b.SetBytes(int64(len(summary)))
		for b.Loop() {
			newScan(r, summary)
		}
	})
}
