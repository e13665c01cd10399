package pipeline

import (
	"context"
	"testing"

	"sheaf/internal/report"
)

// Near duplicates are what the cosines of the model's own vectors say, whatever
// the vectors are fitted to; groups do not change.
func TestNearDuplicates(t *testing.T) {
	const lines = "how do I reset my password\nHow do I reset my password?\nhow do I reset my password??\ncats\ndogs\ncat\nCATS\n" +
		"buy milk today\nbuy the milk today\nplease buy the milk today\nred\nblue\n"
	for _, similarity := range []float64{0.8, 0.9, 0.97, 1} {
		opts := NotesOptions{Common: Common{Seed: 1, K: 3, Labeler: labelerNone}}
		plain := run(t, opts, input("a", lines)).Result
		opts.NearDuplicates = similarity
		r := run(t, opts, input("a", lines)).Result
		accounted(t, r)

		emb, err := openEmbedder(&opts.Common)
		if err != nil {
			t.Fatal(err)
		}
		vector := func(it *report.Item) []float32 {
			e, err := emb.Embed(context.Background(), []string{*it.Text}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return e.Vectors.Data
		}
		marked := 0
		var kept []*report.Item
		for i := range r.Items {
			it := &r.Items[i]
			if it.Cluster != plain.Items[i].Cluster || it.Distance != plain.Items[i].Distance {
				t.Errorf("%v: %s moved", similarity, it.ID)
			}
			if it.DuplicateOf != nil {
				if it.NearDuplicateOf != nil {
					t.Errorf("%v: %s is marked twice", similarity, it.ID)
				}
				continue
			}
			var want *report.Item
			most := similarity
			for _, k := range kept {
				if cos := cosine(vector(it), vector(k)); cos > most || cos == most && want == nil {
					want, most = k, cos
				}
			}
			switch of := it.NearDuplicateOf; {
			case want == nil && of != nil:
				t.Errorf("%v: %s is near %s, want none", similarity, it.ID, *of)
			case want != nil && (of == nil || *of != want.ID):
				t.Errorf("%v: %s is not marked as near %s", similarity, it.ID, want.ID)
			}
			if want == nil {
				kept = append(kept, it)
			} else {
				marked++
			}
		}
		if m := r.Manifest.NearDuplicates; m == nil || m.Similarity != similarity || r.Manifest.Counts.NearDuplicates != marked || (marked == 0) != (m.Groups == 0) {
			t.Errorf("%v: %d marked, counts %+v, manifest %+v", similarity, marked, r.Manifest.Counts, m)
		}
		if similarity < 0.95 && marked == 0 {
			t.Errorf("%v: nothing is near: the test sees nothing", similarity)
		}
	}
}

// cosine of unit vectors, from their difference, which keeps the digits of
// those that are alike.
func cosine(a, b []float32) float64 { return 1 - squared(a, b)/2 }
