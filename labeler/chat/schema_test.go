package chat

import (
	"encoding/json"
	"testing"
)

func TestObject(t *testing.T) {
	got := Object(
		Field{"request", String(2, 80)},
		Field{"language", OneOf("en", "d\"e")},
		Field{"concern", Scale(1, 5)},
		Field{"tasks", List(0, 3, Object(Field{"name", String(1, 9)}))},
	)
	want := `{"type":"object","properties":{"request":{"type":"string","minLength":2,"maxLength":80},` +
		`"language":{"type":"string","enum":["en","d\"e"]},"concern":{"type":"integer","enum":[1,2,3,4,5]},` +
		`"tasks":{"type":"array","minItems":0,"maxItems":3,"items":{"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":9}},` +
		`"required":["name"],"additionalProperties":false}}},"required":["request","language","concern","tasks"],"additionalProperties":false}`
	if string(got) != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	mustBeBounded(got)
	if got := Object(); !json.Valid(got) {
		t.Errorf("%s", got)
	}
}

func TestMustBeBounded(t *testing.T) {
	for schema, want := range map[string]string{
		`{"type":"string"}`: "chat: the schema bounds no string",
		`{"type":"object","properties":{"a":{"type":"array","items":{}}}}`: "chat: the schema bounds no array",
		`{"anyOf":[{"type":"null"},{"type":"integer"}]}`:                   "chat: the schema bounds no integer",
		`{"type":`:                                                "chat: the schema is no JSON",
		`{"type":"string","maxLength":5}`:                         "",
		`{"enum":["a"],"type":"string"}`:                          "",
		`{"type":"integer","minimum":0,"maximum":9}`:              "",
		`{"type":"boolean"}`:                                      "",
		`{"properties":{"type":{"type":"string","maxLength":1}}}`: "",
	} {
		got := func() (got any) {
			defer func() { got = recover() }()
			mustBeBounded(json.RawMessage(schema))
			return ""
		}()
		if got == nil {
			got = ""
		}
		if got != want {
			t.Errorf("%s: %v", schema, got)
		}
	}
	mustBeBounded(nil)
}
