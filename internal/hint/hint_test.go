package hint

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestOf(t *testing.T) {
	inner := Errorf("look there", "open %s: %w", "x", fs.ErrNotExist)
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"none", errors.New("plain"), ""},
		{"nil", nil, ""},
		{"direct", inner, "look there"},
		{"wrapped", fmt.Errorf("reading: %w", inner), "look there"},
		{"outermost wins", Errorf("look here", "outer: %w", inner), "look here"},
	} {
		if got := Of(tt.err); got != tt.want {
			t.Errorf("%s: Of = %q, want %q", tt.name, got, tt.want)
		}
	}
	if !errors.Is(inner, fs.ErrNotExist) {
		t.Error("a hinted error hides what it wraps")
	}
	if got, want := inner.Error(), "open x: file does not exist"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}
