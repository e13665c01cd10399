package corpus

import (
	"context"
	"encoding/xml"
	"strings"
)

// readENEX reads an export of Evernote. Title and text of a note make one note.
// Where its text is nothing but a list of entries or to-dos, each of these is a
// note, and the title, which says what they have in common, is none.
func readENEX(ctx context.Context, s *source) error {
	var title, content strings.Builder
	var field *strings.Builder // what text belongs to
	line := 0                  // of the note around the current place
	x := s.scanXML("en-export")
	for x.next(ctx) {
		switch t := x.token.(type) {
		case xml.StartElement:
			field = nil
			switch t.Name.Local {
			case "note":
				line = x.line
				title.Reset()
				content.Reset()
			case "title":
				field = &title
			case "content":
				field = &content
			}
		case xml.CharData:
			if field != nil {
				field.Write(t)
			}
		case xml.EndElement:
			field = nil
			if t.Name.Local == "note" {
				s.addENML(line, title.String(), content.String())
			}
		}
	}
	return x.err
}

func (s *source) addENML(line int, title, content string) {
	lines := htmlLines(content)
	if !isList(lines) {
		s.add(s.line(line), "", joinTitle(title, joinLines(lines)))
		return
	}
	for len(lines) > 0 {
		n := 1
		for n < len(lines) && lines[n].item == lines[0].item {
			n++
		}
		s.add(s.line(line), "", joinLines(lines[:n]))
		lines = lines[n:]
	}
}

// isList reports whether every line belongs to a list entry.
func isList(lines []htmlLine) bool {
	for _, line := range lines {
		if line.item == 0 {
			return false
		}
	}
	return len(lines) > 0
}
