package privacy

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// What a reader sees is found, however it is written: nothing of the words is
// left, and what surrounds them is.
func TestVeiled(t *testing.T) {
	r := New(Options{})
	for _, c := range []struct {
		text  string
		left  string // words that stay
		gone  string // words that go
		types []Type
	}{
		{"Ja\u200bke Mi\u200bller called me", "called me", "ke ller", []Type{Person}},
		{"ask jake@exa\u200bmple.com too", "ask too", "jake mple", []Type{EmailAddress}},
		{"my number is ０１５１ ２３４５６７８９ now", "my number is now", "０１５１ ２３４５６７８９", []Type{PhoneNumber}},
		{"call ٠١٥١ ٢٣٤٥٦٧٨٩ now", "call now", "٠١٥١ ٢٣٤٥٦٧٨٩", []Type{PhoneNumber}},
		{"card 4111-1111-\n1111-1111 thanks", "card thanks", "4111 1111", []Type{CreditCard}},
		{"card 4111\u200b1111\u200b1111\u200b1111 thanks", "card thanks", "4111 1111", []Type{CreditCard}},
		{"my IBAN is DE89 3704 0044\n0532 0130 00 ok", "my IBAN is ok", "DE89 3704 0532 0130", []Type{IBAN}},
		{"reach me at john dot doe at example dot com please", "reach me at please", "john doe example dot", []Type{EmailAddress}},
		{"mail jane [at] example [dot] org today", "mail today", "jane example dot", []Type{EmailAddress}},
		{"mail jane(at)example.org today", "mail today", "jane example", []Type{EmailAddress}},
		{"mail jane.doe%40example.org today", "mail today", "jane doe example", []Type{EmailAddress}},
		{"mail jane&#64;example.org or jane&commat;example&period;org", "mail or", "jane example", []Type{EmailAddress, EmailAddress}},
		{"see https%3A%2F%2Fexample.org%2Fjane now", "see now", "example jane", []Type{URL}},
		{"look at example.com for more", "look at for more", "example", []Type{URL}},
		{"**Ngozika Adebimpe** and _Hemanth Kuppaswamy_ met", "and met", "Ngozika Adebimpe Hemanth Kuppaswamy", []Type{Person, Person}},
		{`{"name": "Ngozika Adebimpe", "employer": "Paper Crane"}`, "name employer", "Ngozika Adebimpe Paper Crane", []Type{Person, Organization}},
	} {
		red, found := r.Session().Redact(c.text)
		var types []Type
		for _, f := range found {
			types = append(types, f.Type)
		}
		if len(types) != len(c.types) {
			t.Errorf("%q: types %v", red, types)
			continue
		}
		for i := range types {
			if types[i] != c.types[i] {
				t.Errorf("%q: types %v", red, types)
			}
		}
		bare := red
		for _, f := range found {
			bare = strings.ReplaceAll(bare, string(f.Type), "")
		}
		for _, w := range strings.Fields(c.gone) {
			if strings.Contains(bare, w) {
				t.Errorf("%q: %s is left", red, w)
			}
		}
		for _, w := range strings.Fields(c.left) {
			if !strings.Contains(red, w) {
				t.Errorf("%q: %s is gone", red, w)
			}
		}
	}
}

// A placeholder that the user typed stays, and nobody else gets its number.
func TestTypedPlaceholders(t *testing.T) {
	red, _ := New(Options{}).Session().Redact("[PERSON_1] met Ngozika Adebimpe, [PERSON_2] and [PERSON].")
	if red != "[PERSON_1] met [PERSON_3], [PERSON_2] and [PERSON]." {
		t.Errorf("%q", red)
	}
}

// The places of unveil rise, stay within the text, and lie between characters;
// a plain text stays as it is.
func TestUnveil(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"a", "Jake", " ", "\u200b", "\u00ad", "４", "٣", "%40", "%", "&#64;", "&#x4a;", "&#", "é", "𝐉", "\xff", "\xe2\x80", "–", "“"})).Draw(t, "parts"), "")
		plain, back := unveil(text)
		if back == nil {
			if plain != text {
				t.Fatal("changed without places")
			}
			return
		}
		if len(back) != len(plain)+1 || back[len(plain)] != len(text) {
			t.Fatalf("%d places for %d bytes", len(back), len(plain))
		}
		for i := 1; i < len(back); i++ {
			if back[i] < back[i-1] {
				t.Fatal("the places fall")
			}
		}
		for i := range plain {
			if utf8.ValidString(text) && !utf8.RuneStart(text[min(back[i], len(text)-1)]) {
				t.Fatal("a place inside a character")
			}
		}
		if again, _ := unveil(plain); len(again) > len(plain) {
			t.Fatal("grows")
		}
	})
}
