package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
)

// Formats are the names that Write knows.
func Formats() []string { return []string{"text", "json", "md", "html"} }

// Write writes a report: text for a terminal, Markdown, JSON, or a page of its
// own that loads nothing.
func Write(w io.Writer, r *Report, format string) error {
	switch format {
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(r)
	case "html":
		return page.Execute(w, pageOf(r))
	case "md":
		return r.markdown(w)
	}
	return r.text(w)
}

// columns are the table's heads and, for each row, its cells.
func (r *Report) columns() (heads []string, cells [][]string) {
	heads = []string{"model", "dims"}
	for _, s := range r.Sets {
		heads = append(heads, s.Name)
	}
	heads = append(heads, "mean", "texts/s", "tokens/s", "p50 ms", "p95 ms", "p99 ms", "load s", "CPU s/1000", "memory MB")
	for i := range r.Models {
		m := &r.Models[i]
		if m.Error != "" {
			cells = append(cells, []string{m.Model, "failed: " + m.Error})
			continue
		}
		row := []string{m.Model + " (" + m.Backend + ")", fmt.Sprint(m.Dim)}
		for j := range m.Sets {
			row = append(row, m.Sets[j].cell())
		}
		row = append(row, fmt.Sprintf("%.3f", m.Quality), amount(m.TextsPerSecond.Value), amount(m.TokensPerSecond.Value))
		for _, ms := range m.LatencyMillis {
			row = append(row, fmt.Sprintf("%.2f", ms))
		}
		row = append(row, fmt.Sprintf("%.2f", m.LoadSeconds), fmt.Sprintf("%.2f", m.Cost), fmt.Sprintf("%.0f", float64(m.PeakMemory)/1e6))
		cells = append(cells, row)
	}
	return heads, cells
}

func (s *Score) cell() string {
	if s.V != nil {
		return fmt.Sprintf("%.3f", s.V.Value)
	}
	if s.Samples != nil && s.Silhouette != nil {
		return fmt.Sprintf("%.2f (k %d, silhouette %.2f)", s.Samples.ARI, s.K, *s.Silhouette)
	}
	return "-"
}

func amount(v float64) string {
	switch {
	case v == 0:
		return "-"
	case v >= 10_000:
		return fmt.Sprintf("%.0fk", v/1000)
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.1f", v)
}

// head says what was measured and how.
func (r *Report) head() []string {
	what := "V-measure against the labels, protocol " + string(r.Protocol)
	if !r.Labelled {
		what = "no labels: stability over subsamples (adjusted Rand index)"
	}
	var sets []string
	for _, s := range r.Sets {
		if s.K > 0 {
			sets = append(sets, fmt.Sprintf("%s (%d texts, %d groups)", s.Name, s.Texts, s.K))
		} else {
			sets = append(sets, fmt.Sprintf("%s (%d texts)", s.Name, s.Texts))
		}
	}
	times := "once"
	if r.Repetitions > 1 {
		times = fmt.Sprintf("medians of %d interleaved runs", r.Repetitions)
	}
	return []string{
		what + ": " + strings.Join(sets, ", ") + ".",
		fmt.Sprintf("%s, %d threads; each model in a process of its own, %s. Latency is of a text alone.", r.Machine, r.Threads, times),
	}
}

func (r *Report) text(w io.Writer) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	heads, cells := r.columns()
	for _, row := range append([][]string{heads}, cells...) {
		for i := range row {
			row[i] = printable(row[i])
		}
		_, _ = fmt.Fprintln(t, strings.Join(row, "\t")) // into memory
	}
	_ = t.Flush()
	b.WriteString("\n")
	for _, line := range r.head() {
		b.WriteString(printable(line) + "\n")
	}
	for _, d := range r.Differences {
		fmt.Fprintf(&b, "\n%s: %s and %s agree by %.2f (adjusted Rand index)\n", printable(d.Set), printable(d.A), printable(d.B), d.ARI)
		for _, g := range d.Groups {
			fmt.Fprintf(&b, "  %d texts of one group are in %d, at most %.0f%% together, such as:\n", g.Size, g.Parts, 100*g.Together)
			for _, e := range g.Examples {
				fmt.Fprintf(&b, "    • %s\n", cut(printable(e), 90))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) markdown(w io.Writer) error {
	var b strings.Builder
	cell := func(s string) string { return strings.ReplaceAll(printable(s), "|", `\|`) }
	heads, cells := r.columns()
	for i, row := range append([][]string{heads}, cells...) {
		for j := range row {
			row[j] = cell(row[j])
		}
		for len(row) < len(heads) {
			row = append(row, "")
		}
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString("|" + strings.Repeat("---|", len(heads)) + "\n")
		}
	}
	b.WriteString("\n")
	for _, line := range r.head() {
		b.WriteString(printable(line) + "\n")
	}
	for _, d := range r.Differences {
		fmt.Fprintf(&b, "\n%s: %s and %s agree by %.2f (adjusted Rand index).\n", cell(d.Set), cell(d.A), cell(d.B), d.ARI)
	}
	_, err := io.WriteString(w, b.String())
	return err
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
