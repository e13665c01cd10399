package kmeans

import "fmt"

// InputError is data or a parameter that cannot be clustered.
type InputError struct {
	Row int // the row of X, of Weights or of the centroids, or -1
	Col int // the column in that row, or -1

	msg, hint string
}

// Error says what is wrong and where.
func (e *InputError) Error() string { return e.msg }

// Hint says what the caller can do about it.
func (e *InputError) Hint() string { return e.hint }

func inputErrorf(hint, format string, args ...any) *InputError {
	return &InputError{Row: -1, Col: -1, msg: fmt.Sprintf(format, args...), hint: hint}
}

func cellErrorf(row, col int, hint, format string, args ...any) *InputError {
	return &InputError{Row: row, Col: col, msg: fmt.Sprintf(format, args...), hint: hint}
}
