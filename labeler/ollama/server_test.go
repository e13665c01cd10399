package ollama

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"

	"sheaf/labeler"
	"sheaf/labeler/chat"
)

// A server plays Ollama on 127.0.0.1.
type server struct {
	*httptest.Server
	show   api.ShowResponse
	models []api.ListModelResponse
	// chat answers the n-th chat request, counted from 0.
	chat func(w http.ResponseWriter, r *http.Request, req api.ChatRequest, n int)

	mu       sync.Mutex
	requests []api.ChatRequest
}

// play starts a server that has tinyllama and answers chats as chat says.
func play(t testing.TB, chat func(w http.ResponseWriter, r *http.Request, req api.ChatRequest, n int)) *server {
	t.Helper()
	s := &server{chat: chat}
	s.show.ModelInfo = map[string]any{"general.architecture": "llama", "llama.context_length": 2048}
	s.show.Capabilities = []model.Capability{model.CapabilityCompletion}
	s.models = []api.ListModelResponse{{Name: "other:latest", Digest: "bb"}, {Name: "tinyllama:latest", Digest: "aa"}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/show", func(w http.ResponseWriter, r *http.Request) {
		var req api.ShowRequest
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
			t.Errorf("show: %v", err)
		}
		for _, m := range s.models {
			if m.Name == req.Model || m.Name == req.Model+":latest" {
				reply(t, w, http.StatusOK, s.show)
				return
			}
		}
		reply(t, w, http.StatusNotFound, map[string]string{"error": "model '" + req.Model + "' not found"})
	})
	mux.HandleFunc("GET /api/tags", func(w http.ResponseWriter, _ *http.Request) {
		reply(t, w, http.StatusOK, api.ListResponse{Models: s.models})
	})
	mux.HandleFunc("POST /api/chat", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Logf("the client went away: %v", err)
			return
		}
		var req api.ChatRequest
		if err := json.Unmarshal(body, &req); err != nil {
			t.Errorf("chat: %v: %s", err, body)
		}
		s.mu.Lock()
		n := len(s.requests)
		s.requests = append(s.requests, req)
		s.mu.Unlock()
		s.chat(w, r, req, n)
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *server) asked() []api.ChatRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]api.ChatRequest(nil), s.requests...)
}

func reply(t testing.TB, w http.ResponseWriter, status int, v any) {
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		t.Logf("the client went away: %v", err)
	}
}

// say answers with a content and a reason for its end.
func say(t *testing.T, w http.ResponseWriter, content, reason string) {
	reply(t, w, http.StatusOK, api.ChatResponse{Model: "tinyllama", Message: api.Message{Role: "assistant", Content: content},
		Done: true, DoneReason: reason})
}

func labelJSON(s string) string {
	b, err := json.Marshal(map[string]string{"label": s})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// always returns a chat that gives the same answer to everything.
func always(t *testing.T, content, reason string) func(http.ResponseWriter, *http.Request, api.ChatRequest, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ api.ChatRequest, _ int) { say(t, w, content, reason) }
}

// about answers by the first text of the cluster in the prompt.
func about(t *testing.T, answers map[string]string) func(http.ResponseWriter, *http.Request, api.ChatRequest, int) {
	return func(w http.ResponseWriter, _ *http.Request, req api.ChatRequest, _ int) {
		first := fenced(req, "notes")[0]
		answer, ok := answers[first]
		if !ok {
			t.Errorf("no answer about %q", first)
		}
		say(t, w, labelJSON(answer), "stop")
	}
}

// fenced returns the lines of a prompt between <name> and </name>.
func fenced(req api.ChatRequest, name string) []string {
	_, rest, ok := strings.Cut(req.Messages[1].Content, "\n<"+name+">\n")
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

// connect returns a labeler for a played server that loses no time.
func connect(t *testing.T, s *server, opts Options, set ...func(*chat.LabelerOptions)) *chat.Labeler {
	t.Helper()
	how := chat.LabelerOptions{Fallback: words{}}
	how.Backoff = time.Millisecond
	for _, f := range set {
		f(&how)
	}
	l, err := chat.NewLabeler(clientOf(t, s, opts), how)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// clientOf returns a client of a played server.
func clientOf(t *testing.T, s *server, opts Options) *Client {
	t.Helper()
	opts.Host = s.URL
	c, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func clustersOf(lists ...string) []labeler.Cluster {
	var cs []labeler.Cluster
	for _, l := range lists {
		cs = append(cs, labeler.Cluster{Members: strings.Split(l, ", ")})
	}
	return cs
}

// label runs a labeler and checks what holds for whatever the server does.
func label(t *testing.T, l *chat.Labeler, clusters []labeler.Cluster) *labeler.Labels {
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

// A recorder keeps what came of the calls.
type recorder struct {
	chat.Client
	mu        sync.Mutex
	answers   []*chat.Response
	overflows int
	prompts   []string
}

func (r *recorder) Chat(ctx context.Context, req *chat.Request) (*chat.Response, error) {
	resp, err := r.Client.Chat(ctx, req)
	r.mu.Lock()
	defer r.mu.Unlock()
	if errors.Is(err, chat.ErrOverflow) {
		r.overflows++
	}
	r.answers, r.prompts = append(r.answers, resp), append(r.prompts, req.User)
	return resp, err
}
