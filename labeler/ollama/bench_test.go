//go:build unix

package ollama

import (
	"context"
	"net/http"
	"testing"

	"github.com/ollama/ollama/api"

	"sheaf/internal/ollamatest"
	"sheaf/labeler/chat"
	"sheaf/labeler/prompts"
)

// BenchmarkLabel names the nine groups of the founding article with three
// candidates each and the built-in prompts, and counts what that takes: with a
// played server, whose tokens are the estimate's and whose answers are good at
// once, so that the time is the client's own; and with the tiny random model on
// a real server, of which no answer is good. The second run has the answers of
// the first.
func BenchmarkLabel(b *testing.B) {
	b.Run("played", func(b *testing.B) {
		labels := articleLabels()
		s := play(b, func(w http.ResponseWriter, _ *http.Request, req api.ChatRequest, _ int) {
			answer := labelJSON(labels[fenced(req, "notes")[0]])
			reply(b, w, http.StatusOK, api.ChatResponse{Message: api.Message{Content: answer}, Done: true, DoneReason: "stop",
				Metrics: api.Metrics{PromptEvalCount: prompts.Tokens(req.Messages[0].Content + req.Messages[1].Content), EvalCount: prompts.Tokens(answer)}})
		})
		benchmarkLabel(b, Options{Host: s.URL})
	})
	b.Run("real", func(b *testing.B) {
		server := ollamatest.Start(b)
		server.Create("tiny")
		benchmarkLabel(b, Options{Host: server.Host, Model: "tiny"})
	})
}

// articleLabels are labels of the groups, by their members.
func articleLabels() map[string]string {
	out := make(map[string]string)
	for i, c := range clustersOf(articleGroups...) {
		for _, m := range c.Members {
			out[m] = []string{"Units of Length", "Greek Letters", "Building Materials", "Musicians", "Fruits", "Animals", "Baked Foods", "Musicians of Britain", "Dairy Products"}[i]
		}
	}
	return out
}

func benchmarkLabel(b *testing.B, opts Options) {
	client, err := New(opts)
	if err != nil {
		b.Fatal(err)
	}
	clusters := clustersOf(articleGroups...)
	for _, name := range []string{"first run", "second run"} {
		b.Run(name, func(b *testing.B) {
			judge := theJudge(b)
			kept := &memory{kept: make(map[string]string)}
			run := func(c chat.Client) {
				l := labelerOf(b, c, func(o *chat.LabelerOptions) { o.Prompts, o.Judge, o.Answers = nil, judge, kept })
				if _, err := l.Label(context.Background(), clusters, nil); err != nil {
					b.Fatal(err)
				}
			}
			if name == "second run" {
				run(client)
			}
			rec := &recorder{Client: client}
			for b.Loop() {
				if name == "first run" {
					kept.kept = make(map[string]string)
				}
				run(rec)
			}
			var prompt, answer int
			for _, r := range rec.answers {
				if r != nil { // not an overflow
					prompt, answer = prompt+r.PromptTokens, answer+r.Tokens
				}
			}
			each := float64(b.N * len(clusters))
			b.ReportMetric(float64(len(rec.answers))/each, "calls/cluster")
			b.ReportMetric(float64(prompt)/each, "prompt-tokens/cluster")
			b.ReportMetric(float64(answer)/each, "answer-tokens/cluster")
			b.ReportMetric(b.Elapsed().Seconds()/each, "s/cluster")
		})
	}
}
