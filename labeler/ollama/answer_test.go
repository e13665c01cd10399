package ollama

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
		{"", "stop", "", faultEmpty},
		{" \n", "length", "", faultEmpty},
		{`{"label":"A`, "length", "", faultCut},
		{`{"label":"A`, "stop", "", faultNoJSON},
		{`{"label":"A"`, "length", "", faultCut},
		{`{"label":null}`, "stop", "", faultNoJSON},
		{`{"label":["A"]}`, "stop", "", faultNoJSON},
		{`{"label":" "}`, "stop", "", faultNoJSON},
		{`["A"]`, "stop", "", faultNoJSON},
		{`""`, "stop", "", faultNoJSON},
		{"null", "stop", "", faultNoJSON},
		{"A", "stop", "", faultNoJSON},
		{strings.Repeat("{", 100) + `{"label":"A"}`, "stop", "", faultNoJSON},
	} {
		got, err := parseAnswer(c.content, c.reason)
		if got != c.want || !errors.Is(err, c.fault) {
			t.Errorf("parseAnswer(%q, %q) = %q, %v", c.content, c.reason, got, err)
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
		got, err := parseAnswer(s, reason)
		var fault answerFault
		if (err == nil) != (strings.TrimSpace(got) != "") || err != nil && !errors.As(err, &fault) {
			t.Fatalf("parseAnswer(%q, %q) = %q, %v", s, reason, got, err)
		}
		if !utf8.ValidString(got) {
			t.Fatalf("parseAnswer(%q, %q) = %q", s, reason, got)
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
		if got, err := parseAnswer(string(object), reason); err == nil && got != want || err != nil && strings.TrimSpace(want) != "" {
			t.Fatalf("parseAnswer(%s) = %q, %v", object, got, err)
		}
	})
}
