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
// text of type NOTE is put below it.
func readFreeMind(ctx context.Context, s *source) error {
	var nodes []mindNode
	var open []int // the nodes around the current place
	element := func(dec *xml.Decoder, e xml.StartElement, line int) error {
		switch e.Name.Local {
		case "node":
			text := attr(e, "TEXT")
			if text == "" {
				text = attr(e, "LOCALIZED_TEXT")
			}
			open = append(open, len(nodes))
			nodes = append(nodes, mindNode{line: line, ref: attr(e, "ID"), text: plainText(text)})
		case "richcontent":
			start := dec.InputOffset()
			if err := dec.Skip(); err != nil {
				return err
			}
			if len(open) == 0 {
				return nil
			}
			text := htmlText(s.text[start:dec.InputOffset()])
			node := &nodes[open[len(open)-1]]
			switch attr(e, "TYPE") {
			case "NODE":
				node.text = text
			case "NOTE", "DETAILS":
				node.note = joinTitle(node.note, text)
			}
		}
		return nil
	}
	shut := func(name string) {
		if name == "node" {
			open = open[:len(open)-1]
		}
	}
	if err := s.eachElement(ctx, "map", element, shut); err != nil {
		return err
	}
	for _, n := range nodes {
		s.add(s.line(n.line), n.ref, joinTitle(n.text, n.note))
	}
	return nil
}
