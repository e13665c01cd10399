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

const (
	dotRadius    = 6.0
	letterHeight = 14.0
	letterWidth  = 7.0 // of 12-pixel letters, the widest of usual ones
)

// labelBox is where the name stands.
func (d *dot) labelBox() box {
	width := letterWidth * float64(utf8.RuneCountInString(d.Name))
	left := d.LabelX + map[string]float64{"start": 0, "end": -width, "middle": -width / 2}[d.Anchor]
	return box{left, d.LabelY - letterHeight + 3, left + width, d.LabelY + 3}
}

// placeLabels puts each name near its dot where it lies on no dot, no other name
// and not outside the frame, as far as there is such a place.
func (p *Plot) placeLabels() {
	var taken []box
	for _, d := range p.Dots {
		taken = append(taken, box{d.X - dotRadius, d.Y - dotRadius, d.X + dotRadius, d.Y + dotRadius})
	}
	for i := range p.Dots {
		best, fewest := p.Dots[i], math.MaxInt
		best.LabelX, best.LabelY, best.Anchor = p.Left, best.Y-letterHeight, "start" // of a name as wide as the frame
		for _, at := range p.placesOf(p.Dots[i]) {
			b := at.labelBox()
			if b.left < p.Left || b.right > p.Right || b.top < 0 || b.bottom > p.Bottom {
				continue
			}
			hits := 0
			for _, t := range taken {
				if t.overlaps(b) {
					hits++
				}
			}
			if hits < fewest {
				best, fewest = at, hits
			}
			if hits == 0 {
				break
			}
		}
		p.Dots[i] = best
		taken = append(taken, best.labelBox())
	}
}

// placesOf are the places that a name may have, the best first: beside its dot,
// then ever farther up and down.
func (p *Plot) placesOf(d dot) []dot {
	const rings = 12
	var places []dot
	for ring := range rings {
		for _, dy := range []float64{float64(ring) * letterHeight, -float64(ring) * letterHeight} {
			for _, side := range []struct {
				anchor string
				dx     float64
			}{{"start", dotRadius + 4}, {"end", -dotRadius - 4}, {"middle", 0}} {
				at := d
				at.LabelX, at.LabelY, at.Anchor = d.X+side.dx, d.Y+4+dy, side.anchor
				places = append(places, at)
			}
		}
	}
	return places
}
