package chat

import (
	"context"
	"fmt"
	"math"

	"sheaf/labeler"
)

// A repeat is a cluster whose label another one has too, or nearly.
type repeat struct {
	cluster int
	from    sibling
	result  result
}

// tellApart asks once more about each cluster whose label is nearly that of
// another: what it has that the other has not. Of several the one that its label
// fits best keeps it. A cluster for which no answer is of use keeps its label,
// to which a word is added later. It returns those clusters. The error is ctx's
// own, the judge's or a template's.
func (r *run) tellApart(ctx context.Context, labels []labeler.Label) ([]repeat, error) {
	repeats := r.repeats(labels)
	if len(repeats) == 0 {
		return nil, nil
	}
	err := r.s.Each(ctx, len(repeats), func(ctx context.Context, i int) error { return r.askApart(ctx, &repeats[i]) }, nil)
	if err != nil {
		return nil, err
	}
	for _, p := range repeats { // in order, so that no label depends on who was asked first
		l := &labels[p.cluster]
		took := ""
		if best := p.result.chosen; best >= 0 && !isTaken(labels, p.cluster, p.result.text) {
			l.Text, took = p.result.text, ", taken"
		}
		if len(p.result.candidates) > 0 {
			p.result.chosen = -1
			l.Reason += fmt.Sprintf("; told from %q: %s%s", p.from.label, attempts(p.result), took)
		}
	}
	return repeats, nil
}

func isTaken(labels []labeler.Label, but int, text string) bool {
	for i, l := range labels {
		if i != but && labeler.NearEqual(l.Text, text) {
			return true
		}
	}
	return false
}

// repeats finds the clusters that have the model's label and do not keep it.
func (r *run) repeats(labels []labeler.Label) []repeat {
	fit := func(i int) float64 {
		switch res := &r.results[i]; {
		case labels[i].Source != labeler.FromModel:
			return math.Inf(1) // it is not the model's to change
		case res.candidates[res.chosen].score == nil:
			return 0
		default:
			return res.candidates[res.chosen].score.Total
		}
	}
	var out []repeat
	for i := range labels {
		keeper := i
		for o := range labels {
			if o != i && labeler.NearEqual(labels[i].Text, labels[o].Text) && (fit(o) > fit(keeper) || fit(o) == fit(keeper) && o < keeper) {
				keeper = o
			}
		}
		if keeper != i && labels[i].Source == labeler.FromModel {
			out = append(out, repeat{cluster: i, from: sibling{keeper, labels[keeper].Text}})
		}
	}
	return out
}

// askApart puts the question, and where the answer does not serve, once more
// with the fault named.
func (r *run) askApart(ctx context.Context, p *repeat) error {
	res := &p.result
	res.chosen = -1
	q := labelQuestion{target: target{cluster: p.cluster, from: &p.from}}
	for range 2 {
		if res.fault = r.askOnce(ctx, res, &q); res.fault != nil {
			break
		}
		if err := r.choose(ctx, p.cluster, res); err != nil {
			return err
		}
		last := &res.candidates[len(res.candidates)-1]
		if last.fault == nil && labeler.NearEqual(last.text, p.from.label) {
			last.fault = &labeler.RuleError{Rule: labeler.RuleRepeats, Detail: "is nearly the label of the other group"}
			res.chosen, res.text = -1, ""
		}
		if last.fault == nil {
			return nil
		}
		q.need.Fault = last.fault.Error()
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case res.fault != nil && !isUsual(res.fault):
		return res.fault
	}
	return nil
}
