package corpus

import (
	"strings"
	"unicode/utf8"
)

// EscapeMarkdown returns text so that it can stand after "- " in a Markdown
// list, and reads as the same note again:
//
//   - a line that begins with a mark (a bullet, a number, a check box, a task
//     word, "# ", ">", a code fence, a divider, a property of Logseq) gets a
//     backslash before it, and "1." becomes "1\.";
//   - a line that begins with a backslash that would be taken for one of these
//     gets another;
//   - the lines after the first are indented by two spaces.
//
// text is taken as ReadNotes gives it: without white space around it.
func EscapeMarkdown(text string) string {
	if !strings.ContainsAny(text, "\n\r\x00") {
		return escapeLine(text)
	}
	text = strings.ReplaceAll(unixLines(text), "\x00", replacement) // as CommonMark has it
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i == 0 {
			b.WriteString(escapeLine(line))
			continue
		}
		b.WriteByte('\n')
		if line == "" {
			continue
		}
		blanks := len(line) - len(strings.TrimLeft(line, " \t"))
		b.WriteString("  ")
		b.WriteString(line[:blanks])
		b.WriteString(escapeLine(line[blanks:]))
	}
	return b.String()
}

func escapeLine(s string) string {
	if !hasMark(s) && unescape(s) == s {
		return s
	}
	n := 0
	if _, ok := cutNumber(s); ok || isEscapedNumber(s) {
		n = digits(s)
	}
	return s[:n] + `\` + s[n:]
}

// hasMark reports whether s begins with anything that the reader, or a viewer
// of Markdown, takes for a mark.
func hasMark(s string) bool {
	_, item := cutItem(s)
	_, quote := cutQuote(s)
	rule := isRule("-" + s) // together with the bullet before it
	return item || quote || rule || cutState(s) != s || isHeading(s) || cutFence(s) != "" || beginsProperty(s)
}

// unescape removes the backslash that escapeLine put in: one before
// punctuation, a bullet, a task word or a property, or after the number that begins s.
func unescape(s string) string {
	if isEscapedNumber(s) {
		n := digits(s)
		return s[:n] + s[n+1:]
	}
	if s == "" || s[0] != '\\' {
		return s
	}
	rest := s[1:]
	r, _ := utf8.DecodeRuneInString(rest)
	_, task := cutTask(rest)
	if task || beginsProperty(rest) || r == '\\' || r != utf8.RuneError && (isPunct(r) || strings.ContainsRune(bullets+checkSigns, r)) {
		return rest
	}
	return s
}

// isPunct reports ASCII punctuation, all of which CommonMark lets escape.
func isPunct(r rune) bool {
	return r > ' ' && r < 0x7f && !('0' <= r && r <= '9') && !('A' <= r && r <= 'Z') && !('a' <= r && r <= 'z')
}

// isEscapedNumber reports "1\.", "1\)" and "1\\".
func isEscapedNumber(s string) bool {
	n := digits(s)
	return n > 0 && n+1 < len(s) && s[n] == '\\' && strings.IndexByte(`.)\`, s[n+1]) >= 0
}
