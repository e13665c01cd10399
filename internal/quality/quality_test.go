package quality

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestUnequalLengthsPanic(t *testing.T) {
	for name, f := range map[string]func(){
		"cross":      func() { Cross([]int{1}, []int{}) },
		"stability":  func() { Stable([][]int32{{1}, {}}) },
		"auroc":      func() { AUROC([]float64{1}, nil) },
		"match":      func() { Match([][]float64{{1}, {}}) },
		"match NaN":  func() { Match([][]float64{{math.NaN()}}) },
		"bootstrap":  func() { Bootstrap(0, BootstrapOptions{}, nil) },
		"quantile":   func() { Quantile(nil, 0.5) },
		"subsamples": func() { Subsamples(3, 1, 0, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

// No measure depends on the names of the groups or the order of the items,
// and those that are symmetric say so.
func TestMeasuresAreInvariant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "n")
		labels := rapid.SliceOfN(rapid.IntRange(0, 6), n, n)
		a, b := labels.Draw(t, "a"), labels.Draw(t, "b")
		order := rapid.Permutation(slices.Collect(func(yield func(int) bool) {
			for i := range n {
				if !yield(i) {
					return
				}
			}
		})).Draw(t, "order")
		c, d := make([]int, n), make([]int, n)
		for i, o := range order {
			c[i], d[i] = 100-a[o], -b[o]
		}
		x, y, z := Cross(a, b), Cross(c, d), Cross(b, a)
		for name, m := range map[string]func(*Contingency) float64{
			"NMI": func(t *Contingency) float64 { return t.NMI(Arithmetic) },
			"AMI": func(t *Contingency) float64 { return t.AMI(Max) },
			"ARI": (*Contingency).ARI, "FM": (*Contingency).FowlkesMallows, "accuracy": (*Contingency).Accuracy,
			"V": func(t *Contingency) float64 { return t.VMeasure().V },
		} {
			if math.Abs(m(x)-m(y)) > 1e-12 || math.Abs(m(x)-m(z)) > 1e-12 {
				t.Fatalf("%s: %v, %v of other names, %v the other way round", name, m(x), m(y), m(z))
			}
		}
		if p, q := x.Purity(), x.Accuracy(); p < q-1e-12 {
			t.Fatalf("purity %v is below accuracy %v", p, q)
		}
	})
}

// The expected mutual information is the mean over all ways to deal out the
// clusters.
func TestExpectedMutualInformation(t *testing.T) {
	classes := []int{0, 0, 0, 1, 1, 2}
	clusters := []int{0, 0, 1, 1, 1, 1}
	want, ways := 0.0, 0.0
	var deal func(rest, dealt []int)
	deal = func(rest, dealt []int) {
		if len(rest) == 0 {
			want += Cross(classes, dealt).mutual()
			ways++
			return
		}
		for i := range rest {
			deal(slices.Delete(slices.Clone(rest), i, i+1), append(slices.Clone(dealt), rest[i]))
		}
	}
	deal(clusters, nil)
	if got := Cross(classes, clusters).expected(); math.Abs(got-want/ways) > 1e-12 {
		t.Errorf("expected mutual information %v, want %v", got, want/ways)
	}
}

// Many items and large groups neither overflow nor lose the figure.
func TestAMIOfManyItems(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	a, b := make([]int, 500_000), make([]int, 500_000)
	for i := range a {
		a[i] = rng.IntN(20)
		b[i] = rng.IntN(30)
	}
	if got := Cross(a, b).AMI(Arithmetic); math.Abs(got) > 1e-4 {
		t.Errorf("AMI of independent groupings is %v", got)
	}
	for i := range b {
		if i%2 == 0 {
			b[i] = a[i]
		}
	}
	if got := Cross(a, b).AMI(Arithmetic); got < 0.2 || got > 0.5 {
		t.Errorf("AMI of groupings that agree on half is %v", got)
	}
}

// Match finds what trying everything finds.
func TestMatchIsOptimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 6).Draw(t, "rows"), rapid.IntRange(1, 6).Draw(t, "cols")
		gain := make([][]float64, rows)
		for i := range gain {
			gain[i] = rapid.SliceOfN(rapid.Map(rapid.IntRange(-9, 9), func(n int) float64 { return float64(n) }), cols, cols).Draw(t, "gains")
		}
		sum, used := 0.0, make(map[int]bool)
		pairs := 0
		for i, j := range Match(gain) {
			if j < 0 {
				continue
			}
			if used[j] {
				t.Fatalf("column %d twice", j)
			}
			used[j] = true
			sum += gain[i][j]
			pairs++
		}
		if pairs != min(rows, cols) {
			t.Fatalf("%d pairs of %d×%d", pairs, rows, cols)
		}
		best := math.Inf(-1)
		var try func(i, left int, taken []bool, sum float64)
		try = func(i, left int, taken []bool, sum float64) {
			if i == rows {
				if left == 0 {
					best = max(best, sum)
				}
				return
			}
			if rows-i > left {
				try(i+1, left, taken, sum)
			}
			for j := range cols {
				if !taken[j] && left > 0 {
					taken[j] = true
					try(i+1, left-1, taken, sum+gain[i][j])
					taken[j] = false
				}
			}
		}
		try(0, pairs, make([]bool, cols), 0)
		if sum != best {
			t.Fatalf("sum %v, the best is %v", sum, best)
		}
	})
}

func TestMatchOfAThousand(t *testing.T) {
	const n = 1000
	rng := rand.New(rand.NewPCG(1, 2))
	want := rng.Perm(n)
	gain := make([][]float64, n)
	for i := range gain {
		gain[i] = make([]float64, n)
		for j := range gain[i] {
			gain[i][j] = rng.Float64()
		}
		gain[i][want[i]] = 1000
	}
	if got := Match(gain); !slices.Equal(got, want) {
		t.Error("the assignment is not the best one")
	}
}

func TestStable(t *testing.T) {
	same := []int32{0, 0, 1, 1, 2, 2}
	if got := Stable([][]int32{same, {5, 5, 3, 3, 1, 1}, {0, 0, Absent, 1, 2, Absent}}); got.ARI != 1 || got.AMI != 1 || got.Pairs != 3 {
		t.Errorf("stability of equal clusterings: %+v", got)
	}
	if got := Stable([][]int32{same, {0, 1, 0, 1, 0, 1}}); got.ARI > 0.1 {
		t.Errorf("stability of unlike clusterings: %+v", got)
	}
	if got := Stable([][]int32{same}); got.ARI != 1 || got.Pairs != 0 {
		t.Errorf("stability of one clustering: %+v", got)
	}
}

func TestSubsamples(t *testing.T) {
	a := Subsamples(100, 3, 0.8, 7)
	if len(a) != 3 || len(a[0]) != 80 || !slices.IsSorted(a[1]) || slices.Equal(a[0], a[1]) || len(slices.Compact(slices.Clone(a[2]))) != 80 {
		t.Errorf("subsamples: %v", a)
	}
	if b := Subsamples(100, 3, 0.8, 7); !slices.Equal(a[2], b[2]) {
		t.Error("the same seed drew other rows")
	}
}

// Of means of normal numbers the interval holds the true mean as often as it
// says.
func TestBootstrapCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	held := 0
	const runs = 300
	for r := range runs {
		values := make([]float64, 50)
		for i := range values {
			values[i] = 2 + rng.NormFloat64()
		}
		in := Bootstrap(len(values), BootstrapOptions{Resamples: 300, Seed: uint64(r)}, func(rows []int) float64 {
			sum := 0.0
			for _, i := range rows {
				sum += values[i]
			}
			return sum / float64(len(rows))
		})
		if in.Low <= 2 && 2 <= in.High {
			held++
		}
	}
	if held < runs*88/100 || held > runs*99/100 {
		t.Errorf("the 95%% interval held the mean %d of %d times", held, runs)
	}
}

// An interval of agreement holds the agreement, although rows that are drawn
// twice agree more.
func TestBootstrapCentered(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	a, b := make([]int, 300), make([]int, 300)
	for i := range a {
		a[i] = rng.IntN(40)
		b[i] = a[i]
		if rng.IntN(2) == 0 {
			b[i] = rng.IntN(40)
		}
	}
	v := func(center bool) Interval {
		return Bootstrap(len(a), BootstrapOptions{Seed: 1, Center: center}, func(rows []int) float64 {
			x, y := make([]int, len(rows)), make([]int, len(rows))
			for i, r := range rows {
				x[i], y[i] = a[r], b[r]
			}
			return VMeasure(x, y).V
		})
	}
	off, on := v(false), v(true)
	if off.Low <= off.Value {
		t.Errorf("%+v: there is nothing to mend", off)
	}
	if on.Low >= on.Value || on.High <= on.Value || math.Abs((on.High-on.Low)-(off.High-off.Low)) > 1e-12 || on.Value != off.Value {
		t.Errorf("%+v, not centred %+v", on, off)
	}
}

func TestMedianInterval(t *testing.T) {
	if got := MedianInterval([]float64{3}, BootstrapOptions{}); got != (Interval{3, 3, 3}) {
		t.Errorf("of one value: %v", got)
	}
	got := MedianInterval([]float64{5, 1, 4, 2, 3}, BootstrapOptions{Seed: 1})
	if got.Value != 3 || got.Low < 1 || got.High > 5 || got.Low > 3 || got.High < 3 || got != MedianInterval([]float64{5, 1, 4, 2, 3}, BootstrapOptions{Seed: 1}) {
		t.Errorf("of five values: %v", got)
	}
}

func TestAUROC(t *testing.T) {
	for _, tt := range []struct {
		scores   []float64
		positive []bool
		want     float64
	}{
		{[]float64{1, 2, 3, 4}, []bool{false, false, true, true}, 1},
		{[]float64{1, 2, 3, 4}, []bool{true, true, false, false}, 0},
		{[]float64{1, 1, 1}, []bool{true, false, true}, 0.5},
		{[]float64{1, 2, 2, 3}, []bool{false, true, false, true}, 0.875},
		{nil, nil, 0.5},
	} {
		if got := AUROC(tt.scores, tt.positive); got != tt.want {
			t.Errorf("AUROC(%v, %v) = %v, want %v", tt.scores, tt.positive, got, tt.want)
		}
	}
}
