package ollama

import (
	"context"
	"fmt"
	"slices"

	"sheaf/labeler"
)

// Label implements [labeler.Labeler]. A server that is not there or stops
// answering, and a model that answers badly, cost labels of the model but no
// label: those clusters keep the fallback's, with the reason in
// [labeler.Label.Reason] and one warning for all of them. The error is ctx's
// own, that of the fallback where its context ended, or that of the judge's
// embedder.
func (l *Labeler) Label(ctx context.Context, clusters []labeler.Cluster, progress func(done int)) (*labeler.Labels, error) {
	for i, c := range clusters {
		if len(c.Members) == 0 {
			panic(fmt.Sprintf("ollama: cluster %d has no members", i))
		}
	}
	if progress == nil {
		progress = func(int) {}
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
	st, err := l.Available(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		out.Warnings = append(out.Warnings, err.Error())
		progress(len(clusters))
		return out, nil
	}
	prompter, err := newPrompter(l, st, clusters)
	if err != nil {
		return nil, err
	}

	r := &run{l: l, digest: st.Digest, prompter: prompter, clusters: clusters, progress: progress, results: make([]result, len(clusters))}
	if l.opts.Judge != nil {
		if r.judge, err = l.opts.Judge.Read(ctx, clusters); err != nil {
			return nil, err
		}
	}
	r.do(ctx)
	l.http.CloseIdleConnections()
	if err := ctx.Err(); err != nil {
		return nil, err
	}

	r.fill(out.Labels)
	out.Warnings = append(out.Warnings, r.warnings(out.Labels)...)
	labeler.MakeUnique(out.Labels, distinctive(clusters, out.Labels))
	out.Model, out.Digest, out.PromptDigest = l.opts.Model, st.Digest, l.prompts.Digest()
	out.Options = l.manifest(prompter)
	return out, nil
}

// manifest is what has to be known to run the same again.
func (l *Labeler) manifest(p *prompter) map[string]any {
	m := l.sampling(p.numCtx, 0)
	m["candidates"] = l.opts.Candidates
	m["workers"] = l.opts.Workers
	m["timeout"] = l.opts.Timeout.Seconds()
	m["max_label_chars"] = labeler.MaxChars
	if l.opts.Candidates > 1 {
		m["other_temperature"] = max(otherTemperature, *l.opts.Temperature)
	}
	if l.opts.RunTimeout > 0 {
		m["run_timeout"] = l.opts.RunTimeout.Seconds()
	}
	if l.opts.KeepAlive > 0 {
		m["keep_alive"] = l.opts.KeepAlive.Seconds()
	}
	if p.think != nil || p.thinks {
		m["think"] = p.thinks
	}
	if l.opts.Language != "" {
		m["language"] = l.opts.Language
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
		panic(fmt.Sprintf("ollama: the fallback gave %d labels for %d clusters", len(labels.Labels), len(clusters)))
	}
	// What it returned stays its own.
	labels = &labeler.Labels{Labels: slices.Clone(labels.Labels), Warnings: slices.Clone(labels.Warnings),
		Options: labels.Options, Model: labels.Model, Digest: labels.Digest, PromptDigest: labels.PromptDigest}
	return labels, nil
}
