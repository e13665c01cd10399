package quality

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"testing"
)

// The golden file was made by scripts/golden-quality/make.py with scikit-learn.
func TestEqualsScikitLearn(t *testing.T) {
	f, err := os.Open("testdata/agreement.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Name              string
			Classes, Clusters []int

			Homogeneity, Completeness, V float64

			NMI, AMI       [4]float64
			ARI            float64
			FowlkesMallows float64 `json:"fowlkes_mallows"`
			Accuracy       float64
			Purity         float64
		}
	}
	if err := json.NewDecoder(text).Decode(&golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Cases) < 1000 {
		t.Fatalf("only %d golden cases", len(golden.Cases))
	}
	for _, c := range golden.Cases {
		table := Cross(c.Classes, c.Clusters)
		v := table.VMeasure()
		got := []float64{v.Homogeneity, v.Completeness, v.V, table.ARI(), table.FowlkesMallows(), table.Accuracy(), table.Purity()}
		want := []float64{c.Homogeneity, c.Completeness, c.V, c.ARI, c.FowlkesMallows, c.Accuracy, c.Purity}
		names := []string{"homogeneity", "completeness", "V", "ARI", "Fowlkes-Mallows", "accuracy", "purity"}
		for m := Arithmetic; m <= Max; m++ {
			got, want = append(got, table.NMI(m), table.AMI(m)), append(want, c.NMI[m], c.AMI[m])
			names = append(names, "NMI", "AMI")
		}
		for i := range got {
			if !(math.Abs(got[i]-want[i]) <= 1e-9) {
				t.Errorf("%s: %s is %v, want %v", c.Name, names[i], got[i], want[i])
			}
		}
	}
}
