package simd

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// exactFMA rounds the exact x·y+z once.
func exactFMA(x, y, z float32) float32 {
	p := new(big.Float).SetPrec(2000).SetFloat64(float64(x))
	p.Mul(p, new(big.Float).SetFloat64(float64(y)))
	p.Add(p, new(big.Float).SetFloat64(float64(z)))
	f, _ := p.Float32()
	return f
}

func checkFMA(t *testing.T, x, y, z float32) bool {
	t.Helper()
	got, want := fma32(x, y, z), exactFMA(x, y, z)
	if got != want {
		t.Errorf("%x · %x + %x is %x, want %x", x, y, z, got, want)
	}
	return got == want
}

func TestFMAIsRoundedOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	// Mantissas of few bits and exponents of a narrow range make midpoints and
	// cancellation common.
	number := func(bits, spread int) float32 {
		m := float64(rng.IntN(1<<bits)*2 + 1 - 1<<bits)
		return float32(math.Ldexp(m, rng.IntN(2*spread+1)-spread-bits))
	}
	twice := 0
	for i := range 300_000 {
		bits, spread := 1+i%24, i%60
		x, y, z := number(bits, spread), number(bits, spread), number(bits, spread)
		if !checkFMA(t, x, y, z) {
			return
		}
		if float32(math.FMA(float64(x), float64(y), float64(z))) != fma32(x, y, z) {
			twice++
		}
	}
	// 2⁻⁶⁰ beside a midpoint is what float64 drops.
	for _, z := range []float32{1 + 1.0/(1<<23), 1, -1, 3} {
		for _, s := range []float32{1, -1} {
			x, y := float32(1.0/(1<<12)+1.0/(1<<24)), float32(1.0/(1<<12))
			checkFMA(t, x*s, y, z)
			checkFMA(t, s*(1.0/(1<<12)+1.0/(1<<35)), 1.0/(1<<12), z)
			a, b := float32(1+1.0/(1<<23)), float32((1-1.0/(1<<23))/(1<<24))
			checkFMA(t, a*s, b, z)
			if float32(math.FMA(float64(a*s), float64(b), float64(z))) != fma32(a*s, b, z) {
				twice++
			}
		}
	}
	if twice == 0 {
		t.Error("no case in which rounding twice goes wrong: the test sees nothing")
	}
}

func TestFMAOfSmallNumbers(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200_000 {
		x := math.Float32frombits(rng.Uint32() &^ (0x7f << 24))
		y := float32(rng.NormFloat64())
		z := math.Float32frombits(rng.Uint32() & 0x81ffffff)
		if !checkFMA(t, x, y, z) {
			return
		}
	}
}

func TestFMAOfAnyBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 200_000 {
		x, y, z := math.Float32frombits(rng.Uint32()), math.Float32frombits(rng.Uint32()), math.Float32frombits(rng.Uint32())
		if x-x != 0 || y-y != 0 || z-z != 0 {
			continue
		}
		if !checkFMA(t, x, y, z) {
			return
		}
	}
	inf := float32(math.Inf(-1))
	if got := fma32(3, 0, inf); got != inf {
		t.Errorf("3·0−Inf is %v", got)
	}
	if got := fma32(2, -5, inf); got != inf {
		t.Errorf("2·−5−Inf is %v", got)
	}
}
