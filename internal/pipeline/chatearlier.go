package pipeline

import (
	"strconv"

	"sheaf/internal/hint"
	"sheaf/internal/report"
	"sheaf/labeler"
)

// labelsFromChats is labelsFrom for an earlier result of conversations.
func (c *Common) labelsFromChats() (*earlier, error) {
	if c.LabelsFrom == "" {
		return nil, nil
	}
	e, err := readEarlier(c.LabelsFrom)
	if err != nil {
		return nil, err
	}
	if e.result.Manifest.Privacy == nil {
		return nil, hint.Errorf("give the result of sheaf chats", "%s: it is a result of sheaf %s, which has no conversations", c.LabelsFrom, e.result.Manifest.Command)
	}
	return e, nil
}

// isOther says whether a cluster holds what is too small to be shown.
func isOther(c *report.Cluster) bool {
	return c.Level == 0 && c.Centroid == "" && c.LabelSource == string(labeler.Withheld)
}

// conversationsBefore is whereBefore for conversations: one is known by its id, or
// by its summary. What was not shown was nowhere.
func (e *earlier) conversationsBefore(texts []*text) []int {
	at := make(map[string]int, len(e.result.Clusters))
	for i := range e.result.Clusters {
		at[e.result.Clusters[i].ID] = i
	}
	byID, bySummary := make(map[string]int), make(map[string]int)
	for i := range e.result.Items {
		it := &e.result.Items[i]
		in := e.ancestor(at, at[it.Cluster])
		if in < 0 {
			continue
		}
		byID[it.ID] = in
		if it.Text != nil {
			bySummary[*it.Text] = in
		}
	}
	out := make([]int, len(texts))
	for i, t := range texts {
		in, ok := byID[t.docs[0].ID]
		if !ok {
			in, ok = bySummary[e.chats.list[t.order[0]].summary.text()]
		}
		if out[i] = in; !ok {
			out[i] = -1
		}
	}
	return out
}

// ancestor is the cluster of e's level above a base cluster, or -1 where there is
// none.
func (e *earlier) ancestor(at map[string]int, i int) int {
	c := &e.result.Clusters[i]
	if isOther(c) {
		return -1
	}
	for c.Level < e.level {
		if c.Parent == nil {
			return -1
		}
		i = at[*c.Parent]
		c = &e.result.Clusters[i]
	}
	return i
}

// A heritage is what the clusters of all levels have from an earlier result.
type heritage struct {
	levels []*succession
	next   int // number of the next new id
}

// inherit matches the clusters that are shown and those above them with those of
// an earlier result, level by level.
func (e *earlier) inherit(shown []cluster, h labeler.Hierarchy) *heritage {
	out := &heritage{next: e.nextID()}
	groups := shown
	for l := 0; ; l++ {
		of := *e
		of.level = l
		s := of.succeed(groups, out.next)
		for _, old := range s.old {
			if old < 0 {
				out.next++
			}
		}
		out.levels = append(out.levels, s)
		if l == len(h) {
			break
		}
		above := make([]cluster, len(gather(make([][]int, len(groups)), h[l])))
		for i, p := range h[l] {
			above[p].members = append(above[p].members, groups[i].members...)
		}
		groups = above
	}
	for _, c := range e.result.Clusters { // of levels that there are no more
		if c.Level > len(h) {
			of := *e
			of.level = c.Level
			out.levels = append(out.levels, &succession{from: &of, gone: []string{c.ID}})
		}
	}
	return out
}

// record is what the manifest says of all levels, and warnings about what was lost.
func (h *heritage) record() (*report.LabelsFrom, []string) {
	var out *report.LabelsFrom
	var warnings []string
	for l, s := range h.levels {
		rec, lost := s.record()
		if l > 0 && rec.Kept == 0 {
			lost = lost[:len(lost)-1] // is said of the base alone
		}
		warnings = append(warnings, lost...)
		if out == nil {
			out = rec
			continue
		}
		out.Kept += rec.Kept
		out.New += rec.New
		out.Gone = append(out.Gone, rec.Gone...)
	}
	out.NextID = h.next
	return out, warnings
}

// kept are the labels that the clusters of a level keep, or nil without a
// heritage.
func (h *heritage) kept(level int) []*labeler.Label {
	if h == nil {
		return nil
	}
	return h.levels[level].labels()
}

// id is that of a cluster of a level, "" without a heritage.
func (h *heritage) id(level, i int) string {
	if h == nil {
		return ""
	}
	return h.levels[level].ids[i]
}

// newID is that of a cluster that nothing was before, "" without a heritage.
func (h *heritage) newID() string {
	if h == nil {
		return ""
	}
	h.next++
	return "c" + strconv.Itoa(h.next-1)
}
