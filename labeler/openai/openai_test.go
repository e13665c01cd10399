package openai

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"sheaf/labeler"
	"sheaf/labeler/chat"
	"sheaf/labeler/loopback"
)

func TestNewRefuses(t *testing.T) {
	for _, base := range []string{"https://api.openai.com/v1", "192.168.0.7:8080", "http://127.0.0.1@example.org/v1", "http://localhost.example.org:8080/v1"} {
		_, err := New(Options{BaseURL: base, Key: "sk-secret"})
		var refused *loopback.Error
		if !errors.As(err, &refused) || strings.Contains(err.Error(), "sk-secret") {
			t.Errorf("%s: %v", base, err)
		}
	}
	if _, err := New(Options{Key: "sk secret"}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
	for base, want := range map[string]string{
		"":                              "http://127.0.0.1:8080/v1",
		"localhost":                     "http://localhost:8080/v1",
		"127.0.0.1:1234":                "http://127.0.0.1:1234/v1",
		" http://[::1]:8081/api/v1/ ":   "http://[::1]:8081/api/v1",
		"http://0.0.0.0:8080/v1":        "http://127.0.0.1:8080/v1",
		"https://127.0.0.1:8443/openai": "https://127.0.0.1:8443/openai",
	} {
		c, err := New(Options{BaseURL: base})
		if err != nil || c.base.String() != want {
			t.Errorf("%q: %v, %v", base, c, err)
		}
	}
}

// Whoever prints the options prints no key.
func TestSecret(t *testing.T) {
	opts := Options{Key: "sk-secret"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if out := fmt.Sprintf(verb, opts); strings.Contains(out, "sk-secret") {
			t.Errorf("%s: %s", verb, out)
		}
	}
}

func TestAvailable(t *testing.T) {
	for name, c := range map[string]struct {
		s     *server
		model string
		want  chat.Model
	}{
		"llama.cpp": {llamaCPP(t), "", chat.Model{Name: "TinyLlama-1.1B.Q4_K_M", Context: 1536, Identity: "/home/ann/models/TinyLlama-1.1B.Q4_K_M.gguf " +
			`{"vocab_type":1,"n_vocab":32000,"n_ctx_train":2048,"n_embd":2048,"n_params":1100048384,"size":667814912}`}},
		"llama.cpp by name":      {llamaCPP(t), "tinyllama-1.1b.q4_k_m", chat.Model{Name: "TinyLlama-1.1B.Q4_K_M", Context: 1536}},
		"llamafile":              {llamafile(t), "", chat.Model{Name: "LLaMA_CPP", Identity: "LLaMA_CPP"}},
		"LM Studio":              {lmStudio(t), "TinyLlama-1.1B-Chat-v1.0", chat.Model{Name: "tinyllama-1.1b-chat-v1.0", Identity: "tinyllama-1.1b-chat-v1.0", Context: 2048}},
		"LM Studio, loaded":      {lmStudio(t), "", chat.Model{Name: "qwen3-0.6b", Identity: "qwen3-0.6b", Context: 4096}},
		"Ollama, a model pulled": {play(t, map[string]string{"/v1/models": `{"data":[{"id":"tiny:latest","created":17,"owned_by":"library"}]}`, "/api/show": `{"details":{}}`}), "Tiny", chat.Model{Name: "tiny:latest", Identity: "tiny:latest 17"}},
	} {
		got, err := connect(t, c.s, Options{Model: c.model}).Available(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c.want.Server = c.s.Listener.Addr().String()
		if c.want.Identity == "" {
			c.want.Identity = got.Identity
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestAvailableSaysWhatIsMissing(t *testing.T) {
	closed := llamaCPP(t)
	closed.Close()
	handler := func(h http.Handler) *server {
		s := llamaCPP(t)
		s.Config.Handler = h
		return s
	}
	status := func(n int) *server {
		return handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			write(t, w, n, `{"error":{"code":503,"message":"Loading model secret","type":"unavailable_error"}}`)
		}))
	}
	locked := llamaCPP(t)
	locked.key = "right"
	show := func(id, page string) *server {
		return play(t, map[string]string{"/v1/models": `{"data":[{"id":"` + id + `","owned_by":"library"}]}`, "/api/show": page})
	}
	for name, c := range map[string]struct {
		s      *server
		model  string
		kind   error
		detail string
		hint   string
	}{
		"nobody listens":           {closed, "", chat.ErrNoServer, "nobody listens", "llama-server"},
		"another web server":       {handler(http.NotFoundHandler()), "", chat.ErrNoServer, "no models at /v1/models", "--base-url"},
		"a web page":               {handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { write(t, w, 200, "<html>") })), "", chat.ErrNoServer, "does not answer as OpenAI's do", "--base-url"},
		"loading":                  {status(503), "", chat.ErrNoServer, "not ready", "wait"},
		"broken":                   {status(500), "", chat.ErrNoServer, "status 500", "log"},
		"odd":                      {status(418), "", chat.ErrNoServer, "status 418", "--base-url"},
		"a key is wanted":          {locked, "", chat.ErrNoServer, "wants another API key", "SHEAF_API_KEY"},
		"redirect":                 {handler(http.RedirectHandler("http://192.0.2.1/v1/models", http.StatusTemporaryRedirect)), "", chat.ErrNoServer, "leads elsewhere", "redirect"},
		"redirect on this machine": {handler(http.RedirectHandler("/v2", http.StatusPermanentRedirect)), "", chat.ErrNoServer, "leads elsewhere", "redirect"},
		"model missing":            {lmStudio(t), "tinyllama", chat.ErrNoModel, "no model tinyllama", "qwen3-0.6b, tinyllama-1.1b-chat-v1.0"},
		"no model":                 {play(t, map[string]string{"/v1/models": `{"data":[]}`}), "", chat.ErrNoModel, "has no model", "load one"},
		"cloud tag":                {show("gpt-oss:120b-cloud", `{}`), "", chat.ErrRemote, "the name says so", "on this machine"},
		"cloud tag asked for":      {show("glm-4.6:cloud", `{}`), "glm-4.6:Cloud", chat.ErrRemote, "the name says so", "on this machine"},
		"remote host":              {show("nice", `{"remote_host":"https://ollama.com:443"}`), "", chat.ErrRemote, "https://ollama.com:443", "on this machine"},
		"remote model":             {show("nice", `{"remote_model":"gpt-oss:120b"}`), "", chat.ErrRemote, "gpt-oss:120b", "on this machine"},
	} {
		_, err := connect(t, c.s, Options{Model: c.model, Key: "wrong"}).Available(t.Context())
		var e *chat.Error
		if !errors.Is(err, c.kind) || !errors.As(err, &e) || !strings.Contains(err.Error(), c.detail) || !strings.Contains(e.Hint(), c.hint) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "wrong")) {
			t.Errorf("%s tells too much: %v", name, err)
		}
		if c.s != closed && len(c.s.asked()) > 0 {
			t.Errorf("%s: the model was asked", name)
		}
	}
	locked.key = "wrong"
	if _, err := connect(t, locked, Options{Key: "wrong"}).Available(t.Context()); err != nil {
		t.Errorf("the key is not sent: %v", err)
	}
}

func TestAvailableIsQuick(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0") // it takes the connection and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	c, err := New(Options{BaseURL: "http://" + ln.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	c.probeTimeout = 20 * time.Millisecond
	if _, err := c.Available(t.Context()); !errors.Is(err, chat.ErrNoServer) || !strings.Contains(err.Error(), "in time") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Available(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

var request = &chat.Request{System: "You name groups.", User: "cats, dogs", Schema: chat.Object(chat.Field{Name: "label", Type: chat.String(2, 60)}),
	MaxTokens: 32, Temperature: 0.1, TopP: 0.8, TopK: 3, Seed: 7, Context: 2048}

func TestChat(t *testing.T) {
	s := llamaCPP(t)
	c := connect(t, s, Options{})
	if _, err := c.Available(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := c.Chat(t.Context(), request)
	if err != nil || *got != (chat.Response{Content: `{"label":"Animals"}`, PromptTokens: 321, Tokens: 9}) {
		t.Errorf("%+v, %v", got, err)
	}
	want := map[string]any{
		"model":    "/home/ann/models/TinyLlama-1.1B.Q4_K_M.gguf",
		"messages": []any{map[string]any{"role": "system", "content": "You name groups."}, map[string]any{"role": "user", "content": "cats, dogs"}},
		"stream":   false, "max_tokens": 32.0, "temperature": 0.1, "top_p": 0.8, "top_k": 3.0, "seed": 7.0,
		"chat_template_kwargs": map[string]any{"enable_thinking": false},
	}
	req := s.asked()[0]
	format := req["response_format"].(map[string]any)
	delete(req, "response_format")
	if !reflect.DeepEqual(req, want) {
		t.Errorf("%v", req)
	}
	schema := format["json_schema"].(map[string]any)["schema"].(map[string]any)
	if format["type"] != "json_schema" || schema["type"] != "object" {
		t.Errorf("%v", format)
	}
}

// The folder of a model is nobody's business in a result.
func TestShortName(t *testing.T) {
	for id, want := range map[string]string{
		"/home/ann/TinyLlama.gguf": "TinyLlama", `C:\Users\ann\TinyLlama.gguf`: "TinyLlama", `C:\Users\ann\TinyLlama`: "TinyLlama", "/models/llama": "llama",
		"tiny:latest": "tiny:latest", "lmstudio-community/Qwen3": "lmstudio-community/Qwen3", "a:/b": "b", "": "",
	} {
		if got := shortName(id); got != want {
			t.Errorf("%q: %q, want %q", id, got, want)
		}
	}
}

// Each server gets the schema in a form that it takes, and from then on at once.
func TestFormats(t *testing.T) {
	nothing := play(t, map[string]string{"/v1/models": `{"data":[{"id":"a"}]}`}, "")
	for name, c := range map[string]struct {
		s     *server
		tried []string
	}{
		"llama.cpp":        {llamaCPP(t), []string{"json_schema", "json_schema"}},
		"llamafile":        {llamafile(t), []string{"json_schema", "json_object", "json_object"}},
		"LM Studio":        {lmStudio(t), []string{"json_schema", "json_schema"}},
		"one with no form": {nothing, []string{"json_schema", "json_object", "", ""}},
	} {
		client := connect(t, c.s, Options{})
		for range 2 {
			if got, err := client.Chat(t.Context(), request); err != nil || got.Content != `{"label":"Animals"}` {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
		var tried []string
		for _, req := range c.s.asked() {
			format, ok := req["response_format"].(map[string]any)
			if !ok {
				tried = append(tried, "")
				continue
			}
			tried = append(tried, format["type"].(string))
			if tried[len(tried)-1] == "json_object" && format["schema"] == nil {
				t.Errorf("%s: no schema in %v", name, format)
			}
		}
		if !reflect.DeepEqual(tried, c.tried) {
			t.Errorf("%s: tried %q", name, tried)
		}
	}
	// One that refuses everything shows no preference.
	s := play(t, nil)
	client := connect(t, s, Options{})
	var failure *chat.Failure
	if _, err := client.Chat(t.Context(), request); !errors.As(err, &failure) || failure.Retry || failure.Fatal || client.format.Load() != formatSchema {
		t.Errorf("%v", err)
	}
}

func TestChatSaysWhatWentWrong(t *testing.T) {
	const secret = "cats, dogs"
	message := func(text, kind string) string {
		return fmt.Sprintf(`{"error":{"code":400,"message":%q,"type":%q}}`, text+" "+secret, kind)
	}
	for name, c := range map[string]struct {
		status int
		body   string
		want   chat.Failure // or none, for an overflow
	}{
		"llama.cpp: overflow":    {400, message("the request exceeds the available context size (2048 tokens), try increasing it", "exceed_context_size_error"), chat.Failure{}},
		"LM Studio: overflow":    {400, `{"error":"Trying to keep the first 4000 tokens when context the overflows. However, the model is loaded with context length of only 2048 tokens, which is not enough."}`, chat.Failure{}},
		"OpenAI: overflow":       {400, message("This model's maximum context length is 2048 tokens", "invalid_request_error"), chat.Failure{}},
		"LM Studio: model gone":  {404, message("model_not_found", "invalid_request_error"), chat.Failure{Why: "has the model no longer", Fatal: true}},
		"LM Studio: no model":    {400, message("Model not found", "model_not_found"), chat.Failure{Why: "has the model no longer", Fatal: true}},
		"llama.cpp: loading":     {503, message("Loading model", "unavailable_error"), chat.Failure{Why: "answers with status 503", Retry: true}},
		"too many":               {429, "", chat.Failure{Why: "answers with status 429", Retry: true}},
		"no key":                 {401, message("Invalid API Key", "authentication_error"), chat.Failure{Why: "answers with status 401", Fatal: true}},
		"broken":                 {500, message("oh", "server_error"), chat.Failure{Why: "answers with status 500"}},
		"another demand":         {400, message("oh", "server_error"), chat.Failure{Why: "answers with status 400"}},
		"not made":               {501, `{"error":{"message":3}}`, chat.Failure{Why: "answers with status 501"}},
		"garbage":                {200, "\x00\xffcats, dogs{", chat.Failure{Why: "lost the connection or sent no valid response", Retry: true}},
		"no choices":             {200, `{"choices":[]}`, chat.Failure{Why: "lost the connection or sent no valid response", Retry: true}},
		"no end":                 {200, `{"choices":[{"message":{"content":"cats, dogs"}}]}`, chat.Failure{Why: "lost the connection or sent no valid response", Retry: true}},
		"a redirect":             {307, "", chat.Failure{Why: "redirects to another address, which is refused", Fatal: true}},
		"more than it may":       {200, `{"choices":[{"message":{"content":"` + strings.Repeat("x", maxBody) + `"},"finish_reason":"stop"}]}`, chat.Failure{Why: "lost the connection or sent no valid response", Retry: true}},
		"success without a word": {204, "", chat.Failure{Why: "lost the connection or sent no valid response", Retry: true}},
	} {
		s := llamaCPP(t)
		s.chat = func(w http.ResponseWriter, _ *http.Request, _ map[string]any, _ int) {
			if c.status == 307 {
				w.Header().Set("Location", "http://192.0.2.1/")
			}
			write(t, w, c.status, c.body)
		}
		_, err := connect(t, s, Options{Model: "x"}).Chat(t.Context(), request)
		var failure *chat.Failure
		if c.want == (chat.Failure{}) {
			if !errors.Is(err, chat.ErrOverflow) {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.As(err, &failure) || *failure != c.want {
			t.Errorf("%s: %+v", name, failure)
		}
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := llamaCPP(t)
	c := connect(t, s, Options{})
	s.Close()
	var failure *chat.Failure
	if _, err := c.Chat(t.Context(), request); !errors.As(err, &failure) || !failure.Fatal || !failure.Retry {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestThoughts(t *testing.T) {
	for _, key := range []string{"reasoning_content", "reasoning"} {
		s := llamaCPP(t)
		s.chat = func(w http.ResponseWriter, _ *http.Request, _ map[string]any, _ int) {
			write(t, w, 200, `{"choices":[{"message":{"content":null,"`+key+`":"Hm"},"finish_reason":"length"}]}`)
		}
		got, err := connect(t, s, Options{}).Chat(t.Context(), request)
		if err != nil || !got.Thought || !got.Length || got.Content != "" {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

// With each of the servers there is a whole run, and after it one that asks
// nothing.
func TestLabels(t *testing.T) {
	clusters := []labeler.Cluster{{Members: []string{"cats", "dogs"}}, {Members: []string{"milk", "butter"}}}
	for name, s := range map[string]*server{"llama.cpp": llamaCPP(t), "llamafile": llamafile(t), "LM Studio": lmStudio(t)} {
		s.key = "right"
		s.chat = func(w http.ResponseWriter, _ *http.Request, req map[string]any, _ int) {
			user := req["messages"].([]any)[1].(map[string]any)["content"].(string)
			if strings.Contains(user, "<notes>\n- cats") {
				s.say(t, w, "```json\n{\"label\": \"Animals\"}\n```", "stop")
				return
			}
			s.say(t, w, `{"label":"Food"}`, "stop")
		}
		var opts chat.LabelerOptions
		kept := make(memory)
		opts.Answers = kept
		for run := range 2 {
			l, err := chat.NewLabeler(connect(t, s, Options{Key: "right"}), opts)
			if err != nil {
				t.Fatal(err)
			}
			got, err := l.Label(t.Context(), clusters, nil)
			if err != nil || got.Labels[0].Text != "Animals" || got.Labels[1].Text != "Food" || got.Labels[1].Source != labeler.FromModel || len(got.Warnings) > 0 {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			if n := len(s.asked()); run == 1 && n > 3 {
				t.Errorf("%s: %d requests", name, n)
			}
			if out := fmt.Sprintf("%+v", got); strings.Contains(out, "right") || strings.Contains(out, "/home") {
				t.Errorf("%s: %s", name, out)
			}
		}
		if !visited(s, "/v1/chat") {
			t.Errorf("%s was not asked", name)
		}
	}
}

// memory is chat.Answers of one goroutine.
type memory map[string][]byte

func (m memory) Get(_ context.Context, request []byte) ([]byte, bool) {
	a, ok := m[string(request)]
	return a, ok
}

func (m memory) Put(_ context.Context, request, answer []byte) { m[string(request)] = answer }
