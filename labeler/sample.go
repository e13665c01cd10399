package labeler

import (
	"slices"
	"unicode/utf8"
)

// The bounds of a [Sample].
const (
	maxSampleMembers = 400
	maxSampleBytes   = 2 << 10 // of one member
)

// Sample returns what is enough of a cluster's members to judge a label by: of
// the first 400, which are the nearest to the centroid, the first 2 KiB each,
// cut between two characters. members itself is left as it is.
func Sample(members []string) []string {
	members = members[:min(len(members), maxSampleMembers)]
	isLong := func(m string) bool { return len(m) > maxSampleBytes }
	if !slices.ContainsFunc(members, isLong) {
		return members
	}
	members = slices.Clone(members)
	for i, m := range members {
		if isLong(m) {
			n := maxSampleBytes
			for n > maxSampleBytes-utf8.UTFMax && !utf8.RuneStart(m[n]) {
				n--
			}
			members[i] = m[:n]
		}
	}
	return members
}
