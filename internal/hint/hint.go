// Package hint carries, beside an error, what the user can do about it.
//
// The command line prints an error as two lines, "error: …" and "hint: …".
// Any error with a method Hint() string is understood, so that the public
// packages need not import this one.
package hint

import (
	"errors"
	"fmt"
)

type hinted struct {
	error
	hint string
}

func (h *hinted) Hint() string  { return h.hint }
func (h *hinted) Unwrap() error { return h.error }

// Errorf is fmt.Errorf with a hint: one line, an instruction, no full stop.
func Errorf(hint, format string, args ...any) error {
	return &hinted{fmt.Errorf(format, args...), hint}
}

// Of returns the hint of the outermost error in err's chain that has one, or "".
func Of(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}
