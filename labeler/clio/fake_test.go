package clio

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"strings"
	"sync"
	"testing"
	"time"

	"sheaf/labeler/chat"
)

// A question is what the model of a test is asked.
type question struct {
	task         string // by how the system prompt begins
	system, user string
}

// list is what stands between <name> and </name>, an item each.
func (q question) list(name string) []string {
	_, rest, _ := strings.Cut(q.user, "<"+name+">\n")
	inside, _, _ := strings.Cut(rest, "\n</"+name+">")
	var out []string
	for l := range strings.SplitSeq(inside, "\n") {
		out = append(out, strings.TrimPrefix(l, "- "))
	}
	return out
}

// A model is a client without a server, that answers by a script.
type model struct {
	script func(q question) any // a string goes as it is, all else as JSON
	mu     sync.Mutex
	asked  []question
}

func (m *model) Kind() string { return "ollama" }

func (m *model) Available(context.Context) (chat.Model, error) {
	return chat.Model{Server: "127.0.0.1:11434", Name: "tinyllama", Digest: "sha256:aa", Context: 2048}, nil
}

func (m *model) Chat(_ context.Context, req *chat.Request) (*chat.Response, error) {
	q := question{system: req.System, user: req.User}
	for begin, task := range map[string]string{"You sum up": "facets", "You describe": "cluster", "You propose": "propose", "You clean": "dedupe", "You put": "assign", "You check": "audit"} {
		if strings.HasPrefix(req.System, begin) {
			q.task = task
		}
	}
	m.mu.Lock()
	m.asked = append(m.asked, q)
	m.mu.Unlock()
	answer := m.script(q)
	if s, ok := answer.(string); ok {
		return &chat.Response{Content: s}, nil
	}
	raw, err := json.Marshal(answer)
	return &chat.Response{Content: string(raw)}, err
}

func (m *model) CloseIdleConnections() {}

// of are the questions of a task.
func (m *model) of(task string) (out []question) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, q := range m.asked {
		if q.task == task {
			out = append(out, q)
		}
	}
	return out
}

type object = map[string]any

// ask makes an asker of a model that answers by the script.
func ask(t *testing.T, opts Options, script func(q question) any) (*Asker, *model) {
	t.Helper()
	m := &model{script: script}
	s, err := chat.Open(t.Context(), m, chat.Options{Backoff: time.Microsecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return New(s, opts), m
}

// bySpelling gives texts vectors: of their words, wherever these stand.
func bySpelling(_ context.Context, texts []string) ([]float32, int, error) {
	const d = 64
	out := make([]float32, d*len(texts))
	for i, t := range texts {
		row := out[i*d : (i+1)*d]
		for _, w := range strings.Fields(strings.ToLower(strings.Trim(t, "."))) {
			h := fnv.New32a()
			_, _ = h.Write([]byte(w))
			row[h.Sum32()%d]++
		}
		length := float32(0)
		for _, x := range row {
			length += x * x
		}
		for j := range row {
			row[j] /= max(1, length)
		}
	}
	return out, d, nil
}
