package pipeline

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"os"
	"sync"
	"time"

	"sheaf/internal/bench"
	"sheaf/labeler/chat"
)

// A timedClient measures the calls of another client, and keeps the answers of
// a comparison until it is whole, each with the time it took: one that was ended
// goes on where it was and still knows what each call cost.
type timedClient struct {
	chat.Client
	kept *benchAnswers
	row  int // of the comparison

	loadSeconds float64

	mu sync.Mutex
	bench.Calls
	answered int
}

// A timedAnswer is a response as it is kept.
type timedAnswer struct {
	Response *chat.Response `json:"response"`
	Seconds  float64        `json:"seconds"`
}

// Chat implements chat.Client.
func (t *timedClient) Chat(ctx context.Context, req *chat.Request) (*chat.Response, error) {
	key := t.kept.key(t.row, req)
	if a := t.kept.get(ctx, key); a != nil {
		t.count(a, nil)
		return a.Response, nil
	}
	start := time.Now()
	resp, err := t.Client.Chat(ctx, req)
	a := &timedAnswer{resp, time.Since(start).Seconds()}
	t.count(a, err)
	if err == nil {
		t.kept.put(ctx, key, a)
	}
	return resp, err
}

func (t *timedClient) count(a *timedAnswer, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Sent++
	if err != nil {
		return
	}
	t.answered++
	t.Seconds = append(t.Seconds, a.Seconds)
	t.Read += a.Response.PromptTokens
	t.Written += a.Response.Tokens
}

// load asks something of a few words, so that the time in which the server
// loads the model is not that of a label. A server that fails here fails the
// labels too; the error is ctx's own.
func (t *timedClient) load(ctx context.Context, opts *chat.LabelerOptions) error {
	s, err := chat.Open(ctx, t.Client, opts.Options)
	if err != nil {
		return ctx.Err()
	}
	timeout := opts.Timeout
	if timeout <= 0 {
		timeout = time.Minute
	}
	first, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	start := time.Now()
	_, err = t.Client.Chat(first, &chat.Request{
		System: "You answer with one word.", User: "Say yes.", MaxTokens: 2, TopK: 1, TopP: 1,
		Context: s.Context(), Threads: opts.NumThread, NoThinking: s.Model().Thinking,
	})
	if err == nil {
		t.loadSeconds = time.Since(start).Seconds()
	}
	return ctx.Err()
}

// benchAnswers are the answers of a comparison that is not whole yet. They are
// in the store under a random number that is in a file of the comparison's own
// and deleted with it: what is left in the store then nobody can read.
type benchAnswers struct {
	answers *keptAnswers // nil where none are kept
	path    string
	run     string
}

// openBenchAnswers goes on with an earlier comparison of the same, or begins one.
func openBenchAnswers(sets []bench.Set, contestants []contestant, opts *ChatBenchOptions) *benchAnswers {
	k := &benchAnswers{}
	if k.answers = openAnswers(&opts.Common); k.answers == nil {
		return k
	}
	what := []any{sets, opts.Version, opts.Model, opts.Seed, opts.K}
	for _, c := range contestants {
		what = append(what, c.row)
	}
	path, err := unfinished(opts.CacheDir, unfinishedChat, what)
	if err != nil {
		opts.note("answers are not kept, should this be ended: " + withHint(err))
		return k
	}
	k.path = path
	if old, err := os.ReadFile(k.path); err == nil && len(old) == 2*runBytes {
		k.run = string(old)
		opts.note("going on with an earlier comparison that was ended")
		return k
	}
	random := make([]byte, runBytes)
	_, _ = rand.Read(random) // which never fails
	k.run = hex.EncodeToString(random)
	if err := writeWhole(k.path, []byte(k.run)); err != nil {
		k.path = "" // it is not resumed then
	}
	return k
}

// runBytes is the length of the random number.
const runBytes = 16

func (k *benchAnswers) key(row int, req *chat.Request) []byte {
	if k.answers == nil || k.path == "" {
		return nil
	}
	raw, err := json.Marshal([]any{"bench", k.run, row, req})
	if err != nil {
		return nil
	}
	return raw
}

func (k *benchAnswers) get(ctx context.Context, key []byte) *timedAnswer {
	if key == nil {
		return nil
	}
	raw, ok := k.answers.Get(ctx, key)
	a := &timedAnswer{}
	if !ok || json.Unmarshal(raw, a) != nil || a.Response == nil {
		return nil
	}
	return a
}

func (k *benchAnswers) put(ctx context.Context, key []byte, a *timedAnswer) {
	if key == nil {
		return
	}
	if raw, err := json.Marshal(a); err == nil {
		k.answers.Put(ctx, key, raw)
	}
}

// done forgets the comparison, which is whole.
func (k *benchAnswers) done() {
	if k.path != "" {
		_ = os.Remove(k.path) // else the next one takes its times from this
	}
}

func (k *benchAnswers) close() {
	if k.answers != nil {
		_ = k.answers.store.Close() // each answer was written when it came
	}
}
