package corpus

import (
	"context"
	"encoding/xml"
)

// readOPML reads an outline: each <outline>, nested ones too, is a note. Its text
// is the attribute text or, where that is missing, title; either may hold HTML.
// The attribute _note, which outliners add, is put below it.
func readOPML(ctx context.Context, s *source) error {
	return s.eachElement(ctx, "opml", func(_ *xml.Decoder, e xml.StartElement, line int) error {
		if e.Name.Local != "outline" {
			return nil
		}
		text := attr(e, "text")
		if isBlank(text) {
			text = attr(e, "title")
		}
		s.add(s.line(line), "", joinTitle(plainText(text), plainText(attr(e, "_note"))))
		return nil
	}, nil)
}

// plainText returns the text that s shows if it is HTML, and else s.
func plainText(s string) string {
	if isHTML(s) {
		return htmlText(s)
	}
	return s
}
