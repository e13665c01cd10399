package kmeans

import (
	"fmt"
	"math"
)

// check panics where a label, a bound or a score's error bound does not hold.
// Only builds with the tag kmeansdebug call it.
func (a *assignment) check() {
	ps, d, G := a.panels, a.p.d, a.panels.groups
	for i := range a.p.n {
		x := a.p.row(i)
		own := a.labels[i]
		nearest, label := math.Inf(1), int32(-1)
		others := make([]float64, G) // the nearest other of each group
		for g := range others {
			others[g] = math.Inf(1)
		}
		for j := range int32(ps.k) {
			sq := a.pool.sqDist(x, ps.c[int(j)*d:(int(j)+1)*d])
			if sq < nearest {
				nearest, label = sq, j
			}
			if g := ps.group[j]; j != own {
				others[g] = min(others[g], math.Sqrt(sq))
			}
		}
		if label != own {
			panic(fmt.Sprintf("kmeans: row %d has label %d, but %d is nearest", i, own, label))
		}
		if a.once {
			continue
		}
		if u := float64(a.upper[i]); u < math.Sqrt(nearest) {
			panic(fmt.Sprintf("kmeans: row %d is at %v, above its bound %v", i, math.Sqrt(nearest), u))
		}
		then, now := a.gone[int(a.since[i])*G:], a.gone[a.passes*G:]
		for g, v := range others {
			if l := float64(a.lower[i]); l > v {
				panic(fmt.Sprintf("kmeans: row %d: another centroid is at %v, below the bound %v", i, v, l))
			}
			if l := float64(a.group[i*G+g]) - (now[g] - then[g]); l > v {
				panic(fmt.Sprintf("kmeans: row %d: a centroid of group %d is at %v, below the bound %v", i, g, v, l))
			}
		}
	}
}
