package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"sheaf/engine/onnx"
	"sheaf/internal/hint"
	"sheaf/models"
	"sheaf/models/pull"
)

func newRuntime(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runtime",
		Short: "The ONNX Runtime library: show it, get it",
		Long: `Transformer models run on ONNX Runtime, a native library that is not part of the
program. Without it they run too, only much slower. The built-in model and other
static models do not need it.`,
		Example: "  sheaf runtime status\n  sheaf runtime pull",
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newRuntimeStatus(p), newRuntimePull(p))
	cmd.Args = oneOf(cmd)
	return cmd
}

// librarySearch is where the library is looked for; path, where it is not "",
// is the only place.
func (p *program) librarySearch(path string) onnx.Search {
	return onnx.Search{Path: path, DataDir: models.RuntimeHome(p.getenv), Getenv: p.getenv}
}

func newRuntimeStatus(p *program) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show which ONNX Runtime libraries are here and which is used",
		Long: `Status looks for the library: in --library, else in SHEAF_ONNXRUNTIME, and where
neither is set beside the program, in sheaf's data folder, and in the usual folders
of the system and of Homebrew. It says of each its version and whether it fits, and
marks the one that is used. It exits 3 if there is none that fits.`,
		Example: "  sheaf runtime status",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			return p.runtimeStatus(p.librarySearch(path))
		},
	}
	cmd.Flags().StringVar(&path, "library", "", "look at this `file` or folder alone")
	return cmd
}

func (p *program) runtimeStatus(search onnx.Search) error {
	found := onnx.Libraries(search)
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	used := false
	for _, l := range found {
		mark, verdict := " ", "fits"
		if l.Err != nil {
			verdict = l.Err.Error()
		} else if !used {
			mark, used = "*", true
		}
		// A write that fails is seen at Flush.
		_, _ = fmt.Fprintf(w, "%s %s\t%s\t%s\t%s\n", mark, oneLine(l.Path), or(l.Version, "version unknown"), or(l.Platform, "platform unknown"), oneLine(verdict))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := onnx.FindLibrary(search)
	switch {
	case !onnx.Supported():
		say(p.stderr, "warning: "+onnx.ErrNoCgo.Error()+" ("+hint.Of(onnx.ErrNoCgo)+")")
		return errIncomplete
	case err != nil:
		say(p.stderr, "warning: "+runtimeMissing(err))
		return errIncomplete
	}
	return nil
}

// runtimeMissing says why there is no library, and how to get one.
func runtimeMissing(err error) string {
	line := err.Error()
	var le *onnx.LibraryError
	if errors.As(err, &le) && le.Path != "" {
		line = "no ONNX Runtime library that fits: " + line
	}
	return line + " (get one with sheaf runtime pull, or name one in " + onnx.LibraryVariable + ")"
}

// runtimeLine is the state of the library for doctor.
func (p *program) runtimeLine() string {
	if !onnx.Supported() {
		return onnx.ErrNoCgo.Error()
	}
	l, err := onnx.FindLibrary(p.librarySearch(""))
	if err != nil {
		return "missing: " + runtimeMissing(err)
	}
	return fmt.Sprintf("ONNX Runtime %s at %s", or(l.Version, "of unknown version"), l.Path)
}

func newRuntimePull(p *program) *cobra.Command {
	var o pull.RuntimeOptions
	var quiet bool
	cmd := &cobra.Command{
		Use:   "pull",
		Short: "Get the ONNX Runtime library for this machine",
		Long: `Pull gets ONNX Runtime ` + pull.RuntimeVersion + `, or another --version, from the project's own
releases on GitHub, 8 to 75 MB. The archive is compared with the digest that is
given with --sha256, else with the one that is compiled into sheaf where there is
one, else with the one that the release publishes, and the output says which.
Where there is none it is refused. Of the archive only the library is kept. What
was cut goes on where it ended.

SHEAF_RUNTIME_BASE names a mirror of the releases: archives are got from its
/download/vVERSION/ARCHIVE, and what GitHub's API says about a release, which has
the digests, from its /tags/vVERSION; with --sha256 the mirror needs no more than
the archives. Proxies are those of the environment.`,
		Example: "  sheaf runtime pull",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Dir, o.Getenv = models.RuntimeHome(p.getenv), p.getenv
			return p.pullRuntime(cmd.Context(), o, quiet)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Version, "version", pull.RuntimeVersion, "the version to get")
	f.StringVar(&o.SHA256, "sha256", "", "the `digest` that the archive has to have")
	f.BoolVarP(&quiet, "quiet", "q", false, "nothing on stderr but warnings and errors")
	return cmd
}

func (p *program) pullRuntime(ctx context.Context, o pull.RuntimeOptions, quiet bool) error {
	bar := p.newTransfer(quiet)
	defer bar.clear()
	o.Progress, o.Note = bar.report, bar.note
	r, err := pull.GetRuntime(ctx, o)
	if err != nil {
		return err
	}
	bar.clear()
	bar.note(fmt.Sprintf("ONNX Runtime %s is in %s, checked against %s", r.Version, r.Path, r.Checked))
	if l := onnx.Inspect(r.Path); l.Err != nil {
		say(p.stderr, "warning: "+l.Path+": "+l.Err.Error())
		return errIncomplete
	}
	return nil
}
