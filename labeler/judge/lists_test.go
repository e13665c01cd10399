package judge

import (
	"os"
	"strings"
	"testing"

	"sheaf/labeler"
)

// The groups of lists of notes that people wrote for other tests, each under the
// name that its author gave it: the name is taken for its own group, and hardly
// ever for another of the list.
func TestGroupsOfLists(t *testing.T) {
	m := builtinModel(t)
	j := New(m, m)
	for _, c := range []struct {
		file              string
		refused, accepted int // percent, at most
	}{
		{"lists-tuning.txt", 18, 4}, {"lists-tuning-2.txt", 24, 4},
	} {
		data, err := os.ReadFile("../../scripts/eval-builtin/" + c.file)
		if err != nil {
			t.Fatal(err)
		}
		var good, refused, bad, accepted int
		for list := range strings.SplitSeq(string(data), "\n== ") {
			var clusters []labeler.Cluster
			var names []string
			for _, line := range strings.Split(list, "\n")[1:] {
				name, members, ok := strings.Cut(line, ": ")
				if ok && !strings.HasPrefix(line, "#") {
					clusters = append(clusters, labeler.Cluster{Members: strings.Split(members, " | ")})
					names = append(names, name)
				}
			}
			r, err := j.Read(t.Context(), clusters)
			if err != nil {
				t.Fatal(err)
			}
			for i := range clusters {
				vs, err := r.Judge(t.Context(), i, Question{}, names)
				if err != nil {
					t.Fatal(err)
				}
				for k, v := range vs {
					switch {
					case k == i:
						good++
						if v.Fault != nil {
							refused++
							t.Logf("refused: %q for %q: %v %v", names[k], clusters[i].Members, v.Fault, v.Score)
						}
					default:
						bad++
						if v.Fault == nil {
							accepted++
							t.Logf("accepted: %q for %q: %v", names[k], clusters[i].Members, v.Score)
						}
					}
				}
			}
		}
		t.Logf("%s: %d of %d names refused, %d of %d others accepted", c.file, refused, good, accepted, bad)
		if 100*refused > c.refused*good || 100*accepted > c.accepted*bad {
			t.Errorf("%s: that is more than it was", c.file)
		}
	}
}
