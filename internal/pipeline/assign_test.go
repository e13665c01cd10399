package pipeline

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"sheaf/internal/corpus"
	"sheaf/internal/quality"
	"sheaf/internal/report"
	"sheaf/internal/testsets"
)

func assign(t testing.TB, opts AssignOptions, inputs ...corpus.Input) *Outcome {
	t.Helper()
	opts.Now, opts.Labeler = clock, labelerKeywords
	out, err := Assign(context.Background(), inputs, opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Write(new(strings.Builder), out.Result, report.JSON, report.Options{}); err != nil {
		t.Fatal(err) // it does not hold together
	}
	return out
}

const (
	someAnimals = "cats\ndogs\nhorses\ncows\nsheep\ngoats\npigs\nhens\n"
	someColours = "red\nblue\ngreen\nyellow\npurple\norange\nbrown\nwhite\n"
)

func TestAssign(t *testing.T) {
	old := run(t, NotesOptions{Common: Common{Seed: 1, K: 2}}, input("a", someAnimals+someColours)).Result
	path := save(t, old)
	animals, colours := clusterOf(t, old, "cats"), clusterOf(t, old, "red")
	r := assign(t, AssignOptions{Result: path}, input("b", "a cat\npink\nDogs\nwrite the tax return for the accountant\nrabbits\nrabbits\n")).Result
	accounted(t, r)
	for text, want := range map[string]*report.Cluster{"Dogs": animals, "rabbits": animals, "pink": colours} {
		if got := clusterOf(t, r, text); got.ID != want.ID || got.Label != want.Label || got.Centroid != want.Centroid {
			t.Errorf("%q is in %s %q, want %s %q", text, got.ID, got.Label, want.ID, want.Label)
		}
	}
	if got := clusterOf(t, r, "write the tax return for the accountant"); got.ID != NowhereID {
		t.Errorf("the tax return is in %s %q", got.ID, got.Label)
	}
	a := r.Manifest.Assign
	if a == nil || a.Threshold == nil || a.Members != 16 || a.Placed+a.Nowhere != 6 || a.Nowhere == 0 || a.SHA256 == "" || r.Manifest.Command != "assign" {
		t.Errorf("manifest.assign: %+v", a)
	}
	if it := r.Items[0]; it.ID != "n17" || it.Fit == nil || it.Fit.Nearest == "" || it.Distance <= 0 {
		t.Errorf("the first item: %+v, %+v", it, it.Fit)
	}
	// It reads back, and the same again gives the same.
	again := assign(t, AssignOptions{Result: path, Common: Common{Threads: 1}}, input("b", "a cat\npink\nDogs\nwrite the tax return for the accountant\nrabbits\nrabbits\n")).Result
	if asJSON(t, again) != asJSON(t, r) {
		t.Error("one thread gave another result")
	}
}

func TestAssignUpdate(t *testing.T) {
	old := run(t, NotesOptions{Common: Common{Seed: 1, K: 2}}, input("a", someAnimals+someColours+"cats\n")).Result
	mine := clusterOf(t, old, "cats")
	mine.Label, mine.LabelSource = "Zoo", "user"
	path := save(t, old)
	const tools = "hammer\nscrewdriver\nwrench\npliers\n"
	r := assign(t, AssignOptions{Result: path, Update: true}, input("b", "rabbits\nCats\n"+tools+"Beethoven\n")).Result
	accounted(t, r)
	if n := len(r.Items); n != 24 {
		t.Errorf("%d items, want 17 and 7", n)
	}
	for _, was := range old.Clusters {
		i := slices.IndexFunc(r.Clusters, func(c report.Cluster) bool { return c.ID == was.ID })
		if i < 0 || r.Clusters[i].Label != was.Label || r.Clusters[i].Centroid != was.Centroid {
			t.Fatalf("cluster %s %q is not as it was", was.ID, was.Label)
		}
		for _, id := range was.Items {
			if !slices.Contains(r.Clusters[i].Items, id) {
				t.Errorf("%s left %s", id, was.ID)
			}
		}
	}
	fresh := clusterOf(t, r, "pliers")
	if fresh.ID != "c3" || fresh.Size != 4 || fresh.LabelSource != "keywords" || !slices.Equal(r.Manifest.Assign.NewClusters, []string{"c3"}) || r.Manifest.Clustering.K != 3 {
		t.Errorf("tools are in %+v", fresh)
	}
	if got := clusterOf(t, r, "Beethoven"); got.ID != NowhereID {
		t.Errorf("Beethoven is in %s %q", got.ID, got.Label)
	}
	if it := r.Items[18]; *it.Text != "Cats" || it.DuplicateOf == nil || *it.DuplicateOf != "n1" || it.Cluster != mine.ID {
		t.Errorf("the copy: %+v", it)
	}

	// The next update goes on from this one: its new cluster takes more, and
	// what waited makes a cluster once there is more of its kind.
	r = assign(t, AssignOptions{Result: save(t, r), Update: true}, input("c", "chisel\nMozart\nBach\nSchubert\nred\n")).Result
	accounted(t, r)
	if got := clusterOf(t, r, "chisel"); got.ID != "c3" {
		t.Errorf("the chisel is in %s %q", got.ID, got.Label)
	}
	if a, b := clusterOf(t, r, "Beethoven"), clusterOf(t, r, "Mozart"); a.ID != "c4" || b.ID != "c4" {
		t.Errorf("Beethoven is in %s, Mozart in %s, want c4", a.ID, b.ID)
	}
	// And a run over all of it goes on from that.
	var all strings.Builder
	for _, it := range r.Items {
		all.WriteString(*it.Text + "\n")
	}
	whole := run(t, NotesOptions{Common: Common{Seed: 1, K: 4, LabelsFrom: save(t, r)}}, input("d", all.String())).Result
	if got := clusterOf(t, whole, "cats"); got.ID != mine.ID || got.Label != "Zoo" {
		t.Errorf("cats are in %s %q", got.ID, got.Label)
	}
}

func TestAssignErrors(t *testing.T) {
	old := run(t, NotesOptions{Common: Common{Seed: 1, K: 2}}, input("a", someAnimals+someColours)).Result
	changed := func(f func(r *report.Result)) string {
		var r report.Result
		if err := json.Unmarshal([]byte(asJSON(t, old)), &r); err != nil {
			t.Fatal(err)
		}
		f(&r)
		return save(t, &r)
	}
	for name, tt := range map[string]struct {
		path, want string
		opts       Common
	}{
		"later schema":    {writeFile(t, "r.json", strings.Replace(asJSON(t, old), `"schema": 1`, `"schema": 99`, 1)), "schema version 99", Common{}},
		"another model":   {changed(func(r *report.Result) { r.Manifest.Embedding.Digest = "sha256:0" }), "was made by the model", Common{}},
		"unknown model":   {changed(func(r *report.Result) { r.Manifest.Embedding.Model = "nowhere" }), "nowhere", Common{}},
		"another lexicon": {save(t, old), "another lexicon", Common{Lexicon: writeFile(t, "l.txt", "quests: zoltan, kroxal\n")}},
		"other texts":     {changed(func(r *report.Result) { r.Manifest.Embedding.Adapt.Documents = 99 }), "99 texts", Common{}},
		"other distances": {changed(func(r *report.Result) {
			for i := range r.Items {
				r.Items[i].Distance += 0.5
			}
		}), "distances", Common{}},
		"chats": {changed(func(r *report.Result) { r.Manifest.Command, r.Manifest.Privacy = "chats", &report.Privacy{} }), "sheaf chats", Common{}},
	} {
		tt.opts.Labeler = labelerNone
		_, err := Assign(context.Background(), []corpus.Input{input("b", "cats\n")}, AssignOptions{Result: tt.path, Common: tt.opts})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// On labelled collections: items that were held out go where they would have
// gone, and what is out of scope is told from what is not.
func TestAssignLabelledSets(t *testing.T) {
	dir, err := testsets.Dir()
	if err != nil {
		t.Skip(err)
	}
	if os.Getenv("SHEAF_VERIFY") == "" {
		t.Skip("SHEAF_VERIFY is not set: two minutes")
	}
	sets, err := testsets.All(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range sets {
		t.Run(set.Name, func(t *testing.T) {
			// One fifth is few items, and each fit another: as many fifths in turn as
			// do not take long, and what chance makes of the difference.
			order := rand.New(rand.NewPCG(1, 1)).Perm(len(set.Texts))
			folds := 2
			if len(order) < 4000 {
				folds = 5
			}
			var placing, refitting, gaps []float64
			for fold := range folds {
				var in, out testsets.Set
				for i, p := range order {
					to := &in
					if i%5 == fold {
						to = &out
					}
					to.Texts, to.Groups = append(to.Texts, set.Texts[p]), append(to.Groups, set.Groups[p])
				}
				opts := NotesOptions{Common: Common{Seed: 1, K: set.K(), Labeler: labelerNone}}
				old := run(t, opts, jsonl(t, in.Texts)).Result
				placed := assign(t, AssignOptions{Result: save(t, old)}, jsonl(t, out.Texts)).Result
				whole := run(t, opts, jsonl(t, slices.Concat(in.Texts, out.Texts))).Result
				placing = append(placing, heldOut(old.Items, in.Groups, placed.Items, out.Groups))
				refitting = append(refitting, heldOut(whole.Items[:len(in.Texts)], in.Groups, whole.Items[len(in.Texts):], out.Groups))
				gaps = append(gaps, placing[fold]-refitting[fold])
			}
			a, b := stat.Mean(placing, nil), stat.Mean(refitting, nil)
			t.Logf("%s: %.3f of the held-out items are in a cluster of their group, %.3f after refitting; the difference is %+.3f ± %.3f (standard error over %d folds)",
				set.Name, a, b, a-b, stat.StdDev(gaps, nil)/math.Sqrt(float64(folds)), folds)
			if a < b-0.02 {
				t.Errorf("%s: placement %.3f, refitting %.3f", set.Name, a, b)
			}
		})
	}

	t.Run("scope", func(t *testing.T) { testOutOfScope(t, dir) })
}

// Clusters fitted on clinc150's train set tell what is out of scope.
func testOutOfScope(t *testing.T, dir string) {
	clinc, err := testsets.ReadClinc(dir)
	if err != nil {
		t.Fatal(err)
	}
	train, test, oos := clinc.Split("train"), clinc.Split("test"), clinc.Split("oos_test")
	old := run(t, NotesOptions{Common: Common{Seed: 1, K: 150, Labeler: labelerNone}}, jsonl(t, train.Texts)).Result
	r := assign(t, AssignOptions{Result: save(t, old)}, jsonl(t, slices.Concat(test.Texts, oos.Texts))).Result
	scores, isOut := make([]float64, len(r.Items)), make([]bool, len(r.Items))
	turned, kept := 0, 0
	for i, it := range r.Items {
		scores[i], isOut[i] = it.Fit.Score, i >= len(test.Texts)
		if !it.Fit.Fits && isOut[i] {
			turned++
		}
		if !it.Fit.Fits && !isOut[i] {
			kept++
		}
	}
	auroc := quality.AUROC(scores, isOut)
	t.Logf("clinc150 out of scope: AUROC %.3f; %d of %d turned away, and %d of %d in scope", auroc, turned, len(oos.Texts), kept, len(test.Texts))
	if len(oos.Texts) != 1000 || auroc < 0.91 {
		t.Errorf("AUROC %.3f of %d, want 0.91", auroc, len(oos.Texts))
	}

	// Ten intents that nothing was known of.
	var intents []string
	for _, g := range test.Groups {
		if !slices.Contains(intents, g) {
			intents = append(intents, g)
		}
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(intents), func(i, j int) { intents[i], intents[j] = intents[j], intents[i] })
	unknown := intents[:10]
	var known []string
	for i, text := range train.Texts {
		if !slices.Contains(unknown, train.Groups[i]) {
			known = append(known, text)
		}
	}
	old = run(t, NotesOptions{Common: Common{Seed: 1, K: 140, Labeler: labelerNone}}, jsonl(t, known)).Result
	r = assign(t, AssignOptions{Result: save(t, old), Update: true}, jsonl(t, test.Texts)).Result
	items := r.Items[len(r.Items)-len(test.Texts):]
	scores, isOut = scores[:0], isOut[:0]
	in := make(map[string]map[string]int)
	for i, it := range items {
		scores, isOut = append(scores, it.Fit.Score), append(isOut, slices.Contains(unknown, test.Groups[i]))
		if slices.Contains(r.Manifest.Assign.NewClusters, it.Cluster) {
			if in[it.Cluster] == nil {
				in[it.Cluster] = make(map[string]int)
			}
			in[it.Cluster][test.Groups[i]]++
		}
	}
	newOnes := 0
	for _, groups := range in {
		total, best, name := 0, 0, ""
		for g, n := range groups {
			total += n
			if n > best {
				best, name = n, g
			}
		}
		if 2*best > total && slices.Contains(unknown, name) {
			newOnes++
		}
	}
	t.Logf("ten held-out intents: AUROC %.3f; %d new clusters, %d of them mostly of one held-out intent", quality.AUROC(scores, isOut), len(in), newOnes)
}

// jsonl is texts as an input.
func jsonl(t testing.TB, texts []string) corpus.Input {
	t.Helper()
	var b strings.Builder
	for _, text := range texts {
		line, err := json.Marshal(map[string]string{"text": text})
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	return input("set.jsonl", b.String())
}

// heldOut is the share of items that are in a cluster of which most known items
// are of the same group. Where an item fits nowhere, its nearest cluster counts.
func heldOut(known []report.Item, knownGroups []string, items []report.Item, groups []string) float64 {
	votes := make(map[string]map[string]int)
	for i, it := range known {
		if votes[it.Cluster] == nil {
			votes[it.Cluster] = make(map[string]int)
		}
		votes[it.Cluster][knownGroups[i]]++
	}
	right := 0
	for i, it := range items {
		c := it.Cluster
		if c == NowhereID {
			c = it.Fit.Nearest
		}
		best, group := 0, ""
		for g, n := range votes[c] {
			if n > best || n == best && g < group {
				best, group = n, g
			}
		}
		if group == groups[i] {
			right++
		}
	}
	return float64(right) / float64(len(items))
}
