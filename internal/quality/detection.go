package quality

import (
	"cmp"
	"fmt"
	"slices"
)

// AUROC is the area under the receiver operating characteristic: how probably a
// score of what is looked for is above one of what is not, ties counting half
// (Mann & Whitney's U). It is 0.5 where either is empty.
//
// AUROC panics if the lengths differ.
func AUROC(scores []float64, positive []bool) float64 {
	if len(scores) != len(positive) {
		panic(fmt.Sprintf("quality: %d scores, %d truths", len(scores), len(positive)))
	}
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[a], scores[b]) })
	var pos, neg, area float64
	for i := 0; i < len(order); {
		var p, n float64
		j := i
		for ; j < len(order) && scores[order[j]] == scores[order[i]]; j++ {
			if positive[order[j]] {
				p++
			} else {
				n++
			}
		}
		area += p * (neg + n/2)
		pos, neg, i = pos+p, neg+n, j
	}
	if pos == 0 || neg == 0 {
		return 0.5
	}
	return area / (pos * neg)
}
