package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/pipeline"
	"sheaf/internal/report"
)

func newEmbed(p *program) *cobra.Command {
	var (
		inputFormat, column, path, format string
		s                                 *settings
	)
	cmd := &cobra.Command{
		Use:   "embed [FILE...]",
		Short: "Write the embedding of each text",
		Long: `Embed reads texts as notes does and writes a vector for each, in the order of
the input and without joining those that are the same. Lines, JSONL and tables
are read as a stream: a file may be larger than the memory.

Formats of output: jsonl (an array on each line), csv (a row of numbers, without
a header) and npy (NumPy's; it needs -o). Numbers are float32, vectors have unit
length and are as the model gives them, fitted to no collection. With -o the
extension of the file decides, where --format does not.

A record without a vector (it is empty, broken, or has no word that the model
knows) is null in jsonl; csv and npy stop there and name the line. Blank lines
of plain text and Markdown are no records.

Formats of input: ` + formatNames() + `.

` + exitCodes + "\n\n" + settingsHelp,
		Example: "  sheaf embed -o notes.npy notes.txt\n  cut -f2 table.tsv | sheaf embed - > vectors.jsonl",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.load(p.getenv); err != nil {
				return err
			}
			if _, err := corpus.ParseFormat(inputFormat); err != nil {
				return usageError{err}
			}
			vectors, err := chooseVectors(format, path)
			if err != nil {
				return err
			}
			return p.embed(cmd.Context(), args, path, s, pipeline.EmbedOptions{
				Common: s.common(), Format: corpus.Format(inputFormat), Column: column, Vectors: vectors,
			})
		},
	}
	s = newSettings(cmd.Flags(), "model", "lexicon", "dim", "max-seq-length", "prompt", "provider", "threads", "no-cache", "quiet")
	f := cmd.Flags()
	f.StringVar(&inputFormat, "input-format", "auto", "format of the input: "+formatNames())
	f.StringVar(&column, "column", "", "column of a table, by name or number, or key of JSON, that holds the text")
	f.StringVarP(&path, "output", "o", "", "write to a `file`, which appears when it is whole")
	f.StringVar(&format, "format", "", "format of the output: "+strings.Join(pipeline.VectorFormats(), ", ")+" (default jsonl)")
	for flag, values := range map[string][]string{
		"format": pipeline.VectorFormats(), "provider": {"cpu", "coreml"}, "input-format": strings.Split(formatNames(), ", "),
	} {
		if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic("sheaf: " + err.Error()) // the flags are declared above
		}
	}
	return cmd
}

// chooseVectors is the format of the vectors: the flag, else the extension of
// -o, else jsonl.
func chooseVectors(name, path string) (pipeline.VectorFormat, error) {
	if ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), ".")); name == "" && slices.Contains(pipeline.VectorFormats(), ext) {
		name = ext
	}
	format, err := pipeline.ParseVectorFormat(cmp.Or(name, string(pipeline.VectorsJSONL)))
	if err != nil {
		return "", usageError{err}
	}
	if format == pipeline.VectorsNPY && (path == "" || path == "-") {
		return "", usage("give one: -o vectors.npy", "npy needs a file to write to")
	}
	return format, nil
}

// embed runs the command once its flags are read.
func (p *program) embed(ctx context.Context, args []string, path string, s *settings, opts pipeline.EmbedOptions) error {
	inputs, err := p.inputs(ctx, args, corpus.FileInput)
	if err != nil {
		return err
	}
	if err := p.checkOutput(path, s.reads(args)); err != nil {
		return err
	}
	opts.ModelHome, opts.CacheDir, opts.RuntimeDir = p.modelHome(), p.cacheHome(), p.runtimeHome()
	prog := p.newProgress(s.quiet, false)
	defer prog.clear()
	opts.Note, opts.Progress = prog.note, prog.report
	incomplete, err := p.embedTo(ctx, path, func(w io.Writer) ([]string, error) {
		return pipeline.Embed(ctx, inputs, w, opts)
	}, opts.Vectors)
	if err != nil {
		return err
	}
	for _, line := range incomplete {
		prog.warn(line)
	}
	if len(incomplete) > 0 {
		return errIncomplete
	}
	return nil
}

// embedTo gives run the place to write to: stdout or, whole or not at all, the
// file.
func (p *program) embedTo(ctx context.Context, path string, run func(io.Writer) ([]string, error), format pipeline.VectorFormat) ([]string, error) {
	if path == "" || path == "-" {
		incomplete, err := run(&endingWriter{ctx, p.stdout})
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			err = hint.Errorf("what was written is cut short; run the same command again", "%w", err)
		}
		return incomplete, err
	}
	f, err := report.CreateAtomic(path, 0)
	if err != nil {
		return nil, err
	}
	p.holding(f.Temp())
	defer p.holding("")
	defer f.Abort() // after Commit there is nothing left to abort
	if f.Temp() == "" && format == pipeline.VectorsNPY {
		return nil, hint.Errorf("name an ordinary file", "%s: npy cannot be written to a device or a pipe", path)
	}
	incomplete, err := run(f)
	if err != nil {
		return nil, err
	}
	return incomplete, f.Commit()
}
