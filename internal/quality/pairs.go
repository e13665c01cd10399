package quality

import "math"

// pairs counts the pairs of items that are together: in both groupings, in the
// classes, in the clusters, and all there are.
func (t *Contingency) pairs() (both, classes, clusters, all float64) {
	choose := func(n int) float64 { return float64(n) * float64(n-1) / 2 }
	for _, c := range t.cells {
		both += choose(c.count)
	}
	for _, n := range t.classes {
		classes += choose(n)
	}
	for _, n := range t.clusters {
		clusters += choose(n)
	}
	return both, classes, clusters, choose(t.n)
}

// ARI is the adjusted Rand index (Hubert & Arabie 1985, "Comparing
// partitions"): the share of pairs of items on which two groupings agree,
// adjusted for chance; from −0.5 to 1, around 0 for independent groupings.
func (t *Contingency) ARI() float64 {
	if t.same() {
		return 1
	}
	both, classes, clusters, all := t.pairs()
	chance := classes * (clusters / all)
	span := (classes+clusters)/2 - chance
	if span == 0 {
		return 0 // one group against all single
	}
	return (both - chance) / span
}

// FowlkesMallows is the geometric mean of the precision and the recall of
// pairs that are together, 0 to 1 (Fowlkes & Mallows 1983, "A method for
// comparing two hierarchical clusterings"). Without such a pair it is 0.
func (t *Contingency) FowlkesMallows() float64 {
	both, classes, clusters, _ := t.pairs()
	if both == 0 {
		return 0
	}
	return math.Sqrt(both/classes) * math.Sqrt(both/clusters)
}
