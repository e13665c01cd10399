package clio

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"sheaf/kmeans"
	"sheaf/labeler"
)

// neighbourhood is how many clusters propose their parents together.
const neighbourhood = 40

// nearbyShown is how many clusters outside of a neighbourhood are shown to it.
const nearbyShown = 10

// A Node is a cluster of a hierarchy.
type Node struct {
	Name
	Source labeler.Source
	Weight float64 // how many conversations it holds
}

// An Embedder gives texts vectors of one length, n×d, row by row.
type Embedder func(ctx context.Context, texts []string) (vectors []float32, d int, err error)

// Hierarchy builds the levels above the base clusters, whose numbers sizes says
// as labeler.LevelSizes gives them. For each level: the clusters are embedded by
// name and description; k-means makes neighbourhoods of about 40 of them; the
// model proposes names of parents for each, from half to one and a half times as
// many as are wanted; it takes duplicates out across neighbourhoods; each cluster
// is assigned to one of the names, which are listed in an order shuffled by the
// seed; names that nobody was assigned to are dropped, and each parent is named
// anew from its real children.
//
// Where the model gives no usable proposals, the names are those of the heaviest
// clusters of as many groups by Ward's linkage. A cluster whose answer is none
// of the names goes to the nearest of them. A level that did not get smaller is
// joined by Ward's linkage instead. So it always ends, and every cluster has one
// parent.
//
// The levels are the parents of each level, and the nodes above the base.
func (a *Asker) Hierarchy(ctx context.Context, base []Node, sizes []int, embed Embedder, progress func(done, total int)) (labeler.Hierarchy, [][]Node, error) {
	var h labeler.Hierarchy
	var levels [][]Node
	below := base
	for l, size := range sizes {
		if l == 0 || size >= len(below) {
			continue
		}
		s := &step{a: a, children: below, target: size, level: l, embed: embed}
		if progress != nil {
			s.progress = func(done int) { progress(done, len(below)) }
		}
		parents, nodes, err := s.run(ctx)
		if err != nil {
			return nil, nil, err
		}
		h, levels, below = append(h, parents), append(levels, nodes), nodes
	}
	return h, levels, nil
}

// A step is one level in progress.
type step struct {
	a        *Asker
	children []Node
	target   int
	level    int
	embed    Embedder
	progress func(done int)

	vectors []float32 // of the children, n×d
	d       int
}

func (s *step) run(ctx context.Context) ([]int, []Node, error) {
	texts := make([]string, len(s.children))
	for i, c := range s.children {
		texts[i] = c.text()
	}
	var err error
	if s.vectors, s.d, err = s.embed(ctx, texts); err != nil {
		return nil, nil, err
	}
	names, err := s.propose(ctx)
	if err != nil {
		return nil, nil, err
	}
	parents, err := s.assign(ctx, names)
	if err != nil {
		return nil, nil, err
	}
	parents, names = dropEmpty(parents, names)
	if len(names) >= len(s.children) {
		s.a.count(func(c *Counts) *int { return &c.Unshrunk })
		parents = s.ward(allOf(len(s.children)), s.target)
		names = s.heaviest(allOf(len(s.children)), parents)
	}
	nodes, err := s.rename(ctx, parents, names)
	return parents, nodes, err
}

func (n Node) text() string {
	if n.Description == "" {
		return n.Name.Name
	}
	return n.Name.Name + ". " + n.Description
}

func (s *step) row(i int) []float32 { return s.vectors[i*s.d : (i+1)*s.d] }

func allOf(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// neighbourhoods are groups of about 40 children, and of 60 at most.
func (s *step) neighbourhoods(ctx context.Context) ([][]int, error) {
	n := len(s.children)
	return s.split(ctx, allOf(n), (n+neighbourhood/2)/neighbourhood)
}

// split parts some children into k groups by k-means, and those that are too large
// again.
func (s *step) split(ctx context.Context, members []int, k int) ([][]int, error) {
	const most = neighbourhood * 3 / 2
	if k <= 1 {
		return [][]int{members}, nil
	}
	var rows []float32
	for _, m := range members {
		rows = append(rows, s.row(m)...)
	}
	res, err := kmeans.Fit(ctx, rows, len(members), s.d, kmeans.Options{K: min(k, len(members)), Seed: s.a.opts.Seed})
	if err != nil {
		return nil, err
	}
	groups := make([][]int, res.K)
	for i, l := range res.Labels {
		groups[l] = append(groups[l], members[i])
	}
	var out [][]int
	for _, g := range groups {
		switch {
		case len(g) == 0:
		case len(g) <= most:
			out = append(out, g)
		case len(g) == len(members): // they are all alike
			for part := range slices.Chunk(g, neighbourhood) {
				out = append(out, part)
			}
		default:
			parts, err := s.split(ctx, g, 2)
			if err != nil {
				return nil, err
			}
			out = append(out, parts...)
		}
	}
	return out, nil
}

// propose asks each neighbourhood for names of parents and takes duplicates out.
func (s *step) propose(ctx context.Context) ([]string, error) {
	groups, err := s.neighbourhoods(ctx)
	if err != nil {
		return nil, err
	}
	found := make([][]string, len(groups))
	err = s.a.s.Each(ctx, len(groups), func(ctx context.Context, g int) error {
		members := groups[g]
		want := max(1, int(math.Round(float64(s.target)*float64(len(members))/float64(len(s.children)))))
		q := listing{task: "propose", least: max(1, want/2), most: max(1, (3*want+1)/2), source: s.names(members)}
		q.most = min(q.most, len(members))
		q.data.Members, q.data.Others = s.texts(members), s.nearby(members)
		names, ok, err := s.a.list(ctx, q)
		if err != nil {
			return err
		}
		if !ok {
			s.a.count(func(c *Counts) *int { return &c.Proposals })
			names = s.heaviest(members, s.ward(members, min(want, len(members))))
		}
		found[g] = names
		return nil
	}, nil)
	if err != nil {
		return nil, err
	}
	names := distinct(slices.Concat(found...))
	if len(groups) == 1 {
		return names, nil
	}
	q := listing{task: "dedupe", least: max(1, s.target/2), most: min(len(names), (3*s.target+1)/2), source: names, whole: true}
	q.data.Members = names
	var clean []string
	ok := false
	err = s.a.s.Each(ctx, 1, func(ctx context.Context, _ int) (err error) {
		clean, ok, err = s.a.list(ctx, q)
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	if !ok {
		s.a.count(func(c *Counts) *int { return &c.Duplicates })
		return names, nil
	}
	return clean, nil
}

func (s *step) texts(members []int) []string {
	var out []string
	for _, m := range members {
		out = append(out, s.children[m].text())
	}
	return out
}

func (s *step) names(members []int) []string {
	var out []string
	for _, m := range members {
		out = append(out, s.children[m].Name.Name)
	}
	return out
}

// nearby are the names of the children outside of a group that are nearest to
// its mean.
func (s *step) nearby(members []int) []string {
	mean := make([]float64, s.d)
	inside := make(map[int]bool)
	for _, m := range members {
		inside[m] = true
		for j, x := range s.row(m) {
			mean[j] += float64(x) / float64(len(members))
		}
	}
	var others []int
	distance := make([]float64, len(s.children))
	for i := range s.children {
		if inside[i] {
			continue
		}
		others = append(others, i)
		for j, x := range s.row(i) {
			diff := float64(x) - mean[j]
			distance[i] += diff * diff
		}
	}
	slices.SortStableFunc(others, func(a, b int) int { return compare(distance[a], distance[b]) })
	return s.names(others[:min(len(others), nearbyShown)])
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// ward joins members to so many groups and returns the group of each.
func (s *step) ward(members []int, k int) []int {
	var centroids []float32
	var weights []float64
	for _, m := range members {
		centroids = append(centroids, s.row(m)...)
		weights = append(weights, max(s.children[m].Weight, 1))
	}
	if k >= len(members) {
		return allOf(len(members))
	}
	return labeler.Ward(centroids, len(members), s.d, weights, []int{len(members), k})[0]
}

// heaviest names each group of members by its heaviest one.
func (s *step) heaviest(members, group []int) []string {
	best := make([]int, 1+slices.Max(group))
	for i := range best {
		best[i] = -1
	}
	for i, g := range group {
		if best[g] < 0 || s.children[members[i]].Weight > s.children[best[g]].Weight {
			best[g] = members[i]
		}
	}
	return s.names(best)
}

// assign asks for the parent of each child. Where only one name is left there is
// nothing to ask.
func (s *step) assign(ctx context.Context, names []string) ([]int, error) {
	if len(names) == 1 {
		return make([]int, len(s.children)), nil
	}
	vectors, _, err := s.embed(ctx, names)
	if err != nil {
		return nil, err
	}
	children := make([]Name, len(s.children))
	for i, c := range s.children {
		children[i] = c.Name
	}
	nearest := func(i int) int { return nearest(s.row(i), vectors, s.d) }
	return s.a.AssignAll(ctx, children, names, s.level, nearest, s.progress)
}

// AssignAll asks for the parent of each child of a level. The parents are listed in
// another order for each, shuffled by the seed. Where the model names none of them,
// otherwise says which it is.
func (a *Asker) AssignAll(ctx context.Context, children []Name, parents []string, level int, otherwise func(child int) int, progress func(done int)) ([]int, error) {
	out := make([]int, len(children))
	return out, a.s.Each(ctx, len(children), func(ctx context.Context, i int) error {
		order := rand.New(rand.NewPCG(a.opts.Seed, uint64(level)<<32|uint64(i))).Perm(len(parents))
		p, ok, err := a.Assign(ctx, children[i], parents, order)
		if err != nil {
			return err
		}
		if !ok {
			a.count(func(c *Counts) *int { return &c.Assigned })
			p = otherwise(i)
		}
		out[i] = p
		return nil
	}, progress)
}

// nearest is the row with the highest cosine; rows have unit length or are zero.
func nearest(v, rows []float32, d int) int {
	best, at := math.Inf(-1), 0
	for i := 0; i*d < len(rows); i++ {
		sum := 0.0
		for j, x := range rows[i*d : (i+1)*d] {
			sum += float64(x) * float64(v[j])
		}
		if sum > best {
			best, at = sum, i
		}
	}
	return at
}

// dropEmpty leaves out the names that nobody was assigned to.
func dropEmpty(parents []int, names []string) ([]int, []string) {
	used := slices.Compact(slices.Sorted(slices.Values(parents)))
	out := make([]int, len(parents))
	for i, p := range parents {
		out[i], _ = slices.BinarySearch(used, p)
	}
	var kept []string
	for _, p := range used {
		kept = append(kept, names[p])
	}
	return out, kept
}

// rename names each parent from its children. One with a single child is that
// child; one for which the model has no name keeps the proposed one.
func (s *step) rename(ctx context.Context, parents []int, names []string) ([]Node, error) {
	nodes := make([]Node, len(names))
	children := make([][]int, len(names))
	for i, p := range parents {
		children[p] = append(children[p], i)
		nodes[p].Weight += s.children[i].Weight
	}
	var several []int // parents of more than one child
	var clusters []Cluster
	for p := range nodes {
		n := &nodes[p]
		if len(children[p]) == 1 {
			child := s.children[children[p][0]]
			n.Name, n.Source = child.Name, child.Source
			continue
		}
		n.Name, n.Source = Name{Name: names[p]}, labeler.FromModel
		members := slices.Clone(children[p])
		slices.SortStableFunc(members, func(a, b int) int { return compare(s.children[b].Weight, s.children[a].Weight) })
		c := Cluster{Members: s.texts(members), Others: s.nearby(members)}
		for _, m := range members {
			c.Weights = append(c.Weights, max(1, int(s.children[m].Weight)))
		}
		several, clusters = append(several, p), append(clusters, c)
	}
	named, err := s.a.Names(ctx, clusters, nil)
	if err != nil {
		return nil, err
	}
	for i, p := range several {
		if named[i] != nil {
			nodes[p].Name = *named[i]
		}
	}
	return nodes, nil
}
