package corpus

import (
	"context"
	"strings"
	"unicode/utf8"
)

// readMarkdown reads Markdown and outlines written as text.
//
// A list item is a note, a nested one too, and so is each line of a paragraph,
// because people write loose notes one below the other. Indented lines without
// a bullet belong to the item above, and so does a code block in it; a code
// block outside a list is a note of its own. Headings, dividing lines and YAML
// front matter are no notes. A line is a heading too if it stands by itself
// and the next is "=====". One backslash before a leading mark is removed:
// see EscapeMarkdown.
func readMarkdown(ctx context.Context, s *source) error {
	m := &markdownReader{source: s}
	rest := s.text
	front := frontMatterLines(rest)
	m.others = front
	for rest != "" {
		if err := s.tick(ctx); err != nil {
			return err
		}
		m.line++
		m.at = len(s.text) - len(rest)
		var line string
		if line, rest = nextLine(rest); m.line > front {
			m.read(line)
		}
	}
	m.endItem()
	if m.others > 0 {
		s.remark("%s of headings, dividers or front matter: no notes", countOf(m.others, "line"))
	}
	return nil
}

type markdownReader struct {
	*source
	line   int // number of the line being read
	at     int // its offset in the text
	others int // lines that are neither notes nor blank

	// The item that is open, where start > 0.
	start   int             // the line it begins on
	ref     string          // the id that Logseq gave it, or ""
	first   string          // its first line
	more    strings.Builder // the lines after it, each with a newline before it
	column  int             // where its text begins; -1 until a continuation line tells
	bullet  bool            // it stands after a bullet
	alone   bool            // it is a plain line with none right above it
	blanks  int             // how many blank lines follow its last line
	blankAt int             // offset of the first of these
	fence   string          // of the code block that is open in it, or ""
	tooLong bool
}

func (m *markdownReader) read(line string) {
	indent, text := cutIndent(line)
	if m.fence != "" {
		if indent >= m.column || isBlank(text) {
			m.continueItem(line)
			if closesFence(text, m.fence) {
				m.fence = ""
			}
			return
		}
		m.fence = "" // the item that holds the code ends here
	}
	belongs := m.start > 0 && indent > 0
	// An indented line of, say, nothing but a directional mark is part of the
	// note, which may end with it.
	if isBlank(text) && (!belongs || trim(text) == "") {
		switch {
		case m.start == 0:
			m.notes.Blank++
		case m.blanks == 0:
			m.blankAt = m.at
			fallthrough
		default:
			m.blanks++
		}
		return
	}
	if !belongs {
		text, _ = cutQuote(text)
	}
	rule := isRule(text)
	item, isItem := cutItem(text)
	switch {
	case isItem && !rule:
		m.startItem(item)
		m.bullet = true
		m.column = indent + utf8.RuneCountInString(text[:len(text)-len(item)])
		if item == "" || m.column > indent+5 {
			m.column = indent + 2 // deep blanks after a bullet are not its indent
		}
		m.first = unescape(item)
		m.fence = cutFence(item)
	case belongs && m.bullet && isProperty(text):
		if id, ok := strings.CutPrefix(text, "id:: "); ok {
			m.ref = id
		}
	case belongs && (m.bullet || m.blanks == 0):
		if m.column < 0 {
			m.column = indent
		}
		m.continueItem(line)
		m.fence = cutFence(text)
	case m.isTitle() && isUnderline(line):
		m.start = 0 // drop the item
		m.others += 2
	case isHeading(text) || rule:
		m.endItem()
		m.others++
	default:
		alone := m.start == 0 || m.blanks > 0
		m.startItem(text)
		m.alone = alone
		m.first = unescape(text)
		m.column = -1
		if m.fence = cutFence(text); m.fence != "" {
			m.column = 0
		}
	}
}

// isTitle reports whether the open item is what a heading consists of: one line
// by itself, with no blank line after it.
func (m *markdownReader) isTitle() bool {
	return m.start > 0 && m.alone && m.more.Len() == 0 && m.blanks == 0 && m.fence == ""
}

// cutItem cuts the mark of a list item off text: a bullet or a number, and
// what may follow these, or a check box alone. Several marks on one line, as in
// "- 1. x", are lists within lists.
func cutItem(text string) (string, bool) {
	rest, ok := cutListMark(text)
	if !ok {
		return cutCheckbox(text)
	}
	for {
		inner, ok := cutListMark(rest)
		if !ok || inner == "" || isRule(rest) {
			return cutState(rest), true // a mark alone is the text
		}
		rest = inner
	}
}

func cutListMark(text string) (string, bool) {
	if rest, ok := cutBullet(text); ok {
		return rest, true
	}
	return cutNumber(text)
}

// cutState cuts the state of a task off what follows a bullet.
func cutState(text string) string {
	if rest, ok := cutCheckbox(text); ok {
		return rest
	}
	rest, _ := cutTask(text)
	return rest
}

func (m *markdownReader) startItem(text string) {
	m.endItem()
	m.start, m.first, m.bullet, m.alone = m.line, text, false, false
}

// continueItem adds a line to the open item, without the item's indent.
func (m *markdownReader) continueItem(line string) {
	between := m.text[m.blankAt:m.at]
	for ; m.blanks > 0; m.blanks-- {
		var blank string
		blank, between = nextLine(between)
		m.append(blank)
	}
	m.append(line)
}

func (m *markdownReader) append(line string) {
	line = dedent(line, m.column)
	if m.more.Len()+len(line) > maxItem {
		m.tooLong = true // no need to hold more of it
		return
	}
	m.more.WriteByte('\n')
	if m.fence != "" {
		m.more.WriteString(line)
		return
	}
	blanks := len(line) - len(strings.TrimLeft(line, " \t"))
	m.more.WriteString(line[:blanks])
	m.more.WriteString(unescape(line[blanks:]))
}

func (m *markdownReader) endItem() {
	if m.start > 0 {
		text := m.first
		if m.more.Len() > 0 {
			text += m.more.String()
		}
		switch {
		case m.tooLong:
			m.lose(m.source.line(m.start), reasonLong)
		case isBlank(text):
			m.notes.Blank++
		default:
			m.add(m.source.line(m.start), m.ref, text)
		}
		m.notes.Blank += m.blanks
	}
	m.start, m.ref, m.fence, m.tooLong, m.blanks = 0, "", "", false, 0
	m.more.Reset()
}

// cutIndent returns the width of the blanks before a line, with a tab stop
// every four columns as in CommonMark, and the rest.
func cutIndent(line string) (width int, rest string) {
	for i := range len(line) {
		switch line[i] {
		case ' ':
			width++
		case '\t':
			width += 4 - width%4
		default:
			return width, line[i:]
		}
	}
	return width, ""
}

// dedent removes up to width columns of blanks.
func dedent(line string, width int) string {
	column := 0
	for i := range len(line) {
		if column >= width {
			return line[i:]
		}
		switch line[i] {
		case ' ':
			column++
		case '\t':
			column += 4 - column%4
		default:
			return line[i:]
		}
	}
	return ""
}

// frontMatterLines returns how many lines of YAML front matter text begins
// with. Between its two lines "---" nothing but YAML may stand, so that notes
// between two dividers are not taken for it.
func frontMatterLines(text string) int {
	line, rest := nextLine(text)
	if strings.TrimRight(line, " \t") != "---" {
		return 0
	}
	keys := 0
	for n := 2; rest != ""; n++ {
		line, rest = nextLine(rest)
		line = strings.TrimRight(line, " \t")
		switch {
		case line == "---" || line == "...":
			if keys == 0 {
				return 0
			}
			return n
		case line == "", strings.ContainsAny(line[:1], " \t#-"):
		case isYAMLKey(line):
			keys++
		default:
			return 0
		}
	}
	return 0
}

func isYAMLKey(line string) bool {
	key, value, ok := strings.Cut(line, ":")
	return ok && key != "" && !strings.ContainsAny(key, " \t") && (value == "" || value[0] == ' ')
}
