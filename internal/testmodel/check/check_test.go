package check

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestDistance(t *testing.T) {
	nan := float32(math.NaN())
	for _, tt := range []struct {
		a    []float32
		b    []float64
		want float64
	}{
		{nil, nil, 0},
		{[]float32{1, 2}, []float64{1, 2.5}, 0.5},
		{[]float32{1}, []float64{1, 2}, math.Inf(1)},
	} {
		if got := Distance(tt.a, tt.b); got != tt.want {
			t.Errorf("Distance(%v, %v) = %g, want %g", tt.a, tt.b, got, tt.want)
		}
	}
	// A NaN must not pass for near.
	if d := Distance([]float32{nan, 1}, []float64{0, 1}); d <= 1 {
		t.Errorf("a NaN is %g away", d)
	}
}

func TestTexts(t *testing.T) {
	if !slices.Equal(Random(1, 5, 9), Random(1, 5, 9)) || slices.Equal(Random(1, 5, 9), Random(2, 5, 9)) {
		t.Error("Random does not follow its seed")
	}
	longest, shortest := 0, 1000
	for _, text := range Mixed(1, 400) {
		n := len(strings.Fields(text))
		longest, shortest = max(longest, n), min(shortest, n)
	}
	if shortest > 3 || longest < 150 || longest > 250 {
		t.Errorf("texts of %d to %d words", shortest, longest)
	}
}
