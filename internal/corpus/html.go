package corpus

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// isHTML reports whether s is HTML from its first to its last character, as
// whiteboards and outliners export their texts. Text that only mentions a tag
// is left alone.
func isHTML(s string) bool {
	s = trim(s)
	if len(s) < 3 || s[0] != '<' || s[len(s)-1] != '>' {
		return false
	}
	name := s[1:]
	if i := strings.IndexFunc(name, func(r rune) bool { return !isCharsetRune(r) }); i >= 0 {
		name = name[:i]
	}
	switch atom.Lookup([]byte(strings.ToLower(name))) {
	case atom.P, atom.Div, atom.Span, atom.Br, atom.B, atom.Strong, atom.I, atom.Em, atom.U, atom.S, atom.A,
		atom.Ul, atom.Ol, atom.Font, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Html, atom.Body:
		return true
	}
	return false
}

// hasMarkup reports whether some of s stands between the tags of an element
// that outliners use within a line. A tag alone, or of another name, may be
// what s is about.
func hasMarkup(s string) bool {
	if !strings.Contains(s, "</") {
		return false
	}
	s = strings.ToLower(s)
	for _, name := range [...]string{"a", "b", "strong", "i", "em", "u", "s", "span", "font", "code", "mark", "p", "div"} {
		before, _, closed := strings.Cut(s, "</"+name+">")
		if closed && (strings.Contains(before, "<"+name+">") || strings.Contains(before, "<"+name+" ")) {
			return true
		}
	}
	return false
}

// htmlText returns what HTML shows, a line for each block.
func htmlText(s string) string {
	return trim(joinLines(htmlLines(s)))
}

func joinLines(lines []htmlLine) string {
	texts := make([]string, len(lines))
	for i, line := range lines {
		texts[i] = line.text
	}
	return strings.Join(texts, "\n")
}

// An htmlLine is what HTML shows in one line.
type htmlLine struct {
	text string
	item int // 1, 2…: the list entry or to-do that it belongs to; 0: none
}

// htmlLines returns the lines of HTML that show something. The tokenizer is
// enough for that: it needs no well-formed tree, and no stack.
func htmlLines(s string) []htmlLine {
	var w htmlWriter
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken: // a string ends, it does not fail
			w.endLine()
			return w.lines
		case html.TextToken:
			if w.hidden == 0 {
				w.write(string(z.Text()))
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			w.open(string(name))
		case html.SelfClosingTagToken:
			name, _ := z.TagName()
			w.open(string(name))
			w.close(string(name))
		case html.EndTagToken:
			name, _ := z.TagName()
			w.close(string(name))
		}
	}
}

type htmlWriter struct {
	lines  []htmlLine
	b      strings.Builder
	space  bool // white space is due before the next word
	pre    int  // how many <pre> are open
	hidden int  // how many elements without text are open
	lists  int  // how many list entries are open
	items  int  // list entries and to-dos so far
	item   int  // the one that the line belongs to
}

func (w *htmlWriter) open(name string) {
	switch name {
	case "script", "style", "head", "title", "en-crypt":
		w.hidden++
	case "br", "hr":
		w.endLine()
		w.endItem()
	case "li":
		w.endLine()
		w.lists++
		w.items++
		w.item = w.items
	case "en-todo":
		// In a list entry or before a line of its own.
		if w.lists == 0 {
			w.endLine()
			w.items++
			w.item = w.items
		}
	case "td", "th":
		w.space = true
	default:
		w.block(name, 1)
	}
}

func (w *htmlWriter) close(name string) {
	switch name {
	case "script", "style", "head", "title", "en-crypt":
		w.hidden = max(0, w.hidden-1)
	case "li":
		w.endLine()
		w.lists = max(0, w.lists-1)
		w.endItem()
	default:
		w.block(name, -1)
	}
}

func (w *htmlWriter) block(name string, depth int) {
	switch name {
	case "pre":
		w.pre = max(0, w.pre+depth)
	case "p", "div", "ul", "ol", "table", "tr", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6",
		"dl", "dt", "dd", "section", "article", "header", "footer", "en-note", "body":
	default:
		return
	}
	w.endLine()
	w.endItem()
}

// endItem ends a to-do, which is one line, and a list entry outside all lists.
func (w *htmlWriter) endItem() {
	if w.lists == 0 {
		w.item = 0
	}
}

// write adds text, folding white space as a browser does.
func (w *htmlWriter) write(text string) {
	if w.pre > 0 {
		for i, line := range strings.Split(text, "\n") {
			if i > 0 {
				w.endLine()
			}
			w.b.WriteString(line)
		}
		return
	}
	for _, r := range text {
		switch r {
		case ' ', '\t', '\n', '\r', '\f', '\u00a0':
			w.space = true
			continue
		}
		if w.space && w.b.Len() > 0 {
			w.b.WriteByte(' ')
		}
		w.space = false
		w.b.WriteRune(r)
	}
}

func (w *htmlWriter) endLine() {
	if text := w.b.String(); !isBlank(text) {
		w.lines = append(w.lines, htmlLine{text, w.item})
	}
	w.b.Reset()
	w.space = false
}
