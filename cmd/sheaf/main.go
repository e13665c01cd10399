// Sheaf groups loose texts and names the groups, on this machine alone.
//
// Run sheaf help for the commands, and sheaf help notes for the main one.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// version is that of the release; it goes into every result.
const version = "0.1.0"

func main() {
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
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	return p.exit(ctx, err)
}

// A program is what the commands share: its streams and its environment.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
}
