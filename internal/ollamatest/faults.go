package ollamatest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sheaf/labeler"
	"sheaf/labeler/chat"
	"sheaf/labeler/prompts"
)

// Brief is templates of a few words: to read a long prompt is nearly all that a
// tiny model's answer takes.
func Brief(t testing.TB) *prompts.Set {
	t.Helper()
	set, err := prompts.Load(fstest.MapFS{
		prompts.LabelSystem: {Data: []byte(`Answer with {"label": "..."}`)},
		prompts.LabelUser: {Data: []byte("<notes>\n{{range .Members}}- {{.}}\n{{end}}</notes>\n" +
			"{{if .Others}}<others>\n{{range .Others}}- {{.}}\n{{end}}</others>\n{{end}}Name them.{{if .Fault}} Yours {{.Fault}}.{{end}}")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// faultGroups are what is named while the connection is bad.
var faultGroups = [][]string{{"cats", "dogs", "birds"}, {"milk", "butter", "bread"}, {"meters", "inches", "feet"}}

// Check names groups through the proxy, in so many seeded runs with as many
// different faults, options and endings, and checks what has to hold of each: it
// ends; each group has a valid label whose source is the true one; no goroutine
// and no connection is left. The client is one of the proxy's URL.
func (p *Proxy) Check(t *testing.T, client chat.Client, runs int) {
	t.Helper()
	set := Brief(t)
	before := runtime.NumGoroutine()
	var fromModel, fromOther, cancelled int
	for seed := range uint64(runs) {
		random := rand.New(rand.NewPCG(seed, 0))
		pick := func(of ...time.Duration) time.Duration { return of[random.IntN(len(of))] }
		const ms = time.Millisecond
		opts := chat.LabelerOptions{Fallback: fallback{}, Prompts: set}
		opts.Seed, opts.NumThread, opts.Workers = seed, 1, 1+random.IntN(3)
		opts.Timeout, opts.Backoff = pick(5*ms, 50*ms, 250*ms), pick(ms/10, ms)
		opts.RunTimeout = pick(0, 0, 0, 20*ms, 300*ms)
		p.Begin(seed, []float64{0.3, 0.6, 0.95}[random.IntN(3)], pick(ms, 20*ms, 100*ms))
		l, err := chat.NewLabeler(client, opts)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if random.IntN(10) == 0 {
			time.AfterFunc(pick(0, 10*ms, 50*ms), cancel)
		}
		var clusters []labeler.Cluster
		for _, g := range faultGroups {
			clusters = append(clusters, labeler.Cluster{Members: g})
		}
		got, err := l.Label(ctx, clusters, nil)
		switch {
		case err != nil && (ctx.Err() == nil || !errors.Is(err, context.Canceled)):
			t.Errorf("run %d: %v", seed, err)
		case err != nil:
			cancelled++
		default:
			m, o := p.checkLabels(t, seed, got)
			fromModel, fromOther = fromModel+m, fromOther+o
		}
		cancel()
		for until := time.Now().Add(20 * time.Second); p.Open() > 0; time.Sleep(ms / 2) {
			if time.Now().After(until) {
				t.Fatalf("run %d left %d connections open", seed, p.Open())
			}
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	for until := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
		}
	}
	seen := p.Seen()
	t.Logf("%d runs: %d labels from the model, %d from the other labeler, %d runs cancelled; faults %v", runs, fromModel, fromOther, cancelled, seen)
	if runs < 200 {
		return // of few runs on a busy machine not each has to show everything
	}
	for f := range Fault(Faults) {
		if seen[f] == 0 {
			t.Errorf("no response had the fault %v", f)
		}
	}
	if fromModel == 0 || fromOther == 0 {
		t.Error("all labels have the same source")
	}
}

// checkLabels looks at the labels of one run.
func (p *Proxy) checkLabels(t *testing.T, seed uint64, got *labeler.Labels) (fromModel, fromOther int) {
	passed := p.passedLabels()
	taken := make(map[string]bool)
	for i, l := range got.Labels {
		if key := strings.ToLower(l.Text); l.Text == "" || l.Reason == "" || taken[key] {
			t.Errorf("run %d: label %d is %+v, which is empty or a repeat", seed, i, l)
		} else {
			taken[key] = true
		}
		// MakeUnique tells equal ones apart by a word in brackets.
		text, _, _ := strings.Cut(l.Text, " (")
		switch l.Source {
		case labeler.FromModel:
			fromModel++
			if err := labeler.Check(text, faultGroups[i]); err != nil || !slices.Contains(passed, text) {
				t.Errorf("run %d: label %d is %+v (%v); the model said %q", seed, i, l, err, passed)
			}
		case labeler.FromKeywords:
			fromOther++
			if text != fallbackLabel(faultGroups[i]) {
				t.Errorf("run %d: label %d is %+v", seed, i, l)
			}
		default:
			t.Errorf("run %d: label %d is from %s", seed, i, l.Source)
		}
	}
	if fromOther > 0 && len(got.Warnings) == 0 {
		t.Errorf("run %d: %d labels are not the model's, and no warning", seed, fromOther)
	}
	return fromModel, fromOther
}

// passedLabels are the labels in the answers that may have arrived.
func (p *Proxy) passedLabels() []string {
	var labels []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			if content, ok := v["content"].(string); ok {
				var answer struct{ Label string }
				if (chat.Answer{Content: content}).Decode(&answer) == nil {
					labels = append(labels, labeler.Tidy(answer.Label))
				}
			}
			for _, item := range v {
				walk(item)
			}
		}
	}
	for body := range strings.SplitSeq(p.Passed(), "\n") {
		var v any
		if json.Unmarshal([]byte(body), &v) == nil {
			walk(v)
		}
	}
	return labels
}

// A fallback names a group by its first text.
type fallback struct{}

func fallbackLabel(members []string) string { return "About " + labeler.Tidy(members[0]) }

func (fallback) Label(_ context.Context, clusters []labeler.Cluster, _ func(int)) (*labeler.Labels, error) {
	out := &labeler.Labels{}
	for _, c := range clusters {
		out.Labels = append(out.Labels, labeler.Label{Text: fallbackLabel(c.Members), Source: labeler.FromKeywords, Reason: "its first text"})
	}
	return out, nil
}

// Replacement is the content of the n-th answer that a proxy replaces: a label
// that can be taken, or one of what small models say instead.
func Replacement(n int) string {
	answers := []string{`{"label": "Household Things %s"}`, `{"label": "Words of Kind %s"}`, `Sure! {"label": "Items of Sort %s"}`,
		`{"label": "Ultimate %s"}`, `{"label": "Miscel`, "", `["%s"]`}
	answer := answers[n%len(answers)]
	if !strings.Contains(answer, "%s") {
		return answer
	}
	return fmt.Sprintf(answer, string(rune('A'+n%26)))
}
