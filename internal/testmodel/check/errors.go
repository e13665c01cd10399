package check

import (
	"errors"
	"strings"
	"testing"
)

// WantError wants an error with a hint and these words.
func WantError(t testing.TB, err error, words string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want %q", words)
		return
	}
	if !strings.Contains(err.Error(), words) {
		t.Errorf("error %q, want %q", err, words)
	}
	var h interface{ Hint() string }
	if !errors.As(err, &h) || h.Hint() == "" {
		t.Errorf("error %q has no hint", err)
	}
}
