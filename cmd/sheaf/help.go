package main

import (
	"strings"

	"github.com/mitchellh/go-wordwrap"
	"github.com/spf13/cobra"
)

const (
	textWidth = 80    // of help texts
	flagWidth = "100" // of the table of flags, which is two columns
)

// fillHelp breaks the lines of every command's help. Where they break in the
// source does not show: parts of them are lists that grow.
func fillHelp(c *cobra.Command) {
	c.SetUsageTemplate(strings.NewReplacer(
		"LocalFlags.FlagUsages", "LocalFlags.FlagUsagesWrapped "+flagWidth,
		"InheritedFlags.FlagUsages", "InheritedFlags.FlagUsagesWrapped "+flagWidth,
	).Replace(c.UsageTemplate()))
	fillTexts(c)
}

func fillTexts(c *cobra.Command) {
	paragraphs := strings.Split(c.Long, "\n\n")
	for i, p := range paragraphs {
		if strings.HasPrefix(p, "\t") || strings.HasPrefix(p, " ") {
			continue // a command to type
		}
		paragraphs[i] = wordwrap.WrapString(strings.Join(strings.Fields(p), " "), textWidth)
	}
	c.Long = strings.Join(paragraphs, "\n\n")
	for _, sub := range c.Commands() {
		fillTexts(sub)
	}
}
