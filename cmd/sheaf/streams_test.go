//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A file that is input by standard input, or by name, is never the output.
func TestInputIsNotOutput(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program, and asks its files rather than its threads")
	}
	dir := t.TempDir()
	sheaf, notes := filepath.Join(dir, "sheaf"), filepath.Join(dir, "notes.txt")
	build(t, sheaf, ".")
	const text = "cats\ndogs\nred\nblue\n"
	for _, script := range []string{
		`"$1" notes -o "$2" <"$2"`, `"$1" notes -o "$2" - <"$2"`, `"$1" notes "$2" >>"$2"`, `"$1" notes >>"$2" <"$2"`,
	} {
		if err := os.WriteFile(notes, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("sh", "-c", script, "sh", sheaf, notes).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "both input and output") {
			t.Errorf("%s: %v\n%s", script, err, out)
		}
		if raw, err := os.ReadFile(notes); err != nil || string(raw) != text {
			t.Errorf("%s: the notes are now %q, %v", script, raw, err)
		}
	}
}

// A named pipe is written once, when there is something to write.
func TestOutputToPipe(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program, and asks its files rather than its threads")
	}
	dir := t.TempDir()
	sheaf, pipe := filepath.Join(dir, "sheaf"), filepath.Join(dir, "pipe")
	build(t, sheaf, ".")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	got := make(chan string, 1)
	go func() {
		raw, err := os.ReadFile(pipe)
		if err != nil {
			raw = []byte(err.Error())
		}
		got <- string(raw)
	}()
	cmd := exec.Command(sheaf, "notes", "-q", "--labeler", "none", "-k", "1", "--format", "md", "-o", pipe)
	cmd.Stdin = strings.NewReader("cats\ndogs\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if s := <-got; !strings.HasPrefix(s, "# Cluster 1\n") || strings.Count(s, "\n- ") != 2 {
		t.Errorf("the reader got %q", s)
	}
}

// Ctrl-C ends a run that waits for the other end of a pipe.
func TestInterruptAtPipe(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	dir := t.TempDir()
	sheaf, pipe := filepath.Join(dir, "sheaf"), filepath.Join(dir, "pipe")
	build(t, sheaf, ".")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	notes, err := filepath.Abs("../../examples/notes.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"notes", "-q", "--labeler", "none", pipe},
		{"notes", "-q", "--labeler", "none", "-o", pipe, notes},
	} {
		code, stderr := interruptAfter(t, exec.Command(sheaf, args...), 500*time.Millisecond)
		if code != exitInterrupted || !strings.HasPrefix(stderr, "error: interrupted\nhint: ") {
			t.Errorf("%v: exit code %d\n%s", args, code, stderr)
		}
	}
}

// What goes to a pipe or a file is whole; what goes to a terminal is cut to
// it.
func TestPipedTextIsWhole(t *testing.T) {
	var in strings.Builder
	for i := range 30 {
		in.WriteString(strings.Repeat("a long note about the garden ", 5) + string(rune('a'+i)) + "\n")
	}
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"notes", "-q", "--labeler", "none", "-k", "1"}, io.Reader(strings.NewReader(in.String())), &out, &errs)
	if code != exitDone || strings.Contains(out.String(), "…") || strings.Count(out.String(), "• ") != 30 {
		t.Errorf("exit code %d\n%s\n%s", code, errs.String(), out.String())
	}
}
