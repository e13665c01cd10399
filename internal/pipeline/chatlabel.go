package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
	"sheaf/engine/static"
	"sheaf/internal/privacy"
	"sheaf/internal/report"
	"sheaf/labeler"
	"sheaf/labeler/clio"
	"sheaf/labeler/keywords"
)

// A chatNamer names the clusters of conversations and builds their hierarchy.
type chatNamer struct {
	plan  *plan
	model *chatModel // nil without one
	emb   engine.Embedder
	space *static.Model
	chats *conversations
	least threshold
	o     *ChatsOptions

	before   *earlier  // nil where nothing is kept of an earlier result
	heritage *heritage // what is kept, once it is known

	truth *categories // nil where the hierarchy is to be found
	fixed blas32.General
	score *report.Reconstruction
}

// name names the clusters that are large enough to be shown, builds their
// hierarchy and names that, and puts the others where they belong.
func (n *chatNamer) name(ctx context.Context, groups []cluster) (*tree, *labeler.Labels, error) {
	shown, small := n.chats.split(groups, n.least)
	names := &labeler.Labels{Options: map[string]any{}}
	var kept []*labeler.Label
	if n.before != nil {
		kept = n.before.inherit(shown, nil).kept(0)
	}
	if len(shown) > 0 {
		var err error
		byRule := *n.plan
		byRule.client = nil
		if names, err = label(ctx, &byRule, n.emb, n.space, shown, nil, false, &n.o.Common); err != nil {
			return nil, nil, err
		}
	}
	if n.model == nil {
		nameByWords(names.Labels)
		if err := n.nameByParts(ctx, shown, names.Labels); err != nil {
			return nil, nil, err
		}
	} else {
		err := n.model.name(ctx, shown, names.Labels, kept, func(done int) { n.o.progress(Labeling, done, len(shown)) })
		if err != nil {
			return nil, nil, err
		}
	}
	if err := n.chats.audit(ctx, names.Labels, 0); err != nil {
		return nil, nil, err
	}
	labeler.ChatLabel.MakeUnique(names.Labels, nil)
	if err := n.auditKept(ctx, kept, 0); err != nil {
		return nil, nil, err
	}
	names = withGiven(names, kept, nil)
	hierarchy, above, err := n.parents(ctx, shown, names.Labels, small)
	if err != nil {
		return nil, nil, err
	}
	if n.before != nil {
		n.heritage = n.before.inherit(shown, hierarchy)
		for l, labels := range above {
			kept := n.heritage.kept(l + 1)
			if err := n.auditKept(ctx, kept, l+1); err != nil {
				return nil, nil, err
			}
			above[l] = withGiven(&labeler.Labels{Labels: labels}, kept, nil).Labels
		}
	}
	labels := append([][]labeler.Label{names.Labels}, above...)
	pools := n.chats.pools(shown, small, levelOf(hierarchy, 0), levelOf(hierarchy, 1), n.least)
	if n.model != nil {
		n.model.manifest(names)
	}
	return newTree(shown, hierarchy, labels, pools, n.heritage, n.chats), names, nil
}

// nameByWords names clusters by their own words where three or more would be called
// by the same concept, told apart by a word in parentheses: it is what the whole
// collection is about.
func nameByWords(labels []labeler.Label) {
	count := make(map[string]int)
	for _, l := range labels {
		name, _, _ := strings.Cut(l.Text, " (")
		count[name]++
	}
	for i, l := range labels {
		name, _, isToldApart := strings.Cut(l.Text, " (")
		words := strings.Split(l.Description, ", ")
		if !isToldApart || count[name] < leastShared || !keywords.HasConcept(l) || len(words) < 2 {
			continue
		}
		for j, w := range words {
			words[j] = labeler.Tidy(w)
		}
		if text := joinNames(words[:min(3, len(words))]); text != "" {
			labels[i].Text, labels[i].Reason = text, "its words; the concept that fits is that of other clusters too"
		}
	}
}

// partOf is which part of a cluster one that it was joined of has to be to be in its
// name: a fifth.
const partOf = 5

// nameByParts names clusters that were joined of smaller ones, and that no concept
// names, by the names of those, if a concept names one of them.
func (n *chatNamer) nameByParts(ctx context.Context, shown []cluster, labels []labeler.Label) error {
	if n.o.Labeler == labelerNone || !slices.ContainsFunc(shown, func(g cluster) bool { return g.parts != nil }) {
		return nil
	}
	var parts []cluster
	for _, g := range shown {
		parts = append(parts, g.finest()...)
	}
	byRule := *n.plan
	byRule.client, byRule.line = nil, ""
	quiet := n.o.Common
	quiet.Progress = nil
	named, err := label(ctx, &byRule, n.emb, n.space, parts, nil, false, &quiet)
	if err != nil {
		return err
	}
	at := 0
	for i, g := range shown {
		of := named.Labels[at : at+len(g.finest())]
		at += len(of)
		if g.parts == nil || keywords.HasConcept(labels[i]) {
			continue
		}
		order := make([]int, 0, len(of))
		hasConcept := false
		for j, p := range g.parts {
			if p.size >= leastShared && partOf*p.size >= g.size {
				order = append(order, j)
				hasConcept = hasConcept || keywords.HasConcept(of[j])
			}
		}
		if !hasConcept {
			continue // its own words are as good
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(g.parts[b].size, g.parts[a].size) })
		var names []string
		for _, j := range order {
			name := of[j].Text
			if !keywords.HasConcept(of[j]) || strings.Contains(name, "(") {
				name, _, _ = strings.Cut(name, " (")
				name, _, _ = strings.Cut(name, ", ")
				name, _, _ = strings.Cut(name, " & ")
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if text := joinNames(names); text != "" {
			labels[i].Text, labels[i].Reason = text, "the names of the smaller clusters that it was joined of"
		}
	}
	return nil
}

// joinNames makes a label of the first names, of as many as there is room for, or
// of one; "" of none.
func joinNames(names []string) string {
	for n := min(3, len(names)); n > 0; n-- {
		text := names[n-1]
		if n > 1 {
			text = strings.Join(names[:n-1], ", ") + " & " + text
		}
		if labeler.Check(text, nil) == nil {
			return text
		}
	}
	return ""
}

// parents builds the hierarchy of the clusters that are shown and names it.
func (n *chatNamer) parents(ctx context.Context, shown []cluster, names []labeler.Label, small []cluster) (labeler.Hierarchy, [][]labeler.Label, error) {
	if n.truth != nil {
		return n.reconstruct(ctx, shown, names, small)
	}
	sizes := labeler.LevelSizes(len(shown), n.o.Levels, n.o.Top)
	var hierarchy labeler.Hierarchy
	var proposed [][]clio.Node
	if n.model != nil {
		var err error
		hierarchy, proposed, err = n.model.asker.Hierarchy(ctx, nodes(shown, names), sizes, n.embedNames,
			func(done, total int) { n.o.progress(Labeling, done, total) })
		if err != nil {
			return nil, nil, err
		}
	} else {
		hierarchy = ward(shown, sizes)
	}
	var above [][]labeler.Label
	below := make([][]int, len(shown)) // the base clusters of each cluster
	for i := range shown {
		below[i] = []int{i}
	}
	for l, parents := range hierarchy {
		under := below
		below = gather(below, parents)
		children := names
		if l > 0 {
			children = above[l-1]
		}
		labels, err := nameParents(ctx, n.space, shown, below, n.o)
		if err != nil {
			return nil, nil, err
		}
		nameByChildren(labels, parents, children, sizesOf(shown, under))
		if err := n.chats.audit(ctx, labels, l+1); err != nil {
			return nil, nil, err
		}
		if n.model != nil {
			if labels, err = n.chats.preferred(ctx, proposed[l], labels, l+1); err != nil {
				return nil, nil, err
			}
		}
		labeler.ChatLabel.MakeUnique(labels, nil)
		above = append(above, labels)
	}
	return hierarchy, above, nil
}

// reconstruct assigns all clusters to the true categories, which become the
// parents of those that are shown, and measures how well that went. The chat model
// does what it does for a hierarchy, and that alone: it assigns; without one, or
// where it names no category, the nearest by vectors is taken.
func (n *chatNamer) reconstruct(ctx context.Context, shown []cluster, names []labeler.Label, small []cluster) (labeler.Hierarchy, [][]labeler.Label, error) {
	all := slices.Concat(shown, small)
	assigned := n.truth.assign(all, n.fixed)
	if n.model != nil {
		// What is too small to be shown has no name yet, and gets one for this.
		own := numbered(len(small)).Labels
		if err := n.model.name(ctx, small, own, nil, nil); err != nil {
			return nil, nil, err
		}
		nearest := assigned
		var err error
		assigned, err = n.model.asker.AssignAll(ctx, namesOf(slices.Concat(names, own)), n.truth.names(), 1,
			func(i int) int { return nearest[i] }, func(done int) { n.o.progress(Labeling, done, len(all)) })
		if err != nil {
			return nil, nil, err
		}
	}
	var err error
	if n.score, err = n.truth.score(n.chats, all, assigned); err != nil || len(shown) == 0 {
		return nil, nil, err
	}
	h, labels := n.truth.hierarchy(assigned[:len(shown)])
	return h, [][]labeler.Label{labels}, nil
}

// preferred are the labels of a chat model's parents, and where one does not pass
// the audit, the other one.
func (c *conversations) preferred(ctx context.Context, nodes []clio.Node, others []labeler.Label, level int) ([]labeler.Label, error) {
	labels := make([]labeler.Label, len(nodes))
	for i, n := range nodes {
		labels[i] = labeler.Label{Text: n.Name.Name, Description: n.Description, Source: n.Source}
	}
	if err := c.audit(ctx, labels, level); err != nil {
		return nil, err
	}
	for i := range labels {
		if labels[i].Source == labeler.Withheld {
			labels[i] = others[i]
		}
	}
	return labels, nil
}

// embedNames gives names of clusters vectors as the run's model has them.
func (n *chatNamer) embedNames(ctx context.Context, texts []string) ([]float32, int, error) {
	e, err := n.emb.Embed(ctx, texts, nil)
	if err != nil {
		return nil, 0, err
	}
	return e.Vectors.Data, e.Vectors.Cols, nil
}

// levelOf is the parents of a level, or nil where there is no level above.
func levelOf(h labeler.Hierarchy, level int) []int {
	if level < len(h) {
		return h[level]
	}
	return nil
}

// ward is the hierarchy of clusters by their centroids.
func ward(groups []cluster, sizes []int) labeler.Hierarchy {
	if len(groups) == 0 {
		return nil
	}
	d := len(groups[0].centroid)
	var centroids []float32
	weights := make([]float64, len(groups))
	for i, g := range groups {
		centroids = append(centroids, g.centroid...)
		weights[i] = float64(g.size)
	}
	return labeler.Ward(centroids, len(groups), d, weights, sizes)
}

// sizesOf are the sizes of clusters that hold base clusters.
func sizesOf(base []cluster, below [][]int) []int {
	out := make([]int, len(below))
	for i, of := range below {
		for _, b := range of {
			out[i] += base[b].size
		}
	}
	return out
}

// gather joins what children have to what their parents have.
func gather(below [][]int, parents []int) [][]int {
	n := 0
	for _, p := range parents {
		n = max(n, p+1)
	}
	out := make([][]int, n)
	for i, p := range parents {
		out[p] = append(out[p], below[i]...)
	}
	return out
}

// parentMembers is how many conversations a parent is named by at most.
const parentMembers = 1000

// nameParents names clusters of clusters by keywords, each by the conversations
// nearest to the centroids of its base clusters.
func nameParents(ctx context.Context, space *static.Model, base []cluster, below [][]int, o *ChatsOptions) ([]labeler.Label, error) {
	if o.Labeler == labelerNone {
		return numbered(len(below)).Labels, nil
	}
	in := make([]labeler.Cluster, len(below))
	for p, children := range below {
		for rank, more := 0, true; more && len(in[p].Members) < parentMembers; rank++ {
			more = false
			for _, c := range children {
				if members := base[c].members; rank < len(members) {
					in[p].Members = append(in[p].Members, members[rank].text.docs[0].Text)
					in[p].Weights = append(in[p].Weights, len(members[rank].text.docs))
					more = true
				}
			}
		}
	}
	labels, err := keywords.New(space).Label(ctx, in, nil)
	if err != nil {
		return nil, err
	}
	return labels.Labels, nil
}

// nameByChildren names parents by the names of their largest children, where no
// concept covers all of them, or where they are called like one of several.
func nameByChildren(labels []labeler.Label, parents []int, children []labeler.Label, sizes []int) {
	of := make([][]int, len(labels))
	for i, p := range parents {
		if children[i].Source != labeler.Withheld {
			of[p] = append(of[p], i)
		}
	}
	for p := range labels {
		l := &labels[p]
		if l.Source != labeler.FromKeywords || len(of[p]) < 2 {
			continue
		}
		isCalledLike := func(i int) bool { return strings.EqualFold(children[i].Text, l.Text) }
		if keywords.HasConcept(*l) && !slices.ContainsFunc(of[p], isCalledLike) {
			continue
		}
		// Those that a concept names say most, the largest of them first.
		slices.SortStableFunc(of[p], func(a, b int) int {
			return cmp.Or(-compareBool(keywords.HasConcept(children[a]), keywords.HasConcept(children[b])), cmp.Compare(sizes[b], sizes[a]))
		})
		var names []string
		for _, i := range of[p] {
			name, _, _ := strings.Cut(children[i].Text, " (") // what tells it from its siblings
			repeats := slices.ContainsFunc(names, func(n string) bool { return labeler.NearEqual(n, name) })
			if !repeats && (!strings.ContainsAny(name, ",&") || len(names) == 0 && len(of[p]) == 2) {
				names = append(names, name)
			}
		}
		if text := joinNames(names); len(names) > 1 && text != "" {
			l.Text, l.Reason = text, "the names of the largest clusters in it"
		}
	}
}

// compareBool puts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// audit takes labels and descriptions back that have something personal in them.
func (c *conversations) audit(ctx context.Context, labels []labeler.Label, level int) error {
	for i := range labels {
		l := &labels[i]
		text := l.Text
		if l.Source == labeler.FromKeywords {
			// Its capitals are a heading's, and no sign of a name.
			text = strings.ToLower(text)
		}
		v, err := c.auditor.audit(ctx, privacy.Audit{Stage: privacy.Label, Text: text, Others: c.census, Final: true})
		if err != nil {
			return err
		}
		if v.Action == privacy.Withhold {
			c.failed++
			*l = labeler.Label{Text: fmt.Sprintf("Cluster %d", i+1), Source: labeler.Withheld, Reason: v.Reason}
			if level > 0 {
				l.Text = fmt.Sprintf("Group %d", i+1)
			}
			continue
		}
		v, err = c.auditor.audit(ctx, privacy.Audit{Stage: privacy.Description, Text: l.Reason, Others: c.census, Final: true})
		if err != nil {
			return err
		}
		l.Reason = v.Text // it quotes words
		if l.Description, err = c.auditDescription(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// auditKept takes labels of an earlier result out of kept that do not pass now:
// whoever wrote them did not know the names of these conversations. The new
// label stands then.
func (n *chatNamer) auditKept(ctx context.Context, kept []*labeler.Label, level int) error {
	lost := 0
	for i, l := range kept {
		if l == nil {
			continue
		}
		one := []labeler.Label{*l}
		if err := n.chats.audit(ctx, one, level); err != nil {
			return err
		}
		if one[0].Source == labeler.Withheld {
			kept[i] = nil
			lost++
			continue
		}
		*l = one[0]
	}
	if lost > 0 {
		n.o.note(fmt.Sprintf("%d of the earlier result's names at level %d hold something personal and were made anew", lost, level))
	}
	return nil
}

// auditDescription is what may be shown of a description: all or nothing of a
// sentence, of a list of words those that pass.
func (c *conversations) auditDescription(ctx context.Context, l *labeler.Label) (string, error) {
	parts := []string{l.Description}
	if l.Source == labeler.FromKeywords {
		parts = strings.Split(l.Description, ", ")
	}
	kept := parts[:0]
	for _, part := range parts {
		v, err := c.auditor.audit(ctx, privacy.Audit{Stage: privacy.Description, Text: part, Others: c.census, Final: true})
		if err != nil {
			return "", err
		}
		if v.Action == privacy.Withhold {
			c.failed++
			continue
		}
		kept = append(kept, v.Text)
	}
	return strings.Join(kept, ", "), nil
}
