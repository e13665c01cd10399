//go:build !kmeansdebug

package kmeans

const debug = false
