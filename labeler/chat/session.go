package chat

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"sync"
	"time"
)

const (
	// maxFailures is how many questions in a row may fail before the server is
	// given up; each of them may have cost a full timeout. A server that has
	// answered nothing is given up after the first timeout.
	maxFailures = 2

	// thinkTokens is room for the thoughts of a model that thinks although it
	// was told not to.
	thinkTokens = 512
)

// A Session is one run with one model. [Ask] may be called by several
// goroutines at once, [Session.Each] by one at a time.
type Session struct {
	client   Client
	opts     Options
	model    Model
	numCtx   int
	deadline time.Time // of the run; zero for none

	known observed // what Each learnt of the model from its first item

	mu       sync.Mutex
	seen     observed
	thought  bool   // the model thought although it was told not to, in any pass
	failures int    // questions in a row that brought nothing
	answered bool   // the server answered something
	stopped  string // why no more is asked: "the server …"
	budgets  map[string]int
	stats    Stats
}

// observed is what answers show of a model.
type observed struct {
	factor  float64 // tokens it makes of one that was estimated, in prompts
	written float64 // the same in its answers, as far as some broke off
	thinks  bool    // it thinks although it was told not to
	spoke   bool    // it answered, so that factor is no mere bound
}

// and is what two observations together make known. The factors are 1 or more.
func (o observed) and(p observed) observed {
	const most = 4 // tokens of three bytes cannot be more
	return observed{
		factor:  min(max(1, o.factor, p.factor), most),
		written: min(max(1, o.written, p.written), most),
		thinks:  o.thinks || p.thinks,
		spoke:   o.spoke || p.spoke,
	}
}

// Stats counts what a session did.
type Stats struct {
	Calls        int // requests that were sent, the repeated ones among them
	Kept         int // answers that were kept from before
	PromptTokens int // of the answers that came from the server
	Tokens       int
}

// Open asks the client for its model and begins a session. The error is ctx's
// own, an [*Error], or names an option that is out of its range.
func Open(ctx context.Context, client Client, opts Options) (*Session, error) {
	if err := opts.fill(); err != nil {
		return nil, err
	}
	m, err := client.Available(ctx)
	if err != nil {
		return nil, err
	}
	s := &Session{client: client, opts: opts, model: m, numCtx: opts.NumCtx, budgets: make(map[string]int)}
	if m.Context > 0 {
		s.numCtx = min(s.numCtx, m.Context)
	}
	if opts.RunTimeout > 0 {
		s.deadline = time.Now().Add(opts.RunTimeout)
	}
	return s, nil
}

// Close ends the connections. The session can still be used.
func (s *Session) Close() { s.client.CloseIdleConnections() }

// Model is what the server said about the model.
func (s *Session) Model() Model { return s.model }

// Context is the context of all calls in tokens, for a prompt with its answer.
func (s *Session) Context() int { return s.numCtx }

// Stopped says why the server was given up, "the server …", or "".
func (s *Session) Stopped() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped
}

// Stats counts what was done up to now.
func (s *Session) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Manifest is what has to be known to ask the same again: the options of the
// calls, and under "budgets" the most tokens of an answer for each task that
// was asked.
func (s *Session) Manifest() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := map[string]any{
		"temperature": *s.opts.Temperature,
		"top_k":       s.opts.TopK,
		"top_p":       s.opts.TopP,
		"seed":        s.seed(0),
		"num_ctx":     s.numCtx,
		"workers":     s.opts.Workers,
		"timeout":     s.opts.Timeout.Seconds(),
		"budgets":     maps.Clone(s.budgets),
	}
	if s.opts.NumThread > 0 {
		m["num_thread"] = s.opts.NumThread
	}
	if s.opts.RunTimeout > 0 {
		m["run_timeout"] = s.opts.RunTimeout.Seconds()
	}
	if s.model.Thinking || s.thought {
		m["think"] = s.thought
	}
	maps.Copy(m, s.model.Settings)
	return m
}

func (s *Session) seed(variant int) int {
	return int((s.opts.Seed + uint64(variant)) & math.MaxInt32)
}

// Each calls do for each number below n, as many at a time as the session has
// workers. The first is done alone, and others after it until one has an answer;
// what that shows of the model holds for all the rest, so that no prompt depends
// on which of several workers was the quickest. Each returns when no call is under way any more; the error is ctx's
// own or the first that do returned. A server that was given up ends nothing:
// Ask says so at once.
//
// progress, where it is not nil, is called with the number of calls of do that
// are done; its calls do not overlap.
func (s *Session) Each(ctx context.Context, n int, do func(ctx context.Context, i int) error, progress func(done int)) error {
	s.mu.Lock()
	s.known, s.seen = observed{}, observed{}
	s.mu.Unlock()

	var mu sync.Mutex
	next, done := 0, 0
	var failed error
	step := func() bool {
		mu.Lock()
		if failed != nil || ctx.Err() != nil || next == n {
			mu.Unlock()
			return false
		}
		i := next
		next++
		mu.Unlock()
		err := do(ctx, i)
		mu.Lock()
		defer mu.Unlock()
		if failed == nil {
			failed = err
		}
		done++
		if progress != nil && ctx.Err() == nil {
			progress(done)
		}
		return true
	}
	for step() && !s.learn() {
	}
	var workers sync.WaitGroup
	for range min(s.opts.Workers, n) {
		workers.Go(func() {
			for step() {
			}
		})
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	return failed
}

// learn takes over what was seen of the model, and says whether it answered.
func (s *Session) learn() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = s.known.and(s.seen)
	return s.known.spoke || s.stopped != ""
}

// spoke says whether anything was answered in this pass.
func (s *Session) spoke() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known.spoke
}

// observe notes what an answer shows of the model.
func (s *Session) observe(o observed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = s.seen.and(o)
	s.thought = s.thought || o.thinks
}

// gaveUp is the failure of a question that is not asked any more, or nil.
func (s *Session) gaveUp() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped == "" && !s.deadline.IsZero() && !time.Now().Before(s.deadline) {
		s.stopped = fmt.Sprintf("took more than the %v that a run may take", s.opts.RunTimeout.Round(time.Millisecond))
	}
	if s.stopped != "" {
		return &Failure{Why: s.stopped, Fatal: true, Unasked: true}
	}
	return nil
}

// count looks at how a call ended and whether going on makes sense. err is nil
// where the server answered, however badly.
func (s *Session) count(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var f *Failure
	switch {
	case err == nil:
		s.failures, s.answered = 0, true
	case errors.As(err, &f):
		s.failures++
		if s.stopped == "" && (f.Fatal || s.failures >= maxFailures || f.Timeout && !s.answered) {
			s.stopped = f.Why
		}
	}
}
