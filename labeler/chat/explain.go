package chat

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sheaf/labeler"
	"sheaf/labeler/prompts"
)

// fill puts the model's labels over the fallback's, and says of each why it
// is the one.
func (r *run) fill(labels []labeler.Label) {
	for i, res := range r.results {
		l := &labels[i]
		if res.text != "" {
			l.Text, l.Source, l.Reason = res.text, labeler.FromModel, r.reason(i)
			continue
		}
		parts := []string{r.reason(i)}
		if l.Reason != "" {
			parts = append(parts, l.Reason)
		}
		l.Reason = strings.Join(parts, "; ")
	}
}

// reason says where a label comes from: the model and what it was shown, or why
// it gave none; the candidates; and the prompt. It holds no text of a member but
// what a label repeats.
func (r *run) reason(cluster int) string {
	res, name := r.results[cluster], r.s.model.Name
	var parts []string
	var fault *labeler.RuleError
	switch {
	case res.text != "":
		parts = append(parts, fmt.Sprintf("%s, shown %d of %d texts", name, res.candidates[res.chosen].shown, len(r.clusters[cluster].Members)))
	case isUnasked(res):
		return "the model was not asked"
	case errors.As(res.fault, &fault):
		parts = append(parts, name+"'s label "+fault.Error())
	case len(res.candidates) > 0 && !isFailure(res.fault):
		parts = append(parts, name+"'s answer "+res.fault.Error())
	default:
		parts = append(parts, name+" gave none: "+res.fault.Error())
	}
	if len(res.candidates) > 0 {
		parts = append(parts, attempts(res), "prompt "+promptID(r.l.opts.Prompts))
	}
	return strings.Join(parts, "; ")
}

func isFailure(err error) bool {
	var f *Failure
	return errors.As(err, &f) || errors.Is(err, ErrOverflow)
}

// isUnasked says whether the server was given up before a cluster's turn.
func isUnasked(res result) bool {
	var f *Failure
	return errors.As(res.fault, &f) && f.Unasked && len(res.candidates) == 0
}

// promptID is enough of the templates' digest to tell two versions apart.
func promptID(s *prompts.Set) string {
	const shown = len("sha256:") + 12
	return s.Digest()[:shown]
}

// attempts lists the answers in their order: "3 answers: \"Animals\" 0.96 (…),
// one that has 9 words, more than 6, "Pets" 0.88 (…)".
func attempts(res result) string {
	var answers []string
	for i, c := range res.candidates {
		text := fmt.Sprintf("%q", c.text)
		if c.score != nil {
			text += " " + c.score.String()
		}
		switch {
		case c.fault != nil && c.score == nil: // nothing that could be shown
			text = "one that " + c.fault.Error()
		case c.fault != nil:
			text += ", which " + c.fault.Error()
		case i == res.chosen && len(res.candidates) > 1:
			text += ", taken"
		}
		answers = append(answers, text)
	}
	if len(answers) == 1 {
		return "1 answer: " + answers[0]
	}
	return fmt.Sprintf("%d answers: %s", len(answers), strings.Join(answers, ", "))
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
		var f *Failure
		var fault *labeler.RuleError
		switch {
		case errors.As(res.fault, &f):
			unanswered++
			calls[f.Why] = true
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
		warnings = append(warnings, fmt.Sprintf("%s: %s gave no usable label for %d of %d clusters (%s); they are %s",
			r.l.client.Kind(), r.s.model.Name, bad, len(r.results), strings.Join(parts, ", "), instead))
	}
	if unanswered > 0 {
		why := cmp.Or(r.s.Stopped(), strings.Join(slices.Sorted(maps.Keys(calls)), " and "))
		warnings = append(warnings, fmt.Sprintf("%s: the server at %s %s; %d of %d clusters are %s",
			r.l.client.Kind(), r.s.model.Server, why, unanswered, len(r.results), instead))
	}
	return warnings
}
