package pipeline

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"sheaf/internal/testsets"
)

func TestOutlierRule(t *testing.T) {
	o := outlierRule([]float64{9, 1, 2, 3, 4})
	if want := 3 + 2.5*1.4826*1.0; o.Median != 3 || o.MAD != 1 || o.Threshold == nil || math.Abs(*o.Threshold-want) > 1e-12 {
		t.Errorf("%+v, want a threshold of %v", o, want)
	}
	for _, scores := range [][]float64{nil, {1, 2, 9}, {1, 1, 1, 1, 9}} {
		if o := outlierRule(scores); o.Threshold != nil {
			t.Errorf("%v: threshold %v, want none", scores, *o.Threshold)
		}
	}
}

func TestOutliers(t *testing.T) {
	lines := strings.Join(slices.Concat(about("how do I reset my ", "password", "email password", "account password", "login password", "old password", "password again"),
		about("please buy ", "milk", "fresh milk", "cold milk", "milk today", "more milk", "some milk")), "\n") + "\nthe accountant wants the tax return\n"
	opts := NotesOptions{Common: Common{Seed: 1, K: 2, Labeler: labelerNone}}
	plain := run(t, opts, input("a", lines)).Result
	var note string
	opts.Outliers = true
	opts.Note = func(line string) {
		if strings.HasPrefix(line, "outliers: ") {
			note = line
		}
	}
	r := run(t, opts, input("a", lines)).Result
	accounted(t, r)
	if r.Manifest.Counts.Outliers != 1 || r.Items[12].Outlier == nil || r.Items[12].Outlier.Score <= *r.Manifest.Outliers.Threshold {
		t.Errorf("counts %+v, the tax return %+v, rule %+v", r.Manifest.Counts, r.Items[12].Outlier, r.Manifest.Outliers)
	}
	if !strings.HasPrefix(note, "outliers: 1 of 13 texts: a mean squared distance") {
		t.Errorf("said: %q", note)
	}
	for i := range r.Items {
		if r.Items[i].Cluster != plain.Items[i].Cluster || plain.Items[i].Outlier != nil {
			t.Errorf("%s moved, or is an outlier unasked", r.Items[i].ID)
		}
	}
	opts.Threads = 1
	if one := run(t, opts, input("a", lines)).Result; asJSON(t, one) != asJSON(t, r) {
		t.Error("one thread gave another result")
	}
}

// Of labelled sets, where each text belongs to a group, few texts are outliers;
// of what is out of scope among clinc150's intents many are.
func TestOutliersLabelledSets(t *testing.T) {
	dir, err := testsets.Dir()
	if err != nil {
		t.Skip(err)
	}
	if os.Getenv("SHEAF_VERIFY") == "" {
		t.Skip("SHEAF_VERIFY is not set: half a minute")
	}
	clinc, err := testsets.ReadClinc(dir)
	if err != nil {
		t.Fatal(err)
	}
	test, oos := clinc.Split("test"), clinc.Split("oos_test")
	sets, err := testsets.All(dir)
	if err != nil {
		t.Fatal(err)
	}
	const strays = 100
	for _, set := range append(sets, testsets.Set{
		Name: "clinc150 and strays", Groups: slices.Concat(test.Groups, oos.Groups[:strays]), Texts: slices.Concat(test.Texts, oos.Texts[:strays]),
	}) {
		r := run(t, NotesOptions{Common: Common{Seed: 1, K: set.K(), Labeler: labelerNone}, Outliers: true}, jsonl(t, set.Texts)).Result
		own := len(set.Texts)
		if set.Name == "clinc150 and strays" {
			own -= strays
		}
		marked, astray := 0, 0
		for i, it := range r.Items {
			switch {
			case it.Outlier == nil:
			case i < own:
				marked++
			default:
				astray++
			}
		}
		t.Logf("%s: of %d texts that belong to a group %d are outliers, of %d others %d", set.Name, own, marked, len(set.Texts)-own, astray)
		if float64(marked) > 0.02*float64(own) {
			t.Errorf("%s: %d of %d are outliers", set.Name, marked, own)
		}
		if own < len(set.Texts) && (astray < strays/6 || float64(astray)/strays < 10*float64(marked)/float64(own)) {
			t.Errorf("%s: %d of %d strays are outliers, and %d of %d others", set.Name, astray, strays, marked, own)
		}
	}
}

// about is what begins alike.
func about(start string, ends ...string) []string {
	var out []string
	for _, end := range ends {
		out = append(out, start+end)
	}
	return out
}
