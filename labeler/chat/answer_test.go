package chat

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"sheaf/labeler"
)

func TestParseAnswer(t *testing.T) {
	for _, c := range []struct {
		content, reason, want string
		fault                 error
	}{
		{`{"label":"A"}`, "stop", "A", nil},
		{"\n {\"label\" : \"A\\u00e9\"} ", "stop", "Aé", nil},
		{`{"label":"A"}{"label":"B"}`, "stop", "A", nil},
		{`{"name":"N","title":"T","label":"L"}`, "stop", "L", nil},
		{`{"label":"","title":"T"}`, "stop", "T", nil},
		{`{"LABEL":"A"}`, "stop", "A", nil},
		{`{"label":"A {b}"}`, "stop", "A {b}", nil},
		{`{not json} {"label":"A"}`, "stop", "A", nil},
		{`"A"`, "stop", "A", nil},
		{"", "stop", "", FaultEmpty},
		{" \n", "length", "", FaultEmpty},
		{`{"label":"A`, "length", "", FaultCut},
		{`{"label":"A`, "stop", "", faultNoLabel},
		{`{"label":"A"`, "length", "", FaultCut},
		{`{"label":null}`, "stop", "", faultNoLabel},
		{`{"label":["A"]}`, "stop", "", faultNoLabel},
		{`{"label":" "}`, "stop", "", faultNoLabel},
		{`["A"]`, "stop", "", faultNoLabel},
		{`""`, "stop", "", faultNoLabel},
		{"null", "stop", "", faultNoLabel},
		{"A", "stop", "", faultNoLabel},
		{strings.Repeat("{", 100) + `{"label":"A"}`, "stop", "", faultNoLabel},
	} {
		got, err := parseLabel(Answer{Content: c.content, Length: c.reason == "length"})
		if got != c.want || !errors.Is(err, c.fault) {
			t.Errorf("the label of %q, %q: %q, %v", c.content, c.reason, got, err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		`{"label":"A"}`, "```json\n{\"label\": \"A\"}\n```", `Sure! {"title": "x"}`, `{"label": "Ani`, `{"label":` + "   \n", "<think>a</think>{}",
		`{"a":{"label":"x"}}`, `"x"`, `{"label":"\ud800"}`, "{{{{", "\xff{\"label\":\"\xff\"}", `{"label":["a"]}`, `{"label":1e999}`,
	} {
		f.Add(s, "stop")
		f.Add(s, "length")
	}
	f.Fuzz(func(t *testing.T, s, reason string) {
		got, err := parseLabel(Answer{Content: s, Length: reason == "length"})
		var fault AnswerFault
		if (err == nil) != (strings.TrimSpace(got) != "") || err != nil && !errors.As(err, &fault) {
			t.Fatalf("the label of %q, %q: %q, %v", s, reason, got, err)
		}
		if !utf8.ValidString(got) {
			t.Fatalf("the label of %q, %q = %q", s, reason, got)
		}
		// Whatever came, a label that passes keeps the bounds.
		if tidy := labeler.Tidy(got); labeler.Check(tidy, nil) == nil {
			if n := utf8.RuneCountInString(tidy); n == 0 || n > labeler.MaxChars {
				t.Fatalf("label %q of %q", tidy, s)
			}
		}
		// A label that a model writes as it was told comes out as it is.
		want := strings.ToValidUTF8(s, "")
		object, err := json.Marshal(map[string]string{"label": want})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := parseLabel(Answer{Content: string(object), Length: reason == "length"}); err == nil && got != want || err != nil && strings.TrimSpace(want) != "" {
			t.Fatalf("the label of %s: %q, %v", object, got, err)
		}
	})
}

// Whatever a model writes, Decode finds the object that stands in it, and
// nothing where none does.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"concern":3}`, "Sure: ```json\n{\"concern\": 3, \"x\": [1]}\n```", `{"concern":"3"} {"concern":4}`, `<think>{"concern":1}</think>`, "{{{{{{{{{", `[{"concern":2}]`, "\xff{"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v := struct{ Concern int }{-1}
		err := Answer{Content: s}.Decode(&v)
		var fault AnswerFault
		if err != nil && (!errors.As(err, &fault) || v.Concern != -1) {
			t.Fatalf("%q: %+v, %v", s, v, err)
		}
		if err == nil && !strings.Contains(s, "{") {
			t.Fatalf("%q: %+v", s, v)
		}
		if strings.ContainsAny(s, "{") || strings.Contains(s, "</think>") {
			return
		}
		wrapped := Answer{Content: s + ` {"concern": 7} ` + s}
		if err := wrapped.Decode(&v); err != nil || v.Concern != 7 {
			t.Fatalf("%q: %+v, %v", wrapped.Content, v, err)
		}
	})
}
