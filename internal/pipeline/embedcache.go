package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
	"sheaf/internal/store"
)

// A cached embedder looks each text up in the store and embeds those that are
// not there. The vectors are the same with and without it, and it never fails
// where the embedder below would not: a store that does not work is told of
// once and then left alone.
type cached struct {
	engine.Embedder
	store *store.Store
	space store.Space
	note  func(line string)
}

// A keeper opens the store when it is first needed, if the user wants one.
type keeper struct {
	c      *Common
	opened bool
	store  *store.Store // nil where there is none
}

func (k *keeper) open() *store.Store {
	if k.opened || k.c.NoCache || k.c.CacheDir == "" {
		return k.store
	}
	k.opened = true
	s, err := store.Open(k.c.CacheDir, store.Options{})
	if err != nil {
		k.c.note("embeddings are not kept: " + withHint(err))
		return nil
	}
	k.store = s
	return s
}

func (k *keeper) close() error {
	if k.store == nil {
		return nil
	}
	return k.store.Close()
}

// before puts the store before an embedder.
func (k *keeper) before(e engine.Embedder) engine.Embedder {
	s := k.open()
	if s == nil {
		return e
	}
	return &cached{Embedder: e, store: s, space: spaceOf(e), note: k.c.note}
}

// spaceOf is what the embedder's vectors depend on beside the text.
func spaceOf(e engine.Embedder) store.Space {
	info := e.Info()
	sp := store.Space{
		Model: info.Digest, Tokenizer: info.TokenizerDigest, Backend: info.Backend, Provider: info.Provider,
		Pooling: info.Pooling, MaxTokens: info.MaxTokens, Dim: info.Dim, DType: "float32",
	}
	if p, ok := e.(interface{ Prompt() string }); ok {
		sp.Prompt = p.Prompt()
	}
	return sp
}

// Close closes the store and the embedder.
func (c *cached) Close() error { return errors.Join(c.store.Close(), c.Embedder.Close()) }

// How many texts are embedded between two writes to the store: as many as take
// a few seconds, whatever the model, for a run that is killed loses those.
const (
	firstWindow   = 256
	largestWindow = 8192
	shortWindow   = 2 * time.Second
	longWindow    = 8 * time.Second
)

// Embed implements engine.Embedder.
func (c *cached) Embed(ctx context.Context, texts []string, progress func(done int)) (*engine.Embeddings, error) {
	d := c.space.Dim
	a := &answers{
		vectors: blas32.General{Rows: len(texts), Cols: d, Stride: d, Data: make([]float32, len(texts)*d)},
		flags:   make([]answer, len(texts)),
	}
	err := c.store.Embeddings(ctx, c.space, texts, a.set)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	working := err == nil
	if !working {
		c.note(fmt.Sprintf("embeddings are not kept: %v", err))
	}
	missing, places := a.missing(texts)
	done := len(texts)
	for _, p := range places {
		done -= len(p)
	}
	tell := func(done int) {
		if progress != nil {
			progress(done)
		}
	}
	tell(done)
	for window := firstWindow; len(missing) > 0; {
		n := min(window, len(missing))
		start := time.Now()
		e, err := c.Embedder.Embed(ctx, missing[:n], func(k int) { tell(done + k) })
		if err != nil {
			return nil, err
		}
		window = nextWindow(window, time.Since(start))
		ofWindow := answersOf(e)
		for i := range n {
			one := ofWindow.embedding(i)
			for _, at := range places[i] {
				a.set(at, one)
			}
			done += len(places[i])
		}
		if working {
			// What was computed is kept, also where the run ends here.
			err := c.store.PutEmbeddings(context.WithoutCancel(ctx), c.space, missing[:n], ofWindow.embedding)
			if working = err == nil; !working {
				c.note(fmt.Sprintf("embeddings are not kept: %v", err))
			}
		}
		tell(done)
		missing, places = missing[n:], places[n:]
	}
	return a.embeddings(), nil
}

// nextWindow is the window after one that took so long.
func nextWindow(window int, took time.Duration) int {
	switch {
	case took < shortWindow:
		return min(2*window, largestWindow)
	case took > longWindow:
		return max(window/2, 1)
	}
	return window
}

// An answer is what is known of a text.
type answer byte

const (
	unknown   answer = 0
	known     answer = 1 << iota
	truncated        // beside known
	empty            // beside known
)

// answers are embeddings that are filled in bit by bit.
type answers struct {
	vectors blas32.General
	flags   []answer
}

func answersOf(e *engine.Embeddings) *answers {
	a := &answers{e.Vectors, make([]answer, e.Vectors.Rows)}
	for i := range a.flags {
		a.flags[i] = known
	}
	for _, i := range e.Truncated {
		a.flags[i] |= truncated
	}
	for _, i := range e.Empty {
		a.flags[i] |= empty
	}
	return a
}

// row is the vector of text i.
func (a *answers) row(i int) []float32 {
	return a.vectors.Data[i*a.vectors.Stride:][:a.vectors.Cols]
}

// set fills in text i, which has no vector if that is nil.
func (a *answers) set(i int, e store.Embedding) {
	a.flags[i] = known
	if e.Truncated {
		a.flags[i] |= truncated
	}
	if e.Vector == nil {
		a.flags[i] |= empty
		return
	}
	copy(a.row(i), e.Vector)
}

// embedding is text i as the store has it.
func (a *answers) embedding(i int) store.Embedding {
	e := store.Embedding{Truncated: a.flags[i]&truncated != 0}
	if a.flags[i]&empty == 0 {
		e.Vector = a.row(i)
	}
	return e
}

// missing returns the texts that are not known yet, each once, and for each
// the places where it stands.
func (a *answers) missing(texts []string) (missing []string, places [][]int) {
	at := make(map[string]int)
	for i, t := range texts {
		if a.flags[i] != unknown {
			continue
		}
		j, ok := at[t]
		if !ok {
			j = len(missing)
			at[t] = j
			missing, places = append(missing, t), append(places, nil)
		}
		places[j] = append(places[j], i)
	}
	return missing, places
}

func (a *answers) embeddings() *engine.Embeddings {
	e := &engine.Embeddings{Vectors: a.vectors}
	for i, f := range a.flags {
		if f&truncated != 0 {
			e.Truncated = append(e.Truncated, i)
		}
		if f&empty != 0 {
			e.Empty = append(e.Empty, i)
		}
	}
	return e
}

// CacheInfo says what is kept on disk.
type CacheInfo = store.Info

// CacheHome is the folder of what is kept on disk.
func CacheHome(getenv func(string) string) (string, error) { return store.Home(getenv) }

// InspectCache says what is kept in dir.
func InspectCache(ctx context.Context, dir string) (CacheInfo, error) {
	return store.Inspect(ctx, dir, store.Options{})
}

// ClearCache forgets what is kept in dir, and says what it was where that can
// be known.
func ClearCache(ctx context.Context, dir string) (CacheInfo, error) {
	info, err := store.Inspect(ctx, dir, store.Options{})
	if cerr := errors.Join(store.Clear(ctx, dir), forgetUnfinished(dir)); cerr != nil {
		return info, cmp.Or(cerr, err)
	}
	return info, ctx.Err()
}
