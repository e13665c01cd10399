package report

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"
)

// A Curve says how good each number of clusters is.
type Curve struct {
	Schema    int          `json:"schema"`
	Sheaf     string       `json:"sheaf"`
	Inputs    []Input      `json:"inputs"`
	Embedding Embedding    `json:"embedding"`
	Distinct  int          `json:"distinct"` // texts
	Seed      uint64       `json:"seed"`
	K         int          `json:"k"`     // what is suggested
	Range     KRange       `json:"range"` // the range that is suggested, its ends at most a factor of two apart
	Ties      KRange       `json:"ties"`  // those whose scores do not differ by more than chance from the best
	Points    []CurvePoint `json:"points"`
	Warnings  []string     `json:"warnings"`
}

// CurvePoint is one number of clusters.
type CurvePoint struct {
	K          int     `json:"k"`
	Score      float64 `json:"score"`      // explained variance less what k clusters cost; higher is better
	Silhouette float64 `json:"silhouette"` // simplified, -1 to 1
	Inertia    float64 `json:"inertia"`
	// Stability is the mean adjusted Rand index of clusterings of subsamples,
	// null where it was not looked at.
	Stability *float64 `json:"stability"`
}

// WriteCurve writes a curve as Text, JSON or HTML; "html" is a page of its own
// that loads nothing.
func WriteCurve(w io.Writer, c *Curve, format string) error {
	switch format {
	case "json":
		shown := *c
		shown.Inputs, shown.Warnings = list(c.Inputs), list(c.Warnings)
		shown.Embedding.Defaults = list(c.Embedding.Defaults)
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(&shown)
	case "html":
		return curvePage.Execute(w, newPage(c))
	}
	_, err := io.WriteString(w, c.text())
	return err
}

// bars are the heights of a sparkline.
var bars = []rune("▁▂▃▄▅▆▇█")

func (c *Curve) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s suggested, %d to %d is as plausible, for %s\n\n", number(c.K, "group"), c.Range.Low, c.Range.High, number(c.Distinct, "distinct text"))
	lo, hi := c.bounds()
	// A bad score of very many groups would flatten the rest.
	lo = max(lo, hi-3*math.Abs(hi))
	line, marks := make([]rune, len(c.Points)), make([]rune, len(c.Points))
	for i, p := range c.Points {
		at := 0.0
		if hi > lo {
			at = max(0, (p.Score-lo)/(hi-lo))
		}
		line[i] = bars[int(at*float64(len(bars)-1)+0.5)]
		marks[i] = ' '
		if p.K >= c.Range.Low && p.K <= c.Range.High {
			marks[i] = '-'
		}
		if p.K == c.K {
			marks[i] = '^'
		}
	}
	fmt.Fprintf(&b, "  score  %s  k %d to %d\n         %s\n\n", string(line), c.Points[0].K, c.Points[len(c.Points)-1].K, strings.TrimRight(string(marks), " "))
	b.WriteString("     k    score  silhouette  stability\n")
	for _, p := range c.Points {
		mark, stability := " ", "        -"
		if p.K >= c.Range.Low && p.K <= c.Range.High {
			mark = "·"
		}
		if p.K == c.K {
			mark = "▸"
		}
		if p.Stability != nil {
			stability = fmt.Sprintf("%9.3f", *p.Stability)
		}
		fmt.Fprintf(&b, "%s %4d  %7.4f  %10.3f  %s\n", mark, p.K, p.Score, p.Silhouette, stability)
	}
	b.WriteString("\n▸ (^) is the suggestion, · (-) the range that is as plausible.\nscore: explained variance less the cost of k groups; stability: how much groupings of\nfour fifths of the texts agree (adjusted Rand index). It is a suggestion: no figure knows\nhow fine the groups are to be.\n")
	return b.String()
}

func (c *Curve) bounds() (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, p := range c.Points {
		lo, hi = min(lo, p.Score), max(hi, p.Score)
	}
	return lo, hi
}

// A curvePageData is the curve in the coordinates of the page's drawing, 720×300.
type curvePageData struct {
	*Curve
	Line           string
	Dots           []curveDot
	Ticks, Scores  []curveDot // marks of the axes
	BandX, BandW   float64
	Title, Summary string
}

type curveDot struct {
	X, Y  float64
	Point CurvePoint
	Best  bool
	In    bool
	Name  string
}

// Stability is the point's as the table shows it.
func (d curveDot) Stability() string {
	if d.Point.Stability == nil {
		return "–"
	}
	return fmt.Sprintf("%.3f", *d.Point.Stability)
}

func newPage(c *Curve) curvePageData {
	const left, right, top, bottom = 56.0, 700.0, 20.0, 260.0
	lo, hi := c.bounds()
	lo = max(lo, hi-3*math.Abs(hi))
	if hi == lo {
		hi = lo + 1
	}
	first, last := math.Log(float64(c.Points[0].K)), math.Log(float64(c.Points[len(c.Points)-1].K))
	x := func(k float64) float64 {
		if last == first {
			return (left + right) / 2
		}
		return left + (right-left)*min(1, max(0, (math.Log(k)-first)/(last-first)))
	}
	p := curvePageData{Curve: c, Title: "How many groups"}
	p.Summary = fmt.Sprintf("%d suggested, %d to %d is as plausible, for %s", c.K, c.Range.Low, c.Range.High, number(c.Distinct, "distinct text"))
	p.BandX = x(float64(c.Range.Low))
	p.BandW = max(2, x(float64(c.Range.High))-p.BandX)
	var line []string
	lastTick := -100.0
	for _, q := range c.Points {
		d := curveDot{X: x(float64(q.K)), Y: bottom - (bottom-top)*max(0, (q.Score-lo)/(hi-lo)), Point: q, Best: q.K == c.K, In: q.K >= c.Range.Low && q.K <= c.Range.High}
		line = append(line, fmt.Sprintf("%.1f,%.1f", d.X, d.Y))
		p.Dots = append(p.Dots, d)
		if d.X-lastTick > 26 {
			lastTick = d.X
			d.Name = fmt.Sprint(q.K)
			p.Ticks = append(p.Ticks, d)
		}
	}
	p.Line = strings.Join(line, " ")
	for i := range 5 {
		at := float64(i) / 4
		p.Scores = append(p.Scores, curveDot{Y: bottom - (bottom-top)*at, Name: fmt.Sprintf("%.2f", lo+(hi-lo)*at)})
	}
	return p
}

var curvePage = template.Must(template.New("curve").Parse(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
:root { color-scheme: light dark; --line: #0b57d0; --band: #0b57d022; --dim: #5c5c5c; --grid: #8884; }
@media (prefers-color-scheme: dark) { :root { --line: #8ab4f8; --band: #8ab4f833; --dim: #b0b0b0; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 760px; margin: 2rem auto; padding: 0 1rem; }
svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: var(--dim); }
table { border-collapse: collapse; margin: 1.5rem 0; font-variant-numeric: tabular-nums; } th, td { text-align: right; padding: .15rem .8rem; } tbody th { font-weight: inherit; }
tr.in { background: var(--band); } tr.best { font-weight: bold; } p.dim { color: var(--dim); font-size: .9rem; }
</style>
<h1>{{.Title}}</h1>
<p>{{.Summary}}.</p>
<svg viewBox="0 0 720 300" role="img" aria-label="score by number of groups; the table below has the figures">
<rect x="{{.BandX}}" y="20" width="{{.BandW}}" height="240" fill="var(--band)"/>
{{range .Scores}}<line x1="56" y1="{{.Y}}" x2="700" y2="{{.Y}}" stroke="var(--grid)"/><text x="48" y="{{.Y}}" dy="4" text-anchor="end">{{.Name}}</text>
{{end}}<text x="14" y="140" text-anchor="middle" transform="rotate(-90 14 140)">score</text>
<polyline points="{{.Line}}" fill="none" stroke="var(--line)" stroke-width="2"/>
{{range .Dots}}<circle cx="{{.X}}" cy="{{.Y}}" r="{{if .Best}}6{{else}}3{{end}}" fill="var(--line)"><title>k {{.Point.K}}: score {{printf "%.4f" .Point.Score}}</title></circle>
{{end}}{{range .Ticks}}<text x="{{.X}}" y="278" text-anchor="middle">{{.Name}}</text>
{{end}}<text x="378" y="296" text-anchor="middle">number of groups (logarithmic); the band is the range</text>
</svg>
<table>
<thead><tr><th scope="col">k</th><th scope="col">score</th><th scope="col">silhouette</th><th scope="col">stability</th></tr></thead>
<tbody>
{{range .Dots}}<tr class="{{if .In}}in{{end}}{{if .Best}} best{{end}}"><th scope="row">{{.Point.K}}</th><td>{{printf "%.4f" .Point.Score}}</td><td>{{printf "%.3f" .Point.Silhouette}}</td><td>{{.Stability}}</td></tr>
{{end}}</tbody></table>
<p class="dim">Score: explained variance less the cost of k groups. Stability: how much groupings of four fifths of the texts agree (adjusted Rand index). It is a suggestion: no figure knows how fine the groups are to be. Embedded with {{.Embedding.Model}}; made by sheaf {{.Sheaf}} on this machine.</p>
{{range .Warnings}}<p class="dim">{{.}}</p>
{{end}}</html>
`))
