package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
	"sheaf/engine/adapt"
	"sheaf/engine/static"
	"sheaf/internal/hint"
	"sheaf/internal/report"
)

// A placer puts texts into the space of an earlier result.
type placer struct {
	emb   engine.Embedder
	space *adapt.Space // nil where the vectors were not fitted to the collection

	clusters  []int          // places in the result of the clusters with a centroid
	centroids [][]float32    // theirs
	items     []*report.Item // the distinct texts of these clusters
	of        []int          // for each of items, its place in clusters
	vectors   [][]float32    // and its vector

	apart        []*report.Item // the distinct texts that fit nowhere
	apartVectors [][]float32    // and their vectors
}

// openPlacer opens the model of an earlier result and finds its space again:
// the result holds the texts that it was fitted to. It fails where the model is
// another one, or the distances that the result has do not come out.
func openPlacer(ctx context.Context, e *earlier, c *Common) (*placer, error) {
	r := e.result
	if r.Manifest.Privacy != nil {
		return nil, hint.Errorf("give the result of sheaf notes or sheaf assign", "%s: it is a result of sheaf %s, which holds no texts to place others beside", e.path, r.Manifest.Command)
	}
	emb, err := openSame(e, c)
	if err != nil {
		return nil, err
	}
	p := &placer{emb: emb}
	if err := p.load(ctx, e, c); err != nil {
		return nil, errors.Join(err, emb.Close())
	}
	return p, nil
}

// openSame opens the model that made a result.
func openSame(e *earlier, c *Common) (engine.Embedder, error) {
	was := &e.result.Manifest.Embedding
	if c.Model == "" {
		c.Model = was.Model
	}
	emb, err := openEmbedder(c)
	if err == nil && was.Backend != "static" && emb.Info().Digest == was.Digest {
		// The vectors may have been cut to their first dimensions, and the texts
		// to fewer tokens.
		dim, length := c.Dim, c.MaxSeqLength
		if emb.Info().Dim > was.Dim && was.Adapt == nil && dim == 0 {
			dim = was.Dim
		}
		if emb.Info().MaxTokens > was.MaxTokens && length == 0 {
			length = was.MaxTokens
		}
		if dim != c.Dim || length != c.MaxSeqLength {
			c.Dim, c.MaxSeqLength = dim, length
			if err = emb.Close(); err == nil {
				emb, err = openEmbedder(c)
			}
		}
	}
	if err != nil {
		return nil, hint.Errorf(cmp.Or(hint.Of(err), "name the model that made the result with --model"), "the model of %s: %w", e.path, err)
	}
	if err := sameModel(e, emb); err != nil {
		return nil, errors.Join(err, emb.Close())
	}
	return emb, nil
}

// sameModel says what is another in a model than in the one that made a result.
func sameModel(e *earlier, emb engine.Embedder) error {
	was, info := &e.result.Manifest.Embedding, emb.Info()
	var now report.Embedding
	details(emb, &now)
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	switch {
	case text(was.LexiconDigest) != info.LexiconDigest && was.Model == info.Model: // of another model the model is said
		return hint.Errorf("give the same --lexicon as then, or none if there was none", "%s was made with another lexicon", e.path)
	case was.Digest != info.Digest:
		return hint.Errorf("choose that model with --model, or make the result again with this one",
			"%s was made by the model %q with the digest %s; %q has %s", e.path, was.Model, was.Digest, info.Model, info.Digest)
	case text(was.Prompt) != text(now.Prompt):
		return hint.Errorf("give the same --prompt as then", "%s was made with another prompt before each text", e.path)
	case was.Adapt == nil && was.Dim != info.Dim:
		return hint.Errorf(fmt.Sprintf("give --dim %d", was.Dim), "%s has vectors of %d dimensions, the model %q gives %d", e.path, was.Dim, info.Model, info.Dim)
	case was.Backend != "static" && was.MaxTokens != info.MaxTokens:
		return hint.Errorf(fmt.Sprintf("give --max-seq-length %d", was.MaxTokens), "%s was made of texts cut to %d tokens, here they are cut to %d", e.path, was.MaxTokens, info.MaxTokens)
	}
	return nil
}

// load computes the vectors of the result's texts.
func (p *placer) load(ctx context.Context, e *earlier, c *Common) error {
	const how = "make the result again from its inputs"
	at := make(map[string]int)
	for i, cl := range e.result.Clusters {
		if cl.Level != 0 || cl.Centroid == "" {
			continue
		}
		v, err := report.DecodeCentroid(cl.Centroid)
		if err != nil {
			return err // report.Read has looked at it
		}
		at[cl.ID] = len(p.clusters)
		p.clusters, p.centroids = append(p.clusters, i), append(p.centroids, v)
	}
	if len(p.clusters) == 0 {
		return hint.Errorf(how, "%s has no cluster with a centroid", e.path)
	}
	var items []*report.Item
	var texts []string
	for i := range e.result.Items {
		if it := &e.result.Items[i]; it.DuplicateOf == nil && it.Text != nil {
			items, texts = append(items, it), append(texts, *it.Text)
		}
	}
	vectors, err := p.fit(ctx, e, texts, c)
	if err != nil {
		return err
	}
	if d := len(p.centroids[0]); vectors.Cols != d {
		return hint.Errorf(how, "%s has centroids of %d dimensions, its texts vectors of %d", e.path, d, vectors.Cols)
	}
	var off []float64
	for i, it := range items {
		row := vectors.Data[i*vectors.Stride:][:vectors.Cols]
		cl, ok := at[it.Cluster]
		if !ok {
			p.apart, p.apartVectors = append(p.apart, it), append(p.apartVectors, row)
			continue
		}
		p.items, p.of, p.vectors = append(p.items, it), append(p.of, cl), append(p.vectors, row)
		off = append(off, math.Abs(squared(row, p.centroids[cl])-it.Distance))
	}
	// A few items may have been moved by hand; of the most, the distances hold.
	slices.Sort(off)
	if len(off) > 0 && off[len(off)/2] > 1e-3 {
		return hint.Errorf(how, "%s: the distances in it do not come out with this model: it was made by another version, or changed", e.path)
	}
	return nil
}

// fit embeds the result's texts and fits them to each other as they were.
func (p *placer) fit(ctx context.Context, e *earlier, texts []string, c *Common) (blas32.General, error) {
	emb, err := p.emb.Embed(ctx, texts, func(done int) { c.progress(Embedding, done, len(texts)) })
	if err != nil {
		return blas32.General{}, err
	}
	was := e.result.Manifest.Embedding.Adapt
	if was == nil {
		return emb.Vectors, nil
	}
	model, ok := p.emb.(*static.Model)
	if !ok || was.Documents > len(texts) {
		return blas32.General{}, hint.Errorf("make the result again from its inputs", "%s: its vectors were fitted to %d texts, and it holds %d", e.path, was.Documents, len(texts))
	}
	opts := adapt.Options{Threads: c.Threads}
	// What was chosen by the size of the collection comes out the same again; a
	// weight of the user's is seen by its being another.
	if was.Gamma > 0 || was.Noise == 0 {
		opts.Gamma = &was.Gamma
	}
	first := engine.Embeddings{Vectors: emb.Vectors}
	first.Vectors.Rows = was.Documents
	first.Vectors.Data = slices.Clone(emb.Vectors.Data[:was.Documents*emb.Vectors.Stride])
	v, space, err := adapt.Learn(ctx, &first, p.emb.Info(), texts[:was.Documents], model, opts)
	if err != nil {
		return v, err
	}
	p.space = space
	if was.Documents == len(texts) {
		return v, nil
	}
	rest := engine.Embeddings{Vectors: emb.Vectors}
	rest.Vectors.Rows -= was.Documents
	rest.Vectors.Data = emb.Vectors.Data[was.Documents*emb.Vectors.Stride:]
	w, err := space.Place(ctx, &rest, texts[was.Documents:])
	if err != nil {
		return w, err
	}
	v.Data = append(v.Data[:v.Rows*v.Stride:v.Rows*v.Stride], w.Data[:w.Rows*w.Stride]...)
	v.Rows += w.Rows
	return v, nil
}

// place gives texts their vectors; those that have none are in empty, in
// ascending order.
func (p *placer) place(ctx context.Context, texts []string, c *Common) (vectors blas32.General, emb *engine.Embeddings, err error) {
	emb, err = p.emb.Embed(ctx, texts, func(done int) { c.progress(Embedding, done, len(texts)) })
	if err != nil || p.space == nil {
		if err == nil {
			vectors = emb.Vectors
		}
		return vectors, emb, err
	}
	vectors, err = p.space.Place(ctx, emb, texts)
	return vectors, emb, err
}
