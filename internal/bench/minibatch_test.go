package bench

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"sheaf/internal/quality"
)

// A batchSet is a set of vectors and the V-measures that scikit-learn's
// MiniBatchKMeans reaches on it; scripts/golden-minibatch writes them.
type batchSet struct {
	Name    string
	Seed    uint64
	N, D, K int
	Spread  float64
	Skew    bool
	SHA256  string
	V       []float64
}

// splitmix64 (Steele, Lea and Flood 2014) is what both languages draw from.
type splitmix64 uint64

func (s *splitmix64) uniform() float64 {
	*s += 0x9E3779B97F4A7C15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	z ^= z >> 31
	return float64(z>>11) / (1 << 53)
}

func (s *splitmix64) aboutNormal() float64 {
	total := 0.0
	for range 12 {
		total += s.uniform()
	}
	return total - 6
}

// vectors are those of the script, bit by bit. The conversions keep a compiler
// from fusing a product with a sum.
func (b *batchSet) vectors() (x []float32, labels []int) {
	rng := splitmix64(b.Seed)
	centres := make([]float64, b.K*b.D)
	for i := range centres {
		centres[i] = rng.aboutNormal()
	}
	labels = make([]int, b.N)
	for i := range labels {
		u, w := rng.uniform(), rng.uniform()
		if b.Skew {
			u = float64(u * w)
		}
		labels[i] = int(u * float64(b.K))
	}
	x = make([]float32, b.N*b.D)
	row := make([]float64, b.D)
	for i, l := range labels {
		square := 0.0
		for t := range row {
			row[t] = centres[l*b.D+t] + float64(b.Spread*rng.aboutNormal())
			square += float64(row[t] * row[t])
		}
		for t, v := range row {
			x[i*b.D+t] = float32(v / math.Sqrt(square))
		}
	}
	return x, labels
}

// MTEB's first protocol rests on scikit-learn's MiniBatchKMeans. With the same
// random numbers ours groups the same vectors as it does: on each set the median
// of ten seeds is within one point, and nearly all runs are the same. From one ten seeds
// to another scikit-learn's own median moves by up to four points here.
func TestMiniBatchIsScikitLearns(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it runs on one thread, for a minute under the race detector")
	}
	raw, err := os.ReadFile("testdata/minibatch.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Batch int
		Sets  []batchSet
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	if golden.Batch != v1Batch || len(golden.Sets) == 0 {
		t.Fatalf("batches of %d and %d sets", golden.Batch, len(golden.Sets))
	}
	runs, same := 0, 0
	for _, set := range golden.Sets {
		x, labels := set.vectors()
		h := sha256.New()
		if err := binary.Write(h, binary.LittleEndian, x); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", h.Sum(nil)); got != set.SHA256 {
			t.Fatalf("%s, seed %d: the vectors are others than scikit-learn's: %s", set.Name, set.Seed, got)
		}
		if len(set.V) != mtebRuns {
			t.Fatalf("%s, seed %d: %d runs", set.Name, set.Seed, len(set.V))
		}
		var ours []float64
		for seed := range uint32(mtebRuns) {
			of, err := miniBatch(context.Background(), x, set.N, set.D, miniBatchOptions{K: set.K, Seed: seed, BatchSize: v1Batch, Inits: v1Inits})
			if err != nil {
				t.Fatal(err)
			}
			ours = append(ours, quality.VMeasure(labels, of).V)
			runs++
			if math.Abs(ours[seed]-set.V[seed]) < 1e-3 {
				same++
			}
		}
		got, want := 100*median(ours), 100*median(set.V)
		t.Logf("%s, seed %d: V-measure %.2f, scikit-learn's %.2f", set.Name, set.Seed, got, want)
		if math.Abs(got-want) > 1 {
			t.Errorf("%s, seed %d: V-measure %.2f, scikit-learn's %.2f", set.Name, set.Seed, got, want)
		}
	}
	t.Logf("%d of %d runs are the same", same, runs)
	if 10*same < 9*runs { // all of them where they were written
		t.Errorf("only %d of %d runs are the same", same, runs)
	}
}

func median(v []float64) float64 { return quality.Quantile(slices.Sorted(slices.Values(v)), 0.5) }
