package check

import (
	"slices"
	"testing"
	"time"
)

// Rounds compares two ways of doing the same thing on a machine that others use
// too: they take turns, and what counts is the median of the rounds' ratios.
type Rounds struct {
	wall, cpu []float64
	a, b      time.Duration // sums of wall times
}

// Round runs both once, in an order that changes from round to round.
func (r *Rounds) Round(t testing.TB, a, b func()) {
	t.Helper()
	measure := func(f func()) (wall, cpu time.Duration) {
		start, used := time.Now(), CPUTime(t)
		f()
		return time.Since(start), CPUTime(t) - used
	}
	var wallA, wallB, cpuA, cpuB time.Duration
	if len(r.wall)%2 == 0 {
		wallA, cpuA = measure(a)
		wallB, cpuB = measure(b)
	} else {
		wallB, cpuB = measure(b)
		wallA, cpuA = measure(a)
	}
	r.wall = append(r.wall, float64(wallB)/float64(wallA))
	r.cpu = append(r.cpu, float64(cpuB)/max(float64(cpuA), 1))
	r.a, r.b = r.a+wallA, r.b+wallB
}

// Wall is how many times the wall time of a that of b is, in the median round.
func (r *Rounds) Wall() float64 { return Median(r.wall) }

// CPU is how many times the processor's time of a that of b is, in the median
// round.
func (r *Rounds) CPU() float64 { return Median(r.cpu) }

// Mean is the mean wall times.
func (r *Rounds) Mean() (a, b time.Duration) {
	n := time.Duration(max(len(r.wall), 1))
	return r.a / n, r.b / n
}

// Median is the middle one of x, the upper of two.
func Median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}
