package openai

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// A server plays one of the local servers on 127.0.0.1.
type server struct {
	*httptest.Server
	// formats are the types of response_format that it takes, "" for none.
	formats []string
	// refuse is what it answers to another one.
	refuse func(w http.ResponseWriter)
	key    string // that it wants, or ""
	chat   func(w http.ResponseWriter, r *http.Request, req map[string]any, n int)

	mu       sync.Mutex
	requests []map[string]any
	paths    []string
}

func write(t *testing.T, w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if _, err := io.WriteString(w, body); err != nil {
		t.Logf("the client went away: %v", err)
	}
}

// play starts a server with these answers by path, and one for chats.
func play(t *testing.T, pages map[string]string, formats ...string) *server {
	t.Helper()
	s := &server{formats: formats}
	s.refuse = func(w http.ResponseWriter) { write(t, w, http.StatusBadRequest, `{"error":"no such response_format"}`) }
	s.chat = func(w http.ResponseWriter, _ *http.Request, _ map[string]any, _ int) {
		s.say(t, w, `{"label":"Animals"}`, "stop")
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.paths = append(s.paths, r.URL.Path)
		s.mu.Unlock()
		if s.key != "" && r.Header.Get("Authorization") != "Bearer "+s.key {
			write(t, w, http.StatusUnauthorized, `{"error":{"code":401,"message":"Invalid API Key","type":"authentication_error"}}`)
			return
		}
		if r.URL.Path != "/v1/chat/completions" {
			page, ok := pages[r.URL.Path]
			if !ok {
				write(t, w, http.StatusNotFound, `{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}`)
				return
			}
			write(t, w, http.StatusOK, page)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Logf("the client went away: %v", err)
			return
		}
		var req map[string]any
		if err := json.Unmarshal(body, &req); err != nil {
			t.Errorf("chat: %v: %s", err, body)
		}
		s.mu.Lock()
		n := len(s.requests)
		s.requests = append(s.requests, req)
		s.mu.Unlock()
		format := ""
		if f, ok := req["response_format"].(map[string]any); ok {
			format = f["type"].(string)
		}
		for _, f := range s.formats {
			if f == format {
				s.chat(w, r, req, n)
				return
			}
		}
		s.refuse(w)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) asked() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]map[string]any(nil), s.requests...)
}

// say answers with a content.
func (s *server) say(t *testing.T, w http.ResponseWriter, content, reason string) {
	text, err := json.Marshal(content)
	if err != nil {
		t.Error(err)
	}
	write(t, w, http.StatusOK, `{"object":"chat.completion","choices":[{"index":0,"finish_reason":"`+reason+`","message":{"role":"assistant","content":`+
		string(text)+`}}],"usage":{"prompt_tokens":321,"completion_tokens":9,"total_tokens":330}}`)
}

// The three servers, as they answer.
func llamaCPP(t *testing.T) *server {
	s := play(t, map[string]string{
		"/v1/models": `{"object":"list","data":[{"id":"/home/ann/models/TinyLlama-1.1B.Q4_K_M.gguf","object":"model","created":1764500000,"owned_by":"llamacpp",` +
			`"meta":{"vocab_type":1,"n_vocab":32000,"n_ctx_train":2048,"n_embd":2048,"n_params":1100048384,"size":667814912}}]}`,
		"/props": `{"default_generation_settings":{"n_ctx":1536},"total_slots":1}`,
	}, "", "json_object", "json_schema")
	return s
}

func llamafile(t *testing.T) *server {
	s := play(t, map[string]string{"/v1/models": `{"object":"list","data":[{"id":"LLaMA_CPP","object":"model","created":1764500001,"owned_by":"llamacpp"}]}`},
		"", "json_object")
	s.refuse = func(w http.ResponseWriter) {
		write(t, w, http.StatusInternalServerError, `{"error":{"code":500,"message":"response_format type must be one of \"text\" or \"json_object\", but got: json_schema","type":"server_error"}}`)
	}
	return s
}

func lmStudio(t *testing.T) *server {
	s := play(t, map[string]string{
		"/v1/models": `{"data":[{"id":"qwen3-0.6b","object":"model","owned_by":"organization_owner"},{"id":"tinyllama-1.1b-chat-v1.0","object":"model","owned_by":"organization_owner"}],"object":"list"}`,
		"/api/v0/models": `{"object":"list","data":[{"id":"qwen3-0.6b","state":"loaded","max_context_length":40960,"loaded_context_length":4096},` +
			`{"id":"tinyllama-1.1b-chat-v1.0","state":"not-loaded","max_context_length":2048}]}`,
		"/api/show": `{"error":"Unexpected endpoint or method. (POST /api/show)"}`,
	}, "", "json_schema")
	s.refuse = func(w http.ResponseWriter) {
		write(t, w, http.StatusBadRequest, `{"error":"'response_format.type' must be 'json_schema' or 'text'"}`)
	}
	return s
}

// connect returns a client for a played server.
func connect(t *testing.T, s *server, opts Options) *Client {
	t.Helper()
	if opts.BaseURL == "" {
		opts.BaseURL = s.URL + "/v1"
	}
	c, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func visited(s *server, path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.paths {
		if strings.HasPrefix(p, path) {
			return true
		}
	}
	return false
}
