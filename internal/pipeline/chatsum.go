package pipeline

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"sheaf/internal/corpus"
	"sheaf/internal/privacy"
	"sheaf/labeler/clio"
)

// mostTopic is how many bytes of a user's sentences are embedded.
const mostTopic = 2000

// mostLearnt is how many bytes of an assistant's message are looked through for
// names where there is no chat model to be shown it.
const mostLearnt = 4 << 10

// A draft is a conversation on its way through a window.
type draft struct {
	conversation
	said  []sentence // by the user, redacted, without what is about the talk alone
	found map[privacy.Type]int
}

// flush redacts and sums up the conversations of the window.
func (c *chatReader) flush(ctx context.Context) error {
	drafts := make([]draft, len(c.window))
	var fresh []*draft // those that repeat none
	var convs []*corpus.Conversation
	for i := range c.window {
		conv := &c.window[i]
		d := &drafts[i]
		c.describe(d, conv)
		at := len(c.out.list) + i
		c.byID[conv.ID] = at
		d.first = at
		if first, ok := c.byID[conv.DuplicateOf]; ok && !conv.IsNear {
			d.first = first
			continue
		}
		fresh, convs = append(fresh, d), append(convs, conv)
	}
	var err error
	if c.context == 0 && len(c.out.list) >= c.small {
		err = c.sumUpOrTake(ctx, fresh, convs)
	} else {
		err = c.sumUp(ctx, fresh, convs)
	}
	if err != nil {
		return err
	}
	for i := range drafts {
		d := &drafts[i]
		c.out.census.Add(d.digests)
		d.digests = nil
		for typ, n := range d.found {
			c.out.found[typ] += n
		}
		c.out.list = append(c.out.list, d.conversation)
	}
	clear(c.window)
	c.window, c.bytes = c.window[:0], 0
	if c.context > 0 {
		return nil // the model sums up what is embedded
	}
	if t := &c.out.topics; t.scratch == nil && len(c.out.list) > c.small {
		dir := c.opts.CacheDir
		if c.opts.NoCache {
			dir = ""
		}
		if err := t.spill(dir); err != nil {
			return err
		}
	}
	return c.takeTopics(c.out.list[len(c.out.list)-len(drafts):])
}

// takeTopics moves those of the next conversations to where they are kept.
func (c *chatReader) takeTopics(list []conversation) error {
	for i := range list {
		conv := &list[i]
		if conv.first == len(c.out.list)-len(list)+i {
			if err := c.out.topics.add(conv.topic); err != nil {
				return err
			}
		}
		conv.pending = nil
	}
	return nil
}

// sumUpOrTake is sumUp for those conversations of which no summary is kept, and
// keeps theirs.
func (c *chatReader) sumUpOrTake(ctx context.Context, fresh []*draft, convs []*corpus.Conversation) error {
	if c.kept == nil && !c.opts.NoCache && c.opts.CacheDir != "" {
		c.kept = openSummaries(ctx, c)
	}
	if c.kept == nil {
		return c.sumUp(ctx, fresh, convs)
	}
	keys := make([][]byte, len(fresh))
	for i, conv := range convs {
		keys[i] = c.kept.key(conv)
	}
	n := 0
	for i, found := range c.kept.get(ctx, keys, fresh) {
		if !found {
			fresh[n], convs[n], keys[n] = fresh[i], convs[i], keys[i]
			n++
		}
	}
	if err := c.sumUp(ctx, fresh[:n], convs[:n]); err != nil {
		return err
	}
	c.kept.put(ctx, keys[:n], fresh[:n])
	return nil
}

// sumUp redacts conversations and sums them up by their own sentences. Where no
// chat model will do it better, the summaries are audited.
func (c *chatReader) sumUp(ctx context.Context, fresh []*draft, convs []*corpus.Conversation) error {
	errs := make([]error, len(fresh))
	err := parallel(ctx, len(fresh), c.opts.Threads, func(i int) { errs[i] = c.redact(ctx, fresh[i], convs[i]) })
	if err := cmp.Or(err, errors.Join(errs...)); err != nil {
		return err
	}
	said := make([][]sentence, len(fresh))
	for i, d := range fresh {
		said[i], d.said = d.said, nil
	}
	summaries, err := summarizeSentences(ctx, c.space, said, c.opts.Threads)
	if err != nil {
		return err
	}
	err = parallel(ctx, len(fresh), c.opts.Threads, func(i int) {
		fresh[i].summary = summaries[i]
		if c.context == 0 {
			errs[i] = c.audit(ctx, &fresh[i].conversation)
		}
	})
	return cmp.Or(err, errors.Join(errs...))
}

// describe fills in what is a conversation's own, whether it repeats another or
// not.
func (c *chatReader) describe(d *draft, conv *corpus.Conversation) {
	d.id, d.ref, d.source = conv.ID, conv.Ref, conv.Source
	d.users, d.pending = c.pseudonyms(conv.Users()), new(pending)
	for _, m := range conv.Messages {
		if m.Role == corpus.RoleUser || m.Role == corpus.RoleAssistant {
			d.turns++
		}
	}
}

// pseudonyms are those of the users of a conversation. Conversations of one and the
// same user share them.
func (c *chatReader) pseudonyms(users []string) []string {
	if len(users) == 1 && c.users[users[0]] != nil {
		return c.users[users[0]]
	}
	var out []string
	for _, u := range users {
		out = append(out, c.pseudonym(u))
	}
	if len(users) == 1 {
		c.users[strings.Clone(users[0])] = out
	}
	return out
}

// redact fills in what is known of a conversation without its summary.
func (c *chatReader) redact(ctx context.Context, d *draft, conv *corpus.Conversation) error {
	var texts, all []string
	var dialog []clio.Turn
	for _, m := range conv.Messages {
		isUser := m.Role == corpus.RoleUser
		if !isUser && m.Role != corpus.RoleAssistant {
			continue
		}
		text := m.Text
		if isUser {
			texts = append(texts, text)
		} else if c.context == 0 {
			// It is looked through for names alone.
			text = strings.ToValidUTF8(text[:min(len(text), mostLearnt)], "")
		}
		all = append(all, text)
		dialog = append(dialog, clio.Turn{User: isUser})
	}
	session := c.redactor.Session()
	d.language = conv.Language
	if d.language == "" {
		d.language = languageOf(texts)
	}
	d.found = make(map[privacy.Type]int)
	var said []string
	for i, r := range session.RedactAll(all) {
		for _, f := range r.Findings {
			d.found[f.Type]++
		}
		dialog[i].Text = r.Text
		if dialog[i].User {
			said = append(said, r.Text)
		}
	}
	if c.context > 0 {
		d.dialog = clio.Cut(dialog, c.context)
	}
	d.said = topical(sentences(said))
	d.names = session.Strings()
	d.digests = d.names.Digests()
	v, err := c.auditor.rules.Audit(ctx, privacy.Audit{Stage: privacy.Summary, Text: topicOf(d.said, said), Names: d.names, Final: true})
	d.topic = withoutPlaceholders(v.Text)
	return err
}

// topicOf is what stands for a conversation among others: the sentences of its
// user that are about something, up to mostTopic bytes, with their placeholders.
func topicOf(said []sentence, turns []string) string {
	var b strings.Builder
	for _, s := range said {
		if b.Len()+len(s.text) > mostTopic {
			break
		}
		b.WriteString(s.text)
		b.WriteByte('\n')
	}
	if b.Len() == 0 { // nothing but signs, or one endless word
		return cutRunes(strings.Join(turns, "\n"), mostTopic/4)
	}
	return b.String()
}

// languageOf is the language that texts are in, as ISO 639-1 has it, or "".
func languageOf(texts []string) string {
	const most = 600 // bytes are enough to tell
	var b strings.Builder
	for _, t := range texts {
		b.WriteString(cutRunes(t, most))
		b.WriteByte('\n')
		if b.Len() > most {
			break
		}
	}
	return corpus.DetectLanguage(b.String())
}
