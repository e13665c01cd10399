package corpus

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"sheaf/internal/hint"
)

// eachElement calls open, with the line it begins on, and shut for the elements of
// an XML file whose root is called root. shut may be nil. The decoder knows HTML's named entities and no
// others, so that none that the file defines is ever expanded.
func (s *source) eachElement(ctx context.Context, root string,
	open func(dec *xml.Decoder, e xml.StartElement, line int) error, shut func(name string)) error {
	dec := xml.NewDecoder(strings.NewReader(s.text))
	dec.Entity = xml.HTMLEntity
	dec.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) {
		return input, nil // the text is UTF-8 by now, whatever its declaration says
	}
	for seen := false; ; {
		if err := s.tick(ctx); err != nil {
			return err
		}
		line, _ := dec.InputPos()
		token, err := dec.Token()
		if err == io.EOF {
			if !seen {
				return s.xmlError(dec, fmt.Errorf("no <%s> in it", root))
			}
			return nil
		}
		if err != nil {
			return s.xmlError(dec, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if !seen && t.Name.Local != root {
				return s.xmlError(dec, fmt.Errorf("<%s> where <%s> is expected", t.Name.Local, root))
			}
			seen = true
			if err := open(dec, t, line); err != nil {
				return s.xmlError(dec, err)
			}
		case xml.EndElement:
			if shut != nil {
				shut(t.Name.Local)
			}
		}
	}
}

func (s *source) xmlError(dec *xml.Decoder, err error) error {
	line, _ := dec.InputPos()
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		line, err = syntax.Line, errors.New(syntax.Msg)
	}
	return hint.Errorf("export the file again, or mend it there", "%s: broken XML: %w", s.line(line), err)
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
