package bench

import (
	"cmp"
	"slices"

	"sheaf/internal/quality"
)

// Summarise makes a row of the repetitions of one model; the first one has the
// scores.
func Summarise(model string, runs []*Measurement, seed uint64) Row {
	row := Row{Model: model}
	for _, m := range runs {
		if m.Error != "" {
			row.Error = m.Error
			return row
		}
	}
	first := runs[0]
	row.Digest, row.Backend, row.Provider, row.DType, row.Dim = first.Digest, first.Backend, first.Provider, first.DType, first.Dim
	median := func(of func(*Measurement) float64) quality.Interval {
		var v []float64
		for _, m := range runs {
			v = append(v, of(m))
		}
		return quality.MedianInterval(v, quality.BootstrapOptions{Seed: seed})
	}
	per := func(n int, seconds float64) float64 {
		if seconds <= 0 {
			return 0
		}
		return float64(n) / seconds
	}
	row.TextsPerSecond = median(func(m *Measurement) float64 { return per(m.Texts, m.EmbedSeconds) })
	row.TokensPerSecond = median(func(m *Measurement) float64 { return per(m.Tokens, m.EmbedSeconds) })
	row.LoadSeconds = median(func(m *Measurement) float64 { return m.LoadSeconds }).Value
	row.Cost = median(func(m *Measurement) float64 { return 1000 * m.CPUSeconds / float64(max(m.Texts, 1)) }).Value
	for i := range row.LatencyMillis {
		row.LatencyMillis[i] = 1000 * median(func(m *Measurement) float64 { return m.Latency[i] }).Value
	}
	for _, m := range runs {
		row.PeakMemory = max(row.PeakMemory, m.PeakMemory)
	}
	row.Sets = first.Sets
	for _, s := range row.Sets {
		switch {
		case s.V != nil:
			row.Quality += s.V.Value / float64(len(row.Sets))
		case s.Samples != nil:
			row.Quality += s.Samples.ARI / float64(len(row.Sets))
		}
	}
	return row
}

// Compare says how two models group a set and which groups of the first the
// second has torn apart, with some of their texts.
func Compare(set *Set, a, b string, x, y []int32) Difference {
	d := Difference{Set: set.Name, A: a, B: b, Groups: []Group{}}
	members := make(map[int32][]int)
	var p, q []int32
	for i := range x {
		if x[i] != quality.Absent && y[i] != quality.Absent {
			p, q = append(p, x[i]), append(q, y[i])
			members[x[i]] = append(members[x[i]], i)
		}
	}
	t := quality.Cross(p, q)
	d.ARI, d.AMI = t.ARI(), t.AMI(quality.Arithmetic)
	const most, examples = 5, 3
	for _, m := range members {
		parts := make(map[int32][]int)
		for _, i := range m {
			parts[y[i]] = append(parts[y[i]], i)
		}
		largest := 0
		for _, part := range parts {
			largest = max(largest, len(part))
		}
		g := Group{Size: len(m), Parts: len(parts), Together: float64(largest) / float64(len(m))}
		// One text of each part, the parts in the order of their texts.
		seen := make(map[int32]bool)
		for _, i := range m {
			if !seen[y[i]] && len(g.Examples) < examples {
				seen[y[i]] = true
				g.Examples = append(g.Examples, set.Texts[i])
			}
		}
		if g.Parts > 1 {
			g.Split = split(set, m, y)
			d.Groups = append(d.Groups, g)
		}
	}
	slices.SortFunc(d.Groups, func(g, h Group) int {
		return cmp.Or(cmp.Compare(g.Together, h.Together), cmp.Compare(h.Size, g.Size), slices.Compare(g.Examples, h.Examples))
	})
	d.Groups = d.Groups[:min(len(d.Groups), most)]
	return d
}

// split is how the clusters y divide the texts m of a group: the largest parts,
// of each some texts, and some that are with them and not in the group.
func split(set *Set, m []int, y []int32) []Part {
	const most, examples = 4, 3
	at := make(map[int32]int)
	var parts []Part
	inside := make(map[int]bool, len(m))
	for _, i := range m {
		inside[i] = true
		p, ok := at[y[i]]
		if !ok {
			p = len(parts)
			at[y[i]] = p
			parts = append(parts, Part{With: []string{}})
		}
		parts[p].Size++
		if len(parts[p].Examples) < examples {
			parts[p].Examples = append(parts[p].Examples, set.Texts[i])
		}
	}
	for i, c := range y {
		if p, ok := at[c]; ok && !inside[i] && len(parts[p].With) < examples {
			parts[p].With = append(parts[p].With, set.Texts[i])
		}
	}
	slices.SortStableFunc(parts, func(a, b Part) int { return cmp.Compare(b.Size, a.Size) })
	return parts[:min(len(parts), most)]
}
