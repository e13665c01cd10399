package main

import (
	"context"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/pipeline"
)

func newBench(p *program) *cobra.Command {
	var (
		opts         pipeline.BenchOptions
		data         []string
		chatModels   []string
		promptDirs   []string
		path, format string
		asJSON       bool
		s            *settings
	)
	cmd := &cobra.Command{
		Use:   "bench [MODEL...]",
		Short: "Compare embedding models on your own texts",
		Long: `Bench compares embedding models: builtin, installed ones by name, and folders;
without any, the built-in one and all that are installed. Each runs in a process of
its own.

With --label-column the clusters of each model's vectors are compared with the
groups in that column, by the V-measure and others (--json has them all). Protocols:
sheaf does as sheaf notes does; mteb-v1 and mteb-v2 are those of the MTEB benchmark:
mini-batch k-means of batches of 500 with scikit-learn's own random numbers, the
mean of ten seeds; and the mean of ten draws of 16,384 texts with putting back, in
batches of 512. Without labels, models are compared by how stable their clusters are
over seeds and subsamples and by the silhouette, and with the first model: the
groups of it that another tears apart are shown.

Beside that: texts and tokens for each second, the latency of a text alone, the time
to load, processor time, the most memory and the size of a vector. A comparison that
was ended goes on where it was, unless --no-cache is given.

With --chat-models A,B it compares chat models that run on this machine instead, on
the same groups: those that --model and -k make, or those of --label-column. Each is
asked for the name of each group as sheaf notes does, with the built-in prompts and
with those of each --prompt-dir. Shown are the share of groups with a label that
keeps the rules and is about the texts, how well the labels fit, answers with names
that are in no text, seconds, calls and tokens for each group, and all labels side by
side with those by keywords. A name is one of Ollama's, or of the server at
--base-url; NAME@http://127.0.0.1:8081/v1 is a model of another server.

Formats of output: text, json, md, html (a page of its own with a plot of quality
and speed). With -o the extension of the file decides, where --format does not.

` + exitCodes + "\n\n" + settingsHelp,
		Example: "  sheaf bench --data survey.csv --label-column topic\n  sheaf bench builtin ./potion-base-8M --data notes.txt -o models.html\n  sheaf bench --chat-models tinyllama,llama3.2:1b --data notes.txt",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.load(p.getenv); err != nil {
				return err
			}
			name, err := choosePage(format, path, asJSON, pipeline.BenchFormats())
			if err != nil {
				return err
			}
			if err := pipeline.CheckProtocol(opts.Protocol, opts.LabelColumn); err != nil {
				return usageError{err}
			}
			if len(data) == 0 {
				return usage("name one or more: --data notes.csv", "no texts to compare models on")
			}
			if opts.Repetitions < 1 {
				return usage("give a whole number from 1", "--repetitions is %d", opts.Repetitions)
			}
			opts.Common, opts.Models = s.common(), args
			if err := checkChatFlags(cmd.Flags(), len(chatModels) > 0, args); err != nil {
				return err
			}
			if len(chatModels) > 0 {
				chat := pipeline.ChatBenchOptions{Common: opts.Common, ChatModels: chatModels, PromptDirs: promptDirs, Column: opts.Column, LabelColumn: opts.LabelColumn}
				return p.benchChat(cmd.Context(), data, chat, path, name, s)
			}
			return p.bench(cmd.Context(), data, opts, path, name, s)
		},
	}
	s = newSettings(cmd.Flags(), append([]string{"clusters", "provider", "seed", "threads", "no-cache", "quiet"}, chatOnly...)...)
	f := cmd.Flags()
	f.StringSliceVar(&chatModels, "chat-models", nil, "chat models to compare, by their `names` with commas between them")
	f.StringArrayVar(&promptDirs, "prompt-dir", nil, "with --chat-models: `folder` with "+strings.Join(pipeline.PromptNames(), " or ")+" of your own, to compare with the built-in ones; give it again for more")
	f.StringArrayVar(&data, "data", nil, "`file` with texts, in any format of notes; give it again for more")
	f.StringVar(&opts.Column, "column", "", "column of a table, by name or number, or key of JSON, that holds the text")
	f.StringVar(&opts.LabelColumn, "label-column", "", "column of a table, or key of JSON, that holds the group of each text")
	f.StringVar(&opts.Protocol, "protocol", "sheaf", "how vectors are clustered: "+strings.Join(pipeline.BenchProtocols(), ", "))
	f.IntVar(&opts.Repetitions, "repetitions", 3, "how often speed is measured; the models take turns")
	f.StringVarP(&path, "output", "o", "", "write to a `file`, which appears when it is whole")
	f.StringVar(&format, "format", "", "format of the output: "+strings.Join(pipeline.BenchFormats(), ", ")+" (default text)")
	f.BoolVar(&asJSON, "json", false, "the same as --format json")
	complete(cmd, map[string][]string{"format": pipeline.BenchFormats(), "protocol": pipeline.BenchProtocols()})
	return cmd
}

// bench runs the command once its flags are read.
func (p *program) bench(ctx context.Context, data []string, opts pipeline.BenchOptions, path, format string, s *settings) error {
	inputs, err := p.benchInputs(ctx, data, path)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return hint.Errorf("start sheaf by its path", "where this program lies is not known: %w", err)
	}
	opts.Measure = pipeline.BenchProcess([]string{self, benchWorker}, os.Environ())
	prog := p.newProgress(s.quiet, format == "json")
	defer prog.clear()
	p.equip(&opts.Common, output{}, s, prog)
	r, failed, err := pipeline.Bench(ctx, inputs, opts)
	if err != nil {
		return err
	}
	prog.clear()
	for _, line := range failed {
		prog.warn(line)
	}
	if err := p.writeTo(ctx, path, func(w io.Writer) error { return pipeline.WriteBench(w, r, format) }); err != nil {
		return err
	}
	if len(failed) > 0 {
		return errIncomplete
	}
	return nil
}

// benchInputs opens the texts that models are compared on.
func (p *program) benchInputs(ctx context.Context, data []string, path string) ([]corpus.Input, error) {
	for _, d := range data {
		if d == "-" {
			return nil, usage("save the texts to a file", "texts to compare models on cannot come from standard input")
		}
	}
	inputs, err := p.inputs(ctx, data, corpus.FileInput)
	if err != nil {
		return nil, err
	}
	return inputs, p.checkOutput(path, data)
}

// benchWorker is the command that bench runs for each model.
const benchWorker = "bench-worker"

func newBenchWorker(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     benchWorker,
		Short:   "Measure one model for sheaf bench",
		Long:    "Bench-worker reads a job as JSON from standard input and writes what it measured to standard\noutput. sheaf bench runs it.",
		Example: "  sheaf bench --data notes.csv",
		Hidden:  true,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return pipeline.BenchWorker(cmd.Context(), p.stdin, p.stdout)
		},
	}
}
