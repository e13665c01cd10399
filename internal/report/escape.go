package report

import (
	"strings"
	"unicode/utf8"
)

// escapeMarkdown returns text so that it can stand after "- " and is one item
// when it is read again: a line that begins like a mark of a list, a task, a
// heading, a quote, a code block, a divider or a property of Logseq gets a
// backslash before it, and the lines after the first are indented. It follows internal/corpus, which
// reads such a list; the test in roundtrip_test.go holds the two together.
func escapeMarkdown(text string) string {
	text = strings.ReplaceAll(text, "\x00", "\uFFFD") // as CommonMark has it
	if !strings.ContainsAny(text, "\r\n") {
		return escapeLine(text)
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	lines := strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n")
	lines[0] = escapeLine(lines[0])
	for i, line := range lines[1:] {
		rest := strings.TrimLeft(line, " \t")
		if line != "" {
			lines[i+1] = "  " + line[:len(line)-len(rest)] + escapeLine(rest)
		}
	}
	return strings.Join(lines, "\n")
}

// escapeLine escapes a line without blanks before it.
func escapeLine(s string) string {
	if s == "" {
		return s
	}
	// "1. first", which CommonMark knows up to nine digits. A backslash
	// after a number would be taken for this one, so it gets another.
	digits := 0
	for digits < min(len(s), 9) && '0' <= s[digits] && s[digits] <= '9' {
		digits++
	}
	if after := s[digits:]; digits > 0 && after != "" {
		if after[0] == '\\' || (after[0] == '.' || after[0] == ')') && endsMark(after[1:]) {
			return s[:digits] + `\` + after
		}
	}
	if isMarked(s) {
		return `\` + s
	}
	return s
}

// bullets are those of Markdown and those that people put in their place.
const bullets = "-*+•◦‣⁃∙▪▫●○–—"

// checkSigns are boxes and ticks as characters of their own.
const checkSigns = "☐☑☒✓✔✗✘"

// isMarked tells whether a line begins with what is, or could be taken for, a
// mark of Markdown or of a task list.
func isMarked(s string) bool {
	first, size := utf8.DecodeRuneInString(s)
	run := len(s) - len(strings.TrimLeft(s, s[:size]))
	switch {
	case first == '\\', first == '>':
		return true
	case first == '#' && run <= 6 && endsMark(s[run:]):
		return true
	case (first == '`' || first == '~') && run >= 3:
		return true
	case first == '[' && len(s) >= 3 && s[2] == ']' && endsMark(s[3:]):
		return true
	case strings.ContainsRune(bullets, first) && endsMark(s[size:]):
		return true
	case strings.ContainsRune(checkSigns, first) && endsMark(strings.TrimLeft(s[size:], "\ufe0e\ufe0f")):
		return true // with or without a variation selector
	}
	// A line of dashes alone divides, however it is spaced; so does the one
	// under the head of a table.
	if strings.Trim(s, "-*_=:| \t") == "" && strings.Trim(s, ":| \t") != "" {
		return true
	}
	for _, word := range []string{"TODO", "DOING", "DONE", "NOW", "LATER", "WAITING"} { // Logseq's
		if rest, ok := strings.CutPrefix(s, word); ok && rest != "" && endsMark(rest) {
			return strings.Trim(rest, " \t") != "" // alone it is the text
		}
	}
	// Logseq keeps these below an item for itself, so they are read as no text.
	return strings.HasPrefix(s, "collapsed:: ") || strings.HasPrefix(s, "id:: ")
}

// endsMark tells whether a mark ends where rest begins.
func endsMark(rest string) bool {
	return rest == "" || rest[0] == ' ' || rest[0] == '\t'
}
