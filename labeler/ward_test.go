package labeler

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestLevelSizes(t *testing.T) {
	for _, tt := range []struct {
		base, levels, top int
		want              []int
	}{
		{0, 0, 0, []int{0}},
		{1, 0, 0, []int{1}},
		{2, 0, 0, []int{2}},
		{3, 0, 0, []int{3}},
		{4, 0, 0, []int{4, 2}},
		{10, 0, 0, []int{10, 3}},
		{40, 0, 0, []int{40, 10}},
		{41, 0, 0, []int{41, 20, 10}},
		{1000, 4, 10, []int{1000, 215, 46, 10}},
		{500, 1, 0, []int{500}},
		{3, 5, 2, []int{3, 2}},
		{3, 2, 0, []int{3, 2}},
		{2, 2, 0, []int{2}},
		{8, 3, 8, []int{8}},
		{8, 3, 20, []int{8}},
		{8, 2, 1, []int{8, 1}},
	} {
		if got := LevelSizes(tt.base, tt.levels, tt.top); !slices.Equal(got, tt.want) {
			t.Errorf("LevelSizes(%d, %d, %d) = %v, want %v", tt.base, tt.levels, tt.top, got, tt.want)
		}
	}
}

func TestLevelSizesFall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.IntRange(1, 2000).Draw(t, "base")
		levels := rapid.IntRange(0, 12).Draw(t, "levels")
		top := rapid.IntRange(0, 2500).Draw(t, "top")
		sizes := LevelSizes(base, levels, top)
		if sizes[0] != base || levels > 0 && len(sizes) > levels {
			t.Fatalf("%v", sizes)
		}
		for l, n := range sizes[1:] {
			if n < 1 || n >= sizes[l] || top > 0 && n < top {
				t.Fatalf("%v", sizes)
			}
		}
		if last := sizes[len(sizes)-1]; top > 0 && levels > 1 && top < base && last != top {
			t.Fatalf("the top has %d clusters: %v", last, sizes)
		}
	})
}

// Two groups of base clusters far apart are two parents; the heavier of two
// pairs that are as near is joined later.
func TestWard(t *testing.T) {
	c := []float32{0, 10, 1, 11, 20, 21}
	got := Ward(c, 6, 1, []float64{1, 1, 1, 1, 9, 9}, []int{6, 4, 3})
	want := Hierarchy{{0, 1, 0, 1, 2, 3}, {0, 1, 2, 2}}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Every cluster has one parent, every parent children, whatever the points:
// equal ones and ties too. The cut is the one that joining the cheapest pair
// again and again gives.
func TestWardProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 14).Draw(t, "n")
		d := rapid.IntRange(1, 3).Draw(t, "d")
		isTied := rapid.Bool().Draw(t, "ties")
		c := make([]float32, n*d)
		weights := make([]float64, n)
		for i := range c {
			if isTied {
				c[i] = float32(rapid.IntRange(0, 2).Draw(t, "x"))
			} else {
				c[i] = float32(rapid.Float64Range(-1, 1).Draw(t, "x"))
			}
		}
		for i := range weights {
			weights[i] = float64(rapid.IntRange(1, 50).Draw(t, "w"))
		}
		sizes := LevelSizes(n, rapid.IntRange(0, 5).Draw(t, "levels"), rapid.IntRange(0, n).Draw(t, "top"))
		h := Ward(c, n, d, weights, sizes)
		if len(h) != len(sizes)-1 {
			t.Fatalf("%d levels for sizes %v", len(h), sizes)
		}
		group := make([]int, n)
		for i := range group {
			group[i] = i
		}
		for l, parents := range h {
			seen := make([]bool, sizes[l+1])
			if len(parents) != sizes[l] {
				t.Fatalf("level %d has %d parents for %d clusters", l, len(parents), sizes[l])
			}
			for _, p := range parents {
				seen[p] = true
			}
			if slices.Contains(seen, false) {
				t.Fatalf("a parent without children: %v", parents)
			}
			for i := range group {
				group[i] = parents[group[i]]
			}
			want := spread(c, d, weights, naive(c, n, d, weights, sizes[l+1]))
			if got := spread(c, d, weights, group); !isTied && got > want*(1+1e-9)+1e-12 {
				t.Fatalf("level %d: spread %v, joining pair by pair gives %v", l+1, got, want)
			}
		}
	})
}

// naive joins the cheapest pair until k groups are left.
func naive(c []float32, n, d int, weights []float64, k int) []int {
	group := make([]int, n)
	for i := range group {
		group[i] = i
	}
	for left := n; left > k; left-- {
		best, from, to := math.Inf(1), -1, -1
		for a := range n {
			for b := a + 1; b < n; b++ {
				if group[a] != a || group[b] != b {
					continue
				}
				joined := slices.Clone(group)
				for i := range joined {
					if joined[i] == b {
						joined[i] = a
					}
				}
				if s := spread(c, d, weights, joined); s < best {
					best, from, to = s, b, a
				}
			}
		}
		for i := range group {
			if group[i] == from {
				group[i] = to
			}
		}
	}
	return group
}

// spread is the weighted sum of squared distances to the groups' means.
func spread(c []float32, d int, weights []float64, group []int) float64 {
	sum := map[int][]float64{}
	total := map[int]float64{}
	for i, g := range group {
		if sum[g] == nil {
			sum[g] = make([]float64, d)
		}
		for j := range d {
			sum[g][j] += weights[i] * float64(c[i*d+j])
		}
		total[g] += weights[i]
	}
	out := 0.0
	for i, g := range group {
		for j := range d {
			diff := float64(c[i*d+j]) - sum[g][j]/total[g]
			out += weights[i] * diff * diff
		}
	}
	return out
}

func BenchmarkWard(b *testing.B) {
	const n, d = 500, 160
	c := make([]float32, n*d)
	weights := make([]float64, n)
	x := uint32(1)
	for i := range c {
		x = x*1664525 + 1013904223
		c[i] = float32(x>>8) / (1 << 24)
	}
	for i := range weights {
		weights[i] = float64(1 + i%7)
	}
	for b.Loop() {
		Ward(c, n, d, weights, LevelSizes(n, 0, 0))
	}
}
