package pipeline

import (
	"cmp"
	"context"
	"slices"
)

const (
	// contrastTexts is how many texts of other clusters a labeler may choose
	// from: three prompts' worth.
	contrastTexts = 24
	// neighbours is how many clusters they are from at least, where there are as
	// many, so that a label is told from more than the nearest one.
	neighbours = 8
	// perNeighbour is how many members of a neighbour are looked at: of more,
	// every so many-th.
	perNeighbour = 1000
)

// contrast returns for each cluster texts of its neighbours, the nearest to its
// centroid first, by the vectors that were clustered.
func contrast(ctx context.Context, groups []cluster) ([][]string, error) {
	out := make([][]string, len(groups))
	type near struct {
		text     string
		distance float64
	}
	for i, g := range groups {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		others := make([]int, 0, len(groups)-1)
		distances := make([]float64, len(groups))
		for o := range groups {
			if o != i {
				others = append(others, o)
				distances[o] = squared(g.centroid, groups[o].centroid)
			}
		}
		slices.SortStableFunc(others, func(a, b int) int { return cmp.Compare(distances[a], distances[b]) })
		others = others[:min(len(others), neighbours)]
		var all []near
		for _, o := range others {
			members := groups[o].members
			step := (len(members) + perNeighbour - 1) / perNeighbour
			var ofOne []near
			for m := 0; m < len(members); m += step {
				ofOne = append(ofOne, near{members[m].text.docs[0].Text, squared(g.centroid, members[m].vector)})
			}
			slices.SortStableFunc(ofOne, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
			share := (contrastTexts + len(others) - 1) / len(others)
			all = append(all, ofOne[:min(len(ofOne), share)]...)
		}
		slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
		out[i] = make([]string, 0, contrastTexts)
		for _, n := range all[:min(len(all), contrastTexts)] {
			out[i] = append(out[i], n.text)
		}
	}
	return out, nil
}

// squared is the squared Euclidean distance.
func squared(a, b []float32) float64 {
	sum := 0.0
	for i, x := range a {
		d := float64(x) - float64(b[i])
		sum += d * d
	}
	return sum
}
