package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"sheaf/internal/corpus"
	"sheaf/internal/pipeline"
	"sheaf/internal/report"
)

func printLabels(ctx context.Context, notes string) error {
	lists, err := readNotes(notes)
	if err != nil {
		return err
	}
	return writeLabels(ctx, os.Stdout, lists)
}

// writeLabels clusters each list into its true number of groups, as `sheaf
// notes -k N --labeler keywords` does, and writes a row for each cluster: the
// true group that most of its members are of, the label, the label's reason,
// and the members. A person then judges whether the label is one that they
// would accept for these members, so the column for that is left empty.
func writeLabels(ctx context.Context, w io.Writer, lists []collection) error {
	for _, c := range lists {
		if _, err := fmt.Fprintf(w, "\n## %s\n\n| group | label | ok | members | reason |\n|---|---|---|---|---|\n", c.name); err != nil {
			return err
		}
		res, err := labelled(ctx, c)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		at := make(map[string]int) // an item's id ▸ its place in the list, which is its number
		for i := range c.texts {
			at["n"+strconv.Itoa(i+1)] = i
		}
		for _, cl := range res.Clusters {
			var members, groups []string
			for _, id := range cl.Items {
				members = append(members, c.texts[at[id]])
				groups = append(groups, c.groups[at[id]])
			}
			if _, err := fmt.Fprintf(w, "| %s | **%s** | | %s | %s |\n",
				cell(majority(groups)), cell(cl.Label), cell(strings.Join(members, "; ")), cell(cl.LabelReason)); err != nil {
				return err
			}
		}
	}
	return nil
}

func labelled(ctx context.Context, c collection) (*report.Result, error) {
	k := len(slices.Compact(slices.Sorted(slices.Values(c.groups))))
	out, err := pipeline.Notes(ctx, []corpus.Input{{Name: "-", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(strings.Join(c.texts, "\n"))), nil
	}}}, pipeline.NotesOptions{
		Format: corpus.FormatLines,
		Common: pipeline.Common{K: k, Seed: 1, Labeler: "keywords", Explain: true},
	})
	if err != nil {
		return nil, err
	}
	return out.Result, nil
}

// majority is the group that most are of, and how many where it is not all.
func majority(groups []string) string {
	count := make(map[string]int)
	best := ""
	for _, g := range groups {
		if count[g]++; best == "" || count[g] > count[best] {
			best = g
		}
	}
	if count[best] < len(groups) {
		return fmt.Sprintf("%s (%d of %d)", best, count[best], len(groups))
	}
	return best
}

// cell is a text as it may stand in a Markdown table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
