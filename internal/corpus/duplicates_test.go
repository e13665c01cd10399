package corpus

import (
	"slices"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func docsOf(texts ...string) []Document {
	docs := make([]Document, len(texts))
	for i, text := range texts {
		docs[i].Text = text
	}
	return docs
}

func TestDuplicates(t *testing.T) {
	for _, tt := range []struct {
		texts []string
		want  []int
	}{
		{nil, []int{}},
		{[]string{"a", "b", "a", "A", " a\u200b"}, []int{0, 1, 0, 0, 0}},
		{[]string{"café", "cafe\u0301", "CAFÉ", "cafe"}, []int{0, 0, 0, 3}},
		{[]string{"Straße", "STRASSE", "strasse"}, []int{0, 0, 0}},
		{[]string{"ΌΣΟΣ", "όσος", "όσοσ"}, []int{0, 0, 0}},
		{[]string{"a b", "a  b"}, []int{0, 1}},
	} {
		if got := Duplicates(docsOf(tt.texts...)); !slices.Equal(got, tt.want) {
			t.Errorf("Duplicates(%q) = %v, want %v", tt.texts, got, tt.want)
		}
	}
}

func TestDuplicatesNameTheFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.StringMatching(`[aAéÉßſ]{0,2}`)).Draw(t, "words")
		same := Duplicates(docsOf(words...))
		for i, j := range same {
			if j > i || same[j] != j {
				t.Fatalf("%v: the first of %d is %d, whose first is %d", same, i, j, same[j])
			}
		}
		for i, word := range words {
			words[i] = " " + norm.NFD.String(word) + "\u2060"
		}
		if again := Duplicates(docsOf(words...)); !slices.Equal(same, again) {
			t.Fatalf("decomposed, with blanks: %v, want %v", again, same)
		}
	})
}
