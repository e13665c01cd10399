//go:build unix

package pipeline

import (
	"context"
	"testing"
	"time"

	"sheaf/internal/corpus"
	"sheaf/internal/ollamatest"
)

// A tiny random model on a real server: nothing it says is of use, and all of it
// is counted.
func TestBenchChatRealServer(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server takes seconds")
	}
	s := ollamatest.Start(t)
	s.Create("tiny")
	opts := chatBench(s.Host, "tiny")
	opts.Chat.NumThread, opts.Chat.Candidates = 1, 1
	opts.Chat.Timeout = 5 * time.Minute // on a busy machine
	r, failed, err := BenchChat(context.Background(), []corpus.Input{input("notes.txt", groceries)}, opts)
	if err != nil || len(failed) > 0 {
		t.Fatalf("%v, %q", err, failed)
	}
	m := r.Models[0]
	if m.Answers == 0 || m.ReadPerGroup == 0 || m.WrittenPerGroup == 0 || m.SecondsPerGroup.Value <= 0 || m.Digest == "" {
		t.Errorf("%+v", m)
	}
}
