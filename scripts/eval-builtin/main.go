// Eval-builtin measures static models on labelled collections: embed, adapt,
// cluster into the true number of groups, compare with the true groups. It
// prints the Markdown table of models/builtin/CARD.md.
//
//	go run ./scripts/eval-builtin -data DIR [-model DIR]
//
// DIR holds banking77 (test.csv: text,category) and clinc150 (data_full.json,
// domains.json). Without -model it measures the built-in model.
package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sheaf/engine/adapt"
	"sheaf/engine/static"
	"sheaf/internal/quality"
	"sheaf/kmeans"
	"sheaf/models/builtin"
)

func main() {
	data := flag.String("data", "", "the folder of the labelled collections")
	model := flag.String("model", "", "a static model's folder; empty means the built-in model")
	notes := flag.String("notes", "examples/notes.groups", "labelled notes: group: item | item")
	gamma := flag.Float64("gamma", -1, "weight of the LSA block; negative means by size")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(context.Background(), *data, *model, *notes, *gamma); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// A collection is texts with their true groups.
type collection struct {
	name          string
	texts, groups []string
	k             []int // numbers of clusters to try; nil means the true one
}

func run(ctx context.Context, data, model, notes string, gamma float64) error {
	var m *static.Model
	var err error
	if model == "" {
		m, err = static.OpenFS(builtin.ModelFS(), "builtin", static.Options{})
	} else {
		m, err = static.Open(model, static.Options{})
	}
	if err != nil {
		return err
	}
	defer m.Close()
	var sets []collection
	c, err := readNotes(notes)
	if err != nil {
		return err
	}
	sets = append(sets, c)
	if data != "" {
		more, err := readData(data)
		if err != nil {
			return err
		}
		sets = append(sets, more...)
	}
	fmt.Println("| set | texts | k | V-measure |\n|---|---|---|---|")
	for _, c := range sets {
		ks := c.k
		if ks == nil {
			seen := map[string]bool{}
			for _, g := range c.groups {
				seen[g] = true
			}
			ks = []int{len(seen)}
		}
		for _, k := range ks {
			v, err := measure(ctx, m, c, k, gamma)
			if err != nil {
				return err
			}
			fmt.Printf("| %s | %d | %d | %.3f |\n", c.name, len(c.texts), k, v)
		}
	}
	return nil
}

func measure(ctx context.Context, m *static.Model, c collection, k int, gamma float64) (float64, error) {
	emb, err := m.Embed(ctx, c.texts, nil)
	if err != nil {
		return 0, err
	}
	var opts adapt.Options
	if gamma >= 0 {
		opts.Gamma = &gamma
	}
	v, _, err := adapt.Apply(ctx, emb, m.Info(), c.texts, m.Tokenizer(), opts)
	if err != nil {
		return 0, err
	}
	res, err := kmeans.Fit(ctx, v.Data, v.Rows, v.Cols, kmeans.Options{K: k, Seed: 1})
	if err != nil {
		return 0, fmt.Errorf("%s: %w", c.name, err)
	}
	return quality.VMeasure(c.groups, res.Labels).V, nil
}

// readNotes reads lines of "group: item | item".
func readNotes(path string) (collection, error) {
	c := collection{name: "the 32 notes", k: []int{7, 9}}
	raw, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	for line := range strings.Lines(string(raw)) {
		group, items, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		for item := range strings.SplitSeq(items, "|") {
			c.texts = append(c.texts, strings.TrimSpace(item))
			c.groups = append(c.groups, group)
		}
	}
	return c, nil
}

func readData(dir string) ([]collection, error) {
	f, err := os.Open(filepath.Join(dir, "banking77", "test.csv"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	bank := collection{name: "banking77 test"}
	for _, r := range rows[1:] {
		bank.texts, bank.groups = append(bank.texts, r[0]), append(bank.groups, r[1])
	}
	var splits map[string][][2]string
	if err := readJSON(filepath.Join(dir, "clinc150", "data_full.json"), &splits); err != nil {
		return nil, err
	}
	var domains map[string][]string
	if err := readJSON(filepath.Join(dir, "clinc150", "domains.json"), &domains); err != nil {
		return nil, err
	}
	domainOf := map[string]string{}
	for d, intents := range domains {
		for _, i := range intents {
			domainOf[i] = d
		}
	}
	intents, dom := collection{name: "clinc150 test, intents"}, collection{name: "clinc150 test, domains"}
	for _, r := range splits["test"] {
		intents.texts, intents.groups = append(intents.texts, r[0]), append(intents.groups, r[1])
		dom.texts, dom.groups = append(dom.texts, r[0]), append(dom.groups, domainOf[r[1]])
	}
	return []collection{bank, intents, dom}, nil
}

func readJSON(path string, v any) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
