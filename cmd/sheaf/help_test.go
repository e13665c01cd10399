package main

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestHelpFits wants every line of every help to fit a terminal: texts 80
// columns, the table of flags about 100 (pflag puts a default behind its line).
func TestHelpFits(t *testing.T) {
	root := newRoot(&program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard})
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, line := range strings.Split(c.Long, "\n") {
			if len([]rune(line)) > 80 && !strings.HasPrefix(line, "\t") {
				t.Errorf("%s: %d columns: %s", c.CommandPath(), len(line), line)
			}
		}
		for _, line := range strings.Split(c.UsageString(), "\n") {
			// The examples are command lines, which nothing may break.
			if n := len([]rune(line)); n > 115 && !strings.HasPrefix(line, "  sheaf ") {
				t.Errorf("%s: %d columns: %s", c.CommandPath(), n, line)
			}
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
	notes, _, _ := root.Find([]string{"notes"})
	if !strings.Contains(notes.UsageString(), "--labeler") {
		t.Error("no flags in the help: the template has changed")
	}
}
