// Sheaf groups loose texts and names the groups, on this machine alone.
//
// Run sheaf help for the commands, and sheaf help notes for the main one.
package main

import (
	"cmp"
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"
)

// version is that of the release; it goes into every result.
const version = "0.1.0"

func main() {
	// The heap of a large run is a few long-lived tables: collecting at half of
	// what is alive instead of all of it costs little time and saves a third
	// of the memory. GOGC still decides where it is set.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the default comes back, so that a second one
	// ends a program that does not listen.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the program: data on stdout, everything else on stderr, and the exit
// code. It is all that main does, so that tests can do it too.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr, getenv: os.Getenv}
	root := newRoot(p)
	root.SetArgs(args)
	help := &checkedWriter{w: stdout}
	root.SetOut(help)
	root.SetErr(stderr)
	done := make(chan error, 1)
	go func() {
		err := root.ExecuteContext(ctx)
		done <- cmp.Or(err, help.err)
	}()
	select {
	case err := <-done:
		return p.exit(ctx, err)
	case <-ctx.Done():
	}
	// A command ends soon after its context, but for one that waits in a
	// system call: for the other end of a pipe, say.
	select {
	case err := <-done:
		return p.exit(ctx, err)
	case <-time.After(graceAfterSignal):
		p.abandon()
		return p.exit(ctx, ctx.Err())
	}
}

// graceAfterSignal is how long a command may take to end after Ctrl-C.
const graceAfterSignal = 2 * time.Second

// A checkedWriter keeps the error of a write that its caller drops, as cobra
// does with help texts.
type checkedWriter struct {
	w   io.Writer
	err error
}

func (c *checkedWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.err = cmp.Or(c.err, err)
	return n, err
}

// A program is what the commands share: its streams and its environment.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string

	mu     sync.Mutex
	unsafe string // a temporary file that an exit now would leave behind
}

// holding notes the temporary file that is being written, or "" when there is
// none any more.
func (p *program) holding(temp string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unsafe = temp
}

// abandon takes away what a command that cannot be ended leaves behind.
func (p *program) abandon() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.unsafe != "" {
		// The run failed already; a file that cannot be removed either has
		// no better place to be told.
		_ = os.Remove(p.unsafe)
	}
}
