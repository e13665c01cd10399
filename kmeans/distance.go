package kmeans

// sqNorm returns the squared Euclidean length of a row. The conversions around
// products, here and elsewhere, keep a compiler from fusing them with a sum,
// which some platforms would do and others would not.
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
