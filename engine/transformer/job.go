package transformer

import (
	"context"
	"slices"
	"sync"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
)

// window is how many texts are sorted by length at a time. It bounds the
// tokens that are held; within it batches hardly need padding.
const window = 16384

// chunk is how many texts a goroutine tokenises at a time.
const chunk = 64

// worker is the memory of one goroutine that runs batches.
type worker struct {
	number int
	batch  Batch
	out    []float32 // the graph's output, reused
	sum    []float64
	pooled []float32
}

// job is one call of Embed.
type job struct {
	*Embedder
	texts    []string
	vectors  []float32
	states   []state
	progress func(done int)

	mu   sync.Mutex
	done int
	err  error
	stop context.CancelFunc
}

type state byte

const (
	truncated state = 1 << iota
	empty
)

// tokens is a window of texts as ids.
type tokens struct {
	first   int // index of its first text
	ids     [][]uint32
	lengths []int // 0 for texts without a vector
}

// work is a batch that waits for a worker.
type work struct {
	tokens *tokens
	texts  []int // within the window
}

func newJob(e *Embedder, texts []string, progress func(int)) *job {
	return &job{Embedder: e, texts: texts, progress: progress,
		vectors: make([]float32, len(texts)*e.info.Dim), states: make([]state, len(texts))}
}

// run passes the texts through three stages, each ahead of the next:
// tokenising a window, planning its batches, running them.
func (j *job) run(parent context.Context) error {
	ctx, stop := context.WithCancel(parent)
	defer stop()
	j.stop = stop
	windows := make(chan *tokens, 1)
	batches := make(chan work)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(windows)
		for first := 0; first < len(j.texts); first += window {
			t := j.tokenise(ctx, first, min(first+window, len(j.texts)))
			select {
			case windows <- t:
			case <-ctx.Done():
				return
			}
		}
	})
	wg.Go(func() {
		defer close(batches)
		for t := range windows {
			order, spans := plan(t.lengths, j.batchLimit, j.shape)
			for _, s := range spans {
				select {
				case batches <- work{t, order[s.from:s.to]}:
				case <-ctx.Done():
					// The tokeniser sees it too; what it has sent is dropped.
					continue
				}
			}
		}
	})
	for range cap(j.graph.idle) {
		wg.Go(func() {
			// Several calls of Embed share the workers.
			for b := range batches {
				if ctx.Err() != nil {
					continue
				}
				w := <-j.graph.idle
				err := j.compute(w, b)
				j.graph.idle <- w
				j.finish(len(b.texts), err)
			}
		})
	}
	wg.Wait()
	if err := parent.Err(); err != nil {
		return err
	}
	return j.err
}

// finish takes note of n texts that are done, or of the first error.
func (j *job) finish(n int, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil {
		if j.err == nil {
			j.err = err
		}
		j.stop()
		return
	}
	j.done += n
	if j.progress != nil && j.err == nil {
		j.progress(j.done)
	}
}

// tokenise turns the texts first ≤ i < end into ids.
func (j *job) tokenise(ctx context.Context, first, end int) *tokens {
	n := end - first
	t := &tokens{first: first, ids: make([][]uint32, n), lengths: make([]int, n)}
	chunks := make(chan int)
	var wg sync.WaitGroup
	for range min(j.opts.Tokenizers, (n+chunk-1)/chunk) {
		wg.Go(func() {
			var scratch []uint32
			for from := range chunks {
				for i := from; i < min(from+chunk, n) && ctx.Err() == nil; i++ {
					scratch = j.encode(t, i, scratch)
				}
			}
		})
	}
	for from := 0; from < n; from += chunk {
		chunks <- from
	}
	close(chunks)
	wg.Wait()
	blanks := 0
	for i, length := range t.lengths {
		if length == 0 {
			j.states[first+i] |= empty
			blanks++
		}
	}
	if blanks > 0 {
		j.finish(blanks, nil)
	}
	return t
}

// encode sets the ids of text i of a window: the special tokens and as much of
// the text as fits between them. scratch is working memory.
func (j *job) encode(t *tokens, i int, scratch []uint32) []uint32 {
	f := j.folder
	text := j.texts[t.first+i]
	if j.prefix != "" {
		text = j.prefix + text
	}
	scratch, cut := f.Tokenizer.AppendSequence(scratch[:0], text, f.MaxTokens)
	if !j.known(scratch[len(j.head) : len(scratch)-len(j.tail)]) {
		return scratch
	}
	if cut {
		j.states[t.first+i] |= truncated
	}
	t.ids[i], t.lengths[i] = slices.Clone(scratch), len(scratch)
	return scratch
}

// known says whether a text has a token that the tokenizer knows, beside the
// prompt's. ids are those between the special tokens.
func (j *job) known(ids []uint32) bool {
	unknown, some := j.folder.Tokenizer.UnknownID()
	for _, id := range ids[min(j.promptIDs, len(ids)):] {
		if !some || id != unknown {
			return true
		}
	}
	return false
}

// compute runs a batch and writes the vectors of its texts.
func (j *job) compute(w *worker, b work) error {
	f, dim := j.folder, j.info.Dim
	f.fill(&w.batch, b.texts, b.tokens.ids, j.shape.length)
	dims, perText := []int{w.batch.Rows, j.width}, j.width
	if j.perToken {
		dims, perText = []int{w.batch.Rows, w.batch.Length, j.width}, w.batch.Length*j.width
	}
	if n := w.batch.Rows * perText; cap(w.out) < n {
		w.out = make([]float32, n)
	}
	w.out = w.out[:w.batch.Rows*perText]
	if err := j.graph.runner.Run(w.number, &w.batch, Output{dims, w.out}); err != nil {
		return modelError(f.GraphFile, adviceOther, "%d texts of %d tokens: %w", w.batch.Rows, w.batch.Length, err)
	}
	if w.pooled == nil {
		w.pooled, w.sum = make([]float32, j.width), make([]float64, j.width)
	}
	skip := 0
	if !f.IncludePrompt && j.promptIDs > 0 {
		skip = len(j.head) + j.promptIDs
	}
	for r, t := range b.texts {
		text := b.tokens.first + t
		hidden := w.out[r*perText : (r+1)*perText]
		length := b.tokens.lengths[t]
		f.Pooling.pool(w.pooled, w.sum, hidden, length, min(skip, length-1))
		v := j.vectors[text*dim : (text+1)*dim]
		copy(v, w.pooled)
		if !j.scale(v) {
			return modelError(f.GraphFile, "choose another .onnx file of the model; one in half precision or with quantised weights may not suit this machine",
				"the vector of text %d is zero or not a number", text+1)
		}
		b.tokens.ids[t] = nil // not needed any more
	}
	return nil
}

// scale brings v to unit length, but where its own is to be kept, and reports
// whether it could.
func (j *job) scale(v []float32) bool {
	if j.opts.KeepLength && !j.folder.Normalize {
		return finite(v)
	}
	return unit(v)
}

func (j *job) embeddings() *engine.Embeddings {
	n, d := len(j.texts), j.info.Dim
	out := &engine.Embeddings{Vectors: blas32.General{Rows: n, Cols: d, Stride: max(d, 1), Data: j.vectors}}
	for i, s := range j.states {
		if s&truncated != 0 {
			out.Truncated = append(out.Truncated, i)
		}
		if s&empty != 0 {
			out.Empty = append(out.Empty, i)
		}
	}
	return out
}
