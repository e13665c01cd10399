package privacy

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// A Judge is a chat model that is asked whether somebody can be identified by
// a text. The topic is not its business: a sensitive one without a person is
// acceptable.
type Judge interface {
	// Identifiable gives a score from 1 (a person is named or plainly
	// identified) to 5 (nobody can be identified); [Acceptable] and more will do.
	Identifiable(ctx context.Context, text string) (score int, err error)
}

// Acceptable is the least score of a [Judge] with which a text may be kept.
const Acceptable = 3

// A Stage is what a text is, which decides how one that fails is mended.
type Stage string

// The stages whose texts are audited.
const (
	Summary     Stage = "summary"     // of one conversation
	Label       Stage = "label"       // of a cluster
	Description Stage = "description" // of a cluster
)

// An Action is what the caller is to do with a text.
type Action string

// The actions, from the best to the worst.
const (
	Keep     Action = "keep"      // the text may go on as it is
	Redact   Action = "redact"    // take Verdict.Text instead
	AskAgain Action = "ask again" // ask whoever wrote it for another one
	Withhold Action = "withhold"  // leave the text out
)

// A Verdict is what an audit says. No part of it but Text has anything of the
// audited text.
type Verdict struct {
	Action   Action
	Reason   string // a sentence that quotes nothing; "" if the text is kept
	Types    []Type // what was found, sorted, each once
	Findings []Finding
	Score    int    // the judge's, 0 if it was not asked
	Text     string // what may be kept, "" for AskAgain and Withhold
}

// An Audit is one text to audit.
type Audit struct {
	Stage Stage
	Text  string
	// Names are the personal strings of the conversations that the text is
	// about; none of them may come back in any spelling. Nil is none.
	Names *Strings
	// Others are the personal strings of all conversations, unless they are
	// everyday words. Nil is none.
	Others *Census
	// Final says that the text cannot be asked for again: nobody wrote it, or
	// it was asked for often enough.
	Final bool
}

// An Auditor checks texts before they are kept. It may be used by several
// goroutines if its judge may.
type Auditor struct {
	r     *Redactor
	judge Judge
}

// NewAuditor makes an Auditor that goes by the rules of r, and asks the judge
// about what the rules let pass. A nil judge is never asked.
func NewAuditor(r *Redactor, judge Judge) *Auditor { return &Auditor{r, judge} }

// Audit checks one text. What breaks a rule in a summary is redacted; a label
// or a description is asked for again, and if that cannot be, withheld. What
// the judge finds too telling is asked for again, then withheld. An error is
// the judge's: the text then has no verdict and must not be kept.
func (a *Auditor) Audit(ctx context.Context, in Audit) (Verdict, error) {
	var names []spellings
	if in.Names != nil {
		names = append(names, in.Names)
	}
	if in.Others != nil {
		names = append(names, in.Others)
	}
	found := a.r.find(in.Text, names...)
	v := Verdict{Findings: found, Types: types(found)}
	if len(found) > 0 {
		v.Reason = reason(in.Stage, found)
		switch {
		case in.Stage != Summary && !in.Final:
			v.Action = AskAgain
			return v, nil
		case in.Stage != Summary:
			v.Action = Withhold
			return v, nil
		}
		v.Action, v.Text = Redact, mask(in.Text, found)
	} else {
		v.Action, v.Text = Keep, in.Text
	}
	if a.judge == nil || strings.TrimSpace(in.Text) == "" {
		return v, nil
	}
	score, err := a.judge.Identifiable(ctx, v.Text)
	if err != nil {
		return Verdict{}, fmt.Errorf("audit of a %s: %w", in.Stage, err)
	}
	if score < 1 || score > 5 {
		return Verdict{}, fmt.Errorf("audit of a %s: the judge's score %d is not between 1 and 5", in.Stage, score)
	}
	v.Score = score
	if score >= Acceptable {
		return v, nil
	}
	v.Action, v.Text = AskAgain, ""
	if in.Final {
		v.Action = Withhold
	}
	v.Reason = fmt.Sprintf("the %s scores %d of 5: somebody may be identified by it", in.Stage, score)
	return v, nil
}

// mask replaces findings by what they are, without a number: in a text about
// many people it would have no meaning.
func mask(text string, found []Finding) string {
	var b strings.Builder
	last := 0
	for _, f := range found {
		fmt.Fprintf(&b, "%s[%s]", text[last:f.Start], f.Type)
		last = f.End
	}
	return b.String() + text[last:]
}

func types(found []Finding) []Type {
	var out []Type
	for _, f := range found {
		out = append(out, f.Type)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// reason says what was found, by type and number.
func reason(stage Stage, found []Finding) string {
	var parts []string
	for _, t := range types(found) {
		n, again := 0, 0
		for _, f := range found {
			if f.Type == t {
				n++
				if f.Recogniser == "again" {
					again++
				}
			}
		}
		part := fmt.Sprintf("%d %s", n, t)
		if again > 0 {
			part += " from the conversation"
		}
		parts = append(parts, part)
	}
	return fmt.Sprintf("the %s holds %s", stage, strings.Join(parts, ", "))
}
