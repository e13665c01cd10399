//go:build noasm || !amd64

package simd

func platform() []*Kernel { return nil }
