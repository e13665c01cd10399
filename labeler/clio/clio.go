// Package clio puts the questions of Clio's steps (Tamkin et al. 2024, "Clio:
// Privacy-preserving insights into real-world AI use") to a chat model on this
// machine: the facets of a conversation, the name and description of a cluster,
// the levels of a hierarchy, and whether somebody can be identified by a text.
//
// It is made for small models. Every question has a rule for the case that no
// answer can be used, and what rules had to do is counted in [Counts].
package clio

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"sheaf/labeler/chat"
	"sheaf/labeler/judge"
	"sheaf/labeler/prompts"
)

// An Asker asks one model. It may be used by several goroutines at once.
type Asker struct {
	s       *chat.Session
	prompts *prompts.Chats
	opts    Options

	mu     sync.Mutex
	counts Counts
}

// Options are optional; the zero value works.
type Options struct {
	Language string // of names and descriptions; "" leaves it to the model
	Seed     uint64 // of the order in which parents are listed
	// Own are facets that a user has defined.
	Own []Facet
	// Prompts are what is asked; nil is the built-in ones.
	Prompts *prompts.Chats
	// Judge says of a name whether it fits its cluster, and finds persons,
	// companies and products in names and descriptions that no request has. Without
	// it names keep their form alone.
	Judge *judge.Judge
	// Clean says whether a text may be kept; one that may not is asked for again,
	// then done without. Nil takes all. An error ends the run.
	Clean func(ctx context.Context, text string, final bool) (bool, error)
}

// A Facet is one that a user has defined.
type Facet struct {
	Name     string   // a key of JSON
	Question string   // "Does the user write code?"
	Values   []string // that the answer may have; nil is any few words
}

// Counts is how often a rule had to stand in for the model.
type Counts struct {
	Facets     int // conversations without usable facets
	Names      int // clusters without a usable name
	Proposals  int // neighbourhoods without usable proposals
	Unclean    int // names and proposals in which somebody could be identified
	Duplicates int // lists of proposals whose duplicates were found by spelling alone
	Assigned   int // clusters whose parent was found by distance
	Unshrunk   int // levels that did not get smaller and were joined by distance
	Judged     int // texts that the model gave no score
}

// New makes an asker of a session.
func New(s *chat.Session, opts Options) *Asker {
	if opts.Prompts == nil {
		opts.Prompts = prompts.BuiltinChats()
	}
	return &Asker{s: s, prompts: opts.Prompts, opts: opts}
}

// Counts is how often rules stood in up to now.
func (a *Asker) Counts() Counts {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.counts
}

func (a *Asker) count(field func(*Counts) *int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	*field(&a.counts)++
}

// Digest is that of the prompts.
func (a *Asker) Digest() string { return a.prompts.Digest() }

// Session is the session that is asked.
func (a *Asker) Session() *chat.Session { return a.s }

// isUsual says whether an error means only that one question has no answer.
func isUsual(err error) bool {
	var fault *chat.FaultError
	var failure *chat.Failure
	return errors.As(err, &fault) || errors.As(err, &failure) || errors.Is(err, chat.ErrOverflow) || errors.Is(err, errNoRoom)
}

// errNoRoom is a context that is too small for a question.
var errNoRoom = errors.New("the context is too small for the question")

// A fault is what is wrong with an answer; it completes "it …".
type fault string

func (f fault) Error() string { return string(f) }

const (
	// lineTokens is what "- " and a line break take.
	lineTokens = 3
	// longestLine is how many tokens of a text are shown at most where there are
	// others.
	longestLine = 64
)

// lines makes lines of texts, as many as fit into the room, and says how much of
// it is left.
func lines(texts []string, room, most int) (out []string, left int) {
	for _, t := range texts {
		if len(out) == most {
			break
		}
		line := prompts.Clip(prompts.Line(t), min(longestLine, room-lineTokens))
		if line == "" {
			if room < longestLine {
				break
			}
			continue
		}
		out = append(out, line)
		room -= prompts.Tokens(line) + lineTokens
	}
	return out, room
}

// perChar is how many tokens a character of an answer is taken to have.
const perChar = 1.0 / 3

// fixed is how many tokens a question takes without its texts.
func (a *Asker) fixed(task string, data any) (int, error) {
	system, user, err := a.prompts.Render(task, data)
	return prompts.Tokens(system) + prompts.Tokens(user), err
}

// clean asks whether a text may be kept.
func (a *Asker) clean(ctx context.Context, text string, final bool) (bool, error) {
	if a.opts.Clean == nil {
		return true, nil
	}
	ok, err := a.opts.Clean(ctx, text, final)
	if err == nil && !ok {
		a.count(func(c *Counts) *int { return &c.Unclean })
	}
	return ok, err
}

// key is the same for spellings that differ in case and punctuation alone.
func key(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return strings.ContainsRune(" \t\n.,;:!?'\"`’“”()-_/", r)
	}), " ")
}

// distinct keeps the first of texts that differ in case and punctuation alone.
func distinct(texts []string) []string {
	seen := make(map[string]bool)
	return slices.DeleteFunc(slices.Clone(texts), func(t string) bool {
		k := key(t)
		if k == "" || seen[k] {
			return true
		}
		seen[k] = true
		return false
	})
}
