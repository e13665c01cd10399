package kmeans

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// unitRows returns n rows of unit length around as many directions as say,
// with a spread like that of sentence embeddings: a row's cosine to its own
// direction is about 0.6.
func unitRows(n, d, directions int, seed uint64) []float32 {
	rng := rand.New(rand.NewPCG(seed, 7))
	c := make([]float32, directions*d)
	for i := range c {
		c[i] = float32(rng.NormFloat64())
	}
	x := make([]float32, n*d)
	for i := range n {
		row := x[i*d : (i+1)*d]
		// Squared, so that some directions have many rows and most few.
		u := rng.Float64()
		j := int(u * u * float64(directions))
		for t := range row {
			row[t] = c[j*d+t] + float32(1.3*rng.NormFloat64())
		}
		normalize(row)
	}
	return x
}

func BenchmarkFit(b *testing.B) {
	const d = 160
	for _, n := range []int{1_000, 10_000, 100_000} {
		k := min(100, n/50)
		x := unitRows(n, d, 150, 1)
		b.Run(fmt.Sprintf("n=%d/k=%d", n, k), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := mustFit(b, x, n, d, Options{K: k})
				b.ReportMetric(r.Inertia, "inertia")
				b.ReportMetric(float64(r.Iterations), "iterations")
			}
		})
	}
}

func BenchmarkAssign(b *testing.B) {
	const n, d = 20_000, 160
	x := unitRows(n, d, 150, 1)
	for _, k := range []int{8, 100, 1000} {
		c := unitRows(k, d, k, 2)
		b.Run(fmt.Sprintf("k=%d", k), func(b *testing.B) {
			for b.Loop() {
				if _, err := Assign(context.Background(), x, n, d, c, k, AssignOptions{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(2e-9*float64(n)*d*float64(k)*float64(b.N)/b.Elapsed().Seconds(), "GFlop/s")
		})
	}
}

// BenchmarkScore is what a block of an unpruned pass spends on scores by 96
// centroids: tiles, their arguments and putting their results together. It
// gives the share of the processor's peak, measured in turns.
func BenchmarkScore(b *testing.B) {
	const k = 96
	for _, d := range []int{160, 384, 1024} {
		b.Run(fmt.Sprintf("d=%d", d), func(b *testing.B) {
			ctx := context.Background()
			pl, err := newPool(1)
			if err != nil {
				b.Fatal(err)
			}
			p, err := newPoints(ctx, pl, unitRows(blockRows, d, 50, 1), blockRows, d, nil)
			if err != nil {
				b.Fatal(err)
			}
			ps := newPanels(pl, k, d)
			ps.set(unitRows(k, d, k, 2), p.mean)
			var s scratch
			rows := iota32(blockRows)
			var got, peak []float64
			for b.Loop() {
				t := time.Now()
				for g := range ps.groups {
					ps.score(p, g, rows, &s)
				}
				got = append(got, 2*blockRows*k*float64(d)/time.Since(t).Seconds())
				t = time.Now()
				peak = append(peak, pl.kern.Peak(500)/time.Since(t).Seconds())
			}
			median := func(v []float64) float64 { slices.Sort(v); return v[len(v)/2] }
			b.ReportMetric(median(got)/1e9, "GFlop/s")
			b.ReportMetric(100*median(got)/median(peak), "%ofpeak")
		})
	}
}

func BenchmarkSearch(b *testing.B) {
	const d = 160
	for _, n := range []int{200, 2_000, 20_000} {
		x := unitRows(n, d, n/40, 1)
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			for b.Loop() {
				r := mustSearch(b, x, n, d, SearchOptions{})
				b.ReportMetric(float64(r.K), "k")
				b.ReportMetric(float64(len(r.Candidates)), "candidates")
			}
		})
	}
}
