package pipeline

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"sheaf/internal/bench"
	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/report"
	"sheaf/models"
)

// Benchmarking is the stage of Bench.
const Benchmarking Stage = "measuring"

// BenchOptions is what `sheaf bench` is told.
type BenchOptions struct {
	Common
	Models      []string // names or folders; none means the built-in and all installed
	Column      string   // with the texts; "" finds it
	LabelColumn string   // with the groups; "" means that there are none
	Protocol    string   // one of BenchProtocols; "" is sheaf's own
	Repetitions int      // of the speed; 0 means 3
	// Measure runs a job, by itself in a process of the command's own; see
	// BenchProcess.
	Measure func(context.Context, *bench.Job) (*bench.Measurement, error)
}

// BenchProtocols and BenchFormats are the names there are.
func BenchProtocols() []string { return bench.Protocols() }

// BenchFormats are the formats that WriteBench knows.
func BenchFormats() []string { return bench.Formats() }

// BenchProcess measures by running a command that calls BenchWorker.
func BenchProcess(command, env []string) func(context.Context, *bench.Job) (*bench.Measurement, error) {
	return bench.Process(command, env)
}

// CheckProtocol says what is wrong with the name of a protocol, given whether
// there are labels.
func CheckProtocol(name, labelColumn string) error {
	p, err := bench.ParseProtocol(name)
	if err == nil && p != bench.Sheaf && labelColumn == "" {
		err = hint.Errorf("name the column with the groups: --label-column label", "--protocol %s compares with labels, and there are none", name)
	}
	return err
}

// Bench compares models. A model that cannot be measured is in the report with
// the reason, and makes it incomplete.
func Bench(ctx context.Context, inputs []corpus.Input, opts BenchOptions) (*bench.Report, []string, error) {
	protocol, err := bench.ParseProtocol(opts.Protocol)
	if err != nil {
		return nil, nil, err
	}
	if opts.Repetitions <= 0 {
		opts.Repetitions = 3
	}
	names := opts.Models
	if len(names) == 0 {
		names = append([]string{models.Builtin}, models.Installed(opts.ModelHome)...)
	}
	sets, err := readSets(ctx, inputs, opts.Column, opts.LabelColumn, &opts.Common)
	if err != nil {
		return nil, nil, err
	}
	job := bench.Job{
		ModelHome: opts.ModelHome, RuntimeDir: opts.RuntimeDir, Provider: opts.Provider, Threads: opts.Threads,
		Seed: opts.Seed, Protocol: protocol, K: opts.K, Sets: sets,
	}
	for i, s := range sets {
		if s.Labels == nil && opts.K > len(s.Texts) {
			return nil, nil, hint.Errorf(fmt.Sprintf("use -k auto, or a number up to %d", len(s.Texts)), "%s: %d groups of %d texts", inputs[i].Name, opts.K, len(s.Texts))
		}
	}
	done := openProgressFile(&job, names, &opts)
	runs := make(map[string][]*bench.Measurement)
	total := opts.Repetitions * len(names)
	// One repetition of all models after the other, so that what else the machine
	// does at the time is not one model's alone.
	for rep := range opts.Repetitions {
		for i, name := range names {
			opts.progress(Benchmarking, rep*len(names)+i, total)
			key := fmt.Sprintf("%d/%d", rep, i)
			m := done.get(key)
			if m == nil {
				if prior := runs[name]; len(prior) > 0 && prior[0].Error != "" {
					continue
				}
				j := job
				j.Model, j.Quality = name, rep == 0
				if m, err = opts.Measure(ctx, &j); err != nil {
					return nil, nil, err
				}
				done.put(key, m)
			}
			runs[name] = append(runs[name], m)
		}
	}
	r := &bench.Report{
		Schema: report.Schema, Sheaf: opts.Version, Machine: machine(), Threads: opts.Threads, Protocol: protocol,
		Seed: opts.Seed, Repetitions: opts.Repetitions, Labelled: opts.LabelColumn != "",
	}
	if r.Threads == 0 {
		r.Threads = runtime.GOMAXPROCS(0)
	}
	for _, s := range sets {
		r.Sets = append(r.Sets, bench.SetInfo{Name: s.Name, Texts: len(s.Texts), K: s.K()})
	}
	var failed []string
	for _, name := range names {
		row := bench.Summarise(name, runs[name], opts.Seed)
		if row.Error != "" {
			failed = append(failed, fmt.Sprintf("%s could not be measured: %s", name, withHint(hint.Errorf(runs[name][0].Hint, "%s", row.Error))))
		}
		r.Models = append(r.Models, row)
	}
	if len(failed) == len(names) {
		return nil, nil, hint.Errorf(runs[names[0]][0].Hint, "%s", r.Models[0].Error)
	}
	if !r.Labelled {
		r.Differences = differences(sets, r.Models)
	}
	done.remove()
	return r, failed, nil
}

// differences compares the first model that was measured with each other.
func differences(sets []bench.Set, rows []bench.Row) []bench.Difference {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r bench.Row) bool { return r.Error != "" })
	var out []bench.Difference
	for i := range sets {
		for _, other := range rows[1:] {
			out = append(out, bench.Compare(&sets[i], rows[0].Model, other.Model, rows[0].Sets[i].Clusters, other.Sets[i].Clusters))
		}
	}
	return out
}

// readSets reads each input as a set, its labels from the rows of its texts.
func readSets(ctx context.Context, inputs []corpus.Input, column, labelColumn string, c *Common) ([]bench.Set, error) {
	var sets []bench.Set
	for _, in := range inputs {
		notes, err := corpus.ReadNotes(ctx, []corpus.Input{in}, corpus.Options{Column: column})
		if err != nil {
			return nil, err
		}
		for _, r := range notes.Remarks {
			c.note(r)
		}
		set := bench.Set{Name: strings.TrimSuffix(filepath.Base(in.Name), filepath.Ext(in.Name))}
		for _, doc := range notes.Documents {
			set.Texts = append(set.Texts, doc.Text)
		}
		if labelColumn != "" {
			if err := readLabels(ctx, in, notes, &set, labelColumn); err != nil {
				return nil, err
			}
		}
		sets = append(sets, set)
	}
	return sets, nil
}

func readLabels(ctx context.Context, in corpus.Input, notes *corpus.Notes, set *bench.Set, column string) error {
	labels, err := corpus.ReadNotes(ctx, []corpus.Input{in}, corpus.Options{Column: column})
	if err != nil {
		return err
	}
	at := make(map[string]string, len(labels.Documents))
	for _, doc := range labels.Documents {
		at[doc.Source] = doc.Text
	}
	missing, first := 0, ""
	for _, doc := range notes.Documents {
		label, ok := at[doc.Source]
		if !ok {
			if missing++; missing == 1 {
				first = doc.Source
			}
		}
		set.Labels = append(set.Labels, label)
	}
	switch k := set.K(); {
	case missing > 0:
		return hint.Errorf("fill the column, or take the rows out", "%s: %d of %d texts have no label in the column %q, the first at %s", in.Name, missing, len(set.Texts), column, first)
	case k < 2:
		return hint.Errorf("choose another --label-column, or give texts of several groups", "%s: all texts have the same label in the column %q", in.Name, column)
	case k == len(set.Texts):
		return hint.Errorf("choose another --label-column", "%s: no two texts have the same label in the column %q", in.Name, column)
	}
	return nil
}

// WriteBench writes a report in one of BenchFormats.
func WriteBench(w io.Writer, r *bench.Report, format string) error { return bench.Write(w, r, format) }

// machine names what the measuring was done on.
func machine() string {
	name := runtime.GOOS + "/" + runtime.GOARCH
	if raw, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(raw)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				name = strings.TrimSpace(value) + ", " + name
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d CPUs", name, runtime.NumCPU())
}
