package quality

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// The golden file was made by scripts/golden-quality/make.py with scikit-learn.
func TestVMeasureEqualsScikitLearn(t *testing.T) {
	raw, err := os.ReadFile("testdata/agreement.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Classes, Clusters            []int
			Homogeneity, Completeness, V float64
		}
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Cases) < 20 {
		t.Fatalf("only %d golden cases", len(golden.Cases))
	}
	for i, c := range golden.Cases {
		got := VMeasure(c.Classes, c.Clusters)
		for _, d := range []float64{got.Homogeneity - c.Homogeneity, got.Completeness - c.Completeness, got.V - c.V} {
			if math.Abs(d) > 1e-9 {
				t.Errorf("case %d: %+v, want %v %v %v", i, got, c.Homogeneity, c.Completeness, c.V)
				break
			}
		}
	}
}

func TestVMeasureOfNothing(t *testing.T) {
	if got := VMeasure([]int{}, []string{}); got.V != 1 {
		t.Errorf("VMeasure of nothing = %+v, want V 1", got)
	}
}
