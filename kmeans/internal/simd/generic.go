package simd

import (
	"math"
	"runtime"
	"unsafe"
)

// Generic is the kernel in plain Go: the reference of all others, and what
// runs where there is no assembly. It is some fifty times slower than AVX2.
func Generic() *Kernel {
	return &Kernel{
		Name: "generic", Rows: 4, Panels: 1,
		tile: tileGeneric, narrow: narrowGeneric, products: productsGeneric,
		accumulate: accumulateGeneric, peak: peakGeneric,
	}
}

func tileGeneric(rows *Rows, d int, panel *float32, top *Top) {
	p := unsafe.Slice(panel, PanelLen(d))
	for r := range 4 {
		acc := [Width]float32(p)
		for t, x := range unsafe.Slice(rows[r], d) {
			c := (*[Width]float32)(p[Width*(t+1):])
			for j, v := range c {
				acc[j] = fma32(x, v, acc[j])
			}
		}
		top.Best[r], top.Index[r], top.Second[r] = topTwo(acc[:])
	}
}

// topTwo is what a Top says of one row.
func topTwo(scores []float32) (best float32, index int32, second float32) {
	best, second = scores[0], float32(math.Inf(-1))
	for j, v := range scores[1:] {
		if v > best {
			best, second, index = v, best, int32(j+1)
		} else if v > second {
			second = v
		}
	}
	return best, index, second
}

func narrowGeneric(rows *Rows, d int, panel *float32, top *Top) {
	var scores [MaxRows * ProductWidth]float32
	productsGeneric(rows, d, panel, &scores)
	top.narrow(&scores)
}

// narrow is the Top of stored scores.
func (top *Top) narrow(scores *[MaxRows * ProductWidth]float32) {
	for r := range MaxRows {
		top.Best[r], top.Index[r], top.Second[r] = topTwo(scores[r*ProductWidth : (r+1)*ProductWidth])
	}
}

func productsGeneric(rows *Rows, d int, panel *float32, out *[MaxRows * ProductWidth]float32) {
	p := unsafe.Slice(panel, ProductPanelLen(d))
	for r := range MaxRows {
		acc := (*[ProductWidth]float32)(out[r*ProductWidth:])
		*acc = [ProductWidth]float32(p)
		for t, x := range unsafe.Slice(rows[r], d) {
			c := (*[ProductWidth]float32)(p[ProductWidth*(t+1):])
			for j, v := range c {
				acc[j] = fma32(x, v, acc[j])
			}
		}
	}
}

func squaresGeneric(x, y *float32, n int, sums *[8]float64) {
	xs, ys := unsafe.Slice(x, n), unsafe.Slice(y, n)
	var s [8]float64
	for ; len(xs) >= 8 && len(ys) >= 8; xs, ys = xs[8:], ys[8:] {
		a, b := (*[8]float32)(xs), (*[8]float32)(ys)
		for t := range 8 {
			v := float64(a[t]) - float64(b[t])
			// The conversion keeps a compiler from fusing product and sum.
			s[t] += float64(v * v)
		}
	}
	*sums = s
}

func accumulateGeneric(sum *float64, x *float32, w float64, n int) {
	s := unsafe.Slice(sum, n)
	for t, v := range unsafe.Slice(x, n) {
		s[t] += float64(w * float64(v))
	}
}

// peakGeneric does scalar FMAs of eight chains.
func peakGeneric(n int) float64 {
	var s [8]float32
	for range n * 100 {
		for j := range s {
			s[j] = fma32(0.5, 0.5, s[j])
		}
	}
	runtime.KeepAlive(&s)
	return float64(n) * 100 * 8 * 2
}

// fma32 returns x·y+z rounded once. The product is exact in float64 and the
// sum is rounded to 53 bits, then to 24. Rounding twice goes wrong only if the
// first rounding ends on the midpoint of two float32, as both roundings are
// monotonic and every midpoint is a float64: then, and where float32 has fewer
// than 24 bits, the sum is rounded to odd instead, which keeps a trace of what
// was cut off (Boldo & Melquiond 2008, "Emulation of FMA and correctly rounded
// sums: proved algorithms using rounding to odd").
func fma32(x, y, z float32) float32 {
	p := float64(x) * float64(y)
	s := p + float64(z)
	b := math.Float64bits(s)
	if b&(1<<29-1) != 1<<28 && (b>>52&0x7ff) > 1023-126 {
		return float32(s)
	}
	return fmaOdd(p, float64(z), s)
}

// fmaOdd is s = p+z rounded to odd, then to float32.
func fmaOdd(p, z, s float64) float32 {
	// The error of the sum (Møller 1965, Knuth: TAOCP 2, 4.2.2), exact.
	q := s - p
	e := (p - (s - q)) + (z - q)
	b := math.Float64bits(s)
	if e != 0 && b&1 == 0 && !math.IsInf(s, 0) && s == s {
		// The neighbour of s on the other side of the true sum is odd.
		if (e > 0) == (s > 0) {
			b++
		} else {
			b--
		}
		s = math.Float64frombits(b)
	}
	return float32(s)
}
