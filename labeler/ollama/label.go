package ollama

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"sheaf/labeler"
)

// maxFailures is how many calls in a row may fail before the server is given
// up; each of them may have cost a full timeout.
const maxFailures = 2

// Label implements [labeler.Labeler]. A server that is not there or stops
// answering, and a model that answers badly, cost labels of the model but no
// label: those clusters keep the fallback's, with the reason in
// [labeler.Label.Reason] and one warning for all of them. The error is ctx's
// own, or that of the fallback where its context ended.
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

	r := &run{l: l, prompter: prompter, clusters: clusters, progress: progress, results: make([]result, len(clusters))}
	r.do(ctx)
	l.http.CloseIdleConnections()
	if err := ctx.Err(); err != nil {
		return nil, err
	}

	r.fill(out.Labels)
	out.Warnings = append(out.Warnings, r.warnings(out.Labels)...)
	labeler.MakeUnique(out.Labels, distinctive(clusters, out.Labels))
	out.Model, out.Digest, out.PromptDigest = l.opts.Model, st.Digest, l.prompts.Digest()
	out.Options = maps.Clone(prompter.sampling)
	out.Options["workers"] = l.opts.Workers
	out.Options["timeout"] = l.opts.Timeout.Seconds()
	if l.opts.Language != "" {
		out.Options["language"] = l.opts.Language
	}
	return out, nil
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

// errNoText is a cluster whose texts are nothing but control characters.
var errNoText = errors.New("no text of the cluster can be shown")

// A result is what became of one cluster.
type result struct {
	text     string // the label; "" where there is none
	fault    error  // of the last answer, or why there was none; nil where nobody asked
	attempts int    // answers that came
	shown    int    // members in the prompt
}

// A run is one Label in progress.
type run struct {
	l        *Labeler
	prompter *prompter
	clusters []labeler.Cluster
	results  []result // each written by the worker that took the cluster

	mu       sync.Mutex
	next     int // the first cluster that nobody has taken
	done     int
	failures int    // calls in a row that brought nothing
	stopped  string // why no more is asked: "the server …"
	progress func(int)
}

// do asks for all labels; it returns when no call is under way any more.
func (r *run) do(ctx context.Context) {
	timed := ctx
	if r.l.opts.RunTimeout > 0 {
		var cancel context.CancelFunc
		timed, cancel = context.WithTimeout(ctx, r.l.opts.RunTimeout)
		defer cancel()
	}
	var workers sync.WaitGroup
	for range min(r.l.opts.Workers, len(r.clusters)) {
		workers.Go(func() {
			for {
				i, ok := r.take(timed)
				if !ok {
					return
				}
				res, err := r.ask(timed, i)
				r.results[i] = res
				r.finish(err)
			}
		})
	}
	workers.Wait()
	if ctx.Err() == nil && timed.Err() != nil && r.stopped == "" {
		r.stopped = fmt.Sprintf("took more than the %v that a run may take", r.l.opts.RunTimeout.Round(time.Millisecond))
	}
	if ctx.Err() == nil && r.done < len(r.clusters) {
		r.progress(len(r.clusters))
	}
}

// take returns the next cluster to ask about.
func (r *run) take(ctx context.Context) (int, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped != "" || ctx.Err() != nil || r.next == len(r.clusters) {
		return 0, false
	}
	r.next++
	return r.next - 1, true
}

// finish counts a cluster and looks at whether going on makes sense. err is
// nil where the server answered, however badly.
func (r *run) finish(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var f *failure
	switch {
	case err == nil:
		r.failures = 0
	case errors.As(err, &f):
		r.failures++
		if r.stopped == "" && (f.fatal || r.failures >= maxFailures) {
			r.stopped = f.why
		}
	default: // the context ended
		return
	}
	r.done++
	r.progress(r.done)
}

// ask gets a label for one cluster: an answer, and where that is not usable,
// another one. The error is what [Labeler.call] gives, but for a prompt that
// does not fit even when it was cut.
func (r *run) ask(ctx context.Context, cluster int) (result, error) {
	const (
		maxAttempts = 2
		maxCuts     = 2
	)
	var res result
	q := question{cluster: cluster}
	for res.attempts < maxAttempts {
		req, shown, err := r.prompter.request(q)
		if err != nil {
			res.fault = err
			return res, nil
		}
		if shown == 0 {
			res.fault = errNoText
			return res, nil
		}
		resp, err := r.l.call(ctx, req)
		if errors.Is(err, errOverflow) {
			if q.cuts == maxCuts {
				res.fault = err
				return res, nil
			}
			q.cuts++
			continue
		}
		if ctx.Err() != nil { // nobody waits for this label any more
			res.fault = nil
			return res, ctx.Err()
		}
		if err != nil {
			res.fault = err
			return res, err
		}
		res.attempts++
		res.shown = shown
		text, err := parseAnswer(resp.Message.Content, resp.DoneReason)
		if err == nil {
			text = labeler.Tidy(text)
			err = labeler.Check(text, r.clusters[cluster].Members)
		}
		if err == nil {
			res.text, res.fault = text, nil
			return res, nil
		}
		res.fault = err
		q.fault = err.Error()
		q.short = resp.DoneReason == "length"
	}
	return res, nil
}

// fill puts the model's labels over the fallback's, and says of each why it
// is the one.
func (r *run) fill(labels []labeler.Label) {
	for i, res := range r.results {
		name := r.l.opts.Model
		var fault *labeler.RuleError
		switch {
		case res.text != "":
			labels[i].Text = res.text
			labels[i].Source = labeler.FromModel
			labels[i].Reason = fmt.Sprintf("%s, shown %d of %d texts, at the %s attempt",
				name, res.shown, len(r.clusters[i].Members), []string{"first", "second"}[res.attempts-1])
			continue
		case res.fault == nil:
			name = "the model was not asked"
		case errors.As(res.fault, &fault):
			name += "'s label " + fault.Error()
		case res.attempts > 0:
			name += "'s answer " + res.fault.Error()
		default:
			name += " gave none: " + res.fault.Error()
		}
		if labels[i].Reason != "" {
			name += "; " + labels[i].Reason
		}
		labels[i].Reason = name
	}
}

// warnings sums up what the model did not name.
func (r *run) warnings(labels []labeler.Label) []string {
	var warnings []string
	bad, unanswered := 0, 0
	kinds := make(map[string]int)
	calls := make(map[string]bool)
	sources := make(map[labeler.Source]bool)
	for i, res := range r.results {
		if res.text != "" {
			continue
		}
		sources[labels[i].Source] = true
		var f *failure
		var fault *labeler.RuleError
		switch {
		case res.fault == nil:
			unanswered++
		case errors.As(res.fault, &f):
			unanswered++
			calls[f.why] = true
		default:
			bad++
			kind := res.fault.Error()
			if errors.As(res.fault, &fault) {
				kind = string(fault.Rule)
			}
			kinds[kind]++
		}
	}
	instead := "named by number"
	if sources[labeler.FromKeywords] {
		instead = "named by keywords"
	}
	if bad > 0 {
		var parts []string
		for _, kind := range slices.Sorted(maps.Keys(kinds)) {
			parts = append(parts, fmt.Sprintf("%d %s", kinds[kind], kind))
		}
		warnings = append(warnings, fmt.Sprintf("ollama: %s gave no usable label for %d of %d clusters (%s); they are %s",
			r.l.opts.Model, bad, len(r.results), strings.Join(parts, ", "), instead))
	}
	if unanswered > 0 {
		why := cmp.Or(r.stopped, strings.Join(slices.Sorted(maps.Keys(calls)), " and "))
		warnings = append(warnings, fmt.Sprintf("ollama: the server at %s %s; %d of %d clusters are %s",
			r.l.server, why, unanswered, len(r.results), instead))
	}
	return warnings
}

// distinctive returns, for each cluster, words that may tell it from the
// others: those of its description, then words of its members that no other
// cluster has. Of the members it looks at a [labeler.Sample].
func distinctive(clusters []labeler.Cluster, labels []labeler.Label) [][]string {
	const most = 16 // words of one cluster
	owner := make(map[string]int)
	shared := -1
	split := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
	}
	samples := make([][]string, len(clusters))
	for i, c := range clusters {
		samples[i] = labeler.Sample(c.Members)
		for _, m := range samples[i] {
			for _, w := range split(m) {
				if o, ok := owner[w]; !ok {
					owner[w] = i
				} else if o != i {
					owner[w] = shared
				}
			}
		}
	}
	words := make([][]string, len(clusters))
	for i, sample := range samples {
		add := func(w string) {
			if len([]rune(w)) > 2 && owner[w] == i && len(words[i]) < most && !slices.Contains(words[i], w) {
				words[i] = append(words[i], w)
			}
		}
		for _, w := range split(labels[i].Description) {
			if _, ok := owner[w]; ok {
				add(w)
			}
		}
		for _, m := range sample {
			if len(words[i]) == most {
				break
			}
			for _, w := range split(m) {
				add(w)
			}
		}
	}
	return words
}
