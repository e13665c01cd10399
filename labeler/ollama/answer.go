package ollama

import (
	"encoding/json"
	"slices"
	"strings"
)

// An answerFault is an answer that holds no label. Its text completes the
// sentence "the answer …" and holds nothing of the answer.
type answerFault string

func (f answerFault) Error() string { return string(f) }

const (
	faultEmpty  answerFault = "is empty"
	faultCut    answerFault = "breaks off"
	faultNoJSON answerFault = `is no JSON object with a "label"`
)

// parseAnswer finds the label in what a model answered, as the model wrote
// it. The schema asks for {"label": "…"}; some models wrap that in prose or a
// code block, or think aloud before it. An answer that reached its length is
// taken if its object is complete. The error is an answerFault.
func parseAnswer(content, doneReason string) (string, error) {
	if i := strings.LastIndex(content, "</think>"); i >= 0 {
		content = content[i+len("</think>"):]
	}
	content = strings.TrimSpace(content)
	if label, ok := findLabel(content); ok {
		return label, nil
	}
	switch {
	case content == "":
		return "", faultEmpty
	case doneReason == "length":
		return "", faultCut
	}
	return "", faultNoJSON
}

// findLabel looks at the first objects in an answer.
func findLabel(content string) (string, bool) {
	var bare string
	if json.Unmarshal([]byte(content), &bare) == nil {
		return bare, strings.TrimSpace(bare) != ""
	}
	const objects = 8 // more braces are no answer
	rest := content
	for range objects {
		i := strings.IndexByte(rest, '{')
		if i < 0 {
			break
		}
		rest = rest[i:]
		var object map[string]json.RawMessage
		// What follows the object does not matter.
		if json.NewDecoder(strings.NewReader(rest)).Decode(&object) == nil {
			if label, ok := labelIn(object); ok {
				return label, true
			}
		}
		rest = rest[1:]
	}
	return "", false
}

// labelIn returns the label of an object: the value of "label" or of what
// models write for it.
func labelIn(object map[string]json.RawMessage) (string, bool) {
	keys := make([]string, 0, len(object))
	for k := range object {
		keys = append(keys, k)
	}
	slices.Sort(keys) // "Label" before "label", whatever the map's order
	for _, name := range []string{"label", "title", "name"} {
		for _, k := range keys {
			if !strings.EqualFold(k, name) {
				continue
			}
			var s string
			if json.Unmarshal(object[k], &s) == nil && strings.TrimSpace(s) != "" {
				return s, true
			}
		}
	}
	return "", false
}
