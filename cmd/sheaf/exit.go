package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"sheaf/internal/hint"
)

// The exit codes. They stand in the help text too.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitIncomplete  = 3
	exitInterrupted = 130
)

const exitCodes = `Exit codes: 0 done; 1 failed, because of a file, a model or the data; 2 wrong usage;
3 done, but something is missing (stderr says what); 130 interrupted.`

// A usageError is what can be known to be wrong without opening an input.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usage is hint.Errorf for wrong usage.
func usage(how, format string, args ...any) error {
	return usageError{hint.Errorf(how, format, args...)}
}

// errIncomplete is a run that is done with something missing. What is missing
// was said where it was found.
var errIncomplete = errors.New("something is missing in the result")

// exit prints err, if there is one, and gives the exit code.
func (p *program) exit(ctx context.Context, err error) int {
	var ue usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errIncomplete):
		return exitIncomplete
	case ctx.Err() != nil:
		how := "nothing was written; run the same command again"
		if errors.Is(err, ctx.Err()) {
			how = or(hint.Of(err), how)
		}
		p.fail("interrupted", how)
		return exitInterrupted
	case errors.As(err, &ue):
		p.fail(err.Error(), or(hint.Of(err), "run sheaf help for the commands and their flags"))
		return exitUsage
	}
	p.fail(err.Error(), or(hint.Of(err), hintFor(err)))
	return exitFailed
}

// hintFor is a hint for an error that brings none.
func hintFor(err error) string {
	var path *fs.PathError
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return "make room on the disk, or write elsewhere"
	case errors.As(err, &path):
		return "check the path and its permissions"
	}
	return "run sheaf doctor to see what is here and what is missing"
}

// fail prints the two lines of an error. What it quotes may come from a file
// or an argument; it reaches the terminal on one line and without controls.
func (p *program) fail(err, hint string) {
	say(p.stderr, "error: "+err)
	say(p.stderr, "hint: "+hint)
}

// say prints one line. A line that cannot be printed on stderr has nowhere
// else to go, and so the error is dropped.
func say(w io.Writer, line string) {
	_, _ = fmt.Fprintln(w, oneLine(line))
}

// oneLine shows control characters as escapes, so that no text of a user can
// steer the terminal or forge a second line.
func oneLine(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t':
			b.WriteByte(' ')
		case r < 0x20 || r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x2028, r == 0x2029:
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
