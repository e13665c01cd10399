package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"

	"sheaf/engine"
	"sheaf/engine/onnx"
	"sheaf/engine/purego"
	"sheaf/engine/static"
	"sheaf/engine/transformer"
	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/report"
	"sheaf/models"
)

// openEmbedder opens the model that was asked for. What it computes is kept,
// but for static models: those are quicker than looking up.
func openEmbedder(c *Common) (engine.Embedder, error) {
	k := &keeper{c: c}
	e, err := openModel(c, k)
	if err != nil {
		return nil, errors.Join(err, k.close())
	}
	if _, ok := e.(*static.Model); ok {
		return e, nil
	}
	return k.before(e), nil
}

// openModel opens the model that was asked for with the backend that fits its
// files. memory is what is known of models from earlier runs; it may be nil.
func openModel(c *Common, memory transformer.Memory) (engine.Embedder, error) {
	m, err := models.Find(c.Model, c.ModelHome)
	if err != nil {
		return nil, err
	}
	isStatic := m.Dir == "" || static.IsModel(m.Dir)
	if !isStatic && transformer.IsModel(m.Dir) {
		return openTransformer(m, c, memory)
	}
	for _, only := range []struct {
		flag string
		set  bool
	}{{"provider " + c.Provider, c.Provider != "" && c.Provider != onnx.CPU}, {"dim", c.Dim != 0}, {"max-seq-length", c.MaxSeqLength != 0}, {"prompt", c.Prompt != ""}} {
		if isStatic && only.set {
			return nil, hint.Errorf("leave it out, or choose a transformer model with --model", "--%s is for transformer models, which %q is not", only.flag, m.Name)
		}
	}
	if isStatic {
		return openStatic(m, c)
	}
	return nil, hint.Errorf("a model is a folder with tokenizer.json, config.json and either model.safetensors with a tensor \"embeddings\" (Model2Vec) or a file .onnx (sentence-transformers)",
		"%s holds no embedding model", m.Dir)
}

// A transformerModel is called by the name it was asked for.
type transformerModel struct {
	*transformer.Embedder
	name string
}

func (m *transformerModel) Info() engine.Info {
	info := m.Embedder.Info()
	info.Model = m.name
	return info
}

// openTransformer opens a transformer model with ONNX Runtime, or where that
// is not to be had, in pure Go.
func openTransformer(m models.Model, c *Common, memory transformer.Memory) (engine.Embedder, error) {
	opts := transformer.Options{Threads: c.Threads, Dim: c.Dim, MaxTokens: c.MaxSeqLength, Prompt: c.Prompt, Memory: memory}
	// The catalogue knows the prompts of models whose folders do not say them.
	if entry, ok := listed(m); ok {
		name := c.Prompt
		if name == "" {
			name = entry.Clustering
		}
		if text, ok := entry.Prompts[name]; ok {
			opts.Prefix = &text
		}
	}
	e, err := onnx.Open(m.Dir, onnx.Options{Options: opts, Provider: c.Provider, DataDir: c.RuntimeDir})
	if errors.Is(err, onnx.ErrNotFound) || errors.Is(err, onnx.ErrNoCgo) {
		c.note(fmt.Sprintf("%v: computing in Go instead, which is thirty to forty times slower. %s", err, hint.Of(err)))
		e, err = purego.Open(m.Dir, purego.Options{Options: opts})
	}
	if err != nil {
		return nil, err
	}
	if reason := e.Fallback(); reason != "" {
		c.note(reason)
	}
	return &transformerModel{e, m.Name}, nil
}

// listed is the entry of the catalogue for a model, which is known by its name,
// or where it was asked for by its folder, by the record of how it came there.
func listed(m models.Model) (models.Entry, bool) {
	if entry, _, ok := models.Lookup(m.Name); ok {
		return entry, true
	}
	record, err := models.ReadRecord(m.Dir)
	if err != nil {
		return models.Entry{}, false // put there by hand
	}
	entry, _, ok := models.Lookup(record.Repository)
	return entry, ok
}

// details adds to the manifest what a transformer model was told, and what it
// had to assume.
func details(e engine.Embedder, to *report.Embedding) {
	if c, ok := e.(*cached); ok {
		e = c.Embedder
	}
	if t, ok := e.(*transformerModel); ok {
		to.Prompt, to.Defaults = orNull(t.Prompt()), t.Defaults()
	}
}

// ModelInfo opens the model that a run with these settings would use and says
// what it is.
func ModelInfo(c *Common) (engine.Info, error) {
	e, err := openModel(c, nil) // without a store: to look at a model leaves no trace
	if err != nil {
		return engine.Info{}, err
	}
	return e.Info(), e.Close()
}

// describeModel says in a line which model embeds.
func describeModel(info engine.Info) string {
	return fmt.Sprintf("embedding with %s (%s, %d dimensions)", info.Model, info.Backend, info.Dim)
}

// EmbedOptions is what `sheaf embed` is told.
type EmbedOptions struct {
	Common
	Format  corpus.Format // "" finds it
	Column  string        // of tables and JSON; "" finds it
	Vectors VectorFormat
}

// A window is what Embed holds of its input at once.
const (
	windowRecords = 2048
	windowBytes   = 4 << 20 // of texts, but for a single longer one
)

// Embed writes the embedding of each record to w, in the order of the input and
// in memory that does not depend on its length. Vectors are as the model gives
// them, fitted to no collection. NPY wants an io.WriterAt.
//
// It returns what is missing, as Outcome.Incomplete. A record without a vector
// is an error in a format that has no way to say so.
func Embed(ctx context.Context, inputs []corpus.Input, w io.Writer, opts EmbedOptions) (incomplete []string, err error) {
	emb, err := openEmbedder(&opts.Common)
	if err != nil {
		return nil, err
	}
	defer emb.Close() // it was only read from
	opts.note(describeModel(emb.Info()))
	if w := lexiconWarning(emb, &opts.Common); w != "" {
		opts.note(w)
	}
	out, err := newVectorWriter(w, opts.Vectors, emb.Info().Dim, opts.Threads)
	if err != nil {
		return nil, err
	}
	e := &embedding{emb: emb, out: out}
	read, err := corpus.Stream(ctx, inputs, corpus.Options{
		Format: opts.Format, Column: opts.Column,
		Progress: func(n int64) { opts.progress(Reading, int(n), 0) },
	}, func(r corpus.Record) error { return e.add(ctx, r) })
	if err != nil {
		return nil, err
	}
	if err := e.flush(ctx); err != nil {
		return nil, err
	}
	if err := out.finish(); err != nil {
		return nil, err
	}
	for _, r := range read.Remarks {
		opts.note(r)
	}
	for _, n := range []struct {
		count int
		what  string
	}{
		{read.Blank, "blank lines, which have no row"},
		{e.leftOut, "items that are deleted or put away, which have no row"},
		{e.empty, "empty records, for which null stands"},
		{e.truncated, fmt.Sprintf("texts that were longer than %d tokens and lost their end", emb.Info().MaxTokens)},
	} {
		if n.count > 0 {
			opts.note(fmt.Sprintf("%s: %d", n.what, n.count))
		}
	}
	if e.lost > 0 {
		incomplete = append(incomplete, fmt.Sprintf("%d of %d records have no vector, null stands for them; the first: %s", e.lost, e.rows, e.firstLost))
	}
	return incomplete, nil
}

// An embedding is a run of Embed.
type embedding struct {
	emb engine.Embedder
	out *vectorWriter

	window []corpus.Record
	bytes  int // of its texts

	rows, empty, lost, leftOut, truncated int

	firstLost string
}

// add takes the next record.
func (e *embedding) add(ctx context.Context, r corpus.Record) error {
	if r.Reason != "" && !r.Lost && !r.IsEmpty() {
		e.leftOut++
		return nil
	}
	if len(e.window) == windowRecords || len(e.window) > 0 && e.bytes+len(r.Text) > windowBytes {
		if err := e.flush(ctx); err != nil {
			return err
		}
	}
	e.window = append(e.window, r)
	e.bytes += len(r.Text)
	return nil
}

// flush embeds and writes the window.
func (e *embedding) flush(ctx context.Context) error {
	texts := make([]string, 0, len(e.window))
	for _, r := range e.window {
		if r.Reason == "" {
			texts = append(texts, r.Text)
		}
	}
	answer, err := e.emb.Embed(ctx, texts, nil)
	if err != nil {
		return err
	}
	e.truncated += len(answer.Truncated)
	vectors := make([][]float32, len(e.window))
	row, empty := 0, answer.Empty
	for i := range e.window {
		r := &e.window[i]
		if r.Reason == "" {
			if len(empty) > 0 && empty[0] == row {
				r.Reason, r.Lost, empty = "no known token", true, empty[1:]
			} else {
				vectors[i] = answer.Vectors.Data[row*answer.Vectors.Stride:][:answer.Vectors.Cols]
			}
			row++
		}
		if vectors[i] == nil && !e.out.hasNull() {
			if err := e.out.write(vectors[:i]); err != nil {
				return err
			}
			return hint.Errorf("use --format jsonl, which has null for it, or take the record out", "%s: no vector: %s", r.Source, r.Reason)
		}
		switch {
		case r.Lost:
			if e.lost++; e.lost == 1 {
				e.firstLost = r.Source + ": " + r.Reason
			}
		case r.Reason != "":
			e.empty++
		}
	}
	e.rows += len(vectors)
	clear(e.window)
	e.window, e.bytes = e.window[:0], 0
	return e.out.write(vectors)
}
