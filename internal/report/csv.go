package report

import (
	"bufio"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// CSVNote says, for a help text, what is changed in a CSV cell.
const CSVNote = "In CSV, a cell that begins with =, +, -, @, a tab or a line break " +
	"gets an apostrophe before it, so that a spreadsheet shows it instead of running it as a formula."

var csvHeader = []string{
	"id", "ref", "text", "source", "cluster", "label", "distance", "duplicate_of", "truncated",
}

// chatsHeader is what the rows of conversations have beside: the labels of the
// cluster's parents from the highest down, and what is known of the conversation.
var chatsHeader = []string{"parents", "label_source", "request", "task", "turns", "language", "user"}

// writeCSV writes a row for each item, in the order of the input, as RFC 4180
// has it: UTF-8 without a byte order mark, lines and line breaks within a cell
// end in CR LF. Of a reference or a text that is null the cell is empty.
//
// Spreadsheets run a cell that begins with =, +, -, @, a tab or a carriage
// return as a formula, and a formula can send the sheet away (OWASP: CSV
// injection). Such a cell gets a leading apostrophe; so do the full-width
// forms of the four signs, which some of them take for the same. The distance
// is ours and is left a number.
func writeCSV(w *bufio.Writer, r *Result, ix *index) error {
	cw := csv.NewWriter(w)
	cw.UseCRLF = true
	chats := r.Manifest.Privacy != nil
	header := csvHeader
	if chats {
		header = append(slices.Clip(header), chatsHeader...)
	}
	near := r.Manifest.NearDuplicates != nil
	if near {
		header = append(slices.Clip(header), "near_duplicate_of")
	}
	outliers := r.Manifest.Outliers != nil
	if outliers {
		header = append(slices.Clip(header), "outlier")
	}
	if err := cw.Write(header); err != nil {
		return err
	}
	row := make([]string, len(header))
	for i := range r.Items {
		it := &r.Items[i]
		row = append(row[:0],
			cell(it.ID), cell(deref(it.Ref)), cell(deref(it.Text)), cell(it.Source),
			cell(it.Cluster), cell(r.Clusters[ix.clusters[it.Cluster]].Label),
			strconv.FormatFloat(it.Distance, 'g', -1, 64),
			cell(deref(it.DuplicateOf)), strconv.FormatBool(it.Truncated))
		if chats {
			row = append(row, cell(ancestors(r, ix, it.Cluster)), r.Clusters[ix.clusters[it.Cluster]].LabelSource)
			row = append(row, conversationCells(it.Conversation)...)
		}
		if near {
			row = append(row, cell(deref(it.NearDuplicateOf)))
		}
		if outliers {
			row = append(row, strconv.FormatBool(it.Outlier != nil))
		}
		if err := cw.Write(row); err != nil {
			return err
		}
	}
	cw.Flush()
	return cw.Error()
}

// ancestors are the labels of a cluster's parents, the highest first.
func ancestors(r *Result, ix *index, cluster string) string {
	var labels []string
	for p := r.Clusters[ix.clusters[cluster]].Parent; p != nil; p = r.Clusters[ix.clusters[*p]].Parent {
		labels = append(labels, r.Clusters[ix.clusters[*p]].Label)
	}
	slices.Reverse(labels)
	return strings.Join(labels, " > ")
}

func conversationCells(c *Conversation) []string {
	if c == nil {
		return make([]string, len(chatsHeader)-2)
	}
	turns := ""
	if c.Turns != nil {
		turns = strconv.Itoa(*c.Turns)
	}
	return []string{cell(deref(c.Request)), cell(deref(c.Task)), turns, cell(deref(c.Language)), cell(deref(c.User))}
}

// cell makes a cell safe for a spreadsheet. The writer turns each LF into
// CR LF and would drop a CR that stands alone.
func cell(s string) string {
	s = utf8Text(s)
	if first, _ := utf8.DecodeRuneInString(s); strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		s = "'" + s
	}
	if strings.Contains(s, "\r") {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	return s
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
