package quality

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// An Interval is a figure and between what it probably lies.
type Interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// BootstrapOptions says how an interval is made. The zero value works.
type BootstrapOptions struct {
	Resamples int     // 0 means 1000
	Level     float64 // how much of the resamples lies in the interval; 0 means 0.95
	Seed      uint64
	// Center moves the resamples so that their mean is the value of all rows. A
	// row that is drawn twice agrees with itself, which pushes measures of how
	// clusterings agree upwards, beyond the value itself.
	Center bool
}

// Bootstrap is stat of all n rows and its percentile interval (Efron 1979,
// "Bootstrap methods: another look at the jackknife"): stat is computed on n
// rows drawn with putting back, as often as opts says. rows is written anew for
// each call. Equal seeds give equal intervals.
//
// Bootstrap panics if n < 1 or the level is not between 0 and 1.
func Bootstrap(n int, opts BootstrapOptions, stat func(rows []int) float64) Interval {
	if n < 1 {
		panic("quality: a bootstrap of nothing")
	}
	if opts.Resamples <= 0 {
		opts.Resamples = 1000
	}
	if opts.Level == 0 {
		opts.Level = 0.95
	}
	if !(opts.Level > 0 && opts.Level < 1) {
		panic(fmt.Sprintf("quality: a level of %v", opts.Level))
	}
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	out := Interval{Value: stat(rows)}
	rng := rand.New(rand.NewPCG(opts.Seed, 0))
	values := make([]float64, opts.Resamples)
	for r := range values {
		for i := range rows {
			rows[i] = rng.IntN(n)
		}
		values[r] = stat(rows)
	}
	if opts.Center {
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		bias := sum/float64(len(values)) - out.Value
		for r := range values {
			values[r] -= bias
		}
	}
	slices.Sort(values)
	out.Low, out.High = Quantile(values, (1-opts.Level)/2), Quantile(values, (1+opts.Level)/2)
	return out
}

// MedianInterval is the median of values and its bootstrap interval.
//
// MedianInterval panics if there are no values.
func MedianInterval(values []float64, opts BootstrapOptions) Interval {
	buf := make([]float64, len(values))
	return Bootstrap(len(values), opts, func(rows []int) float64 {
		for i, r := range rows {
			buf[i] = values[r]
		}
		slices.Sort(buf)
		return Quantile(buf, 0.5)
	})
}

// Quantile is the q-quantile of values in ascending order, linear between
// neighbours (type 7 of Hyndman & Fan 1996, "Sample quantiles in statistical
// packages").
//
// Quantile panics if there are no values or q is not from 0 to 1.
func Quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 || !(q >= 0 && q <= 1) {
		panic(fmt.Sprintf("quality: the %v-quantile of %d values", q, len(sorted)))
	}
	at := q * float64(len(sorted)-1)
	lo := int(math.Floor(at))
	hi := min(lo+1, len(sorted)-1)
	return sorted[lo] + (at-float64(lo))*(sorted[hi]-sorted[lo])
}
