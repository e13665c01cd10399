package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
	"sheaf/engine/adapt"
	"sheaf/engine/static"
	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/report"
	"sheaf/labeler"
)

// NotesOptions is what `sheaf notes` is told.
type NotesOptions struct {
	Common
	Format corpus.Format // "" finds it
	Column string        // of tables and JSON; "" finds it
	// NearDuplicates, where it is above 0, marks texts whose cosine with an
	// earlier one is at least so much. It changes no group.
	NearDuplicates float64
	// Outliers marks texts that fit into no group. It changes no group.
	Outliers bool
}

// Notes reads short texts, groups them and names the groups.
func Notes(ctx context.Context, inputs []corpus.Input, opts NotesOptions) (*Outcome, error) {
	watch := newStopwatch(opts.Now)
	plan, err := planLabels(ctx, &opts.Common)
	if err != nil {
		return nil, err // before any work
	}
	before, err := opts.labelsFrom()
	if err != nil {
		return nil, err
	}
	emb, err := openEmbedder(&opts.Common)
	if err != nil {
		return nil, err
	}
	defer emb.Close() // it was only read from
	space, err := openSpace(emb, &opts.Common)
	if err != nil {
		return nil, err
	}

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
	if n := len(notes.Documents); opts.K > n {
		return nil, hint.Errorf("use -k auto, or a number up to "+strconv.Itoa(n), "%d clusters of %d items", opts.K, n)
	}
	opts.note(describeModel(emb.Info()))

	r := &report.Result{Schema: report.Schema, Manifest: report.Manifest{
		Sheaf: opts.Version, Created: watch.start.UTC().Format(time.RFC3339), Command: "notes",
		Inputs: manifestInputs(notes.Files), Embedding: manifestEmbedding(emb.Info()),
		Warnings: []string{},
	}}
	details(emb, &r.Manifest.Embedding)
	warning := lexiconWarning(emb, &opts.Common)
	if warning != "" {
		r.Manifest.Warnings = append(r.Manifest.Warnings, warning+"; it serves the names")
	}
	lost := 0
	for _, s := range notes.Skipped {
		r.Skipped = append(r.Skipped, report.Skipped{Source: s.Source, Reason: s.Reason})
		if s.Lost {
			lost++
		}
	}
	texts := distinctTexts(notes.Documents)
	raw := make([]string, len(texts))
	for i := range texts {
		raw[i] = texts[i].docs[0].Text
	}
	r.Manifest.Seconds.Read = watch.lap()

	var near []int32
	var col *collection
	if opts.NearDuplicates > 0 {
		var e *engine.Embeddings
		if e, texts, err = vectors(ctx, emb, texts, raw, r, &opts.Common); err != nil {
			return nil, err
		}
		// Before the vectors are fitted to the collection.
		if near, err = nearDuplicates(ctx, e.Vectors, opts.NearDuplicates, opts.Threads); err != nil {
			return nil, err
		}
		col, err = fitted(ctx, emb, e, texts, raw, r, &opts.Common)
	} else {
		col, err = embedBlocks(ctx, emb, texts, &topics{list: raw}, r, &opts.Common)
	}
	if err != nil {
		return nil, err
	}
	r.Manifest.Seconds.Embed = watch.lap()

	var start *blas32.General
	if before != nil {
		start = before.start(col)
	}
	groups, err := group(ctx, col, start, &r.Manifest, &opts.Common)
	if err != nil {
		return nil, err
	}
	r.Manifest.Seconds.Cluster = watch.lap()

	ids, kept := numberedIDs(len(groups)), make([]*labeler.Label, len(groups))
	if before != nil {
		s := before.succeed(groups, before.nextID())
		ids, kept = s.ids, s.labels()
		var lost []string
		r.Manifest.LabelsFrom, lost = s.record()
		r.Manifest.Warnings = append(r.Manifest.Warnings, lost...)
	}
	labels, err := label(ctx, plan, emb, space, groups, kept, true, &opts.Common)
	if err != nil {
		return nil, err
	}
	r.Manifest.Warnings = append(r.Manifest.Warnings, labels.Warnings...)
	r.Manifest.Labeling = manifestLabeling(labels, &opts.Common)
	if warning != "" {
		// The names come from another space than the vectors.
		options := maps.Clone(labels.Options)
		options["lexicon_digest"] = space.Info().LexiconDigest
		r.Manifest.Labeling.Options = options
	}
	fill(r, groups, ids, labels, &opts.Common)
	if near != nil {
		markNearDuplicates(r, texts, near, opts.NearDuplicates)
	}
	if opts.Outliers {
		if err := markOutliers(ctx, r, groups, &opts.Common); err != nil {
			return nil, err
		}
	}
	r.Manifest.Seconds.Label = watch.lap()
	r.Manifest.Seconds.Total = watch.total()
	r.Manifest.Counts = counts(r, notes.Blank)
	if near != nil {
		// Markdown, which reads back as the same items, has no place for it.
		opts.note(fmt.Sprintf("near duplicates, of a cosine of at least %g: %d of %d texts", opts.NearDuplicates, r.Manifest.Counts.NearDuplicates, len(texts)))
	}

	out := &Outcome{Result: r}
	if slices.Contains(kept, nil) { // somebody was to name a group
		out.Incomplete = incomplete(plan, labels, &opts.Common)
	}
	// Beyond what was skipped in reading, all that has no vector.
	if lost += len(r.Skipped) - len(notes.Skipped); lost > 0 {
		out.Incomplete = append(out.Incomplete, fmt.Sprintf("%d of %d items could not be used; they are listed with the reason under skipped in the JSON", lost, r.Manifest.Counts.Read))
	}
	// Who reads the JSON alone should see it too.
	r.Manifest.Warnings = append(r.Manifest.Warnings, out.Incomplete...)
	return out, nil
}

func fromModel(l *labeler.Labels) bool {
	return slices.ContainsFunc(l.Labels, func(l labeler.Label) bool { return l.Source == labeler.FromModel })
}

// A text is one distinct text and the documents that have it.
type text struct {
	docs      []corpus.Document // the first spelling first
	order     []int             // their places among all documents
	truncated bool
}

// distinctTexts joins the documents whose texts are the same.
func distinctTexts(docs []corpus.Document) []text {
	first := corpus.Duplicates(docs)
	at := make(map[int]int)
	var out []text
	for i, f := range first {
		if f == i {
			at[i] = len(out)
			out = append(out, text{})
		}
		t := &out[at[f]]
		t.docs = append(t.docs, docs[i])
		t.order = append(t.order, i)
	}
	return out
}

// embed gives each distinct text the vector of its words in raw, fitted to the
// collection. Texts that have none are taken out of both and go to r.Skipped.
func embed(ctx context.Context, emb engine.Embedder, texts []text, raw []string, r *report.Result, c *Common) (*collection, error) {
	e, kept, err := vectors(ctx, emb, texts, raw, r, c)
	if err != nil {
		return nil, err
	}
	return fitted(ctx, emb, e, kept, raw, r, c)
}

// vectors is the first half of embed: the vectors as the model gives them, and
// the texts that have one.
func vectors(ctx context.Context, emb engine.Embedder, texts []text, raw []string, r *report.Result, c *Common) (*engine.Embeddings, []text, error) {
	e, err := emb.Embed(ctx, raw, func(done int) { c.progress(Embedding, done, len(raw)) })
	if err != nil {
		return nil, nil, err
	}
	for _, i := range e.Truncated {
		texts[i].truncated = true
	}
	kept := texts
	if len(e.Empty) > 0 {
		var gone []lostText
		kept, gone = dropEmpty(e, texts, raw)
		skipLost(r, gone)
	}
	if len(kept) == 0 {
		return nil, nil, noneKnown(len(texts), emb)
	}
	return e, kept, nil
}

func noneKnown(texts int, emb engine.Embedder) error {
	return hint.Errorf("look at the input with --input-format lines, or choose another --model",
		"none of the %d distinct texts has a word that the model %q knows", texts, emb.Info().Model)
}

// fitted is the second half of embed, which may write over e.
func fitted(ctx context.Context, emb engine.Embedder, e *engine.Embeddings, kept []text, raw []string, r *report.Result, c *Common) (*collection, error) {
	model, ok := emb.(*static.Model)
	if !ok || c.Adapt != nil && *c.Adapt < 0 {
		return &collection{e.Vectors, kept}, nil
	}
	v, fit, err := adapt.Apply(ctx, e, emb.Info(), raw[:len(kept)], model, adapt.Options{Gamma: c.Adapt, Threads: c.Threads})
	if err != nil {
		return nil, err
	}
	r.Manifest.Embedding.Adapt = manifestAdapt(fit)
	return &collection{v, kept}, nil
}

func manifestAdapt(fit adapt.Fit) *report.Adapt {
	return &report.Adapt{Beta: fit.Beta, Gamma: fit.Gamma, Dims: fit.Dims, Noise: fit.Noise, Documents: fit.Documents}
}

// dropEmpty takes the texts without a vector out of texts and raw, and their
// rows out of e, in place.
func dropEmpty(e *engine.Embeddings, texts []text, raw []string) (left []text, gone []lostText) {
	d := e.Vectors.Cols
	kept := 0
	for i := range texts {
		if _, empty := slices.BinarySearch(e.Empty, i); empty {
			for j, doc := range texts[i].docs {
				gone = append(gone, lostText{texts[i].order[j], report.Skipped{Source: doc.Source, Reason: "no known token"}})
			}
			continue
		}
		texts[kept], raw[kept] = texts[i], raw[i]
		copy(e.Vectors.Data[kept*d:(kept+1)*d], e.Vectors.Data[i*d:(i+1)*d])
		kept++
	}
	e.Vectors.Data = e.Vectors.Data[:kept*d]
	e.Vectors.Rows = kept
	return texts[:kept], gone
}

// A lostText is a text without a vector.
type lostText struct {
	order   int
	skipped report.Skipped
}

// skipLost notes them in the order of the input.
func skipLost(r *report.Result, gone []lostText) {
	slices.SortFunc(gone, func(a, b lostText) int { return cmp.Compare(a.order, b.order) })
	for _, g := range gone {
		r.Skipped = append(r.Skipped, g.skipped)
	}
}

// numberedIDs are c1 to cn.
func numberedIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = "c" + strconv.Itoa(i+1)
	}
	return ids
}

// fill writes clusters and items into the result.
func fill(r *report.Result, groups []cluster, ids []string, labels *labeler.Labels, c *Common) {
	n := 0
	for _, g := range groups {
		n += g.size
	}
	type placed struct {
		order int
		item  report.Item
	}
	items := make([]placed, 0, n)
	for ci, g := range groups {
		id := ids[ci]
		l := labels.Labels[ci]
		rc := report.Cluster{
			ID: id, Label: l.Text, Description: l.Description, LabelSource: string(l.Source),
			Size: g.size, Items: make([]string, 0, g.size), Centroid: report.EncodeCentroid(g.centroid),
		}
		if c.Explain {
			rc.LabelReason = l.Reason
		}
		for _, m := range g.members {
			for j, doc := range m.text.docs {
				rc.Items = append(rc.Items, doc.ID)
				it := report.Item{
					ID: doc.ID, Text: &doc.Text, Source: doc.Source, Cluster: id,
					Distance: shortest(m.distance), Truncated: m.text.truncated,
				}
				if doc.Ref != "" {
					it.Ref = &doc.Ref
				}
				if j > 0 {
					it.DuplicateOf = &m.text.docs[0].ID
				}
				items = append(items, placed{m.text.order[j], it})
			}
		}
		r.Clusters = append(r.Clusters, rc)
	}
	slices.SortFunc(items, func(a, b placed) int { return cmp.Compare(a.order, b.order) })
	r.Items = make([]report.Item, len(items))
	for i, it := range items {
		r.Items[i] = it.item
	}
}

// shortest is the float64 that prints as the float32 does.
func shortest(x float32) float64 {
	f, err := strconv.ParseFloat(strconv.FormatFloat(float64(x), 'g', -1, 32), 64)
	if err != nil {
		return float64(x) // an infinity, which the report refuses
	}
	return f
}

func counts(r *report.Result, blank int) report.Counts {
	c := report.Counts{Blank: blank, Clustered: len(r.Items), Skipped: len(r.Skipped)}
	c.Read = c.Clustered + c.Skipped
	for _, it := range r.Items {
		if it.DuplicateOf != nil {
			c.Duplicates++
		}
		if it.Truncated {
			c.Truncated++
		}
		if it.NearDuplicateOf != nil {
			c.NearDuplicates++
		}
		if it.Outlier != nil {
			c.Outliers++
		}
	}
	return c
}
