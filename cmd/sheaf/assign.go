package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"sheaf/internal/corpus"
	"sheaf/internal/pipeline"
	"sheaf/internal/report"
)

func newAssign(p *program) *cobra.Command {
	var (
		opts        pipeline.AssignOptions
		inputFormat string
		out         output
		s           *settings
	)
	cmd := &cobra.Command{
		Use:   "assign RESULT.json [FILE...]",
		Short: "Put new texts into the groups of an earlier result",
		Long: `Assign reads short texts as notes does and puts each into the nearest group of an
earlier JSON result, with the distance, or among those that fit nowhere. Nearest is
the group to whose middle and three nearest members together the text has the least
squared distance. The groups stay as they are. The model has to be the one that made the result; without --model
it is looked for by its name.

A text fits nowhere where the mean squared distance to the three nearest members is
more than what --fit of the earlier items have, each judged as if it were new: with
0.95, a twentieth of what belongs there is turned away. Half of that by which the
members of a larger group are farther apart than usual is taken off. The threshold
is in the JSON (manifest.assign), each item's score beside its distance (fit).

With --update the earlier result is written with the new items in it: groups keep
ids, names and centroids. Of what fits nowhere, three texts or more that lie as
close together as a group does make a new one, which is named; the rest waits in
the group "none" for more of its kind.

Formats of input: ` + formatNames() + `.
Formats of output: ` + strings.Join(report.Formats(), ", ") + `. With -o the extension of the file decides, where
--format does not. ` + report.CSVNote + `

` + exitCodes + "\n\n" + settingsHelp,
		Example: "  sheaf assign groups.json new.txt\n  sheaf assign --update -o groups2.json groups.json new.txt",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("sheaf notes --json -o groups.json notes.txt makes one: sheaf assign groups.json new.txt", "no result to put texts into")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.load(p.getenv); err != nil {
				return err
			}
			if _, err := corpus.ParseFormat(inputFormat); err != nil {
				return usageError{err}
			}
			if err := pipeline.CheckShare(opts.Share); err != nil {
				return usageError{err}
			}
			opts.Common, opts.Format = s.common(), corpus.Format(inputFormat)
			if s.source["model"] != "flag" {
				opts.Model = "" // that of the result
			}
			return p.assign(cmd.Context(), args, opts, out, s)
		},
	}
	s = newSettings(cmd.Flags(), "model", "lexicon", "provider", "dim", "max-seq-length", "prompt", "labeler", "chat-model", "ollama-host", "base-url", "temperature", "top-k", "top-p",
		"max-tokens", "candidates", "language", "prompt-dir", "num-ctx", "num-thread", "chat-workers", "chat-timeout", "chat-run-timeout", "keep-alive",
		"seed", "threads", "no-cache", "quiet")
	f := cmd.Flags()
	f.StringVar(&inputFormat, "input-format", "auto", "format of the input: "+formatNames())
	f.StringVar(&opts.Column, "column", "", "column of a table, by name or number, or key of JSON, that holds the text")
	f.Float64Var(&opts.Share, "fit", pipeline.DefaultShare, "`share` of the earlier items that would fit if they were new, above 0 to 1")
	f.BoolVar(&opts.Update, "update", false, "write the earlier result with the new texts in it, and with new groups of what fits nowhere")
	out.flags(f)
	complete(cmd, map[string][]string{"input-format": strings.Split(formatNames(), ", ")})
	return cmd
}

// assign runs the command once its flags are read.
func (p *program) assign(ctx context.Context, args []string, opts pipeline.AssignOptions, out output, s *settings) error {
	format, err := out.choose()
	if err != nil {
		return err
	}
	opts.Result, args = args[0], args[1:]
	if opts.Result == "-" {
		return usage("save the result to a file and name it", "the result cannot be read from standard input")
	}
	inputs, err := p.inputs(ctx, args, corpus.FileInput)
	if err != nil {
		return err
	}
	if err := p.checkOutput(out.path, s.reads(args)); err != nil {
		return err
	}
	prog := p.newProgress(s.quiet, format == report.JSON)
	defer prog.clear()
	p.equip(&opts.Common, out, s, prog)
	outcome, err := pipeline.Assign(ctx, inputs, opts)
	if err != nil {
		return err
	}
	return p.finish(ctx, outcome, format, out, prog)
}
