package chat

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// A Field is a property of an [Object].
type Field struct {
	Name string
	Type json.RawMessage // from String, OneOf, Scale, List or Object
}

// Object is the JSON schema of an object that has these fields and no other.
// Servers let a model write them in this order.
func Object(fields ...Field) json.RawMessage {
	var properties bytes.Buffer
	names := make([]string, len(fields))
	for i, f := range fields {
		if i > 0 {
			properties.WriteByte(',')
		}
		properties.Write(mustJSON(f.Name))
		properties.WriteByte(':')
		properties.Write(f.Type)
		names[i] = f.Name
	}
	return fmt.Appendf(nil, `{"type":"object","properties":{%s},"required":%s,"additionalProperties":false}`, properties.Bytes(), mustJSON(names))
}

// String is the schema of a text of so many characters.
func String(least, most int) json.RawMessage {
	return fmt.Appendf(nil, `{"type":"string","minLength":%d,"maxLength":%d}`, least, most)
}

// OneOf is the schema of one of several texts.
func OneOf(values ...string) json.RawMessage {
	return fmt.Appendf(nil, `{"type":"string","enum":%s}`, mustJSON(values))
}

// Scale is the schema of a whole number from least to most.
func Scale(least, most int) json.RawMessage {
	var values []int
	for v := least; v <= most; v++ {
		values = append(values, v)
	}
	return fmt.Appendf(nil, `{"type":"integer","enum":%s}`, mustJSON(values))
}

// List is the schema of so many items.
func List(least, most int, item json.RawMessage) json.RawMessage {
	return fmt.Appendf(nil, `{"type":"array","minItems":%d,"maxItems":%d,"items":%s}`, least, most, item)
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("chat: " + err.Error()) // texts and numbers have JSON
	}
	return b
}

// mustBeBounded panics if a string, a list or a number of a schema may go on
// without end.
func mustBeBounded(schema json.RawMessage) {
	if schema == nil {
		return
	}
	var v any
	if err := json.Unmarshal(schema, &v); err != nil {
		panic("chat: the schema is no JSON")
	}
	if at := unbounded(v); at != "" {
		panic("chat: the schema bounds no " + at)
	}
}

// unbounded says what in a schema has no bound, or "".
func unbounded(v any) string {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if at := unbounded(item); at != "" {
				return at
			}
		}
	case map[string]any:
		_, isEnum := v["enum"]
		bound := map[any]string{"string": "maxLength", "array": "maxItems", "integer": "maximum", "number": "maximum"}
		if kind, ok := v["type"].(string); ok && bound[kind] != "" && !isEnum && v[bound[kind]] == nil {
			return kind
		}
		for _, item := range v {
			if at := unbounded(item); at != "" {
				return at
			}
		}
	}
	return ""
}
