package simd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// fenced returns n numbers with NaN before and behind: a kernel that reads
// them gets NaN for a score. check reports whether they still stand.
func fenced(n int) (x []float32, check func() bool) {
	const fence = 24
	all := make([]float32, n+2*fence)
	for i := range all {
		all[i] = float32(math.NaN())
	}
	x = all[fence : fence+n : fence+n]
	clear(x)
	return x, func() bool {
		for i := range fence {
			if all[i] == all[i] || all[fence+n+i] == all[fence+n+i] {
				return false
			}
		}
		return true
	}
}

func random(x []float32, rng *rand.Rand) {
	for i := range x {
		x[i] = float32(rng.NormFloat64())
		if rng.IntN(4) == 0 {
			x[i] = float32(rng.IntN(3) - 1) // ties
		}
	}
}

// chain is a score as it is defined, rounded by arbitrary precision.
func chain(x, panel []float32, width, j int) float32 {
	s := panel[j]
	for t, v := range x {
		if math.IsInf(float64(s), 0) {
			return s
		}
		p := new(big.Float).SetPrec(2000).SetFloat64(float64(v))
		p.Mul(p, new(big.Float).SetFloat64(float64(panel[width*(t+1)+j])))
		p.Add(p, new(big.Float).SetFloat64(float64(s)))
		s, _ = p.Float32()
	}
	return s
}

// topOf is what a Top says of one row.
func topOf(scores []float32) (best float32, at int32, second float32) {
	best, second = float32(math.Inf(-1)), float32(math.Inf(-1))
	for j, v := range scores {
		if v > best {
			best, at, second = v, int32(j), best
		} else if v > second {
			second = v
		}
	}
	return best, at, second
}

// tileRows returns m rows of d numbers, each with a fence of its own, and
// pointers that repeat the last.
func tileRows(m, d int, rng *rand.Rand) (data [][]float32, rows *Rows, intact func() bool) {
	var checks []func() bool
	rows = new(Rows)
	for r := range m {
		x, check := fenced(d)
		random(x, rng)
		data = append(data, x)
		checks = append(checks, check)
		rows[r] = &x[0]
	}
	for r := m; r < MaxRows; r++ {
		rows[r] = rows[m-1]
	}
	return data, rows, func() bool {
		return !slices.ContainsFunc(checks, func(ok func() bool) bool { return !ok() })
	}
}

// fillPanel makes the first k of the panel's centroids random.
func fillPanel(p []float32, width, k int, rng *rand.Rand) {
	random(p, rng)
	for i := range p {
		if i%width >= k {
			p[i] = 0
			if i < width {
				p[i] = float32(math.Inf(-1))
			}
		}
	}
}

// TestTile holds every kernel to scores in arbitrary precision for few
// dimensions and to the generic kernel for many.
func TestTile(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	dims := []int{383, 384, 385, 768, 1024}
	for d := 1; d <= 40; d++ {
		dims = append(dims, d)
	}
	for _, kern := range Kernels() {
		for _, d := range dims {
			for _, k := range []int{1, 2, 7, 8, 15, 16, 17, 24, 31, 32} {
				panels := (k + Width - 1) / Width
				if panels > kern.Panels {
					continue
				}
				p, intact := fenced(panels * PanelLen(d))
				for i := range panels {
					fillPanel(p[i*PanelLen(d):(i+1)*PanelLen(d)], Width, k-i*Width, rng)
				}
				m := 1 + rng.IntN(kern.Rows)
				data, rows, rowsIntact := tileRows(m, d, rng)
				// Canaries on both sides of the result, and in what it leaves alone.
				var out struct {
					before [8]uint64
					top    Top
					behind [8]uint64
				}
				for i := range out.before {
					out.before[i], out.behind[i] = 0xfeedface, 0xfeedface
				}
				for r := range MaxRows {
					out.top.Best[r], out.top.Index[r], out.top.Second[r] = 77, 77, 77
				}
				kern.Tile(rows, d, p, &out.top)
				for i := range out.before {
					if out.before[i] != 0xfeedface || out.behind[i] != 0xfeedface {
						t.Fatalf("%s d=%d k=%d: wrote outside of the result", kern.Name, d, k)
					}
				}
				if !intact() || !rowsIntact() {
					t.Fatalf("%s d=%d k=%d: wrote outside of its slices", kern.Name, d, k)
				}
				for r := range MaxRows {
					b, at, s := float32(77), int32(77), float32(77)
					if r < kern.Rows {
						scores := make([]float32, 0, 2*Width)
						for i := range panels {
							q := p[i*PanelLen(d) : (i+1)*PanelLen(d)]
							for j := range Width {
								if d <= 8 {
									scores = append(scores, chain(data[min(r, m-1)], q, Width, j))
									continue
								}
								v := q[j]
								for t, x := range data[min(r, m-1)] {
									v = fma32(x, q[Width*(t+1)+j], v)
								}
								scores = append(scores, v)
							}
						}
						b, at, s = topOf(scores)
					}
					if out.top.Best[r] != b || out.top.Index[r] != at || out.top.Second[r] != s {
						t.Fatalf("%s d=%d k=%d row %d: %v at %d, then %v; want %v at %d, then %v", kern.Name, d, k, r,
							out.top.Best[r], out.top.Index[r], out.top.Second[r], b, at, s)
					}
				}
			}
		}
	}
}

// TestNarrow holds tiles of 8 centroids to the scores that Products stores.
func TestNarrow(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for _, kern := range Kernels() {
		for _, d := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 160, 383, 384, 385, 1024} {
			for k := 1; k <= ProductWidth; k++ {
				p, intact := fenced(ProductPanelLen(d))
				fillPanel(p, ProductWidth, k, rng)
				_, rows, rowsIntact := tileRows(1+rng.IntN(MaxRows), d, rng)
				var out struct {
					before [8]uint64
					top    Top
					behind [8]uint64
				}
				kern.Narrow(rows, d, p, &out.top)
				if out.before != [8]uint64{} || out.behind != out.before || !intact() || !rowsIntact() {
					t.Fatalf("%s d=%d k=%d: wrote outside of its slices", kern.Name, d, k)
				}
				var scores [MaxRows * ProductWidth]float32
				Generic().Products(rows, d, p, &scores)
				for r := range MaxRows {
					b, at, s := topOf(scores[r*ProductWidth : (r+1)*ProductWidth])
					if out.top.Best[r] != b || out.top.Index[r] != at || out.top.Second[r] != s {
						t.Fatalf("%s d=%d k=%d row %d: %v at %d, then %v; want %v at %d, then %v", kern.Name, d, k, r,
							out.top.Best[r], out.top.Index[r], out.top.Second[r], b, at, s)
					}
				}
			}
		}
	}
}

func TestProducts(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for _, kern := range Kernels() {
		for _, d := range []int{1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 160, 384, 385} {
			p, intact := fenced(ProductPanelLen(d))
			random(p, rng)
			data, rows, rowsIntact := tileRows(1+rng.IntN(MaxRows), d, rng)
			var out struct {
				before, got, behind [MaxRows * ProductWidth]float32
			}
			kern.Products(rows, d, p, &out.got)
			if out.before != [MaxRows * ProductWidth]float32{} || out.behind != out.before || !intact() || !rowsIntact() {
				t.Fatalf("%s d=%d: wrote outside of its slices", kern.Name, d)
			}
			for r := range MaxRows {
				for j := range ProductWidth {
					x := data[min(r, len(data)-1)]
					v := p[j]
					for t, x := range x {
						v = fma32(x, p[ProductWidth*(t+1)+j], v)
					}
					if d <= 5 {
						v = chain(x, p, ProductWidth, j)
					}
					if got := out.got[r*ProductWidth+j]; got != v {
						t.Fatalf("%s d=%d row %d column %d: %v, want %v", kern.Name, d, r, j, got, v)
					}
				}
			}
		}
	}
}

func TestSqDistAndAccumulate(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	generic := Generic()
	for _, kern := range Kernels() {
		for d := 1; d <= 70; d++ {
			x, intact := fenced(d)
			y, intact2 := fenced(d)
			random(x, rng)
			random(y, rng)
			var naive float64
			for i, v := range x {
				a := float64(v) - float64(y[i])
				naive += a * a
			}
			got := kern.SqDist(x, y)
			if got != generic.SqDist(x, y) || math.Abs(got-naive) > 1e-14*naive {
				t.Fatalf("%s d=%d: squared distance is %v, want %v", kern.Name, d, got, naive)
			}
			sum := make([]float64, d+16)
			for i := range sum {
				sum[i] = float64(i)
			}
			w := float64(float32(rng.NormFloat64()))
			kern.Accumulate(sum[8:8+d:8+d], x, w)
			for i := range sum {
				want := float64(i)
				if i >= 8 && i < 8+d {
					want += w * float64(x[i-8])
				}
				if sum[i] != want {
					t.Fatalf("%s d=%d: sum %d is %v, want %v", kern.Name, d, i-8, sum[i], want)
				}
			}
			if !intact() || !intact2() {
				t.Fatalf("%s d=%d: wrote its input", kern.Name, d)
			}
		}
	}
}

// FuzzKernels compares every kernel with the generic one on rows and panels of
// any finite bits.
func FuzzKernels(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), uint16(3), uint64(1))
	f.Add([]byte{0, 0, 128, 63, 0, 0, 128, 191, 1, 0, 0, 0, 0, 0, 0, 128}, uint16(17), uint64(2))
	rng := rand.New(rand.NewPCG(6, 6))
	for seed := range uint64(30) { // any bits in every run of the tests, not only when fuzzing
		var b []byte
		for range 40 {
			b = binary.LittleEndian.AppendUint32(b, rng.Uint32())
		}
		f.Add(b, uint16(rng.Uint32()), seed)
	}
	f.Fuzz(func(t *testing.T, b []byte, dim uint16, seed uint64) {
		d := 1 + int(dim)%130
		rng := rand.New(rand.NewPCG(seed, 4))
		var pool []float32
		for ; len(b) >= 4; b = b[4:] {
			// Below 2⁶⁰, so that no sum overflows.
			if v := math.Float32frombits(binary.LittleEndian.Uint32(b)); math.Abs(float64(v)) < 1<<50 {
				pool = append(pool, v)
			}
		}
		pool = append(pool, 0, 1, float32(rng.NormFloat64()))
		draw := func(x []float32) {
			for i := range x {
				x[i] = pool[rng.IntN(len(pool))]
			}
		}
		var rows Rows
		for r := range rows {
			x := make([]float32, d)
			draw(x)
			rows[r] = &x[0]
		}
		panels := make([]float32, 2*PanelLen(d))
		draw(panels)
		generic := Generic()
		var want [2]Top
		for p := range want {
			for r := 0; r < MaxRows; r += generic.Rows {
				var part Top
				var four Rows
				copy(four[:], rows[r:])
				for q := generic.Rows; q < MaxRows; q++ {
					four[q] = four[0]
				}
				generic.Tile(&four, d, panels[p*PanelLen(d):(p+1)*PanelLen(d)], &part)
				copy(want[p].Best[r:], part.Best[:generic.Rows])
				copy(want[p].Index[r:], part.Index[:generic.Rows])
				copy(want[p].Second[r:], part.Second[:generic.Rows])
			}
		}
		var products [MaxRows * ProductWidth]float32
		generic.Products(&rows, d, panels[:ProductPanelLen(d)], &products)
		for _, kern := range Kernels() {
			var got Top
			for p := range want {
				kern.Tile(&rows, d, panels[p*PanelLen(d):(p+1)*PanelLen(d)], &got)
				for r := range kern.Rows {
					if got.Best[r] != want[p].Best[r] || got.Index[r] != want[p].Index[r] || got.Second[r] != want[p].Second[r] {
						t.Fatalf("%s d=%d panel %d row %d: %v %d %v, want %v %d %v", kern.Name, d, p, r, got.Best[r], got.Index[r], got.Second[r],
							want[p].Best[r], want[p].Index[r], want[p].Second[r])
					}
				}
			}
			if kern.Panels == 2 {
				kern.Tile(&rows, d, panels, &got)
				for r := range kern.Rows {
					b, at, s := topOf([]float32{want[0].Best[r], want[1].Best[r]})
					at = want[at].Index[r] + Width*at
					s = max(s, want[0].Second[r], want[1].Second[r])
					if got.Best[r] != b || got.Index[r] != at || got.Second[r] != s {
						t.Fatalf("%s d=%d row %d: %v %d %v, want %v %d %v", kern.Name, d, r, got.Best[r], got.Index[r], got.Second[r], b, at, s)
					}
				}
			}
			var out [MaxRows * ProductWidth]float32
			kern.Products(&rows, d, panels[:ProductPanelLen(d)], &out)
			if out != products {
				t.Fatalf("%s d=%d: products differ", kern.Name, d)
			}
			kern.Narrow(&rows, d, panels[:ProductPanelLen(d)], &got)
			for r := range MaxRows {
				b, at, s := topOf(products[r*ProductWidth : (r+1)*ProductWidth])
				if got.Best[r] != b || got.Index[r] != at || got.Second[r] != s {
					t.Fatalf("%s d=%d narrow row %d: %v %d %v, want %v %d %v", kern.Name, d, r, got.Best[r], got.Index[r], got.Second[r], b, at, s)
				}
			}
		}
	})
}

func TestNothingIsAllocated(t *testing.T) {
	x, y, sum := make([]float32, 40), make([]float32, 40), make([]float64, 40)
	for _, kern := range Kernels() {
		if n := testing.AllocsPerRun(20, func() { kern.SqDist(x, y); kern.Accumulate(sum, x, 2) }); n != 0 {
			t.Errorf("%s: %v allocations", kern.Name, n)
		}
	}
}

func TestChoose(t *testing.T) {
	k, err := Choose("generic")
	if err != nil || k.Name != "generic" {
		t.Errorf("generic: %v, %v", k, err)
	}
	if k, err = Choose(""); err != nil || k.Name != Kernels()[0].Name {
		t.Errorf("the fastest: %v, %v", k, err)
	}
	var unknown *ChoiceError
	if _, err = Choose("mmx"); !errors.As(err, &unknown) || !strings.Contains(unknown.Hint(), "generic") {
		t.Errorf("mmx: %v", err)
	}
}

func TestMisusePanics(t *testing.T) {
	k := Generic()
	var rows Rows
	for name, f := range map[string]func(){
		"panel":    func() { k.Tile(&rows, 3, make([]float32, 5), new(Top)) },
		"two":      func() { k.Tile(&rows, 3, make([]float32, 2*PanelLen(3)), new(Top)) },
		"narrow":   func() { k.Narrow(&rows, 3, make([]float32, PanelLen(3)), new(Top)) },
		"products": func() { k.Products(&rows, 3, make([]float32, PanelLen(3)), new([96]float32)) },
	} {
		func() {
			defer func() {
				if s, ok := recover().(string); !ok || !strings.HasPrefix(s, "simd: ") {
					t.Errorf("%s: panic is %v", name, s)
				}
			}()
			f()
		}()
	}
}

// BenchmarkTile gives the share of the processor's peak that the tiles reach,
// measured in turns.
func BenchmarkTile(b *testing.B) {
	for _, kern := range Kernels() {
		for _, d := range []int{160, 384, 1024} {
			b.Run(fmt.Sprintf("%s/d=%d", kern.Name, d), func(b *testing.B) { benchTile(b, kern, d) })
		}
	}
}
