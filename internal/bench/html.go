package bench

import (
	"fmt"
	"html/template"
	"math"
)

type pageData struct {
	*Report
	Lines  []string
	Heads  []string
	Cells  [][]string
	Dots   []dot
	XTicks []dot
	YTicks []dot
	YName  string
}

type dot struct {
	X, Y, LabelY float64
	Name         string
	Title        string
	Left         bool
}

// pageOf is a report in the coordinates of the page's plot, 720×400: speed to
// the right, on a logarithmic scale, quality upwards.
func pageOf(r *Report) pageData {
	const left, right, top, bottom = 60.0, 690.0, 20.0, 350.0
	p := pageData{Report: r, Lines: r.head(), YName: "mean V-measure"}
	p.Heads, p.Cells = r.columns()
	if !r.Labelled {
		p.YName = "mean stability"
	}
	x0, x1, y0, y1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, m := range r.Models {
		if m.Error == "" && m.TextsPerSecond.Value > 0 {
			x0, x1 = min(x0, math.Log10(m.TextsPerSecond.Value)), max(x1, math.Log10(m.TextsPerSecond.Value))
			y0, y1 = min(y0, m.Quality), max(y1, m.Quality)
		}
	}
	if math.IsInf(x0, 1) {
		return p
	}
	x0, x1 = math.Floor(x0), math.Ceil(x1+0.01)
	y0, y1 = math.Floor(y0*10-0.2)/10, min(1, math.Ceil(y1*10+0.2)/10)
	x := func(v float64) float64 { return left + (right-left)*(v-x0)/(x1-x0) }
	y := func(v float64) float64 { return bottom - (bottom-top)*(v-y0)/(y1-y0) }
	for e := x0; e <= x1; e++ {
		p.XTicks = append(p.XTicks, dot{X: x(e), Y: bottom, Name: amount(math.Pow(10, e))})
	}
	for v := y0; v <= y1+1e-9; v += 0.1 {
		p.YTicks = append(p.YTicks, dot{X: left, Y: y(v), Name: fmt.Sprintf("%.1f", v)})
	}
	for _, m := range r.Models {
		if m.Error != "" || m.TextsPerSecond.Value <= 0 {
			continue
		}
		d := dot{X: x(math.Log10(m.TextsPerSecond.Value)), Y: y(m.Quality), Name: m.Model, Title: fmt.Sprintf("%s: %.3f at %s texts/s", m.Model, m.Quality, amount(m.TextsPerSecond.Value))}
		d.Left = d.X > (left+right)/2
		d.LabelY = d.Y + 4
		for _, o := range p.Dots { // names must not lie on each other
			if o.Left == d.Left && math.Abs(o.LabelY-d.LabelY) < 14 && math.Abs(o.X-d.X) < 200 {
				d.LabelY = o.LabelY + 14
			}
		}
		p.Dots = append(p.Dots, d)
	}
	return p
}

var page = template.Must(template.New("bench").Parse(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Embedding models compared</title>
<style>
:root { color-scheme: light dark; --dot: #1f6feb; --dim: #777; --grid: #8884; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
svg { width: 100%; max-width: 760px; height: auto; } svg text { font-size: 12px; fill: currentColor; } svg text.dim { fill: var(--dim); }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--grid); white-space: nowrap; } th:first-child, td:first-child { text-align: left; }
p.dim, li { color: var(--dim); font-size: .9rem; }
</style>
<h1>Embedding models compared</h1>
<svg viewBox="0 0 720 400" role="img" aria-label="quality by speed">
{{range .XTicks}}<line x1="{{.X}}" y1="20" x2="{{.X}}" y2="350" stroke="var(--grid)"/><text class="dim" x="{{.X}}" y="368" text-anchor="middle">{{.Name}}</text>
{{end}}{{range .YTicks}}<line x1="60" y1="{{.Y}}" x2="690" y2="{{.Y}}" stroke="var(--grid)"/><text class="dim" x="52" y="{{.Y}}" dy="4" text-anchor="end">{{.Name}}</text>
{{end}}<text class="dim" x="375" y="390" text-anchor="middle">texts per second (logarithmic)</text>
<text class="dim" x="16" y="185" text-anchor="middle" transform="rotate(-90 16 185)">{{.YName}}</text>
{{range .Dots}}<circle cx="{{.X}}" cy="{{.Y}}" r="6" fill="var(--dot)"><title>{{.Title}}</title></circle><text x="{{.X}}" dx="{{if .Left}}-10{{else}}10{{end}}" y="{{.LabelY}}" text-anchor="{{if .Left}}end{{else}}start{{end}}">{{.Name}}</text>
{{end}}</svg>
<div class="wide"><table>
<tr>{{range .Heads}}<th>{{.}}</th>{{end}}</tr>
{{range .Cells}}<tr>{{range .}}<td>{{.}}</td>{{end}}</tr>
{{end}}</table></div>
{{range .Lines}}<p class="dim">{{.}}</p>
{{end}}{{range .Differences}}<h2>{{.Set}}: {{.A}} and {{.B}} agree by {{printf "%.2f" .ARI}}</h2>
{{range .Groups}}<p>{{.Size}} texts of one group are in {{.Parts}}:</p><ul>{{range .Examples}}<li>{{.}}</li>{{end}}</ul>
{{end}}{{end}}<p class="dim">Made by sheaf {{.Sheaf}} on this machine.</p>
</html>
`))
