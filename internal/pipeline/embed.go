package pipeline

import (
	"fmt"

	"sheaf/engine"
	"sheaf/engine/static"
	"sheaf/internal/hint"
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
	if c.Provider != "" && c.Provider != "cpu" {
		return nil, hint.Errorf("use --provider cpu", "provider %q needs ONNX Runtime, which the model %q does not run on", c.Provider, m.Name)
	}
	opts := static.Options{Threads: c.Threads}
	if m.Dir == "" {
		return static.OpenFS(builtin.ModelFS(), models.Builtin, opts)
	}
	if !static.IsModel(m.Dir) {
		return nil, hint.Errorf("give the folder of a Model2Vec model (model.safetensors with a tensor \"embeddings\", tokenizer.json, config.json)",
			"%s is no static embedding model", m.Dir)
	}
	return static.Open(m.Dir, opts)
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
