package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sheaf/internal/corpus"
)

// onALine makes clusters of texts with one coordinate each, named after it.
func onALine(lists ...[]float32) []cluster {
	var groups []cluster
	for _, list := range lists {
		g := cluster{centroid: []float32{0}}
		for _, x := range list {
			g.centroid[0] += x / float32(len(list))
			g.members = append(g.members, member{text: &text{docs: []corpus.Document{{Text: fmt.Sprint(x)}}}, vector: []float32{x}})
		}
		groups = append(groups, g)
	}
	return groups
}

func TestContrast(t *testing.T) {
	got, err := contrast(t.Context(), onALine([]float32{0, 1, 2}, []float32{6, 4, 5}, []float32{-3, -9}))
	want := []string{"4 5 -3 6 -9", "2 1 0 -3 -9", "0 1 2 4 5 6"}
	for i := range want {
		if err != nil || strings.Join(got[i], " ") != want[i] {
			t.Errorf("cluster %d: %q, %v, want %s", i, got[i], err, want[i])
		}
	}
	if got, err := contrast(t.Context(), onALine([]float32{1, 2})); err != nil || got[0] == nil || len(got[0]) != 0 {
		t.Errorf("one cluster alone: %q, %v", got, err)
	}

	// A large neighbour does not leave the others out, and is not read whole.
	large := make([]float32, 5000)
	for i := range large {
		large[i] = 2 + float32(i)/5000
	}
	got, err = contrast(t.Context(), onALine([]float32{0}, large, []float32{10, 11}, []float32{-20}))
	if err != nil || got[0][0] != "2" || len(got[0]) != 8+2+1 || !slices.Contains(got[0], "-20") {
		t.Errorf("%q, %v", got[0], err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := contrast(ctx, onALine([]float32{1}, []float32{2})); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
