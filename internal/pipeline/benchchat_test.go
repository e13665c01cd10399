package pipeline

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"sheaf/internal/bench"
	"sheaf/internal/corpus"
)

// playModels plays Ollama with several models. It counts the questions about
// groups; answer returns a label, or "" to break the connection.
func playModels(t *testing.T, answer func(model, prompt string) string, names ...string) (string, *atomic.Int32) {
	t.Helper()
	var asked atomic.Int32
	send := func(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) } // the client may have gone
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/show", func(w http.ResponseWriter, r *http.Request) {
		var req struct{ Model string }
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil || !slices.Contains(names, req.Model) {
			w.WriteHeader(http.StatusNotFound)
		}
		send(w, map[string]any{})
	})
	mux.HandleFunc("GET /api/tags", func(w http.ResponseWriter, _ *http.Request) {
		var models []map[string]string
		for _, n := range names {
			models = append(models, map[string]string{"name": n + ":latest", "digest": n})
		}
		send(w, map[string]any{"models": models})
	})
	mux.HandleFunc("POST /api/chat", func(w http.ResponseWriter, r *http.Request) {
		var req struct {
			Model    string
			Messages []struct{ Content string }
		}
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil || len(req.Messages) != 2 {
			t.Errorf("chat: %v", err)
			return
		}
		content := "yes"
		if prompt := req.Messages[1].Content; strings.Contains(prompt, "<notes>") {
			asked.Add(1)
			label := answer(req.Model, prompt)
			if label == "" {
				panic(http.ErrAbortHandler)
			}
			content = `{"label": "` + label + `"}`
		}
		send(w, map[string]any{"model": req.Model, "message": map[string]string{"role": "assistant", "content": content},
			"done": true, "done_reason": "stop", "prompt_eval_count": 100, "eval_count": 5})
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL, &asked
}

// goodAndBad answers with the topic, or with a name that is in no text.
func goodAndBad(model, prompt string) string {
	if strings.HasPrefix(model, "bad") {
		return "Thomas Dolby"
	}
	label, _ := byTopic(prompt)
	return label
}

func chatBench(host string, models ...string) ChatBenchOptions {
	return ChatBenchOptions{Common: Common{K: 2, Seed: 1, Chat: Chat{Host: host}}, ChatModels: models}
}

func benchRows(r *bench.ChatReport) map[string]bench.ChatRow {
	out := make(map[string]bench.ChatRow)
	for _, m := range r.Models {
		out[m.Model+"/"+m.Prompts] = m
	}
	return out
}

func TestBenchChat(t *testing.T) {
	host, asked := playModels(t, goodAndBad, "good", "bad")
	prompts := t.TempDir()
	if err := os.WriteFile(filepath.Join(prompts, "label-system.tmpl"), []byte(`Answer {"label": "..."}`), 0o600); err != nil {
		t.Fatal(err)
	}
	opts := chatBench(host, "good", "bad")
	opts.PromptDirs = []string{prompts}
	r, failed, err := BenchChat(context.Background(), []corpus.Input{input("notes.txt", groceries)}, opts)
	if err != nil || len(failed) > 0 {
		t.Fatalf("%v, %q", err, failed)
	}
	rows := benchRows(r)
	good, bad, mine, words := rows["good/built-in"], rows["bad/built-in"], rows["good/"+prompts], rows["keywords/"]
	if good.Passed.Value != 1 || good.Fit.Value <= 0.5 || good.Answers != 6 || good.AnswersPassed != 1 || good.Invented != 0 || good.CallsPerGroup != 3 ||
		good.SecondsPerGroup.Value <= 0 || good.ReadPerGroup != 300 || good.WrittenPerGroup != 15 || good.LoadSeconds <= 0 || !strings.HasPrefix(good.Server, "ollama at 127.0.0.1:") {
		t.Errorf("good: %+v", good)
	}
	if bad.Passed.Value != 0 || bad.Fit.Value != 0 || bad.Answers != 8 || bad.Invented != 8 || bad.AnswersPassed != 0 || bad.Faults["invented name"] != 8 || bad.CallsPerGroup != 4 {
		t.Errorf("bad: %+v", bad)
	}
	if mine.Passed.Value != 1 || mine.PromptDigest == good.PromptDigest || mine.PromptDigest == "" || good.PromptDigest == "" {
		t.Errorf("other prompts: %+v", mine)
	}
	if words.Passed.Value == 0 || words.Answers != 0 || words.SecondsPerGroup.Value != 0 {
		t.Errorf("keywords: %+v", words)
	}
	if n := asked.Load(); n != 2*(6+8) {
		t.Errorf("%d questions", n)
	}
	if len(r.Groups) != 2 || len(r.Groups[0].Labels) != 5 || r.Groups[0].Size != 4 || len(r.Groups[0].Examples) == 0 || r.Sets[0].K != 2 {
		t.Errorf("%+v", r.Groups)
	}
	for _, format := range BenchFormats() {
		var b strings.Builder
		if err := WriteChatBench(&b, r, format); err != nil || strings.Contains(b.String(), "://") {
			t.Errorf("%s: %v\n%s", format, err, b.String())
		}
		for _, want := range []string{"good", "bad", "Fruits", "keywords", prompts} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: no %q in\n%s", format, want, b.String())
			}
		}
	}
}

// With a column of labels the groups are the user's own.
func TestBenchChatOfLabels(t *testing.T) {
	host, _ := playModels(t, goodAndBad, "good")
	opts := chatBench(host, "good")
	opts.LabelColumn = "kind"
	rows := "text,kind\napples,fruit\ncats,animal\npears,fruit\nbananas,fruit\nAPPLES,fruit\ndogs,animal\n"
	r, _, err := BenchChat(context.Background(), []corpus.Input{input("kinds.csv", rows)}, opts)
	if err != nil {
		t.Fatal(err)
	}
	if g := r.Groups; len(g) != 2 || g[0].Name != "fruit" || g[0].Size != 4 || g[0].Labels[0].Label != "Fruits" || g[1].Name != "animal" || g[1].Labels[0].Label != "Animals" {
		t.Errorf("%+v", g)
	}
}

// A comparison that was ended asks only what it had not asked, and knows what the
// calls before took; one that is whole leaves nothing to go on with.
func TestBenchChatGoesOn(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var ended atomic.Bool
	var calls atomic.Int32
	host, asked := playModels(t, func(model, prompt string) string {
		if calls.Add(1) == 8 && !ended.Swap(true) {
			cancel()
		}
		return goodAndBad(model, prompt)
	}, "good", "bad")
	in := []corpus.Input{input("notes.txt", groceries)}
	opts := chatBench(host, "good", "bad")
	opts.CacheDir = t.TempDir()
	if _, _, err := BenchChat(ctx, in, opts); err == nil {
		t.Fatal("it was not ended")
	}
	before := asked.Load()
	var notes []string
	opts.Note = func(line string) { notes = append(notes, line) }
	r, _, err := BenchChat(context.Background(), in, opts)
	if err != nil {
		t.Fatal(err)
	}
	if again := asked.Load() - before; again > 14-7 || !slices.ContainsFunc(notes, func(l string) bool { return strings.Contains(l, "going on") }) {
		t.Errorf("%d questions before and %d after; %q", before, again, notes)
	}
	if rows := benchRows(r); rows["good/built-in"].CallsPerGroup != 3 || rows["bad/built-in"].CallsPerGroup != 4 || rows["good/built-in"].SecondsPerGroup.Value <= 0 {
		t.Errorf("%+v", rows)
	}
	before = asked.Load()
	if _, _, err := BenchChat(context.Background(), in, opts); err != nil || asked.Load()-before != 14 {
		t.Errorf("a new comparison asked %d questions: %v", asked.Load()-before, err)
	}
	if left, _ := filepath.Glob(filepath.Join(opts.CacheDir, "bench-chat-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestBenchChatErrors(t *testing.T) {
	host, asked := playModels(t, func(model, prompt string) string {
		if model == "dead" {
			return ""
		}
		return goodAndBad(model, prompt)
	}, "good", "dead")
	in := []corpus.Input{input("notes.txt", groceries)}
	r, failed, err := BenchChat(context.Background(), in, chatBench(host, "missing", "good", "dead"))
	if err != nil || len(failed) != 2 || !strings.Contains(failed[0], "missing") || !strings.Contains(failed[1], "dead") {
		t.Fatalf("%v, %q", err, failed)
	}
	if rows := benchRows(r); rows["missing/built-in"].Error == "" || rows["good/built-in"].Passed.Value != 1 || len(r.Groups[0].Labels) != 2 {
		t.Errorf("%+v\n%+v", rows, r.Groups[0])
	}
	before := asked.Load()
	for name, tt := range map[string]struct {
		opts ChatBenchOptions
		want string
	}{
		"no model":       {chatBench(host, "missing"), "missing"},
		"another server": {chatBench("192.0.2.7", "good"), "192.0.2.7"},
		"another one":    {chatBench(host, "good", "x@http://192.0.2.7:8080/v1"), "192.0.2.7"},
		"k above n":      {ChatBenchOptions{Common: Common{K: 99, Chat: Chat{Host: host}}, ChatModels: []string{"good"}}, "99 groups of 8 texts"},
		"no prompts":     {ChatBenchOptions{Common: Common{Chat: Chat{Host: host}}, ChatModels: []string{"good"}, PromptDirs: []string{t.TempDir()}}, "no file .tmpl"},
	} {
		if _, _, err := BenchChat(context.Background(), in, tt.opts); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if asked.Load() != before {
		t.Errorf("%d questions although nothing could be measured", asked.Load()-before)
	}
	for name, ok := range map[string]bool{"tinyllama": true, "llama3.2:1b": true, "": false, "a b": false, "http://127.0.0.1:1/v1": true, "some/Model Q4@http://127.0.0.1:1/v1": true} {
		if err := CheckChatModel(name, Common{}); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Models of an OpenAI-compatible server, which wants a key, are compared with
// those of Ollama.
func TestBenchChatOfSeveralServers(t *testing.T) {
	s, _ := playLlamaCPP(t, "sk-local", byTopic)
	host, _ := playModels(t, goodAndBad, "good")
	opts := chatBench(host, "good", s.URL+"/v1", "TinyLlama@"+s.URL+"/v1")
	opts.Chat.APIKey = "sk-local"
	r, failed, err := BenchChat(context.Background(), []corpus.Input{input("notes.txt", groceries)}, opts)
	if err != nil || len(failed) > 0 {
		t.Fatalf("%v, %q", err, failed)
	}
	for _, m := range r.Models[:3] {
		if m.Passed.Value != 1 || m.CallsPerGroup != 3 {
			t.Errorf("%+v", m)
		}
	}
	if r.Models[1].Model != "TinyLlama" || !strings.HasPrefix(r.Models[1].Server, "openai at ") {
		t.Errorf("%+v", r.Models[1])
	}
}
