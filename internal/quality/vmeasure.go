// Package quality measures how well a clustering agrees with known labels.
package quality

import (
	"fmt"
	"math"
)

// Agreement is how a clustering agrees with known classes; each is from 0 to 1.
type Agreement struct {
	Homogeneity  float64 // 1: each cluster holds members of one class only
	Completeness float64 // 1: all members of a class are in one cluster
	V            float64 // their harmonic mean
}

// VMeasure compares clusters with classes, element by element (Rosenberg and
// Hirschberg: V-Measure, a conditional entropy-based external cluster
// evaluation measure, 2007; β = 1). The values name groups and have no order.
// Two clusterings of nothing agree.
//
// VMeasure panics if the lengths differ.
func VMeasure[C, K comparable](classes []C, clusters []K) Agreement {
	if len(classes) != len(clusters) {
		panic(fmt.Sprintf("quality: %d classes, %d clusters", len(classes), len(clusters)))
	}
	ci, nc := number(classes)
	ki, nk := number(clusters)
	perClass, perCluster := make([]float64, nc), make([]float64, nk)
	pairs := make([][2]int, len(ci))
	for i := range ci {
		pairs[i] = [2]int{ci[i], ki[i]}
		perClass[ci[i]]++
		perCluster[ki[i]]++
	}
	n := float64(len(classes))
	hClass, hCluster := entropy(perClass, n), entropy(perCluster, n)
	// Mutual information, over the pairs that there are; then H(C|K) = H(C) - MI.
	cell, cells := number(pairs)
	together, of := make([]float64, cells), make([][2]int, cells)
	for i, c := range cell {
		together[c]++
		of[c] = pairs[i]
	}
	var mi float64
	for c, x := range together {
		mi += x / n * math.Log(x*n/(perClass[of[c][0]]*perCluster[of[c][1]]))
	}
	a := Agreement{Homogeneity: 1, Completeness: 1}
	if hClass > 0 {
		a.Homogeneity = mi / hClass
	}
	if hCluster > 0 {
		a.Completeness = mi / hCluster
	}
	if s := a.Homogeneity + a.Completeness; s > 0 {
		a.V = 2 * a.Homogeneity * a.Completeness / s
	}
	return a
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

// entropy of a partition into parts of n, in nats.
func entropy(parts []float64, n float64) float64 {
	var h float64
	for _, p := range parts {
		if p > 0 {
			h -= p / n * math.Log(p/n)
		}
	}
	return h
}
