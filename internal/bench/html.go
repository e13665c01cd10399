package bench

import (
	"fmt"
	"html/template"
)

// pageData is what the page of embedding models shows.
type pageData struct {
	*Report
	Title  string
	Plot   *Plot
	Tables []Table
	Lines  []string
}

func (r *Report) page() (string, any) {
	yName := "mean V-measure"
	if !r.Labelled {
		yName = "mean stability"
	}
	var points []point
	for _, m := range r.Models {
		if m.Error == "" {
			points = append(points, point{m.TextsPerSecond.Value, m.Quality, m.Model, fmt.Sprintf("%s: %.3f at %s texts/s", m.Model, m.Quality, amount(m.TextsPerSecond.Value))})
		}
	}
	return "bench", pageData{r, "Embedding models compared", newPlot(points, "texts per second (logarithmic)", yName), r.tables(), r.head()}
}

// Title and Title of its groups, for the page.
func (d Difference) Title() string { return d.title() }

// Title says what became of a group.
func (g Group) Title() string { return g.title() }

// Title is the part's texts and what is with them.
func (p Part) Title() string { return p.title() }

// pages are the pages "bench" and "chat" and what they share. They load
// nothing, and their policy lets them load nothing.
var pages = template.Must(template.New("").Funcs(template.FuncMap{"line": printable, "px": func(v float64) string { return fmt.Sprintf("%.1f", v) }}).Parse(`{{define "head"}}<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.}}</title>
<style>
:root { color-scheme: light dark; --dot: #0b57d0; --dim: #5c5c5c; --grid: #8884; }
@media (prefers-color-scheme: dark) { :root { --dot: #8ab4f8; --dim: #b0b0b0; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
svg { width: 100%; max-width: 760px; height: auto; } svg text { font-size: 12px; fill: currentColor; } svg text.dim { fill: var(--dim); }
svg line { stroke: var(--grid); } svg circle { fill: var(--dot); }
.wide { overflow-x: auto; margin: 1.5rem 0; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
caption { text-align: left; font-weight: bold; padding: .25rem .6rem; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--grid); white-space: nowrap; font-weight: normal; } thead th { color: var(--dim); }
th:first-child, td:first-child, td.text { text-align: left; } td.text { white-space: normal; vertical-align: top; }
p.dim, li, small { color: var(--dim); font-size: .9rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin-top: 2rem; }
</style>
<h1>{{.}}</h1>
{{end}}{{define "plot"}}{{if .Dots}}{{$p := .}}<svg viewBox="0 0 720 400" role="img" aria-label="{{.YName}} by {{.XName}}; the table below has the figures">
{{range .XTicks}}<line x1="{{px .At}}" y1="{{px $p.Top}}" x2="{{px .At}}" y2="{{px $p.Bottom}}"/><text class="dim" x="{{px .At}}" y="364" text-anchor="middle">{{.Name}}</text>
{{end}}{{range .YTicks}}<line x1="{{px $p.Left}}" y1="{{px .At}}" x2="{{px $p.Right}}" y2="{{px .At}}"/><text class="dim" x="52" y="{{px .At}}" dy="4" text-anchor="end">{{.Name}}</text>
{{end}}<text class="dim" x="380" y="388" text-anchor="middle">{{.XName}}</text>
<text class="dim" x="14" y="181" text-anchor="middle" transform="rotate(-90 14 181)">{{.YName}}</text>
{{range .Dots}}<circle cx="{{px .X}}" cy="{{px .Y}}" r="6"><title>{{line .Title}}</title></circle><text x="{{px .LabelX}}" y="{{px .LabelY}}" text-anchor="{{.Anchor}}">{{line .Name}}</text>
{{end}}</svg>
{{end}}{{end}}{{define "table"}}<div class="wide"><table>
<caption>{{.Caption}}</caption>
<thead><tr>{{range .Heads}}<th scope="col">{{line .}}</th>{{end}}</tr></thead>
<tbody>{{$n := len .Heads}}
{{range .Rows}}<tr>{{$short := ne (len .) $n}}{{range $i, $c := .}}{{if eq $i 0}}<th scope="row">{{line $c}}</th>{{else if $short}}<td class="text" colspan="{{$n}}">{{line $c}}</td>{{else}}<td>{{line $c}}</td>{{end}}{{end}}</tr>
{{end}}</tbody></table></div>
{{end}}{{define "bench"}}{{template "head" .Title}}{{template "plot" .Plot}}{{range .Tables}}{{template "table" .}}{{end}}{{range .Lines}}<p class="dim">{{line .}}</p>
{{end}}{{range .Differences}}<h2>{{line .Title}}</h2>
{{range .Groups}}<p>{{.Title}}:</p><ul>{{range .Split}}<li>{{line .Title}}</li>{{end}}</ul>
{{end}}{{end}}<p class="dim">Made by sheaf {{.Sheaf}} on this machine.</p>
</html>
{{end}}{{define "chat"}}{{template "head" .Title}}{{template "plot" .Plot}}{{range .Tables}}{{template "table" .}}{{end}}{{range .Lines}}<p class="dim">{{line .}}</p>
{{end}}<h2>What the groups are called</h2>
<div class="wide"><table>
<thead><tr><th scope="col">group</th>{{range .Names}}<th scope="col">{{line .}}</th>{{end}}</tr></thead>
<tbody>
{{range .Groups}}<tr><td class="text">{{with .Name}}<strong>{{line .}}</strong>, {{end}}{{.Size}} texts:<br><small>{{range $i, $e := .Examples}}{{if $i}} · {{end}}{{line $e}}{{end}}</small></td>{{range .Labels}}<td class="text">{{if .IsOwn}}{{line .Label}} <small>{{printf "%.2f" .Fit}}</small>{{else}}–{{end}}</td>{{end}}</tr>
{{end}}</tbody></table></div>
<p class="dim">Made by sheaf {{.Sheaf}} on this machine.</p>
</html>
{{end}}`))
