package kmeans

import (
	"context"
	"math"
	"testing"
)

func naiveDist(x, y []float32) float64 {
	_, sq := naiveNearest(x, y, 1, len(x))
	return math.Sqrt(sq)
}

// naiveSimplified is the simplified silhouette as it is written down.
func naiveSimplified(x []float32, n, d int, labels []int32, c []float32, k int) float64 {
	size := make([]int, k)
	for _, j := range labels {
		size[j]++
	}
	var sum float64
	for i := range n {
		if size[labels[i]] == 1 {
			continue
		}
		row := x[i*d : (i+1)*d]
		b := math.Inf(1)
		for j := range k {
			if j != int(labels[i]) {
				b = min(b, naiveDist(row, c[j*d:(j+1)*d]))
			}
		}
		a := naiveDist(row, c[int(labels[i])*d:(int(labels[i])+1)*d])
		if m := max(a, b); m > 0 {
			sum += (b - a) / m
		}
	}
	return sum / float64(n)
}

func TestSimplifiedSilhouetteIsNaive(t *testing.T) {
	for _, k := range []int{2, 5, 8, 9, 60, 250} {
		n, d := 300, 11
		x, _ := blobs(n, d, 9, 0.5, 4)
		r := mustFit(t, x, n, d, Options{K: k, Restarts: 1})
		// Labels that are not the nearest, too.
		wrong := make([]int32, n)
		for i := range wrong {
			wrong[i] = int32((i * i) % k)
		}
		for _, labels := range [][]int32{r.Labels, wrong} {
			got, err := SimplifiedSilhouette(context.Background(), x, n, d, labels, r.Centroids, k, ScoreOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if want := naiveSimplified(x, n, d, labels, r.Centroids, k); math.Abs(got-want) > 1e-12 && (k <= measuredK || math.Abs(got-want) > 1e-6) {
				t.Errorf("k=%d: %v, want %v", k, got, want)
			}
		}
	}
}

// TestScoresByHand has numbers that can be checked on paper.
func TestScoresByHand(t *testing.T) {
	ctx := context.Background()
	x := []float32{0, 2, 10, 12, 50}
	labels := []int32{0, 0, 1, 1, 2}
	centroids := []float32{1, 11, 50}
	s, err := SimplifiedSilhouette(ctx, x, 5, 1, labels, centroids, 3, ScoreOptions{})
	if want := (10./11 + 8./9 + 8./9 + 10./11 + 0) / 5; err != nil || math.Abs(s-want) > 1e-15 {
		t.Errorf("simplified silhouette is %v, want %v; %v", s, want, err)
	}
	s, err = Silhouette(ctx, x, 5, 1, labels, 3, ScoreOptions{})
	if want := (9./11 + 7./9 + 7./9 + 9./11 + 0) / 5; err != nil || math.Abs(s-want) > 1e-15 {
		t.Errorf("silhouette is %v, want %v; %v", s, want, err)
	}
	// Weighted, means and dispersions are those of repeated rows.
	y := []float32{0, 2, 2, 2, 10, 12, 50, 50}
	w := []float32{1, 3, 1, 1, 2}
	for name, f := range map[string]func(context.Context, []float32, int, int, []int32, int, ScoreOptions) (float64, error){
		"Calinski-Harabasz": CalinskiHarabasz, "Davies-Bouldin": DaviesBouldin,
	} {
		want, err := f(ctx, y, 8, 1, []int32{0, 0, 0, 0, 1, 1, 2, 2}, 3, ScoreOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := f(ctx, x, 5, 1, labels, 3, ScoreOptions{Weights: w})
		if err != nil || !near(got, want, 1e-12) {
			t.Errorf("%s is %v weighted, %v repeated; %v", name, got, want, err)
		}
	}
	// A row's own weight does not enter its a: that of row 0 is still 2. Its b
	// is 11 to rows of equal weight.
	s, err = Silhouette(ctx, x[:4], 4, 1, labels[:4], 2, ScoreOptions{Weights: []float32{1, 3, 1, 1}})
	if want := (9./11 + 3*7./9 + (8.5-2)/8.5 + (10.5-2)/10.5) / 6; err != nil || math.Abs(s-want) > 1e-12 {
		t.Errorf("weighted silhouette is %v, want %v; %v", s, want, err)
	}
}

func TestScoresOfDegenerateClusterings(t *testing.T) {
	ctx := context.Background()
	x := []float32{0, 1, 5}
	for _, c := range []struct {
		name         string
		labels       []int32
		k            int
		sil, ch, dav float64
	}{
		{"all alone", []int32{0, 1, 2}, 3, 0, 1, 0},
		{"one used", []int32{1, 1, 1}, 2, 0, 1, 0},
		{"one empty", []int32{0, 0, 2}, 3, (4./5 + 3./4) / 3, 13.5 / 0.5, 0.5 / 4.5},
	} {
		sil, err1 := Silhouette(ctx, x, 3, 1, c.labels, c.k, ScoreOptions{})
		ch, err2 := CalinskiHarabasz(ctx, x, 3, 1, c.labels, c.k, ScoreOptions{})
		dav, err3 := DaviesBouldin(ctx, x, 3, 1, c.labels, c.k, ScoreOptions{})
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatal(err1, err2, err3)
		}
		if math.Abs(sil-c.sil) > 1e-12 || math.Abs(ch-c.ch) > 1e-12 || math.Abs(dav-c.dav) > 1e-12 {
			t.Errorf("%s: %v, %v, %v; want %v, %v, %v", c.name, sil, ch, dav, c.sil, c.ch, c.dav)
		}
	}
	for name, f := range map[string]func() error{
		"k=1":     func() error { _, err := Silhouette(ctx, x, 3, 1, []int32{0, 0, 0}, 1, ScoreOptions{}); return err },
		"no rows": func() error { _, err := Silhouette(ctx, nil, 0, 1, nil, 2, ScoreOptions{}); return err },
		"NaN centroid": func() error {
			_, err := SimplifiedSilhouette(ctx, x, 3, 1, []int32{0, 0, 1}, []float32{0, float32(math.NaN())}, 2, ScoreOptions{})
			return err
		},
	} {
		if f() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
