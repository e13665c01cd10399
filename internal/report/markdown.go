package report

import (
	"bufio"
	"strings"
)

// writeMarkdown writes a heading for each cluster and below it a list item
// for each of its items, copies included, from the centroid outwards:
//
//	# Animals
//
//	- cats
//	- dogs
//
// Children follow their parent under a heading one deeper, down to the sixth.
// In chats a cluster's description stands between heading and list.
func writeMarkdown(w *bufio.Writer, r *Result, ix *index) {
	m := &markdownWriter{w: w, r: r, ix: ix}
	for _, c := range ix.roots {
		m.cluster(c, 1)
	}
}

type markdownWriter struct {
	w  *bufio.Writer // keeps its first error for Flush, so no other place looks
	r  *Result
	ix *index
	// Whether something was written already, which a blank line ends.
	begun bool
}

func (m *markdownWriter) text(parts ...string) {
	for _, s := range parts {
		_, _ = m.w.WriteString(s)
	}
}

func (m *markdownWriter) cluster(i, depth int) {
	c := &m.r.Clusters[i]
	label := heading(utf8Text(c.Label))
	if label == "" {
		label = noLabel
	}
	if m.begun {
		m.text("\n")
	}
	m.begun = true
	m.text(strings.Repeat("#", min(depth, 6)), " ", label, "\n")
	if d := heading(utf8Text(c.Description)); d != "" && m.r.Manifest.Privacy != nil {
		m.text("\n", d, "\n")
	}
	if len(c.Items) > 0 {
		m.text("\n")
	}
	for _, id := range c.Items {
		text := withheld
		if t := m.r.Items[m.ix.items[id]].Text; t != nil {
			text = escapeMarkdown(utf8Text(*t))
		}
		m.text("- ", text, "\n")
	}
	for _, child := range m.ix.children[i] {
		m.cluster(child, depth+1)
	}
}

// heading puts a label on one line, so that it stays a heading and only that.
// Number signs that stand alone at its end would be taken for the heading's.
func heading(label string) string {
	label = escapeMarkdown(strings.Join(strings.Fields(label), " "))
	if text := strings.TrimRight(label, "#"); text != label && strings.HasSuffix(text, " ") {
		label = text + `\` + label[len(text):]
	}
	return label
}
