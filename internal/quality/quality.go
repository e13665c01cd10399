// Package quality measures clusterings: how well one agrees with known labels
// or with another, how stable it is, and how sure a figure is.
//
// Two ways of grouping the same items are compared by the table of how many
// items each pair of groups shares; [Cross] makes it, and the measures are its
// methods. All of them are the usual ones and equal scikit-learn's.
package quality

import "fmt"

// A Contingency is the table of two groupings of n items, by convention the
// known classes and the clusters. It holds the cells that are not zero.
type Contingency struct {
	n        int
	classes  []int // items of each class
	clusters []int // items of each cluster
	cells    []cell
}

// A cell is how many items a class and a cluster share, at least one.
type cell struct{ class, cluster, count int }

// Cross compares classes with clusters, element by element. The values name
// groups and have no order; two groupings of nothing can be compared too.
//
// Cross panics if the lengths differ.
func Cross[C, K comparable](classes []C, clusters []K) *Contingency {
	if len(classes) != len(clusters) {
		panic(fmt.Sprintf("quality: %d classes, %d clusters", len(classes), len(clusters)))
	}
	ci, nc := number(classes)
	ki, nk := number(clusters)
	t := &Contingency{n: len(ci), classes: make([]int, nc), clusters: make([]int, nk)}
	type pair struct{ class, cluster int }
	at := make(map[pair]int)
	for i := range ci {
		t.classes[ci[i]]++
		t.clusters[ki[i]]++
		p := pair{ci[i], ki[i]}
		j, ok := at[p]
		if !ok {
			j = len(t.cells)
			at[p] = j
			t.cells = append(t.cells, cell{p.class, p.cluster, 0})
		}
		t.cells[j].count++
	}
	return t
}

// number gives each distinct value an index in order of appearance.
func number[T comparable](values []T) (index []int, n int) {
	seen := make(map[T]int)
	index = make([]int, len(values))
	for i, v := range values {
		at, ok := seen[v]
		if !ok {
			at = len(seen)
			seen[v] = at
		}
		index[i] = at
	}
	return index, len(seen)
}

// same says whether the two groupings are one and the same.
func (t *Contingency) same() bool {
	return len(t.cells) == len(t.classes) && len(t.cells) == len(t.clusters)
}
