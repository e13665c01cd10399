package pipeline

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sheaf/internal/hint"
)

// ollamaServer plays Ollama on 127.0.0.1 and counts its chats.
type ollamaServer struct {
	*httptest.Server
	mu    sync.Mutex
	chats []string // the prompts
}

// playOllama answers a chat with answer of its last message; a status of
// another kind than 200 is given as it is, and -1 never answers.
func playOllama(t *testing.T, answer func(prompt string) (label string, status int)) *ollamaServer {
	t.Helper()
	s := &ollamaServer{}
	send := func(w http.ResponseWriter, status int, v any) {
		w.WriteHeader(status)
		if err := json.NewEncoder(w).Encode(v); err != nil {
			t.Logf("the client went away: %v", err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/show", func(w http.ResponseWriter, _ *http.Request) { send(w, 200, map[string]any{}) })
	mux.HandleFunc("GET /api/tags", func(w http.ResponseWriter, _ *http.Request) {
		send(w, 200, map[string]any{"models": []map[string]string{{"name": "tinyllama:latest", "digest": "aa"}}})
	})
	mux.HandleFunc("POST /api/chat", func(w http.ResponseWriter, r *http.Request) {
		var req struct{ Messages []struct{ Content string } }
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil || len(req.Messages) == 0 {
			t.Errorf("chat: %v", err)
			return
		}
		prompt := req.Messages[len(req.Messages)-1].Content
		s.mu.Lock()
		s.chats = append(s.chats, prompt)
		s.mu.Unlock()
		label, status := answer(prompt)
		if status < 0 {
			<-r.Context().Done()
			return
		}
		content, err := json.Marshal(map[string]string{"label": label})
		if err != nil {
			t.Error(err)
		}
		send(w, status, map[string]any{"model": "tinyllama", "message": map[string]string{"role": "assistant", "content": string(content)}, "done": true, "done_reason": "stop"})
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *ollamaServer) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.chats)
}

const groceries = "apples\npears\nbananas\ncherries\ncats\ndogs\nhamsters\nbirds\n"

// byTopic names what the texts are, and worse the first time.
func byTopic(prompt string) (string, int) {
	notes, _, _ := strings.Cut(prompt, "</notes>")
	if strings.Contains(notes, "apples") {
		return "Fruits", 200
	}
	return "Animals", 200
}

func chatOpts(s *ollamaServer, cacheDir string) NotesOptions {
	return NotesOptions{Common: Common{K: 2, Labeler: labelerAuto, CacheDir: cacheDir, Explain: true, Chat: Chat{Host: s.URL}}}
}

func clusterLabels(o *Outcome) []string {
	var out []string
	for _, c := range o.Result.Clusters {
		out = append(out, c.LabelSource+": "+c.Label)
	}
	slices.Sort(out)
	return out
}

// A second run asks the chat model nothing and gives the same bytes; one that
// shall keep nothing asks again, and leaves nothing behind.
func TestChatAnswersAreKept(t *testing.T) {
	s := playOllama(t, byTopic)
	dir := filepath.Join(t.TempDir(), "cache")
	render := func(opts NotesOptions) string {
		out := run(t, opts, input("notes.txt", groceries))
		if got := clusterLabels(out); !slices.Equal(got, []string{"model: Animals", "model: Fruits"}) {
			t.Errorf("%q", got)
		}
		b, err := json.Marshal(out.Result)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	without := chatOpts(s, dir)
	without.NoCache = true
	want := render(without)
	if n := len(s.asked()); n != 6 {
		t.Errorf("%d chats for two groups", n)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a run with NoCache keeps something")
	}
	for i, chats := range []int{12, 12, 12} {
		if got := render(chatOpts(s, dir)); got != want {
			t.Errorf("run %d: %s\nwant %s", i, got, want)
		}
		if n := len(s.asked()); n != chats {
			t.Errorf("after run %d: %d chats, want %d", i, n, chats)
		}
	}
	render(without)
	if n := len(s.asked()); n != 18 {
		t.Errorf("a run with NoCache takes an answer: %d chats", n)
	}
	info, err := InspectCache(t.Context(), dir)
	if err != nil || info.Answers != 6 {
		t.Errorf("%+v, %v", info, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"hamster", "Animals", "Fruits"} {
			if bytes.Contains(data, []byte(text)) {
				t.Errorf("%s holds %q", f, text)
			}
		}
	}
}

// A server that takes a chat and never answers costs one timeout, and keywords
// name all groups.
func TestChatThatNeverAnswersCostsOneTimeout(t *testing.T) {
	s := playOllama(t, func(string) (string, int) { return "", -1 })
	opts := chatOpts(s, "")
	opts.Chat.Timeout = 30 * time.Millisecond
	opts.Chat.Workers = 4
	out := run(t, opts, input("notes.txt", groceries))
	if n := len(s.asked()); n != 1 {
		t.Errorf("%d chats", n)
	}
	for _, c := range out.Result.Clusters {
		if c.LabelSource != "keywords" || !strings.Contains(c.LabelReason, "the model was not asked") && !strings.Contains(c.LabelReason, "did not answer in time") {
			t.Errorf("%+v", c)
		}
	}
	if len(out.Incomplete) != 0 || !strings.Contains(strings.Join(out.Result.Manifest.Warnings, " "), "did not answer in time; 2 of 2") {
		t.Errorf("%q, %q", out.Incomplete, out.Result.Manifest.Warnings)
	}
}

// The nearest texts of other groups stand in the prompt, and the user's own
// prompt is the one that is asked.
func TestChatPrompts(t *testing.T) {
	s := playOllama(t, byTopic)
	own := t.TempDir()
	if err := os.WriteFile(filepath.Join(own, "label-user.tmpl"), []byte("OWN {{range .Members}}{{.}} {{end}}</notes> NOT {{range .Others}}{{.}} {{end}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	opts := chatOpts(s, "")
	opts.Chat.PromptDir, opts.Chat.Candidates = own, 1
	first := run(t, opts, input("notes.txt", groceries))
	for _, p := range s.asked() {
		notes, others, ok := strings.Cut(p, " NOT ")
		if !ok || !strings.HasPrefix(p, "OWN ") || strings.Contains(notes, "cats") == strings.Contains(others, "cats") || len(strings.Fields(others)) != 4 {
			t.Errorf("%s", p)
		}
	}
	opts.Chat.PromptDir = ""
	second := run(t, opts, input("notes.txt", groceries))
	a, b := first.Result.Manifest.Labeling.PromptDigest, second.Result.Manifest.Labeling.PromptDigest
	if a == nil || b == nil || *a == *b {
		t.Errorf("prompt digests %v and %v", a, b)
	}
	opts.Chat.PromptDir = filepath.Join(own, "nowhere")
	if _, err := planLabels(t.Context(), &opts.Common); err == nil || !strings.Contains(err.Error(), "--prompt-dir") || !strings.Contains(hint.Of(err), "label-user.tmpl") {
		t.Errorf("%v", err)
	}
}
