package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/internal/report"
	"sheaf/kmeans"
)

// A threshold is the least that a cluster has to hold to be shown. Copies of
// one text by one user are one conversation.
type threshold struct {
	conversations int
	users         int // 0 where users are not looked at
}

// threshold is what the user asked for, as far as the input can bear it out.
func (c *conversations) threshold(o *ChatsOptions) threshold {
	t := threshold{cmp.Or(o.MinConversations, DefaultMinConversations), cmp.Or(o.MinUsers, DefaultMinUsers)}
	users := make(map[string]bool)
	for i := range c.list {
		for _, u := range c.list[i].users {
			users[u] = true
		}
	}
	switch {
	case t.users <= 1:
		t.users = 0
	case len(users) < t.users:
		o.note(fmt.Sprintf("a cluster needs %d conversations to be shown; users are not counted, since the input names %d", t.conversations, len(users)))
		t.users = 0
	default:
		o.note(fmt.Sprintf("a cluster needs %d conversations of %d users to be shown", t.conversations, t.users))
	}
	return t
}

// A crowd counts what a threshold looks at.
type crowd struct {
	list          []conversation
	conversations map[said]bool
	users         map[string]bool
}

// said is one text by one user.
type said struct {
	first int
	user  string
}

func (c *conversations) crowd() *crowd {
	return &crowd{c.list, make(map[said]bool), make(map[string]bool)}
}

func (w *crowd) add(groups ...cluster) *crowd {
	for _, g := range groups {
		for _, m := range g.members {
			for _, i := range m.text.order {
				ch := &w.list[i]
				s := said{first: ch.first}
				for _, u := range ch.users {
					w.users[u] = true
					s.user = u
				}
				w.conversations[s] = true
			}
		}
	}
	return w
}

// shows says whether a crowd is large enough.
func (t threshold) shows(w *crowd) bool {
	return len(w.conversations) >= t.conversations && len(w.users) >= t.users
}

// groupChats clusters the conversations. Where the number of clusters is not
// given, it is the one that is best by itself; clusters that are too small to be
// shown are then joined to those that they are most like. start is as for group.
func groupChats(ctx context.Context, col *collection, start *blas32.General, chats *conversations, least threshold, m *report.Manifest, c *Common) ([]cluster, error) {
	if c.K != 0 {
		return group(ctx, col, start, m, c)
	}
	n, d := col.vectors.Rows, col.vectors.Cols
	weights := make([]float32, n)
	for i := range col.texts {
		weights[i] = float32(len(col.texts[i].docs))
	}
	most := mostClusters(n, (least.conversations+2)/3)
	found, err := kmeans.Search(ctx, col.vectors.Data, n, d, kmeans.SearchOptions{
		Seed: c.Seed, Weights: weights, Threads: c.Threads, MaxK: most,
		Progress: func(p kmeans.Progress) { c.progress(Clustering, p.Done, p.Total) },
	})
	if err != nil {
		return nil, err
	}
	candidates := []report.KCandidate{}
	for _, cand := range found.Candidates {
		candidates = append(candidates, report.KCandidate{K: cand.K, Score: cand.Score})
	}
	// That no more were tried is what the least size of a cluster asks for.
	found.Bounded = found.Bounded && most == mostClusters(n, 1)
	m.Warnings = append(m.Warnings, searchWarnings(found)...)
	of := func(k int) ([]cluster, error) {
		fixed := *c
		fixed.K = k
		groups, err := group(ctx, col, start, m, &fixed)
		if err != nil {
			return nil, err
		}
		m.Clustering.ChosenBy, m.Clustering.KCandidates = "auto", candidates
		shown := chats.join(groups, least)
		if len(shown) < len(groups) {
			err = rescore(ctx, &m.Clustering, shown, col, weights, c)
		}
		return shown, err
	}
	k := found.K
	if start != nil && found.Low <= start.Rows && start.Rows <= found.High {
		k = start.Rows
	}
	groups, err := of(k)
	if err == nil && start != nil && len(groups) == start.Rows && k != start.Rows {
		return of(start.Rows) // the earlier ones were joined too
	}
	return groups, err
}

// The share of the conversations that -k auto wants to see in clusters that can
// be shown, so that the others may be as odd as they are; and the share below
// which a run says so.
const (
	fullyCovered = 0.95
	wellCovered  = 0.8
)

// join joins clusters that are too small to be shown, the smallest first, each to
// the one at the least cost in inertia, which is Ward's criterion, until nearly
// all conversations are in clusters that can be shown.
func (c *conversations) join(groups []cluster, least threshold) []cluster {
	groups = slices.Clone(groups)
	isShown := make([]bool, len(groups))
	for i, g := range groups {
		isShown[i] = least.shows(c.crowd().add(g))
	}
	for len(groups) > 1 {
		shown, all, smallest := 0, 0, -1
		for i, g := range groups {
			all += g.size
			if isShown[i] {
				shown += g.size
			} else if smallest < 0 || g.size <= groups[smallest].size {
				smallest = i
			}
		}
		if float64(shown) >= fullyCovered*float64(all) {
			break
		}
		to, best := -1, math.Inf(1)
		for i := range groups {
			if i == smallest {
				continue
			}
			a, b := float64(groups[i].size), float64(groups[smallest].size)
			if cost := a * b / (a + b) * squared(groups[i].centroid, groups[smallest].centroid); cost < best {
				to, best = i, cost
			}
		}
		groups[to] = joinTwo(groups[to], groups[smallest])
		isShown[to] = isShown[to] || least.shows(c.crowd().add(groups[to]))
		groups, isShown = slices.Delete(groups, smallest, smallest+1), slices.Delete(isShown, smallest, smallest+1)
	}
	slices.SortFunc(groups, func(a, b cluster) int {
		return cmp.Or(cmp.Compare(b.size, a.size), cmp.Compare(a.first, b.first))
	})
	return groups
}

// finest are the clusters that a cluster was joined of, or itself.
func (g cluster) finest() []cluster {
	if g.parts != nil {
		return g.parts
	}
	return []cluster{g}
}

// joinTwo makes one cluster of two.
func joinTwo(a, b cluster) cluster {
	out := cluster{size: a.size + b.size, first: min(a.first, b.first), centroid: make([]float32, len(a.centroid)), parts: slices.Concat(a.finest(), b.finest())}
	share := float32(a.size) / float32(out.size)
	for j := range out.centroid {
		out.centroid[j] = share*a.centroid[j] + (1-share)*b.centroid[j]
	}
	for _, m := range slices.Concat(a.members, b.members) {
		m.distance = float32(squared(m.vector, out.centroid))
		out.members = append(out.members, m)
	}
	slices.SortStableFunc(out.members, func(a, b member) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.text.order[0], b.text.order[0]))
	})
	return out
}

// rescore says of joined clusters of a collection what is said of those that
// k-means makes.
func rescore(ctx context.Context, to *report.Clustering, groups []cluster, col *collection, weights []float32, c *Common) error {
	var centroids []float32
	of := make(map[*text]int32, len(col.texts))
	to.K, to.Inertia, to.Silhouette = len(groups), 0, 0
	for k, g := range groups {
		centroids = append(centroids, g.centroid...)
		for _, m := range g.members {
			of[m.text] = int32(k)
			to.Inertia += float64(len(m.text.docs)) * float64(m.distance)
		}
	}
	if len(groups) < 2 {
		return nil
	}
	labels := make([]int32, len(col.texts))
	for i := range col.texts {
		labels[i] = of[&col.texts[i]]
	}
	var err error
	to.Silhouette, err = kmeans.SimplifiedSilhouette(ctx, col.vectors.Data, len(labels), col.vectors.Cols, labels, centroids, len(groups), kmeans.ScoreOptions{Weights: weights, Threads: c.Threads})
	return err
}

// mostClusters is the largest k to look at: of n texts no more than clusters of
// a size that is shown, nor more than the search looks at by itself.
func mostClusters(n, conversations int) int {
	most := min(max(12, int(math.Ceil(4*math.Sqrt(float64(n))))), 500)
	return max(2, min(most, n/max(conversations, 1)))
}

// split parts the clusters that are shown from those that are too small.
func (c *conversations) split(groups []cluster, least threshold) (shown, small []cluster) {
	for _, g := range groups {
		if least.shows(c.crowd().add(g)) {
			shown = append(shown, g)
		} else {
			small = append(small, g)
		}
	}
	return shown, small
}

// A pool is too small clusters that are shown together as "Other".
type pool struct {
	parent int // on level 1; -1 is the root
	groups []cluster
}

// pools puts each too small cluster to the parent of the nearest cluster that is
// shown. Where what a parent got is too small still, it goes on to the nearest
// of the parent's siblings that got some too, and where there is none, to one
// pool at the root, which may be of any size. parents are those of the shown
// clusters, grand those of the parents; both are nil where there is no such
// level.
func (c *conversations) pools(shown, small []cluster, parents, grand []int, least threshold) []pool {
	if len(small) == 0 {
		return nil
	}
	root := pool{parent: -1}
	if parents == nil {
		root.groups = small
		return []pool{root}
	}
	centre := means(shown, parents)
	of := make([]pool, len(centre))
	for p := range of {
		of[p].parent = p
	}
	for _, g := range small {
		p := parents[nearest(g.centroid, len(shown), func(i int) []float32 { return shown[i].centroid })]
		of[p].groups = append(of[p].groups, g)
	}
	family := func(p int) int {
		if grand == nil {
			return 0
		}
		return grand[p]
	}
	var out []pool
	for p := range of {
		if len(of[p].groups) == 0 || least.shows(c.crowd().add(of[p].groups...)) {
			continue
		}
		to, best := -1, math.Inf(1)
		for q := range of {
			if q == p || len(of[q].groups) == 0 || family(q) != family(p) {
				continue
			}
			if d := squared(centre[p], centre[q]); d < best {
				to, best = q, d
			}
		}
		if to < 0 {
			root.groups = append(root.groups, of[p].groups...)
		} else {
			of[to].groups = append(of[to].groups, of[p].groups...)
		}
		of[p].groups = nil
	}
	for p := range of {
		switch {
		case len(of[p].groups) == 0:
		case least.shows(c.crowd().add(of[p].groups...)):
			out = append(out, of[p])
		default: // the sibling that it went to had been moved on before
			root.groups = append(root.groups, of[p].groups...)
		}
	}
	if len(root.groups) > 0 {
		out = append(out, root)
	}
	return out
}

// means are the weighted means of the clusters of each parent.
func means(shown []cluster, parents []int) [][]float32 {
	n := 1 + slices.Max(parents)
	out := make([][]float32, n)
	total := make([]float32, n)
	for i, g := range shown {
		p := parents[i]
		if out[p] == nil {
			out[p] = make([]float32, len(g.centroid))
		}
		total[p] += float32(g.size)
		for j, x := range g.centroid {
			out[p][j] += float32(g.size) * x
		}
	}
	for p := range out {
		for j := range out[p] {
			out[p][j] /= total[p]
		}
	}
	return out
}

// nearest is the first of n vectors that is nearest to v.
func nearest(v []float32, n int, at func(i int) []float32) int {
	best, least := 0, math.Inf(1)
	for i := range n {
		if d := squared(v, at(i)); d < least {
			best, least = i, d
		}
	}
	return best
}
