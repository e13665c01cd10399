package report

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// An index finds the parts of a checked result.
type index struct {
	clusters map[string]int // id to place in Result.Clusters
	items    map[string]int // id to place in Result.Items
	roots    []int          // clusters without a parent, the highest level first
	children [][]int        // for each cluster, those that name it as parent
}

// check tells whether a result holds together, so that what is written from
// it accounts for every item exactly once, and every reference leads
// somewhere. The writers rely on it and look at no error of their own.
func check(r *Result) (*index, error) {
	ix := &index{
		clusters: make(map[string]int, len(r.Clusters)),
		items:    make(map[string]int, len(r.Items)),
		children: make([][]int, len(r.Clusters)),
	}
	for i, c := range r.Clusters {
		if _, ok := ix.clusters[c.ID]; ok || c.ID == "" {
			return nil, fmt.Errorf("clusters[%d]: id %q is empty or was given before", i, c.ID)
		}
		ix.clusters[c.ID] = i
	}
	for i, it := range r.Items {
		if _, ok := ix.items[it.ID]; ok || it.ID == "" {
			return nil, fmt.Errorf("items[%d]: id %q is empty or was given before", i, it.ID)
		}
		ix.items[it.ID] = i
	}
	for _, f := range []func(*Result, *index) error{
		checkHierarchy, checkMembers, checkDuplicates, checkCounts, checkNumbers, checkCentroids,
	} {
		if err := f(r, ix); err != nil {
			return nil, err
		}
	}
	return ix, nil
}

// checkHierarchy looks at parents and fills in the index. A parent is on a
// higher level than its children, so there is no way round in a circle.
func checkHierarchy(r *Result, ix *index) error {
	sum := make([]int, len(r.Clusters))
	for i, c := range r.Clusters {
		if c.Level < 0 {
			return fmt.Errorf("cluster %s: level %d is negative", c.ID, c.Level)
		}
		if c.Parent == nil {
			ix.roots = append(ix.roots, i)
			continue
		}
		p, ok := ix.clusters[*c.Parent]
		if !ok {
			return fmt.Errorf("cluster %s: its parent %q does not exist", c.ID, *c.Parent)
		}
		if r.Clusters[p].Level <= c.Level {
			return fmt.Errorf("cluster %s: its parent %s is not on a higher level", c.ID, *c.Parent)
		}
		ix.children[p] = append(ix.children[p], i)
		sum[p] += c.Size
	}
	for i, c := range r.Clusters {
		if c.Level == 0 {
			sum[i] = len(c.Items)
		} else if len(c.Items) > 0 {
			return fmt.Errorf("cluster %s: it is a parent and has items of its own", c.ID)
		}
		if c.Size != sum[i] {
			return fmt.Errorf("cluster %s: its size is %d, but it holds %d", c.ID, c.Size, sum[i])
		}
	}
	// Parents stand after their children in a result; to read, what they hold
	// together comes first.
	slices.SortStableFunc(ix.roots, func(a, b int) int { return r.Clusters[b].Level - r.Clusters[a].Level })
	return nil
}

// checkMembers makes sure that items and clusters name each other, once.
func checkMembers(r *Result, ix *index) error {
	seen := make([]bool, len(r.Items))
	for _, c := range r.Clusters {
		for _, id := range c.Items {
			i, ok := ix.items[id]
			switch {
			case !ok:
				return fmt.Errorf("cluster %s: its item %q does not exist", c.ID, id)
			case seen[i]:
				return fmt.Errorf("item %s: it is listed twice", id)
			case r.Items[i].Cluster != c.ID:
				return fmt.Errorf("item %s: it is listed in cluster %s, but says %q", id, c.ID, r.Items[i].Cluster)
			}
			seen[i] = true
		}
	}
	for i, ok := range seen {
		if !ok {
			return fmt.Errorf("item %s: it is in no cluster", r.Items[i].ID)
		}
	}
	return nil
}

func checkDuplicates(r *Result, ix *index) error {
	for _, it := range r.Items {
		if of := it.NearDuplicateOf; of != nil {
			i, ok := ix.items[*of]
			if !ok {
				return fmt.Errorf("item %s: it nearly repeats %q, which does not exist", it.ID, *of)
			}
			if other := &r.Items[i]; it.DuplicateOf != nil || other.NearDuplicateOf != nil || other.DuplicateOf != nil {
				return fmt.Errorf("item %s: it nearly repeats %s, and one of them is a duplicate otherwise", it.ID, *of)
			}
		}
		if it.DuplicateOf == nil {
			continue
		}
		i, ok := ix.items[*it.DuplicateOf]
		if !ok {
			return fmt.Errorf("item %s: it repeats %q, which does not exist", it.ID, *it.DuplicateOf)
		}
		if r.Items[i].DuplicateOf != nil {
			return fmt.Errorf("item %s: it repeats %s, which is a duplicate itself", it.ID, *it.DuplicateOf)
		}
	}
	return nil
}

func checkCounts(r *Result, _ *index) error {
	want := r.Manifest.Counts // Blank cannot be counted again
	want.Clustered, want.Skipped = len(r.Items), len(r.Skipped)
	want.Read = want.Clustered + want.Skipped
	want.Duplicates, want.Truncated, want.NearDuplicates, want.Outliers = 0, 0, 0, 0
	for _, it := range r.Items {
		if it.DuplicateOf != nil {
			want.Duplicates++
		}
		if it.Truncated {
			want.Truncated++
		}
		if it.NearDuplicateOf != nil {
			want.NearDuplicates++
		}
		if it.Outlier != nil {
			want.Outliers++
		}
	}
	if got := r.Manifest.Counts; got != want {
		return fmt.Errorf("manifest.counts: %+v, but there are %+v", got, want)
	}
	return nil
}

func checkNumbers(r *Result, _ *index) error {
	m := &r.Manifest
	numbers := []struct {
		name  string
		value float64
	}{
		{"clustering.inertia", m.Clustering.Inertia},
		{"clustering.silhouette", m.Clustering.Silhouette},
		{"seconds.read", m.Seconds.Read},
		{"seconds.embed", m.Seconds.Embed},
		{"seconds.cluster", m.Seconds.Cluster},
		{"seconds.label", m.Seconds.Label},
		{"seconds.total", m.Seconds.Total},
	}
	for _, n := range numbers {
		if !finite(n.value) {
			return fmt.Errorf("manifest.%s: %v is not a number JSON can hold", n.name, n.value)
		}
	}
	if a := m.Embedding.Adapt; a != nil && !(finite(a.Beta) && finite(a.Gamma) && finite(a.Noise)) {
		return fmt.Errorf("manifest.embedding.adapt: beta %v, gamma %v, noise %v: not numbers JSON can hold", a.Beta, a.Gamma, a.Noise)
	}
	for _, c := range m.Clustering.KCandidates {
		if !finite(c.Score) {
			return fmt.Errorf("manifest.clustering.k_candidates: k %d has score %v", c.K, c.Score)
		}
	}
	if _, err := json.Marshal(m.Labeling.Options); err != nil {
		return fmt.Errorf("manifest.labeling.options: %w", err)
	}
	for _, it := range r.Items {
		if !finite(it.Distance) {
			return fmt.Errorf("item %s: its distance is %v", it.ID, it.Distance)
		}
		if it.Conversation == nil {
			continue
		}
		for _, m := range []map[string]any{it.Conversation.Facets, it.Conversation.Audit} {
			if _, err := json.Marshal(m); err != nil {
				return fmt.Errorf("item %s: %w", it.ID, err)
			}
		}
	}
	return nil
}

func checkCentroids(r *Result, _ *index) error {
	dim := 0
	for _, c := range r.Clusters {
		if c.Centroid == "" {
			continue
		}
		if c.Level > 0 {
			return fmt.Errorf("cluster %s: a centroid above level 0", c.ID)
		}
		v, err := DecodeCentroid(c.Centroid)
		if err != nil {
			return fmt.Errorf("cluster %s: %w", c.ID, err)
		}
		if dim == 0 {
			dim = len(v)
		}
		if len(v) != dim {
			return fmt.Errorf("cluster %s: its centroid has %d dimensions, those before it have %d", c.ID, len(v), dim)
		}
	}
	return nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
