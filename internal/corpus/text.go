package corpus

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// trim removes what nobody sees from both ends of a note: white space, and
// the zero-width characters that copying from web pages and editors leaves.
// Joiners and directional marks stay, they can belong to the word beside them.
func trim(s string) string {
	return strings.TrimFunc(s, isSpace)
}

func isSpace(r rune) bool {
	switch r {
	case '\u180e', '\u200b', '\u2060', '\ufeff':
		return true
	}
	return unicode.IsSpace(r)
}

// isBlank reports whether s shows nothing at all.
func isBlank(s string) bool {
	for _, r := range s {
		if isVisible(r) {
			return false
		}
	}
	return true
}

func isVisible(r rune) bool {
	if r > ' ' && r < utf8.RuneSelf {
		return r != '\u007f'
	}
	switch r {
	case '\u034f', '\u115f', '\u1160', '\u2800', '\u3164', '\uffa0': // fillers: letters and signs without ink
		return false
	}
	return !unicode.In(r, unicode.White_Space, unicode.Cc, unicode.Cf, unicode.Variation_Selector)
}

// nextLine cuts the first line off s, without its newline.
func nextLine(s string) (line, rest string) {
	line, rest, _ = strings.Cut(s, "\n")
	return line, rest
}

// countOf returns "1 line", "2 lines".
func countOf(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// A lineCounter turns growing byte offsets into line numbers, reading the
// text once.
type lineCounter struct {
	text   string
	offset int
	before int // newlines before offset
}

// at returns the number of the line, from 1, that holds the byte at offset.
// Offsets must not shrink from call to call.
func (c *lineCounter) at(offset int) int {
	c.before += strings.Count(c.text[c.offset:offset], "\n")
	c.offset = offset
	return c.before + 1
}
