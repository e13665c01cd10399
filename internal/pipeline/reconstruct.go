package pipeline

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/quality"
	"sheaf/internal/report"
	"sheaf/labeler"
)

// Reconstruction measures a run on conversations whose topics are known: the
// parents are fixed to the true categories, each base cluster is assigned to
// one, and what is counted is how many conversations end below their own
// (Tamkin et al. 2024, "Clio", appendix on reconstruction).

// A categories is the truth, as a file has it.
type categories struct {
	Categories []category        `json:"categories"`
	Labels     map[string]string `json:"labels"` // id of a conversation ▸ name of its category
}

type category struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// readCategories reads the file of --reconstruct; nil where there is none.
func readCategories(file string) (*categories, error) {
	if file == "" {
		return nil, nil
	}
	const how = `it is JSON: {"categories": [{"name": "…", "description": "…"}], "labels": {"id of a conversation": "name of its category"}}`
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, hint.Errorf("check the path and its permissions", "categories: %w", err)
	}
	var c categories
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, hint.Errorf(how, "%s: %w", file, err)
	}
	seen := make(map[string]bool)
	for _, cat := range c.Categories {
		if cat.Name == "" || seen[cat.Name] {
			return nil, hint.Errorf("give each category a name of its own", "%s: a category without a name, or with one that another has", file)
		}
		seen[cat.Name] = true
	}
	if len(c.Categories) < 2 || len(c.Labels) == 0 {
		return nil, hint.Errorf(how, "%s has %d categories and labels for %d conversations", file, len(c.Categories), len(c.Labels))
	}
	for id, name := range c.Labels {
		if !seen[name] {
			return nil, hint.Errorf("add it to the categories, or correct the label", "%s: conversation %s has a category that is not among them", file, id)
		}
	}
	return &c, nil
}

func (c *categories) names() []string {
	var out []string
	for _, cat := range c.Categories {
		out = append(out, cat.Name)
	}
	return out
}

func (c category) text() string { return strings.TrimSpace(c.Name + ". " + c.Description) }

// appendTo adds the categories to the texts that are embedded, so that their
// vectors are fitted to the same collection.
func (c *categories) appendTo(texts []text, to *topics) ([]text, error) {
	for _, cat := range c.Categories {
		texts = append(texts, text{docs: []corpus.Document{{Source: "category " + cat.Name}}, order: []int{-1}})
		if err := to.add(cat.text()); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// takeFrom takes the categories out again and returns their vectors, a row each.
func (c *categories) takeFrom(col *collection) (blas32.General, error) {
	n := len(col.texts) - len(c.Categories)
	if n < 1 || col.texts[n].order[0] >= 0 || n > 1 && col.texts[n-1].order[0] < 0 {
		return blas32.General{}, hint.Errorf("describe them in other words, or choose another --model", "a category has no word that the model knows")
	}
	d := col.vectors.Cols
	rows := blas32.General{Rows: len(c.Categories), Cols: d, Stride: d, Data: col.vectors.Data[n*d:]}
	col.vectors.Rows, col.vectors.Data = n, col.vectors.Data[:n*d]
	col.texts = col.texts[:n]
	return rows, nil
}

// assign gives each cluster the category whose vector has the highest cosine
// with its centroid.
func (c *categories) assign(groups []cluster, rows blas32.General) []int {
	out := make([]int, len(groups))
	for i, g := range groups {
		best := 0.0
		for k := range rows.Rows {
			if s := dot(g.centroid, rows.Data[k*rows.Stride:][:rows.Cols]); k == 0 || s > best {
				best, out[i] = s, k
			}
		}
	}
	return out
}

// hierarchy is the assignment of the clusters that are shown as a hierarchy, in
// which a category without any is left out, and the labels of its parents.
func (c *categories) hierarchy(assigned []int) (labeler.Hierarchy, []labeler.Label) {
	used := slices.Compact(slices.Sorted(slices.Values(assigned)))
	parents := make([]int, len(assigned))
	for i, k := range assigned {
		parents[i], _ = slices.BinarySearch(used, k)
	}
	var labels []labeler.Label
	for _, k := range used {
		labels = append(labels, labeler.Label{Text: c.Categories[k].Name, Description: c.Categories[k].Description, Source: labeler.FromUser})
	}
	return labeler.Hierarchy{parents}, labels
}

// score compares the assignment of all clusters with the labels.
func (c *categories) score(chats *conversations, groups []cluster, assigned []int) (*report.Reconstruction, error) {
	out := &report.Reconstruction{Categories: len(c.Categories), ByLanguage: make(map[string]report.Accuracy)}
	var truth []string
	var base []int
	for k, g := range groups {
		for _, m := range g.members {
			for _, i := range m.text.order {
				name, ok := c.Labels[chats.list[i].id]
				if !ok {
					name, ok = c.Labels[chats.list[i].ref]
				}
				if !ok {
					continue
				}
				truth, base = append(truth, name), append(base, k)
				language := chats.list[chats.list[i].first].language
				if language == "" {
					language = "unknown"
				}
				a := out.ByLanguage[language]
				a.Conversations++
				out.Conversations++
				if c.Categories[assigned[k]].Name == name {
					a.Right++
					out.Right++
				}
				out.ByLanguage[language] = a
			}
		}
	}
	if out.Conversations == 0 {
		return nil, hint.Errorf("use the ids of the input, or those that stand in the JSON result", "none of the labels is of a conversation that was read")
	}
	for language, a := range out.ByLanguage {
		a.Accuracy = float64(a.Right) / float64(a.Conversations)
		out.ByLanguage[language] = a
	}
	out.Accuracy.Accuracy = float64(out.Right) / float64(out.Conversations)
	agreement := quality.VMeasure(truth, base)
	out.Base = report.Agreement{Homogeneity: agreement.Homogeneity, Completeness: agreement.Completeness, V: agreement.V}
	return out, nil
}

// reconstructionLine says how a reconstruction went.
func reconstructionLine(r *report.Reconstruction) string {
	var parts []string
	for _, language := range slices.Sorted(maps.Keys(r.ByLanguage)) {
		a := r.ByLanguage[language]
		parts = append(parts, fmt.Sprintf("%s %.3f of %d", language, a.Accuracy, a.Conversations))
	}
	return fmt.Sprintf("reconstruction: accuracy %.3f on %d conversations in %d categories (%s); V-measure of the base clusters %.3f",
		r.Accuracy.Accuracy, r.Conversations, r.Categories, strings.Join(parts, ", "), r.Base.V)
}
