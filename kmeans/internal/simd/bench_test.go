package simd

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// benchTile scores 192 rows by 96 centroids, as a block of k-means does, and
// the peak loop in turn.
func benchTile(b *testing.B, kern *Kernel, d int) {
	const n, k = 192, 96
	rng := rand.New(rand.NewPCG(1, 1))
	x := make([]float32, n*d)
	random(x, rng)
	panels := make([]float32, k/Width*PanelLen(d))
	random(panels, rng)
	var rows [n + MaxRows - 1]*float32
	for i := range rows {
		rows[i] = &x[min(i, n-1)*d]
	}
	var top Top
	step := kern.Panels * PanelLen(d)
	block := func() {
		for at := 0; at < len(panels); at += step {
			for i := 0; i < n; i += kern.Rows {
				kern.Tile((*Rows)(rows[i:]), d, panels[at:at+step], &top)
			}
		}
	}
	var tile, peak []float64
	for b.Loop() {
		t := time.Now()
		block()
		tile = append(tile, 2*n*k*float64(d)/time.Since(t).Seconds())
		t = time.Now()
		peak = append(peak, kern.Peak(500)/time.Since(t).Seconds())
	}
	median := func(v []float64) float64 { slices.Sort(v); return v[len(v)/2] }
	b.ReportMetric(median(tile)/1e9, "GFlop/s")
	b.ReportMetric(100*median(tile)/median(peak), "%ofpeak")
}
