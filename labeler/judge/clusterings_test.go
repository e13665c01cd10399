package judge

import (
	"os"
	"slices"
	"strings"
	"testing"

	"sheaf/labeler"
	"sheaf/models/builtin"
)

// A labelled cluster has labels that a careful person would sign, and others.
type labelled struct{ texts, good, bad []string }

func readClusterings(t *testing.T) [][]labelled {
	t.Helper()
	data, err := os.ReadFile("testdata/clusterings.txt")
	if err != nil {
		t.Fatal(err)
	}
	split := func(s string) (out []string) {
		for part := range strings.SplitSeq(s, ";") {
			out = append(out, strings.TrimSpace(part))
		}
		return out
	}
	var all [][]labelled
	for block := range strings.SplitSeq(string(data), "\n\n") {
		var clustering []labelled
		for line := range strings.SplitSeq(strings.TrimSpace(block), "\n") {
			if line == "" || line[0] == '#' {
				continue
			}
			parts := strings.Split(line, "|")
			if len(parts) != 3 {
				t.Fatalf("%q", line)
			}
			clustering = append(clustering, labelled{split(parts[0]), split(parts[1]), split(parts[2])})
		}
		if clustering != nil {
			all = append(all, clustering)
		}
	}
	return all
}

// Good labels are taken and bad ones refused: those of other clusters, and those
// that nobody would sign. The bounds are a little above what was seen.
func TestVerdictsOnClusterings(t *testing.T) {
	m := builtinModel(t)
	j := New(m, m)
	var good, refused, bad, accepted, best, pairs int
	unjudged := 0 // labels of languages that the lexicon does not have
	for _, clustering := range readClusterings(t) {
		var clusters []labeler.Cluster
		for _, c := range clustering {
			clusters = append(clusters, labeler.Cluster{Members: c.texts})
		}
		r, err := j.Read(t.Context(), clusters)
		if err != nil {
			t.Fatal(err)
		}
		judge := func(i int, labels []string) []Verdict {
			vs, err := r.Judge(t.Context(), i, Question{}, labels)
			if err != nil {
				t.Fatal(err)
			}
			return vs
		}
		for i, c := range clustering {
			others := slices.Clone(c.bad)
			for o, other := range clustering {
				if o != i {
					others = append(others, other.good[0])
				}
			}
			goods, bads := judge(i, c.good), judge(i, others)
			for k, v := range goods {
				good++
				if v.Fault != nil {
					refused++
					t.Logf("refused: %q for %q: %v %v", c.good[k], c.texts, v.Fault, v.Score)
				}
			}
			for k, v := range bads {
				if v.Score != nil && !v.Score.Known && !v.Score.Placed {
					unjudged++
					continue
				}
				bad++
				if v.Fault == nil {
					accepted++
					t.Logf("accepted: %q for %q: %v", others[k], c.texts, v.Score)
				}
				for _, g := range goods {
					pairs++
					if v.Fault != nil || g.Fault == nil && g.Score.Total > v.Score.Total {
						best++
					}
				}
			}
		}
	}
	t.Logf("good labels refused: %d of %d; bad ones accepted: %d of %d; the good one wins %d of %d pairs", refused, good, accepted, bad, best, pairs)
	t.Logf("of %d more nothing is known", unjudged)
	if 100*refused > 2*good || 100*accepted > 3*bad || 1000*best < 985*pairs {
		t.Error("that is more than it was")
	}
}

// The names of the lexicon's own concepts, most of them in none of their terms,
// name clusters of those terms, and hardly ever clusters of others. Here the
// lexicon judges what it has itself, so this says more about the rules than about
// the judge.
func TestConceptsAsLabels(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: all concepts on one thread")
	}
	lex, err := builtin.ParseLexicon(os.DirFS("../../models/builtin/lexicon"))
	if err != nil {
		t.Fatal(err)
	}
	const most, together = 7, 8 // terms of a cluster, clusters of a clustering
	var clusters []labeler.Cluster
	var names []string
	for _, c := range lex.Concepts {
		if len(c.Terms) <= most {
			continue
		}
		var terms []string
		for i := 1; i < len(c.Terms) && len(terms) < most; i += max(1, len(c.Terms)/(most+1)) {
			terms = append(terms, c.Terms[i])
		}
		clusters, names = append(clusters, labeler.Cluster{Members: terms}), append(names, c.Name)
	}
	m := builtinModel(t)
	j := New(m, m)
	refused, accepted, all := 0, 0, 0
	for at := 0; at+together <= len(clusters); at += together {
		r, err := j.Read(t.Context(), clusters[at:at+together])
		if err != nil {
			t.Fatal(err)
		}
		for i := range together {
			other := names[(at+i+len(names)/2)%len(names)]
			vs, err := r.Judge(t.Context(), i, Question{}, []string{names[at+i], other})
			if err != nil {
				t.Fatal(err)
			}
			all++
			if vs[0].Fault != nil {
				refused++
				t.Logf("refused: %q for %q: %v %v", names[at+i], clusters[at+i].Members, vs[0].Fault, vs[0].Score)
			}
			if vs[1].Fault == nil {
				accepted++
				t.Logf("accepted: %q for %q: %v", other, clusters[at+i].Members, vs[1].Score)
			}
		}
	}
	t.Logf("of %d names %d are refused, and %d accepted for another cluster", all, refused, accepted)
	if 100*refused > all || 100*accepted > all {
		t.Error("that is more than it was")
	}
}
