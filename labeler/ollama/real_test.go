//go:build unix

package ollama

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"sheaf/engine/static"
	"sheaf/internal/ollamatest"
	"sheaf/labeler"
	"sheaf/labeler/chat"
	"sheaf/labeler/judge"
	"sheaf/labeler/prompts"
	"sheaf/models/builtin"
)

// isLong says whether there is time for the long half of a test.
func isLong() bool { return os.Getenv("SHEAF_VERIFY") != "" }

// tiny is a client for the tiny model, and what makes labelers of it.
type tinyModel struct{ *Client }

func (c tinyModel) labeler(t *testing.T, set ...func(*chat.LabelerOptions)) *chat.Labeler {
	t.Helper()
	return labelerOf(t, c.Client, set...)
}

func labelerOf(t testing.TB, c chat.Client, set ...func(*chat.LabelerOptions)) *chat.Labeler {
	t.Helper()
	opts := chat.LabelerOptions{Fallback: words{}, Prompts: ollamatest.Brief(t)}
	opts.NumThread, opts.NumCtx, opts.Seed, opts.Timeout = 1, 2048, 1, 2*time.Minute
	for _, f := range set {
		f(&opts)
	}
	l, err := chat.NewLabeler(c, opts)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestRealServer(t *testing.T) {
	server := ollamatest.Start(t)
	client, err := New(Options{Host: server.Host, Model: "tiny"})
	if err != nil {
		t.Fatal(err)
	}
	tiny := tinyModel{client}
	article := clustersOf(articleGroups...)

	// The model is missing.
	if _, err := tiny.Available(t.Context()); !errors.Is(err, chat.ErrNoModel) {
		t.Fatalf("before the model is made: %v", err)
	}
	got := label(t, tiny.labeler(t), article)
	if got.Model != "" || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "has no model tiny") {
		t.Fatalf("before the model is made: %+v", got)
	}
	server.Create("tiny")
	m, err := tiny.Available(t.Context())
	if err != nil || !strings.HasPrefix(m.Digest, "sha256:") || m.Context != 4096 || m.Thinking {
		t.Fatalf("%+v, %v", m, err)
	}

	t.Run("the 32 notes", func(t *testing.T) {
		kept := &memory{kept: make(map[string]string)}
		judged := func(o *chat.LabelerOptions) {
			o.Judge, o.Answers = theJudge(t), kept
			if isLong() {
				o.Prompts = nil
			}
		}
		got := label(t, tiny.labeler(t, judged), article)
		t.Logf("%q\n%q", texts(got), got.Warnings)
		if got.Digest != m.Digest || got.Options["num_thread"] != 1 {
			t.Errorf("%+v", got)
		}
		for _, w := range got.Warnings {
			if !strings.Contains(w, "no usable label") {
				t.Errorf("the server made trouble: %s", w)
			}
		}
		n := len(kept.kept)
		if n < 3*len(article) {
			t.Errorf("%d answers kept for %d clusters", n, len(article))
		}
		rec := &recorder{Client: client}
		again := label(t, labelerOf(t, rec, judged), article)
		if !slices.Equal(got.Labels, again.Labels) || len(rec.answers) > 0 || len(kept.kept) != n {
			t.Errorf("%+v, then %+v with %d requests", got.Labels, again.Labels, len(rec.answers))
		}
		kept.kept = make(map[string]string)
		afresh := label(t, tiny.labeler(t, judged), article)
		if !slices.Equal(texts(got), texts(afresh)) {
			t.Errorf("the same seeds gave %q and %q", texts(got), texts(afresh))
		}
	})

	t.Run("schema and seeds", func(t *testing.T) {
		const most = 60
		seen := make(map[string]bool)
		for _, seed := range []int{1, 2, 3, 1} {
			resp, err := tiny.Chat(t.Context(), &chat.Request{System: "Name them.", User: "cats, dogs", MaxTokens: 128, Context: 2048, Threads: 1, Seed: seed,
				Temperature: 0.9, TopK: 40, TopP: 0.95, Schema: chat.Object(chat.Field{Name: "label", Type: chat.String(2, most)},
					chat.Field{Name: "concern", Type: chat.Scale(1, 5)}, chat.Field{Name: "kind", Type: chat.OneOf("a", "b")})})
			if err != nil {
				t.Fatal(err)
			}
			// Random weights write nonsense, but nonsense of the schema.
			var v struct {
				Label   string
				Concern int
				Kind    string
			}
			err = chat.Answer{Content: resp.Content, Length: resp.Length}.Decode(&v)
			t.Logf("seed %d: %q, %+v, %v", seed, resp.Content, v, err)
			if n := len([]rune(v.Label)); !resp.Length && (err != nil || n < 2 || n > most || v.Concern < 1 || v.Concern > 5 || v.Kind != "a" && v.Kind != "b") {
				t.Errorf("%q is not what the schema says", resp.Content)
			}
			if resp.Tokens > 128 || resp.PromptTokens == 0 {
				t.Errorf("the answer has %d tokens, the prompt %d", resp.Tokens, resp.PromptTokens)
			}
			seen[resp.Content] = true
		}
		if len(seen) != 3 {
			t.Errorf("4 answers with 3 seeds, %d of them different", len(seen))
		}
	})

	// In a context of 2,048 tokens every prompt fits with its answer, and none
	// breaks off: though the tiny model has three tokens and more where one was
	// estimated, which the first answer shows.
	t.Run("prompts and answers fit", func(t *testing.T) {
		if testing.Short() {
			t.Skip("-short")
		}
		rec := &recorder{Client: client}
		clusters := longClusters()
		if !isLong() {
			clusters = clusters[:4]
		}
		first := 0
		l := labelerOf(t, rec, func(o *chat.LabelerOptions) { o.Prompts = nil })
		got, err := l.Label(t.Context(), clusters, func(done int) {
			if first == 0 && !slices.Equal(rec.answers, make([]*chat.Response, len(rec.answers))) {
				first = len(rec.answers) // of the clusters up to the first with an answer
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, resp := range rec.answers[first:] {
			if resp == nil || resp.Length || resp.PromptTokens < 1000 {
				t.Errorf("request %d: %+v", first+i, resp)
			}
		}
		t.Logf("%d requests, %d until the first answer, with %d overflows: %q", len(rec.answers), first, rec.overflows, texts(got))
	})

	t.Run("overflow", func(t *testing.T) {
		rec := &recorder{Client: client}
		// A letter is one token by the estimate, and two by the model's count.
		long := strings.Repeat("возврат денег за заказ ", 9)
		label(t, labelerOf(t, rec, func(o *chat.LabelerOptions) { o.NumCtx = 512 }), []labeler.Cluster{{Members: slices.Repeat([]string{long}, 9)}})
		if rec.overflows == 0 || rec.overflows > 2 || rec.answers[rec.overflows] == nil || len(rec.prompts[0]) <= len(rec.prompts[1]) {
			t.Errorf("%d overflows in %d requests", rec.overflows, len(rec.answers))
		}
		fixed, err := prompts.Load(fstest.MapFS{prompts.LabelSystem: {Data: []byte(strings.Repeat("Name them all. ", 99))}})
		if err != nil {
			t.Fatal(err)
		}
		got := label(t, tiny.labeler(t, func(o *chat.LabelerOptions) { o.NumCtx, o.Prompts = 512, fixed }), article[:1])
		if len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], chat.ErrOverflow.Error()) {
			t.Errorf("%q", got.Warnings)
		}
	})

	t.Run("cancel", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := tiny.labeler(t).Label(ctx, article, func(done int) {
			if done == 2 {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		if got := label(t, tiny.labeler(t), article[:1]); got.Model != "tiny" || len(got.Warnings) == 1 && !strings.Contains(got.Warnings[0], "no usable label") {
			t.Errorf("afterwards: %+v", got)
		}
	})

	t.Run("two clients at once", func(t *testing.T) {
		halves := [][]labeler.Cluster{article[:4], article[4:]}
		var alone, together [2][]string
		for i, half := range halves {
			alone[i] = texts(label(t, tiny.labeler(t), half))
		}
		var both sync.WaitGroup
		for i, half := range halves {
			both.Go(func() {
				other, err := New(Options{Host: server.Host, Model: "tiny"})
				if err != nil {
					t.Error(err)
					return
				}
				got, err := labelerOf(t, other, func(o *chat.LabelerOptions) { o.Workers = 2 }).Label(t.Context(), half, nil)
				if err != nil {
					t.Error(err)
					return
				}
				together[i] = texts(got)
			})
		}
		both.Wait()
		if fmt.Sprint(alone) != fmt.Sprint(together) {
			t.Errorf("%q alone, %q together", alone, together)
		}
	})

	t.Run("deleted model", func(t *testing.T) {
		got, err := tiny.labeler(t).Label(t.Context(), article, func(done int) {
			if done == 1 {
				server.Delete("tiny")
			}
		})
		if err != nil || len(got.Warnings) == 0 || !strings.Contains(got.Warnings[len(got.Warnings)-1], "has the model no longer; 8 of 9") {
			t.Errorf("%q, %v", got.Warnings, err)
		}
		server.Create("tiny")
	})

	t.Run("killed and restarted server", func(t *testing.T) {
		got, err := tiny.labeler(t).Label(t.Context(), article, func(done int) {
			if done == 1 {
				server.Kill()
			}
		})
		if err != nil || len(got.Warnings) == 0 || !strings.Contains(got.Warnings[len(got.Warnings)-1], "8 of 9") {
			t.Errorf("%q, %v", got.Warnings, err)
		}
		if _, err := tiny.Available(t.Context()); !errors.Is(err, chat.ErrNoServer) {
			t.Errorf("%v", err)
		}
		server.Restart()
		// Again, but now it comes back while the client still tries.
		back := make(chan struct{})
		got, err = tiny.labeler(t, func(o *chat.LabelerOptions) { o.Backoff = 2 * time.Second }).Label(t.Context(), article, func(done int) {
			if done == 1 {
				server.Kill()
				go func() { server.Restart(); close(back) }()
			}
		})
		<-back
		for _, w := range got.Warnings {
			if err != nil || !strings.Contains(w, "no usable label") {
				t.Errorf("%q, %v", w, err)
			}
		}
	})
}

// longClusters are more texts than any prompt can hold.
func longClusters() []labeler.Cluster {
	var cs []labeler.Cluster
	for i, text := range []string{
		"customers want their money back ", "动物园里的动物", "🐈🐕🐦 ", "возврат денег за заказ ", "قط وكلب وطائر ",
		"ein sehr langes Wort: Donaudampfschifffahrt ", "さくらの花がさいた", "naïve façade café déjà vu ", "12 34 5678 ",
	} {
		var c labeler.Cluster
		for n := range 80 {
			c.Members = append(c.Members, strings.Repeat(text, 1+(n*7+i)%60)+fmt.Sprint(n))
		}
		cs = append(cs, c)
	}
	return cs
}

// theJudge is one with the built-in model.
func theJudge(t testing.TB) *judge.Judge {
	t.Helper()
	m, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return judge.New(m, m)
}

// memory is Answers that forget with the process.
type memory struct {
	mu   sync.Mutex
	kept map[string]string
}

func (m *memory) Get(_ context.Context, request []byte) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.kept[string(request)]
	return []byte(a), ok
}

func (m *memory) Put(_ context.Context, request, answer []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept[string(request)] = string(answer)
}

// The same with a real server, over 1,000 runs where there is time.
func TestRealServerFaults(t *testing.T) {
	server := ollamatest.Start(t)
	server.Create("tiny")
	proxy := ollamatest.NewProxy(t, "http://"+server.Host)
	proxy.Content = replaced
	client, err := New(Options{Host: proxy.URL, Model: "tiny"})
	if err != nil {
		t.Fatal(err)
	}
	runs := 30
	if isLong() {
		runs = 1000
	}
	proxy.Check(t, client, runs)
}
