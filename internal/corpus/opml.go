package corpus

import (
	"context"
	"encoding/xml"
)

// readOPML reads an outline: each <outline>, nested ones too, is a note. Its text
// is the attribute text or, where that is missing, title; either may hold HTML.
// The attribute _note, which outliners add, is put below it.
func readOPML(ctx context.Context, s *source) error {
	x := s.scanXML("opml")
	for x.next(ctx) {
		e, ok := x.token.(xml.StartElement)
		if !ok || e.Name.Local != "outline" {
			continue
		}
		text := attr(e, "text")
		if isBlank(text) {
			text = attr(e, "title")
		}
		s.add(s.line(x.line), "", joinTitle(outlineText(text), outlineText(attr(e, "_note"))))
	}
	return x.err
}

// outlineText is plainText for a format of which the text may be HTML by its
// definition: it does not have to be HTML from end to end.
func outlineText(s string) string {
	if hasMarkup(s) {
		return htmlText(s)
	}
	return plainText(s)
}

// plainText returns the text that s shows if it is HTML, and else s.
func plainText(s string) string {
	if isHTML(s) {
		return htmlText(s)
	}
	return s
}
