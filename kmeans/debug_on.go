//go:build kmeansdebug

package kmeans

// debug has every pass check every bound against measured distances; see
// SIMD.md.
const debug = true
