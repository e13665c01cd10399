package ollama

import (
	"context"
	"errors"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"

	"sheaf/labeler/chat"
	"sheaf/labeler/loopback"
)

func TestNewDefaults(t *testing.T) {
	c, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c.server != "127.0.0.1:11434" || c.opts.Model != "tinyllama" {
		t.Errorf("server %s, options %+v", c.server, c.opts)
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
	for name, opts := range map[string]Options{"name of a model": {Model: "a b"}, "keep-alive": {KeepAlive: -1}} {
		if _, err := New(opts); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAvailable(t *testing.T) {
	s := play(t, nil)
	st, err := clientOf(t, s, Options{}).Available(t.Context())
	want := chat.Model{Server: s.Listener.Addr().String(), Name: "tinyllama", Digest: "sha256:aa", Context: 2048}
	if err != nil || !reflect.DeepEqual(st, want) {
		t.Errorf("%+v, %v", st, err)
	}
	s.show.Capabilities = append(s.show.Capabilities, model.CapabilityThinking)
	s.show.ModelInfo = nil
	st, err = clientOf(t, s, Options{Model: "Other:latest"}).Available(t.Context())
	if !errors.Is(err, chat.ErrNoModel) { // the played server is strict about case
		t.Errorf("%+v, %v", st, err)
	}
	st, err = clientOf(t, s, Options{Model: "other"}).Available(t.Context())
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
		{"nobody listens", closed, "", chat.ErrNoServer, "nobody listens", "ollama serve"},
		{"another web server", web, "", chat.ErrNoServer, "not Ollama", "see what listens there"},
		{"status 500", broken, "", chat.ErrNoServer, "status 500", "log"},
		{"a web page", prose, "", chat.ErrNoServer, "does not answer as Ollama", "see what listens there"},
		{"model missing", here, "llama3.2:1b", chat.ErrNoModel, "no model llama3.2:1b", "ollama pull llama3.2:1b; without a network, take it along in a bundle: sheaf models unpack"},
		{"redirect", away, "", chat.ErrNoServer, "leads elsewhere", "redirect"},
		{"redirect on this machine", beside, "", chat.ErrNoServer, "leads elsewhere", "redirect"},
		{"cloud switched off", forbidden, "", chat.ErrRemote, "not available here", "ollama pull tinyllama"},
		{"unauthorized", locked, "", chat.ErrNoServer, "status 401", "see what listens there"},
		{"remote host", remoteHost, "", chat.ErrRemote, "https://ollama.com:443", "ollama pull tinyllama"},
		{"remote model", remoteModel, "tinyllama:latest", chat.ErrRemote, "gpt-oss:120b", "ollama pull tinyllama"},
		{"remote in the list", remoteList, "", chat.ErrRemote, "https://ollama.com:443", "ollama pull tinyllama"},
		{"cloud tag", here, "gpt-oss:120b-cloud", chat.ErrRemote, "the name says so", "such as tinyllama"},
		{"cloud tag alone", here, "glm-4.6:Cloud", chat.ErrRemote, "the name says so", "tinyllama"},
		{"cloud name", here, "qwen3-cloud", chat.ErrRemote, "the name says so", "tinyllama"},
		{"cloud name with tag", here, "me/qwen3-CLOUD:8b", chat.ErrRemote, "the name says so", "tinyllama"},
		{"cloud tag with digest", here, "x:1b-cloud@sha256:00", chat.ErrRemote, "the name says so", "tinyllama"},
		{"a local model of that name", here, "cloudy", chat.ErrNoModel, "no model cloudy", "ollama pull cloudy"},
	} {
		_, err := clientOf(t, c.s, Options{Model: c.model}).Available(t.Context())
		var e *chat.Error
		if !errors.Is(err, c.kind) || !errors.As(err, &e) || !strings.Contains(err.Error(), c.detail) || !strings.Contains(e.Hint(), c.hint) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	var le *loopback.Error
	if _, err := clientOf(t, away, Options{}).Available(t.Context()); !errors.As(err, &le) {
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
	var e *chat.Error
	if !errors.Is(err, chat.ErrNoServer) || !errors.As(err, &e) || !strings.Contains(err.Error(), "in time") || !strings.Contains(e.Hint(), "busy") {
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
