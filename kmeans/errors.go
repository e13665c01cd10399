package kmeans

import (
	"errors"
	"fmt"
	"strings"
)

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

// shifted is err with its row counted from lo on.
func shifted(err error, lo int) error {
	var e *InputError
	if lo == 0 || !errors.As(err, &e) || e.Row < 0 {
		return err
	}
	out := *e
	out.Row += lo
	out.msg = strings.Replace(e.msg, fmt.Sprintf("row %d", e.Row), fmt.Sprintf("row %d", out.Row), 1)
	return &out
}
