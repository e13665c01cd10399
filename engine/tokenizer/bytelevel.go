package tokenizer

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// byteLevel writes a visible character for each byte, as GPT-2 does: a
// printable Latin-1 character for itself, and those from U+0100 on for the
// other bytes in their order.
type byteLevel struct{ table *[256]string }

// loadByteLevel returns the one table there is; it is read only.
var loadByteLevel = sync.OnceValue(func() byteLevel {
	var table [256]string
	next := rune(0x100)
	for c := range rune(256) {
		if '!' <= c && c <= '~' || '¡' <= c && c <= '¬' || '®' <= c && c <= 'ÿ' {
			table[c] = string(c)
			continue
		}
		table[c] = string(next)
		next++
	}
	return byteLevel{&table}
})

func (b byteLevel) appendNormalized(dst []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; '!' <= c && c <= '~' {
			dst = append(dst, c)
		} else {
			s := b.table[c] // two bytes
			dst = append(dst, s[0], s[1])
		}
	}
	return dst
}

func (b byteLevel) appendRewritten(dst []byte, word string, _ bool) []byte {
	return b.appendNormalized(dst, word)
}

func (byteLevel) growth() float64 { return 2 }

// prefixBlank puts a blank before a word that does not begin with one.
type prefixBlank struct{}

func (prefixBlank) appendRewritten(dst []byte, word string, _ bool) []byte {
	if word[0] != ' ' {
		dst = append(dst, ' ')
	}
	return append(dst, word...)
}

func (prefixBlank) growth() float64 { return 1 }

func (c *preTokenizerConfig) byteLevel() []step {
	var steps []step
	if c.AddPrefixSpace != nil && *c.AddPrefixSpace {
		steps = append(steps, step{rewriter: prefixBlank{}})
	}
	if c.UseRegex == nil || *c.UseRegex { // older files do not state it
		steps = append(steps, step{cutter: gpt2Words{loadCharacters()}})
	}
	return append(steps, step{rewriter: loadByteLevel()})
}

// gpt2Words is the regular expression
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// by hand: this is where most of the time of a byte-level tokenizer went.
type gpt2Words struct{ chars *characters }

func (g gpt2Words) appendWords(dst []span, text string, base int) []span {
	for at := 0; at < len(text); {
		n := contraction(text[at:])
		if n == 0 {
			n = g.word(text[at:])
		}
		dst = append(dst, span{base + at, base + at + n})
		at += n
	}
	return dst
}

// contraction returns the length of the 's, 't, 're, 've, 'm, 'll or 'd that
// text begins with, or 0.
func contraction(text string) int {
	if text[0] != '\'' || len(text) < 2 {
		return 0
	}
	switch text[1] {
	case 's', 't', 'm', 'd':
		return 2
	case 'r', 'v', 'l':
		if rest := text[1:]; strings.HasPrefix(rest, "re") || strings.HasPrefix(rest, "ve") || strings.HasPrefix(rest, "ll") {
			return 3
		}
	}
	return 0
}

// word returns the length of the word that text begins with: a run of letters,
// of numbers or of other characters, each with one blank before it, or a run
// of white space. That leaves its last character to the next word unless it
// is the only one or nothing follows.
func (g gpt2Words) word(text string) int {
	at := 0
	if text[0] == ' ' && len(text) > 1 {
		if kind, _ := g.kind(text[1:]); kind != space {
			at = 1
		}
	}
	kind, size := g.kind(text[at:])
	last := at // where the last character of the run begins
	for next := kind; next == kind; {
		last, at = at, at+size
		if at == len(text) {
			return at
		}
		next, size = g.kind(text[at:])
	}
	if kind == space && last > 0 {
		return last
	}
	return at
}

// kind returns the property that the first character of text has of letter,
// number and space, 0 for none of them, and its length.
func (g gpt2Words) kind(text string) (property, int) {
	r, size := rune(text[0]), 1
	if r >= utf8.RuneSelf {
		r, size = utf8.DecodeRuneInString(text)
	}
	if uint32(r) < smallRunes {
		return g.chars.small[r] & (letter | number | space), size
	}
	switch {
	case g.chars.has(r, letter):
		return letter, size
	case g.chars.has(r, number):
		return number, size
	}
	return 0, size // there is no white space beyond
}
