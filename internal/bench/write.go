package bench

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Formats are the names that Write and WriteChat know.
func Formats() []string { return []string{"text", "json", "md", "html"} }

// A written is a comparison that can be written in each of [Formats].
type written interface {
	text(*strings.Builder)
	markdown(*strings.Builder)
	page() (template string, data any) // of pages
}

// Write writes a report: text for a terminal, Markdown, JSON, or a page of its
// own that loads nothing.
func Write(w io.Writer, r *Report, format string) error { return write(w, r, format) }

func write(w io.Writer, r written, format string) error {
	var b strings.Builder
	switch format {
	case "json":
		e := json.NewEncoder(&b)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(r); err != nil {
			return err
		}
	case "html":
		name, data := r.page()
		if err := pages.ExecuteTemplate(&b, name, data); err != nil {
			return err
		}
	case "md":
		r.markdown(&b)
	default:
		r.text(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// tables are how good the models are, and what they cost.
func (r *Report) tables() []Table {
	good := Table{Caption: "How good", Heads: []string{"model", "dims", "type"}}
	if r.Labelled {
		good.Caption = "V-measure against the labels"
	} else {
		good.Caption = "Stability without labels"
	}
	for _, s := range r.Sets {
		if r.Labelled {
			good.Heads = append(good.Heads, s.Name)
		} else {
			good.Heads = append(good.Heads, s.Name+": over subsamples", "over seeds", "silhouette", "groups")
		}
	}
	if len(r.Sets) > 1 {
		good.Heads = append(good.Heads, "mean")
	}
	cost := Table{Caption: "What it costs", Heads: []string{"model", "texts/s", "tokens/s", "p50 ms", "p95 ms", "p99 ms", "load s", "CPU s/1000", "memory MB"}}
	for i := range r.Models {
		m := &r.Models[i]
		if m.Error != "" {
			good.Rows = append(good.Rows, []string{m.Model, "failed: " + m.Error})
			continue
		}
		name := m.Model + " (" + m.Backend + ")"
		row := []string{name, fmt.Sprint(m.Dim), cmp.Or(m.DType, "-")}
		for j := range m.Sets {
			row = append(row, m.Sets[j].cells()...)
		}
		if len(r.Sets) > 1 {
			row = append(row, fmt.Sprintf("%.3f", m.Quality))
		}
		good.Rows = append(good.Rows, row)
		row = []string{name, rate(m.TextsPerSecond), rate(m.TokensPerSecond)}
		for _, ms := range m.LatencyMillis {
			row = append(row, amount(ms))
		}
		cost.Rows = append(cost.Rows, append(row, amount(m.LoadSeconds), amount(m.Cost), fmt.Sprintf("%.0f", float64(m.PeakMemory)/1e6)))
	}
	return []Table{good, cost}
}

// cells are a score's: the V-measure, else what stands for quality where there
// are no labels.
func (s *Score) cells() []string {
	if s.V != nil {
		return []string{share(*s.V)}
	}
	cells := []string{"-", "-", "-", fmt.Sprint(s.K)}
	if s.Samples != nil {
		cells[0] = fmt.Sprintf("%.3f", s.Samples.ARI)
	}
	if s.Seeds != nil {
		cells[1] = fmt.Sprintf("%.3f", s.Seeds.ARI)
	}
	if s.Silhouette != nil {
		cells[2] = fmt.Sprintf("%.3f", *s.Silhouette)
	}
	return cells
}

// head says what was measured and how.
func (r *Report) head() []string {
	what := "V-measure against the labels, protocol " + string(r.Protocol)
	if !r.Labelled {
		what = "No labels: how much groupings of four fifths of the texts agree, and those of other seeds (adjusted Rand index)"
	}
	times := "once"
	if r.Repetitions > 1 {
		times = fmt.Sprintf("medians of %d interleaved runs", r.Repetitions)
	}
	lines := []string{
		what + ": " + setNames(r.Sets) + ".",
		fmt.Sprintf("%s, %d threads; each model in a process of its own, %s. Latency is of a text alone.", r.Machine, r.Threads, times),
	}
	if r.Labelled || r.Repetitions > 1 {
		lines = append(lines, intervals)
	}
	return lines
}

func setNames(sets []SetInfo) string {
	var names []string
	for _, s := range sets {
		if s.K > 0 {
			names = append(names, fmt.Sprintf("%s (%d texts, %d groups)", s.Name, s.Texts, s.K))
		} else {
			names = append(names, fmt.Sprintf("%s (%d texts)", s.Name, s.Texts))
		}
	}
	return strings.Join(names, ", ")
}

func (r *Report) text(b *strings.Builder) {
	for _, t := range r.tables() {
		t.text(b)
		b.WriteString("\n")
	}
	for _, line := range r.head() {
		b.WriteString(printable(line) + "\n")
	}
	for _, d := range r.Differences {
		fmt.Fprintf(b, "\n%s\n", printable(d.title()))
		for _, g := range d.Groups {
			fmt.Fprintf(b, "  %s:\n", g.title())
			for _, p := range g.Split {
				fmt.Fprintf(b, "    • %s\n", cut(printable(p.title()), 110))
			}
		}
	}
}

func (d *Difference) title() string {
	return fmt.Sprintf("%s: %s and %s agree by %.2f (adjusted Rand index); groups of %s that %s parts", d.Set, d.A, d.B, d.ARI, d.A, d.B)
}

func (g *Group) title() string {
	return fmt.Sprintf("%d texts of one group are in %d, at most %.0f%% together", g.Size, g.Parts, 100*g.Together)
}

func (p *Part) title() string {
	list := func(texts []string) string {
		short := make([]string, len(texts))
		for i, t := range texts {
			short[i] = cut(t, 40)
		}
		return strings.Join(short, " · ")
	}
	s := fmt.Sprintf("%d: %s", p.Size, list(p.Examples))
	if len(p.With) > 0 {
		s += ", with " + list(p.With)
	}
	return s
}

func (r *Report) markdown(b *strings.Builder) {
	for _, t := range r.tables() {
		t.markdown(b)
		b.WriteString("\n")
	}
	for _, line := range r.head() {
		b.WriteString(printable(line) + "\n")
	}
	for _, d := range r.Differences {
		fmt.Fprintf(b, "\n**%s**\n", markdownCell(d.title()))
		for _, g := range d.Groups {
			fmt.Fprintf(b, "\n%s:\n\n", g.title())
			for _, p := range g.Split {
				fmt.Fprintf(b, "- %s\n", markdownCell(p.title()))
			}
		}
	}
}
