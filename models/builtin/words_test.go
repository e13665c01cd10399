package builtin

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The quick way for plain texts gives the words of the general one, which an
// apostrophe that is in no word takes.
func TestPlainWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zA-Z0-9 .,\n-]{0,60}`).Draw(t, "text")
		quick, ok := plainWords(fold(text))
		if want := Words("' " + text); !ok || !slices.Equal(quick, want) || !slices.Equal(Words(text), want) {
			t.Fatalf("%q is %q, want %q", text, quick, want)
		}
	})
	for _, text := range []string{"can't", "c++", "f# and c#", "日本"} {
		if _, ok := plainWords(fold(text)); ok {
			t.Errorf("%q is taken to be plain", text)
		}
	}
}
