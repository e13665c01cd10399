package tokenizer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// An UnsupportedError says that a tokenizer.json asks for something this
// package does not do. The file itself may be in order.
type UnsupportedError struct {
	Part string // where it stands: "file", "model", "normalizer", "pre_tokenizer", "post_processor"
	What string // what was asked for: mostly the value of "type", or a field
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("tokenizer.json: %s %q is not supported", e.Part, e.What)
}

// Hint says what can be done about it.
func (e *UnsupportedError) Hint() string {
	if e.Part == "model" {
		return "choose a model whose tokenizer.json has the model type " + supportedModels
	}
	return "choose another model; the tokenizers of BERT, MPNet, RoBERTa, ModernBERT, XLM-R and T5 are supported"
}

// A FormatError says that the bytes are not a usable tokenizer.json.
type FormatError struct {
	Reason string
	Err    error // the error of the JSON decoder, or nil
}

func (e *FormatError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("tokenizer.json: %s: %v", e.Reason, e.Err)
	}
	return "tokenizer.json: " + e.Reason
}

func (e *FormatError) Unwrap() error { return e.Err }

// Hint says what can be done about it.
func (e *FormatError) Hint() string {
	return "fetch the model's tokenizer.json again; the file is damaged or of another kind"
}

func malformed(format string, args ...any) error {
	return &FormatError{Reason: fmt.Sprintf(format, args...)}
}

// decode reads a section of a tokenizer.json. A field that v does not have is
// an error: it might change the ids.
func decode(data []byte, part string, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, err = d.Token(); err == io.EOF {
			return nil
		}
		return malformed("%s: more follows after the end of the JSON value", part)
	}
	// The JSON package has no type for this error.
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return &UnsupportedError{part, "field " + strings.Trim(field, `"`)}
	}
	if part == "file" {
		part = "not readable as JSON of the expected shape"
	}
	return &FormatError{Reason: part, Err: err}
}
