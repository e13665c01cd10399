//go:build arm64 && !noasm

package simd

import "golang.org/x/sys/cpu"

func platform() []*Kernel {
	if !cpu.ARM64.HasASIMD {
		return nil
	}
	return []*Kernel{{
		Name: "neon", Rows: 4, Panels: 1,
		tile: tileNEON, narrow: narrowNEON, products: productsNEON, accumulate: accumulateGeneric,
		peak: func(n int) float64 { peakNEON(n * 15); return float64(n) * 15 * 16 * 4 * 2 },
	}}
}

func tileNEON(rows *Rows, d int, panel *float32, top *Top) {
	var scores [4 * Width]float32
	scores4x16NEON(rows, d, panel, &scores[0])
	for r := range 4 {
		top.Best[r], top.Index[r], top.Second[r] = topTwo(scores[r*Width : (r+1)*Width])
	}
}

func productsNEON(rows *Rows, d int, panel *float32, out *[MaxRows * ProductWidth]float32) {
	var four Rows
	for r := 0; r < MaxRows; r += 4 {
		copy(four[:], rows[r:r+4])
		scores4x8NEON(&four, d, panel, &out[r*ProductWidth])
	}
}

func narrowNEON(rows *Rows, d int, panel *float32, top *Top) {
	var scores [MaxRows * ProductWidth]float32
	productsNEON(rows, d, panel, &scores)
	top.narrow(&scores)
}

func squares(_ *Kernel, x, y *float32, n int, sums *[8]float64) { squaresGeneric(x, y, n, sums) }
