//go:build unix

package ollamatest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/ollama/ollama/api"

	"sheaf/labeler/loopback"
)

// A Server is a real Ollama server of the test's own.
type Server struct {
	Host string // host:port on 127.0.0.1

	t      testing.TB
	binary string
	home   string
	cmd    *exec.Cmd
	log    bytes.Buffer // read after the process has ended
	ended  chan struct{}
}

// Start runs the Ollama binary that OLLAMA_BIN names (or SHEAF_OLLAMA, its name
// of before) on a free port of 127.0.0.1 and with a home of its own, until the
// test ends. Where neither is set the test is skipped.
func Start(t testing.TB) *Server {
	t.Helper()
	binary := cmp.Or(os.Getenv("OLLAMA_BIN"), os.Getenv("SHEAF_OLLAMA"))
	if binary == "" {
		t.Skip("OLLAMA_BIN is not set: it names an ollama binary; scripts/build-ollama/build.sh makes one")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Host: l.Addr().String(), t: t, binary: binary, home: t.TempDir()}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s.start()
	t.Cleanup(s.stop)
	return s
}

func (s *Server) start() {
	s.t.Helper()
	s.cmd = exec.Command(s.binary, "serve")
	s.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.home, "OLLAMA_MODELS=" + filepath.Join(s.home, "models"),
		"OLLAMA_HOST=" + s.Host, "OLLAMA_NO_CLOUD=1"}
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	// A group of its own, for a killed server leaves its runners behind.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	cmd, ended := s.cmd, make(chan struct{})
	s.ended = ended
	go func() {
		_ = cmd.Wait() // it is always ended by a signal
		close(ended)
	}()
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		_, err := s.client().Version(context.Background())
		if err == nil {
			return
		}
		if time.Now().After(until) {
			s.t.Fatalf("the server does not come up: %v", err)
		}
	}
}

// stop ends the server in good order.
func (s *Server) stop() {
	select {
	case <-s.ended: // its number may belong to somebody else by now
		return
	default:
		s.signal(syscall.SIGINT)
	}
	select {
	case <-s.ended:
	case <-time.After(10 * time.Second):
		s.Kill()
	}
	if s.t.Failed() {
		s.t.Logf("the server's log:\n%s", s.log.String())
	}
}

func (s *Server) signal(sig syscall.Signal) {
	if err := syscall.Kill(-s.cmd.Process.Pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		s.t.Errorf("stopping the server: %v", err)
	}
}

// Kill ends the server and its runners at once.
func (s *Server) Kill() {
	s.signal(syscall.SIGKILL)
	<-s.ended
}

// Restart starts a server that was killed again, where it was and with what it
// had.
func (s *Server) Restart() {
	s.t.Helper()
	s.start()
}

func (s *Server) client() *api.Client {
	base, err := loopback.ParseHost(s.Host)
	if err != nil {
		s.t.Fatal(err)
	}
	return api.NewClient(base, loopback.Client(loopback.Options{}))
}

// Create gives the server a llama of two layers with random weights, made for
// 4,096 tokens. Its tokens are single characters nearly always.
func (s *Server) Create(name string) {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "tiny.gguf")
	if out, err := exec.Command("go", "run", "sheaf/scripts/tinygguf", "-o", file, "-context", "4096").CombinedOutput(); err != nil {
		s.t.Fatalf("tinygguf: %v\n%s", err, out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, c := context.Background(), s.client()
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256(data))
	if err := c.CreateBlob(ctx, digest, bytes.NewReader(data)); err != nil {
		s.t.Fatal(err)
	}
	err = c.Create(ctx, &api.CreateRequest{Model: name, Files: map[string]string{"tiny.gguf": digest},
		Template: "{{ if .System }}<|system|>\n{{ .System }}</s>\n{{ end }}{{ if .Prompt }}<|user|>\n{{ .Prompt }}</s>\n{{ end }}<|assistant|>\n{{ .Response }}</s>\n",
		// With more threads than free cores it takes minutes.
		Parameters: map[string]any{"stop": []string{"<|user|>", "</s>"}, "num_thread": 1},
	}, func(api.ProgressResponse) error { return nil })
	if err != nil {
		s.t.Fatal(err)
	}
}

// Delete takes a model from the server.
func (s *Server) Delete(name string) {
	s.t.Helper()
	if err := s.client().Delete(context.Background(), &api.DeleteRequest{Model: name}); err != nil {
		s.t.Error(err)
	}
}
