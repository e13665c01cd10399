package corpus

import (
	"context"
	"encoding/json"
)

// A keepNote is what Takeout writes for a note of Google Keep, as far as it is
// read.
type keepNote struct {
	Title       string `json:"title"`
	TextContent string `json:"textContent"`
	ListContent []struct {
		Text string `json:"text"`
	} `json:"listContent"`
	IsTrashed bool `json:"isTrashed"`
}

// readKeep reads a note of Google Keep, or an array of them. Title and text make
// one note; of a checklist each entry is a note, and its title, which says what
// they have in common, is none. Archived notes are read, those in the trash are
// skipped.
func readKeep(ctx context.Context, s *source) error {
	root, err := s.jsonRoot()
	if err != nil {
		return err
	}
	entries := []jsonEntry{{jsonSpan: root}}
	if s.text[root.start] == '[' {
		if entries, err = s.jsonEntries(root); err != nil {
			return err
		}
	}
	lines := lineCounter{text: s.text}
	for _, e := range entries {
		if err := s.tick(ctx); err != nil {
			return err
		}
		var note keepNote
		if err := json.Unmarshal([]byte(s.text[e.start:e.end]), &note); err != nil {
			return s.jsonError(e.start, err)
		}
		s.addKeep(lines.at(e.start), &note)
	}
	return nil
}

func (s *source) addKeep(line int, note *keepNote) {
	switch {
	case note.IsTrashed:
		s.skip(s.line(line), "in the trash")
	case len(note.ListContent) > 0 && isBlank(note.TextContent):
		for _, entry := range note.ListContent {
			s.add(s.record(s.items+1), "", entry.Text)
		}
	default:
		s.add(s.line(line), "", joinTitle(note.Title, note.TextContent))
	}
}

// joinTitle puts a title on the line above the text.
func joinTitle(title, text string) string {
	switch {
	case isBlank(title):
		return text
	case isBlank(text):
		return title
	}
	return trim(title) + "\n" + trim(text)
}
