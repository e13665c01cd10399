package corpus

import (
	"context"
	"encoding/xml"
)

// readENEX reads an export of Evernote. Title and text of a note make one note.
// Where its text is nothing but a list of entries or to-dos, each of these is a
// note, and the title, which says what they have in common, is none.
func readENEX(ctx context.Context, s *source) error {
	return s.eachElement(ctx, "en-export", func(dec *xml.Decoder, e xml.StartElement, line int) error {
		if e.Name.Local != "note" {
			return nil
		}
		var note struct {
			Title   string `xml:"title"`
			Content string `xml:"content"`
		}
		if err := dec.DecodeElement(&note, &e); err != nil {
			return err
		}
		lines := htmlLines(note.Content)
		if !isList(lines) {
			s.add(s.line(line), "", joinTitle(note.Title, joinLines(lines)))
			return nil
		}
		for len(lines) > 0 {
			n := 1
			for n < len(lines) && lines[n].item == lines[0].item {
				n++
			}
			s.add(s.line(line), "", joinLines(lines[:n]))
			lines = lines[n:]
		}
		return nil
	}, nil)
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
