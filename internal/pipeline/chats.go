package pipeline

import (
	"context"
	"fmt"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/internal/report"
	"sheaf/labeler"
)

// ChatsOptions is what `sheaf chats` is told. The zero value works.
type ChatsOptions struct {
	Common
	Corpus corpus.ChatOptions // which conversations; its Progress is not looked at
	Rules  string             // a file with the user's own rules of what is personal; "" is none

	// A cluster of fewer conversations that differ, or of fewer users, is not
	// shown: 0 means 10 and 5, 1 shows all. Users count only where the input has
	// as many as that.
	MinConversations, MinUsers int

	// Levels is the number of levels of the hierarchy, the base among them, and
	// Top the number of clusters on the highest; 0 goes by the number of base
	// clusters, see labeler.LevelSizes.
	Levels, Top int

	Facets string // a file with facets of the user's own, for a chat model; "" is none
	// Restart sums up anew, whatever is kept of earlier runs.
	Restart bool

	// Reconstruct is a file of true categories that the run is measured by: they
	// take the place of the hierarchy. "" is none.
	Reconstruct string
}

// The least that a cluster holds which is shown, by default.
const (
	DefaultMinConversations = 10
	DefaultMinUsers         = 5
)

// Chats reads conversations, takes personal data out of them, sums each up,
// groups the summaries and names the groups, and the groups of groups. No word
// of a conversation leaves it that has not been redacted and audited.
func Chats(ctx context.Context, inputs []corpus.Input, opts ChatsOptions) (*Outcome, error) {
	watch := newStopwatch(opts.Now)
	plan, err := planLabels(ctx, &opts.Common)
	if err != nil {
		return nil, err // before any work
	}
	before, err := opts.labelsFromChats()
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
	truth, err := readCategories(opts.Reconstruct)
	if err != nil {
		return nil, err
	}
	reader, err := newChatReader(space, &opts)
	if err != nil {
		return nil, err
	}
	defer reader.close()
	model, err := openChatModel(ctx, plan, reader)
	if err != nil {
		return nil, err
	}
	defer model.close() //nolint:errcheck // each answer was written when it came
	chats, err := reader.read(ctx, inputs, model)
	if err != nil {
		return nil, err
	}
	if n := len(chats.list); opts.K > n {
		return nil, hint.Errorf(fmt.Sprintf("use -k auto, or a number up to %d", n), "%d clusters of %d conversations", opts.K, n)
	}
	opts.note(describeModel(emb.Info()))

	r := &report.Result{Schema: report.Schema, Manifest: report.Manifest{
		Sheaf: opts.Version, Created: watch.start.UTC().Format(time.RFC3339), Command: "chats",
		Inputs: chats.inputs(), Embedding: manifestEmbedding(emb.Info()),
		Warnings: chats.warnings(),
	}}
	details(emb, &r.Manifest.Embedding)
	r.Skipped = chats.skipped()
	lost := chats.lost()
	read := len(r.Skipped)
	texts := chats.texts()
	if truth != nil {
		if texts, err = truth.appendTo(texts, &chats.topics); err != nil {
			return nil, err
		}
	}
	r.Manifest.Seconds.Read = watch.lap()

	col, err := embedBlocks(ctx, emb, texts, &chats.topics, r, &opts.Common)
	if err != nil {
		return nil, err
	}
	if err := chats.topics.close(); err != nil {
		return nil, err
	}
	var fixed blas32.General // the vectors of the true categories
	if truth != nil {
		if fixed, err = truth.takeFrom(col); err != nil {
			return nil, err
		}
	}
	for i := read; i < len(r.Skipped); i++ {
		r.Skipped[i].Source = chats.file(r.Skipped[i].Source)
	}
	joinLanguages(col.vectors, chats.languages(col))
	r.Manifest.Seconds.Embed = watch.lap()

	least := chats.threshold(&opts)
	var start *blas32.General
	if before != nil {
		before.chats, before.path = chats, chats.file(before.path)
		start = before.start(col)
	}
	groups, err := groupChats(ctx, col, start, chats, least, &r.Manifest, &opts.Common)
	if err != nil {
		return nil, err
	}
	r.Manifest.Seconds.Cluster = watch.lap()

	namer := &chatNamer{plan: plan, model: model, emb: emb, space: space, chats: chats, least: least, o: &opts, before: before, truth: truth, fixed: fixed}
	tree, labels, err := namer.name(ctx, groups)
	if err != nil {
		return nil, err
	}
	if namer.heritage != nil {
		var lost []string
		r.Manifest.LabelsFrom, lost = namer.heritage.record()
		r.Manifest.Warnings = append(r.Manifest.Warnings, lost...)
	}
	if r.Manifest.Reconstruction = namer.score; namer.score != nil {
		opts.note(reconstructionLine(namer.score))
	}
	r.Manifest.Warnings = append(r.Manifest.Warnings, labels.Warnings...)
	r.Manifest.Labeling = manifestLabeling(labels, &opts.Common)
	tree.fill(r, chats, opts.Explain)
	r.Manifest.Privacy = chats.privacy(tree, least)
	r.Manifest.Warnings = append(r.Manifest.Warnings, tree.warnings(least)...)
	r.Manifest.Seconds.Label = watch.lap()
	r.Manifest.Seconds.Total = watch.total()
	r.Manifest.Counts = counts(r, 0)

	out := &Outcome{Result: r, Incomplete: incomplete(plan, labels, &opts.Common)}
	if lost += len(r.Skipped) - read; lost > 0 {
		out.Incomplete = append(out.Incomplete, fmt.Sprintf("%d of %d conversations could not be used; they are listed with the reason under skipped in the JSON", lost, r.Manifest.Counts.Read))
	}
	r.Manifest.Warnings = append(r.Manifest.Warnings, out.Incomplete...)
	return out, nil
}

// incomplete says what the user asked for of the labels and did not get.
func incomplete(p *plan, labels *labeler.Labels, c *Common) []string {
	switch {
	case len(p.missing) > 0:
		return p.missing
	case p.client != nil && c.wantsChat() && !fromModel(labels):
		return []string{"the chat model named no group"}
	}
	return nil
}
