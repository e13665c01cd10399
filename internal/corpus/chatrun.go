package corpus

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode"

	"sheaf/internal/hint"
)

// A chatRun takes the conversations of all inputs as they are read.
type chatRun struct {
	opts  ChatOptions
	each  func(Conversation) error
	err   error // of each; the reading ends with it
	out   *Chats
	bytes int64 // of all inputs so far

	truncated int // messages of the input that are longer than maxMessage

	ids     map[string]int // how many conversations have asked for an id
	copies  duplicateFinder
	sampled []sampledChat
	seen    int // conversations that were up for the sample
	random  *rand.Rand
}

// A sampledChat is a conversation that is in the sample so far.
type sampledChat struct {
	index int // among those that were up for it
	c     Conversation
}

func newChatRun(opts ChatOptions, each func(Conversation) error) (*chatRun, error) {
	format, err := ParseChatFormat(string(opts.Format))
	if err != nil {
		return nil, err
	}
	opts.Format = format
	switch {
	case opts.Sample < 0:
		return nil, hint.Errorf("give the number of conversations to draw", "a sample of %d conversations", opts.Sample)
	case !(opts.NearDuplicates >= 0 && opts.NearDuplicates <= 1):
		return nil, hint.Errorf("give a number above 0 and up to 1, or 0 for exact duplicates only",
			"similarity of near duplicates %v", opts.NearDuplicates)
	case !opts.From.IsZero() && !opts.To.IsZero() && !opts.From.Before(opts.To):
		return nil, hint.Errorf("give the earlier date first", "no time between %s and %s",
			opts.From.Format(time.DateOnly), opts.To.Format(time.DateOnly))
	}
	for _, role := range opts.Roles {
		if !slices.Contains(Roles(), role) {
			return nil, hint.Errorf("choose among user, assistant, system, tool", "unknown role %q", role)
		}
	}
	var languages []string
	for _, language := range opts.Languages {
		code := LanguageCode(language)
		if code == "" {
			return nil, hint.Errorf("give a code as en, de, pt, zh", "unknown language %q", language)
		}
		languages = append(languages, code)
	}
	opts.Languages = languages
	return &chatRun{
		opts: opts, each: each,
		out:    &Chats{LeftOut: make(map[string]int), Weights: make(map[string]int)},
		ids:    make(map[string]int),
		copies: newDuplicateFinder(opts.NearDuplicates),
		random: rand.New(rand.NewPCG(opts.Seed, 0x5ea5)),
	}, nil
}

// take takes a conversation that was read. Its messages, times and the rest are
// as they stand in the input.
func (run *chatRun) take(c *Conversation) {
	if run.err != nil {
		return
	}
	users := slices.ContainsFunc(c.Messages, func(m Message) bool { return m.Role == RoleUser })
	switch {
	case len(c.Messages) == 0:
		run.skip(c.Source, ReasonEmpty, false)
		return
	case !users:
		run.skip(c.Source, ReasonNoUser, false)
		return
	}
	run.out.Read++
	run.truncated += c.Truncated
	c.setTimes()
	c.Ref, c.Language = strings.TrimSpace(c.Ref), LanguageCode(c.Language)
	if c.ID = c.Ref; !isID(c.ID) || run.opts.IsPersonal != nil && run.opts.IsPersonal(c.ID) {
		c.ID = c.ContentID()
	}
	c.ID = run.unique(c.ID)
	if reason := run.filter(c); reason != "" {
		run.out.LeftOut[reason]++
		return
	}
	if run.opts.Sample == 0 {
		run.give(c)
		return
	}
	run.draw(c)
}

// isID reports what can serve as an id: short, on one line, nothing hidden in it.
func isID(s string) bool {
	return s != "" && len(s) <= 128 && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	})
}

// unique returns the id, or the id with the first of ~2, ~3, … that is free.
func (run *chatRun) unique(id string) string {
	n := run.ids[id]
	run.ids[id] = n + 1
	if n == 0 {
		return id
	}
	for n++; ; n++ {
		next := fmt.Sprintf("%s~%d", id, n)
		if run.ids[next] == 0 {
			run.ids[id], run.ids[next] = n, 1
			return next
		}
	}
}

// filter returns the reason for which a conversation is left out, or "". It takes
// out the messages of other roles.
func (run *chatRun) filter(c *Conversation) string {
	o := &run.opts
	switch dated := !o.From.IsZero() || !o.To.IsZero(); {
	case dated && c.Created.IsZero():
		return ReasonNoDate
	case !o.From.IsZero() && c.Created.Before(o.From):
		return ReasonBefore
	case !o.To.IsZero() && !c.Created.Before(o.To):
		return ReasonAfter
	}
	if o.Languages != nil && !slices.Contains(o.Languages, c.language()) {
		return ReasonLanguage
	}
	if o.Roles != nil {
		c.Messages = slices.DeleteFunc(c.Messages, func(m Message) bool { return !slices.Contains(o.Roles, m.Role) })
		if len(c.Messages) == 0 {
			return ReasonRole
		}
	}
	if o.Match != nil && !slices.ContainsFunc(c.Messages, func(m Message) bool { return o.Match.MatchString(m.Text) }) {
		return ReasonNoMatch
	}
	return ""
}

// language is that of the users' messages where the format says none.
func (c *Conversation) language() string {
	if c.Language != "" {
		return c.Language
	}
	return DetectLanguage(c.userText(4 << 10))
}

// userText returns the users' messages, up to about so many bytes.
func (c *Conversation) userText(most int) string {
	var b strings.Builder
	for _, m := range c.Messages {
		if m.Role != RoleUser {
			continue
		}
		text := m.Text
		if room := most - b.Len(); len(text) > room {
			text = strings.ToValidUTF8(text[:max(room, 0)], "")
		}
		b.WriteString(text)
		b.WriteByte('\n')
	}
	return b.String()
}

// draw lets a conversation take part in the sample: algorithm R.
func (run *chatRun) draw(c *Conversation) {
	index := run.seen
	run.seen++
	if len(run.sampled) < run.opts.Sample {
		run.sampled = append(run.sampled, sampledChat{index, *c})
		return
	}
	run.out.LeftOut[ReasonNotInSample]++
	if at := run.random.IntN(run.seen); at < len(run.sampled) {
		run.sampled[at] = sampledChat{index, *c}
	}
}

// finish hands out what could not be handed out before.
func (run *chatRun) finish() error {
	slices.SortFunc(run.sampled, func(a, b sampledChat) int { return a.index - b.index })
	for i := range run.sampled {
		run.give(&run.sampled[i].c)
		run.sampled[i] = sampledChat{}
	}
	return run.err
}

// give hands a conversation out.
func (run *chatRun) give(c *Conversation) {
	if run.err != nil {
		return
	}
	if first, isNear := run.copies.find(c); first != "" {
		c.DuplicateOf, c.IsNear = first, isNear
		if run.out.Weights[first] == 0 {
			run.out.Weights[first] = 1
		}
		run.out.Weights[first]++
		if isNear {
			run.out.NearDuplicates++
		} else {
			run.out.Duplicates++
		}
	}
	run.out.Given++
	run.err = run.each(*c)
}

// skip counts an item that is not given. lost says that it cannot be read.
func (run *chatRun) skip(where, reason string, lost bool) {
	run.out.Read++
	run.out.Skipped = append(run.out.Skipped, Skip{Source: where, Reason: reason, Lost: lost})
}

func (run *chatRun) remark(name, format string, args ...any) {
	run.out.Remarks = append(run.out.Remarks, name+": "+fmt.Sprintf(format, args...))
}

func (run *chatRun) progress(n int64) {
	if run.opts.Progress != nil {
		run.opts.Progress(run.bytes + n)
	}
}
