package corpus

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxDepth bounds the nesting of elements, of which the decoder holds each.
const maxDepth = 10000

// An xmlScanner reads the tokens of an XML file. It knows HTML's named entities
// and no others, so that none that the file defines is ever expanded.
type xmlScanner struct {
	token xml.Token
	line  int // on which the token begins
	start int // offset in the text where it begins
	err   error

	s     *source
	dec   *xml.Decoder
	root  string
	depth int
}

// scanXML returns a scanner for a file whose root element is called root.
func (s *source) scanXML(root string) *xmlScanner {
	dec := xml.NewDecoder(strings.NewReader(s.text))
	dec.Entity = xml.HTMLEntity
	dec.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) {
		return input, nil // the text is UTF-8 by now, whatever its declaration says
	}
	return &xmlScanner{s: s, dec: dec, root: root}
}

// next goes on to the next token. It returns false at the end of the file, and
// where err is set.
func (x *xmlScanner) next(ctx context.Context) bool {
	if x.err = x.s.tick(ctx); x.err != nil {
		return false
	}
	x.line, _ = x.dec.InputPos()
	x.start = int(x.dec.InputOffset())
	token, err := x.dec.Token()
	switch {
	case errors.Is(err, io.EOF) && x.root == "":
		return false
	case errors.Is(err, io.EOF):
		x.fail(fmt.Errorf("no <%s> in it", x.root))
		return false
	case err != nil:
		x.fail(xmlFault(err))
		return false
	}
	x.token = token
	switch t := token.(type) {
	case xml.StartElement:
		if x.root != "" && t.Name.Local != x.root {
			x.fail(fmt.Errorf("another element where <%s> is expected", x.root))
			return false
		}
		x.root = "" // seen
		if x.depth++; x.depth > maxDepth {
			x.fail(fmt.Errorf("elements are nested deeper than %d", maxDepth))
			return false
		}
	case xml.EndElement:
		x.depth--
	}
	return true
}

func (x *xmlScanner) fail(err error) {
	line, _ := x.dec.InputPos()
	x.err = &brokenError{where: x.s.line(line), err: fmt.Errorf("broken XML: %w", err), advice: adviceMend}
}

// xmlFault says what an error of the decoder means. The decoder's own words may
// quote the file, and what is said about notes must not.
func xmlFault(err error) error {
	said := err.Error()
	if syntax := (*xml.SyntaxError)(nil); errors.As(err, &syntax) {
		said = syntax.Msg
	}
	for _, fault := range [...]struct{ begin, means string }{
		{"unexpected EOF", "the end comes too early"},
		{"unexpected end element", "an end tag without its start tag"},
		{"element <", "an element is closed by the end tag of another"},
		{"expected element name after </", "an end tag without a name"},
		{"expected element name", "a < that begins no tag"},
		{"invalid characters between", "more than a name in an end tag"},
		{"invalid character entity", "an & that begins no known entity"},
		{"expected target name", "<? without a name"},
		{"invalid sequence", "a comment with two hyphens in it, or with one before it"},
		{"invalid <![", "a <! that begins nothing known"},
		{"expected />", "a / within a tag"},
		{"expected attribute name", "an attribute without a name"},
		{"attribute name without =", "an attribute without a value"},
		{"unquoted or missing", "an attribute without quotes"},
		{"unescaped <", "a < within an attribute"},
		{"unescaped ]]>", "a ]]> without its start"},
		{"illegal character code", "a character that XML does not allow"},
		{"invalid XML name", "a name that XML does not allow"},
		{"xml: unsupported version", "not version 1.0 of XML"},
	} {
		if strings.HasPrefix(said, fault.begin) {
			return errors.New(fault.means)
		}
	}
	return errors.New("not well-formed")
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
