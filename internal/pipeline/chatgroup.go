package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

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

// The share of the conversations that -k auto wants to see in clusters that can
// be shown: nearly all, if that takes no less than half of the clusters that are
// best by themselves, else most.
const (
	fullyCovered = 0.95
	wellCovered  = 0.8
)

// allTried is up to how many clusters each number is tried.
const allTried = 16

// groupChats clusters the conversations. Where the number of clusters is not
// given, it is the one that is best by itself, as long as nearly all conversations
// are then in clusters large enough to be shown; else a lower one. start is as for
// group.
func groupChats(ctx context.Context, col *collection, start *blas32.General, chats *conversations, least threshold, m *report.Manifest, c *Common) ([]cluster, error) {
	if c.K != 0 {
		return group(ctx, col, start, m, c)
	}
	n, d := col.vectors.Rows, col.vectors.Cols
	weights := make([]float32, n)
	for i := range col.texts {
		weights[i] = float32(len(col.texts[i].docs))
	}
	found, err := kmeans.Search(ctx, col.vectors.Data, n, d, kmeans.SearchOptions{
		Seed: c.Seed, Weights: weights, Threads: c.Threads, MaxK: mostClusters(n, least.conversations),
		Progress: func(p kmeans.Progress) { c.progress(Clustering, p.Done, p.Total) },
	})
	if err != nil {
		return nil, err
	}
	candidates := []report.KCandidate{}
	for _, cand := range found.Candidates {
		candidates = append(candidates, report.KCandidate{K: cand.K, Score: cand.Score})
	}
	warnings := slices.Clone(m.Warnings)
	for _, w := range found.Warnings {
		// That no more were tried is what the least size of a cluster asks for.
		if !strings.Contains(w, "largest that was tried") || mostClusters(n, least.conversations) == mostClusters(n, 1) {
			warnings = append(warnings, w)
		}
	}
	var best []cluster
	var bestManifest report.Manifest
	most, all := -1, float64(len(chats.list))
	first := found.K
	if start != nil && found.Low <= start.Rows && start.Rows <= found.High {
		first = start.Rows
	}
	for k := first; k >= 1; k = fewer(k) {
		if 2*k < first && float64(most) >= wellCovered*all {
			break
		}
		fixed, of := *c, *m
		fixed.K, of.Warnings = k, slices.Clip(warnings)
		groups, err := group(ctx, col, start, &of, &fixed)
		if err != nil {
			return nil, err
		}
		shown := 0
		for _, g := range groups {
			if least.shows(chats.crowd().add(g)) {
				shown += g.size
			}
		}
		if shown > most {
			best, bestManifest, most = groups, of, shown
		}
		if float64(shown) >= fullyCovered*all {
			break
		}
	}
	*m = bestManifest
	m.Clustering.ChosenBy, m.Clustering.KCandidates = "auto", candidates
	return best, nil
}

// fewer is the next lower number of clusters to try.
func fewer(k int) int {
	if k <= allTried {
		return k - 1
	}
	return max(allTried, k*3/4)
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
