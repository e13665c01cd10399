package bench

import (
	"fmt"
	"math"
	"unicode/utf8"
)

// A point is a row of a table in a plot.
type point struct {
	X, Y  float64
	Name  string
	Title string // what is said when it is pointed at
}

// A Plot is points in the coordinates of a drawing, 720×400: to the right on a
// logarithmic scale, upwards on a linear one.
type Plot struct {
	XName, YName   string
	Dots           []dot
	XTicks, YTicks []tick
	Left, Right    float64 // of the frame
	Top, Bottom    float64
}

type dot struct {
	X, Y           float64
	LabelX, LabelY float64
	Anchor         string // of the label: start, middle or end
	Name, Title    string
}

type tick struct {
	At   float64
	Name string
}

// newPlot lays points out. Those with an X that has no logarithm are left out.
func newPlot(points []point, xName, yName string) *Plot {
	p := &Plot{XName: xName, YName: yName, Left: 60, Right: 700, Top: 16, Bottom: 346}
	lo, hi := point{math.Inf(1), math.Inf(1), "", ""}, point{math.Inf(-1), math.Inf(-1), "", ""}
	for _, q := range points {
		if q.X > 0 {
			lo.X, hi.X = min(lo.X, math.Log10(q.X)), max(hi.X, math.Log10(q.X))
			lo.Y, hi.Y = min(lo.Y, q.Y), max(hi.Y, q.Y)
		}
	}
	if math.IsInf(lo.X, 1) {
		return p
	}
	lo.X, hi.X = math.Floor(lo.X-0.05), math.Ceil(hi.X+0.05)
	step := tickStep(max(hi.Y-lo.Y, 0.04))
	lo.Y, hi.Y = step*math.Floor(lo.Y/step-0.3), step*math.Ceil(hi.Y/step+0.3)
	x := func(v float64) float64 { return p.Left + (p.Right-p.Left)*(v-lo.X)/(hi.X-lo.X) }
	y := func(v float64) float64 { return p.Bottom - (p.Bottom-p.Top)*(v-lo.Y)/(hi.Y-lo.Y) }
	for e := lo.X; e <= hi.X; e++ {
		p.XTicks = append(p.XTicks, tick{x(e), amount(math.Pow(10, e))})
	}
	for i := 0.0; i <= math.Round((hi.Y-lo.Y)/step); i++ {
		p.YTicks = append(p.YTicks, tick{y(lo.Y + i*step), fmt.Sprintf("%.2f", lo.Y+i*step)})
	}
	for _, q := range points {
		if q.X > 0 {
			p.Dots = append(p.Dots, dot{X: x(math.Log10(q.X)), Y: y(q.Y), Name: cut(q.Name, 40), Title: q.Title})
		}
	}
	p.placeLabels()
	return p
}

// tickStep is a round number that goes into a span about five times.
func tickStep(span float64) float64 {
	base := math.Pow(10, math.Floor(math.Log10(span/5)))
	for _, m := range []float64{1, 2, 5, 10} {
		if span/(m*base) <= 6 {
			return m * base
		}
	}
	return 10 * base
}

// A box is where something is drawn.
type box struct{ left, top, right, bottom float64 }

func (a box) overlaps(b box) bool {
	return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

// placeLabels puts each name beside its dot, where it lies on no dot, no other
// name and not outside the frame, as far as there is such a place.
func (p *Plot) placeLabels() {
	const radius, height, letter = 6.0, 14.0, 7.0 // of 12-pixel letters, the widest of usual ones
	var taken []box
	for _, d := range p.Dots {
		taken = append(taken, box{d.X - radius, d.Y - radius, d.X + radius, d.Y + radius})
	}
	for i := range p.Dots {
		d := &p.Dots[i]
		width := letter * float64(utf8.RuneCountInString(d.Name))
		best, bestHits := dot{}, math.MaxInt
		for ring := range 6 { // ever farther up and down
			for _, dy := range []float64{float64(ring) * height, -float64(ring) * height} {
				for _, side := range []struct {
					anchor   string
					dx, left float64
				}{{"start", radius + 4, 0}, {"end", -radius - 4, -width}, {"middle", 0, -width / 2}} {
					if side.anchor == "middle" && ring == 0 {
						continue // on the dot itself
					}
					at := dot{LabelX: d.X + side.dx, LabelY: d.Y + 4 + dy, Anchor: side.anchor}
					b := box{at.LabelX + side.left, at.LabelY - height + 3, at.LabelX + side.left + width, at.LabelY + 3}
					if b.left < p.Left || b.right > p.Right || b.top < p.Top-height || b.bottom > p.Bottom {
						continue
					}
					hits := 0
					for _, t := range taken {
						if t.overlaps(b) {
							hits++
						}
					}
					if hits < bestHits {
						best, bestHits = at, hits
					}
				}
			}
			if bestHits == 0 {
				break
			}
		}
		if bestHits == math.MaxInt { // a name as wide as the frame
			best = dot{LabelX: p.Left + 4, LabelY: max(d.Y-10, p.Top+8), Anchor: "start"}
			width = p.Right - p.Left
		}
		d.LabelX, d.LabelY, d.Anchor = best.LabelX, best.LabelY, best.Anchor
		left := map[string]float64{"start": 0, "end": -width, "middle": -width / 2}[d.Anchor]
		taken = append(taken, box{d.LabelX + left, d.LabelY - height + 3, d.LabelX + left + width, d.LabelY + 3})
	}
}
