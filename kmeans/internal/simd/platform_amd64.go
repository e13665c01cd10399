//go:build amd64 && !noasm

package simd

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

func platform() []*Kernel {
	var ks []*Kernel
	if !cpu.X86.HasAVX2 || !cpu.X86.HasFMA || !cpu.X86.HasBMI1 {
		return nil
	}
	if cpu.X86.HasAVX512F {
		ks = append(ks, &Kernel{
			Name: "avx512", Rows: 12, Panels: 2,
			tile: func(rows *Rows, d int, panel *float32, top *Top) {
				tile12x16AVX512(rows, d, panel, (*[144]byte)(unsafe.Pointer(top)))
			},
			pair: func(rows *Rows, d int, panel *float32, top *Top) {
				tile12x32AVX512(rows, d, panel, (*[144]byte)(unsafe.Pointer(top)), 4*PanelLen(d))
			},
			narrow: narrowAVX2, products: products12x8AVX2, vector: true, accumulate: accumulateAVX2,
			peak: func(n int) float64 { peakAVX512(n * 5); return float64(n) * 5 * 24 * 16 * 2 },
		})
	}
	return append(ks, &Kernel{
		Name: "avx2", Rows: 6, Panels: 2,
		tile: func(rows *Rows, d int, panel *float32, top *Top) {
			tile6x16AVX2(rows, d, panel, (*[144]byte)(unsafe.Pointer(top)))
		},
		pair: func(rows *Rows, d int, panel *float32, top *Top) {
			tile6x32AVX2(rows, d, panel, (*[144]byte)(unsafe.Pointer(top)))
		},
		narrow: narrowAVX2, products: products12x8AVX2, vector: true, accumulate: accumulateAVX2,
		peak: func(n int) float64 { peakAVX2(n * 10); return float64(n) * 10 * 12 * 8 * 2 },
	})
}

func narrowAVX2(rows *Rows, d int, panel *float32, top *Top) {
	tile12x8AVX2(rows, d, panel, (*[144]byte)(unsafe.Pointer(top)))
}

func squares(k *Kernel, x, y *float32, n int, sums *[8]float64) {
	if k.vector {
		squaresAVX2(x, y, n, sums)
	} else {
		squaresGeneric(x, y, n, sums)
	}
}
