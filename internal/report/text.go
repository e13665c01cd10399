package report

import (
	"bufio"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	defaultWidth = 80
	minWidth     = 20

	// A cluster of up to wholeList distinct texts is shown whole: whoever
	// has forty notes wants to see them all. Of a longer one, the nearest.
	wholeList = 20
	nearest   = 10
)

// What stands in place of what is not there or must not be shown.
const (
	noLabel  = "(no label)"
	withheld = "(withheld)"
)

// SGR sequences: the only escape sequences that are ever written.
const (
	bold  = "\x1b[1m"
	dim   = "\x1b[2m"
	reset = "\x1b[0m"
)

type textWriter struct {
	w     *bufio.Writer // keeps its first error for Flush, so no other place looks
	r     *Result
	ix    *index
	opts  Options
	width int
	// The marks around the texts.
	bullet, ellipsis, times string
}

// writeText writes each cluster with its items below it, parents with their
// children below them, and a line of counts.
func writeText(w *bufio.Writer, r *Result, ix *index, opts Options) {
	t := &textWriter{w: w, r: r, ix: ix, opts: opts, width: defaultWidth}
	if opts.Width > 0 {
		t.width = max(opts.Width, minWidth)
	}
	t.bullet, t.ellipsis, t.times = "• ", "…", "×"
	if opts.ASCII {
		t.bullet, t.ellipsis, t.times = "- ", "...", "x"
	}
	for _, c := range ix.roots {
		t.cluster(c, 0)
	}
	for _, line := range wrap(clean(summary(r), false), t.width) {
		t.line(0, "", line, "")
	}
}

// cluster writes a cluster and those below it, at a depth of the hierarchy.
func (t *textWriter) cluster(i, depth int) {
	c := &t.r.Clusters[i]
	// A hierarchy too deep for the width stays at the last column that
	// leaves room for a text.
	indent := min(2*depth, t.width-minWidth)

	label := clean(c.Label, false)
	if label == "" {
		label = noLabel
	}
	size := fmt.Sprintf(" (%d)", c.Size)
	t.line(indent, "", t.paint(bold, cut(label, t.width-indent-len(size), t.ellipsis)), t.paint(dim, size))
	if t.opts.Explain || t.r.Manifest.Privacy != nil {
		t.note(indent+2, "", c.Description)
	}
	if t.opts.Explain {
		source := c.LabelSource
		if c.LabelReason != "" {
			source += " (" + c.LabelReason + ")"
		}
		t.note(indent+2, "label source: ", source)
	}
	t.items(c, indent+2)
	t.line(0, "", "", "")
	for _, child := range t.ix.children[i] {
		t.cluster(child, depth+1)
	}
}

// note writes a remark on a cluster, where there is one, over as many lines
// as it takes.
func (t *textWriter) note(indent int, lead, text string) {
	if text = clean(text, false); text == "" {
		return
	}
	for _, line := range wrap(lead+text, t.width-indent) {
		t.line(indent, "", t.paint(dim, line), "")
	}
}

// items writes the items of a cluster from the centroid outwards, copies once.
func (t *textWriter) items(c *Cluster, indent int) {
	entries := t.distinct(c)
	rest := 0
	if !t.opts.All && len(entries) > wholeList {
		for _, e := range entries[nearest:] {
			rest += e.copies
		}
		entries = entries[:nearest]
	}
	for _, e := range entries {
		t.item(e, indent)
	}
	if rest > 0 {
		more := fmt.Sprintf("%s and %d more", t.ellipsis, rest)
		t.line(indent, "", t.paint(dim, more), "")
	}
}

// An entry is a text and how often it occurs in a cluster.
type entry struct {
	item   *Item
	copies int
}

// distinct gathers the copies of each text in a cluster at the place of the
// nearest, in the first spelling where that is in the cluster too, and all texts
// that are withheld at the place of the first. Conversations that are no copies of
// each other may have one summary, which stands there once.
func (t *textWriter) distinct(c *Cluster) []entry {
	entries := make([]entry, 0, len(c.Items))
	place := make(map[string]int, len(c.Items))
	for _, id := range c.Items {
		it := &t.r.Items[t.ix.items[id]]
		first := it.ID
		switch {
		case it.Text == nil:
			first = "" // no id: what is withheld is one line
		case t.r.Manifest.Privacy != nil:
			first = "\n" + *it.Text // no id either
		case it.DuplicateOf != nil:
			first = *it.DuplicateOf
		}
		i, ok := place[first]
		if !ok {
			i = len(entries)
			place[first] = i
			entries = append(entries, entry{item: it})
		}
		entries[i].copies++
		if it.ID == first {
			entries[i].item = it
		}
	}
	return entries
}

func (t *textWriter) item(e entry, indent int) {
	tail := ""
	if e.copies > 1 {
		tail = " " + t.times + strconv.Itoa(e.copies)
	}
	if e.item.NearDuplicateOf != nil {
		tail += " (near duplicate)"
	}
	if e.item.Outlier != nil {
		tail += " (outlier)"
	}
	if e.item.Text == nil {
		t.line(indent, t.bullet, t.paint(dim, withheld), t.paint(dim, tail))
		return
	}
	hang := columns(t.bullet)
	room := t.width - indent - hang - columns(tail)
	text := clean(*e.item.Text, t.opts.All)
	if !t.opts.All {
		t.line(indent, t.bullet, cut(text, room, t.ellipsis), t.paint(dim, tail))
		return
	}
	lead := t.bullet
	lines := wrap(text, room)
	for i, line := range lines {
		end := ""
		if i == len(lines)-1 {
			end = t.paint(dim, tail)
		}
		t.line(indent, lead, line, end)
		lead = strings.Repeat(" ", hang)
	}
}

func (t *textWriter) line(indent int, lead, text, tail string) {
	const blanks = "                "
	for ; indent > 0 && text != ""; indent -= len(blanks) {
		_, _ = t.w.WriteString(blanks[:min(indent, len(blanks))])
	}
	for _, s := range []string{lead, text, tail, "\n"} {
		_, _ = t.w.WriteString(s)
	}
}

func (t *textWriter) paint(sgr, s string) string {
	if !t.opts.Color || s == "" {
		return s
	}
	return sgr + s + reset
}

// summary is the line of counts, such as
// "40 notes in 7 clusters, 3 duplicates, 2 skipped (empty 1, no known token 1)".
func summary(r *Result) string {
	counts := r.Manifest.Counts
	base, top, nowhere := 0, 0, 0
	for _, c := range r.Clusters {
		top = max(top, c.Level)
		switch {
		case c.ID == "none": // of sheaf assign
			nowhere = c.Size
		case c.Level == 0:
			base++
		}
	}
	thing := map[string]string{"notes": "note", "assign": "note", "chats": "conversation"}[r.Manifest.Command]
	if thing == "" {
		thing = "item"
	}
	parts := []string{number(counts.Clustered, thing) + " in " + number(base, "cluster")}
	if top > 0 {
		parts[0] += fmt.Sprintf(" on %d levels", top+1)
	}
	if nowhere > 0 {
		parts = append(parts, fmt.Sprintf("%d of them in none", nowhere))
	}
	if n := counts.Duplicates; n > 0 {
		parts = append(parts, number(n, "duplicate"))
	}
	if nd := r.Manifest.NearDuplicates; nd != nil {
		n := number(counts.NearDuplicates, "near duplicate")
		if nd.Groups > 0 {
			n += " of " + number(nd.Groups, "note")
		}
		parts = append(parts, n)
	}
	if r.Manifest.Outliers != nil {
		parts = append(parts, number(counts.Outliers, "outlier"))
	}
	if n := counts.Truncated; n > 0 {
		parts = append(parts, fmt.Sprintf("%d longer than the model reads", n))
	}
	if p := r.Manifest.Privacy; p != nil && p.Withheld > 0 {
		parts = append(parts, fmt.Sprintf("%d withheld", p.Withheld))
	}
	if len(r.Skipped) > 0 {
		parts = append(parts, fmt.Sprintf("%d skipped (%s)", len(r.Skipped), reasons(r.Skipped)))
	}
	return strings.Join(parts, ", ")
}

// reasons counts why items were skipped, the commonest first.
func reasons(skipped []Skipped) string {
	count := map[string]int{}
	for _, s := range skipped {
		count[s.Reason]++
	}
	names := make([]string, 0, len(count))
	for reason := range count {
		names = append(names, reason)
	}
	slices.SortFunc(names, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	const most = 5 // reasons can be as many as items where they quote one
	other := 0
	for _, reason := range names[min(most, len(names)):] {
		other += count[reason]
	}
	var parts []string
	for _, reason := range names[:min(most, len(names))] {
		parts = append(parts, fmt.Sprintf("%s %d", reason, count[reason]))
	}
	if other > 0 {
		parts = append(parts, fmt.Sprintf("other reasons %d", other))
	}
	return strings.Join(parts, ", ")
}

func number(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
