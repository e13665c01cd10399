package labeler

import "math"

// The number of levels and of top clusters where the user names none.
const (
	leastToGroup = 4  // base clusters; fewer are read at a glance
	twoLevelsTo  = 40 // base clusters; of more there are three levels
	childrenEach = 4  // base clusters to a top cluster
	mostAtTop    = 10
)

// LevelSizes returns how many clusters each level of a hierarchy should have,
// from the base upwards. levels counts the base; top is the number of clusters
// on the highest level. Sizes fall from level to level by the constant ratio
// (top/base)^(1/(levels−1)) (Tamkin et al. 2024, "Clio"), rounded, and
// strictly: a level that would be as large as the one below is left out, so
// that there may be fewer levels than asked for, but always the base.
//
// 0 levels means one up to 3 base clusters, two up to 40, three above; 0 for
// top means a quarter of the base, from 2 to 10.
func LevelSizes(base, levels, top int) []int {
	if base < 0 || levels < 0 || top < 0 {
		panic("labeler: a negative number of clusters or levels")
	}
	if levels == 0 {
		switch {
		case base < leastToGroup:
			levels = 1
		case base <= twoLevelsTo:
			levels = 2
		default:
			levels = 3
		}
	}
	if top == 0 {
		top = max(2, min(mostAtTop, (base+childrenEach/2)/childrenEach))
	}
	sizes := []int{base}
	ratio := float64(top) / float64(base)
	for l := 1; l < levels; l++ {
		n := int(math.Round(float64(base) * math.Pow(ratio, float64(l)/float64(levels-1))))
		if n = max(n, top); n < sizes[len(sizes)-1] {
			sizes = append(sizes, n)
		}
	}
	return sizes
}
