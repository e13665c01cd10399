package main

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
)

func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:   "sheaf",
		Short: "Group loose texts and name the groups, on this machine alone",
		Long: `Sheaf takes loose texts (sticky notes, answers, questions), groups those that
belong together and names the groups. Everything happens on this machine: no
command but an explicit pull opens a connection to anything but loopback.

` + exitCodes + "\n\n" + settingsHelp,
		Example:       "  sheaf notes notes.txt",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("run sheaf help for the commands", "unknown command %q", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("run "+cmd.CommandPath()+" --help for the flags", "%w", err)
	})
	root.AddCommand(newNotes(p), newDoctor(p), newVersion(p), newMan())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Example = "  sheaf completion bash > ~/.local/share/bash-completion/completions/sheaf"
		}
	}
	return root
}

func newVersion(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Long:    "Version prints sheaf's version, the Go version it was built with and the platform.",
		Example: "  sheaf version",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(p.stdout, versionLine())
			return err
		},
	}
}

func versionLine() string {
	return fmt.Sprintf("sheaf %s (%s, %s/%s)", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("run "+cmd.CommandPath()+" without arguments", "%s takes no arguments, not %q", cmd.CommandPath(), strings.Join(args, " "))
	}
	return nil
}
