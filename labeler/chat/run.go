package chat

import (
	"context"
	"errors"
	"slices"
	"unicode/utf8"

	"sheaf/labeler"
	"sheaf/labeler/judge"
)

// errNoText is a cluster whose texts are nothing but control characters.
var errNoText = errors.New("no text of the cluster can be shown")

// A candidate is one answer for a cluster.
type candidate struct {
	text  string // the label; "" where it is none
	fault error  // why it cannot be taken; nil for one that can
	score *judge.Score
	shown int // members in the prompt
}

// A result is what became of one cluster.
type result struct {
	text       string // the label; "" where there is none
	fault      error  // of the first answer, or why there was none
	chosen     int    // the candidate whose label it is
	candidates []candidate
}

// A run is one Label in progress.
type run struct {
	l        *Labeler
	s        *Session
	prompter *prompter
	judge    *judge.Reading // nil without a judge
	clusters []labeler.Cluster
	results  []result // each written by the worker that took the cluster
}

// ask gets a label for one cluster: as many candidates as are wanted, and where
// none of them can be taken, one more for which the fault is named. What went
// wrong is in the result; the error is ctx's own, the judge's or a template's.
func (r *run) ask(ctx context.Context, cluster int) error {
	res := &r.results[cluster]
	res.chosen = -1
	q := labelQuestion{target: target{cluster: cluster}}
	for q.target.candidate = range r.l.opts.Candidates {
		if res.fault = r.askOnce(ctx, res, &q); res.fault != nil {
			break
		}
	}
	if err := r.choose(ctx, cluster, res); err != nil {
		return err
	}
	if res.fault == nil && res.text == "" {
		q.target.candidate, q.need.Fault = 0, res.candidates[0].fault.Error()
		res.fault = r.askOnce(ctx, res, &q)
		if err := r.choose(ctx, cluster, res); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	switch {
	case res.text != "":
		res.fault = nil
	case res.fault == nil:
		res.fault = res.candidates[len(res.candidates)-1].fault
	case !isUsual(res.fault):
		return res.fault
	}
	return nil
}

// askFirstAgain asks for the labels of the first clusters once more if their
// prompts did not fit because nothing was known of the model: by now a later
// cluster's answer has shown how many tokens it makes of a text.
func (r *run) askFirstAgain(ctx context.Context) error {
	first := slices.IndexFunc(r.results, func(res result) bool { return !errors.Is(res.fault, ErrOverflow) })
	if first <= 0 || !r.s.spoke() {
		return nil
	}
	for i := range first {
		r.results[i] = result{}
		if err := r.ask(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// isUsual says whether an error means only that one cluster has no label.
func isUsual(err error) bool {
	return isFailure(err) || errors.Is(err, errNoText)
}

// A labelQuestion is what is varied between the questions about one cluster.
type labelQuestion struct {
	target
	need   Need // of it what is known of the last answers
	learnt observed
}

// askOnce asks a question and appends the answer to the candidates. The error
// is that of Session.ask.
func (r *run) askOnce(ctx context.Context, res *result, q *labelQuestion) error {
	var c candidate
	var most int // characters that the schema allowed
	a, err := r.s.ask(ctx, request{
		task: "label", maxTokens: r.l.opts.MaxTokens, variant: q.candidate, learnt: q.learnt,
		prompt: func(need Need) (p Prompt, err error) {
			p, c.shown, err = r.prompter.prompt(q.target, need)
			most = p.mostChars
			return p, err
		},
	}, q.need)
	if err != nil {
		return err
	}
	c.text, c.fault = parseLabel(a)
	switch {
	case c.fault != nil:
	case utf8.RuneCountInString(c.text) == most:
		// A server that keeps to the schema ends it there, in the middle of a word.
		c.text, c.fault = "", FaultCut
	case r.judge == nil: // which looks at the rules too
		c.text = labeler.Tidy(c.text)
		c.fault = labeler.Check(c.text, r.clusters[q.cluster].Members)
	}
	q.learnt = q.learnt.and(a.shows())
	q.need.Short = q.need.Short || a.Short()
	res.candidates = append(res.candidates, c)
	return nil
}

// choose judges the candidates and takes the best of those without a fault, of
// equal ones the first.
func (r *run) choose(ctx context.Context, cluster int, res *result) error {
	var texts []string
	var places []int
	for i, c := range res.candidates {
		if c.fault == nil && c.score == nil {
			texts, places = append(texts, c.text), append(places, i)
		}
	}
	if r.judge != nil && len(texts) > 0 {
		// A label that is there is judged even where the time for calls is over.
		verdicts, err := r.judge.Judge(context.WithoutCancel(ctx), cluster, judge.Question{Language: r.l.opts.Language}, texts)
		if err != nil {
			return err
		}
		for at, i := range places {
			c, v := &res.candidates[i], verdicts[at]
			c.text, c.fault, c.score = v.Text, v.Fault, v.Score
		}
	}
	for i, c := range res.candidates {
		if c.fault != nil {
			continue
		}
		if res.chosen < 0 || c.score != nil && c.score.Total > res.candidates[res.chosen].score.Total {
			res.chosen = i
		}
	}
	if res.chosen >= 0 {
		res.text = res.candidates[res.chosen].text
	}
	return nil
}
