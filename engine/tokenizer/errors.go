package tokenizer

import "fmt"

// An UnsupportedError says that a tokenizer.json asks for something this
// package does not do. The file itself may be in order.
type UnsupportedError struct {
	Part string // where it stands: "model", "normalizer", "pre_tokenizer", "post_processor"
	What string // what was asked for, mostly the value of "type"
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("tokenizer.json: %s %q is not supported", e.Part, e.What)
}

// Hint says what can be done about it.
func (e *UnsupportedError) Hint() string {
	if e.Part == "model" {
		return "choose a model whose tokenizer.json has the model type " + supportedModels
	}
	return "choose a model with a BERT tokenizer, such as all-MiniLM-L6-v2"
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
