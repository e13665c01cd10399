// Package simd scores rows by centroids: the innermost loops of k-means, in
// assembly where there is some and in plain Go everywhere else.
//
// A score is the end of a chain of float32 fused multiply-adds, one for each
// dimension in ascending order, that starts at the centroid's bias. Every
// kernel computes the same chains, so every kernel gives the same bits; the
// plain Go one, with an FMA put together from float64 arithmetic, is the
// reference for the others. kmeans/SIMD.md explains shapes and tests.
package simd

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

const (
	// Width is how many centroids a panel holds.
	Width = 16
	// MaxRows is how many rows a tile takes at most.
	MaxRows = 12
	// ProductWidth is how many centroids a tile of Products or Narrow takes.
	ProductWidth = 8
)

// A Top says for each row of a tile which centroid scores best: the lowest of
// equals, counted from the start of the first panel. Second is the best score
// of the other centroids. Tile writes only the first Kernel.Rows of each.
type Top struct {
	Best   [MaxRows]float32
	Index  [MaxRows]int32
	Second [MaxRows]float32
}

// Rows is the rows of a tile. All MaxRows pointers are to rows that may be
// read, also those behind the last row in question.
type Rows = [MaxRows]*float32

// A Kernel is one implementation.
type Kernel struct {
	Name string
	// Rows is how many rows a tile of Tile has.
	Rows int
	// Panels is how many panels Tile takes at once.
	Panels int

	tile       func(rows *Rows, d int, panel *float32, top *Top)
	pair       func(rows *Rows, d int, panel *float32, top *Top) // two panels
	narrow     func(rows *Rows, d int, panel *float32, top *Top) // MaxRows rows, ProductWidth centroids
	products   func(rows *Rows, d int, panel *float32, out *[MaxRows * ProductWidth]float32)
	accumulate func(sum *float64, x *float32, w float64, n int) // n = 8, 16, …
	peak       func(n int) float64
	// vector has squares use vector registers. It is no function value, as
	// what is passed to one of those goes to the heap.
	vector bool
}

// PanelLen is the length of a panel: Width biases, then Width numbers for each
// of d dimensions.
func PanelLen(d int) int { return Width * (d + 1) }

// ProductPanelLen is that of a panel for Products and Narrow.
func ProductPanelLen(d int) int { return ProductWidth * (d + 1) }

// Tile scores k.Rows rows of d numbers by the centroids of one panel, or of as
// many consecutive ones as k.Panels says. Places without a centroid have a
// bias of −Inf and zeros.
func (k *Kernel) Tile(rows *Rows, d int, panels []float32, top *Top) {
	switch len(panels) {
	case PanelLen(d):
		k.tile(rows, d, &panels[0], top)
	case 2 * PanelLen(d):
		if k.pair == nil {
			panic("simd: two panels for a kernel that takes one")
		}
		k.pair(rows, d, &panels[0], top)
	default:
		panic("simd: not a panel or two")
	}
}

// Narrow is Tile for MaxRows rows and a panel of 8: 8 biases, then 8 numbers for
// each dimension.
func (k *Kernel) Narrow(rows *Rows, d int, panel []float32, top *Top) {
	if len(panel) != ProductPanelLen(d) {
		panic("simd: not a panel of 8")
	}
	k.narrow(rows, d, &panel[0], top)
}

// Products scores MaxRows rows of d numbers by the 8 centroids of a panel: 8
// biases, then 8 numbers for each dimension. It stores the scores, those of a
// row together.
func (k *Kernel) Products(rows *Rows, d int, panel []float32, out *[MaxRows * ProductWidth]float32) {
	if len(panel) != ProductPanelLen(d) {
		panic("simd: not a panel of 8")
	}
	k.products(rows, d, &panel[0], out)
}

// SqDist returns the squared Euclidean distance of two rows of equal length,
// summed in float64: the squares of dimensions t, t+8, t+16, … in one sum
// each, and these in pairs.
func (k *Kernel) SqDist(x, y []float32) float64 {
	var s [8]float64
	y = y[:len(x)]
	n := len(x) &^ 7
	if n > 0 {
		squares(k, &x[0], &y[0], n, &s)
	}
	for t := n; t < len(x); t++ {
		a := float64(x[t]) - float64(y[t])
		s[t&7] += float64(a * a)
	}
	return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
}

// Accumulate adds w·x to sum. The product of two float32 is exact in float64,
// so it does not matter whether it is fused with the addition. w must be a
// float32's value.
func (k *Kernel) Accumulate(sum []float64, x []float32, w float64) {
	sum = sum[:len(x)]
	n := len(x) &^ 7
	if n > 0 {
		k.accumulate(&sum[0], &x[0], w, n)
	}
	for t := n; t < len(x); t++ {
		sum[t] += float64(w * float64(x[t]))
	}
}

// Peak does about n·10³ independent FMAs of as many lanes as the processor
// has, and returns how many floating-point operations these were. It is the
// floor that benchmarks hold Tile against.
func (k *Kernel) Peak(n int) float64 { return k.peak(n) }

// Kernels is what this processor can run, fastest first; the last is generic.
func Kernels() []*Kernel { return append(platform(), Generic()) }

// Choose returns the kernel of that name, or the fastest for "".
func Choose(name string) (*Kernel, error) {
	all := Kernels()
	if name == "" {
		return all[0], nil
	}
	var names []string
	for _, k := range all {
		if k.Name == name {
			return k, nil
		}
		names = append(names, k.Name)
	}
	return nil, &ChoiceError{name, names}
}

// A ChoiceError is a name of a kernel that this processor does not have.
type ChoiceError struct {
	Name  string
	Known []string
}

func (e *ChoiceError) Error() string {
	return fmt.Sprintf("%s=%s: this program has no such kernel for this processor", Variable, e.Name)
}

// Hint says what the caller can do about it.
func (e *ChoiceError) Hint() string {
	return fmt.Sprintf("unset %s, or set it to one of: %s", Variable, strings.Join(e.Known, ", "))
}

// Variable is the environment variable that forces a kernel.
const Variable = "SHEAF_SIMD"

// Default is the kernel that Variable names, else the fastest. It looks once.
var Default = sync.OnceValues(func() (*Kernel, error) { return Choose(os.Getenv(Variable)) })
