package bench

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// WriteChat writes a comparison of chat models in one of [Formats].
func WriteChat(w io.Writer, r *ChatReport, format string) error { return write(w, r, format) }

// BuiltinPrompts is the name of the prompts that are compiled in.
const BuiltinPrompts = "built-in"

// rowName names a model and, where there are several, its prompts.
func (r *ChatReport) rowName(model, prompts string) string {
	differ := slices.ContainsFunc(r.Models, func(m ChatRow) bool { return m.Prompts != "" && m.Prompts != r.Models[0].Prompts })
	if prompts == "" || !differ && prompts == BuiltinPrompts {
		return model
	}
	return model + ", " + prompts
}

func (r *ChatReport) tables() []Table {
	good := Table{Caption: "How good", Heads: []string{"chat model", "passed", "fit", "fit of passed", "answers", "good", "invented names", "most broken rules"}}
	cost := Table{Caption: "What it costs", Heads: []string{"chat model", "s/group", "calls/group", "tokens read/group", "written/group", "load s"}}
	for i := range r.Models {
		m := &r.Models[i]
		name := r.rowName(m.Model, m.Prompts)
		if m.Error != "" {
			good.Rows = append(good.Rows, []string{name, "failed: " + m.Error})
			continue
		}
		row := []string{name, share(m.Passed), share(m.Fit), fmt.Sprintf("%.3f", m.FitOfPassed), "-", "-", "-", "-"}
		if m.Answers > 0 {
			copy(row[4:], []string{fmt.Sprint(m.Answers), fmt.Sprintf("%.0f%%", 100*m.AnswersPassed), fmt.Sprint(m.Invented), m.mostFaults(3)})
		}
		good.Rows = append(good.Rows, row)
		if m.Prompts != "" {
			cost.Rows = append(cost.Rows, []string{name, rate(m.SecondsPerGroup), fmt.Sprintf("%.1f", m.CallsPerGroup), amount(m.ReadPerGroup), amount(m.WrittenPerGroup), amount(m.LoadSeconds)})
		}
	}
	return []Table{good, cost}
}

// mostFaults names the rules that were broken most.
func (m *ChatRow) mostFaults(most int) string {
	rules := slices.SortedFunc(maps.Keys(m.Faults), func(a, b string) int {
		return cmp.Or(cmp.Compare(m.Faults[b], m.Faults[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, rule := range rules[:min(len(rules), most)] {
		parts = append(parts, fmt.Sprintf("%s %d", rule, m.Faults[rule]))
	}
	return cmp.Or(strings.Join(parts, ", "), "-")
}

func (r *ChatReport) head() []string {
	sets := r.Sets
	if len(sets) == 1 { // whose groups are all there are
		sets = []SetInfo{{Name: sets[0].Name, Texts: sets[0].Texts}}
	}
	groups := "grouped with " + r.Embedding
	if r.Labelled {
		groups = "in the groups of their labels"
	}
	return []string{
		fmt.Sprintf("%d groups of %s, %s; each model was asked about the same ones.", len(r.Groups), setNames(sets), groups),
		"passed: groups with a label of the model's, which keeps all rules and is about the texts. fit: how near and how telling it is, from the judge, 0 where there is none. Where there is none, sheaf notes takes keywords.",
		r.Machine + ". Seconds are those of calls, tokens as the server counts them. " + intervals,
	}
}

// shownGroups is how many groups a terminal gets.
const shownGroups = 12

func (r *ChatReport) text(b *strings.Builder) {
	for _, t := range r.tables() {
		t.text(b)
		b.WriteString("\n")
	}
	for _, line := range r.head() {
		b.WriteString(printable(line) + "\n")
	}
	for i, g := range r.Groups {
		if i == shownGroups {
			fmt.Fprintf(b, "\n… and %d more groups, which --format md, html and json have\n", len(r.Groups)-i)
			break
		}
		b.WriteString("\n" + cut(printable(g.title()), 100) + "\n")
		t := Table{}
		for _, l := range g.Labels {
			t.Rows = append(t.Rows, []string{"  " + r.rowName(l.Model, l.Prompts), l.shown()})
		}
		t.text(b)
	}
}

func (g *ChatGroup) title() string {
	what := fmt.Sprintf("%d texts", g.Size)
	if g.Name != "" {
		what = g.Name + ", " + what
	}
	return fmt.Sprintf("%s: %s: %s", g.Set, what, strings.Join(g.Examples, " · "))
}

// shown is the label and how well it fits; a chat model's row has none where
// another labeler took its place.
func (l *ChatLabel) shown() string {
	if !l.IsOwn() {
		return "-"
	}
	return fmt.Sprintf("%s (%.2f)", l.Label, l.Fit)
}

// IsOwn says whether the label is of the row that it stands in.
func (l ChatLabel) IsOwn() bool { return l.Prompts == "" || l.Source == "model" }

func (r *ChatReport) markdown(b *strings.Builder) {
	for _, t := range r.tables() {
		t.markdown(b)
		b.WriteString("\n")
	}
	for _, line := range r.head() {
		b.WriteString(printable(line) + "\n")
	}
	t := Table{Heads: append([]string{"group"}, r.labelNames()...)}
	for _, g := range r.Groups {
		row := []string{g.title()}
		for _, l := range g.Labels {
			row = append(row, l.shown())
		}
		t.Rows = append(t.Rows, row)
	}
	b.WriteString("\n")
	t.markdown(b)
}

// labelNames are the columns of a table of labels.
func (r *ChatReport) labelNames() []string {
	var names []string
	for _, m := range r.Models {
		if m.Error == "" {
			names = append(names, r.rowName(m.Model, m.Prompts))
		}
	}
	return names
}

// chatPage is what the page of chat models shows.
type chatPage struct {
	*ChatReport
	Title  string
	Plot   *Plot
	Tables []Table
	Lines  []string
	Names  []string
}

func (r *ChatReport) page() (string, any) {
	var points []point
	for _, m := range r.Models {
		if m.Error == "" {
			name := r.rowName(m.Model, m.Prompts)
			points = append(points, point{m.SecondsPerGroup.Value, m.Fit.Value, name, fmt.Sprintf("%s: fit %.3f, %s s for a group", name, m.Fit.Value, amount(m.SecondsPerGroup.Value))})
		}
	}
	return "chat", chatPage{r, "Chat models compared", newPlot(points, "seconds for a group (logarithmic)", "fit of the labels"), r.tables(), r.head(), r.labelNames()}
}
