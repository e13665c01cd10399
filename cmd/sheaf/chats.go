package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"sheaf/internal/corpus"
	"sheaf/internal/pipeline"
	"sheaf/internal/report"
)

func newChats(p *program) *cobra.Command {
	var (
		opts pipeline.ChatsOptions
		out  output
		s    *settings
		sel  chatSelection

		labelsFrom string
	)
	cmd := &cobra.Command{
		Use:   "chats [FILE...]",
		Short: "Sum up conversations without exposing anyone, and group them",
		Long: `Chats reads conversations, takes personal data out of them, sums each up in two
sentences, groups the summaries, names the groups, and groups the groups. What it
writes are the summaries, audited, and the names: never a conversation's own words
as they were. It lowers the risk that somebody can be recognised; it does not
promise anonymity.

Groups of fewer than --min-conversations conversations that differ, or of fewer
than --min-users users where the input names as many, are not shown: their
conversations go to a group "Other" without their texts.

Levels: one of up to 3 base groups, two of up to 40, three of more; at the top a
quarter of the base groups, from 2 to 10. --levels and --top say it otherwise.

Formats of input, found by content and extension: ` + chatFormatNames() + `.
A file, a zip of an export or its folder.

Formats of output: ` + strings.Join(report.Formats(), ", ") + `. With -o the extension of the file decides, where
--format does not; the file can be read by its owner alone. ` + report.CSVNote + `

` + exitCodes + "\n\n" + settingsHelp,
		Example: "  sheaf chats conversations.json\n  sheaf chats --min-conversations 3 --format md -o chats.md export.zip",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.load(p.getenv); err != nil {
				return err
			}
			var err error
			if opts.Corpus, err = sel.options(s.seed); err != nil {
				return err
			}
			if err := checkChats(&opts); err != nil {
				return err
			}
			opts.Common = s.common()
			opts.LabelsFrom = labelsFrom
			return p.chats(cmd.Context(), args, opts, out, s)
		},
	}
	cmd.AddCommand(newReview(p))
	s = newSettings(cmd.Flags())
	f := cmd.Flags()
	out.flags(f)
	sel.flags(f)
	f.IntVar(&opts.MinConversations, "min-conversations", pipeline.DefaultMinConversations, "least conversations of a group that is shown")
	f.IntVar(&opts.MinUsers, "min-users", pipeline.DefaultMinUsers, "least users of a group that is shown, where the input has as many")
	f.IntVar(&opts.Levels, "levels", 0, "levels of groups, the base among them; 0 goes by the number of groups")
	f.IntVar(&opts.Top, "top", 0, "groups on the highest level; 0 goes by the number of base groups")
	f.StringVar(&opts.Rules, "privacy-rules", "", "`file` of words and patterns that are personal, and of those that are not (TOML)")
	f.StringVar(&opts.Facets, "facets", "", "`file` of more questions for the chat model about each conversation (TOML)")
	f.BoolVar(&opts.Restart, "restart", false, "sum up anew and ask the chat model anew, whatever an earlier run has kept")
	f.StringVar(&opts.Reconstruct, "reconstruct", "", "`file` of true categories and labels (JSON), to measure the run by")
	f.StringVar(&labelsFrom, "labels-from", "", "`result` (JSON) of an earlier run: groups that hold most of the same conversations keep their ids and names, your own names before all others")
	complete(cmd, map[string][]string{"input-format": strings.Split(chatFormatNames(), ", "), "role": roleNames()})
	return cmd
}

func chatFormatNames() string {
	var names []string
	for _, f := range corpus.ChatFormats() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

func roleNames() []string {
	var names []string
	for _, r := range corpus.Roles() {
		names = append(names, string(r))
	}
	return names
}

// checkChats refuses what is wrong whatever the input holds.
func checkChats(o *pipeline.ChatsOptions) error {
	for _, v := range []struct {
		name      string
		value, lo int
	}{{"min-conversations", o.MinConversations, 1}, {"min-users", o.MinUsers, 1}, {"levels", o.Levels, 0}, {"top", o.Top, 0}} {
		if v.value < v.lo {
			return usage(fmt.Sprintf("give a whole number from %d", v.lo), "--%s is %d", v.name, v.value)
		}
	}
	return nil
}

// chats runs the command once its flags are read.
func (p *program) chats(ctx context.Context, args []string, opts pipeline.ChatsOptions, out output, s *settings) error {
	format, err := out.choose()
	if err != nil {
		return err
	}
	inputs, err := p.inputs(ctx, args, corpus.PathInput)
	if err != nil {
		return err
	}
	out.mode = 0o600
	if err := p.checkOutput(out.path, append(s.reads(args), files(opts.Rules, opts.Facets, opts.Reconstruct)...)); err != nil {
		return err
	}
	prog := p.newProgress(s.quiet, format == report.JSON)
	defer prog.clear()
	p.equip(&opts.Common, out, s, prog)
	outcome, err := pipeline.Chats(ctx, inputs, opts)
	if err != nil {
		return err
	}
	return p.finish(ctx, outcome, format, out, prog)
}

// files are the names that are not empty.
func files(names ...string) []string {
	var out []string
	for _, n := range names {
		if n != "" {
			out = append(out, n)
		}
	}
	return out
}
