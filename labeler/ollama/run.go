package ollama

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sheaf/labeler"
	"sheaf/labeler/judge"
	"sheaf/labeler/prompts"
)

const (
	// maxFailures is how many calls in a row may fail before the server is given
	// up; each of them may have cost a full timeout. A server that has answered
	// nothing is given up after the first timeout.
	maxFailures = 2
	// maxCuts is how often a prompt that does not fit is cut by a third.
	maxCuts = 2
)

// errNoText is a cluster whose texts are nothing but control characters.
var errNoText = errors.New("no text of the cluster can be shown")

// errUnrelated is a label that has nothing to do with its cluster, as
// "Project Management" with alpha, beta and gamma.
var errUnrelated = &labeler.RuleError{Rule: "unrelated", Detail: "names nothing that the texts are about"}

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
	fault      error  // of the first answer, or why there was none; nil where nobody asked
	chosen     int    // the candidate whose label it is
	candidates []candidate

	tokenFactor float64 // see prompter
	thought     bool    // see prompter.thinks
}

// A run is one Label in progress.
type run struct {
	l        *Labeler
	digest   string // of the model
	prompter *prompter
	judge    *judge.Reading // nil without a judge
	clusters []labeler.Cluster
	results  []result // each written by the worker that took the cluster

	mu       sync.Mutex
	next     int // the first cluster that nobody has taken
	done     int
	failures int    // calls in a row that brought nothing
	answered bool   // the server answered something
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
	// The first cluster is asked about alone, and what it shows of the model
	// holds for all others, so that no prompt depends on which of several
	// workers was the quickest.
	if r.step(timed) {
		r.prompter.learn(r.results[0])
	}
	var workers sync.WaitGroup
	for range min(r.l.opts.Workers, len(r.clusters)) {
		workers.Go(func() {
			for r.step(timed) {
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

// step takes the next cluster and asks about it; it says whether there was one.
func (r *run) step(ctx context.Context) bool {
	i, ok := r.take(ctx)
	if !ok {
		return false
	}
	res, err := r.ask(ctx, i)
	r.results[i] = res
	r.finish(err)
	return true
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
		if r.stopped == "" && (f.fatal || r.failures >= maxFailures || f.timeout && !r.answered) {
			r.stopped = f.why
		}
	default: // the context ended
		return
	}
	r.done++
	r.progress(r.done)
}

// ask gets a label for one cluster: as many candidates as are wanted, and where
// none of them can be taken, one more for which the fault is named. The error is
// that of [Labeler.call], but for a prompt that does not fit even when it was cut.
func (r *run) ask(ctx context.Context, cluster int) (result, error) {
	res := result{chosen: -1}
	var failed error
	q := question{cluster: cluster}
	for q.candidate = range r.l.opts.Candidates {
		if failed = r.askOnce(ctx, &res, &q); failed != nil || res.fault != nil {
			break
		}
	}
	if err := r.choose(ctx, cluster, &res); err != nil {
		return result{}, err
	}
	if failed == nil && res.fault == nil && res.text == "" {
		first := res.candidates[0]
		q.candidate, q.fault = 0, first.fault.Error()
		failed = r.askOnce(ctx, &res, &q)
		if err := r.choose(ctx, cluster, &res); err != nil {
			return result{}, err
		}
	}
	switch {
	case failed != nil && ctx.Err() != nil:
		if res.text == "" {
			res.fault = nil // nobody waits for this label any more
		}
		return res, ctx.Err()
	case res.text != "":
		res.fault = nil
	case failed != nil:
		res.fault = failed
	case res.fault == nil:
		res.fault = res.candidates[len(res.candidates)-1].fault
	}
	return res, failed
}

// askOnce asks a question, cutting the prompt until it fits, and appends the
// answer to the candidates. What makes any further question useless is left in
// res.fault. The error is that of [Labeler.call].
func (r *run) askOnce(ctx context.Context, res *result, q *question) error {
	for {
		req, err := r.prompter.request(*q)
		if err == nil && req.shown == 0 {
			err = errNoText
		}
		if err != nil {
			res.fault = err
			return nil
		}
		a, err := r.chat(ctx, req.ChatRequest)
		if errors.Is(err, errOverflow) {
			res.tokenFactor = max(res.tokenFactor, float64(r.prompter.numCtx)/float64(req.tokens)) // it has more than that
			if q.cuts == maxCuts {
				res.fault = err
				return nil
			}
			q.cuts++
			continue
		}
		if err != nil {
			return err
		}
		res.tokenFactor = max(res.tokenFactor, float64(a.PromptTokens-templateTokens)/float64(req.tokens))
		c := candidate{shown: req.shown}
		if c.text, c.fault = parseAnswer(a.Content, a.DoneReason); c.fault == nil {
			c.text = labeler.Tidy(c.text)
			c.fault = labeler.Check(c.text, r.clusters[q.cluster].Members)
		} else if a.Thought {
			res.thought, q.thinks = true, true
		}
		q.short = q.short || a.DoneReason == "length" && !a.Thought
		res.candidates = append(res.candidates, c)
		return nil
	}
}

// choose judges the candidates that keep the rules and takes the best, of equal
// ones the first.
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
		scores, err := r.judge.Score(context.WithoutCancel(ctx), cluster, texts)
		if err != nil {
			return err
		}
		for at, i := range places {
			res.candidates[i].score = &scores[at]
			// The lexicon hardly knows another language than the texts'.
			isForeign := r.prompter.language != "" && !scores[at].Known
			if !scores[at].Grounded() && !isForeign {
				res.candidates[i].fault = errUnrelated
			}
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

// promptID is enough of the templates' digest to tell two versions apart.
func promptID(s *prompts.Set) string {
	const shown = len("sha256:") + 12
	return s.Digest()[:shown]
}
