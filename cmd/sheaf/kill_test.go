//go:build unix

package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// A run of chats that is killed at any moment, and started again and again, ends
// with what a run that nobody disturbed gives, and asks the chat model nothing
// that was answered and kept.
func TestChatsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	kills := 5
	if os.Getenv("SHEAF_VERIFY") != "" {
		kills = 100
	}
	dir := t.TempDir()
	sheaf := filepath.Join(dir, "sheaf")
	build(t, sheaf, ".")
	input := filepath.Join(dir, "chats.jsonl")
	writeChats(t, input, 24)
	model := playAnswers(t)

	start := func(home, out string) *exec.Cmd {
		cmd := exec.Command(sheaf, "chats", "-q", "--labeler", "ollama", "--ollama-host", model.URL, "-k", "8", "--min-conversations", "2", "-o", out, input)
		cmd.Env = []string{"SHEAF_HOME=" + home}
		return cmd
	}
	want := filepath.Join(dir, "want.json")
	begun := time.Now()
	if out, err := start(filepath.Join(dir, "undisturbed"), want).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took := time.Since(begun)
	questions := model.reset()
	if questions < 60 {
		t.Fatalf("only %d questions were asked", questions)
	}

	// Once a run has gone on to its end, another begins with nothing kept, until
	// there were enough kills of runs that had something left to do.
	random := rand.New(rand.NewPCG(1, 1))
	var home string
	killed, finished := 0, 0
	for killed < kills {
		home = filepath.Join(dir, fmt.Sprintf("killed-%d", finished))
		got := filepath.Join(dir, fmt.Sprintf("got-%d.json", finished))
		before := killed
		for {
			cmd := start(home, got)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var kill *time.Timer
			if killed < kills {
				kill = time.AfterFunc(time.Duration(random.Int64N(int64(took))), func() { _ = cmd.Process.Kill() })
			}
			err := cmd.Wait()
			if kill != nil {
				kill.Stop()
			}
			if err == nil {
				break
			}
			if cmd.ProcessState.ExitCode() >= 0 {
				t.Fatalf("a run ended by itself: %v", err)
			}
			killed++
			if _, err := os.Stat(got); err == nil && withoutTimes(t, got) != withoutTimes(t, want) {
				t.Fatal("a run that was killed left another result")
			}
		}
		finished++
		if a, b := withoutTimes(t, want), withoutTimes(t, got); a != b {
			t.Fatalf("after %d kills the results differ:\n%s\n%s", killed-before, a, b)
		}
		// Each kill costs at most the one answer that was on its way.
		if n := model.reset(); n > questions+killed-before {
			t.Errorf("%d questions of %d were asked with %d kills", n, questions, killed-before)
		}
	}
	t.Logf("%d kills in %d runs to the end", killed, finished)
	// Nothing that was kept holds what the conversations say, and nothing else
	// was left.
	for _, name := range files(home) {
		err := filepath.WalkDir(name, func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			if strings.Contains(string(raw), "number") || strings.Contains(string(raw), "Oduya") {
				t.Errorf("%s holds words of the conversations", path)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// A comparison of models that is killed goes on after what it had measured.
func TestBenchKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	dir := t.TempDir()
	sheaf := ownProgram(t, dir)
	var data strings.Builder
	data.WriteString("text,kind\n")
	for i := range 300 {
		fmt.Fprintf(&data, "%s number %d,%d\n", []string{"cats and dogs", "trains to the sea", "tax forms"}[i%3], i, i%3)
	}
	input := filepath.Join(dir, "notes.csv")
	if err := os.WriteFile(input, []byte(data.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	start := func() *exec.Cmd {
		cmd := exec.Command(sheaf, "bench", "--data", input, "--label-column", "kind", "--repetitions", "4", "--json", "builtin")
		cmd.Env = append(os.Environ(), "SHEAF_HOME="+dir)
		return cmd
	}
	kept := func() []string {
		names, err := filepath.Glob(filepath.Join(dir, "cache", "bench-models-*"))
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	cmd := start()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for len(kept()) == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || len(kept()) != 1 {
		t.Fatalf("the comparison was not killed: %v", err)
	}
	cmd = start()
	var out, says strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &says
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, says.String())
	}
	if !strings.Contains(says.String(), "of an earlier run that was ended") || !strings.Contains(out.String(), `"v_measure"`) || len(kept()) != 0 {
		t.Errorf("files %q\n%s\n%s", kept(), says.String(), out.String())
	}
}

// writeChats writes conversations about some topics, with a name in each.
func writeChats(t *testing.T, path string, n int) {
	t.Helper()
	topics := []string{"React tables", "pasta recipes", "train tickets to the sea", "tax forms", "guitar chords", "garden roses", "Python memory leaks", "running shoes"}
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"id":"c%d","messages":[{"role":"user","content":"Explain %s to me, number %d. I am Emilia Oduya."},{"role":"assistant","content":"Gladly."}]}`+"\n",
			i, topics[i%len(topics)], i)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// answers plays Ollama with a model whose answers depend on the question alone.
type answers struct {
	*httptest.Server
	mu sync.Mutex
	n  int
}

func (a *answers) reset() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := a.n
	a.n = 0
	return n
}

func playAnswers(t *testing.T) *answers {
	t.Helper()
	a := &answers{}
	mux := http.NewServeMux()
	send := func(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) } // the client may have been killed
	mux.HandleFunc("POST /api/show", func(w http.ResponseWriter, _ *http.Request) { send(w, map[string]any{}) })
	mux.HandleFunc("GET /api/tags", func(w http.ResponseWriter, _ *http.Request) {
		send(w, map[string]any{"models": []map[string]string{{"name": "tinyllama:latest", "digest": "aa"}}})
	})
	verbs := []string{"Explain", "Improve", "Compare", "Plan", "Find", "Mend", "Describe", "Choose"}
	things := []string{"web tables", "dinner", "journeys", "forms", "music", "flowers", "programs", "shoes"}
	mux.HandleFunc("POST /api/chat", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		a.mu.Lock()
		a.n++
		a.mu.Unlock()
		h := sha256.Sum256(body)
		phrase := func(i int) string { return verbs[h[i]%8] + " " + things[h[i+1]%8] }
		var content any
		switch s := string(body); {
		case strings.Contains(s, "You sum up"):
			content = map[string]any{"request": phrase(0), "task": phrase(2), "language": "English", "concern": 1 + h[4]%5}
		case strings.Contains(s, "You describe"):
			content = map[string]any{"description": "The user asked for help. They wanted " + things[h[0]%8] + ".", "name": phrase(1)}
		case strings.Contains(s, "You check"):
			content = map[string]any{"score": 1 + h[0]%5}
		case strings.Contains(s, "You put"):
			content = map[string]any{"parent": phrase(0)}
		default:
			content = map[string]any{"names": []string{phrase(0), phrase(2), phrase(4)}}
		}
		raw, err := json.Marshal(content)
		if err != nil {
			t.Error(err)
		}
		send(w, map[string]any{"model": "tinyllama", "message": map[string]string{"role": "assistant", "content": string(raw)}, "done": true, "done_reason": "stop"})
	})
	a.Server = httptest.NewServer(mux)
	t.Cleanup(a.Close)
	return a
}

var times = regexp.MustCompile(`(?s)"created": "[^"]*"|"seconds": \{[^}]*\}`)

func withoutTimes(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return times.ReplaceAllString(string(raw), "")
}
