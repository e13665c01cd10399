package pipeline

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sheaf/internal/corpus"
	"sheaf/internal/report"
)

// Topics in a file are embedded with the same bits as those in memory, and those
// without a known word are skipped alike, also where few are left.
func TestTopicsInFile(t *testing.T) {
	none := -1.0
	for name, tt := range map[string]struct {
		n     int
		lost  func(i int) bool
		adapt *float64
	}{
		"fitted":       {topicBlock + 400, func(i int) bool { return i%97 == 5 || i == topicBlock }, nil},
		"as they are":  {topicBlock + 50, func(i int) bool { return i%7 == 0 }, &none},
		"few are left": {500, func(i int) bool { return i%10 > 0 }, nil},
	} {
		var kept [2]*collection
		var results [2]report.Result
		for i := range kept {
			from := topics{}
			if i == 1 {
				if err := from.spill(t.TempDir()); err != nil {
					t.Fatal(err)
				}
			}
			var texts []text
			for j := range tt.n {
				topic := fmt.Sprintf("plan a dinner of %s for %s in spring", []string{"lentils", "rice", "apples"}[j%3], []string{"children", "guests", "cats", "friends"}[j%4])
				if tt.lost(j) {
					topic = ""
				}
				if err := from.add(topic); err != nil {
					t.Fatal(err)
				}
				texts = append(texts, text{docs: []corpus.Document{{Source: fmt.Sprint(j)}}, order: []int{j}})
			}
			col, err := embedBlocks(t.Context(), builtinSpace(t), texts, &from, &results[i], &Common{Adapt: tt.adapt})
			if err != nil {
				t.Fatal(err)
			}
			kept[i] = col
			if err := from.close(); err != nil {
				t.Error(err)
			}
		}
		a, b := kept[0], kept[1]
		if !slices.Equal(a.vectors.Data, b.vectors.Data) || a.vectors.Cols != b.vectors.Cols || a.vectors.Rows != b.vectors.Rows || !reflect.DeepEqual(a.texts, b.texts) {
			t.Errorf("%s: %d×%d vectors of %d texts, want %d×%d of %d, or others", name,
				b.vectors.Rows, b.vectors.Cols, len(b.texts), a.vectors.Rows, a.vectors.Cols, len(a.texts))
		}
		if !reflect.DeepEqual(results[0], results[1]) || len(results[0].Skipped) == 0 {
			t.Errorf("%s: %+v, want %+v", name, results[1].Manifest.Embedding.Adapt, results[0].Manifest.Embedding.Adapt)
		}
	}
}

// Many texts in memory, as those of sheaf notes, are fitted block by block with the
// bits of all at once; of texts without a known word alone, all are told.
func TestManyTextsInBlocks(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: many texts")
	}
	space := builtinSpace(t)
	collect := func(topic func(i int) string) (texts []text, raw []string) {
		for i := range manyTexts + 30 {
			texts = append(texts, text{docs: []corpus.Document{{Source: fmt.Sprint(i)}}, order: []int{i}})
			raw = append(raw, topic(i))
		}
		return texts, raw
	}
	topic := func(i int) string {
		if i%1000 == 7 {
			return ""
		}
		return fmt.Sprintf("plan a dinner of %s for %s in spring", []string{"lentils", "rice", "apples"}[i%3], []string{"children", "guests", "cats", "friends"}[i/2%4])
	}
	var results [2]report.Result
	texts, raw := collect(topic)
	want, err := embed(t.Context(), space, texts, raw, &results[0], &Common{})
	if err != nil {
		t.Fatal(err)
	}
	texts, raw = collect(topic)
	got, err := embedBlocks(t.Context(), space, texts, &topics{list: raw}, &results[1], &Common{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.vectors.Data, want.vectors.Data) || got.vectors.Cols != want.vectors.Cols || !reflect.DeepEqual(got.texts, want.texts) {
		t.Errorf("%d×%d vectors, want %d×%d, or others", got.vectors.Rows, got.vectors.Cols, want.vectors.Rows, want.vectors.Cols)
	}
	if !reflect.DeepEqual(results[0], results[1]) || len(results[0].Skipped) != 21 {
		t.Errorf("%d skipped, want %d", len(results[1].Skipped), len(results[0].Skipped))
	}
	texts, raw = collect(func(int) string { return "" })
	if _, err := embedBlocks(t.Context(), space, texts, &topics{list: raw}, &results[1], &Common{}); err == nil || !strings.Contains(err.Error(), "none of the 20030 distinct texts") {
		t.Errorf("error %v", err)
	}
}
