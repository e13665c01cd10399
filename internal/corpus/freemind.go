package corpus

import (
	"context"
	"encoding/xml"
)

// A mindNode is a node of a mind map.
type mindNode struct {
	line       int
	ref        string
	text, note string
}

// readFreeMind reads a mind map of FreeMind or Freeplane: each node, the one in
// the middle too, is a note. Its text is the attribute TEXT, or rich text; rich
// text of type NOTE or DETAILS is put below it.
func readFreeMind(ctx context.Context, s *source) error {
	m := mindMap{source: s}
	x := s.scanXML("map")
	for x.next(ctx) {
		switch t := x.token.(type) {
		case xml.StartElement:
			m.start(x, t)
		case xml.EndElement:
			m.end(x, t)
		}
	}
	if x.err != nil {
		return x.err
	}
	for _, n := range m.nodes {
		s.add(s.line(n.line), n.ref, joinTitle(n.text, n.note))
	}
	return nil
}

type mindMap struct {
	*source
	nodes []mindNode
	open  []int // the nodes around the current place

	rich     string // TYPE of the rich text around the current place, or ""
	richFrom int    // offset where it begins
}

func (m *mindMap) start(x *xmlScanner, e xml.StartElement) {
	switch {
	case m.rich != "":
	case e.Name.Local == "richcontent" && len(m.open) > 0:
		m.rich, m.richFrom = attr(e, "TYPE"), x.start
		if m.rich == "" {
			m.rich = "NODE"
		}
	case e.Name.Local == "node":
		text := attr(e, "TEXT")
		if text == "" {
			text = attr(e, "LOCALIZED_TEXT")
		}
		m.open = append(m.open, len(m.nodes))
		m.nodes = append(m.nodes, mindNode{line: x.line, ref: attr(e, "ID"), text: plainText(text)})
	}
}

func (m *mindMap) end(x *xmlScanner, e xml.EndElement) {
	switch {
	case m.rich != "" && e.Name.Local == "richcontent":
		text := htmlText(m.text[m.richFrom:x.start])
		node := &m.nodes[m.open[len(m.open)-1]]
		switch m.rich {
		case "NODE":
			node.text = text
		case "NOTE", "DETAILS":
			node.note = joinTitle(node.note, text)
		}
		m.rich = ""
	case m.rich == "" && e.Name.Local == "node":
		m.open = m.open[:len(m.open)-1]
	}
}
