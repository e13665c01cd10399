package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sheaf/engine/static"
	"sheaf/labeler"
	"sheaf/labeler/judge"
	"sheaf/labeler/prompts"
	"sheaf/models/builtin"
)

// A script answers the n-th request, counted from 0.
type script func(req *Request, n int) (*Response, error)

// A fake is a client without a server.
type fake struct {
	model Model
	gone  error // of Available
	chat  script

	mu       sync.Mutex
	requests []*Request
}

// play returns a client that has tinyllama and answers as the script says.
func play(chat script) *fake {
	return &fake{chat: chat, model: Model{Server: "127.0.0.1:11434", Name: "tinyllama", Digest: "sha256:aa", Context: 2048}}
}

func (f *fake) Kind() string { return "ollama" }

func (f *fake) Available(ctx context.Context) (Model, error) {
	if err := ctx.Err(); err != nil {
		return Model{}, err
	}
	return f.model, f.gone
}

func (f *fake) Chat(ctx context.Context, req *Request) (*Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	same := *req
	f.mu.Lock()
	n := len(f.requests)
	f.requests = append(f.requests, &same)
	f.mu.Unlock()
	return f.chat(&same, n)
}

func (f *fake) CloseIdleConnections() {}

func (f *fake) asked() []*Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*Request(nil), f.requests...)
}

// say answers with a content and a reason for its end.
func say(content, reason string) (*Response, error) {
	return &Response{Content: content, Length: reason == "length"}, nil
}

func labelJSON(s string) string {
	b, err := json.Marshal(map[string]string{"label": s})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// always gives the same answer to everything.
func always(content, reason string) script {
	return func(*Request, int) (*Response, error) { return say(content, reason) }
}

// about answers by the first text of the cluster in the prompt.
func about(t *testing.T, answers map[string]string) script {
	return func(req *Request, _ int) (*Response, error) {
		first := fenced(req, "notes")[0]
		answer, ok := answers[first]
		if !ok {
			t.Errorf("no answer about %q", first)
		}
		return say(labelJSON(answer), "stop")
	}
}

// fenced returns the lines of a prompt between <name> and </name>.
func fenced(req *Request, name string) []string { return fencedIn(req.User, name) }

func fencedIn(user, name string) []string {
	_, rest, ok := strings.Cut(user, "\n<"+name+">\n")
	if !ok {
		return nil
	}
	inside, _, _ := strings.Cut(rest, "\n</"+name+">\n")
	var lines []string
	for line := range strings.SplitSeq(inside, "\n") {
		lines = append(lines, strings.TrimPrefix(line, "- "))
	}
	return lines
}

// words is a fallback as the keyword labeler is one: the first member, and
// the members as words.
type words struct{ err error }

func (w words) Label(_ context.Context, clusters []labeler.Cluster, _ func(int)) (*labeler.Labels, error) {
	if w.err != nil {
		return nil, w.err
	}
	out := &labeler.Labels{Options: map[string]any{"words": 5}}
	for _, c := range clusters {
		out.Labels = append(out.Labels, labeler.Label{Text: "About " + labeler.Tidy(c.Members[0]),
			Description: strings.Join(c.Members[:min(5, len(c.Members))], ", "), Source: labeler.FromKeywords, Reason: "its first text"})
	}
	return out, nil
}

// settings are the options that tests vary.
type settings struct {
	Temperature         *float64
	TopK                int
	TopP                float64
	Seed                uint64
	NumCtx, NumThread   int
	Timeout, RunTimeout time.Duration
	Workers, MaxTokens  int
	Candidates          int
	Judge               *judge.Judge
	Language            string
	Prompts             *prompts.Set
	Answers             Answers
	Fallback            labeler.Labeler
}

func (s settings) options() LabelerOptions {
	return LabelerOptions{
		Options: Options{Temperature: s.Temperature, TopK: s.TopK, TopP: s.TopP, Seed: s.Seed, NumCtx: s.NumCtx, NumThread: s.NumThread,
			Timeout: s.Timeout, RunTimeout: s.RunTimeout, Workers: s.Workers, Answers: s.Answers, Backoff: time.Microsecond},
		MaxTokens: s.MaxTokens, Candidates: s.Candidates, Judge: s.Judge, Language: s.Language, Prompts: s.Prompts, Fallback: s.Fallback,
	}
}

// connect returns a labeler for a fake that loses no time.
func connect(t *testing.T, client Client, s settings) *Labeler {
	t.Helper()
	if s.Fallback == nil {
		s.Fallback = words{}
	}
	l, err := NewLabeler(client, s.options())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// theJudge is one with the built-in model.
func theJudge(t *testing.T) *judge.Judge {
	t.Helper()
	m, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return judge.New(m, m)
}

func clustersOf(lists ...string) []labeler.Cluster {
	var cs []labeler.Cluster
	for _, l := range lists {
		cs = append(cs, labeler.Cluster{Members: strings.Split(l, ", ")})
	}
	return cs
}

// label runs a labeler and checks what holds for whatever the server does.
func label(t *testing.T, l *Labeler, clusters []labeler.Cluster) *labeler.Labels {
	t.Helper()
	last := 0
	got, err := l.Label(t.Context(), clusters, func(done int) {
		if done <= last || done > len(clusters) {
			t.Errorf("progress went from %d to %d of %d", last, done, len(clusters))
		}
		last = done
	})
	if err != nil {
		t.Fatal(err)
	}
	if last != len(clusters) {
		t.Errorf("progress ended at %d of %d", last, len(clusters))
	}
	if len(got.Labels) != len(clusters) {
		t.Fatalf("%d labels for %d clusters", len(got.Labels), len(clusters))
	}
	seen := make(map[string]bool)
	for i, lb := range got.Labels {
		if key := strings.ToLower(lb.Text); lb.Text == "" || seen[key] {
			t.Errorf("label %d is %q, which is empty or a repeat", i, lb.Text)
		} else {
			seen[key] = true
		}
		if lb.Source == labeler.FromModel {
			if err := labeler.Check(lb.Text, clusters[i].Members); err != nil && !strings.Contains(lb.Text, "(") {
				t.Errorf("label %d of the model, %q, %v", i, lb.Text, err)
			}
		}
		if lb.Reason == "" {
			t.Errorf("label %d has no reason", i)
		}
	}
	return got
}

// texts shows labels as "source: text".
func texts(labels *labeler.Labels) []string {
	var out []string
	for _, l := range labels.Labels {
		out = append(out, fmt.Sprintf("%s: %s", l.Source, l.Text))
	}
	return out
}
