package pipeline

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// playLlamaCPP plays llama.cpp's server, which wants a key.
func playLlamaCPP(t *testing.T, key string, answer func(prompt string) (label string, status int)) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	var chats atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply := func(status int, body string) {
			w.WriteHeader(status)
			if _, err := io.WriteString(w, body); err != nil {
				t.Logf("the client went away: %v", err)
			}
		}
		switch {
		case r.Header.Get("Authorization") != "Bearer "+key:
			reply(http.StatusUnauthorized, `{"error":{"message":"Invalid API Key"}}`)
		case r.URL.Path == "/v1/models":
			reply(200, `{"data":[{"id":"/home/ann/TinyLlama.gguf","owned_by":"llamacpp","meta":{"size":7}}]}`)
		case r.URL.Path == "/v1/chat/completions":
			chats.Add(1)
			var req struct{ Messages []struct{ Content string } }
			if err := json.NewDecoder(r.Body).Decode(&req); err != nil || len(req.Messages) == 0 {
				t.Errorf("chat: %v", err)
				return
			}
			label, status := answer(req.Messages[len(req.Messages)-1].Content)
			reply(status, fmt.Sprintf(`{"choices":[{"finish_reason":"stop","message":{"content":"{\"label\":\"%s\"}"}}],"usage":{"prompt_tokens":9}}`, label))
		default:
			reply(http.StatusNotFound, `{"error":{"message":"File Not Found"}}`)
		}
	}))
	t.Cleanup(s.Close)
	return s, &chats
}

func TestOpenAILabels(t *testing.T) {
	s, chats := playLlamaCPP(t, "sk-local", byTopic)
	dir := filepath.Join(t.TempDir(), "cache")
	for _, labeler := range []string{labelerOpenAI, labelerAuto} { // auto takes the server that is named
		var lines []string
		opts := NotesOptions{Common: Common{K: 2, Labeler: labeler, CacheDir: dir, Explain: true,
			Note: func(line string) { lines = append(lines, line) },
			Chat: Chat{BaseURL: s.URL + "/v1", NamedHost: true, APIKey: "sk-local", Model: "tinyllama"}}}
		out := run(t, opts, input("notes.txt", groceries))
		if got := clusterLabels(out); !slices.Equal(got, []string{"model: Animals", "model: Fruits"}) || len(out.Incomplete) > 0 {
			t.Errorf("%s: %q, %q", labeler, got, out.Incomplete)
		}
		l := out.Result.Manifest.Labeling
		if l.Labeler != "openai" || l.Model == nil || *l.Model != "TinyLlama" || l.Digest != nil || l.PromptDigest == nil {
			t.Errorf("%s: %+v", labeler, l)
		}
		all, err := json.Marshal(out.Result)
		if err != nil {
			t.Fatal(err)
		}
		if told := string(all) + strings.Join(lines, " "); strings.Contains(told, "sk-local") || strings.Contains(told, "/home/ann") {
			t.Errorf("%s tells too much: %s", labeler, told)
		}
		if n := chats.Load(); n != 6 {
			t.Errorf("%s: %d requests", labeler, n)
		}
	}
	c := Common{Labeler: labelerOpenAI, Chat: Chat{BaseURL: s.URL, APIKey: "sk-local"}}
	line, contacts := ChatStatus(t.Context(), &c)
	if address := strings.TrimPrefix(s.URL, "http://"); contacts != "the chat model's server at "+address+", and nothing else" ||
		line != "TinyLlama at "+address+", of which the server tells no digest" {
		t.Errorf("%q, %q", line, contacts)
	}
}

func TestOpenAIServerThatCannotBeUsed(t *testing.T) {
	s, chats := playLlamaCPP(t, "sk-local", byTopic)
	closed := httptest.NewServer(nil)
	closed.Close()
	for name, c := range map[string]struct {
		chat Chat
		says string
	}{
		"another key":   {Chat{BaseURL: s.URL, APIKey: "sk-other"}, "SHEAF_API_KEY"},
		"another model": {Chat{BaseURL: s.URL, APIKey: "sk-local", Model: "qwen", NamedModel: true}, "choose one of TinyLlama"},
		"nobody there":  {Chat{BaseURL: closed.URL}, "llama-server"},
	} {
		out := run(t, NotesOptions{Common: Common{K: 2, Labeler: labelerOpenAI, Chat: c.chat}}, input("notes.txt", groceries))
		if len(out.Incomplete) != 1 || !strings.Contains(out.Incomplete[0], c.says) || out.Result.Manifest.Labeling.Labeler != "keywords" {
			t.Errorf("%s: %q", name, out.Incomplete)
		}
	}
	if chats.Load() != 0 {
		t.Errorf("%d requests", chats.Load())
	}
	for _, labeler := range Labelers() {
		_, err := Notes(t.Context(), nil, NotesOptions{Common: Common{Labeler: labeler, Chat: Chat{BaseURL: "https://api.openai.com/v1", NamedHost: true}}})
		if labeler == labelerOllama {
			continue // which never asks there
		}
		if err == nil || !strings.Contains(err.Error(), "api.openai.com") {
			t.Errorf("%s: %v", labeler, err)
		}
	}
}
