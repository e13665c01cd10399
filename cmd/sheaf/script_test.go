package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"sheaf/internal/testmodel"
)

var update = flag.Bool("update", false, "write what the scripts saw into their golden files")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"sheaf": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// TestScripts runs testdata/script: command lines with their stdout, stderr
// and exit code. In the scripts, nobody listens where Ollama would.
func TestScripts(t *testing.T) {
	notes, err := filepath.Abs("../../examples/notes.txt")
	if err != nil {
		t.Fatal(err)
	}
	// The race detector, which runs the short tests, makes a command twenty
	// times slower: it gets those that compute on several threads.
	var files []string
	dir := "testdata/script"
	if testing.Short() {
		for _, name := range []string{"notes", "chats", "embed"} {
			files = append(files, filepath.Join(dir, name+".txtar"))
		}
		dir = ""
	}
	testscript.Run(t, testscript.Params{
		Dir:           dir,
		Files:         files,
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			raw, err := os.ReadFile(notes)
			if err != nil {
				return err
			}
			env.Setenv("SHEAF_HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("OLLAMA_HOST", "127.0.0.1:1")
			chats, err := os.ReadFile("testdata/chats.jsonl")
			if err != nil {
				return err
			}
			return errors.Join(os.WriteFile(filepath.Join(env.WorkDir, "notes.txt"), raw, 0o600),
				os.WriteFile(filepath.Join(env.WorkDir, "chats.jsonl"), chats, 0o600))
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exitcode":   cmdExitCode,
			"twolines":   cmdTwoLines,
			"nofiles":    cmdNoFiles,
			"make-file":  cmdMakeFile,
			"make-model": cmdMakeModel,
			"hub":        cmdHub,
			"release":    cmdRelease,
		},
	})
}

// exitcode N COMMAND… runs a command that has to end with that exit code.
func cmdExitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode N command...")
	}
	code := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		code = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if code != args[0] {
		ts.Fatalf("%v: exit code %s, want %s", args[1:], code, args[0])
	}
}

// twolines says that stderr ends with one error line and one hint line, and
// that nothing but notices stands before them.
func cmdTwoLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: twolines")
	}
	lines := strings.Split(strings.TrimSuffix(ts.ReadFile("stderr"), "\n"), "\n")
	n := len(lines)
	if n < 2 || !strings.HasPrefix(lines[n-2], "error: ") || !strings.HasPrefix(lines[n-1], "hint: ") {
		ts.Fatalf("stderr does not end with an error and a hint:\n%s", strings.Join(lines, "\n"))
	}
	for _, l := range lines {
		if strings.Contains(l, "goroutine ") || strings.Contains(l, "panic") || strings.HasPrefix(l, "Usage:") {
			ts.Fatalf("stderr has more than an error:\n%s", strings.Join(lines, "\n"))
		}
	}
	for _, l := range lines[:n-2] {
		if strings.HasPrefix(l, "error: ") || strings.HasPrefix(l, "hint: ") {
			ts.Fatalf("more than one error or hint:\n%s", strings.Join(lines, "\n"))
		}
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("an error, and yet stdout has %d bytes", len(out))
	}
}

// nofiles DIR says that a folder holds no file at all, temporary ones included.
func cmdNoFiles(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: nofiles dir")
	}
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, e := range entries {
		ts.Fatalf("%s has the file %s", args[0], e.Name())
	}
}

// make-file NAME KIND makes what a text archive cannot hold.
func cmdMakeFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: make-file name kind")
	}
	var data []byte
	switch args[1] {
	case "binary":
		data = []byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x01\x02\x03")
	case "million-concepts":
		var b strings.Builder
		for i := range 1_000_000 {
			fmt.Fprintf(&b, "concept %d: word%d\n", i, i)
		}
		data = []byte(b.String())
	case "million-lines":
		data = []byte(strings.Repeat("\n", 1_000_000) + "billing: invoice\n")
	case "long":
		data = []byte(strings.Repeat("word ", 2<<20) + "\n")
	case "undefined-byte":
		data = []byte("one\ntwo \x81 three\n")
	case "cp1252":
		data = []byte("caf\xe9 cr\xe8me\nth\xe9 \x96 vert\nred wine\nbeer\n")
	case "bom-crlf":
		data = []byte("\xef\xbb\xbfcats\r\ndogs\r\nred\r\nblue\r\n")
	case "utf16":
		data = []byte("\xff\xfec\x00a\x00t\x00s\x00\n\x00d\x00o\x00g\x00s\x00\n\x00r\x00e\x00d\x00\n\x00")
	default:
		ts.Fatalf("no kind %q", args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o600))
}

// make-model DIR makes a small transformer model with random weights.
func cmdMakeModel(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: make-model dir")
	}
	ts.Check(testmodel.Small(testmodel.BERT, "mean_tokens").Write(ts.MkAbs(args[0])))
}

// build makes a program for tests that look at the real one.
func build(t *testing.T, out, pkg string) {
	t.Helper()
	if msg, err := exec.Command("go", "build", "-o", out, pkg).CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", pkg, err, msg)
	}
}

// ownProgram is this test program under the name that makes it sheaf; see
// TestMain.
func ownProgram(t *testing.T, dir string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "sheaf")
	if err := os.WriteFile(path, raw, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}
