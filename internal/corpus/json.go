package corpus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// readJSON reads an array of texts or objects, an object that holds such an
// array (as {"notes": […]}), an object with a text or an object for each key,
// or a single note.
func readJSON(ctx context.Context, s *source) error {
	root, err := s.jsonRoot()
	if err != nil {
		return err
	}
	entries, err := s.jsonEntries(root)
	if err != nil {
		return err
	}
	if s.text[root.start] == '{' {
		path, list, err := s.findList(entries, 3)
		if err != nil {
			return err
		}
		switch {
		case path != "":
			s.remark("the notes are under %q", path)
			entries = list
		case !s.isDictionary(entries):
			entries = []jsonEntry{{jsonSpan: root}}
		}
	}
	return readEntries(ctx, s, entries)
}

// readJSONL reads a text or an object from each line that is not blank.
func readJSONL(ctx context.Context, s *source) error {
	entries, err := s.jsonLines(ctx)
	if err != nil {
		return err
	}
	return readEntries(ctx, s, entries)
}

// jsonLines returns the lines of s.text that are not blank.
func (s *source) jsonLines(ctx context.Context) (entries []jsonEntry, err error) {
	for rest := s.text; rest != ""; {
		start := len(s.text) - len(rest)
		var line string
		line, rest = nextLine(rest)
		if text := strings.TrimSpace(line); text != "" {
			start += strings.Index(line, text)
			entries = append(entries, jsonEntry{jsonSpan: jsonSpan{start, start + len(text)}})
		}
		if err := s.tick(ctx); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// A jsonSpan is where a value lies in the text.
type jsonSpan struct{ start, end int }

// A jsonEntry is an element of an array, or a member of an object.
type jsonEntry struct {
	key string // "" in an array
	jsonSpan
}

// jsonRoot returns where the array or object lies that the text is. It is not
// checked yet.
func (s *source) jsonRoot() (jsonSpan, error) {
	text := strings.TrimSpace(s.text)
	start := strings.Index(s.text, text)
	root := jsonSpan{start, start + len(text)}
	if text == "" || text[0] != '{' && text[0] != '[' {
		if err := s.checkJSON(root); err != nil && text != "" {
			return root, err
		}
		return root, &brokenError{where: s.name, err: errors.New("no list of notes in it"), advice: "give an array of texts or of objects"}
	}
	return root, nil
}

// checkJSON returns the error of broken JSON.
func (s *source) checkJSON(at jsonSpan) error {
	if err := json.Unmarshal([]byte(s.text[at.start:at.end]), new(ignored)); err != nil {
		return s.jsonError(at.start, err)
	}
	return nil
}

// adviceMend is what can be done about broken JSON and XML.
const adviceMend = "export the file again, or mend it there"

// jsonError names the line of an error in the value that begins at base.
func (s *source) jsonError(base int, err error) error {
	offset := base
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset += int(syntax.Offset)
	case errors.As(err, &kind):
		offset += int(kind.Offset)
		// Field is one of those that are asked for; Value may be a literal.
		value, _, _ := strings.Cut(kind.Value, " ")
		err = fmt.Errorf("%q is of the type %s", kind.Field, value)
	}
	line := strings.Count(s.text[:min(offset, len(s.text))], "\n") + 1
	return &brokenError{where: s.line(line), err: brokenJSON(err), advice: adviceMend}
}

// ignored is a value that is checked and passed over.
type ignored struct{}

func (*ignored) UnmarshalJSON([]byte) error { return nil }

// jsonEntries returns the entries of the array or object at a span, which is
// checked by that.
func (s *source) jsonEntries(at jsonSpan) ([]jsonEntry, error) {
	text := s.text[at.start:at.end]
	dec := json.NewDecoder(strings.NewReader(text))
	entries, err := decodeEntries(dec, text, at.start)
	if err == nil && strings.TrimSpace(text[dec.InputOffset():]) == "" {
		return entries, nil
	}
	// A decoder does not count its errors' offsets from the start.
	if checked := s.checkJSON(at); checked != nil {
		return nil, checked
	}
	return nil, s.jsonError(at.start, err)
}

func decodeEntries(dec *json.Decoder, text string, base int) (entries []jsonEntry, err error) {
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	for dec.More() {
		var e jsonEntry
		if text[0] == '{' {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			e.key, _ = key.(string) // a key is nothing else
		}
		before := int(dec.InputOffset())
		if err := dec.Decode(new(ignored)); err != nil {
			return nil, err
		}
		end := int(dec.InputOffset())
		start := end - len(strings.TrimLeft(text[before:end], " \t\n\r,:"))
		e.jsonSpan = jsonSpan{base + start, base + end}
		entries = append(entries, e)
	}
	_, err = dec.Token()
	return entries, err
}

// listNames are the keys under which exports keep their list of notes.
var listNames = [...]string{
	"notes", "items", "data", "records", "results", "entries", "documents", "texts", "messages", "rows", "cards",
}

// findList looks for the list of notes in the entries of an object and, down to
// depth, in the objects in it. It returns the keys that lead there, with dots
// between them, or "". A list of objects counts more than one of texts, and of
// several the longest: a note may have its tags in a list.
func (s *source) findList(entries []jsonEntry, depth int) (path string, list []jsonEntry, err error) {
	var best jsonEntry
	bestRank, isNote := 0, false
	for _, e := range entries {
		rank := 0
		switch s.listOf(e) {
		case '{':
			rank = 2
		case '"':
			rank = 1
		}
		if rank > 0 && slices.Contains(listNames[:], strings.ToLower(e.key)) {
			rank = 3
		}
		if rank > bestRank || rank > 0 && rank == bestRank && e.end-e.start > best.end-best.start {
			best, bestRank = e, rank
		}
		if s.text[e.start] == '"' && nameWeight(e.key) > 1 {
			isNote = true
		}
	}
	switch {
	case bestRank == 3, bestRank > 0 && !isNote:
		list, err := s.jsonEntries(best.jsonSpan)
		return best.key, list, err
	case isNote || depth == 0:
		return "", nil, nil
	}
	for _, e := range entries {
		if s.text[e.start] != '{' {
			continue
		}
		inner, err := s.jsonEntries(e.jsonSpan)
		if err != nil {
			return "", nil, err
		}
		if path, list, err := s.findList(inner, depth-1); err != nil || path != "" {
			return e.key + "." + path, list, err
		}
	}
	return "", nil, nil
}

// listOf returns the first character of the first element of an array, or 0.
func (s *source) listOf(e jsonEntry) byte {
	if s.text[e.start] != '[' {
		return 0
	}
	return strings.TrimLeft(s.text[e.start+1:e.end], " \t\n\r")[0]
}

// isDictionary reports an object whose keys are not names but ids: nothing but
// texts or nothing but objects, and no name that a note's fields have.
func (s *source) isDictionary(entries []jsonEntry) bool {
	if len(entries) == 0 {
		return false
	}
	first := s.text[entries[0].start]
	for _, e := range entries {
		if s.text[e.start] != first || isKnownName(e.key) {
			return false
		}
	}
	return first == '"' || first == '{'
}

// jsonFormat tells the formats that are JSON apart, or returns "" for what is
// not. named says that the file's extension already promises JSON.
func jsonFormat(text string, named bool) Format {
	text = strings.TrimSpace(text)
	if text == "" || (text[0] != '{' && text[0] != '[') || !named && !beginsLikeJSON(text) {
		if named {
			return FormatJSON
		}
		return ""
	}
	first, rest := nextLine(text)
	if rest != "" && text[0] == '{' && json.Valid([]byte(first)) {
		return FormatJSONL
	}
	if text[0] == '[' {
		return FormatJSON
	}
	// What comes before an error is enough to tell.
	keys := make(map[string]bool)
	dec := json.NewDecoder(strings.NewReader(text))
	for _, err := dec.Token(); err == nil && dec.More(); {
		key, err := dec.Token()
		if err != nil || dec.Decode(new(ignored)) != nil {
			break
		}
		name, _ := key.(string)
		keys[name] = true
	}
	switch {
	case keys["textContent"], keys["listContent"], keys["isTrashed"]:
		return FormatKeep
	case keys["cards"] && keys["lists"]:
		return FormatTrello
	}
	return FormatJSON
}

// beginsLikeJSON reports whether the first tokens of text are those of an
// object or of a list of texts or objects. "[ ] call Ann" and "[[Ann]]" are
// notes.
func beginsLikeJSON(text string) bool {
	dec := json.NewDecoder(strings.NewReader(text))
	depth := 0
	for n := range 3 {
		token, err := dec.Token()
		if err != nil {
			return false
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			if depth++; n == 1 && token == json.Delim('[') {
				return false
			}
		case json.Delim('}'), json.Delim(']'):
			if depth--; depth == 0 {
				return strings.TrimSpace(text[dec.InputOffset():]) == ""
			}
		}
	}
	return true
}
