package chat

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"sheaf/labeler"
	"sheaf/labeler/judge"
	"sheaf/labeler/prompts"
)

// LabelerOptions are the settings of a [Labeler]. The zero value works.
type LabelerOptions struct {
	Options

	MaxTokens int // of an answer, from 16 to a quarter of the context; 0 means 32

	// Candidates is how many labels are asked for each cluster, up to 16; 0 means
	// 3. The first is asked for with Temperature and Seed, the i-th after it with
	// Seed+i, at least the temperature 0.7, and other examples. Judge chooses
	// among them; without it the first that keeps the rules is taken, and no
	// other is asked for.
	Candidates int
	Judge      *judge.Judge

	// Language is the language of the labels, as "Dutch"; "" means that of the
	// texts.
	Language string
	// Prompts is the templates; nil means the built-in ones.
	Prompts *prompts.Set

	// Watch, where it is not nil, is told of each cluster, once all are named, the
	// model's answers in their order.
	Watch func(cluster int, answers []Judged)

	// Fallback names the clusters for which the model gives no usable label,
	// and describes all of them. Without it such a cluster is "Cluster N".
	Fallback labeler.Labeler
}

// A Judged is an answer of the model and what was found of it.
type Judged struct {
	Text  string       // the label; "" where there is none in it
	Fault error        // why it cannot be taken, by itself a *labeler.RuleError; nil for one that can
	Score *judge.Score // nil where it was not judged
	Taken bool         // it is the cluster's label
}

const (
	defaultCandidates = 3
	maxCandidates     = 16
	minMaxTokens      = 16
)

// A Labeler asks a chat model. It may be used by several goroutines at once.
type Labeler struct {
	client Client
	opts   LabelerOptions
}

var _ labeler.Labeler = (*Labeler)(nil)

// NewLabeler returns a labeler for the options. It opens no connection. An
// option out of its range gives an error that names it.
func NewLabeler(client Client, opts LabelerOptions) (*Labeler, error) {
	if err := opts.fill(); err != nil {
		return nil, err
	}
	setDefault(&opts.MaxTokens, LabelTokens)
	setDefault(&opts.Candidates, defaultCandidates)
	if opts.Judge == nil {
		opts.Candidates = min(opts.Candidates, 1)
	}
	if opts.Prompts == nil {
		opts.Prompts = prompts.Builtin()
	}
	err := checkRanges([]ranged{
		{opts.MaxTokens >= minMaxTokens, "max-tokens", opts.MaxTokens, "16 or more"},
		{opts.MaxTokens <= opts.NumCtx/4, "max-tokens", opts.MaxTokens, "at most a quarter of the context"},
		{opts.Candidates > 0 && opts.Candidates <= maxCandidates, "number of candidates", opts.Candidates, "from 1 to 16"},
	})
	if err != nil {
		return nil, err
	}
	return &Labeler{client, opts}, nil
}

// Label implements [labeler.Labeler]. A server that is not there or stops
// answering, and a model that answers badly, cost labels of the model but no
// label: those clusters keep the fallback's, with the reason in
// [labeler.Label.Reason] and one warning for all of them. The error is ctx's
// own, that of the fallback where its context ended, that of the judge's
// embedder or of a template.
func (l *Labeler) Label(ctx context.Context, clusters []labeler.Cluster, progress func(done int)) (*labeler.Labels, error) {
	for i, c := range clusters {
		if len(c.Members) == 0 {
			panic(fmt.Sprintf("chat: cluster %d has no members", i))
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out, err := l.fallback(ctx, clusters)
	if err != nil {
		return nil, err
	}
	if len(clusters) == 0 {
		return out, nil
	}
	s, err := Open(ctx, l.client, l.opts.Options)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		out.Warnings = append(out.Warnings, err.Error())
		if progress != nil {
			progress(len(clusters))
		}
		return out, nil
	}
	defer s.Close()

	r := &run{l: l, s: s, clusters: clusters, results: make([]result, len(clusters))}
	if r.prompter, err = newPrompter(&l.opts, s.Context(), clusters); err != nil {
		return nil, err
	}
	if l.opts.Judge != nil {
		if r.judge, err = l.opts.Judge.Read(ctx, clusters); err != nil {
			return nil, err
		}
	}
	if err := s.Each(ctx, len(clusters), r.ask, progress); err != nil {
		return nil, err
	}
	if err := r.askFirstAgain(ctx); err != nil {
		return nil, err
	}
	r.fill(out.Labels)
	repeats, err := r.tellApart(ctx, out.Labels)
	if err != nil {
		return nil, err
	}
	r.tell(out.Labels, repeats)
	out.Warnings = append(out.Warnings, r.warnings(out.Labels)...)
	labeler.MakeUnique(out.Labels, distinctive(clusters, out.Labels))
	out.Model, out.Digest, out.PromptDigest = s.model.Name, s.model.Digest, l.opts.Prompts.Digest()
	out.Options = r.manifest()
	return out, nil
}

// tell hands the answers to whoever watches.
func (r *run) tell(labels []labeler.Label, repeats []repeat) {
	if r.l.opts.Watch == nil {
		return
	}
	for i, res := range r.results {
		answers := res.candidates
		for _, p := range repeats {
			if p.cluster == i {
				answers = append(slices.Clip(answers), p.result.candidates...)
			}
		}
		judged, taken := make([]Judged, len(answers)), false
		for a, c := range answers {
			is := c.fault == nil && labels[i].Source == labeler.FromModel && c.text == labels[i].Text && !taken
			taken = taken || is
			judged[a] = Judged{Text: c.text, Fault: c.fault, Score: c.score, Taken: is}
		}
		r.l.opts.Watch(i, judged)
	}
}

// manifest is what has to be known to run the same again.
func (r *run) manifest() map[string]any {
	opts := &r.l.opts
	m := maps.Clone(r.s.Manifest())
	m["candidates"] = opts.Candidates
	m["max_label_chars"] = labeler.MaxChars
	if opts.Candidates > 1 {
		m["other_temperature"] = max(variantTemperature, *opts.Temperature)
	}
	if opts.Language != "" {
		m["language"] = opts.Language
	}
	return m
}

// fallback returns labels for all clusters without the model.
func (l *Labeler) fallback(ctx context.Context, clusters []labeler.Cluster) (*labeler.Labels, error) {
	numbered := &labeler.Labels{Labels: make([]labeler.Label, len(clusters))}
	for i := range clusters {
		numbered.Labels[i] = labeler.Label{Text: fmt.Sprintf("Cluster %d", i+1), Source: labeler.FromNone}
	}
	if l.opts.Fallback == nil {
		return numbered, nil
	}
	labels, err := l.opts.Fallback.Label(ctx, clusters, nil)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		numbered.Warnings = []string{fmt.Sprintf("the other labeler failed: %v", err)}
		return numbered, nil
	}
	if len(labels.Labels) != len(clusters) {
		panic(fmt.Sprintf("chat: the fallback gave %d labels for %d clusters", len(labels.Labels), len(clusters)))
	}
	// What it returned stays its own.
	labels = &labeler.Labels{Labels: slices.Clone(labels.Labels), Warnings: slices.Clone(labels.Warnings),
		Options: labels.Options, Model: labels.Model, Digest: labels.Digest, PromptDigest: labels.PromptDigest}
	return labels, nil
}
