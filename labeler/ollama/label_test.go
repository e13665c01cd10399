package ollama

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"

	"sheaf/labeler"
	"sheaf/labeler/chat"
	"sheaf/labeler/prompts"
)

var three = []string{"cats, dogs, birds", "milk, butter, bread", "meters, inches, feet"}

var threeLabels = map[string]string{"cats": "animals", "milk": "\"Food\"", "meters": "Label: Units of Length."}

func TestLabel(t *testing.T) {
	s := play(t, about(t, threeLabels))
	l := connect(t, s, Options{KeepAlive: time.Minute}, func(o *chat.LabelerOptions) { o.Seed, o.NumThread, o.Language = 7, 1, "English" })
	got := label(t, l, clustersOf(three...))
	if want := []string{"model: Animals", "model: Food", "model: Units of Length"}; !slices.Equal(texts(got), want) {
		t.Errorf("%q", texts(got))
	}
	if got.Labels[0].Description != "cats, dogs, birds" || got.Labels[0].Reason != `tinyllama, shown 3 of 3 texts; 1 answer: "Animals"; prompt `+got.PromptDigest[:19] {
		t.Errorf("%+v", got.Labels[0])
	}
	if got.Model != "tinyllama" || got.Digest != "sha256:aa" || got.PromptDigest != prompts.Builtin().Digest() || len(got.Warnings) != 0 {
		t.Errorf("%+v", got)
	}
	want := map[string]any{"temperature": 0.1, "top_k": 3, "top_p": 0.8, "budgets": map[string]int{"label": 32}, "seed": 7, "num_ctx": 2048,
		"num_thread": 1, "workers": 1, "timeout": 60.0, "language": "English", "candidates": 1, "keep_alive": 60.0, "max_label_chars": 60}
	if fmt.Sprint(got.Options) != fmt.Sprint(want) {
		t.Errorf("options %v", got.Options)
	}

	for i, req := range s.asked() {
		if req.Model != "tinyllama" || req.Stream == nil || *req.Stream || req.Truncate == nil || *req.Truncate || req.Shift == nil || *req.Shift {
			t.Errorf("request %d: %+v", i, req)
		}
		if req.Think != nil || req.KeepAlive.Duration != time.Minute {
			t.Errorf("request %d: think %v, keep alive %v", i, req.Think, req.KeepAlive)
		}
		if fmt.Sprint(req.Options) != fmt.Sprint(s.asked()[0].Options) || len(req.Options) != 7 {
			t.Errorf("request %d: options %v", i, req.Options)
		}
		if !strings.Contains(string(req.Format), `"maxLength":60`) {
			t.Errorf("request %d: schema %s", i, req.Format)
		}
		if fmt.Sprint(fenced(req, "notes")) != "["+strings.ReplaceAll(three[i], ",", "")+"]" || len(fenced(req, "others")) != 2 {
			t.Errorf("request %d: %s", i, req.Messages[1].Content)
		}
		if req.Messages[0].Role != "system" || !strings.Contains(req.Messages[0].Content, "in English") {
			t.Errorf("request %d: %+v", i, req.Messages[0])
		}
	}
	if n := len(s.asked()); n != 3 {
		t.Errorf("%d requests", n)
	}
}

func TestLabelTriesAgain(t *testing.T) {
	drop := func(w http.ResponseWriter) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	faults := map[string]func(w http.ResponseWriter){
		"busy": func(w http.ResponseWriter) {
			reply(t, w, http.StatusServiceUnavailable, map[string]string{"error": "server busy, please try again"})
		},
		"busy without a word": func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
		"connection dropped":  drop,
		"cut in the middle": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "500")
			if _, err := w.Write([]byte(`{"model":"tinyllama","message":{"content":"secr`)); err != nil {
				t.Error(err)
			}
		},
		"nothing": func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) },
		"garbage": func(w http.ResponseWriter) { _, _ = w.Write([]byte("\x00\xffcats{")) }, // a lost client is no matter
		"never done": func(w http.ResponseWriter) {
			reply(t, w, http.StatusOK, api.ChatResponse{Message: api.Message{Content: labelJSON("Cats")}})
		},
		"too much to say": func(w http.ResponseWriter) { _, _ = w.Write(make([]byte, maxBody+1)) }, // the client hangs up
	}
	for name, fault := range faults {
		s := play(t, func(w http.ResponseWriter, _ *http.Request, _ api.ChatRequest, n int) {
			if n < 2 {
				fault(w)
				return
			}
			say(t, w, labelJSON("Animals"), "stop")
		})
		got := label(t, connect(t, s, Options{}), clustersOf(three[0]))
		if texts(got)[0] != "model: Animals" || len(got.Warnings) != 0 || len(s.asked()) != 3 {
			t.Errorf("%s: %q, %q after %d requests", name, texts(got), got.Warnings, len(s.asked()))
		}

		s = play(t, func(w http.ResponseWriter, _ *http.Request, _ api.ChatRequest, _ int) { fault(w) })
		got = label(t, connect(t, s, Options{}), clustersOf(append(three, "red, green")...))
		if len(s.asked()) != 2*3 || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "4 of 4 clusters are named by keywords") {
			t.Errorf("%s, always: %q after %d requests", name, got.Warnings, len(s.asked()))
		}
		for i, lb := range got.Labels {
			if lb.Source != labeler.FromKeywords || i < 2 != strings.Contains(lb.Reason, "gave none") {
				t.Errorf("%s, always: %+v", name, lb)
			}
		}
	}
}

func TestLabelStopsAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter)
		says   string
	}{
		"model deleted": {func(w http.ResponseWriter) {
			reply(t, w, http.StatusNotFound, map[string]string{"error": "model 'tinyllama' not found"})
		}, "has the model no longer"},
		"forbidden":    {func(w http.ResponseWriter) { reply(t, w, http.StatusForbidden, map[string]string{"error": "cats"}) }, "status 403"},
		"unauthorized": {func(w http.ResponseWriter) { reply(t, w, http.StatusUnauthorized, map[string]string{"error": "cats"}) }, "status 401"},
		"redirect": {func(w http.ResponseWriter) {
			w.Header().Set("Location", "http://192.0.2.1/api/chat")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, "redirects to another address"},
		"redirect on this machine": {func(w http.ResponseWriter) {
			w.Header().Set("Location", "/api/generate")
			w.WriteHeader(http.StatusPermanentRedirect)
		}, "redirects to another address"},
		"answered elsewhere": {func(w http.ResponseWriter) {
			reply(t, w, http.StatusOK, api.ChatResponse{RemoteHost: "https://ollama.com", Message: api.Message{Content: labelJSON("Animals")}, Done: true})
		}, "passes the texts on"},
	} {
		s := play(t, func(w http.ResponseWriter, _ *http.Request, req api.ChatRequest, n int) {
			if n == 0 {
				about(t, threeLabels)(w, nil, req, n)
				return
			}
			c.answer(w)
		})
		got := label(t, connect(t, s, Options{}), clustersOf(three...))
		if want := []string{"model: Animals", "keywords: About Milk", "keywords: About Meters"}; !slices.Equal(texts(got), want) {
			t.Errorf("%s: %q", name, texts(got))
		}
		if len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], c.says) || !strings.Contains(got.Warnings[0], "2 of 3 clusters") {
			t.Errorf("%s: %q", name, got.Warnings)
		}
		if len(s.asked()) != 2 {
			t.Errorf("%s: %d requests", name, len(s.asked()))
		}
	}
}

func TestLabelOutlivesItsServer(t *testing.T) {
	var s *server
	s = play(t, func(w http.ResponseWriter, _ *http.Request, req api.ChatRequest, n int) {
		if err := s.Listener.Close(); err != nil {
			t.Error(err)
		}
		w.Header().Set("Connection", "close")
		about(t, threeLabels)(w, nil, req, n)
	})
	got := label(t, connect(t, s, Options{}), clustersOf(three...))
	if want := []string{"model: Animals", "keywords: About Milk", "keywords: About Meters"}; !slices.Equal(texts(got), want) {
		t.Errorf("%q", texts(got))
	}
	if len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "does not listen any more; 2 of 3 clusters") {
		t.Errorf("%q", got.Warnings)
	}
}

func TestLabelTimesOut(t *testing.T) {
	hang := func(w http.ResponseWriter, r *http.Request, _ api.ChatRequest, _ int) { <-r.Context().Done() }
	s := play(t, hang)
	got := label(t, connect(t, s, Options{}, func(o *chat.LabelerOptions) { o.Timeout = 5 * time.Millisecond }), clustersOf(three...))
	if len(s.asked()) > 1 || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "did not answer in time; 3 of 3 clusters") {
		t.Errorf("%q after %d requests", got.Warnings, len(s.asked()))
	}

	s = play(t, hang)
	got = label(t, connect(t, s, Options{}, func(o *chat.LabelerOptions) { o.RunTimeout = 20 * time.Millisecond }), clustersOf(three...))
	if len(s.asked()) > 1 || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "took more than the 20ms that a run may take; 3 of 3") {
		t.Errorf("%q after %d requests", got.Warnings, len(s.asked()))
	}
	if !strings.HasPrefix(got.Labels[0].Reason, "the model was not asked") {
		t.Errorf("%+v", got.Labels[0])
	}
}

func TestLabelIsCancelled(t *testing.T) {
	for _, workers := range []int{1, 4} {
		ctx, cancel := context.WithCancel(t.Context())
		s := play(t, func(w http.ResponseWriter, r *http.Request, _ api.ChatRequest, _ int) {
			cancel()
			<-r.Context().Done()
		})
		got, err := connect(t, s, Options{}, func(o *chat.LabelerOptions) { o.Workers = workers }).Label(ctx, clustersOf(three...), nil)
		if got != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%v, %v", got, err)
		}
		// Cancelled before: nobody is asked.
		s = play(t, nil)
		got, err = connect(t, s, Options{}, func(o *chat.LabelerOptions) { o.Workers = workers }).Label(ctx, clustersOf(three...), nil)
		if got != nil || !errors.Is(err, context.Canceled) || len(s.asked()) != 0 {
			t.Errorf("cancelled before: %v, %v", got, err)
		}
	}
}

// Nothing may be left behind: no goroutine of a worker, no connection.
func TestLabelLeavesNothingBehind(t *testing.T) {
	faults := []func(w http.ResponseWriter, r *http.Request, req api.ChatRequest, n int){
		always(t, labelJSON("Animals"), "stop"),
		always(t, "prose", "length"),
		func(w http.ResponseWriter, _ *http.Request, _ api.ChatRequest, _ int) {
			w.WriteHeader(http.StatusInternalServerError)
		},
		func(_ http.ResponseWriter, r *http.Request, _ api.ChatRequest, _ int) { <-r.Context().Done() },
		func(w http.ResponseWriter, _ *http.Request, _ api.ChatRequest, _ int) {
			_, _ = w.Write(make([]byte, 1<<20))
		}, // the client may hang up
	}
	before := runtime.NumGoroutine()
	for _, fault := range faults {
		s := play(t, fault)
		for _, workers := range []int{1, 3} {
			label(t, connect(t, s, Options{}, func(o *chat.LabelerOptions) { o.Workers, o.Timeout = workers, 10*time.Millisecond }), clustersOf(three...))
		}
		s.Close()
	}
	for until := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func TestThinkingIsSwitchedOff(t *testing.T) {
	s := play(t, always(t, labelJSON("Animals"), "stop"))
	s.show.Capabilities = append(s.show.Capabilities, model.CapabilityThinking)
	label(t, connect(t, s, Options{}), clustersOf(three[0]))
	if think := s.asked()[0].Think; think == nil || think.Value != false {
		t.Errorf("think is %v", think)
	}
}

// What goes wrong must be told without repeating a note.
func TestNoTextInErrors(t *testing.T) {
	const secret = "zebrafish"
	for _, status := range []int{200, 400, 401, 403, 404, 418, 500, 503} {
		s := play(t, func(w http.ResponseWriter, _ *http.Request, req api.ChatRequest, _ int) {
			reply(t, w, status, map[string]string{"error": "cannot do " + req.Messages[1].Content})
		})
		got := label(t, connect(t, s, Options{}), clustersOf(secret+" notes, more", "milk, butter"))
		all := strings.Join(got.Warnings, " ") + got.Labels[0].Reason + got.Labels[1].Reason
		if strings.Contains(all, secret) || len(got.Warnings) != 1 {
			t.Errorf("status %d: %s", status, all)
		}
	}
}
