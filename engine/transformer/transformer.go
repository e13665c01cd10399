// Package transformer embeds texts with transformer encoders in the layout of
// sentence-transformers: a folder with an ONNX graph, its tokenizer, and files
// that say how long a text may be, how its tokens' vectors are pooled and which
// prompt goes before it.
//
// The package does all but the graph itself: it reads the folder ([ReadFolder]),
// tokenises ahead, packs texts of like length into batches, pools and scales.
// A backend, such as engine/onnx or engine/purego, is a [Runner] that computes
// the graph's output for a batch.
package transformer

import (
	"context"
	"runtime"
	"slices"
	"strings"

	"sheaf/engine"
)

// Options are what both backends understand. The zero value works, and takes
// everything as the model's folder says.
type Options struct {
	// File is the .onnx file to take, relative to the folder; "" means
	// model.onnx, onnx/model.onnx, or the only one there is.
	File string
	// Output is the graph's output to take; "" finds it by name or shape.
	Output string
	// Pooling is used instead of the model's own.
	Pooling Pooling
	// KeepLength leaves the vectors of a model that does not normalise at the
	// length they have. [engine.Embeddings] are unit vectors, and so whoever
	// sets it must not hand them to what relies on that.
	KeepLength bool
	// Dim cuts vectors to their first dimensions, as models trained with
	// Matryoshka losses allow; 0 keeps all.
	Dim int
	// Prompt is the name of the prompt that goes before each text. "" means
	// "clustering" where the model has such a prompt, else its default prompt.
	Prompt string
	// Prefix, where it is not nil, goes before each text instead of a prompt.
	Prefix *string
	// MaxTokens cuts texts shorter than the model would; 0 means as the model
	// says, and more than that is not possible.
	MaxTokens int
	// Threads is how many threads compute; 0 means GOMAXPROCS.
	Threads int
	// BatchTokens bounds a batch's tokens, padding included; 0 chooses it so
	// that a batch's intermediate values take about 32 MB.
	BatchTokens int
	// Memory, where it is not nil, knows from earlier runs what takes long to
	// find out.
	Memory Memory
	// Tokenizers is how many goroutines tokenise; 0 means up to 4.
	Tokenizers int
}

// A Runner computes a graph's output. Run is called by up to Workers
// goroutines at once, each with a number of its own from 0.
type Runner interface {
	// Probe computes the output for a batch and returns its dimensions.
	Probe(b *Batch) (dims []int, err error)
	// Run computes the output for b into dst, which has its dimensions.
	Run(worker int, b *Batch, dst Output) error
	Workers() int
	// Provider is what computes, for Info, and why it is not what was asked
	// for, or "".
	Provider() (name, reason string)
	Close() error
}

// An Output is the dimensions and the numbers of a graph's output: texts ×
// tokens × vector, or texts × vector.
type Output struct {
	Dims []int
	Data []float32
}

// A Backend computes graphs.
type Backend struct {
	// Name is what engine.Info calls it.
	Name string
	// Identity stands for what computes, such as a library with its size and
	// time. A graph that it has run in an earlier run is only loaded when a text
	// is to be embedded. "" loads every graph when it is opened.
	Identity string
	// Start makes the runner for a folder's graph and the output chosen from it.
	Start func(f *Folder, output Value) (Runner, error)
}

// An Embedder is a transformer model that is open. It may be used by several
// goroutines at once.
type Embedder struct {
	folder  *Folder
	opts    Options
	backend Backend
	output  Value
	info    engine.Info
	graph   graph

	fallback string // why another provider computes than was asked for

	prefix     string   // goes before each text
	head, tail []uint32 // special tokens around a text
	promptIDs  int      // tokens of the prefix
	shape      shape
	perToken   bool // the output holds a vector for each token
	width      int  // of the graph's vectors; Info.Dim may be less
	batchLimit func(length int) int
}

var _ engine.Embedder = (*Embedder)(nil)

// Open opens the model in dir. It loads the graph and tries it, so that what is
// wrong with a model shows now; where opts.Memory knows that this backend has
// run this very graph, the first call of Embed loads it.
func Open(dir string, b Backend, opts Options) (*Embedder, error) {
	f, err := ReadFolder(dir, opts.File)
	if err != nil {
		return nil, err
	}
	e := &Embedder{folder: f, opts: opts, backend: b}
	if e.output, err = e.settle(); err != nil {
		return nil, err
	}
	t, digest, err := e.try()
	if err == nil {
		err = e.settleTrial(t)
	}
	if err != nil {
		// What went wrong first is what matters.
		_ = e.Close()
		return nil, err
	}
	e.info.Digest, e.info.Backend, e.info.Provider = digest, b.Name, t.Provider
	e.info.Model, e.info.TokenizerDigest = dir, f.Tokenizer.Digest()
	e.info.Pooling, e.info.MaxTokens, e.info.DType = string(f.Pooling), f.MaxTokens, f.Graph.DType
	e.batchLimit = e.limiter()
	return e, nil
}

// settle brings the folder and the options together.
func (e *Embedder) settle() (output Value, err error) {
	f, opts := e.folder, &e.opts
	if opts.Threads <= 0 {
		opts.Threads = runtime.GOMAXPROCS(0)
	}
	if opts.Tokenizers <= 0 {
		opts.Tokenizers = min(opts.Threads, 4)
	}
	if e.shape, err = f.checkInputs(); err != nil {
		return output, err
	}
	if opts.Pooling != "" {
		if !slices.Contains([]Pooling{Mean, CLS, Last, Max, MeanSqrt, WeightedMean}, opts.Pooling) {
			return output, modelError(f.Dir, "choose mean, cls, last or max", "there is no pooling %q", opts.Pooling)
		}
		f.Pooling = opts.Pooling
	}
	if output, err = f.chooseOutput(opts.Output); err != nil {
		return output, err
	}
	if e.prefix, err = f.prompt(opts); err != nil {
		return output, err
	}
	e.head, e.tail = f.Tokenizer.Special()
	e.promptIDs = len(f.Tokenizer.AppendIDs(nil, e.prefix))
	if e.shape.length > 0 {
		f.MaxTokens = min(f.MaxTokens, e.shape.length)
	}
	if opts.MaxTokens > 0 {
		f.MaxTokens = min(f.MaxTokens, opts.MaxTokens)
	}
	if taken := len(e.head) + len(e.tail) + e.promptIDs; f.MaxTokens <= taken {
		return output, modelError(f.Dir, "allow more tokens, or use a shorter prompt",
			"%d tokens leave no room for a text beside %d of special tokens and prompt", f.MaxTokens, taken)
	}
	return output, nil
}

// prompt is what goes before each text.
func (f *Folder) prompt(opts *Options) (string, error) {
	if opts.Prefix != nil {
		return *opts.Prefix, nil
	}
	if opts.Prompt != "" {
		p, ok := f.Prompts[opts.Prompt]
		if !ok {
			advice := "the model has no prompts; leave the prompt out"
			if names := f.promptNames(); len(names) > 0 {
				advice = "choose one of: " + strings.Join(names, ", ")
			}
			return "", modelError(f.Dir, advice, "the model has no prompt %q", opts.Prompt)
		}
		return p, nil
	}
	if p, ok := f.Prompts["clustering"]; ok {
		return p, nil
	}
	if f.DefaultPrompt != "" {
		return f.Prompts[f.DefaultPrompt], nil
	}
	if names := f.promptNames(); len(names) > 0 {
		f.assume("no default prompt: texts go without one of %s", strings.Join(names, ", "))
	}
	return "", nil
}

func (f *Folder) promptNames() []string {
	var names []string
	for name := range f.Prompts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// The bytes of a batch's intermediate values that limiter aims at, and the
// most tokens it allows: more do not make products faster.
const (
	batchBytes     = 32 << 20
	maxBatchTokens = 4096
)

// limiter returns how many tokens a batch of texts of a length may have.
func (e *Embedder) limiter() func(length int) int {
	if n := e.opts.BatchTokens; n > 0 {
		return func(int) int { return n }
	}
	return func(length int) int {
		return min(batchBytes/max(e.folder.TextBytes(length)/length, 1), maxBatchTokens)
	}
}

// TextBytes estimates the bytes of intermediate values that a graph needs for a
// text of so many tokens: the vectors of a token in the widest layer, and what
// each token attends to.
func (f *Folder) TextBytes(length int) int {
	hidden, inner, heads := f.Hidden, f.Intermediate, f.Heads
	if hidden == 0 {
		hidden = 768 // of most models
	}
	if inner == 0 {
		inner = 4 * hidden
	}
	if heads == 0 {
		heads = max(hidden/64, 1)
	}
	return 4 * length * (6*hidden + 3*inner + 3*heads*length)
}

// Info says what the model is. Digest covers, beside the model's files, the
// output that is taken and the prompt, so that two models of one digest, Dim,
// Pooling and MaxTokens give the same vectors.
func (e *Embedder) Info() engine.Info { return e.info }

// Defaults says, a sentence each, what the model's files leave open and what
// was taken instead, and what else its user should know.
func (e *Embedder) Defaults() []string { return slices.Clone(e.folder.Defaults) }

// Fallback is why another provider computes than the one that was asked for,
// or "". It is among Defaults too.
func (e *Embedder) Fallback() string { return e.fallback }

// Prompt is what goes before each text.
func (e *Embedder) Prompt() string { return e.prefix }

// Normalized says whether the model itself ends with scaling to unit length.
func (e *Embedder) Normalized() bool { return e.folder.Normalize }

// Close releases the graph. The embedder must not be used afterwards, nor
// while Embed runs.
func (e *Embedder) Close() error { return e.graph.close() }

// Embed implements engine.Embedder. A text without a token that the tokenizer
// knows is in Empty. A vector that is not finite, or zero, is an error.
func (e *Embedder) Embed(ctx context.Context, texts []string, progress func(done int)) (*engine.Embeddings, error) {
	j := newJob(e, texts, progress)
	if len(texts) > 0 {
		if err := e.load(); err != nil {
			return nil, err
		}
	}
	if err := j.run(ctx); err != nil {
		return nil, err
	}
	return j.embeddings(), nil
}
