//go:build unix

package ollama

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ollama/ollama/api"

	"sheaf/engine/static"
	"sheaf/labeler/chat"
	"sheaf/labeler/judge"
	"sheaf/labeler/loopback"
	"sheaf/models/builtin"
)

// realServer starts the Ollama server that SHEAF_OLLAMA names, on a free port
// of 127.0.0.1 and with a home of its own. It returns its address and what
// kills it.
func realServer(t *testing.T) (host string, kill func()) {
	t.Helper()
	binary := os.Getenv("SHEAF_OLLAMA")
	if binary == "" {
		t.Skip("SHEAF_OLLAMA is not set: it names an ollama binary; scripts/build-ollama/build.sh makes one")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host = l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	var log bytes.Buffer // read after the process has ended
	cmd := exec.Command(binary, "serve")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "OLLAMA_MODELS=" + filepath.Join(home, "models"),
		"OLLAMA_HOST=" + host, "OLLAMA_NO_CLOUD=1"}
	cmd.Stdout, cmd.Stderr = &log, &log
	// A group of its own, for a killed server leaves its runners behind.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // it is always ended by a signal
		close(ended)
	}()
	stop := func(sig syscall.Signal) {
		if err := syscall.Kill(-cmd.Process.Pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Errorf("stopping the server: %v", err)
		}
	}
	t.Cleanup(func() {
		select {
		case <-ended: // its number may belong to somebody else by now
			return
		default:
			stop(syscall.SIGINT)
		}
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			stop(syscall.SIGKILL)
			<-ended
		}
		if t.Failed() {
			t.Logf("the server's log:\n%s", log.String())
		}
	})
	c := client(t, host)
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		_, err := c.Version(t.Context())
		if err == nil {
			return host, func() { stop(syscall.SIGKILL); <-ended }
		}
		if time.Now().After(until) {
			t.Fatalf("the server does not come up: %v", err)
		}
	}
}

func client(t *testing.T, host string) *api.Client {
	t.Helper()
	base, err := loopback.ParseHost(host)
	if err != nil {
		t.Fatal(err)
	}
	return api.NewClient(base, loopback.Client(loopback.Options{}))
}

// createTiny gives the server a model with random weights. Its tokens are
// single characters nearly always.
func createTiny(t *testing.T, host, name string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tiny.gguf")
	if out, err := exec.Command("go", "run", "sheaf/scripts/tinygguf", "-o", file, "-context", "4096").CombinedOutput(); err != nil {
		t.Fatalf("tinygguf: %v\n%s", err, out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := client(t, host)
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256(data))
	if err := c.CreateBlob(t.Context(), digest, bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	err = c.Create(t.Context(), &api.CreateRequest{Model: name, Files: map[string]string{"tiny.gguf": digest},
		Template:   "{{ if .System }}<|system|>\n{{ .System }}</s>\n{{ end }}{{ if .Prompt }}<|user|>\n{{ .Prompt }}</s>\n{{ end }}<|assistant|>\n{{ .Response }}</s>\n",
		Parameters: map[string]any{"stop": []string{"<|user|>", "</s>"}},
	}, func(api.ProgressResponse) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
}

func TestRealServer(t *testing.T) {
	host, kill := realServer(t)
	tiny, err := New(Options{Host: host, Model: "tiny"})
	if err != nil {
		t.Fatal(err)
	}
	options := func(set func(*chat.LabelerOptions)) *chat.Labeler {
		opts := chat.LabelerOptions{Fallback: words{}}
		opts.NumThread, opts.NumCtx, opts.Seed, opts.Timeout = 1, 4096, 1, 2*time.Minute
		if set != nil {
			set(&opts)
		}
		l, err := chat.NewLabeler(tiny, opts)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	clusters := clustersOf(three...)

	if _, err := tiny.Available(t.Context()); !errors.Is(err, chat.ErrNoModel) {
		t.Fatalf("before the model is made: %v", err)
	}
	createTiny(t, host, "tiny")
	st, err := tiny.Available(t.Context())
	if err != nil || !strings.HasPrefix(st.Digest, "sha256:") || st.Context != 4096 || st.Thinking {
		t.Fatalf("%+v, %v", st, err)
	}

	t.Run("labels", func(t *testing.T) {
		got := label(t, options(nil), clusters)
		t.Logf("%q\n%q", texts(got), got.Warnings)
		if got.Digest != st.Digest || got.Options["num_thread"] != 1 {
			t.Errorf("%+v", got)
		}
		for _, w := range got.Warnings {
			if !strings.Contains(w, "no usable label") {
				t.Errorf("the server made trouble: %s", w)
			}
		}
		again := label(t, options(nil), clusters)
		if fmt.Sprint(texts(got)) != fmt.Sprint(texts(again)) {
			t.Errorf("the same seed gave %q and %q", texts(got), texts(again))
		}
	})

	t.Run("candidates and kept answers", func(t *testing.T) {
		kept := &memory{kept: make(map[string]string)}
		judged := func(o *chat.LabelerOptions) { o.Judge, o.Answers, o.MaxTokens = theJudge(t), kept, 64 }
		got := label(t, options(judged), clusters)
		t.Logf("%q", got.Labels)
		n := len(kept.kept)
		if n < 3*len(clusters) {
			t.Errorf("%d answers kept for %d clusters", n, len(clusters))
		}
		again := label(t, options(judged), clusters)
		if !slices.Equal(got.Labels, again.Labels) || len(kept.kept) != n {
			t.Errorf("%+v, then %+v with %d more answers", got.Labels, again.Labels, len(kept.kept)-n)
		}
	})

	t.Run("schema", func(t *testing.T) {
		const most = 60
		for seed := range 3 {
			resp, err := tiny.Chat(t.Context(), &chat.Request{System: "Name them.", User: "cats, dogs", MaxTokens: 128, Context: 4096, Threads: 1, Seed: seed,
				Temperature: 0.7, TopK: 3, TopP: 0.8, Schema: chat.Object(chat.Field{Name: "label", Type: chat.String(2, most)})})
			if err != nil {
				t.Fatal(err)
			}
			// Random weights write nonsense, but nonsense of the schema.
			var v struct{ Label string }
			err = chat.Answer{Content: resp.Content, Length: resp.Length}.Decode(&v)
			t.Logf("%+v: %q, %v", resp, v.Label, err)
			if n := len([]rune(v.Label)); !resp.Length && (err != nil || n < 2 || n > most) {
				t.Errorf("%q is not what the schema says", resp.Content)
			}
			if resp.Tokens > 128 || resp.PromptTokens == 0 {
				t.Errorf("the answer has %d tokens, the prompt %d", resp.Tokens, resp.PromptTokens)
			}
		}
	})

	t.Run("overflow", func(t *testing.T) {
		// A third of what the prompt needs, at a token a character.
		got := label(t, options(func(o *chat.LabelerOptions) { o.NumCtx = 512 }), clusters)
		if len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], chat.ErrOverflow.Error()) {
			t.Errorf("%q", got.Warnings)
		}
	})

	t.Run("cancel", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := options(nil).Label(ctx, clusters, nil); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})

	t.Run("deleted model", func(t *testing.T) {
		got, err := options(nil).Label(t.Context(), clusters, func(done int) {
			if done == 1 {
				if err := client(t, host).Delete(t.Context(), &api.DeleteRequest{Model: "tiny"}); err != nil {
					t.Error(err)
				}
			}
		})
		if err != nil || len(got.Warnings) == 0 || !strings.Contains(got.Warnings[len(got.Warnings)-1], "has the model no longer; 2 of 3") {
			t.Errorf("%q, %v", got.Warnings, err)
		}
		createTiny(t, host, "tiny")
	})

	t.Run("killed server", func(t *testing.T) {
		got, err := options(nil).Label(t.Context(), clusters, func(done int) {
			if done == 1 {
				kill()
			}
		})
		if err != nil || len(got.Warnings) == 0 || !strings.Contains(got.Warnings[len(got.Warnings)-1], "2 of 3") {
			t.Errorf("%q, %v", got.Warnings, err)
		}
		if _, err := tiny.Available(t.Context()); !errors.Is(err, chat.ErrNoServer) {
			t.Errorf("%v", err)
		}
	})
}

// theJudge is one with the built-in model.
func theJudge(t *testing.T) *judge.Judge {
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
