package bench

import (
	"slices"
	"testing"
)

// What numpy.random.RandomState draws for the same seeds, by numpy 1.24.
func TestRandomState(t *testing.T) {
	r := newRandomState(0)
	if got, want := []float64{r.uniform(), r.uniform(), r.uniform()}, []float64{0.5488135039273248, 0.7151893663724195, 0.6027633760716439}; !slices.Equal(got, want) {
		t.Errorf("random_sample: %v, want %v", got, want)
	}
	if got, want := newRandomState(0).rows(10, 10), []int{5, 0, 3, 3, 7, 9, 3, 5, 2, 4}; !slices.Equal(got, want) {
		t.Errorf("randint: %v, want %v", got, want)
	}
	if got, want := newRandomState(0).permutation(10), []int{2, 8, 4, 9, 1, 6, 7, 3, 0, 5}; !slices.Equal(got, want) {
		t.Errorf("permutation: %v, want %v", got, want)
	}
	r = newRandomState(1<<32 - 1)
	if got, want := r.rows(3000, 5), []int{2467, 290, 1972, 214, 506}; !slices.Equal(got, want) {
		t.Errorf("randint: %v, want %v", got, want)
	}
	if got := r.uniform(); got != 0.01793967398674523 {
		t.Errorf("uniform: %v", got)
	}
	if got, want := r.permutation(500)[:4], []int{166, 110, 284, 23}; !slices.Equal(got, want) {
		t.Errorf("choice: %v, want %v", got, want)
	}
	r = newRandomState(7)
	if got, want := r.rows(1<<30, 1000)[997:], []int{591350815, 375935972, 704310049}; !slices.Equal(got, want) { // over one state's 624
		t.Errorf("randint: %v, want %v", got, want)
	}
	if newRandomState(1).below(1) != 0 {
		t.Error("below(1)")
	}
}
