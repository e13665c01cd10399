package bench

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sheaf/internal/quality"
)

var update = flag.Bool("update", false, "write the golden files anew")

func fixture() *Report {
	v := func(x float64) *quality.Interval { return &quality.Interval{Value: x, Low: x - 0.02, High: x + 0.03} }
	row := func(name, backend, dtype string, dim int, speed float64, scores ...float64) Row {
		r := Row{Model: name, Backend: backend, DType: dtype, Dim: dim, TextsPerSecond: quality.Interval{Value: speed, Low: 0.9 * speed, High: 1.1 * speed},
			TokensPerSecond: quality.Interval{Value: 10 * speed, Low: 10 * speed, High: 10 * speed}, LatencyMillis: [3]float64{0.02, 1.5, 120}, LoadSeconds: 0.25, Cost: 0.0071, PeakMemory: 64e6}
		for i, s := range scores {
			r.Sets = append(r.Sets, Score{Set: []string{"one", "two"}[i], V: v(s)})
			r.Quality += s / float64(len(scores))
		}
		return r
	}
	return &Report{
		Schema: 1, Sheaf: "0", Machine: "a machine", Threads: 2, Protocol: Sheaf, Repetitions: 3, Labelled: true,
		Sets:   []SetInfo{{"one", 100, 7}, {"two", 50, 3}},
		Models: []Row{row("builtin", "static", "int8", 320, 43_000, 0.73, 0.86), row("./a|b<i>", "onnx", "float16", 384, 1_200, 0.71, 0.9), {Model: "gone", Error: "no such folder"}},
	}
}

func unlabelledFixture() *Report {
	r := fixture()
	r.Labelled, r.Sets, r.Models = false, []SetInfo{{"notes", 32, 0}}, r.Models[:2]
	sil := 0.41
	for i := range r.Models {
		r.Models[i].Sets = []Score{{Set: "notes", K: 7 + i, Silhouette: &sil, Seeds: &quality.Stability{ARI: 0.9}, Samples: &quality.Stability{ARI: 0.8}}}
		r.Models[i].Quality = 0.8
	}
	r.Differences = []Difference{{Set: "notes", A: "builtin", B: "./a|b<i>", ARI: 0.52, Groups: []Group{{Size: 5, Together: 0.4, Parts: 3, Examples: []string{"cats\x1b[31m", "<b>birds"}, Split: []Part{{Size: 3, Examples: []string{"cats\x1b[31m", "*dogs*"}, With: []string{"a|b"}}, {Size: 2, Examples: []string{"<b>birds"}}}}}}}
	return r
}

func chatFixture() *ChatReport {
	r := &ChatReport{Schema: 1, Sheaf: "0", Machine: "a machine", Embedding: "builtin", Options: map[string]any{"top_k": 3}, Sets: []SetInfo{{"notes", 12, 2}}}
	calls := &Calls{Seconds: []float64{1, 2, 3, 2}, Sent: 5, Read: 800, Written: 50}
	good := ChatRow{Model: "tinyllama", Prompts: BuiltinPrompts, Server: "ollama at 127.0.0.1:11434", LoadSeconds: 1.5}
	SummariseChat(&good, []Named{{Label: "Animals", IsModel: true, Fit: 0.8, Answers: []Answer{{}, {Rule: "puffery"}}}, {Label: "Fruit", Answers: []Answer{{Rule: "invented name", Invented: true}, {Rule: "puffery"}}}}, calls, 1)
	words := ChatRow{Model: "keywords"}
	SummariseChat(&words, []Named{{Label: "Animals", IsModel: true, Fit: 0.9}, {Label: "Fruit", IsModel: true, Fit: 0.7}}, &Calls{}, 1)
	r.Models = []ChatRow{good, {Model: "gone", Prompts: "my|prompts", Error: "no model gone"}, words}
	for i, name := range []string{"Animals", "Fruit"} {
		r.Groups = append(r.Groups, ChatGroup{Set: "notes", Size: 6, Examples: []string{"<b>cats", "dogs"}, Labels: []ChatLabel{
			{Model: "tinyllama", Prompts: BuiltinPrompts, Label: name, Source: []string{"model", "keywords"}[i], Fit: 0.8}, {Model: "keywords", Label: name, Source: "keywords", Fit: 0.9},
		}})
	}
	return r
}

func TestWrite(t *testing.T) {
	for name, write := range map[string]func(w *strings.Builder, format string) error{
		"labelled":   func(w *strings.Builder, format string) error { return Write(w, fixture(), format) },
		"unlabelled": func(w *strings.Builder, format string) error { return Write(w, unlabelledFixture(), format) },
		"chat":       func(w *strings.Builder, format string) error { return WriteChat(w, chatFixture(), format) },
	} {
		for _, format := range Formats() {
			var b strings.Builder
			if err := write(&b, format); err != nil {
				t.Fatal(err)
			}
			got := b.String()
			if strings.Contains(got, "%!") || strings.Contains(got, "\x1b") || strings.Contains(got, "NaN") {
				t.Errorf("%s, %s:\n%s", name, format, got)
			}
			switch format {
			case "json":
				if !json.Valid([]byte(got)) {
					t.Errorf("%s is no JSON", name)
				}
				continue
			case "html":
				if strings.Contains(got, "<b>") || strings.Contains(got, "<i>") || strings.Contains(got, "http") && !strings.Contains(got, "http-equiv") || strings.Contains(got, "<script") {
					t.Errorf("%s: a text is markup, or something is loaded:\n%s", name, got)
				}
			}
			golden := filepath.Join("testdata", name+"."+format)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s is not as before (-update writes it anew):\n%s", golden, got)
			}
		}
	}
}

func TestSummariseChat(t *testing.T) {
	m := chatFixture().Models[0]
	if m.Passed.Value != 0.5 || m.Fit.Value != 0.4 || m.FitOfPassed != 0.8 || m.Answers != 4 || m.AnswersPassed != 0.25 || m.Invented != 1 || m.Faults["puffery"] != 2 ||
		m.SecondsPerGroup.Value != 4 || m.CallsPerGroup != 2.5 || m.ReadPerGroup != 400 || m.WrittenPerGroup != 25 {
		t.Errorf("%+v", m)
	}
	if m.Passed.Low > 0 || m.Passed.High < 1 || m.SecondsPerGroup.Low >= 4 || m.SecondsPerGroup.High <= 4 {
		t.Errorf("intervals %+v", m)
	}
	var none ChatRow
	if SummariseChat(&none, nil, &Calls{}, 1); none.Passed.Value != 0 || none.CallsPerGroup != 0 {
		t.Errorf("%+v", none)
	}
}

// Up to eight names, wherever their dots are, lie on no dot, on no other name and
// within the frame.
func TestNamesDoNotOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var points []point
		for i := range rapid.IntRange(1, 8).Draw(t, "models") {
			name := fmt.Sprintf("%d%s", i, strings.Repeat("m", rapid.IntRange(1, 24).Draw(t, "length")))
			points = append(points, point{X: rapid.Float64Range(1, 1e6).Draw(t, "speed"), Y: rapid.Float64Range(0, 1).Draw(t, "quality"), Name: name})
		}
		p := newPlot(points, "x", "y")
		var boxes []box
		for _, d := range p.Dots {
			if d.X < p.Left || d.X > p.Right || d.Y < p.Top || d.Y > p.Bottom {
				t.Fatalf("%+v lies outside", d)
			}
			boxes = append(boxes, d.labelBox())
		}
		for i, a := range boxes {
			if a.left < p.Left || a.right > p.Right || a.bottom > p.Bottom || a.top < 0 {
				t.Fatalf("%+v reaches outside", p.Dots[i])
			}
			for j, b := range boxes {
				if i != j && a.overlaps(b) {
					t.Fatalf("%+v and %+v overlap", p.Dots[i], p.Dots[j])
				}
				if d := p.Dots[j]; a.overlaps(box{d.X - dotRadius, d.Y - dotRadius, d.X + dotRadius, d.Y + dotRadius}) {
					t.Fatalf("%+v lies on %+v", p.Dots[i], d)
				}
			}
		}
	})
}

func TestTickStep(t *testing.T) {
	for span, want := range map[float64]float64{1: 0.2, 0.04: 0.01, 0.3: 0.05, 0.12: 0.02} {
		if got := tickStep(span); got < 0.99*want || got > 1.01*want {
			t.Errorf("tickStep(%v) = %v, want %v", span, got, want)
		}
	}
}

func TestCompare(t *testing.T) {
	set := &Set{Name: "s", Texts: []string{"a", "b", "c", "d", "e", "f"}}
	d := Compare(set, "x", "y", []int32{0, 0, 0, 1, 1, -1}, []int32{5, 5, 7, 7, 7, 5})
	if len(d.Groups) != 1 || d.Groups[0].Size != 3 || d.Groups[0].Parts != 2 {
		t.Fatalf("%+v", d.Groups)
	}
	got := fmt.Sprint(d.Groups[0].Split)
	if want := "[{2 [a b] [f]} {1 [c] [d e]}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
