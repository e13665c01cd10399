package corpus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// readEntries adds a note for each entry: a text, or an object with the text
// under one of its keys.
func readEntries(ctx context.Context, s *source, entries []jsonEntry) error {
	key, err := s.chooseKey(ctx, entries)
	if err != nil {
		return err
	}
	wasHTML, err := s.addEntries(ctx, entries, key, 0)
	if err != nil {
		return err
	}
	s.remarkHTML(wasHTML)
	return nil
}

// addEntries adds a note for each entry of s.text, which begins after so many
// lines of the input, and says whether some were HTML.
func (s *source) addEntries(ctx context.Context, entries []jsonEntry, key string, linesBefore int) (wasHTML bool, err error) {
	lines := lineCounter{text: s.text, before: linesBefore}
	object := make(map[string]json.RawMessage) // one for all saves a lot of time
	for _, e := range entries {
		if err := s.tick(ctx); err != nil {
			return wasHTML, err
		}
		where := s.line(lines.at(e.start))
		clear(object)
		text, ref, err := s.decodeEntry(e, key, object)
		if err != nil {
			s.lose(where, err.Error())
			continue
		}
		if isHTML(text) {
			text, wasHTML = htmlText(text), true
		}
		s.add(where, ref, text)
	}
	return wasHTML, nil
}

func (s *source) remarkHTML(wasHTML bool) {
	if wasHTML {
		s.remark("HTML was read as the text it shows")
	}
}

var (
	errNotText  = errors.New("not a text")
	errNotANote = errors.New("neither a text nor an object")
	errNothing  = errors.New("an empty object")
	errNoText   = errors.New("an object without a text")
)

// decodeEntry returns the text and the id of an entry. null is the empty text.
// object is empty, and takes the fields.
func (s *source) decodeEntry(e jsonEntry, key string, object map[string]json.RawMessage) (text, ref string, err error) {
	value := []byte(s.text[e.start:e.end])
	switch value[0] {
	case '"', 'n':
		if err := json.Unmarshal(value, &text); err != nil {
			return "", "", brokenJSON(err)
		}
		return text, e.key, nil
	case '{':
	default:
		if !json.Valid(value) {
			return "", "", brokenJSON(json.Unmarshal(value, new(ignored)))
		}
		return "", "", errNotANote
	}
	if err := json.Unmarshal(value, &object); err != nil {
		return "", "", brokenJSON(err)
	}
	field := lookUp(object, key)
	switch {
	case len(object) == 0:
		return "", "", errNothing
	case field == nil && key == "":
		return "", "", errNoText
	case field == nil:
		return "", "", fmt.Errorf("no key %q", key)
	case field[0] != '"' && field[0] != 'n':
		return "", "", errNotText
	}
	if err := json.Unmarshal(field, &text); err != nil {
		return "", "", brokenJSON(err)
	}
	return text, refOf(object, e.key), nil
}

func brokenJSON(err error) error { return fmt.Errorf("broken JSON: %w", err) }

// lookUp returns the value under key or, where key has dots, under the keys
// between them; nil if there is none.
func lookUp(object map[string]json.RawMessage, key string) json.RawMessage {
	if value, ok := object[key]; ok {
		return value
	}
	outer, inner, ok := strings.Cut(key, ".")
	if !ok || len(object[outer]) == 0 || object[outer][0] != '{' {
		return nil
	}
	var next map[string]json.RawMessage
	if json.Unmarshal(object[outer], &next) != nil {
		return nil
	}
	return lookUp(next, inner)
}

// refOf returns the object's own id: a text or a number.
func refOf(object map[string]json.RawMessage, key string) string {
	for _, name := range [...]string{"id", "ID", "Id", "_id", "uuid", "key"} {
		value := object[name]
		if len(value) == 0 {
			continue
		}
		switch c := value[0]; {
		case c == '"':
			var ref string
			if json.Unmarshal(value, &ref) == nil && ref != "" {
				return ref
			}
		case c == '-' || '0' <= c && c <= '9':
			return string(value)
		}
	}
	return key
}

// chooseKey returns the key that holds the text, "" where no entry is an
// object.
func (s *source) chooseKey(ctx context.Context, entries []jsonEntry) (string, error) {
	samples := make(map[string]*columnSample)
	keys := make(map[string]struct{}) // those without a text too
	records := 0
	for _, e := range entries {
		if records == sampleSize {
			break
		}
		if err := s.tick(ctx); err != nil {
			return "", err
		}
		var object map[string]json.RawMessage
		if s.text[e.start] != '{' || json.Unmarshal([]byte(s.text[e.start:e.end]), &object) != nil {
			continue
		}
		records++
		for name := range object {
			keys[name] = struct{}{}
		}
		sampleTexts(samples, "", object, 3)
	}
	names := slices.Sorted(maps.Keys(samples))
	if s.column != "" {
		i := findColumn(names, s.column)
		if i < 0 {
			return "", noColumn(s.name, "key", s.column, names)
		}
		return names[i], nil
	}
	columns := make([]columnSample, 0, len(names))
	for _, name := range names {
		if isRefName(name) && len(names) > 1 {
			continue
		}
		columns = append(columns, *samples[name])
	}
	if len(columns) == 0 {
		return "", nil
	}
	best := namedColumn(columns, records)
	if best < 0 {
		best = bestColumn(columns, records)
	}
	if len(keys) > 1 || len(columns) > 1 {
		s.remark("the text is under the key %q", columns[best].name)
	}
	return columns[best].name, nil
}

// sampleTexts samples the texts in an object and, down to depth, in the objects
// in it.
func sampleTexts(samples map[string]*columnSample, prefix string, object map[string]json.RawMessage, depth int) {
	for name, value := range object {
		path := prefix + name
		switch value[0] {
		case '"':
			var text string
			if json.Unmarshal(value, &text) != nil {
				continue
			}
			if samples[path] == nil {
				samples[path] = &columnSample{name: path}
			}
			samples[path].add(text)
		case '{':
			var inner map[string]json.RawMessage
			if depth > 0 && json.Unmarshal(value, &inner) == nil {
				sampleTexts(samples, path+".", inner, depth-1)
			}
		}
	}
}
