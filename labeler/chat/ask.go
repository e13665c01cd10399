package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"sheaf/labeler/prompts"
)

const (
	// maxCuts is how often a prompt that does not fit is cut by a third.
	maxCuts = 2
	// templateTokens is room for the turns' marks, which the server adds.
	templateTokens = 48
	// variantTemperature is the least for the variants of a question after the
	// first: at 0.1 a small model says the same once more.
	variantTemperature = 0.7
)

// Budgets of the tasks there are, in tokens of an answer. A list has
// [ListTokens].
const (
	LabelTokens       = 32
	FacetsTokens      = 96
	DescriptionTokens = 128
)

// ListTokens is the budget of a list of so many labels: one label's for each,
// and its brackets.
func ListTokens(labels int) int { return 16 + labels*LabelTokens }

// A Question asks for one value.
type Question[T any] struct {
	// Task is the kind of question, "facets", for the manifest.
	Task string
	// MaxTokens is the budget of an answer.
	MaxTokens int
	// Variant tells questions apart that are the same but for it. The first, 0, is
	// asked with the session's temperature and seed, the others with seed+Variant
	// and a temperature of 0.7 at least.
	Variant int
	// Prompt builds what is asked. It may be called several times, and must
	// return the same for the same need.
	Prompt func(Need) (Prompt, error)
	// Parse makes a value of an answer. Its error is the fault that the model is
	// told of when it is asked once more: it completes the sentence "it …", as
	// "has 9 words", and repeats at most a word or two of the answer.
	Parse func(Answer) (T, error)
}

// A Need is what a prompt has to keep to.
type Need struct {
	// Room is how many tokens the prompt may have, system and user together, as
	// [prompts.Tokens] counts them. It is below 0 where the context is too small
	// for anything. It shrinks by a third when the server finds the prompt too
	// long.
	Room int
	// Fault is what was wrong with the last answer, after "it"; "" the first time.
	Fault string
	// Short says that the last answer broke off: the schema's strings have to
	// be shorter.
	Short bool
	// Factor is how many tokens the model makes of one that was estimated, 1 or
	// more. Room has allowed for it; see [Need.Chars] for the answer.
	Factor float64
}

// Chars is how many characters an answer's strings may have together if they
// are to fit into so many tokens, at so many estimated tokens for a character:
// a third for Latin letters, 1 for Chinese. Where the last answer broke off it
// is a third of that.
func (n Need) Chars(tokens, perChar float64) int {
	chars := tokens / (perChar * n.Factor)
	if n.Short {
		chars /= 3
	}
	return max(int(chars), 0)
}

// A Prompt is what a model is asked. Untrusted text in it has come through
// [prompts.Line].
type Prompt struct {
	System, User string
	// Schema is the JSON schema of the answer, as [Object] makes one. Each of its
	// strings and lists is bounded, for an unbounded one runs on to MaxTokens and
	// comes back as broken JSON. Nil asks for free text.
	Schema json.RawMessage
	// Fixed is how many of its tokens, by [prompts.Tokens], are the same whatever
	// room there is. Where the prompt has to be cut, it is by a third of the rest.
	Fixed int

	mostChars int // of a label
}

// An Attempt is one answer to a question.
type Attempt struct {
	Fault error // of the answer; nil for one that passed
	Kept  bool  // it was kept from before
	Cuts  int   // how often the prompt was cut to fit
}

// A Result is a value and how it came about.
type Result[T any] struct {
	Value    T
	Attempts []Attempt // the last is that of the value
}

// A FaultError is a question to which no answer passed the check. Its text
// completes the sentence "the answer …".
type FaultError struct {
	Fault    error // of the first answer
	Attempts []Attempt
}

func (e *FaultError) Error() string { return e.Fault.Error() }
func (e *FaultError) Unwrap() error { return e.Fault }

// Ask puts a question, and where the answer does not pass, once more with the
// fault named. The error is ctx's own; a [*Failure] where the server gave no
// answer; [ErrOverflow] where the prompt does not fit even when it was cut; a
// [*FaultError] where no answer passed; or that of Prompt. It panics if a
// schema has a string or a list without a bound.
func Ask[T any](ctx context.Context, s *Session, q Question[T]) (Result[T], error) {
	var res Result[T]
	var need Need
	var learnt observed
	for range 2 {
		a, err := s.ask(ctx, request{task: q.Task, maxTokens: q.MaxTokens, variant: q.Variant, learnt: learnt, prompt: q.Prompt}, need)
		if err != nil {
			return res, err
		}
		value, fault := q.Parse(a)
		res.Attempts = append(res.Attempts, Attempt{Fault: fault, Kept: a.kept, Cuts: a.cuts})
		if fault == nil {
			res.Value = value
			return res, nil
		}
		need.Fault, need.Short, learnt = fault.Error(), a.Short(), a.shows()
	}
	return res, &FaultError{res.Attempts[0].Fault, res.Attempts}
}

// A request is a question without its value.
type request struct {
	task      string
	maxTokens int
	variant   int
	learnt    observed // from earlier answers to the same item
	prompt    func(Need) (Prompt, error)
}

// ask gets one answer, cutting the prompt until it fits. Of the need only what
// is known of the last answer counts. The error is that of Ask, without
// FaultError.
func (s *Session) ask(ctx context.Context, q request, need Need) (Answer, error) {
	s.mu.Lock()
	s.budgets[q.task] = max(s.budgets[q.task], q.maxTokens)
	known := s.known.and(q.learnt)
	s.mu.Unlock()

	predict := q.maxTokens
	if known.thinks {
		predict += min(thinkTokens, s.numCtx/4)
	}
	need.Factor = max(known.factor, known.written)
	need.Room = int(float64(s.numCtx-predict-templateTokens) / known.factor)
	temperature := *s.opts.Temperature
	if q.variant > 0 {
		temperature = max(temperature, variantTemperature)
	}
	req := &Request{
		MaxTokens: predict, Temperature: temperature, TopP: s.opts.TopP, TopK: s.opts.TopK, Seed: s.seed(q.variant),
		Context: s.numCtx, Threads: s.opts.NumThread, NoThinking: s.model.Thinking,
	}
	last, over := math.MaxInt, 0.0
	for cuts := 0; ; cuts++ {
		p, err := q.prompt(need)
		if err != nil {
			return Answer{}, err
		}
		mustBeBounded(p.Schema)
		req.System, req.User, req.Schema = p.System, p.User, p.Schema
		tokens := prompts.Tokens(p.System) + prompts.Tokens(p.User)
		a, err := s.answer(ctx, req)
		switch {
		case errors.Is(err, ErrOverflow):
			over = float64(s.numCtx) / float64(max(tokens, 1)) // it has more than that
			s.observe(observed{factor: over})
			if cuts == maxCuts || tokens >= last { // the same prompt again would not fit either
				return Answer{}, err
			}
			last, need.Room = tokens, tokens-(tokens-p.Fixed)/3
			continue
		case err != nil:
			return Answer{}, err
		}
		a.cuts = cuts
		a.factor = max(over, float64(a.PromptTokens-templateTokens)/float64(max(tokens, 1)))
		s.observe(a.shows())
		return a, nil
	}
}

// promptError says which template cannot be used.
func promptError(err error) error { return fmt.Errorf("chat: %w", err) }
