package corpus

import (
	"strings"
	"unicode/utf8"
)

// The marks that may stand before the text of a note in Markdown and in
// outlines. Each cut function returns s without the mark and without the
// blanks after it; a mark is followed by a blank or ends the line.

// bullets are the list bullets of Markdown, and those that editors,
// presentations and people put in their place.
const bullets = "-*+•◦‣⁃∙▪▫●○–—"

func cutBullet(s string) (string, bool) {
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError || !strings.ContainsRune(bullets, r) {
		return s, false
	}
	return cutBlanks(s, size)
}

// cutNumber cuts "1." or "1)"; like CommonMark it takes up to nine digits.
func cutNumber(s string) (string, bool) {
	n := digits(s)
	if n == 0 || n == len(s) || (s[n] != '.' && s[n] != ')') {
		return s, false
	}
	return cutBlanks(s, n+1)
}

func digits(s string) int {
	n := 0
	for n < len(s) && n < 9 && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

// checkSigns are boxes and ticks as characters of their own.
const checkSigns = "☐☑☒✓✔✗✘"

// cutCheckbox cuts "[ ]", "[x]" and the further states that themes of
// Obsidian use, and the signs "☐" and "✓" and their like.
func cutCheckbox(s string) (string, bool) {
	r, size := utf8.DecodeRuneInString(s)
	if r >= utf8.RuneSelf && r != utf8.RuneError && strings.ContainsRune(checkSigns, r) {
		if rest := s[size:]; strings.HasPrefix(rest, "\ufe0e") || strings.HasPrefix(rest, "\ufe0f") {
			size += len("\ufe0f") // shown as text, or as an emoji
		}
		return cutBlanks(s, size)
	}
	if len(s) < 3 || s[0] != '[' || s[2] != ']' || !strings.ContainsRune(" xX/-><?!*\"", rune(s[1])) {
		return s, false
	}
	return cutBlanks(s, 3)
}

// cutTask cuts a task word of Logseq. It counts only after a bullet, and
// before something to do: alone it is the note.
func cutTask(s string) (string, bool) {
	for _, word := range [...]string{"TODO", "DOING", "DONE", "NOW", "LATER", "WAITING"} {
		if strings.HasPrefix(s, word) {
			if rest, ok := cutBlanks(s, len(word)); ok && rest != "" {
				return rest, true
			}
		}
	}
	return s, false
}

// cutQuote cuts ">", once or more often. "->" and ">_<" are text.
func cutQuote(s string) (string, bool) {
	if s == "" || s[0] != '>' {
		return s, false
	}
	t := strings.TrimLeft(s, "> \t")
	if t != "" && s[len(s)-len(t)-1] == '>' {
		return s, false
	}
	return t, true
}

// cutBlanks cuts n bytes and the blanks after them.
func cutBlanks(s string, n int) (string, bool) {
	t := strings.TrimLeft(s[n:], " \t")
	if t != "" && len(t) == len(s)-n {
		return s, false
	}
	return t, true
}

// isHeading reports "# " to "###### ".
func isHeading(s string) bool {
	n := len(s) - len(strings.TrimLeft(s, "#"))
	return 1 <= n && n <= 6 && (n == len(s) || s[n] == ' ' || s[n] == '\t')
}

// isRule reports lines that only divide: thematic breaks, the line under a
// heading, and the one under the head of a table.
func isRule(s string) bool {
	marks := 0
	for i := range len(s) {
		switch s[i] {
		case '-', '*', '_', '=':
			marks++
		case ' ', '\t', ':', '|':
		default:
			return false
		}
	}
	return marks >= 3
}

// isUnderline reports the line below the text of a heading, "===". The other
// one, "---", more often divides notes.
func isUnderline(s string) bool {
	s = strings.TrimRight(s, " \t")
	return len(s) >= 3 && strings.Trim(s, "=") == ""
}

// cutFence returns the fence of a code block that s opens, "```" or "~~~" or
// longer, or "".
func cutFence(s string) string {
	if s == "" || (s[0] != '`' && s[0] != '~') {
		return ""
	}
	n := len(s) - len(strings.TrimLeft(s, s[:1]))
	if n < 3 || strings.Contains(s[n:], "`") {
		return ""
	}
	return s[:n]
}

// closesFence reports whether s ends the code block that fence opened.
func closesFence(s, fence string) bool {
	s = strings.TrimRight(s, " \t")
	return len(s) >= len(fence) && strings.Trim(s, fence[:1]) == ""
}

// isProperty reports the lines that Logseq writes below an item for itself.
func isProperty(s string) bool {
	if id, ok := strings.CutPrefix(s, "id:: "); ok {
		return isUUID(id)
	}
	return s == "collapsed:: true" || s == "collapsed:: false"
}

// beginsProperty reports what begins like such a line, whether or not it is
// one. Its writer need not know what an id looks like.
func beginsProperty(s string) bool {
	return strings.HasPrefix(s, "id:: ") || strings.HasPrefix(s, "collapsed:: ")
}

func isUUID(s string) bool {
	return len(s) == 36 && strings.Trim(s, "0123456789abcdefABCDEF-") == ""
}
