package chat

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"

	"sheaf/labeler/prompts"
)

// An Answer is what a model wrote.
type Answer struct {
	Content      string // as it came; see Text
	Length       bool   // it broke off because it had all its tokens
	Thought      bool   // the model thought before it
	PromptTokens int    // of the prompt, by the server's own count
	Tokens       int    // of the answer and of thoughts, by the same

	kept   bool
	cuts   int
	factor float64 // tokens of the prompt for each that was estimated
}

// shows is what an answer shows of its model.
func (a Answer) shows() observed {
	o := observed{factor: a.factor, thinks: a.Thought && a.isEmpty(), spoke: true}
	// An answer that broke off is all text, but for one that ran into white space.
	if words := strings.Join(strings.Fields(a.Content), " "); a.Short() && len(words) > len(a.Content)*4/5 {
		o.written = float64(a.Tokens) / float64(prompts.Tokens(a.Content))
	}
	return o
}

// An AnswerFault is an answer in which nothing was found. Its text completes
// the sentence "the answer …" and holds nothing of the answer.
type AnswerFault string

func (f AnswerFault) Error() string { return string(f) }

const (
	FaultEmpty  AnswerFault = "is empty"
	FaultCut    AnswerFault = "breaks off"
	FaultNoJSON AnswerFault = "is no JSON object of the right form"
)

// Text is the answer without the thoughts that some models write before it.
func (a Answer) Text() string {
	content := a.Content
	if i := strings.LastIndex(content, "</think>"); i >= 0 {
		content = content[i+len("</think>"):]
	}
	return strings.TrimSpace(content)
}

func (a Answer) isEmpty() bool { return a.Text() == "" }

// Short says whether a shorter answer would have fitted into the tokens.
func (a Answer) Short() bool { return a.Length && !a.Thought }

// fault is what is wrong with an answer in which nothing was found.
func (a Answer) fault(otherwise AnswerFault) AnswerFault {
	switch {
	case a.isEmpty():
		return FaultEmpty
	case a.Length:
		return FaultCut
	}
	return otherwise
}

// Decode finds the first JSON object in the answer that is one of v's form, and
// stores it in what v points to. Some models wrap the object in prose or a code block, or think
// aloud before it. An answer that broke off is taken if its object is complete.
// The error is an [AnswerFault].
func (a Answer) Decode(v any) error {
	to := reflect.ValueOf(v).Elem()
	err := eachObject(a.Text(), func(dec *json.Decoder) error {
		fresh := reflect.New(to.Type()) // an object of another form leaves nothing behind
		if err := dec.Decode(fresh.Interface()); err != nil {
			return err
		}
		to.Set(fresh.Elem())
		return nil
	})
	if err != nil {
		return a.fault(FaultNoJSON)
	}
	return nil
}

var errNoObject = errors.New("no object")

// eachObject gives use the text from one opening brace after the other, until it
// returns no error.
func eachObject(text string, use func(*json.Decoder) error) error {
	const objects = 8 // more braces are no answer
	for range objects {
		i := strings.IndexByte(text, '{')
		if i < 0 {
			break
		}
		// What follows the object does not matter.
		if use(json.NewDecoder(strings.NewReader(text[i:]))) == nil {
			return nil
		}
		text = text[i+1:]
	}
	return errNoObject
}

const faultNoLabel AnswerFault = `is no JSON object with a "label"`

// parseLabel finds the label in an answer, as the model wrote it. The schema
// asks for {"label": "…"}. The error is an AnswerFault.
func parseLabel(a Answer) (string, error) {
	text := a.Text()
	var label string
	if json.Unmarshal([]byte(text), &label) == nil && strings.TrimSpace(label) != "" {
		return label, nil
	}
	err := eachObject(text, func(dec *json.Decoder) error {
		var object map[string]json.RawMessage
		if err := dec.Decode(&object); err != nil {
			return err
		}
		var ok bool
		if label, ok = labelIn(object); !ok {
			return errNoObject
		}
		return nil
	})
	if err != nil {
		return "", a.fault(faultNoLabel)
	}
	return label, nil
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
