package kmeans

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func mustLead(t testing.TB, x []float32, n, d int, within float64, threads int) []int32 {
	t.Helper()
	leaders, err := Leaders(context.Background(), x, n, d, within, AssignOptions{Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	return leaders
}

// leadersByDefinition compares every row with every leader before it.
func leadersByDefinition(x []float32, n, d int, within float64) []int32 {
	pl, err := newPool(1)
	if err != nil {
		panic(err)
	}
	out := make([]int32, n)
	for i := range n {
		out[i] = int32(i)
		best := math.Inf(1)
		for j := range i {
			if out[j] != int32(j) {
				continue
			}
			if v := pl.sqDist(x[i*d:(i+1)*d], x[j*d:(j+1)*d]); v <= within && v < best {
				out[i], best = int32(j), v
			}
		}
	}
	return out
}

// nearCopies is n rows of which many are near an earlier one, some at about the
// distance that is asked for and some the same.
func nearCopies(n, d int, unit bool, seed uint64) []float32 {
	rng := rand.New(rand.NewPCG(seed, 0))
	x := make([]float32, n*d)
	for i := range n {
		row := x[i*d : (i+1)*d]
		of, spread := -1, 1.0
		if i > 0 && rng.IntN(2) == 0 {
			of, spread = rng.IntN(i), []float64{0, 0.1, 0.2, 0.4}[rng.IntN(4)]
		}
		sq := 0.0
		for t := range row {
			v := spread * rng.NormFloat64() / math.Sqrt(float64(d))
			if of >= 0 {
				v += float64(x[of*d+t])
			}
			row[t] = float32(v)
			sq += v * v
		}
		for t := range row {
			if unit && sq > 0 {
				row[t] /= float32(math.Sqrt(sq))
			}
		}
	}
	return x
}

func TestLeaders(t *testing.T) {
	for _, c := range []struct {
		n, d   int
		unit   bool
		within float64
	}{
		{1, 3, true, 0.06}, {40, 1, false, 0.01}, {700, 5, true, 0.06}, {1100, 48, false, 0.1},
		{1500, 100, true, 0.06}, {1500, 100, true, 0}, {1500, 65, false, 0.04}, {1200, 80, true, 2},
	} {
		x := nearCopies(c.n, c.d, c.unit, uint64(c.n))
		want := leadersByDefinition(x, c.n, c.d, c.within)
		for threads := 1; threads <= 3; threads++ {
			if got := mustLead(t, x, c.n, c.d, c.within, threads); !slices.Equal(got, want) {
				t.Errorf("%d×%d within %v, %d threads: not as by definition", c.n, c.d, c.within, threads)
			}
		}
		joined := 0
		for i, j := range want {
			if int(j) != i {
				joined++
			}
		}
		if c.n > 1 && joined == 0 {
			t.Errorf("%d×%d: nothing is near anything: the test sees nothing", c.n, c.d)
		}
	}
}

func TestLeadersOfAnyScale(t *testing.T) {
	const n, d = 1100, 60
	x := nearCopies(n, d, true, 1)
	want := leadersByDefinition(x, n, d, 0.0625)
	for _, scale := range []float32{1.0 / (1 << 40), 1 << 40} {
		y := make([]float32, len(x))
		for i, v := range x {
			y[i] = v * scale // a power of two: exact
		}
		if got := mustLead(t, y, n, d, 0.0625*float64(scale)*float64(scale), 0); !slices.Equal(got, want) {
			t.Errorf("scale %g: another result", scale)
		}
	}
}

func TestLeadersErrors(t *testing.T) {
	var bad *InputError
	for _, within := range []float64{-1, math.NaN()} {
		if _, err := Leaders(context.Background(), []float32{1}, 1, 1, within, AssignOptions{}); !errors.As(err, &bad) {
			t.Errorf("within %v: %v", within, err)
		}
	}
	if _, err := Leaders(context.Background(), []float32{float32(math.NaN())}, 1, 1, 0, AssignOptions{}); !errors.As(err, &bad) {
		t.Errorf("NaN: %v", err)
	}
	if got := mustLead(t, nil, 0, 3, 0, 0); len(got) != 0 {
		t.Errorf("no rows: %v", got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Leaders(ctx, []float32{1, 2}, 2, 1, 0, AssignOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// The leaders of unit rows that hardly repeat, the costly case; ns/pair is for
// each of the n(n-1)/2 pairs.
func BenchmarkLeaders(b *testing.B) {
	const n, d = 20_000, 320
	x, _ := blobs(n, d, 300, 0.5, 1)
	for i := range n {
		row := x[i*d : (i+1)*d]
		scale := float32(1 / math.Sqrt(sqNorm(row)))
		for t := range row {
			row[t] *= scale
		}
	}
	for b.Loop() {
		mustLead(b, x, n, d, 0.06, 0)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(n*(n-1)/2), "ns/pair")
}
