package pipeline

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"sheaf/internal/corpus"
	"sheaf/internal/privacy"
	"sheaf/internal/report"
	"sheaf/labeler"
)

// drawChats makes conversations, with copies and users, and clusters of them.
func drawChats(t *rapid.T) (*conversations, []cluster) {
	plain := func(string) bool { return true }
	chats := &conversations{
		found: map[privacy.Type]int{}, mask: func(s string) string { return s }, plain: plain,
		auditor: newAuditor(privacy.New(privacy.Options{})), read: &corpus.Chats{},
	}
	users := rapid.IntRange(0, 12).Draw(t, "users")
	sizes := rapid.SliceOfN(rapid.IntRange(1, 30), 1, 12).Draw(t, "sizes")
	var groups []cluster
	for k, size := range sizes {
		g := cluster{first: len(chats.list), centroid: []float32{
			float32(rapid.IntRange(-9, 9).Draw(t, "x")), float32(rapid.IntRange(-9, 9).Draw(t, "y"))}}
		for range size {
			i := len(chats.list)
			conv := conversation{id: fmt.Sprint("a", i), source: fmt.Sprint("f:", i), first: i, turns: 2, language: "en", action: privacy.Keep,
				summary: summary{Request: requestFrame + " r", Task: fmt.Sprint(taskFrame, " t", i)}}
			if users > 0 {
				conv.users = []string{fmt.Sprint("u", rapid.IntRange(1, users).Draw(t, "user"))}
			}
			copies := rapid.SampledFrom([]int{1, 1, 1, 3}).Draw(t, "copies")
			m := member{text: &text{}, distance: float32(k), vector: g.centroid}
			for c := range copies {
				again := conv
				again.id = fmt.Sprint(conv.id, "-", c)
				m.text.docs = append(m.text.docs, corpus.Document{ID: again.id})
				m.text.order = append(m.text.order, len(chats.list))
				chats.list = append(chats.list, again)
			}
			g.size += copies
			g.members = append(g.members, m)
		}
		groups = append(groups, g)
	}
	return chats, groups
}

// Whatever the clusters, every conversation is in one, no cluster that is shown
// is too small, and of the others only what is gathered at the root may be.
func TestTree(t *testing.T) {
	if testing.Short() {
		t.Skip("many runs one after another, which the race detector makes twenty times slower")
	}
	rapid.Check(t, func(t *rapid.T) {
		chats, groups := drawChats(t)
		o := &ChatsOptions{MinConversations: rapid.IntRange(1, 25).Draw(t, "min"), MinUsers: rapid.IntRange(1, 8).Draw(t, "min users")}
		least := chats.threshold(o)
		shown, small := chats.split(groups, least)
		h := ward(shown, labeler.LevelSizes(len(shown), rapid.IntRange(0, 4).Draw(t, "levels"), rapid.IntRange(0, 6).Draw(t, "top")))
		labels := [][]labeler.Label{numbered(len(shown)).Labels}
		for _, parents := range h {
			n := 0
			for _, p := range parents {
				n = max(n, p+1)
			}
			labels = append(labels, numbered(n).Labels)
		}
		tree := newTree(shown, h, labels, chats.pools(shown, small, levelOf(h, 0), levelOf(h, 1), least), nil, chats)
		r := &report.Result{Manifest: report.Manifest{Command: "chats"}}
		tree.fill(r, chats, true)
		r.Manifest.Privacy = chats.privacy(tree, least)
		r.Manifest.Counts = counts(r, 0)
		var out bytes.Buffer
		if err := report.Write(&out, r, report.JSON, report.Options{}); err != nil {
			t.Fatal(err)
		}
		if len(r.Items) != len(chats.list) {
			t.Fatalf("%d of %d conversations", len(r.Items), len(chats.list))
		}
		place := make(map[string]int)
		for i := range chats.list {
			place[chats.list[i].id] = i
		}
		atRoot := 0
		for _, c := range r.Clusters {
			if c.Level > 0 {
				if c.Parent == nil && c.Level != len(h) {
					t.Fatalf("%s on level %d has no parent", c.ID, c.Level)
				}
				continue
			}
			distinct, users := map[said]bool{}, map[string]bool{}
			for _, id := range c.Items {
				conv := chats.list[place[id]]
				s := said{first: conv.first}
				for _, u := range conv.users {
					s.user, users[u] = u, true
				}
				distinct[s] = true
			}
			isOther := c.LabelSource == string(labeler.Withheld)
			isRoot := isOther && c.Parent == nil
			if isRoot {
				atRoot++
			}
			if !isRoot && (len(distinct) < least.conversations || len(users) < least.users) {
				t.Fatalf("%s has %d conversations of %d users: %+v", c.ID, len(distinct), len(users), least)
			}
			if !isOther && c.Parent == nil && len(h) > 0 {
				t.Fatalf("%s has no parent", c.ID)
			}
			if isOther && (c.Label != other || c.Centroid != "" || len(c.Facets) > 0) {
				t.Fatalf("%+v is shown", c)
			}
		}
		if atRoot > 1 {
			t.Fatalf("%d clusters Other at the root", atRoot)
		}
		for _, it := range r.Items {
			isOther := it.Audit["action"] == string(privacy.Withhold)
			if isOther != (it.Text == nil) || isOther && (it.Request != nil || it.Task != nil || it.User != nil || it.Language != nil) {
				t.Fatalf("%+v", it)
			}
		}
	})
}

func TestTreeOfNothingShown(t *testing.T) {
	g := cluster{size: 2, centroid: []float32{1, 0}, members: []member{{text: &text{docs: make([]corpus.Document, 2), order: []int{0, 1}}}}}
	chats := &conversations{list: []conversation{{id: "a"}, {id: "b", first: 0}}, mask: func(s string) string { return s }}
	g.members[0].text.docs[0].ID, g.members[0].text.docs[1].ID = "a", "b"
	least := chats.threshold(&ChatsOptions{})
	shown, small := chats.split([]cluster{g}, least)
	tree := newTree(shown, nil, [][]labeler.Label{nil}, chats.pools(shown, small, nil, nil, least), nil, chats)
	if len(tree.levels) != 1 || len(tree.levels[0]) != 1 || !tree.levels[0][0].other || tree.others != 2 {
		t.Errorf("%+v", tree)
	}
	if w := tree.warnings(least); len(w) != 1 {
		t.Errorf("warnings %q", w)
	}
}

func TestMostClusters(t *testing.T) {
	for _, tt := range []struct{ n, least, want int }{
		{5, 10, 2}, {60, 10, 6}, {60, 1, 31}, {819, 10, 81}, {100_000, 10, 500}, {400_000, 5000, 80},
	} {
		if got := mostClusters(tt.n, tt.least); got != tt.want {
			t.Errorf("mostClusters(%d, %d) = %d, want %d", tt.n, tt.least, got, tt.want)
		}
	}
}

func TestNameByChildren(t *testing.T) {
	label := func(s string) labeler.Label { return labeler.Label{Text: s, Source: labeler.FromKeywords} }
	concept := func(s string) labeler.Label {
		return labeler.Label{Text: s, Source: labeler.FromKeywords, Reason: "the concept \"x\" covers 80%"}
	}
	labels := []labeler.Label{concept("Food"), label("React"), {Text: "Cluster 1", Source: labeler.FromNone}, concept("Sports"), label("Apple tree & cat")}
	children := []labeler.Label{concept("Travel"), concept("food"), label("React"), {Text: "Cluster 1", Source: labeler.FromNone}, label("Law"),
		concept("Tennis"), concept("Football"), label("Apple tree, spade & soil"), concept("Pets"), concept("Garden")}
	nameByChildren(labels, []int{0, 0, 1, 2, 2, 3, 3, 4, 4, 4}, children, []int{9, 5, 3, 3, 3, 3, 3, 40, 4, 8})
	for i, want := range []string{"Travel & food", "React", "Cluster 1", "Sports", "Garden & Pets"} {
		if labels[i].Text != want {
			t.Errorf("%q, want %q", labels[i].Text, want)
		}
	}
}
