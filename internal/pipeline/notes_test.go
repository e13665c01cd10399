package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sheaf/internal/corpus"
	"sheaf/internal/quality"
	"sheaf/internal/report"
	"sheaf/kmeans"
	"sheaf/models/builtin"
)

func input(name, text string) corpus.Input {
	return corpus.Input{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

// clock stands still, so that results can be compared byte by byte.
func clock() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

func run(t testing.TB, opts NotesOptions, inputs ...corpus.Input) *Outcome {
	t.Helper()
	if opts.Labeler == "" {
		opts.Labeler = labelerKeywords
	}
	if opts.Now == nil {
		opts.Now = clock
	}
	out, err := Notes(context.Background(), inputs, opts)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func asJSON(t testing.TB, r *report.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, r, report.JSON, report.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// sample makes n notes out of the lexicon's terms, the same every time.
func sample(n int) string {
	lex, err := builtin.ParseLexicon(os.DirFS("../../models/builtin/lexicon"))
	if err != nil {
		panic(err)
	}
	terms := lex.Terms()
	rng := rand.New(rand.NewPCG(1, 2))
	frames := []string{"%s", "buy %s", "%s and %s", "why is the %s not working?", "ask about %s", "I need %s for the %s", "%s!", "- %s"}
	var b strings.Builder
	for range n {
		f := frames[rng.IntN(len(frames))]
		args := make([]any, strings.Count(f, "%s"))
		for i := range args {
			args[i] = terms[rng.IntN(len(terms))]
		}
		fmt.Fprintf(&b, f+"\n", args...)
	}
	return b.String()
}

// Every item is there exactly once, and the same bytes come out on any number
// of threads and on every run.
func TestSameBytes(t *testing.T) {
	sizes, threads := map[int]int{300: 0, 3000: 60}, []int{1, 2, 5} // k chosen, and given
	if testing.Short() {
		// Still more texts than a goroutine embeds at a time. What is chosen is
		// chosen by many fits, each of which the race detector slows down.
		sizes, threads = map[int]int{50: 0, 300: 15}, []int{3}
	}
	for n, k := range sizes {
		in := input("notes.txt", sample(n))
		want := asJSON(t, run(t, NotesOptions{Common: Common{Seed: 1, K: k, Threads: 1}}, in).Result)
		for _, threads := range threads {
			if got := asJSON(t, run(t, NotesOptions{Common: Common{Seed: 1, K: k, Threads: threads}}, in).Result); got != want {
				t.Errorf("%d notes: %d threads gave another result", n, threads)
			}
		}
		if other := asJSON(t, run(t, NotesOptions{Common: Common{Seed: 2, K: 40}}, in).Result); other == want {
			t.Errorf("%d notes: another seed and k gave the same result: the comparison sees nothing", n)
		}
	}
}

// accounted checks the second promise on a result.
func accounted(t interface {
	Helper()
	Errorf(string, ...any)
}, r *report.Result) {
	t.Helper()
	in := make(map[string]string)
	for _, c := range r.Clusters {
		if c.Size != len(c.Items) {
			t.Errorf("cluster %s has size %d and %d items", c.ID, c.Size, len(c.Items))
		}
		for _, id := range c.Items {
			if in[id] != "" {
				t.Errorf("item %s is in %s and in %s", id, in[id], c.ID)
			}
			in[id] = c.ID
		}
	}
	for _, it := range r.Items {
		if in[it.ID] != it.Cluster {
			t.Errorf("item %s says %s, the clusters say %q", it.ID, it.Cluster, in[it.ID])
		}
	}
	n := r.Manifest.Counts
	if len(in) != len(r.Items) || n.Clustered != len(r.Items) || n.Skipped != len(r.Skipped) || n.Read != n.Clustered+n.Skipped {
		t.Errorf("%d ids, %d items, %d skipped, counts %+v", len(in), len(r.Items), len(r.Skipped), n)
	}
}

func TestEveryItemOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("many runs one after another, which the race detector makes twenty times slower")
	}
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.OneOf(rapid.SampledFrom([]string{"cats", "Cats", "dogs", "red wine", "🎉", "", "  ", "book a table", "…", "x"}), rapid.StringMatching(`[a-z]{1,6}( [a-z]{1,6}){0,3}`))
		lines := rapid.SliceOfN(line, 1, 40).Draw(t, "lines")
		k := rapid.IntRange(0, 3).Draw(t, "k")
		opts := NotesOptions{Common: Common{Seed: 1, K: k, Labeler: labelerNone, Now: clock}, Format: corpus.FormatLines}
		out, err := Notes(context.Background(), []corpus.Input{input("a", strings.Join(lines, "\n"))}, opts)
		if err != nil {
			for _, expected := range []string{"only blank lines", "empty", "has a word that the model", "clusters of"} {
				if strings.Contains(err.Error(), expected) {
					return
				}
			}
			t.Fatal(err)
		}
		accounted(t, out.Result)
		blank := 0
		for _, l := range lines {
			if strings.TrimSpace(l) == "" {
				blank++
			}
		}
		if n := out.Result.Manifest.Counts; n.Read+blank != len(lines) {
			t.Errorf("%d lines, %d of them blank, and counts %+v", len(lines), blank, n)
		}
	})
}

func TestFewNotes(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: what threads share is the same with more notes")
	}
	for text, want := range map[string]int{"one": 1, "one\ntwo": 1, "one\ntwo\nthree": 1, "one\none\none\none\none": 1} {
		r := run(t, NotesOptions{Common: Common{Seed: 1}}, input("a", text)).Result
		if len(r.Clusters) != want {
			t.Errorf("%q: %d clusters, want %d", text, len(r.Clusters), want)
		}
		accounted(t, r)
	}
	for _, n := range []int{20, 200} {
		r := run(t, NotesOptions{Common: Common{Seed: 1}}, input("a", sample(n))).Result
		if k := len(r.Clusters); k < 2 || k >= n || r.Manifest.Clustering.ChosenBy != "auto" || len(r.Manifest.Clustering.KCandidates) == 0 {
			t.Errorf("%d notes: %d clusters, %+v", n, k, r.Manifest.Clustering)
		}
		accounted(t, r)
	}
}

// Clusters are numbered by size, ties by their first item, and a cluster's
// items run from the centroid outwards.
func TestOrder(t *testing.T) {
	r := run(t, NotesOptions{Common: Common{Seed: 1, K: 12}}, input("a", sample(300))).Result
	first := func(c report.Cluster) int {
		for i, it := range r.Items {
			if it.Cluster == c.ID {
				return i
			}
		}
		return -1
	}
	distance := make(map[string]float64)
	for _, it := range r.Items {
		distance[it.ID] = it.Distance
	}
	for i, c := range r.Clusters {
		if c.ID != fmt.Sprintf("c%d", i+1) {
			t.Errorf("cluster %d is %s", i, c.ID)
		}
		if i > 0 {
			prev := r.Clusters[i-1]
			if c.Size > prev.Size || c.Size == prev.Size && first(c) < first(prev) {
				t.Errorf("%s (%d items, first %d) stands before %s (%d, %d)", prev.ID, prev.Size, first(prev), c.ID, c.Size, first(c))
			}
		}
		for j := 1; j < len(c.Items); j++ {
			if distance[c.Items[j]] < distance[c.Items[j-1]] {
				t.Errorf("%s: item %d is nearer than the one before", c.ID, j)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	three := input("a", "one\ntwo\nthree")
	for _, tt := range []struct {
		name string
		opts NotesOptions
		in   corpus.Input
		want string
	}{
		{"k above the items", NotesOptions{Common: Common{K: 4}}, three, "4 clusters of 3 items"},
		{"no vector at all", NotesOptions{}, input("a", "\ue000\n\ue001"), "none of the 2 distinct texts"},
		{"unknown model", NotesOptions{Common: Common{Model: "nowhere", ModelHome: t.TempDir()}}, three, `no model "nowhere"`},
		{"folder without a model", NotesOptions{Common: Common{Model: t.TempDir(), ModelHome: t.TempDir()}}, three, "holds no embedding model"},
		{"provider", NotesOptions{Common: Common{Provider: "coreml"}}, three, "coreml"},
		{"labeler", NotesOptions{Common: Common{Labeler: "me"}}, three, `unknown labeler "me"`},
		{"refused host", NotesOptions{Common: Common{Labeler: labelerOllama, Chat: Chat{Host: "192.0.2.1"}}}, three, "192.0.2.1"},
	} {
		if tt.opts.Labeler == "" {
			tt.opts.Labeler = labelerKeywords
		}
		_, err := Notes(context.Background(), []corpus.Input{tt.in}, tt.opts)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want an error with %q", tt.name, err, tt.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Notes(ctx, []corpus.Input{three}, NotesOptions{Common: Common{Labeler: labelerKeywords}}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run = %v", err)
	}
}

// A text of a note is in the result and nowhere else: not in what is said on
// the way.
func TestNoTextInNotes(t *testing.T) {
	const secret = "xylophone"
	var said []string
	opts := NotesOptions{Common: Common{Seed: 1, Labeler: labelerKeywords, Note: func(l string) { said = append(said, l) }}}
	if _, err := Notes(context.Background(), []corpus.Input{input("a.csv", "id,body\n1,"+secret+" one\n2,"+secret+" two\n3,other\n")}, opts); err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(said, "\n"); strings.Contains(all, secret) || all == "" {
		t.Errorf("said: %q", all)
	}
}

// TestBanking77 is the main job on real input: 3,080 questions in one run.
func TestBanking77(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	root := os.Getenv("SHEAF_TESTDATA")
	if root == "" {
		t.Skip("SHEAF_TESTDATA is not set: no banking77 to cluster")
	}
	path := filepath.Join(root, "data", "banking77", "test.csv")
	opts := NotesOptions{Common: Common{Seed: 1, K: 77, Threads: 2}, Column: "text"}
	r := run(t, opts, corpus.FileInput(path)).Result
	if n := r.Manifest.Counts; n.Read != 3080 || n.Clustered != 3080 {
		t.Errorf("counts %+v, want 3080 read and clustered", n)
	}
	accounted(t, r)
	want := asJSON(t, r)
	if asJSON(t, run(t, opts, corpus.FileInput(path)).Result) != want {
		t.Error("a second run gave another result")
	}
	opts.Threads = 1
	if asJSON(t, run(t, opts, corpus.FileInput(path)).Result) != want {
		t.Error("one thread gave another result than two")
	}

	// The intents, read by the same reader as the texts.
	opts.Column = "category"
	truth, err := corpus.ReadNotes(context.Background(), []corpus.Input{corpus.FileInput(path)}, corpus.Options{Column: "category"})
	if err != nil {
		t.Fatal(err)
	}
	classes, clusters := make([]string, len(r.Items)), make([]string, len(r.Items))
	for i, it := range r.Items {
		classes[i], clusters[i] = truth.Documents[i].Text, it.Cluster
	}
	v := quality.VMeasure(classes, clusters).V
	t.Logf("banking77 test, k = 77: V-measure %.3f", v)
	if v < 0.68 { // TF-IDF and k-means: 0.60
		t.Errorf("V-measure %.3f, want at least 0.68", v)
	}
}

// The 32 notes of the founding article fall into its groups.
func TestArticleNotes(t *testing.T) {
	raw, err := os.ReadFile("../../examples/notes.groups")
	if err != nil {
		t.Fatal(err)
	}
	group := make(map[string]string)
	for line := range strings.Lines(string(raw)) {
		name, items, _ := strings.Cut(strings.TrimSpace(line), ":")
		for item := range strings.SplitSeq(items, "|") {
			group[strings.TrimSpace(item)] = name
		}
	}
	for _, k := range []int{0, 7} {
		r := run(t, NotesOptions{Common: Common{Seed: 1, K: k}}, corpus.FileInput("../../examples/notes.txt")).Result
		var classes, clusters []string
		for _, it := range r.Items {
			classes, clusters = append(classes, group[*it.Text]), append(clusters, it.Cluster)
		}
		v := quality.VMeasure(classes, clusters).V
		t.Logf("k = %d: %d clusters, V-measure %.3f", k, len(r.Clusters), v)
		if len(classes) != 32 || v < 0.92 {
			t.Errorf("k = %d: V-measure %.3f of %d notes, want 0.92 of 32", k, v, len(classes))
		}
	}
}

func TestManifestIsEnough(t *testing.T) {
	r := run(t, NotesOptions{Common: Common{Seed: 7, K: 5, Version: "9.9.9"}}, input("a", sample(50))).Result
	var m map[string]any
	raw, err := json.Marshal(r.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	if m["sheaf"] != "9.9.9" || m["created"] != "2026-11-20T12:00:00Z" || r.Manifest.Inputs[0].SHA256 == "" ||
		r.Manifest.Clustering.Seed != 7 || r.Manifest.Embedding.Digest == "" || r.Manifest.Embedding.LexiconDigest == nil ||
		r.Manifest.Embedding.Adapt == nil || r.Manifest.Embedding.Adapt.Documents == 0 {
		t.Errorf("manifest: %s", raw)
	}
	// The centroids are those the distances were measured from.
	c, err := report.DecodeCentroid(r.Clusters[0].Centroid)
	if err != nil || len(c) != r.Manifest.Embedding.Dim {
		t.Fatalf("centroid of %d dimensions, %v", len(c), err)
	}
	all := make([]float32, 0, 5*len(c))
	for _, cl := range r.Clusters {
		v, err := report.DecodeCentroid(cl.Centroid)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v...)
	}
	if _, err := kmeans.Assign(context.Background(), c, 1, len(c), all, 5, kmeans.AssignOptions{}); err != nil {
		t.Error(err)
	}
}

// BenchmarkNotes is the whole job: read, embed, cluster into 100, name by
// keywords and write JSON.
func BenchmarkNotes(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		in := input("notes.txt", sample(n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				out := run(b, NotesOptions{Common: Common{Seed: 1, K: 100}, Format: corpus.FormatLines}, in)
				if err := report.Write(io.Discard, out.Result, report.JSON, report.Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "notes/s")
		})
	}
}
