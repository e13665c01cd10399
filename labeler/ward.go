package labeler

import (
	"cmp"
	"math"
	"slices"
)

// A Hierarchy says for each level but the highest, from the base upwards,
// which cluster of the next level each of its clusters belongs to. Every
// cluster has one parent, and every parent has children.
type Hierarchy [][]int

// Ward builds a hierarchy of the n base clusters whose centroids are the rows
// of the n×d matrix, by Ward's minimum variance linkage: of all pairs, those
// two clusters are joined whose union adds least to the sum of squared
// distances, |A|·|B|/(|A|+|B|)·‖a−b‖² (Ward 1963, "Hierarchical grouping to
// optimize an objective function"). weights are the clusters' sizes.
//
// sizes are the numbers of clusters of the levels, as [LevelSizes] gives them:
// from n downwards and strictly falling. Levels are cuts of one tree, so that
// what is together stays together further up.
//
// It takes O(n²·d) time and O(n·d) memory. It panics where lengths do not fit
// together.
func Ward(centroids []float32, n, d int, weights []float64, sizes []int) Hierarchy {
	if len(centroids) != n*d || len(weights) != n || len(sizes) == 0 || sizes[0] != n {
		panic("labeler: the lengths of Ward's arguments do not fit together")
	}
	joins := linkage(centroids, n, d, weights)
	// Joins in the order of their heights; the stable sort keeps those of equal
	// height in the order in which they became possible.
	slices.SortStableFunc(joins, func(a, b join) int { return cmp.Compare(a.height, b.height) })

	root := make([]int, n) // of each base cluster, the first base cluster of its group
	for i := range root {
		root[i] = i
	}
	below := slices.Clone(root) // root, renumbered, on the level below
	var out Hierarchy
	done := 0
	for l, size := range sizes[1:] {
		if size < 1 || size >= sizes[l] {
			panic("labeler: the sizes of levels do not fall")
		}
		for ; done < n-size; done++ {
			a, b := root[joins[done].a], root[joins[done].b]
			a, b = min(a, b), max(a, b)
			for i := range root {
				if root[i] == b {
					root[i] = a
				}
			}
		}
		level := renumber(root)
		parents := make([]int, sizes[l])
		for i, child := range below {
			parents[child] = level[i]
		}
		out = append(out, parents)
		below = level
	}
	return out
}

// renumber gives each group of root a number, in the order of their first
// members.
func renumber(root []int) []int {
	number := make(map[int]int)
	out := make([]int, len(root))
	for i, r := range root {
		if _, ok := number[r]; !ok {
			number[r] = len(number)
		}
		out[i] = number[r]
	}
	return out
}

// A join unites the groups that base clusters a and b are in.
type join struct {
	a, b   int
	height float64
}

// linkage finds the n−1 joins by the nearest-neighbour chain (Murtagh 1983, "A
// survey of recent advances in hierarchical clustering algorithms"): from any
// group to its nearest, to the nearest of that, until two are each other's
// nearest. Joins come in no order of height, but none before one it needs.
func linkage(centroids []float32, n, d int, weights []float64) []join {
	mean := make([]float64, n*d)
	for i, x := range centroids {
		mean[i] = float64(x)
	}
	weight := slices.Clone(weights)
	height := make([]float64, n) // of the join that made each group
	alive := make([]int, n)      // groups, each by the row it is kept in
	for i := range alive {
		alive[i] = i
	}
	cost := func(a, b int) float64 {
		sum := 0.0
		x, y := mean[a*d:(a+1)*d], mean[b*d:(b+1)*d]
		for i := range x {
			diff := x[i] - y[i]
			sum += float64(diff * diff)
		}
		return weight[a] * weight[b] / (weight[a] + weight[b]) * sum
	}
	var joins []join
	var chain []int
	for len(alive) > 1 {
		if len(chain) == 0 {
			chain = append(chain, alive[0])
		}
		last := chain[len(chain)-1]
		before := -1
		nearest, least := -1, math.Inf(1)
		if len(chain) > 1 {
			// Of equally near ones the one before, or the chain would not end.
			before = chain[len(chain)-2]
			nearest, least = before, cost(last, before)
		}
		for _, g := range alive {
			if g == last || g == before {
				continue
			}
			if c := cost(last, g); nearest < 0 || c < least {
				nearest, least = g, c
			}
		}
		if nearest != before {
			chain = append(chain, nearest)
			continue
		}
		chain = chain[:len(chain)-2]
		a, b := min(last, before), max(last, before)
		// Rounding must not put a join below those it unites.
		height[a] = max(least, height[a], height[b])
		joins = append(joins, join{a, b, height[a]})
		total := weight[a] + weight[b]
		for i := range d {
			mean[a*d+i] = (float64(weight[a]*mean[a*d+i]) + float64(weight[b]*mean[b*d+i])) / total
		}
		weight[a] = total
		alive = slices.DeleteFunc(alive, func(g int) bool { return g == b })
	}
	return joins
}
