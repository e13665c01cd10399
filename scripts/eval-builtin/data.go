package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sheaf/internal/testsets"
)

// readNotes reads lists of labelled notes; see the command's comment.
func readNotes(path string) ([]collection, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lists := []collection{{name: filepath.Base(path)}}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "=="); ok {
			lists = append(lists, collection{name: strings.Trim(name, "= ")})
			continue
		}
		group, items, ok := strings.Cut(line, ":")
		if !ok || line[0] == '#' {
			continue
		}
		c := &lists[len(lists)-1]
		for item := range strings.SplitSeq(items, "|") {
			c.texts = append(c.texts, strings.TrimSpace(item))
			c.groups = append(c.groups, group)
		}
	}
	return slices.DeleteFunc(lists, func(c collection) bool { return len(c.texts) == 0 }), nil
}

func readData(dir string) ([]collection, error) {
	sets, err := testsets.All(dir)
	if err != nil {
		return nil, err
	}
	out := make([]collection, len(sets))
	for i, s := range sets {
		out[i] = collection{s.Name, s.Texts, s.Groups}
	}
	return out, nil
}
