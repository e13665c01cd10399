package pipeline

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sheaf/internal/corpus"
	"sheaf/internal/report"
	"sheaf/internal/testsets"
)

// save writes a result as -o would.
func save(t testing.TB, r *report.Result) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "result.json")
	if err := os.WriteFile(path, []byte(asJSON(t, r)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// clusterOf returns the cluster of the first item with a text.
func clusterOf(t testing.TB, r *report.Result, text string) *report.Cluster {
	t.Helper()
	for _, it := range r.Items {
		if *it.Text == text {
			for i := range r.Clusters {
				if r.Clusters[i].ID == it.Cluster {
					return &r.Clusters[i]
				}
			}
		}
	}
	t.Fatalf("no item %q", text)
	return nil
}

func TestLabelsFrom(t *testing.T) {
	const (
		animals = "cats\ndogs\nhorses\ncows\n"
		colours = "red\nblue\ngreen\nyellow\npurple\n"
		tools   = "hammer\nsaw\nscrewdriver\nwrench\npliers\ndrill\n"
	)
	old := run(t, NotesOptions{Common: Common{Seed: 1, K: 2}}, input("a", animals+colours)).Result
	mine := clusterOf(t, old, "cats")
	mine.Label, mine.LabelSource = "Zoo", "user"
	other := clusterOf(t, old, "red")
	if mine.ID == other.ID {
		t.Fatal("animals and colours in one cluster")
	}
	path := save(t, old)

	// The largest cluster is new; those that were there keep their names.
	got := run(t, NotesOptions{Common: Common{Seed: 1, K: 3, LabelsFrom: path}}, input("b", tools+"Cats \ndogs\nhorses\ngoats\n"+colours))
	r := got.Result
	accounted(t, r)
	if c := clusterOf(t, r, "dogs"); c.ID != mine.ID || c.Label != "Zoo" || c.LabelSource != "user" {
		t.Errorf("animals: %s %q (%s), want %s Zoo (user)", c.ID, c.Label, c.LabelSource, mine.ID)
	}
	if c := clusterOf(t, r, "blue"); c.ID != other.ID || c.Label != other.Label {
		t.Errorf("colours: %s %q, want %s %q", c.ID, c.Label, other.ID, other.Label)
	}
	if c := clusterOf(t, r, "saw"); c.ID != "c3" || r.Clusters[0].ID != "c3" {
		t.Errorf("tools: %s, want the new id c3", c.ID)
	}
	from := r.Manifest.LabelsFrom
	if from == nil || from.Kept != 2 || from.New != 1 || len(from.Gone) != 0 || from.NextID != 4 || from.SHA256 == "" {
		t.Errorf("manifest: %+v", from)
	}

	// An id that a cluster once had goes to no other.
	path = save(t, r)
	r = run(t, NotesOptions{Common: Common{Seed: 1, K: 2, LabelsFrom: path}}, input("c", animals+colours)).Result
	if !slices.Equal(r.Manifest.LabelsFrom.Gone, []string{"c3"}) {
		t.Errorf("gone: %v, want c3", r.Manifest.LabelsFrom.Gone)
	}
	r = run(t, NotesOptions{Common: Common{Seed: 1, K: 3, LabelsFrom: save(t, r)}}, input("d", animals+colours+tools)).Result
	if c := clusterOf(t, r, "saw"); c.ID != "c4" {
		t.Errorf("tools come back as %s, want c4", c.ID)
	}

	// What the user named is not lost in silence.
	r = run(t, NotesOptions{Common: Common{Seed: 1, K: 2, LabelsFrom: path}}, input("e", colours+tools)).Result
	if !slices.ContainsFunc(r.Manifest.Warnings, func(w string) bool { return strings.Contains(w, mine.ID+" of ") && !strings.Contains(w, "Zoo") }) {
		t.Errorf("warnings: %q", r.Manifest.Warnings)
	}
}

// Clusters that the user has named go first where two would go on in one.
func TestLabelsFromUserFirst(t *testing.T) {
	old := run(t, NotesOptions{Common: Common{Seed: 1, K: 2}}, input("a", "cats\ndogs\nhorses\nred\nblue\ngreen\nyellow\n")).Result
	mine := clusterOf(t, old, "cats")
	mine.Label, mine.LabelSource = "Zoo", "user"
	r := run(t, NotesOptions{Common: Common{Seed: 1, K: 1, LabelsFrom: save(t, old)}}, input("b", "cats\ndogs\nhorses\nred\nblue\ngreen\nyellow\n")).Result
	if c := r.Clusters[0]; c.ID != mine.ID || c.Label != "Zoo" {
		t.Errorf("all in one: %s %q, want %s Zoo", c.ID, c.Label, mine.ID)
	}
}

func TestLabelsFromErrors(t *testing.T) {
	old := run(t, NotesOptions{Common: Common{Seed: 1, K: 1}}, input("a", "cats\ndogs\n")).Result
	later := strings.Replace(asJSON(t, old), `"schema": 1`, `"schema": 99`, 1)
	chats := *old
	chats.Manifest.Command, chats.Manifest.Privacy = "chats", &report.Privacy{}
	for name, tt := range map[string]struct{ path, want string }{
		"later schema": {writeFile(t, "r.json", later), "schema version 99"},
		"no JSON":      {writeFile(t, "r.json", "cats\n"), "not a result"},
		"missing":      {filepath.Join(t.TempDir(), "nowhere.json"), "nowhere.json"},
		"a folder":     {t.TempDir(), "is a folder"},
		"of chats":     {save(t, &chats), "a result of sheaf chats"},
	} {
		_, err := Notes(context.Background(), []corpus.Input{input("b", "cats\n")}, NotesOptions{Common: Common{LabelsFrom: tt.path}})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// With a tenth more items, clusters that are still there keep ids and labels,
// and most of them are still there.
func TestLabelsFromWithMoreItems(t *testing.T) {
	if testing.Short() {
		t.Skip("many runs one after another, which the race detector makes twenty times slower")
	}
	dir, err := testsets.Dir()
	if err != nil {
		t.Skip(err)
	}
	sets, err := testsets.All(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range sets {
		if len(set.Texts) > 800 && os.Getenv("SHEAF_VERIFY") == "" {
			continue
		}
		isNew := make(map[int]bool)
		for _, p := range rand.New(rand.NewPCG(1, 1)).Perm(len(set.Texts))[:len(set.Texts)/11] {
			isNew[p] = true
		}
		var some, all []string
		for i, text := range set.Texts {
			quoted, err := json.Marshal(map[string]string{"text": text})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, string(quoted))
			if !isNew[i] {
				some = append(some, string(quoted))
			}
		}
		in := func(lines []string) corpus.Input { return input("set.jsonl", strings.Join(lines, "\n")) }
		for _, k := range []int{set.K(), 0} {
			old := run(t, NotesOptions{Common: Common{Seed: 1, K: k}}, in(some)).Result
			now := run(t, NotesOptions{Common: Common{Seed: 1, K: k, LabelsFrom: save(t, old)}}, in(all)).Result
			same, kept := unchanged(old, now)
			t.Logf("%s, k %d: %d clusters, then %d; %d unchanged, of which %d keep id and label", set.Name, k, len(old.Clusters), len(now.Clusters), same, kept)
			if float64(kept) < 0.95*float64(same) || float64(same) < 0.9*float64(len(old.Clusters)) {
				t.Errorf("%s, k %d: of %d clusters, %d are unchanged and %d of those keep id and label", set.Name, k, len(old.Clusters), same, kept)
			}
		}
	}
}

// unchanged counts the clusters of which four fifths are together again, with
// no more than a fifth of others that were there, and how many of these have
// the same id and label.
func unchanged(old, now *report.Result) (same, kept int) {
	was, is := make(map[string]string), make(map[string]string)
	for _, it := range old.Items {
		was[*it.Text] = it.Cluster
	}
	for _, it := range now.Items {
		is[*it.Text] = it.Cluster
	}
	both, left, known := make(map[[2]string]float64), make(map[string]float64), make(map[string]float64)
	for text, c := range was {
		if d, ok := is[text]; ok {
			both[[2]string{c, d}]++
			left[c]++
			known[d]++
		}
	}
	label := func(r *report.Result, id string) string {
		return r.Clusters[slices.IndexFunc(r.Clusters, func(c report.Cluster) bool { return c.ID == id })].Label
	}
	for pair, n := range both {
		if n >= 0.8*left[pair[0]] && n >= 0.8*known[pair[1]] {
			same++
			if pair[0] == pair[1] && label(old, pair[0]) == label(now, pair[1]) {
				kept++
			}
		}
	}
	return same, kept
}
