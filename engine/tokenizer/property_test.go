package tokenizer

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// TestWordPieceGreedy compares the model with its definition.
func TestWordPieceGreedy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.StringMatching(`(##)?[ab#é中]{1,4}`)
		vocab := rapid.SliceOfNDistinct(piece, 0, 40, rapid.ID).Draw(t, "vocab")
		prefix := rapid.SampledFrom([]string{"##", "", "#", "zz"}).Draw(t, "prefix")
		longest := rapid.IntRange(0, 9).Draw(t, "longest")
		ids := map[string]uint32{"[UNK]": 0}
		entries := []string{`"[UNK]": 0`}
		for i, p := range vocab {
			ids[p] = uint32(i + 1)
			entries = append(entries, fmt.Sprintf("%q: %d", p, i+1))
		}
		tok, err := Parse(fmt.Appendf(nil, `{"pre_tokenizer": {"type": "WhitespaceSplit"}, "model": {"type": "WordPiece",
			"continuing_subword_prefix": %q, "max_input_chars_per_word": %d, "vocab": {%s}}}`, prefix, longest, strings.Join(entries, ", ")))
		if err != nil {
			t.Fatal(err)
		}
		for token, id := range ids {
			if got, ok := tok.ID(token); !ok || got != id {
				t.Fatalf("ID(%q) = %d, %v, want %d", token, got, ok, id)
			}
			if got, ok := tok.Token(id); !ok || got != token {
				t.Fatalf("Token(%d) = %q, %v, want %q", id, got, ok, token)
			}
		}
		var want []uint32
		words := rapid.SliceOf(rapid.StringMatching(`[ab#é中x]{1,10}`)).Draw(t, "words")
		for _, word := range words {
			want = append(want, greedy(ids, prefix, longest, word)...)
		}
		if got := tok.Encode(strings.Join(words, " "), false); !slices.Equal(got, want) {
			t.Fatalf("%q: %v, want %v", words, got, want)
		}
	})
}

func greedy(ids map[string]uint32, prefix string, longest int, word string) []uint32 {
	if len([]rune(word)) > longest {
		return []uint32{0}
	}
	var out []uint32
	for start := 0; start < len(word); {
		end := len(word)
		for ; end > start; end-- {
			piece := word[start:end]
			if start > 0 {
				piece = prefix + piece
			}
			if id, ok := ids[piece]; ok {
				out = append(out, id)
				break
			}
		}
		if end == start {
			return []uint32{0}
		}
		start = end
	}
	return out
}

// TestForms compares the normalization forms with package norm, where the
// versions of Unicode and the stream-safe format make no difference.
func TestForms(t *testing.T) {
	oneThread(t)
	chars := loadCharacters()
	newer := parseRanges(newerDecompositions)
	comparable := func(r rune) bool {
		class := norm.NFD.PropertiesString(string(r)).CCC()
		return !unicode.Is(newer, r) && (class != 0) == (chars.has(r, combining))
	}
	forms := []struct {
		name string
		form norm.Form
		ours normalizer
	}{
		{"NFC", norm.NFC, newUnicodeForm(false, true)},
		{"NFD", norm.NFD, newUnicodeForm(false, false)},
		{"NFKC", norm.NFKC, newUnicodeForm(true, true)},
		{"NFKD", norm.NFKD, newUnicodeForm(true, false)},
	}
	check := func(t interface{ Fatalf(string, ...any) }, s string) {
		for _, f := range forms {
			if got, want := string(f.ours.appendNormalized(nil, s)), f.form.String(s); got != want {
				t.Fatalf("%s of %+q is %+q, want %+q", f.name, s, got, want)
			}
		}
	}
	composed := []rune{}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if 0xd800 <= r && r <= 0xdfff || !comparable(r) {
			continue
		}
		// Alone, and with its own decomposition.
		check(t, string(r))
		if s := string(r); norm.NFKD.String(s) != s {
			check(t, norm.NFD.String(s)+norm.NFKD.String(s))
			composed = append(composed, r)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		drawn := rapid.SliceOfN(rapid.OneOf(
			rapid.SampledFrom(composed),
			rapid.RuneFrom(nil, unicode.M),
			rapid.RuneFrom([]rune("aeiouAK\u1100\u1161\u11a8\u0c46\u0cc6\u1025")),
		), 0, 12).Draw(t, "text")
		check(t, string(slices.DeleteFunc(drawn, func(r rune) bool { return !comparable(r) })))
	})
}

// TestConcurrent encodes the same texts from several goroutines: under the
// race detector it shows that they share nothing they write to.
func TestConcurrent(t *testing.T) {
	for name, data := range ours(t) {
		tok := parse(t, data)
		var want [][]uint32
		for _, text := range fragments {
			want = append(want, tok.Encode(text, false))
		}
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				var ids []uint32
				for i, text := range fragments {
					if ids = tok.AppendIDs(ids[:0], text); !slices.Equal(ids, want[i]) {
						t.Errorf("%s: %+q gives %v, alone %v", name, text, ids, want[i])
					}
				}
			})
		}
		wait.Wait()
	}
}

func TestAppendIDsDoesNotAllocate(t *testing.T) {
	if testing.CoverMode() != "" || raceEnabled {
		t.Skip("coverage and the race detector allocate themselves")
	}
	texts := slices.Concat(noteTexts, []string{"a[SEP]b", "bad \xff bytes", "e\u0301\u0323 한국어 İ ﬁ 〮\u302e\u0301", strings.Repeat("unaffordable ", 100)})
	for name, data := range ours(t) {
		tok := parse(t, data)
		ids := make([]uint32, 0, 1<<14)
		for _, text := range texts {
			ids = tok.AppendIDs(ids[:0], text) // grows the scratch
		}
		allocs := testing.AllocsPerRun(100, func() {
			for _, text := range texts {
				ids = tok.AppendIDs(ids[:0], text)
			}
		})
		if allocs >= 1 {
			t.Errorf("%s: %v allocations for %d texts, want none", name, allocs, len(texts))
		}
	}
}
