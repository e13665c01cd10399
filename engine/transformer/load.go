package transformer

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
)

// graph is what computes, once it is loaded.
type graph struct {
	mu     sync.Mutex
	tried  bool  // to load it
	err    error // of that
	runner Runner
	idle   chan *worker // workers without a batch
}

// A trial is what a first try of a graph shows, which its header may not.
type trial struct {
	PerToken bool   `json:"per_token"` // the output holds a vector for each token
	Width    int    `json:"width"`     // of the vectors
	Provider string `json:"provider"`  // what computes
}

// trialKey begins the names of what is remembered of trials; its number changes
// with their form or meaning.
const trialKey = "trial 1"

// try finds out what the graph gives, from memory or by loading it, and the
// model's digest.
func (e *Embedder) try() (t trial, digest string, err error) {
	key := func(digest string) string {
		return fmt.Sprintf("%s\n%s\n%s\n%s", trialKey, e.backend.Name, e.backend.Identity, digest)
	}
	memory := e.opts.Memory
	keeps := memory != nil && e.backend.Identity != ""
	if keeps {
		if digest = e.knownDigest(); digest != "" {
			// What cannot be read is as if it were not there.
			if json.Unmarshal([]byte(memory.Fact(key(digest))), &t) == nil && t.Width > 0 {
				return t, digest, nil
			}
		}
	}
	var digestErr error
	var wg sync.WaitGroup
	wg.Go(func() { digest, digestErr = e.digest() }) // beside loading, which takes longer
	t, reason, err := e.start()
	wg.Wait()
	if err == nil {
		err = digestErr
	}
	if err != nil {
		return t, "", err
	}
	if reason != "" {
		e.fallback = reason
		e.folder.assume("%s", reason)
		return t, digest, nil
	}
	if keeps {
		if fact, err := json.Marshal(t); err == nil {
			memory.KeepFact(key(digest), string(fact))
		}
	}
	return t, digest, nil
}

// load loads the graph if Open did not. It sees that the graph gives what was
// remembered of it.
func (e *Embedder) load() error {
	g := &e.graph
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.tried {
		return g.err
	}
	t, _, err := e.startLocked()
	if want := (trial{e.perToken, e.width, e.info.Provider}); err == nil && t != want {
		g.err = modelError(e.folder.GraphFile, "run it again without what is kept of earlier runs",
			"it gives %+v, where an earlier run had %+v", t, want)
	}
	return g.err
}

// start loads the graph and runs the shortest text there is through it. It
// shows that the graph runs at all, and what the header may not say.
func (e *Embedder) start() (t trial, reason string, err error) {
	e.graph.mu.Lock()
	defer e.graph.mu.Unlock()
	return e.startLocked()
}

func (e *Embedder) startLocked() (t trial, reason string, err error) {
	g := &e.graph
	g.tried = true
	defer func() { g.err = err }()
	if g.runner, err = e.backend.Start(e.folder, e.output); err != nil {
		return t, "", err
	}
	g.idle = make(chan *worker, g.runner.Workers())
	for i := range g.runner.Workers() {
		g.idle <- &worker{number: i}
	}
	t.Provider, reason = g.runner.Provider()
	t.PerToken, t.Width, err = e.probe(g.runner)
	return t, reason, err
}

func (g *graph) close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.runner == nil {
		return nil
	}
	return g.runner.Close()
}

// probe runs the shortest text there is through the graph.
func (e *Embedder) probe(r Runner) (perToken bool, width int, err error) {
	f := e.folder
	word := uint32(f.Tokenizer.Size() - 1) // the highest id shows a table that is too small
	ids := slices.Concat(e.head, []uint32{word}, e.tail)
	var b Batch
	f.fill(&b, []int{0}, [][]uint32{ids}, e.shape.length)
	dims, err := r.Probe(&b)
	if err != nil {
		return false, 0, modelError(f.GraphFile, adviceOther, "a first try failed: %w", err)
	}
	switch {
	case len(dims) == 3 && dims[0] == 1 && dims[1] == b.Length:
		perToken = true
	case len(dims) == 2 && dims[0] == 1:
	default:
		return false, 0, modelError(f.GraphFile, adviceOther, "for 1 text of %d tokens it gives the shape %v", b.Length, dims)
	}
	width = dims[len(dims)-1]
	if width < 1 {
		return false, 0, modelError(f.GraphFile, adviceOther, "its vectors have %d dimensions", width)
	}
	return perToken, width, nil
}

// settleTrial brings what the graph gives together with the folder and the
// options.
func (e *Embedder) settleTrial(t trial) error {
	f := e.folder
	e.perToken, e.width, e.info.Dim = t.PerToken, t.Width, t.Width
	if !t.PerToken {
		f.Pooling = InGraph
	}
	if e.opts.Dim > 0 {
		if e.opts.Dim > e.width {
			return modelError(f.Dir, fmt.Sprintf("choose %d dimensions or fewer", e.width), "cannot cut vectors of %d dimensions to %d", e.width, e.opts.Dim)
		}
		e.info.Dim = e.opts.Dim
	}
	if !f.Normalize && !e.opts.KeepLength {
		f.assume("the model does not normalise: vectors are scaled to unit length all the same")
	}
	return nil
}
