//go:build !noasm

package simd

// scores4x16NEON scores 4 rows by 16 centroids and stores all scores.
//
//go:noescape
func scores4x16NEON(rows *[12]*float32, d int, panel *float32, out *float32)

// scores4x8NEON scores 4 rows by 8 centroids and stores all scores.
//
//go:noescape
func scores4x8NEON(rows *[12]*float32, d int, panel *float32, out *float32)

// peakNEON does n rounds of 16 independent FMAs of 4 lanes.
func peakNEON(n int)
