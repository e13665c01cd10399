//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Ctrl-C at any moment ends a run with 130, two lines and no file: while it
// waits for input, and at moments spread over a run.
func TestInterrupt(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	dir := t.TempDir()
	sheaf := filepath.Join(dir, "sheaf")
	build(t, sheaf, ".")
	input := filepath.Join(dir, "notes.txt")
	var notes strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&notes, "note %d about %c and %c\n", i, 'a'+i%26, 'a'+i*7%26)
	}
	if err := os.WriteFile(input, []byte(notes.String()), 0o600); err != nil {
		t.Fatal(err)
	}

	interrupted, finished := 0, 0
	for _, after := range []time.Duration{0, 5, 20, 50, 100, 200, 400, 800} {
		work := t.TempDir()
		out := filepath.Join(work, "out.md")
		cmd := exec.Command(sheaf, "notes", "-q", "--labeler", "keywords", "-k", "50", "-o", out, input)
		code, stderr := interruptAfter(t, cmd, after*time.Millisecond)
		switch code {
		case exitInterrupted:
			interrupted++
			checkInterrupted(t, after, stderr, work)
		case exitDone:
			finished++
			if st, err := os.Stat(out); err != nil || st.Size() == 0 {
				t.Errorf("after %d ms: done, and yet no output: %v", after, err)
			}
		case -1:
			// The signal came before the program listened for it.
			checkNoFiles(t, after, work)
		default:
			t.Errorf("after %d ms: exit code %d\n%s", after, code, stderr)
		}
	}
	t.Logf("%d interrupted, %d finished first", interrupted, finished)
	if interrupted == 0 {
		t.Error("no run was interrupted: the test sees nothing")
	}

	// Standard input that never ends, as a terminal's.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	defer r.Close()
	work := t.TempDir()
	cmd := exec.Command(sheaf, "notes", "-q", "--labeler", "keywords", "-o", filepath.Join(work, "out.md"))
	cmd.Stdin = r
	if _, err := io.WriteString(w, "one\ntwo\n"); err != nil {
		t.Fatal(err)
	}
	if code, stderr := interruptAfter(t, cmd, 500*time.Millisecond); code != exitInterrupted {
		t.Errorf("waiting for input: exit code %d\n%s", code, stderr)
	} else {
		checkInterrupted(t, 500, stderr, work)
	}
}

// interruptAfter starts cmd, sends it the signal and waits for its end.
func interruptAfter(t *testing.T, cmd *exec.Cmd, after time.Duration) (code int, stderr string) {
	t.Helper()
	var buf bytes.Buffer
	cmd.Stderr = &buf
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		if err := cmd.Process.Kill(); err != nil {
			t.Log(err)
		}
		t.Fatalf("still running 30 s after the signal\n%s", buf.String())
	}
	return cmd.ProcessState.ExitCode(), buf.String()
}

func checkInterrupted(t *testing.T, after time.Duration, stderr, dir string) {
	t.Helper()
	if stderr != "error: interrupted\nhint: nothing was written; run the same command again\n" {
		t.Errorf("after %d ms: stderr is %q", after, stderr)
	}
	checkNoFiles(t, after, dir)
}

func checkNoFiles(t *testing.T, after time.Duration, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("after %d ms: the file %s was left", after, e.Name())
	}
}
