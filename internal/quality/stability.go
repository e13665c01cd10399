package quality

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Absent is the label of an item that a clustering did not look at.
const Absent int32 = -1

// Stability is how well several clusterings of the same items agree.
type Stability struct {
	ARI, AMI float64 // means over the pairs of clusterings
	Pairs    int
}

// Stable compares every pair of clusterings on the items that both have, those
// that are not [Absent] (Ben-Hur, Elisseeff & Guyon 2002, "A stability based
// method for discovering structure in clustered data", for subsamples). Fewer
// than two clusterings are perfectly stable.
//
// Stable panics if the clusterings have different lengths.
func Stable(clusterings [][]int32) Stability {
	s := Stability{ARI: 1, AMI: 1}
	var ari, ami float64
	for i, a := range clusterings {
		for _, b := range clusterings[:i] {
			t := Cross(shared(a, b))
			ari += t.ARI()
			ami += t.AMI(Arithmetic)
			s.Pairs++
		}
	}
	if s.Pairs > 0 {
		s.ARI, s.AMI = ari/float64(s.Pairs), ami/float64(s.Pairs)
	}
	return s
}

// shared is two clusterings without the items that are absent in either.
func shared(a, b []int32) (x, y []int32) {
	if len(a) != len(b) {
		panic(fmt.Sprintf("quality: clusterings of %d and of %d items", len(a), len(b)))
	}
	for i := range a {
		if a[i] != Absent && b[i] != Absent {
			x, y = append(x, a[i]), append(y, b[i])
		}
	}
	return x, y
}

// Subsamples draws count times a share of n rows, at least one and without
// putting back, each in ascending order. Equal seeds draw the same rows.
//
// Subsamples panics unless 0 < share ≤ 1.
func Subsamples(n, count int, share float64, seed uint64) [][]int {
	if !(share > 0 && share <= 1) {
		panic(fmt.Sprintf("quality: a share of %v", share))
	}
	size := min(n, max(1, int(share*float64(n)+0.5)))
	out := make([][]int, count)
	for s := range out {
		rng := rand.New(rand.NewPCG(seed, uint64(s)))
		rows := rng.Perm(n)[:size]
		slices.Sort(rows)
		out[s] = rows
	}
	return out
}
