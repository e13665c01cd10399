package pipeline

import (
	"math"

	"gonum.org/v1/gonum/blas/blas32"
)

// leastOfLanguage is how many conversations a language has to have for what is
// common to them to be told from what they are about.
const leastOfLanguage = 5

// joinLanguages takes out of the vectors of each language what sets it apart from
// the one that most conversations are in, so that they are grouped by their topics:
// it moves each language's mean to that of the main one, see Libovický, Rosa and
// Fraser, "On the Language Neutrality of Pre-trained Multilingual Representations"
// (2020). languages are those of the rows; "" is none.
func joinLanguages(vectors blas32.General, languages []string) {
	d := vectors.Cols
	means, count := make(map[string][]float64), make(map[string]int)
	row := func(i int) []float32 { return vectors.Data[i*vectors.Stride:][:d] }
	main := ""
	for i, l := range languages {
		if means[l] == nil {
			means[l] = make([]float64, d)
		}
		for j, x := range row(i) {
			means[l][j] += float64(x)
		}
		if count[l]++; l != "" && (count[l] > count[main] || main == "") {
			main = l
		}
	}
	if main == "" {
		return
	}
	for l, m := range means {
		for j := range m {
			m[j] /= float64(count[l])
		}
	}
	for i, l := range languages {
		if l == "" || l == main || count[l] < leastOfLanguage {
			continue
		}
		v, norm := row(i), 0.0
		for j := range v {
			x := float64(v[j]) - means[l][j] + means[main][j]
			v[j] = float32(x)
			norm += x * x
		}
		if norm = math.Sqrt(norm); norm > 0 {
			for j := range v {
				v[j] = float32(float64(v[j]) / norm)
			}
		}
	}
}
