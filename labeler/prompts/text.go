package prompts

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line makes a text safe to stand within a fence of a prompt: one line, no
// control characters, and none of the ASCII brackets with which chat
// templates and this package's fences are spelt, so that no text can end its
// fence or pass for a turn of the conversation. They become ‹ › ( ).
func Line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '<':
			return '‹'
		case r == '>':
			return '›'
		case r == '[':
			return '('
		case r == ']':
			return ')'
		case unicode.IsSpace(r):
			return ' '
		case r == '\u200c' || r == '\u200d': // Persian and Hindi are spelt with these
			return r
		case r == utf8.RuneError, unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// Tokens estimates how many tokens a model makes of s, rather too many than
// too few: one for three bytes of Latin letters, one for a Chinese, Japanese
// or Korean character, one for two bytes of any other script. The count of a
// sum is at most the sum of the counts.
func Tokens(s string) int {
	var c counter
	for i, r := range s {
		c.add(s[i:], r)
	}
	return c.tokens()
}

// A counter is what Tokens knows after some runes: bytes of Latin letters and
// of other scripts, and East Asian characters.
type counter struct{ latin, east, other int }

func (c *counter) tokens() int { return (c.latin+2)/3 + c.east + (c.other+1)/2 }

// add counts r, the first rune of s.
func (c *counter) add(s string, r rune) {
	size := utf8.RuneLen(r)
	if r == utf8.RuneError { // perhaps a byte that is no UTF-8
		_, size = utf8.DecodeRuneInString(s)
	}
	switch {
	case r < 0x250: // Basic Latin up to Latin Extended-B
		c.latin += size
	case 0x3000 <= r && r <= 0x30ff, 0x3400 <= r && r <= 0x9fff, 0xac00 <= r && r <= 0xd7af,
		0xf900 <= r && r <= 0xfaff, 0xff00 <= r && r <= 0xffef, 0x20000 <= r && r <= 0x3ffff:
		c.east++
	default:
		c.other += size
	}
}

// Clip returns s if it has at most max tokens by [Tokens], else its beginning
// with "…" after it. max counts the mark too; below 2 nothing fits.
func Clip(s string, max int) string {
	if Tokens(s) <= max {
		return s
	}
	const mark = "…"
	max -= Tokens(mark)
	if max <= 0 {
		return ""
	}
	var c counter
	for i, r := range s {
		if c.add(s[i:], r); c.tokens() <= max {
			continue
		}
		if i == 0 {
			return ""
		}
		return strings.TrimSpace(s[:i]) + mark
	}
	return s
}
