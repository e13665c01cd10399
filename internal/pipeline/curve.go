package pipeline

import (
	"context"
	"strconv"

	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/report"
	"sheaf/kmeans"
)

// CurveOptions is what `sheaf k` is told. Of Common it looks at what embeds.
type CurveOptions struct {
	Common
	Format corpus.Format // "" finds it
	Column string        // of tables and JSON; "" finds it
}

// Curve says how good each number of clusters is for short texts.
func Curve(ctx context.Context, inputs []corpus.Input, opts CurveOptions) (*report.Curve, error) {
	emb, err := openEmbedder(&opts.Common)
	if err != nil {
		return nil, err
	}
	defer emb.Close() // it was only read from
	notes, err := corpus.ReadNotes(ctx, inputs, corpus.Options{
		Format: opts.Format, Column: opts.Column,
		Progress: func(n int64) { opts.progress(Reading, int(n), 0) },
	})
	if err != nil {
		return nil, err
	}
	for _, r := range notes.Remarks {
		opts.note(r)
	}
	opts.note(describeModel(emb.Info()))
	r := &report.Result{Manifest: report.Manifest{Embedding: manifestEmbedding(emb.Info())}}
	details(emb, &r.Manifest.Embedding)
	texts := distinctTexts(notes.Documents)
	raw := make([]string, len(texts))
	for i := range texts {
		raw[i] = texts[i].docs[0].Text
	}
	col, err := embedBlocks(ctx, emb, texts, &topics{list: raw}, r, &opts.Common)
	if err != nil {
		return nil, err
	}
	n, d := col.vectors.Rows, col.vectors.Cols
	if n < 4 {
		return nil, hint.Errorf("give more texts", "%d distinct texts have no number of groups to choose from", n)
	}
	weights := make([]float32, n)
	for i := range col.texts {
		weights[i] = float32(len(col.texts[i].docs))
	}
	ch, err := chooseK(ctx, col.vectors.Data, n, d, weights, around, &opts.Common)
	if err != nil {
		return nil, err
	}
	out := &report.Curve{
		Schema: report.Schema, Sheaf: opts.Version, Inputs: manifestInputs(notes.Files), Embedding: r.Manifest.Embedding,
		Distinct: n, Seed: opts.Seed, K: ch.k, Range: report.KRange{Low: ch.low, High: ch.high},
		Ties: report.KRange{Low: ch.Low, High: ch.High}, Warnings: searchWarnings(ch.SearchResult),
	}
	if len(r.Skipped) > 0 {
		out.Warnings = append(out.Warnings, strconv.Itoa(len(r.Skipped))+" items have no word that the model knows and are left out")
	}
	for _, c := range ch.Candidates {
		p := report.CurvePoint{K: c.K, Score: c.Score, Silhouette: c.Silhouette, Inertia: c.Inertia}
		if s, ok := ch.stability[c.K]; ok {
			p.Stability = &s
		}
		out.Points = append(out.Points, p)
	}
	return out, nil
}

// around are the numbers up to twice and down to half of the best, whose
// stability the curve shows.
func around(found *kmeans.SearchResult) []int {
	var ks []int
	for _, c := range found.Candidates {
		if 2*c.K >= found.K && c.K <= 2*found.K {
			ks = append(ks, c.K)
		}
	}
	return ks
}
