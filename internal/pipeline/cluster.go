package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/internal/report"
	"sheaf/kmeans"
)

// A collection is the distinct texts and their vectors, n×d.
type collection struct {
	vectors blas32.General
	texts   []text
}

// A cluster is a group of texts, the nearest to the centroid first.
type cluster struct {
	members  []member
	size     int // items, copies among them
	first    int // place of its first item among all documents
	centroid []float32
	parts    []cluster // that it was joined of, nil where it was not
}

type member struct {
	text     *text
	distance float32 // squared Euclidean
	vector   []float32
}

// group clusters the collection and numbers the clusters by size, ties by
// their first item. start, where it is not nil, is centroids of an earlier
// result to go on from: where as many clusters are wanted, or where that many
// are as good as what would be chosen.
func group(ctx context.Context, col *collection, start *blas32.General, m *report.Manifest, c *Common) ([]cluster, error) {
	X, n, d := col.vectors.Data, col.vectors.Rows, col.vectors.Cols
	weights := make([]float32, n)
	for i := range col.texts {
		weights[i] = float32(len(col.texts[i].docs))
	}
	clustering := report.Clustering{ChosenBy: "user", Seed: c.Seed, KCandidates: []report.KCandidate{}}
	k := c.K
	if k == 0 {
		clustering.ChosenBy = "auto"
		found, err := chooseK(ctx, X, n, d, weights, nil, c)
		if err != nil {
			return nil, err
		}
		k = found.k
		if start != nil && found.low <= start.Rows && start.Rows <= found.high {
			k = start.Rows
		}
		m.Warnings = append(m.Warnings, searchWarnings(found.SearchResult)...)
		clustering.KCandidates, clustering.KRange = found.candidates(), &report.KRange{Low: found.low, High: found.high}
	}
	if k > n { // no more than the items, but more than the distinct texts
		m.Warnings = append(m.Warnings, fmt.Sprintf("%d clusters were asked for; there are only %d distinct texts with a vector", k, n))
		k = n
	}
	opts := kmeans.Options{
		K: k, Seed: c.Seed, Weights: weights, Threads: c.Threads,
		Progress: func(p kmeans.Progress) { c.progress(Clustering, p.Done, p.Total) },
	}
	if start != nil && start.Rows == k {
		opts.Init = start.Data
	}
	res, err := kmeans.Fit(ctx, X, n, d, opts)
	if err != nil {
		return nil, err
	}
	m.Warnings = append(m.Warnings, res.Warnings...)
	clustering.K, clustering.Inertia, clustering.Iterations = res.K, res.Inertia, res.Iterations
	if res.K > 1 {
		clustering.Silhouette, err = kmeans.SimplifiedSilhouette(ctx, X, n, d, res.Labels, res.Centroids, res.K,
			kmeans.ScoreOptions{Weights: weights, Threads: c.Threads})
		if err != nil {
			return nil, err
		}
	}
	m.Clustering = clustering

	groups := make([]cluster, res.K)
	for i := range col.texts {
		g := &groups[res.Labels[i]]
		t := &col.texts[i]
		if len(g.members) == 0 || t.order[0] < g.first {
			g.first = t.order[0]
		}
		g.size += len(t.docs)
		g.members = append(g.members, member{t, res.Distances[i], X[i*d : (i+1)*d]})
	}
	for k := range groups {
		g := &groups[k]
		g.centroid = res.Centroids[k*d : (k+1)*d]
		slices.SortStableFunc(g.members, func(a, b member) int { return cmp.Compare(a.distance, b.distance) })
	}
	slices.SortFunc(groups, func(a, b cluster) int {
		return cmp.Or(cmp.Compare(b.size, a.size), cmp.Compare(a.first, b.first))
	})
	return groups, nil
}
