package chat

import (
	"slices"
	"strings"
	"unicode"

	"sheaf/labeler"
)

// distinctive returns, for each cluster, words that may tell it from the
// others: those of its description, then words of its members that no other
// cluster has. Of the members it looks at a [labeler.Sample].
func distinctive(clusters []labeler.Cluster, labels []labeler.Label) [][]string {
	const most = 16 // words of one cluster
	owner := make(map[string]int)
	shared := -1
	split := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
	}
	samples := make([][]string, len(clusters))
	for i, c := range clusters {
		samples[i] = labeler.Sample(c.Members)
		for _, m := range samples[i] {
			for _, w := range split(m) {
				if o, ok := owner[w]; !ok {
					owner[w] = i
				} else if o != i {
					owner[w] = shared
				}
			}
		}
	}
	words := make([][]string, len(clusters))
	for i, sample := range samples {
		add := func(w string) {
			if len([]rune(w)) > 2 && owner[w] == i && len(words[i]) < most && !slices.Contains(words[i], w) {
				words[i] = append(words[i], w)
			}
		}
		for _, w := range split(labels[i].Description) {
			if _, ok := owner[w]; ok {
				add(w)
			}
		}
		for _, m := range sample {
			if len(words[i]) == most {
				break
			}
			for _, w := range split(m) {
				add(w)
			}
		}
	}
	return words
}
