// Eval-builtin measures static models on labelled collections: embed, adapt,
// cluster into the true number of groups, compare with the true groups. It
// prints a Markdown table; models/builtin/CARD.md is put together from it.
//
//	go run ./scripts/eval-builtin -data DIR [-model DIR]
//
// DIR holds banking77 (test.csv: text,category), clinc150 (data_full.json,
// domains.json), snips (validate_*.json) and sgd (*_dialogues_*.json). Without
// -model it measures the built-in model. -notes names files of labelled notes,
// each line "group: item | item"; a line "== name" begins another list.
//
// With -labels it prints, in place of the measures, the name that each cluster
// of those lists gets without a chat model; models/builtin/LABELS.md is put
// together from it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

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
	labels := flag.Bool("labels", false, "print the labels of the notes' clusters")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx := context.Background()
	do := func() error { return run(ctx, *data, *model, *notes, *gamma) }
	if *labels {
		do = func() error { return printLabels(ctx, *notes) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// A collection is texts with their true groups.
type collection struct {
	name          string
	texts, groups []string
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
	sets, err := readNotes(notes)
	if err != nil {
		return err
	}
	if data != "" {
		more, err := readData(data)
		if err != nil {
			return err
		}
		sets = append(sets, more...)
	}
	fmt.Println("| set | texts | k | V-measure |\n|---|---|---|---|")
	for _, c := range sets {
		seen := map[string]bool{}
		for _, g := range c.groups {
			seen[g] = true
		}
		ks := []int{len(seen)}
		if c.name == "notes.groups" {
			ks = append(ks, 9) // what the founding article had
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
	v, _, err := adapt.Apply(ctx, emb, m.Info(), c.texts, m, opts)
	if err != nil {
		return 0, err
	}
	res, err := kmeans.Fit(ctx, v.Data, v.Rows, v.Cols, kmeans.Options{K: k, Seed: 1})
	if err != nil {
		return 0, fmt.Errorf("%s: %w", c.name, err)
	}
	return quality.VMeasure(c.groups, res.Labels).V, nil
}
