package main

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sheaf/internal/corpus"
	"sheaf/internal/pipeline"
	"sheaf/internal/report"
)

func newK(p *program) *cobra.Command {
	var (
		opts                      pipeline.CurveOptions
		inputFormat, path, format string
		asJSON                    bool
		s                         *settings
	)
	cmd := &cobra.Command{
		Use:   "k [FILE...]",
		Short: "Say how many groups there may be",
		Long: `K reads short texts as notes does and shows how good each number of groups is: a
curve, the number that -k auto takes, and the range that is as plausible.

The search compares numbers of groups by the variance that they explain less what
they cost. Of those that score alike the one is taken whose groups come out most
alike on subsamples of the texts. The range reaches from that number divided by
the square root of two to that number times it.

Formats of output: text, json, html (a page of its own that loads nothing). With -o
the extension of the file decides, where --format does not.

Formats of input: ` + formatNames() + `.

` + exitCodes + "\n\n" + settingsHelp,
		Example: "  sheaf k notes.txt\n  sheaf k -o curve.html survey.csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.load(p.getenv); err != nil {
				return err
			}
			if _, err := corpus.ParseFormat(inputFormat); err != nil {
				return usageError{err}
			}
			name, err := choosePage(format, path, asJSON, pageFormats)
			if err != nil {
				return err
			}
			opts.Common, opts.Format = s.common(), corpus.Format(inputFormat)
			return p.curve(cmd.Context(), args, opts, path, name, s)
		},
	}
	s = newSettings(cmd.Flags(), "model", "adapt", "lexicon", "dim", "max-seq-length", "prompt", "provider", "seed", "threads", "no-cache", "quiet")
	f := cmd.Flags()
	f.StringVar(&inputFormat, "input-format", "auto", "format of the input: "+formatNames())
	f.StringVar(&opts.Column, "column", "", "column of a table, by name or number, or key of JSON, that holds the text")
	f.StringVarP(&path, "output", "o", "", "write to a `file`, which appears when it is whole")
	f.StringVar(&format, "format", "", "format of the output: text, json, html (default text)")
	f.BoolVar(&asJSON, "json", false, "the same as --format json")
	complete(cmd, map[string][]string{"input-format": strings.Split(formatNames(), ", "), "format": pageFormats})
	return cmd
}

// pageFormats are the formats of what is a table and a drawing.
var pageFormats = []string{"text", "json", "html"}

// choosePage is the format of the output: the flag, else the extension of -o,
// else text.
func choosePage(name, path string, asJSON bool, formats []string) (string, error) {
	ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
	switch {
	case asJSON && name != "" && name != "json":
		return "", usage("give one of them", "--json and --format %s contradict each other", name)
	case asJSON:
		return "json", nil
	case name == "" && slices.Contains(formats, ext):
		return ext, nil
	case name == "":
		return "text", nil
	case !slices.Contains(formats, name):
		return "", usage("use one of "+strings.Join(formats, ", "), "unknown format %q", name)
	}
	return name, nil
}

// curve runs the command once its flags are read.
func (p *program) curve(ctx context.Context, args []string, opts pipeline.CurveOptions, path, format string, s *settings) error {
	inputs, err := p.inputs(ctx, args, corpus.FileInput)
	if err != nil {
		return err
	}
	if err := p.checkOutput(path, s.reads(args)); err != nil {
		return err
	}
	prog := p.newProgress(s.quiet, format == "json")
	defer prog.clear()
	p.equip(&opts.Common, output{}, s, prog)
	c, err := pipeline.Curve(ctx, inputs, opts)
	if err != nil {
		return err
	}
	prog.clear()
	for _, w := range c.Warnings {
		prog.warn(w)
	}
	return p.writeTo(ctx, path, func(w io.Writer) error { return report.WriteCurve(w, c, format) })
}

// writeTo gives write the place to write to: stdout or, whole or not at all,
// the file.
func (p *program) writeTo(ctx context.Context, path string, write func(io.Writer) error) error {
	if path == "" || path == "-" {
		return write(p.stdout)
	}
	f, err := report.CreateAtomic(path, 0)
	if err != nil {
		return err
	}
	p.holding(f.Temp())
	defer p.holding("")
	defer f.Abort() // after Commit there is nothing left to abort
	if err := write(&endingWriter{ctx, f}); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return f.Commit()
}
