package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// maxMarks bounds the characters without a width of their own (combining
// marks, joiners) in a row, so that no text paints over the lines around it. 30 is the bound of Unicode's stream-safe
// text format (UAX #15, section 13), far above what any language needs.
const maxMarks = 30

// clean makes a text safe to print. Runs of white space become one space, or
// one line break where there was one and lines is true. Control characters,
// among them those that begin an escape sequence, and the characters that
// change the direction of what follows become visible as \x1b or \u202e.
// Characters that show nothing and whose width terminals do not agree on, such
// as the soft hyphen, are left out.
func clean(text string, lines bool) string {
	if printableASCII(text) {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	var space rune // pending white space: 0, ' ' or '\n'
	marks := 0
	for _, r := range text {
		if isSpace(r) {
			if lines && isBreak(r) {
				space = '\n'
			} else if space == 0 {
				space = ' '
			}
			continue
		}
		if isHidden(r) {
			continue
		}
		if !isMark(r) {
			marks = 0
		} else if marks++; marks > maxMarks {
			continue
		}
		if space != 0 && b.Len() > 0 {
			b.WriteRune(space)
		}
		space = 0
		switch {
		case r < 0x80 && unicode.IsControl(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		case unicode.IsControl(r) || isDirection(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r) // U+FFFD for a byte that is not UTF-8
		}
	}
	return b.String()
}

// printableASCII tells whether clean would change nothing: no byte outside
// the printable ones, no space at an end and no two together.
func printableASCII(s string) bool {
	before := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && before == ' ' {
			return false
		}
		before = c
	}
	return before != ' ' || s == ""
}

func isBreak(r rune) bool {
	return r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == 0x85 || r == 0x2028 || r == 0x2029
}

// isSpace is unicode.IsSpace, but for the spaces that hold words together.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) && r != 0xa0 && r != 0x202f && r != 0x2007
}

// isMark tells of what attaches to the character before it: marks, format
// characters (the joiners of emoji among them), skin tones.
func isMark(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) || 0x1f3fb <= r && r <= 0x1f3ff
}

// isDirection tells of the embeddings, overrides and isolates of the
// bidirectional algorithm and their deprecated kin. The plain direction marks
// (U+200E, U+200F, U+061C) are ordinary in Hebrew and Arabic text and reach
// no further than their neighbours.
func isDirection(r rune) bool {
	return 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x206f
}

// isHidden tells of characters without a glyph: soft hyphen, zero-width space
// and no-break space, word joiner and invisible operators, Hangul and other
// fillers, annotation marks, tags.
func isHidden(r rune) bool {
	switch {
	case r == 0xad, r == 0x34f, r == 0x115f, r == 0x1160, r == 0x180e, r == 0x200b,
		0x2060 <= r && r <= 0x2064, r == 0x3164, r == 0xfeff, r == 0xffa0,
		0xfff9 <= r && r <= 0xfffb, 0xe0000 <= r && r <= 0xe007f:
		return true
	}
	return false
}

// columns is the width of a clean text in a terminal.
func columns(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return uniseg.StringWidth(s) + soundMarks(s)
		}
	}
	return len(s)
}

// soundMarks counts the half-width sound marks of Japanese. They belong to the
// character before them, and uniseg gives them no width, but in a terminal
// each has a column of its own.
func soundMarks(s string) int {
	return strings.Count(s, "\uff9e") + strings.Count(s, "\uff9f")
}

// cut shortens a clean text of one line to a width, with a mark at the end
// where something is missing. The mark has to fit into the width.
func cut(s string, width int, mark string) string {
	if len(s) <= width || columns(s) <= width {
		return s
	}
	room := width - columns(mark)
	rest, state, end, w := s, -1, 0, 0
	for rest != "" {
		var cluster string
		var cw int
		cluster, rest, cw, state = uniseg.FirstGraphemeClusterInString(rest, state)
		cw += soundMarks(cluster)
		if w+cw > room {
			break
		}
		w += cw
		end += len(cluster)
	}
	return strings.TrimRight(s[:end], " ") + mark
}

// wrap breaks a clean text into lines of a width: where Unicode allows a line
// to break (UAX #14), else between any two characters.
func wrap(s string, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		lines = append(lines, wrapLine(line, width)...)
	}
	return lines
}

func wrapLine(s string, width int) []string {
	if len(s) <= width || columns(s) <= width {
		return []string{s}
	}
	var lines []string
	var start, pos, chance int // byte offsets: of the line, of the cluster, of the last chance to break
	rest, state, w := s, -1, 0
	for rest != "" {
		cluster, after, bounds, next := uniseg.StepString(rest, state)
		rest, state = after, next
		cw := bounds>>uniseg.ShiftWidth + soundMarks(cluster)
		// A space that does not fit hangs over the edge and is trimmed.
		for w+cw > width && pos > start && cluster != " " {
			end := pos
			if chance > start {
				end = chance
			}
			lines = append(lines, strings.TrimRight(s[start:end], " "))
			start = end
			w = columns(s[start:pos])
		}
		pos += len(cluster)
		w += cw
		if bounds&uniseg.MaskLine != uniseg.LineDontBreak {
			chance = pos
		}
	}
	return append(lines, strings.TrimRight(s[start:], " "))
}
