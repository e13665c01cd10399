package corpus

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// Exports change without notice, and what is not needed must not spoil the rest:
// these types take whatever JSON holds, and stay empty where it makes no sense.

// A looseText is a string, or a number as it is written; else it is empty.
type looseText string

func (t *looseText) UnmarshalJSON(b []byte) error {
	*t = ""
	switch c := b[0]; {
	case c == '"':
		s, err := unquote(b)
		if err != nil {
			return err
		}
		*t = looseText(s)
	case c == '-' || '0' <= c && c <= '9':
		*t = looseText(b)
	}
	return nil
}

// unquote returns the text of a JSON string that was found to be valid, which most
// often stands there as it is.
func unquote(b []byte) (s string, err error) {
	if bytes.IndexByte(b, '\\') < 0 {
		return string(b[1 : len(b)-1]), nil
	}
	err = json.Unmarshal(b, &s)
	return s, err
}

// A looseBool is true where JSON has true.
type looseBool bool

func (t *looseBool) UnmarshalJSON(b []byte) error {
	*t = looseBool(b[0] == 't')
	return nil
}

// A looseTime is a point in time: seconds, milli- or microseconds since 1970 as a
// number or in a string, or a date as programs write it.
type looseTime struct{ time.Time }

func (t *looseTime) UnmarshalJSON(b []byte) error {
	t.Time = time.Time{}
	var text looseText
	if b[0] == '{' { // as databases export it
		var object struct {
			Date looseTime `json:"$date"`
			Long looseText `json:"$numberLong"`
		}
		if json.Unmarshal(b, &object) == nil {
			t.Time = object.Date.Time
			if t.IsZero() {
				t.Time = parseTime(string(object.Long))
			}
		}
		return nil
	}
	if err := text.UnmarshalJSON(b); err != nil {
		return err
	}
	t.Time = parseTime(string(text))
	return nil
}

// timeLayouts are the ways in which exports write a time.
var timeLayouts = [...]string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999",
	"2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999 Z0700",
	"2006-01-02 15:04:05.999999999 MST",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04",
	"2006-01-02 15:04",
	"2006-01-02",
}

// parseTime returns the time that s stands for, in UTC, or the zero time.
func parseTime(s string) time.Time {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 64 {
		return time.Time{}
	}
	if x, err := strconv.ParseFloat(s, 64); err == nil {
		return timeOfNumber(x)
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil && isSaneTime(t) {
			return t.UTC()
		}
	}
	return time.Time{}
}

// timeOfNumber tells seconds, milliseconds, microseconds and nanoseconds apart by
// their size: each is some date after 1973 in one of them only.
func timeOfNumber(x float64) time.Time {
	unit := 1.0
	for unit < 1e9 && math.Abs(x)/unit >= 1e11 {
		unit *= 1e3
	}
	seconds := x / unit
	if !(seconds > 0 && seconds < 1e11) { // NaN too
		return time.Time{}
	}
	whole, part := math.Modf(seconds)
	t := time.Unix(int64(whole), int64(math.Round(part*1e6))*1e3).UTC()
	if !isSaneTime(t) {
		return time.Time{}
	}
	return t
}

// isSaneTime reports a time that can be written down again.
func isSaneTime(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }

// A looseContent is the content of a message: a string, or a list of parts each of
// which is a string or an object with a text in it, or one such object.
type looseContent struct {
	text  string
	other int // parts that hold something else: pictures, sound, files
}

func (c *looseContent) UnmarshalJSON(b []byte) error {
	*c = looseContent{}
	return c.add(b, 8)
}

// add adds a value that is nested no deeper than depth.
func (c *looseContent) add(b []byte, depth int) error {
	switch b = bytes.TrimSpace(b); {
	case len(b) == 0 || depth == 0:
	case b[0] == '"':
		s, err := unquote(b)
		if err != nil {
			return err
		}
		c.join(s)
	case b[0] == '[':
		var parts []json.RawMessage
		if err := json.Unmarshal(b, &parts); err != nil {
			return err
		}
		for _, part := range parts {
			if err := c.add(part, depth-1); err != nil {
				return err
			}
		}
	case b[0] == '{':
		return c.addPart(b, depth-1)
	}
	return nil
}

// A contentPart is an object in a list of parts.
type contentPart struct {
	Type        looseText       `json:"type"`
	ContentType looseText       `json:"content_type"`
	Text        json.RawMessage `json:"text"`
	Value       json.RawMessage `json:"value"`
	Content     json.RawMessage `json:"content"`
}

func (c *looseContent) addPart(b []byte, depth int) error {
	var part contentPart
	if err := json.Unmarshal(b, &part); err != nil {
		return err
	}
	switch strings.ToLower(string(part.Type)) {
	case "thinking", "reasoning", "redacted_thinking", "tool_use", "tool_call", "tool_result", "function_call":
		return nil // not what was said
	}
	for _, text := range []json.RawMessage{part.Text, part.Value, part.Content} {
		if len(text) > 0 && text[0] != 'n' {
			return c.add(text, depth)
		}
	}
	c.other++
	return nil
}

// join adds a paragraph.
func (c *looseContent) join(s string) {
	switch {
	case isBlank(s):
	case c.text == "":
		c.text = s
	default:
		c.text += "\n\n" + s
	}
}
