package tokenizer

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const gpt2Regex = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

func mustCompile(t interface{ Fatalf(string, ...any) }, pattern string) *regex {
	r, err := compileRegex(pattern)
	if err != nil {
		t.Fatalf("%s: %v", pattern, err)
	}
	return r
}

// TestGPT2Words compares the words cut by hand with those of the expression.
func TestGPT2Words(t *testing.T) {
	hand := gpt2Words{loadCharacters()}
	expression := newSplit(mustCompile(t, gpt2Regex), isolated, false)
	for _, text := range slices.Concat(fragments, hostileStrings(5, 3000)) {
		got, want := hand.appendWords(nil, text, 3), expression.appendWords(nil, text, 3)
		if !slices.Equal(got, want) {
			t.Errorf("%+q: %v, want %v", text, got, want)
		}
	}
}

// TestRegexFindsAsGo compares with package regexp, for expressions that mean
// the same to it.
func TestRegexFindsAsGo(t *testing.T) {
	atom := rapid.OneOf(
		rapid.StringMatching(`[abc ]`),
		rapid.SampledFrom([]string{".", "[ab]", "[^a]", `\n`, "(ab|c)", "(?:a|bc)", "(?i:aB)", `[\x61-b\-]`, `\.`}),
	)
	pattern := rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		for range rapid.IntRange(1, 5).Draw(t, "atoms") {
			b.WriteString(atom.Draw(t, "atom"))
			b.WriteString(rapid.SampledFrom([]string{"", "", "*", "+", "?", "*?", "{2}", "{1,2}", "|"}).Draw(t, "times"))
		}
		return b.String()
	})
	rapid.Check(t, func(t *rapid.T) {
		p := pattern.Draw(t, "pattern")
		theirs, err := regexp.Compile(p)
		if err != nil {
			t.Skip(err)
		}
		ours := mustCompile(t, p)
		for range 3 {
			text := rapid.StringMatching(`[abcABé .\n-]{0,20}`).Draw(t, "text")
			var want []span
			for _, m := range theirs.FindAllStringIndex(text, -1) {
				want = append(want, span{m[0], m[1]})
			}
			if got := ours.appendFound(nil, text); !slices.Equal(got, want) {
				t.Fatalf("%q in %q: %v, want %v", p, text, got, want)
			}
		}
	})
}

func TestRegexSyntax(t *testing.T) {
	for _, test := range []struct{ pattern, text, want string }{
		{`[^(\s|[.,])]+`, "ab(c d.e|f", "ab c d e f"},
		{`[a[bc]d]+`, "zabcdz", "abcd"},
		{`[]a]`, "a]b", "a ]"},
		{`[\d\-x-z]`, "a-b1y", "- 1 y"},
		{`a{,2}b`, "xaaab", "aab"},
		{`\p{^L}|\P{L}`, "a1b", "1"},
		{`\p{Han}+`, "a中文b", "中文"},
		{`\p{Lu}\p{Ll}`, "aBc", "Bc"},
		{`\x61\u0062\x{63}`, "abc", "abc"},
		{`(?i)a|b`, "aB", "a B"},
		{`$`, "a", ""},
		{`\s+(?!\S)|\s`, "a  b c\t", "\u2423 \u2423 \u2423 \t"},
		{`\w+`, "x²-a\u200db", "x² a b"},
	} {
		var found []string
		for _, f := range mustCompile(t, test.pattern).appendFound(nil, test.text) {
			found = append(found, strings.ReplaceAll(test.text[f.start:f.end], " ", "\u2423"))
		}
		if got := strings.Join(found, " "); got != test.want {
			t.Errorf("%s in %q: %q, want %q", test.pattern, test.text, got, test.want)
		}
	}
	for _, pattern := range []string{
		`(?<=a)b`, `(?=a)`, `(?!a)`, `(?<n>a)`, `(?>a)`, `(?m:a)`, `a++`, `a*+`, `a{2}+`, `a{2,}?`, `a{x}`, `a{`, `a{,}`, `[a`, `[a&&b]`,
		`[[:alpha:]]`, `[b-a]`, `[a-\d]`, `\b`, `\h`, `\1`, `\Z`, `\pL`, `\p{Other}`, `\p{Cn}`, `\p{L`, `\x`, `\xff`, `\x{110000}`, `\u00`, `\`, `a)`,
		`(a`, `*`, `(?i:[^a])`, `a(?i)b`, strings.Repeat("a", maxPattern+1), strings.Repeat("[", 20), `((a{100}){100}){100}`,
	} {
		if _, err := compileRegex(pattern); err == nil {
			t.Errorf("%.40s: no error", pattern)
		}
	}
}

// FuzzRegex compiles any expression and runs it.
func FuzzRegex(f *testing.F) {
	f.Add(gpt2Regex, "it's  2\n", false)
	f.Add(`x*`, "axxb", true)
	f.Add(`(a*)*b|[^(\s|[.,])]+$`, "aaaa\n", false)
	f.Add(`(?i:'S|[\p{Lu}\x{1F600}-\U])`, "ſ", false)
	f.Add(` {2,}|\u0301?`, "\u0301  ", true)
	f.Fuzz(func(t *testing.T, pattern, text string, invert bool) {
		text = string(appendValid(nil, text))
		r, err := compileRegex(pattern)
		if err != nil || len(text) > 1000 {
			return
		}
		last := 0
		for _, m := range r.appendFound(nil, text) {
			if m.start < last || m.end < m.start || m.end > len(text) {
				t.Fatalf("%q in %q: %v after %d", pattern, text, m, last)
			}
			last = m.end
		}
		if !invert {
			words := newSplit(r, isolated, false).appendWords(nil, text, 0)
			var b strings.Builder
			for _, w := range words {
				b.WriteString(text[w.start:w.end])
			}
			if b.String() != text {
				t.Fatalf("%q cuts %q into %v", pattern, text, words)
			}
		}
		for _, behavior := range behaviors {
			newSplit(r, behavior, invert).appendWords(nil, text, 0)
		}
	})
}
