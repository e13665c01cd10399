//go:build unix

package openai

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sheaf/internal/ollamatest"
	"sheaf/labeler"
	"sheaf/labeler/chat"
)

// Ollama's own OpenAI-compatible endpoint is a real server of this kind.
func TestRealServer(t *testing.T) {
	server := ollamatest.Start(t)
	client, err := New(Options{BaseURL: "http://" + server.Host + "/v1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Available(t.Context()); !errors.Is(err, chat.ErrNoModel) {
		t.Fatalf("before the model is made: %v", err)
	}
	server.Create("tiny")
	m, err := client.Available(t.Context())
	if err != nil || m.Name != "tiny:latest" || !strings.HasPrefix(m.Identity, "tiny:latest 1") {
		t.Fatalf("%+v, %v", m, err)
	}
	again, err := client.Available(t.Context())
	if err != nil || again.Identity != m.Identity {
		t.Errorf("%+v, then %+v", m, again)
	}

	contents := make(map[string]bool)
	for _, seed := range []int{1, 2, 1} {
		resp, err := client.Chat(t.Context(), &chat.Request{System: "Name them.", User: "cats, dogs", MaxTokens: 128, Seed: seed, Temperature: 0.9, TopP: 0.95,
			Schema: chat.Object(chat.Field{Name: "label", Type: chat.String(2, 40)}, chat.Field{Name: "concern", Type: chat.Scale(1, 5)})})
		if err != nil {
			t.Fatal(err)
		}
		var v struct {
			Label   string
			Concern int
		}
		err = chat.Answer{Content: resp.Content, Length: resp.Length}.Decode(&v)
		if n := len([]rune(v.Label)); !resp.Length && (err != nil || n < 2 || n > 40 || v.Concern < 1 || v.Concern > 5) {
			t.Errorf("%q is not what the schema says", resp.Content)
		}
		if resp.PromptTokens == 0 || resp.Tokens == 0 || resp.Tokens > 128 {
			t.Errorf("%+v", resp)
		}
		contents[resp.Content] = true
	}
	if len(contents) != 2 || client.format.Load() != formatSchema {
		t.Errorf("3 answers with 2 seeds, %d of them different; form %d", len(contents), client.format.Load())
	}
	resp, err := client.Chat(t.Context(), &chat.Request{User: "cats, dogs", MaxTokens: 16, Schema: chat.Object(chat.Field{Name: "label", Type: chat.String(90, 99)})})
	if err != nil || !resp.Length || resp.Tokens > 16 {
		t.Errorf("more than fits: %+v, %v", resp, err)
	}

	opts := chat.LabelerOptions{Prompts: ollamatest.Brief(t)}
	opts.Timeout = 2 * time.Minute
	l, err := chat.NewLabeler(client, opts)
	if err != nil {
		t.Fatal(err)
	}
	clusters := []labeler.Cluster{{Members: []string{"cats", "dogs"}}, {Members: []string{"milk", "butter"}}, {Members: []string{"meters", "feet"}}}
	got, err := l.Label(t.Context(), clusters, nil)
	if err != nil || got.Model != "tiny:latest" || slices.ContainsFunc(got.Warnings, func(w string) bool { return !strings.Contains(w, "no usable label") }) {
		t.Errorf("%+v, %v", got, err)
	}

	got, err = l.Label(t.Context(), clusters, func(done int) {
		if done == 1 {
			server.Delete("tiny")
		}
	})
	if err != nil || len(got.Warnings) == 0 || !strings.Contains(got.Warnings[len(got.Warnings)-1], "has the model no longer; 2 of 3") {
		t.Errorf("%q, %v", got.Warnings, err)
	}
}

func TestRealServerFaults(t *testing.T) {
	server := ollamatest.Start(t)
	server.Create("tiny")
	proxy := ollamatest.NewProxy(t, "http://"+server.Host)
	proxy.Content = replaced
	client, err := New(Options{BaseURL: proxy.URL + "/v1"})
	if err != nil {
		t.Fatal(err)
	}
	runs := 10
	if os.Getenv("SHEAF_VERIFY") != "" {
		runs = 1000
	}
	proxy.Check(t, client, runs)
}
