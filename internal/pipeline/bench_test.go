package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sheaf/internal/bench"
	"sheaf/internal/corpus"
)

// inProcess measures without a process, but by way of the same JSON.
func inProcess(calls *int) func(context.Context, *bench.Job) (*bench.Measurement, error) {
	return func(ctx context.Context, job *bench.Job) (*bench.Measurement, error) {
		*calls++
		in, err := json.Marshal(job)
		if err != nil {
			return nil, err
		}
		var out bytes.Buffer
		r, w := io.Pipe()
		go func() { _, _ = w.Write(in) }()
		defer w.Close()
		if err := BenchWorker(ctx, r, &out); err != nil {
			return nil, err
		}
		var m bench.Measurement
		return &m, json.Unmarshal(out.Bytes(), &m)
	}
}

func labelledNotes() corpus.Input {
	var b strings.Builder
	b.WriteString("text,kind\n")
	for _, l := range strings.Fields(someAnimals) {
		b.WriteString(l + ",animal\n")
	}
	for _, l := range strings.Fields(someColours) {
		b.WriteString(l + ",colour\n")
	}
	return input("kinds.csv", b.String())
}

func TestBench(t *testing.T) {
	if testing.Short() {
		t.Skip("many runs one after another, which the race detector makes twenty times slower")
	}
	for _, protocol := range BenchProtocols() {
		calls := 0
		r, failed, err := Bench(context.Background(), []corpus.Input{labelledNotes()}, BenchOptions{
			Common: Common{Seed: 1}, Models: []string{"builtin"}, LabelColumn: "kind", Protocol: protocol, Repetitions: 2, Measure: inProcess(&calls),
		})
		if err != nil || len(failed) > 0 || calls != 2 {
			t.Fatalf("%s: %v, %q, %d measurements", protocol, err, failed, calls)
		}
		m := r.Models[0]
		if s := m.Sets[0]; s.K != 2 || s.V == nil || s.V.Value < 0.8 || s.V.Low > s.V.Value || s.V.High < s.V.Value || s.Accuracy < 0.9 {
			t.Errorf("%s: %+v", protocol, s)
		}
		if m.TextsPerSecond.Value <= 0 || m.TokensPerSecond.Value <= 0 || m.Dim == 0 || m.Digest == "" || m.LatencyMillis[0] <= 0 || m.LatencyMillis[2] < m.LatencyMillis[0] {
			t.Errorf("%s: %+v", protocol, m)
		}
		for _, format := range BenchFormats() {
			var b strings.Builder
			if err := WriteBench(&b, r, format); err != nil || !strings.Contains(b.String(), "builtin") || strings.Contains(b.String(), "://") {
				t.Errorf("%s: %v\n%s", format, err, b.String())
			}
		}
	}
}

// Without labels models are compared with each other, and what was measured
// before a comparison was ended is not measured again.
func TestBenchWithoutLabels(t *testing.T) {
	calls := 0
	measure := inProcess(&calls)
	ended := errors.New("ended")
	opts := BenchOptions{
		Common: Common{Seed: 1, K: 2, CacheDir: t.TempDir()}, Models: []string{"builtin", "builtin"}, Repetitions: 1,
		Measure: func(ctx context.Context, job *bench.Job) (*bench.Measurement, error) {
			if calls == 1 {
				return nil, ended
			}
			return measure(ctx, job)
		},
	}
	in := []corpus.Input{input("notes.txt", someAnimals+someColours)}
	if _, _, err := Bench(context.Background(), in, opts); !errors.Is(err, ended) {
		t.Fatal(err)
	}
	opts.Measure = measure
	r, _, err := Bench(context.Background(), in, opts)
	if err != nil || calls != 2 {
		t.Fatalf("%v after %d measurements, want 2", err, calls)
	}
	if s := r.Models[0].Sets[0]; s.Silhouette == nil || s.Seeds == nil || s.Samples == nil || s.Samples.ARI <= 0 {
		t.Errorf("%+v", s)
	}
	if len(r.Differences) != 1 || r.Differences[0].ARI != 1 || len(r.Differences[0].Groups) != 0 {
		t.Errorf("a model differs from itself: %+v", r.Differences)
	}
	if left, _ := filepath.Glob(filepath.Join(opts.CacheDir, "bench*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A process that measures ends with the one that waits for it.
func TestBenchWorkerAlone(t *testing.T) {
	job, err := json.Marshal(bench.Job{Model: "builtin", Quality: true, Sets: []bench.Set{{Name: "notes", Texts: slices.Repeat(strings.Fields(someAnimals+someColours), 500)}}})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := BenchWorker(context.Background(), bytes.NewReader(job), &out); err != nil || !strings.Contains(out.String(), context.Canceled.Error()) {
		t.Errorf("%v, %s", err, out.String())
	}
}

func TestBenchErrors(t *testing.T) {
	calls := 0
	for name, tt := range map[string]struct {
		opts BenchOptions
		text string
		want string
	}{
		"labels missing":    {BenchOptions{LabelColumn: "kind"}, "text,kind\ncats,a\ndogs,\nred,b\n", "1 of 3 texts have no label"},
		"no such column":    {BenchOptions{LabelColumn: "sort"}, "text,kind\ncats,a\ndogs,b\n", "sort"},
		"one label":         {BenchOptions{LabelColumn: "kind"}, "text,kind\ncats,a\ndogs,a\n", "the same label"},
		"all labels differ": {BenchOptions{LabelColumn: "kind"}, "text,kind\ncats,a\ndogs,b\n", "no two texts"},
		"k above n":         {BenchOptions{Common: Common{K: 9}}, "text,kind\ncats,a\ndogs,b\n", "9 groups of 2 texts"},
		"unknown protocol":  {BenchOptions{Protocol: "mteb-v3"}, "text\ncats\n", "mteb-v3"},
		"unknown model":     {BenchOptions{Models: []string{"nowhere"}}, "text,kind\ncats,a\ndogs,b\nred,c\n", "nowhere"},
	} {
		tt.opts.Measure = inProcess(&calls)
		_, _, err := Bench(context.Background(), []corpus.Input{input("a.csv", tt.text)}, tt.opts)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// One model that fails costs the others nothing.
	r, failed, err := Bench(context.Background(), []corpus.Input{labelledNotes()}, BenchOptions{
		Models: []string{"nowhere", "builtin"}, LabelColumn: "kind", Repetitions: 1, Measure: inProcess(&calls),
	})
	if err != nil || len(failed) != 1 || r.Models[0].Error == "" || r.Models[1].Error != "" {
		t.Errorf("%v, %q", err, failed)
	}
	if _, err := os.Stat("bench"); err == nil {
		t.Error("a file was left behind")
	}
}

// A model's folder that was made anew is not given the figures of the old one.
func TestProgressOfChangedModel(t *testing.T) {
	dir := t.TempDir()
	model := filepath.Join(dir, "m", "model.safetensors")
	write := func(content string) {
		if err := errors.Join(os.MkdirAll(filepath.Dir(model), 0o700), os.WriteFile(model, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write("one")
	if err := os.WriteFile(filepath.Join(dir, "m", "config.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	opts := &BenchOptions{Common: Common{CacheDir: filepath.Join(dir, "cache")}}
	if err := os.Mkdir(opts.CacheDir, 0o700); err != nil {
		t.Fatal(err)
	}
	open := func() *progressFile {
		return openProgressFile(&bench.Job{}, []string{filepath.Join(dir, "m")}, opts)
	}
	open().put("0/0", &bench.Measurement{})
	if f := open(); f.get("0/0") == nil {
		t.Fatal("what was measured is not found again")
	}
	write("another")
	if f := open(); f.get("0/0") != nil {
		t.Error("figures of a folder that was written over are taken")
	}
}
