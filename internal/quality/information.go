package quality

import (
	"fmt"
	"math"
	"slices"
)

// Agreement is how a clustering agrees with known classes; each is from 0 to 1.
type Agreement struct {
	Homogeneity  float64 // 1: each cluster holds members of one class only
	Completeness float64 // 1: all members of a class are in one cluster
	V            float64 // their harmonic mean
}

// VMeasure is [Contingency.VMeasure] of classes and clusters.
func VMeasure[C, K comparable](classes []C, clusters []K) Agreement {
	return Cross(classes, clusters).VMeasure()
}

// VMeasure is homogeneity, completeness and the V-measure with β = 1
// (Rosenberg & Hirschberg 2007, "V-Measure: a conditional entropy-based
// external cluster evaluation measure"). Two groupings of nothing agree.
func (t *Contingency) VMeasure() Agreement {
	a := Agreement{Homogeneity: 1, Completeness: 1}
	mi := t.mutual()
	if h := t.entropy(t.classes); h > 0 {
		a.Homogeneity = mi / h
	}
	if h := t.entropy(t.clusters); h > 0 {
		a.Completeness = mi / h
	}
	if s := a.Homogeneity + a.Completeness; s > 0 {
		a.V = 2 * a.Homogeneity * a.Completeness / s
	}
	return a
}

// A Mean says how the entropies of two groupings are brought to one number, by
// which their mutual information is divided.
type Mean int

// The means of the field. The normalised mutual information by the arithmetic
// one is the V-measure.
const (
	Arithmetic Mean = iota
	Geometric
	Min
	Max
)

func (m Mean) of(a, b float64) float64 {
	switch m {
	case Arithmetic:
		return (a + b) / 2
	case Geometric:
		return math.Sqrt(a * b)
	case Min:
		return min(a, b)
	case Max:
		return max(a, b)
	}
	panic(fmt.Sprintf("quality: unknown mean %d", m))
}

// NMI is the normalised mutual information, 0 to 1 (Strehl & Ghosh 2002,
// "Cluster ensembles", has the geometric one). It is 1 where neither grouping
// has more than one group.
func (t *Contingency) NMI(by Mean) float64 {
	if len(t.classes) <= 1 && len(t.clusters) <= 1 {
		return 1
	}
	mi := t.mutual()
	if mi == 0 {
		return 0
	}
	return mi / by.of(t.entropy(t.classes), t.entropy(t.clusters))
}

// AMI is the mutual information adjusted for chance,
//
//	(MI − E) / (mean(H, H) − E)
//
// where E is what two groupings with groups of these sizes share on average
// (Vinh, Epps & Bailey 2010, "Information theoretic measures for clusterings
// comparison"); at most 1, around 0 for independent groupings. Where groups of
// these sizes cannot share more or less it is 1 if they share anything or are
// the same, else 0.
func (t *Contingency) AMI(by Mean) float64 {
	if t.same() {
		return 1
	}
	mutual, expected := t.mutual(), t.expected()
	hClass, hCluster := t.entropy(t.classes), t.entropy(t.clusters)
	span := by.of(hClass, hCluster) - expected
	// Of figures that are equal, the difference is rounding alone.
	if math.Abs(span) <= 1e-12*max(hClass, hCluster) {
		if mutual > 0 {
			return 1
		}
		return 0
	}
	return (mutual - expected) / span
}

// entropy of a partition of the n items, in nats.
func (t *Contingency) entropy(parts []int) float64 {
	if len(parts) < 2 {
		return 0
	}
	n := float64(t.n)
	var h float64
	for _, p := range parts {
		h -= float64(p) / n * math.Log(float64(p)/n)
	}
	return h
}

// mutual is the mutual information in nats.
func (t *Contingency) mutual() float64 {
	if len(t.classes) < 2 || len(t.clusters) < 2 {
		return 0
	}
	n := float64(t.n)
	var mi float64
	for _, c := range t.cells {
		both := float64(c.count)
		mi += both / n * math.Log(both*n/(float64(t.classes[c.class])*float64(t.clusters[c.cluster])))
	}
	return max(0, mi)
}

// expected is the mean of the mutual information over all groupings with
// groups of these sizes. How many items a group of a and one of b of n items
// then share has a hypergeometric distribution; its probabilities are built up
// from the most likely number outwards by the ratio of neighbours and divided
// by their sum, so that no factorial is needed and none overflows.
//
// Groups of equal sizes are looked at once: O(√n·√n·width) instead of the
// number of pairs of groups.
func (t *Contingency) expected() float64 {
	if len(t.classes) < 2 || len(t.clusters) < 2 {
		return 0
	}
	var sum float64
	clusters := sizes(t.clusters)
	for _, a := range sizes(t.classes) {
		for _, b := range clusters {
			sum += float64(a.times) * float64(b.times) * expectedOf(a.size, b.size, t.n)
		}
	}
	return sum
}

type sized struct{ size, times int }

// sizes counts equal sizes, in ascending order.
func sizes(parts []int) []sized {
	sorted := slices.Sorted(slices.Values(parts))
	var out []sized
	for _, p := range sorted {
		if len(out) > 0 && out[len(out)-1].size == p {
			out[len(out)-1].times++
			continue
		}
		out = append(out, sized{p, 1})
	}
	return out
}

// expectedOf is the mean share of the mutual information that groups of a and
// b of n items have.
func expectedOf(a, b, n int) float64 {
	lo, hi := max(0, a+b-n), min(a, b)
	mode := min(hi, max(lo, int(float64(a+1)*float64(b+1)/float64(n+2))))
	share := func(both int) float64 {
		if both == 0 {
			return 0
		}
		x := float64(both)
		return x / float64(n) * (math.Log(x) + math.Log(float64(n)) - math.Log(float64(a)) - math.Log(float64(b)))
	}
	total, sum := 1.0, share(mode)
	const negligible = 1e-25 // of the most likely number's probability
	p := 1.0
	for x := mode; x < hi && p > negligible; x++ {
		p *= float64(a-x) * float64(b-x) / (float64(x+1) * float64(n-a-b+x+1))
		total += p
		sum += p * share(x+1)
	}
	p = 1
	for x := mode; x > lo && p > negligible; x-- {
		p *= float64(x) * float64(n-a-b+x) / (float64(a-x+1) * float64(b-x+1))
		total += p
		sum += p * share(x-1)
	}
	return sum / total
}
