package pipeline

import (
	"errors"
	"fmt"

	"sheaf/engine"
	"sheaf/engine/onnx"
	"sheaf/engine/purego"
	"sheaf/engine/static"
	"sheaf/engine/transformer"
	"sheaf/internal/hint"
	"sheaf/internal/report"
	"sheaf/models"
	"sheaf/models/builtin"
)

// openEmbedder opens the model that was asked for. What it computes is kept,
// but for static models: those are quicker than looking up.
func openEmbedder(c *Common) (engine.Embedder, error) {
	e, err := openModel(c)
	if err != nil {
		return nil, err
	}
	if _, ok := e.(*static.Model); ok {
		return e, nil
	}
	return withStore(e, c), nil
}

// openModel opens the model that was asked for with the backend that fits its
// files.
func openModel(c *Common) (engine.Embedder, error) {
	m, err := models.Find(c.Model, c.ModelHome)
	if err != nil {
		return nil, err
	}
	isStatic := m.Dir == "" || static.IsModel(m.Dir)
	if !isStatic && transformer.IsModel(m.Dir) {
		return openTransformer(m, c)
	}
	for _, only := range []struct {
		flag string
		set  bool
	}{{"provider " + c.Provider, c.Provider != "" && c.Provider != onnx.CPU}, {"dim", c.Dim != 0}, {"prompt", c.Prompt != ""}} {
		if isStatic && only.set {
			return nil, hint.Errorf("leave it out, or choose a transformer model with --model", "--%s is for transformer models, which %q is not", only.flag, m.Name)
		}
	}
	opts := static.Options{Threads: c.Threads}
	switch {
	case m.Dir == "":
		return static.OpenFS(builtin.ModelFS(), models.Builtin, opts)
	case isStatic:
		return static.Open(m.Dir, opts)
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
func openTransformer(m models.Model, c *Common) (engine.Embedder, error) {
	opts := transformer.Options{Threads: c.Threads, Dim: c.Dim, Prompt: c.Prompt}
	// The catalogue knows the prompts of models whose folders do not say them.
	if entry, _, ok := models.Lookup(m.Name); ok {
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
		c.note(fmt.Sprintf("%v: computing in Go instead, which is some forty times slower. %s", err, hint.Of(err)))
		e, err = purego.Open(m.Dir, purego.Options{Options: opts})
	}
	if err != nil {
		return nil, err
	}
	return &transformerModel{e, m.Name}, nil
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
	e, err := openModel(c) // without a store: to look at a model leaves no trace
	if err != nil {
		return engine.Info{}, err
	}
	return e.Info(), e.Close()
}

// describeModel says in a line which model embeds.
func describeModel(info engine.Info) string {
	return fmt.Sprintf("embedding with %s (%s, %d dimensions)", info.Model, info.Backend, info.Dim)
}
