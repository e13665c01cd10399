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
	root.Version = version
	root.SetVersionTemplate(versionLine() + "\n")
	root.SetHelpCommand(newHelp())
	root.AddCommand(newNotes(p), newAssign(p), newK(p), newBench(p), newBenchWorker(p), newChats(p), newEmbed(p), newPrivacy(p), newCache(p), newModels(p), newRuntime(p), newDoctor(p), newVersion(p), newMan())
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Example = "  sheaf completion bash > ~/.local/share/bash-completion/completions/sheaf"
			c.Args = oneOf(c)
			c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
			for _, shell := range c.Commands() {
				shell.Args = noArgs
			}
		}
	}
	fillHelp(root)
	return root
}

func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Explain a command",
		Example: "  sheaf help notes",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usage("run sheaf help for the commands", "no command %q to explain", strings.Join(args, " "))
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// oneOf refuses arguments that are none of the sub-commands.
func oneOf(c *cobra.Command) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var names []string
		for _, sub := range c.Commands() {
			names = append(names, sub.Name())
		}
		return usage("choose one of "+strings.Join(names, ", "), "%s %q is not known", c.CommandPath(), args[0])
	}
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
