package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sheaf/engine/static"
	"sheaf/models/builtin"
)

func TestReadNotes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lists")
	if err := os.WriteFile(path, []byte("# comment: a | b\nfruit: apple | pear\n== second\npets: cat | dog\nfruit: fig\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lists, err := readNotes(path)
	if err != nil || len(lists) != 2 || lists[1].name != "second" {
		t.Fatalf("readNotes = %+v, %v", lists, err)
	}
	if !slices.Equal(lists[1].texts, []string{"cat", "dog", "fig"}) || !slices.Equal(lists[1].groups, []string{"pets", "pets", "fruit"}) {
		t.Errorf("second list %+v", lists[1])
	}
}

// The lists in the repository are whole: each has its groups, and no note is
// twice in a list.
func TestLists(t *testing.T) {
	for _, file := range []string{"lists-tuning.txt", "lists-held-back.txt", "../../examples/notes.groups"} {
		lists, err := readNotes(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lists {
			seen := make(map[string]bool)
			for _, text := range l.texts {
				if seen[text] || text == "" {
					t.Errorf("%s, %s: note %q is empty or there twice", file, l.name, text)
				}
				seen[text] = true
			}
			if len(l.texts) < 20 {
				t.Errorf("%s, %s: only %d notes", file, l.name, len(l.texts))
			}
		}
	}
}

func TestMeasure(t *testing.T) {
	m, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := collection{texts: []string{"apple", "pear", "fig", "cat", "dog", "hamster"}, groups: []string{"f", "f", "f", "p", "p", "p"}}
	if v, err := measure(t.Context(), m, c, 2, -1); err != nil || v != 1 {
		t.Errorf("measure = %v, %v; want 1", v, err)
	}
}
