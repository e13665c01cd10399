package quality

import (
	"fmt"
	"math"
)

// Accuracy is the share of items in the right cluster when clusters and
// classes are matched one to one in the best way, 0 to 1. Of nothing it is 1.
func (t *Contingency) Accuracy() float64 {
	if t.n == 0 {
		return 1
	}
	gain := make([][]float64, len(t.classes))
	for i := range gain {
		gain[i] = make([]float64, len(t.clusters))
	}
	for _, c := range t.cells {
		gain[c.class][c.cluster] = float64(c.count)
	}
	var right float64
	for class, cluster := range Match(gain) {
		if cluster >= 0 {
			right += gain[class][cluster]
		}
	}
	return right / float64(t.n)
}

// Purity is the share of items that belong to the commonest class of their
// cluster, 0 to 1. It is 1 where every item is alone. Of nothing it is 1.
func (t *Contingency) Purity() float64 {
	if t.n == 0 {
		return 1
	}
	most := make([]int, len(t.clusters))
	for _, c := range t.cells {
		most[c.cluster] = max(most[c.cluster], c.count)
	}
	sum := 0
	for _, n := range most {
		sum += n
	}
	return float64(sum) / float64(t.n)
}

// Match assigns rows to columns one to one so that the sum of gain over the
// pairs is as large as it can be, and returns each row's column, or -1 for rows
// that are left over where there are fewer columns. Of equal sums it takes the
// same whenever it is called. It is the shortest augmenting path method of
// Jonker & Volgenant 1987 ("A shortest augmenting path algorithm for dense and
// sparse linear assignment problems") in O(rows²·columns) time, rows being the
// fewer.
//
// Match panics if rows have different lengths or a gain is not finite.
func Match(gain [][]float64) []int {
	rows := len(gain)
	if rows == 0 {
		return nil
	}
	cols := len(gain[0])
	for i, row := range gain {
		if len(row) != cols {
			panic(fmt.Sprintf("quality: row %d has %d gains, row 0 has %d", i, len(row), cols))
		}
		for _, g := range row {
			if math.IsNaN(g) || math.IsInf(g, 0) {
				panic(fmt.Sprintf("quality: a gain of %v in row %d", g, i))
			}
		}
	}
	out := make([]int, rows)
	for i := range out {
		out[i] = -1
	}
	if rows <= cols {
		for col, row := range augment(rows, cols, func(i, j int) float64 { return -gain[i][j] }) {
			if row >= 0 {
				out[row] = col
			}
		}
		return out
	}
	copy(out, augment(cols, rows, func(i, j int) float64 { return -gain[j][i] }))
	return out
}

// augment assigns n rows to m ≥ n columns at the least cost and returns each
// column's row, or -1.
func augment(n, m int, cost func(i, j int) float64) []int {
	u, v := make([]float64, n), make([]float64, m+1) // potentials
	rowOf, from := make([]int, m+1), make([]int, m+1)
	for j := range rowOf {
		rowOf[j] = -1
	}
	dist, done := make([]float64, m), make([]bool, m+1)
	for i := range n {
		// Column m stands for the row that looks for its place.
		rowOf[m] = i
		for j := range dist {
			dist[j], from[j] = math.Inf(1), m
		}
		clear(done)
		at := m
		for rowOf[at] >= 0 {
			done[at] = true
			r := rowOf[at]
			next, step := -1, math.Inf(1)
			for j := range m {
				if done[j] {
					continue
				}
				if d := cost(r, j) - u[r] - v[j]; d < dist[j] {
					dist[j], from[j] = d, at
				}
				if dist[j] < step {
					next, step = j, dist[j]
				}
			}
			for j := range m + 1 {
				switch {
				case done[j]:
					u[rowOf[j]] += step
					v[j] -= step
				case j < m:
					dist[j] -= step
				}
			}
			at = next
		}
		for at != m {
			rowOf[at] = rowOf[from[at]]
			at = from[at]
		}
	}
	return rowOf[:m]
}
