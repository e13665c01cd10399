package report

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestWriteCurve(t *testing.T) {
	stable := 0.9125
	c := &Curve{
		Schema: Schema, Sheaf: "0", Distinct: 40, K: 4, Range: KRange{Low: 3, High: 5}, Embedding: Embedding{Model: "<builtin>"},
		Points:   []CurvePoint{{K: 2, Score: 0.1, Silhouette: 0.2}, {K: 4, Score: 0.3, Silhouette: 0.25, Stability: &stable}, {K: 8, Score: 0.2}},
		Warnings: []string{"2 items <b>are</b> left out"},
	}
	for format, wants := range map[string][]string{
		"text": {"4 groups suggested, 3 to 5 is as plausible, for 40 distinct texts", "▸    4   0.3000       0.250      0.912", "     8   0.2000       0.000          -"},
		"html": {"default-src 'none'", "<td>0.912</td>", "<td>–</td>", "&lt;b&gt;", "&lt;builtin&gt;"},
		"json": {`"stability": 0.9125`, `"stability": null`},
	} {
		var b strings.Builder
		if err := WriteCurve(&b, c, format); err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: no %q in\n%s", format, want, b.String())
			}
		}
		if strings.Contains(b.String(), "%!") || format == "html" && (strings.Contains(b.String(), "<b>") || strings.Contains(b.String(), "http:")) {
			t.Errorf("%s:\n%s", format, b.String())
		}
		if format == "json" && !json.Valid([]byte(b.String())) {
			t.Error("not valid")
		}
	}
}

// One point, or points that are all as good, still make a page.
func TestCurveOfOnePoint(t *testing.T) {
	for _, points := range [][]CurvePoint{{{K: 2, Score: 0}}, {{K: 2, Score: 1}, {K: 3, Score: 1}}} {
		c := &Curve{K: 2, Range: KRange{Low: 2, High: 2}, Points: points}
		for _, format := range []string{"text", "html"} {
			var b strings.Builder
			if err := WriteCurve(&b, c, format); err != nil || strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "Inf") {
				t.Errorf("%s: %v\n%s", format, err, b.String())
			}
		}
	}
}
