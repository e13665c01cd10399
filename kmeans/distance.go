package kmeans

// Distances that decide are summed in float64, in four interleaved sums that
// are added in a fixed order. The conversions around products keep a compiler
// from fusing them with the sum, which some platforms would do and others
// would not.

// sqDist returns the squared Euclidean distance of two rows of equal length.
func sqDist(x, y []float32) float64 {
	var s0, s1, s2, s3 float64
	y = y[:len(x)]
	for len(x) >= 4 && len(y) >= 4 {
		a := float64(x[0]) - float64(y[0])
		b := float64(x[1]) - float64(y[1])
		c := float64(x[2]) - float64(y[2])
		e := float64(x[3]) - float64(y[3])
		s0 += float64(a * a)
		s1 += float64(b * b)
		s2 += float64(c * c)
		s3 += float64(e * e)
		x, y = x[4:], y[4:]
	}
	for i, v := range x {
		a := float64(v) - float64(y[i])
		s0 += float64(a * a)
	}
	return (s0 + s1) + (s2 + s3)
}

// sqDist32 is sqDist in float32: 2⁻²⁴·d off at most, relative to the result,
// and more than twice as fast. Rows are at distance 0 if they are equal, and
// only then unless the square underflows.
func sqDist32(x, y []float32) float32 {
	var s0, s1, s2, s3 float32
	y = y[:len(x)]
	i := 0
	for ; i+8 <= len(x); i += 8 {
		x, y := (*[8]float32)(x[i:i+8]), (*[8]float32)(y[i:i+8])
		a, b, c, e := x[0]-y[0], x[1]-y[1], x[2]-y[2], x[3]-y[3]
		s0 += float32(a * a)
		s1 += float32(b * b)
		s2 += float32(c * c)
		s3 += float32(e * e)
		a, b, c, e = x[4]-y[4], x[5]-y[5], x[6]-y[6], x[7]-y[7]
		s0 += float32(a * a)
		s1 += float32(b * b)
		s2 += float32(c * c)
		s3 += float32(e * e)
	}
	for ; i < len(x); i++ {
		a := x[i] - y[i]
		s0 += float32(a * a)
	}
	return (s0 + s1) + (s2 + s3)
}

// sqNorm returns the squared Euclidean length of a row.
func sqNorm(x []float32) float64 {
	var s0, s1, s2, s3 float64
	for len(x) >= 4 {
		a, b, c, e := float64(x[0]), float64(x[1]), float64(x[2]), float64(x[3])
		s0 += float64(a * a)
		s1 += float64(b * b)
		s2 += float64(c * c)
		s3 += float64(e * e)
		x = x[4:]
	}
	for _, v := range x {
		a := float64(v)
		s0 += float64(a * a)
	}
	return (s0 + s1) + (s2 + s3)
}

func sqDist64(x, y []float64) float64 {
	var s float64
	for t, v := range x {
		a := v - y[t]
		s += float64(a * a)
	}
	return s
}
