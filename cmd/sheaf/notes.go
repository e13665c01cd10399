package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"

	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/pipeline"
	"sheaf/internal/report"
	"sheaf/models"
)

// output is where and how a command writes its result.
type output struct {
	path    string
	format  string
	json    bool
	explain bool
	mode    os.FileMode // of a new file; 0 is 0666, before umask
}

func (o *output) flags(f *pflag.FlagSet) {
	f.StringVarP(&o.path, "output", "o", "", "write to a `file`, which appears when it is whole")
	f.StringVar(&o.format, "format", "", "format of the output: "+strings.Join(report.Formats(), ", ")+" (default text)")
	f.BoolVar(&o.json, "json", false, "the same as --format json")
	f.BoolVar(&o.explain, "explain", false, "say why each group is named so")
}

func newNotes(p *program) *cobra.Command {
	var (
		inputFormat, column string
		labelsFrom          string
		near                float64
		outliers            bool
		out                 output
		s                   *settings
	)
	cmd := &cobra.Command{
		Use:   "notes [FILE...]",
		Short: "Group short texts and name the groups",
		Long: `Notes reads short texts from files or standard input, groups those that belong
together and names the groups.

Formats of input, found by content and extension: ` + formatNames() + `.
Of a table or JSON the column that holds the text is chosen by name and content
and said on stderr; --column overrides it.

Formats of output: ` + strings.Join(report.Formats(), ", ") + `. With -o the extension of the file decides, where
--format does not. ` + report.CSVNote + `

With --labels-from OLD.json the groups go on from those of an earlier result: the
grouping starts from them, a group that holds most of the same texts keeps its id
and its name, and only new groups are named. Names of your own (label_source user)
go before all others; stderr says which of them found no group. With -k auto the
earlier number of groups is kept where it is as good as another.

With --near-duplicates 0.97 a text whose vector has a cosine of at least 0.97 with
that of an earlier one is marked as its near duplicate (near_duplicate_of in JSON and
CSV) and counted. The vectors are those that sheaf embed writes. In their order, each
text joins the most similar of those that are no near duplicates; so each is that
similar to the one it is said to repeat. All of them stay in their groups.

With --outliers texts that fit into no group are marked (outlier in JSON and CSV),
counted, and stay where they are: those whose mean squared distance to the three
nearest texts is above the median of all by more than 2.5 times 1.4826 times the
median absolute deviation. It is the score by which sheaf assign judges what fits
nowhere. In small or very mixed collections there are often none.

` + exitCodes + "\n\n" + settingsHelp,
		Example: "  pbpaste | sheaf notes\n  sheaf notes -k 7 --format md -o groups.md notes.txt",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.load(p.getenv); err != nil {
				return err
			}
			if _, err := corpus.ParseFormat(inputFormat); err != nil {
				return usageError{err}
			}
			opts := pipeline.NotesOptions{Common: s.common(), Format: corpus.Format(inputFormat), Column: column}
			opts.LabelsFrom, opts.Outliers = labelsFrom, outliers
			if cmd.Flags().Changed("near-duplicates") {
				if err := pipeline.CheckNearDuplicates(near); err != nil {
					return usageError{err}
				}
				opts.NearDuplicates = near
			}
			return p.notes(cmd.Context(), args, opts, out, s)
		},
	}
	s = newSettings(cmd.Flags())
	f := cmd.Flags()
	f.StringVar(&inputFormat, "input-format", "auto", "format of the input: "+formatNames())
	f.StringVar(&column, "column", "", "column of a table, by name or number, or key of JSON, that holds the text")
	f.StringVar(&labelsFrom, "labels-from", "", "`result` (JSON) of an earlier run: groups that hold most of the same texts keep their ids and names, your own names before all others")
	f.BoolVar(&outliers, "outliers", false, "mark texts that fit into no group")
	f.Float64Var(&near, "near-duplicates", 0, "mark texts whose `cosine` with an earlier one is at least so much, such as 0.97")
	out.flags(f)
	complete(cmd, map[string][]string{"input-format": strings.Split(formatNames(), ", ")})
	return cmd
}

// complete lists the values of flags for the shell: of those that commands that
// cluster share, and of the command's own.
func complete(cmd *cobra.Command, own map[string][]string) {
	values := map[string][]string{
		"labeler": pipeline.Labelers(), "format": report.Formats(), "provider": {"cpu", "coreml"},
		"clusters": {"auto"}, "adapt": {"auto", "off"},
	}
	maps.Copy(values, own)
	for flag, values := range values {
		if cmd.Flags().Lookup(flag) == nil {
			continue
		}
		if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic("sheaf: " + err.Error()) // the flags are declared before
		}
	}
}

func formatNames() string {
	var names []string
	for _, f := range corpus.Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

// notes runs the command once its flags are read.
func (p *program) notes(ctx context.Context, args []string, opts pipeline.NotesOptions, out output, s *settings) error {
	format, err := out.choose()
	if err != nil {
		return err
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
	outcome, err := pipeline.Notes(ctx, inputs, opts)
	if err != nil {
		return err
	}
	return p.finish(ctx, outcome, format, out, prog)
}

// equip adds to what a run is told what the program knows.
func (p *program) equip(c *pipeline.Common, out output, s *settings, prog *progress) {
	c.ModelHome, c.CacheDir, c.RuntimeDir = p.modelHome(), p.cacheHome(), p.runtimeHome()
	if c.Chat.Host == "" {
		c.Chat.Host = p.getenv("OLLAMA_HOST")
	}
	c.Explain = out.explain
	c.Note, c.Progress = prog.note, prog.report
}

// finish writes what a run gave.
func (p *program) finish(ctx context.Context, outcome *pipeline.Outcome, format report.Format, out output, prog *progress) error {
	prog.clear()
	for _, w := range outcome.Result.Manifest.Warnings {
		prog.warn(w)
	}
	if err := p.write(ctx, outcome.Result, format, out); err != nil {
		return err
	}
	if len(outcome.Incomplete) > 0 {
		return errIncomplete
	}
	return nil
}

// choose is the format of the output: the flag, else the extension of -o,
// else text.
func (o *output) choose() (report.Format, error) {
	name := o.format
	switch {
	case o.json && name != "" && name != "json":
		return 0, usage("give one of them", "--json and --format %s contradict each other", name)
	case o.json:
		name = "json"
	case name == "":
		name = "text"
		ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(o.path), "."))
		var fe *report.FormatError
		if _, err := report.ParseFormat(ext); err == nil || errors.As(err, &fe) && fe.Planned {
			name = ext
		}
	}
	f, err := report.ParseFormat(name)
	if err != nil {
		return 0, usageError{err}
	}
	return f, nil
}

// modelHome is the folder of installed models, or "" where there can be none,
// as for a service without a home. The built-in model needs none.
func (p *program) modelHome() string {
	home, err := models.Home(p.getenv)
	if err != nil {
		return ""
	}
	return home
}

// runtimeHome is the folder of ONNX Runtime that `sheaf runtime pull` fills,
// or "" where there can be none.
func (p *program) runtimeHome() string { return models.RuntimeHome(p.getenv) }

// checkOutput refuses an output that cannot be written, or would overwrite an
// input, before any work is done for it.
func (p *program) checkOutput(path string, args []string) error {
	var target os.FileInfo
	var err error
	if path == "" || path == "-" {
		path = "standard output"
		if f, ok := p.stdout.(*os.File); ok {
			target, err = f.Stat()
		}
	} else {
		target, err = os.Stat(path)
	}
	if target != nil && err == nil {
		if same, err := p.isInput(target, args); same || err != nil {
			return cmp.Or(err, hint.Errorf("choose another file for the output", "%s is both input and output", path))
		}
		if !target.Mode().IsRegular() && !target.IsDir() {
			return nil // a pipe or a device: to open it now would be to use it up
		}
	}
	if path == "standard output" {
		return nil
	}
	f, err := report.CreateAtomic(path, 0)
	if err != nil {
		return err
	}
	f.Abort()
	return nil
}

// isInput says whether a regular file is among the inputs, by name or as
// standard input.
func (p *program) isInput(target os.FileInfo, args []string) (bool, error) {
	if !target.Mode().IsRegular() {
		return false, nil
	}
	for _, a := range args {
		if in, err := os.Stat(a); a != "-" && err == nil && os.SameFile(in, target) {
			return true, nil
		}
	}
	f, ok := p.stdin.(*os.File)
	if !ok || len(args) > 0 && !slices.Contains(args, "-") {
		return false, nil
	}
	in, err := f.Stat()
	if err != nil {
		return false, fmt.Errorf("standard input: %w", err)
	}
	return os.SameFile(in, target), nil
}

// write writes the result to stdout or, whole or not at all, to -o.
func (p *program) write(ctx context.Context, r *report.Result, format report.Format, o output) error {
	opts := report.Options{Explain: o.explain}
	if o.path == "" || o.path == "-" {
		opts.Color = p.color(p.stdout)
		if _, tty := terminal(p.stdout); !tty {
			opts.All, opts.Width = true, wholeLines
			return report.Write(p.stdout, r, format, opts)
		}
		opts.Width = width(p.stdout)
		if format == report.Text {
			return report.Write(p.stdout, r, format, opts)
		}
		// Text is made safe by report; the others are for files and carry what
		// the notes hold, which must not steer a terminal.
		w := transform.NewWriter(p.stdout, runes.Map(printable))
		return errors.Join(report.Write(w, r, format, opts), w.Close())
	}
	f, err := report.CreateAtomic(o.path, o.mode)
	if err != nil {
		return err
	}
	p.holding(f.Temp())
	defer p.holding("")
	defer f.Abort() // after Commit there is nothing left to abort
	opts.All, opts.Width = true, wholeLines
	if err := report.Write(&endingWriter{ctx, f}, r, format, opts); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return f.Commit()
}

// An endingWriter fails once its context has ended, so that a large result is
// not written to the end after Ctrl-C.
type endingWriter struct {
	ctx context.Context
	w   io.Writer
}

func (e *endingWriter) Write(b []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	return e.w.Write(b)
}

// wholeLines is a width that no line reaches: a file or a pipe has none.
const wholeLines = 1 << 30

// printable replaces what a terminal would act on.
func printable(r rune) rune {
	switch {
	case r == '\n', r == '\t', r == '\r':
		return r
	case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return unicode.ReplacementChar
	}
	return r
}

// inputs are the files named, or standard input.
func (p *program) inputs(ctx context.Context, args []string, named func(path string) corpus.Input) ([]corpus.Input, error) {
	if len(args) == 0 {
		if _, tty := terminal(p.stdin); tty {
			return nil, usage("name a file, or pipe texts in: pbpaste | sheaf notes", "no input")
		}
		args = []string{"-"}
	}
	var out []corpus.Input
	seen := false
	for _, a := range args {
		if a != "-" {
			out = append(out, named(a))
			continue
		}
		if seen {
			return nil, usage("name - once", "standard input can be read only once")
		}
		seen = true
		out = append(out, corpus.Input{Name: "-", Open: func() (io.ReadCloser, error) {
			return &interruptible{ctx: ctx, r: p.stdin}, nil
		}})
	}
	return out, nil
}

// interruptible is a reader that returns when its context ends, though the
// read below goes on: a read from a terminal or a pipe cannot be ended.
type interruptible struct {
	ctx context.Context
	r   io.Reader
	buf []byte // read and not yet handed out
	err error
}

func (i *interruptible) Read(b []byte) (int, error) {
	if len(i.buf) == 0 && i.err == nil {
		done := make(chan struct{})
		buf, n, err := make([]byte, 64<<10), 0, error(nil)
		go func() {
			n, err = i.r.Read(buf)
			close(done)
		}()
		select {
		case <-i.ctx.Done():
			return 0, i.ctx.Err()
		case <-done:
			i.buf, i.err = buf[:n], err
		}
	}
	n := copy(b, i.buf)
	i.buf = i.buf[n:]
	if len(i.buf) == 0 {
		return n, i.err
	}
	return n, nil
}

func (i *interruptible) Close() error { return nil }
