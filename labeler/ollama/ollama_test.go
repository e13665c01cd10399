package ollama

import (
	"context"
	"errors"
	"math"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"

	"sheaf/labeler/loopback"
)

func TestNewDefaults(t *testing.T) {
	l, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if l.server != "127.0.0.1:11434" || l.opts.Model != "tinyllama" || l.opts.Workers != 1 || l.opts.Timeout != time.Minute {
		t.Errorf("server %s, options %+v", l.server, l.opts)
	}
	got := l.sampling(2048, 0)
	want := map[string]any{"temperature": 0.1, "top_k": 3, "top_p": 0.8, "num_predict": 32, "seed": 0, "num_ctx": 2048}
	if len(got) != len(want) {
		t.Errorf("options %v", got)
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("option %s is %v, want %v", k, got[k], v)
		}
	}
	zero := 0.0
	l, err = New(Options{Temperature: &zero, Seed: math.MaxUint64, NumThread: 2})
	if err != nil {
		t.Fatal(err)
	}
	if got := l.sampling(512, 0); got["temperature"] != 0.0 || got["seed"] != math.MaxInt32 || got["num_thread"] != 2 {
		t.Errorf("options %v", got)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, host := range []string{"ollama.com", "192.168.0.7:11434", "http://127.0.0.1@example.org", "2130706433"} {
		_, err := New(Options{Host: host})
		var le *loopback.Error
		if !errors.As(err, &le) {
			t.Errorf("%s: %v", host, err)
		}
	}
	temperature := func(f float64) *float64 { return &f }
	for name, opts := range map[string]Options{
		"name of a model": {Model: "a b"},
		"temperature":     {Temperature: temperature(-1)},
		"temperature is":  {Temperature: temperature(math.NaN())},
		"top-k":           {TopK: -1},
		"top-p":           {TopP: 1.5},
		"max-tokens":      {MaxTokens: 8},
		"a quarter":       {MaxTokens: 600},
		"context":         {NumCtx: 100},
		"threads":         {NumThread: -1},
		"timeout":         {Timeout: -1},
		"of the run":      {RunTimeout: -1},
		"keep-alive":      {KeepAlive: -1},
		"workers":         {Workers: -1},
		"candidates":      {Candidates: 17, Judge: theJudge(t)},
		"of candidates":   {Candidates: -1},
	} {
		if _, err := New(opts); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAvailable(t *testing.T) {
	s := play(t, nil)
	st, err := connect(t, s, Options{}).Available(t.Context())
	want := Status{Server: s.Listener.Addr().String(), Model: "tinyllama", Digest: "sha256:aa", Context: 2048}
	if err != nil || st != want {
		t.Errorf("%+v, %v", st, err)
	}
	s.show.Capabilities = append(s.show.Capabilities, model.CapabilityThinking)
	s.show.ModelInfo = nil
	st, err = connect(t, s, Options{Model: "Other:latest"}).Available(t.Context())
	if !errors.Is(err, ErrNoModel) { // the played server is strict about case
		t.Errorf("%+v, %v", st, err)
	}
	st, err = connect(t, s, Options{Model: "other"}).Available(t.Context())
	if err != nil || st.Digest != "sha256:bb" || !st.Thinking || st.Context != 0 {
		t.Errorf("%+v, %v", st, err)
	}
}

func TestAvailableSaysWhatIsMissing(t *testing.T) {
	closed := play(t, nil)
	closed.Close()
	web := play(t, nil)
	web.Config.Handler = http.NotFoundHandler()
	broken := play(t, nil)
	broken.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	prose := play(t, nil)
	prose.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := w.Write([]byte("<html>hello</html>")); err != nil {
			t.Error(err)
		}
	})
	away := play(t, nil)
	away.Config.Handler = http.RedirectHandler("http://192.0.2.1/", http.StatusTemporaryRedirect)
	beside := play(t, nil)
	beside.Config.Handler = http.RedirectHandler("/elsewhere", http.StatusPermanentRedirect)
	locked := play(t, nil)
	locked.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reply(t, w, http.StatusUnauthorized, map[string]string{"error": "who are you"})
	})
	forbidden := play(t, nil)
	forbidden.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reply(t, w, http.StatusForbidden, map[string]string{"error": "ollama cloud is disabled: remote model details are unavailable"})
	})
	remoteHost, remoteModel, remoteList := play(t, nil), play(t, nil), play(t, nil)
	remoteHost.show.RemoteHost = "https://ollama.com:443"
	remoteModel.show.RemoteModel = "gpt-oss:120b"
	remoteList.models[1].RemoteHost = "https://ollama.com:443"
	here := play(t, nil)

	for _, c := range []struct {
		name   string
		s      *server
		model  string
		kind   error
		detail string
		hint   string
	}{
		{"nobody listens", closed, "", ErrNoServer, "nobody listens", "ollama serve"},
		{"another web server", web, "", ErrNoServer, "not Ollama", "see what listens there"},
		{"status 500", broken, "", ErrNoServer, "status 500", "log"},
		{"a web page", prose, "", ErrNoServer, "does not answer as Ollama", "see what listens there"},
		{"model missing", here, "llama3.2:1b", ErrNoModel, "no model llama3.2:1b", "ollama pull llama3.2:1b"},
		{"redirect", away, "", ErrNoServer, "leads elsewhere", "redirect"},
		{"redirect on this machine", beside, "", ErrNoServer, "leads elsewhere", "redirect"},
		{"cloud switched off", forbidden, "", ErrRemote, "not available here", "ollama pull tinyllama"},
		{"unauthorized", locked, "", ErrNoServer, "status 401", "see what listens there"},
		{"remote host", remoteHost, "", ErrRemote, "https://ollama.com:443", "ollama pull tinyllama"},
		{"remote model", remoteModel, "tinyllama:latest", ErrRemote, "gpt-oss:120b", "ollama pull tinyllama"},
		{"remote in the list", remoteList, "", ErrRemote, "https://ollama.com:443", "ollama pull tinyllama"},
		{"cloud tag", here, "gpt-oss:120b-cloud", ErrRemote, "the name says so", "such as tinyllama"},
		{"cloud tag alone", here, "glm-4.6:Cloud", ErrRemote, "the name says so", "tinyllama"},
		{"cloud name", here, "qwen3-cloud", ErrRemote, "the name says so", "tinyllama"},
		{"cloud name with tag", here, "me/qwen3-CLOUD:8b", ErrRemote, "the name says so", "tinyllama"},
		{"cloud tag with digest", here, "x:1b-cloud@sha256:00", ErrRemote, "the name says so", "tinyllama"},
		{"a local model of that name", here, "cloudy", ErrNoModel, "no model cloudy", "ollama pull cloudy"},
	} {
		_, err := connect(t, c.s, Options{Model: c.model}).Available(t.Context())
		var e *Error
		if !errors.Is(err, c.kind) || !errors.As(err, &e) || !strings.Contains(err.Error(), c.detail) || !strings.Contains(e.Hint(), c.hint) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	var le *loopback.Error
	if _, err := connect(t, away, Options{}).Available(t.Context()); !errors.As(err, &le) {
		t.Errorf("redirect: %v is no *loopback.Error", err)
	}
}

func TestAvailableIsQuick(t *testing.T) {
	// It takes the connection and says nothing.
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := ln.Close(); err != nil {
			t.Error(err)
		}
	}()
	l, err := New(Options{Host: ln.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	if l.probeTimeout != 2*time.Second {
		t.Errorf("a probe may take %v", l.probeTimeout)
	}
	l.probeTimeout = 20 * time.Millisecond
	_, err = l.Available(t.Context())
	var e *Error
	if !errors.Is(err, ErrNoServer) || !errors.As(err, &e) || !strings.Contains(err.Error(), "in time") || !strings.Contains(e.Hint(), "busy") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Available(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestRefusedModelGetsNoText(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*server)
		opts Options
	}{
		{"remote host", func(s *server) { s.show.RemoteHost = "https://ollama.com" }, Options{}},
		{"cloud tag", func(*server) {}, Options{Model: "tinyllama:cloud"}},
		{"missing", func(s *server) { s.models = nil }, Options{}},
		{"redirect", func(s *server) { s.Config.Handler = http.RedirectHandler("/elsewhere", http.StatusTemporaryRedirect) }, Options{}},
	} {
		s := play(t, func(http.ResponseWriter, *http.Request, api.ChatRequest, int) {
			t.Errorf("%s: the model was asked", c.name)
		})
		c.set(s)
		got := label(t, connect(t, s, c.opts), clustersOf("cats, dogs", "milk, butter"))
		if len(got.Warnings) != 1 || got.Model != "" || got.Options["words"] != 5 || texts(got)[0] != "keywords: About Cats" {
			t.Errorf("%s: %v, %+v", c.name, texts(got), got)
		}
	}
}
