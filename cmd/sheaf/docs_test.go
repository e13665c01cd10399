package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocumentedCommandsExist takes every command line of README and docs, in
// blocks and in running text, and wants its command and its flags to be there.
func TestDocumentedCommandsExist(t *testing.T) {
	docs, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?m)^ {4}(?:.*\| )?(?:go run \./cmd/)?sheaf (.*)$`)
	inline := regexp.MustCompile("(?s)`sheaf ([^`]*)`")
	seen := 0
	for _, file := range append(docs, "../../README.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range append(blocks.FindAllStringSubmatch(string(text), -1), inline.FindAllStringSubmatch(string(text), -1)...) {
			line, _, _ := strings.Cut(m[1], "#")
			args := strings.Fields(line)
			seen++
			root := newRoot(&program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard})
			cmd, rest, err := root.Find(args)
			if err != nil || cmd == root {
				t.Errorf("%s: no command for %q", file, "sheaf "+line)
				continue
			}
			// Running text names a flag without its value.
			if err := cmd.ParseFlags(rest); err != nil && !strings.Contains(err.Error(), "needs an argument") {
				t.Errorf("%s: %q: %v", file, "sheaf "+line, err)
			}
		}
	}
	if seen < 30 {
		t.Errorf("%d command lines found: the patterns have come apart from the documents", seen)
	}
}

// TestDocumentedFilesExist follows the links of README and docs to other files.
func TestDocumentedFilesExist(t *testing.T) {
	docs, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	named := regexp.MustCompile("`((?:docs|models|scripts|kmeans|internal|examples|labeler)/[a-zA-Z0-9/._-]+)`")
	for _, file := range append(docs, "../../README.md", "../../CONTRIBUTING.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), m[1])); err != nil {
				t.Errorf("%s links to %s: %v", file, m[1], err)
			}
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			if found, _ := filepath.Glob("../../" + m[1] + "*"); len(found) == 0 {
				t.Errorf("%s names %s, which is not there", file, m[1])
			}
		}
	}
}
