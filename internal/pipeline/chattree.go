package pipeline

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sheaf/internal/privacy"
	"sheaf/internal/report"
	"sheaf/labeler"
)

// other is what the clusters are called that hold what is too small to be shown.
const other = "Other"

// A tree is the clusters of all levels. On each they stand by size, and name
// their parent's place on the next level, -1 for none.
type tree struct {
	levels [][]branch
	others int // conversations in clusters that are not shown
}

// A branch is a cluster of any level.
type branch struct {
	id     string // "" is by its place
	parent int
	label  labeler.Label
	size   int
	first  int
	base   []cluster // level 0 only: the one cluster that it is, or those of an Other
	other  bool
	facets map[string]map[string]int
}

// newTree makes a tree of the clusters that are shown, their hierarchy and
// labels for each level, and of the pools of those that are not. from, which may be
// nil, has the ids that are kept of an earlier result.
func newTree(shown []cluster, h labeler.Hierarchy, labels [][]labeler.Label, pools []pool, from *heritage, chats *conversations) *tree {
	t := &tree{levels: make([][]branch, 1+len(h))}
	for i, g := range shown {
		b := branch{id: from.id(0, i), parent: -1, label: labels[0][i], size: g.size, first: g.first, base: []cluster{g}}
		if len(h) > 0 {
			b.parent = h[0][i]
		}
		t.levels[0] = append(t.levels[0], b)
	}
	for _, p := range pools {
		b := branch{id: from.newID(), parent: p.parent, label: labeler.Label{Text: other, Source: labeler.Withheld, Reason: "its clusters are too small to be shown"}, other: true}
		for i, g := range p.groups {
			b.size += g.size
			if i == 0 || g.first < b.first {
				b.first = g.first
			}
		}
		b.base = p.groups
		t.others += b.size
		t.levels[0] = append(t.levels[0], b)
	}
	for l := range h {
		next := make([]branch, len(labels[l+1]))
		for p := range next {
			next[p] = branch{id: from.id(l+1, p), parent: -1, label: labels[l+1][p], first: -1}
			if l+1 < len(h) {
				next[p].parent = h[l+1][p]
			}
		}
		for _, b := range t.levels[l] {
			if b.parent < 0 {
				continue
			}
			p := &next[b.parent]
			p.size += b.size
			if p.first < 0 || b.first < p.first {
				p.first = b.first
			}
		}
		t.levels[l+1] = next
	}
	t.sort()
	t.count(chats)
	for _, level := range t.levels {
		for _, b := range level {
			dropRare(b.facets)
		}
	}
	return t
}

// sort puts the branches of each level in the order of their sizes, ties by
// their first conversation.
func (t *tree) sort() {
	for l, level := range t.levels {
		order := make([]int, len(level))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int {
			return cmp.Or(cmp.Compare(level[b].size, level[a].size), cmp.Compare(level[a].first, level[b].first))
		})
		sorted, place := make([]branch, len(level)), make([]int, len(level))
		for to, from := range order {
			sorted[to], place[from] = level[from], to
		}
		t.levels[l] = sorted
		if l == 0 {
			continue
		}
		for i := range t.levels[l-1] {
			if p := &t.levels[l-1][i].parent; *p >= 0 {
				*p = place[*p]
			}
		}
	}
}

// count sums the facets of the conversations up. Of those that are not shown
// they stay away.
func (t *tree) count(chats *conversations) {
	for i := range t.levels[0] {
		b := &t.levels[0][i]
		b.facets = make(map[string]map[string]int)
		if b.other {
			continue
		}
		for _, m := range b.base[0].members {
			for range m.text.order {
				for name, value := range chats.list[m.text.order[0]].counted() {
					if b.facets[name] == nil {
						b.facets[name] = make(map[string]int)
					}
					b.facets[name][value]++
				}
			}
		}
	}
	for l := 1; l < len(t.levels); l++ {
		for p := range t.levels[l] {
			t.levels[l][p].facets = make(map[string]map[string]int)
		}
		for _, b := range t.levels[l-1] {
			if b.parent < 0 {
				continue
			}
			to := t.levels[l][b.parent].facets
			for name, values := range b.facets {
				if to[name] == nil {
					to[name] = make(map[string]int)
				}
				for v, n := range values {
					to[name][v] += n
				}
			}
		}
	}
}

// dropRare takes values out that only a few conversations of a cluster have:
// they are their own words.
func dropRare(facets map[string]map[string]int) {
	for name, values := range facets {
		if name == "language" || name == "concern" {
			continue
		}
		maps.DeleteFunc(values, func(_ string, n int) bool { return n < leastShared })
		if len(values) == 0 {
			delete(facets, name)
		}
	}
}

// counted are the facets of a conversation that clusters count.
func (c *conversation) counted() map[string]string {
	out := make(map[string]string, len(c.facets)+2)
	maps.Copy(out, c.facets)
	if c.concern > 0 {
		out["concern"] = strconv.Itoa(c.concern)
	}
	if c.language != "" {
		out["language"] = c.language
	}
	return out
}

// number gives the branches that have none ids by their places, level by level.
func (t *tree) number() {
	n := 0
	for _, level := range t.levels {
		for i := range level {
			if n++; level[i].id == "" {
				level[i].id = "c" + strconv.Itoa(n)
			}
		}
	}
}

// fill writes clusters and items into the result.
func (t *tree) fill(r *report.Result, chats *conversations, explain bool) {
	t.dropVectors()
	items := make([]report.Item, len(chats.list))
	placed := make([]bool, len(chats.list))
	audits := make(map[string]map[string]any)
	t.number()
	for l, level := range t.levels {
		for _, b := range level {
			id := b.id
			rc := report.Cluster{
				ID: id, Level: l, Label: b.label.Text, Description: b.label.Description,
				LabelSource: string(b.label.Source), Size: b.size, Items: []string{}, Facets: b.facets,
			}
			if explain {
				rc.LabelReason = b.label.Reason
			}
			if b.parent >= 0 {
				rc.Parent = new(t.levels[l+1][b.parent].id)
			}
			if l == 0 {
				if !b.other {
					rc.Centroid = report.EncodeCentroid(b.base[0].centroid)
				}
				for _, m := range b.members() {
					for j, at := range m.text.order {
						rc.Items = append(rc.Items, m.text.docs[j].ID)
						items[at] = chats.item(at, id, &m, b.other, audits)
						placed[at] = true
					}
				}
			}
			r.Clusters = append(r.Clusters, rc)
		}
	}
	r.Items = items[:0]
	for i := range items {
		if placed[i] { // the others have no vector and are skipped
			r.Items = append(r.Items, items[i])
		}
	}
}

// dropVectors lets go of the vectors, which are the largest part of a collection and
// of which nothing is written but the centroids.
func (t *tree) dropVectors() {
	for _, b := range t.levels[0] {
		for i := range b.base {
			b.base[i].parts = nil
			for j := range b.base[i].members {
				b.base[i].members[j].vector = nil
			}
		}
	}
}

// members are those of a base cluster or of all that an Other holds, the nearest
// to its centroid first.
func (b *branch) members() []member {
	if !b.other {
		return b.base[0].members
	}
	var out []member
	for _, g := range b.base {
		out = append(out, g.members...)
	}
	slices.SortStableFunc(out, func(a, b member) int { return cmp.Compare(a.text.order[0], b.text.order[0]) })
	return out
}

// item is a conversation as the result shows it. audits are those of other items:
// the same ones are shared, since there are few of them.
func (c *conversations) item(at int, cluster string, m *member, isOther bool, audits map[string]map[string]any) report.Item {
	ch := &c.list[at]
	of := &c.list[ch.first]
	it := report.Item{
		ID: ch.id, Source: c.file(ch.source), Cluster: cluster, Distance: shortest(m.distance), Truncated: m.text.truncated,
		Conversation: &report.Conversation{Turns: new(ch.turns)},
	}
	if ch.first != at {
		it.DuplicateOf = new(of.id)
	}
	if isOther {
		it.Audit = sharedAudit(audits, privacy.Withhold, "its cluster is too small to be shown", nil)
		return it
	}
	if len(ch.users) > 0 {
		it.User = &ch.users[0]
	}
	it.Language = orNull(of.language)
	if len(of.facets) > 0 || of.concern > 0 {
		it.Facets = make(map[string]any, len(of.facets)+1)
		for name, value := range of.facets {
			it.Facets[name] = value
		}
		if of.concern > 0 {
			it.Facets["concern"] = of.concern
		}
	}
	it.Audit = sharedAudit(audits, of.action, of.reason, of.types)
	if of.withheld {
		return it
	}
	text := of.summary.text()
	it.Request, it.Task, it.Text = orNull(of.summary.Request), orNull(of.summary.Task), &text
	return it
}

// sharedAudit is what an item says of its audit, one of those that there are.
func sharedAudit(audits map[string]map[string]any, action privacy.Action, reason string, types []privacy.Type) map[string]any {
	key := fmt.Sprintf("%q %q %q", action, reason, types)
	if audits[key] == nil {
		a := map[string]any{"action": string(action)}
		if reason != "" {
			a["reason"] = reason
		}
		if len(types) > 0 {
			a["types"] = types
		}
		audits[key] = a
	}
	return audits[key]
}

// text is a summary in a line. What request and task both say, the request often
// with fewer words, since its frame is longer, stands there once.
func (s summary) text() string {
	if (s == summary{}) {
		return ""
	}
	if own := s.Task[len(taskFrame):]; strings.HasPrefix(own, s.Request[len(requestFrame):]) {
		return requestFrame + own + "."
	}
	return s.Request + ". " + s.Task + "."
}

// privacy is what was found and done.
func (c *conversations) privacy(t *tree, least threshold) *report.Privacy {
	p := &report.Privacy{
		Found: make(map[string]int), AuditFailed: c.failed, Withheld: t.others,
		MinConversations: least.conversations, MinUsers: least.users,
	}
	for _, typ := range slices.Sorted(maps.Keys(c.found)) {
		p.Found[string(typ)] = c.found[typ]
		p.Redacted += c.found[typ]
	}
	for _, level := range t.levels {
		for _, b := range level {
			if b.other || len(b.base) == 0 {
				continue
			}
			for _, m := range b.base[0].members {
				if c.list[m.text.order[0]].withheld {
					p.Withheld += len(m.text.order)
				}
			}
		}
	}
	return p
}

// warnings say what the thresholds took away, if that is much.
func (t *tree) warnings(least threshold) []string {
	all := 0
	for _, b := range t.levels[0] {
		all += b.size
	}
	if t.others == 0 || float64(t.others) < (1-wellCovered)*float64(all) {
		return nil
	}
	return []string{fmt.Sprintf("%d of %d conversations are in clusters of fewer than %d and are not shown; --min-conversations sets another bound, and for chats that are all your own 1 will do",
		t.others, all, least.conversations)}
}
