package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"sheaf/internal/hint"
	"sheaf/models"
	"sheaf/models/pull"
)

func newModels(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "models",
		Short: "Embedding models: list, get, choose, check, carry, remove",
		Long: `Models shows and manages the models that turn texts into vectors. The built-in
one is always there. Others are pulled from the Hugging Face hub; models pull is,
beside runtime pull, the only command that contacts another machine. Models that
lie in the Hugging Face cache of this machine are used there.`,
		Example: "  sheaf models list\n  sheaf models pull all-MiniLM-L6-v2",
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newModelsList(p), newModelsPull(p), newModelsUse(p), newModelsVerify(p), newModelsRemove(p), newModelsPack(p), newModelsUnpack(p))
	cmd.Args = oneOf(cmd)
	return cmd
}

// modelStore is where models are looked for.
func (p *program) modelStore() models.Store {
	return models.Store{Home: p.modelHome(), Cache: models.CacheDir(p.getenv)}
}

// atLeastOne wants arguments.
func atLeastOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usage("name "+what+"; sheaf models list shows what there is", "%s wants %s", cmd.CommandPath(), what)
		}
		return nil
	}
}

// completeModels offers the names of models that are here, or could be.
func (p *program) completeModels(catalogue bool) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var names []string
		if catalogue {
			for _, e := range models.Catalogue() {
				names = append(names, e.Name)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		}
		for _, m := range p.modelStore().Models() {
			names = append(names, m.Name)
		}
		return append(names, models.Builtin), cobra.ShellCompDirectiveNoFileComp
	}
}

func newModelsList(p *program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "Show the models that are here, where they lie, and those that could be pulled",
		Long:    "List shows the models on this machine and those of the catalogue that are not here yet.\nAn asterisk marks the one that is used where --model names no other. Sizes are those\nof the weights, and about right where the model is not here.",
		Example: "  sheaf models list\n  sheaf models list --json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			listed, err := p.listModels()
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(p.stdout)
				enc.SetIndent("", "  ")
				return enc.Encode(listed)
			}
			return printModels(p.stdout, listed)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

// A listedModel is a row of models list; the names of the keys are for those
// who read the JSON.
type listedModel struct {
	Name       string            `json:"name"`
	Here       bool              `json:"here"`
	Default    bool              `json:"default"`
	Dir        string            `json:"dir,omitempty"`
	Cached     bool              `json:"in_hugging_face_cache"`
	Repository string            `json:"repository,omitempty"`
	Revision   string            `json:"revision,omitempty"`
	Precision  string            `json:"precision,omitempty"`
	Dims       int               `json:"dims,omitempty"`
	MaxTokens  int               `json:"max_tokens,omitempty"`
	Pooling    string            `json:"pooling,omitempty"`
	Prompts    map[string]string `json:"prompts,omitempty"`
	Clustering string            `json:"clustering_prompt,omitempty"`
	Languages  string            `json:"languages,omitempty"`
	Size       int64             `json:"bytes,omitempty"`
	SHA256     string            `json:"sha256,omitempty"`
	Licence    string            `json:"licence,omitempty"`
}

func fromEntry(e models.Entry, v models.Variant) listedModel {
	repository := e.Repository
	if v.Repository != "" {
		repository = v.Repository
	}
	return listedModel{Name: e.Installed(v), Repository: repository, Revision: e.Revision, Precision: v.Precision, Dims: e.Dims, MaxTokens: e.MaxTokens,
		Pooling: e.Pooling, Prompts: e.Prompts, Clustering: e.Clustering, Languages: e.Languages, Size: v.Size, SHA256: v.SHA256, Licence: e.Licence}
}

// What the built-in model is, is written down, as reading the model for it
// would take longer than all the rest of the list.
const (
	builtinDims   = 320
	builtinTokens = 512
)

func (p *program) listModels() ([]listedModel, error) {
	current, err := p.defaultModel()
	if err != nil {
		return nil, err
	}
	store := p.modelStore()
	used, err := store.Find(current)
	if err != nil {
		used = models.Model{Name: current} // named in the configuration, and gone
	}
	out := []listedModel{{Name: models.Builtin, Here: true, Default: used.Dir == "" && err == nil,
		Dims: builtinDims, MaxTokens: builtinTokens, Languages: "English, and common words of de fr es it pt nl", Licence: "see sheaf's NOTICE"}}
	here := map[string]bool{}
	for _, m := range store.Models() {
		row := listedModel{Name: m.Name}
		if e, v, ok := models.Lookup(m.Name); ok {
			row = fromEntry(e, v)
		}
		if record, err := models.ReadRecord(m.Dir); err == nil {
			row.Repository, row.Revision = record.Repository, record.Commit
		}
		row.Here, row.Dir, row.Cached, row.Default = true, m.Dir, m.Cached, m.Dir == used.Dir
		row.Size, row.SHA256 = 0, ""
		for _, f := range models.Files(m.Dir) {
			if st, err := os.Stat(filepath.Join(m.Dir, filepath.FromSlash(f))); err == nil {
				row.Size += st.Size()
			}
		}
		here[strings.ToLower(row.Name)] = true
		out = append(out, row)
	}
	if used.Dir != "" && !here[strings.ToLower(used.Name)] && used.Name == used.Dir {
		out = append(out, listedModel{Name: used.Name, Here: true, Default: true, Dir: used.Dir})
	}
	for _, e := range models.Catalogue() {
		for _, v := range e.Variants {
			if row := fromEntry(e, v); !here[strings.ToLower(row.Name)] {
				out = append(out, row)
			}
		}
	}
	return out, nil
}

func printModels(out io.Writer, listed []listedModel) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	// A write that fails is seen at Flush.
	line := func(cells ...string) { _, _ = fmt.Fprintln(w, oneLine(strings.Join(cells, "\x00"))) }
	row := func(m listedModel, last string) {
		mark := " "
		if m.Default {
			mark = "*"
		}
		number := func(n int) string {
			if n == 0 {
				return "-"
			}
			return fmt.Sprint(n)
		}
		_, _ = fmt.Fprintf(w, "%s %s\t%s\t%s\t%s\t%s\t%s\t%s\n", mark, oneLine(m.Name), number(m.Dims), number(m.MaxTokens), weightSize(m.Size),
			or(m.Languages, "-"), or(m.Licence, "-"), oneLine(last))
	}
	_, _ = fmt.Fprintln(w, "HERE\tDIMS\tTOKENS\tSIZE\tLANGUAGES\tLICENCE\tFOLDER")
	for _, m := range listed {
		if m.Here {
			row(m, or(m.Dir, "compiled into the program"))
		}
	}
	line("")
	_, _ = fmt.Fprintln(w, "TO BE PULLED\tDIMS\tTOKENS\tSIZE\tLANGUAGES\tLICENCE\tREPOSITORY")
	for _, m := range listed {
		if !m.Here {
			row(m, m.Repository)
		}
	}
	line("")
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "Any other repository of the hub with ONNX weights, or a Model2Vec model: sheaf models pull OWNER/NAME")
	return err
}

// weightSize is a size to choose a model by.
func weightSize(n int64) string {
	switch {
	case n == 0:
		return "-"
	case n < 1e6:
		return "<1 MB"
	}
	return fmt.Sprintf("%d MB", (n+5e5)/1e6)
}

func newModelsPull(p *program) *cobra.Command {
	opts := pull.Options{}
	var quiet bool
	cmd := &cobra.Command{
		Use:   "pull NAME…",
		Short: "Get models from the Hugging Face hub",
		Long: `Pull gets models of the catalogue, or any repository of the Hugging Face hub that
holds an embedding model as ONNX or Model2Vec. What was cut goes on where it
ended. Each file is compared with the digest that the catalogue or the hub gives,
and the model is there when all of it is. The first model pulled becomes the one
that is used; sheaf models use chooses another.

HF_ENDPOINT names another hub, HF_TOKEN logs in. Proxies are those of the
environment (HTTPS_PROXY).`,
		Example: "  sheaf models pull all-MiniLM-L6-v2\n  sheaf models pull gte-small --precision int8\n  sheaf models pull thenlper/gte-small --revision main",
		Args:    atLeastOne("a model"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if opts.Precision != "" && opts.Precision != models.Full && opts.Precision != models.Int8 {
				return usage("choose fp32 or int8", "--precision is %s", opts.Precision)
			}
			opts.Store, opts.Getenv = p.modelStore(), p.getenv
			return p.pullModels(cmd.Context(), args, opts, quiet)
		},
		ValidArgsFunction: p.completeModels(true),
	}
	f := cmd.Flags()
	f.StringVar(&opts.Precision, "precision", "", "of the weights: fp32 or int8 (default fp32)")
	f.StringVar(&opts.File, "file", "", "the .onnx `file` to take, by its path in the repository")
	f.StringVar(&opts.Revision, "revision", "", "branch, tag or commit (default the catalogue's, else main)")
	f.BoolVarP(&quiet, "quiet", "q", false, "nothing on stderr but warnings and errors")
	return cmd
}

func (p *program) pullModels(ctx context.Context, names []string, opts pull.Options, quiet bool) error {
	// A broken configuration is better found before a long transfer.
	if _, err := p.defaultModel(); err != nil {
		return err
	}
	bar := p.newTransfer(quiet)
	defer bar.clear()
	opts.Progress, opts.Note = bar.report, bar.note
	for _, name := range names {
		m, err := pull.Model(ctx, name, opts)
		bar.clear()
		switch {
		case errors.Is(err, pull.ErrInstalled):
			bar.note(err.Error())
		case err != nil:
			return err
		default:
			bar.note(fmt.Sprintf("%s is in %s", m.Name, m.Dir))
		}
		if err := p.useIfFirst(m.Name, bar.note); err != nil {
			return err
		}
	}
	return nil
}

func newModelsUse(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "use NAME|DIR",
		Short: "Choose the model that is used where --model names no other",
		Long:  "Use writes the model's name into config.toml. --model and SHEAF_MODEL go before it.",
		Example: `  sheaf models use all-MiniLM-L6-v2
  sheaf models use builtin`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("name one model", "%s takes one model, not %d", cmd.CommandPath(), len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := p.modelStore().Find(args[0])
			if err != nil {
				return err
			}
			name := m.Name
			if m.Dir == m.Name { // a folder: the name has to mean the same elsewhere
				if name, err = filepath.Abs(m.Dir); err != nil {
					return err
				}
			}
			path, err := p.setDefaultModel(name)
			if err != nil {
				return err
			}
			say(p.stderr, fmt.Sprintf("%s is used from now on (%s)", name, path))
			if v := p.getenv(envName("model")); v != "" {
				say(p.stderr, fmt.Sprintf("warning: SHEAF_MODEL is %s and goes before it", v))
			}
			return nil
		},
		ValidArgsFunction: p.completeModels(false),
	}
}

func newModelsVerify(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "verify [NAME…]",
		Short: "Compare models with the digests that they came with",
		Long: `Verify reads the files of models and compares them with their digests: those
that were recorded when the model was pulled or unpacked, those of the Hugging
Face cache, and those of the catalogue. Without a name it does so with all. It
exits 1 if a file differs or is missing, and 3 if there is nothing to compare it
with.`,
		Example: "  sheaf models verify\n  sheaf models verify all-MiniLM-L6-v2",
		RunE: func(cmd *cobra.Command, args []string) error {
			store := p.modelStore()
			found := store.Models()
			if len(args) > 0 {
				found = nil
			}
			for _, name := range args {
				m, err := store.Find(name)
				if err != nil {
					return err
				}
				found = append(found, m)
			}
			return p.verifyModels(cmd.Context(), found)
		},
		ValidArgsFunction: p.completeModels(false),
	}
}

func (p *program) verifyModels(ctx context.Context, found []models.Model) error {
	bad, unknown := 0, 0
	row := func(format string, args ...any) error {
		_, err := fmt.Fprintln(p.stdout, oneLine(fmt.Sprintf(format, args...)))
		return err
	}
	for _, m := range found {
		checks, err := models.Verify(ctx, m)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var damaged *models.DamagedError
		if errors.As(err, &damaged) {
			bad++
			if err := row("%s: damaged: %v", m.Name, err); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if m.Dir == "" {
			checks = []models.Check{{Path: "compiled into the program", State: models.Good}}
		}
		for _, c := range checks {
			line := fmt.Sprintf("%s: %s: %s", m.Name, c.State, c.Path)
			switch c.State {
			case models.Damaged:
				bad++
				line += ": " + c.Reason
			case models.Missing:
				bad++
			case models.Unknown:
				unknown++
			}
			if err := row("%s", line); err != nil {
				return err
			}
		}
	}
	switch {
	case bad > 0:
		return hint.Errorf("remove what is damaged with sheaf models rm and get it again", "%d damaged or missing among the models' files", bad)
	case unknown > 0:
		say(p.stderr, fmt.Sprintf("warning: nothing is known to compare %d of the files with", unknown))
		return errIncomplete
	}
	return nil
}

func newModelsRemove(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "rm NAME…",
		Aliases: []string{"remove"},
		Short:   "Remove installed models, and what interrupted pulls of them left behind",
		Long:    "Rm removes models that were pulled or unpacked. Models of the Hugging Face cache and\nfolders elsewhere belong to others and stay.",
		Example: "  sheaf models rm gte-small",
		Args:    atLeastOne("a model"),
		RunE: func(cmd *cobra.Command, args []string) error {
			store := p.modelStore()
			for _, name := range args {
				installed := name
				if e, v, ok := models.Lookup(name); ok {
					installed = e.Installed(v)
				}
				partial := pull.Partial(store, installed)
				if err := pull.Discard(store, installed); err != nil {
					return err
				}
				err := store.Remove(name)
				var missing *models.NotFoundError
				if partial && errors.As(err, &missing) {
					say(p.stderr, fmt.Sprintf("what was pulled of %s is removed", installed))
					continue
				}
				if err != nil {
					return err
				}
				say(p.stderr, installed+" is removed")
				if err := p.forgetDefaultModel(installed, name); err != nil {
					return err
				}
			}
			return nil
		},
		ValidArgsFunction: p.completeModels(false),
	}
}

// defaultModel is the model that is used where --model names none.
func (p *program) defaultModel() (string, error) {
	config, _, err := readConfig(p.getenv)
	if err != nil {
		return "", err
	}
	return or(p.getenv(envName("model")), or(config["model"], models.Builtin)), nil
}

// useIfFirst makes a model the one that is used, if none was chosen yet.
func (p *program) useIfFirst(name string, note func(string)) error {
	config, _, err := readConfig(p.getenv)
	if _, chosen := config["model"]; err != nil || chosen {
		return err
	}
	path, err := p.setDefaultModel(name)
	if err != nil {
		return err
	}
	note(fmt.Sprintf("%s is used from now on (%s); sheaf models use chooses another", name, path))
	return nil
}

// forgetDefaultModel leaves no removed model in the configuration.
func (p *program) forgetDefaultModel(names ...string) error {
	config, _, err := readConfig(p.getenv)
	if err != nil {
		return err
	}
	for _, name := range names {
		if config["model"] != name {
			continue
		}
		if _, err := p.setDefaultModel(""); err != nil {
			return err
		}
		say(p.stderr, "the built-in model is used from now on")
		return nil
	}
	return nil
}

// isFile says whether there is a file at path.
func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && !errors.Is(err, fs.ErrNotExist) && st.Mode().IsRegular()
}
