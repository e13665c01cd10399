package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	for _, file := range []string{"lists-tuning.txt", "lists-tuning-2.txt", "lists-held-back.txt", "lists-languages.txt", "lists-fresh.txt", "../../examples/notes.groups"} {
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

// The table has a row for each cluster, with the words of the notes in it and
// the group that most of them are of.
func TestWriteLabels(t *testing.T) {
	lists := []collection{{
		name:   "two",
		texts:  []string{"apple", "pear", "fig", "2001", "cat", "dog|hound", "hamster"},
		groups: []string{"f", "f", "f", "f", "p", "p", "p"},
	}}
	var b strings.Builder
	if err := writeLabels(t.Context(), &b, lists); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\n## two\n", "**Fruit**", "| p (3 of 4) | ", `dog\|hound`, "2001"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, b.String())
		}
	}
	if n := strings.Count(b.String(), "\n"); n != 2+3+2 {
		t.Errorf("%d lines:\n%s", n, b.String())
	}
}
