package bench

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"unicode"

	"sheaf/internal/quality"
)

// A Table is figures with a line above that names the columns. The first column
// names the row.
type Table struct {
	Caption string
	Heads   []string
	Rows    [][]string // one that is shorter than Heads has a message in its last cell
}

// text is the table for a terminal.
func (t *Table) text(b *strings.Builder) {
	w := tabwriter.NewWriter(b, 0, 4, 2, ' ', 0)
	rows := t.Rows
	if len(t.Heads) > 0 {
		rows = append([][]string{t.Heads}, rows...)
	}
	var messages []string
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = printable(c)
		}
		if len(row) < len(t.Heads) { // it would break the columns
			messages = append(messages, strings.Join(cells, ": "))
			continue
		}
		_, _ = fmt.Fprintln(w, strings.Join(cells, "\t")) // into memory
	}
	_ = w.Flush()
	for _, m := range messages {
		b.WriteString(m + "\n")
	}
}

// markdown is the table as GitHub's Markdown has it.
func (t *Table) markdown(b *strings.Builder) {
	for i, row := range append([][]string{t.Heads}, t.Rows...) {
		cells := make([]string, len(t.Heads))
		for j, c := range row {
			cells[j] = markdownCell(c)
		}
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
		if i == 0 {
			b.WriteString("|---|" + strings.Repeat("---:|", len(t.Heads)-1) + "\n")
		}
	}
}

// markdownCell is a text that is no markup where it stands in a table.
func markdownCell(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`).Replace(printable(s))
}

// share is a figure from 0 to 1 with half of its interval.
func share(in quality.Interval) string {
	if (in.High-in.Low)/2 < 0.0005 {
		return fmt.Sprintf("%.3f", in.Value)
	}
	return fmt.Sprintf("%.3f ±%s", in.Value, strings.TrimPrefix(fmt.Sprintf("%.3f", (in.High-in.Low)/2), "0"))
}

// rate is an amount with half of its interval in percent.
func rate(in quality.Interval) string {
	if in.Value <= 0 || in.High <= in.Low {
		return amount(in.Value)
	}
	return fmt.Sprintf("%s ±%.0f%%", amount(in.Value), 50*(in.High-in.Low)/in.Value)
}

// intervals says what stands behind ±.
const intervals = "± is half of the 95% bootstrap interval."

func amount(v float64) string {
	switch {
	case v == 0:
		return "-"
	case v >= 1e6:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v/1e6), ".0") + "M"
	case v >= 10_000:
		return fmt.Sprintf("%.0fk", v/1000)
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 1:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2g", v)
}

// printable is a text on one line that steers no terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, s)
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
