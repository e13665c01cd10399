package pipeline

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"sheaf/internal/corpus"
	"sheaf/internal/quality"
	"sheaf/internal/report"
	"sheaf/kmeans"
	"sheaf/labeler"
)

// A stray is a text that fits nowhere: a new one, or one of the earlier result.
type stray struct {
	vector []float32
	text   *text
	at     int          // its place among the new texts, or -1
	item   *report.Item // the earlier item, or nil
	old    bool
}

// update is the earlier result with the new items in it. Clusters that were
// there keep id, label and centroid. Of what fits nowhere, whatever lies as
// close together as the members of a cluster do makes a new one; the rest waits
// for more of its kind in the cluster NowhereID.
func (a *assigning) update(ctx context.Context, p *plan) (*report.Result, error) {
	was := a.earlier.result
	r := &report.Result{Schema: report.Schema, Manifest: was.Manifest}
	m := &r.Manifest
	m.Inputs = slices.Concat(was.Manifest.Inputs, a.inputs)
	m.Warnings, m.LabelsFrom = []string{}, nil
	r.Skipped = slices.Concat(was.Skipped, a.skipped)

	strays := a.strays()
	var vectors [][]float32
	for _, s := range strays {
		vectors = append(vectors, s.vector)
	}
	b := newBounds(a.placer)
	found, err := b.groups(ctx, vectors, a.opts)
	if err != nil {
		return nil, err
	}
	groups := make([]cluster, len(found))
	where := make([]string, len(strays)) // ids of new clusters
	for i := range where {
		where[i] = NowhereID
	}
	next := a.earlier.nextID()
	for g, rows := range found {
		id := "c" + strconv.Itoa(next+g)
		a.record.NewClusters = append(a.record.NewClusters, id)
		groups[g] = groupOf(rows, strays)
		for _, i := range rows {
			where[i] = id
		}
	}
	labels, err := a.label(ctx, p, groups)
	if err != nil {
		return nil, err
	}
	a.fillUpdate(r, strays, where, groups, labels)
	m.Clustering.K = 0
	for _, c := range r.Clusters {
		if c.Level == 0 && c.Centroid != "" {
			m.Clustering.K++
		}
	}
	m.Assign = &a.record
	return r, nil
}

// strays are the texts that fit nowhere, the earlier ones first.
func (a *assigning) strays() []stray {
	var out []stray
	for i, it := range a.placer.apart {
		t := &text{docs: []corpus.Document{{ID: it.ID, Text: *it.Text}}}
		out = append(out, stray{a.placer.apartVectors[i], t, -1, it, true})
	}
	for i := range a.texts {
		if !a.fits(i) && a.known[i] == nil {
			out = append(out, stray{a.vectors[i], &a.texts[i], i, nil, false})
		}
	}
	return out
}

// bounds say how close together the members of the earlier clusters lie. A
// distance is squared Euclidean, to the centroid of the other members.
type bounds struct {
	median float64 // that of a cluster, of the loosest one in twenty
	member float64 // that of a member, of the farthest one in twenty
	known  bool
}

// leastNew is how many distinct texts make a new cluster.
const leastNew = 3

func newBounds(p *placer) bounds {
	distances := make([][]float64, len(p.centroids))
	size := make([]float64, len(p.centroids))
	for _, c := range p.of {
		size[c]++
	}
	var all, medians []float64
	for i, c := range p.of {
		if size[c] >= leastNew {
			d := squared(p.vectors[i], p.centroids[c]) * apart(size[c])
			distances[c], all = append(distances[c], d), append(all, d)
		}
	}
	for _, d := range distances {
		if len(d) > 0 {
			slices.Sort(d)
			medians = append(medians, quality.Quantile(d, 0.5))
		}
	}
	if len(medians) == 0 {
		return bounds{}
	}
	slices.Sort(all)
	slices.Sort(medians)
	return bounds{quality.Quantile(medians, 0.95), quality.Quantile(all, 0.95), true}
}

// apart is by what the squared distance of one of n members to their centroid
// grows when it is left out of the centroid.
func apart(n float64) float64 { return (n / (n - 1)) * (n / (n - 1)) }

// groups finds rows that lie as close together as a cluster: a group that does
// not is parted in two, down to the least size.
func (b bounds) groups(ctx context.Context, vectors [][]float32, opts *AssignOptions) ([][]int, error) {
	var out [][]int
	var part func(rows []int) error
	part = func(rows []int) error {
		if len(rows) < leastNew || !b.known {
			return nil
		}
		if close := b.close(vectors, rows); close != nil {
			out = append(out, close)
			return nil
		}
		d := len(vectors[rows[0]])
		X := make([]float32, 0, len(rows)*d)
		for _, i := range rows {
			X = append(X, vectors[i]...)
		}
		res, err := kmeans.Fit(ctx, X, len(rows), d, kmeans.Options{K: 2, Seed: opts.Seed, Threads: opts.Threads})
		if err != nil || res.K < 2 {
			return err
		}
		var halves [2][]int
		for i, l := range res.Labels {
			halves[l] = append(halves[l], rows[i])
		}
		for _, h := range halves {
			if err := part(h); err != nil {
				return err
			}
		}
		return nil
	}
	rows := make([]int, len(vectors))
	for i := range rows {
		rows[i] = i
	}
	if err := part(rows); err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(x, y []int) int { return cmp.Or(cmp.Compare(len(y), len(x)), cmp.Compare(x[0], y[0])) })
	return out, nil
}

// close returns the rows that make a cluster, without those that lie too far
// out, or nil where they make none.
func (b bounds) close(vectors [][]float32, rows []int) []int {
	c := mean(vectors, rows)
	d := make([]float64, len(rows))
	for i, r := range rows {
		d[i] = squared(vectors[r], c) * apart(float64(len(rows)))
	}
	sorted := slices.Sorted(slices.Values(d))
	if quality.Quantile(sorted, 0.5) > b.median {
		return nil
	}
	var in []int
	for i, r := range rows {
		if d[i] <= b.member {
			in = append(in, r)
		}
	}
	if len(in) < leastNew {
		return nil
	}
	return in
}

// mean is the mean of rows of vectors.
func mean(vectors [][]float32, rows []int) []float32 {
	sum := make([]float64, len(vectors[rows[0]]))
	for _, r := range rows {
		for j, x := range vectors[r] {
			sum[j] += float64(x)
		}
	}
	out := make([]float32, len(sum))
	for j, x := range sum {
		out[j] = float32(x / float64(len(rows)))
	}
	return out
}

// groupOf is a new cluster of strays, the nearest to its centroid first.
func groupOf(rows []int, strays []stray) cluster {
	vectors := make([][]float32, len(strays))
	for i := range strays {
		vectors[i] = strays[i].vector
	}
	g := cluster{centroid: mean(vectors, rows)}
	for _, i := range rows {
		g.members = append(g.members, member{strays[i].text, float32(squared(vectors[i], g.centroid)), vectors[i]})
		g.size += len(strays[i].text.docs)
	}
	slices.SortStableFunc(g.members, func(x, y member) int { return cmp.Compare(x.distance, y.distance) })
	return g
}

// label names the new clusters among those that were there.
func (a *assigning) label(ctx context.Context, p *plan, fresh []cluster) ([]labeler.Label, error) {
	if len(fresh) == 0 {
		return nil, nil
	}
	space, err := openSpace(a.placer.emb, &a.opts.Common)
	if err != nil {
		return nil, err
	}
	groups := make([]cluster, len(a.placer.centroids), len(a.placer.centroids)+len(fresh))
	given := make([]*labeler.Label, len(groups), cap(groups))
	for j, c := range a.placer.clusters {
		was := &a.earlier.result.Clusters[c]
		groups[j].centroid = a.placer.centroids[j]
		given[j] = &labeler.Label{Text: was.Label, Description: was.Description, Source: labeler.Source(was.LabelSource)}
	}
	for i, it := range a.placer.items {
		g := &groups[a.placer.of[i]]
		g.members = append(g.members, member{&text{docs: []corpus.Document{{ID: it.ID, Text: *it.Text}}}, float32(it.Distance), a.placer.vectors[i]})
	}
	// A cluster whose items the user has all moved away is not one to be told from.
	for j := len(groups) - 1; j >= 0; j-- {
		if len(groups[j].members) == 0 {
			groups, given = slices.Delete(groups, j, j+1), slices.Delete(given, j, j+1)
		}
	}
	old := len(groups)
	for range fresh {
		given = append(given, nil)
	}
	labels, err := label(ctx, p, a.placer.emb, space, append(groups, fresh...), given, true, &a.opts.Common)
	if err != nil {
		return nil, err
	}
	a.warnings = append(a.warnings, labels.Warnings...)
	a.missing = append(a.missing, p.missing...)
	return labels.Labels[old:], nil
}

// fillUpdate writes clusters and items into the result.
func (a *assigning) fillUpdate(r *report.Result, strays []stray, where []string, groups []cluster, labels []labeler.Label) {
	was := a.earlier.result
	moved := make(map[string]string) // earlier items that go to a new cluster
	to := make([]string, len(a.texts))
	distance := make([]float64, len(a.texts))
	for i := range a.texts {
		to[i], distance[i] = a.cluster(i).ID, a.places[i].distance
		if a.known[i] != nil && a.known[i].Cluster == NowhereID {
			to[i] = NowhereID
		}
	}
	far := make(map[string][]float32)
	for g, id := range a.record.NewClusters {
		far[id] = groups[g].centroid
	}
	for s, id := range where {
		switch {
		case strays[s].old:
			moved[strays[s].item.ID] = id
		default:
			to[strays[s].at] = id
			if id != NowhereID {
				distance[strays[s].at] = squared(strays[s].vector, far[id])
			}
		}
	}
	for _, it := range was.Items {
		first := it.ID
		if it.DuplicateOf != nil {
			first = *it.DuplicateOf
		}
		if id, ok := moved[first]; ok && it.Cluster == NowhereID && id != NowhereID {
			it.Cluster = id
			for s := range strays {
				if strays[s].old && strays[s].item.ID == first {
					it.Distance = shortest(float32(squared(strays[s].vector, far[id])))
				}
			}
		}
		r.Items = append(r.Items, it)
	}
	var entries []entry
	for i := range a.texts {
		var original *string
		if k := a.known[i]; k != nil {
			original = &k.ID
			if id, ok := moved[k.ID]; ok && k.Cluster == NowhereID {
				to[i] = id
				if id != NowhereID {
					distance[i] = squared(a.vectors[i], far[id])
				}
			}
		}
		n := len(a.texts[i].docs)
		if a.fits(i) {
			a.record.Placed += n
		} else {
			a.record.Nowhere += n
		}
		entries = append(entries, a.entries(i, to[i], distance[i], original)...)
	}
	r.Items = append(r.Items, inOrder(entries)...)
	a.fillClusters(r, groups, labels)
}

// fillClusters lists the clusters with what is in them now.
func (a *assigning) fillClusters(r *report.Result, groups []cluster, labels []labeler.Label) {
	clusters := slices.Clone(a.earlier.result.Clusters)
	for g, id := range a.record.NewClusters {
		clusters = append(clusters, report.Cluster{
			ID: id, Label: labels[g].Text, Description: labels[g].Description, LabelSource: string(labels[g].Source),
			Centroid: report.EncodeCentroid(groups[g].centroid),
		})
	}
	clusters = slices.DeleteFunc(clusters, func(c report.Cluster) bool { return c.ID == NowhereID })
	clusters = append(clusters, nowhere())
	in := make(map[string][]*report.Item)
	for i := range r.Items {
		in[r.Items[i].Cluster] = append(in[r.Items[i].Cluster], &r.Items[i])
	}
	for _, c := range clusters {
		if c.Level > 0 {
			continue // parents are of chats
		}
		items := in[c.ID]
		if len(items) == 0 && c.ID == NowhereID {
			continue
		}
		slices.SortStableFunc(items, func(x, y *report.Item) int { return cmp.Compare(x.Distance, y.Distance) })
		c.Items = make([]string, len(items))
		for i, it := range items {
			c.Items[i] = it.ID
		}
		c.Size, c.Parent = len(items), nil
		r.Clusters = append(r.Clusters, c)
	}
}
