package transformer

import "fmt"

// A ModelError says that a folder holds no model that can be used, or that a
// model did not compute what it should.
type ModelError struct {
	Path   string // the folder or file
	Err    error
	Advice string // what to do about it
}

func (e *ModelError) Error() string { return e.Path + ": " + e.Err.Error() }
func (e *ModelError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *ModelError) Hint() string { return e.Advice }

// The advice that fits many errors.
const (
	adviceFolder = "a transformer model is a folder with model.onnx (or onnx/model.onnx), tokenizer.json and config.json, as sentence-transformers writes it"
	adviceFetch  = "fetch the model again; the file is damaged or was cut short"
	adviceOther  = "choose another model, or another .onnx file of this one"
)

func modelError(path, advice, format string, args ...any) error {
	return &ModelError{Path: path, Err: fmt.Errorf(format, args...), Advice: advice}
}
