package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"

	"sheaf/internal/corpus"
	"sheaf/internal/privacy"
	"sheaf/internal/store"
)

// What was made of the conversations of a large collection without a chat model
// is kept as soon as a window of them is done, so that a run that was killed goes
// on there, and another one over the same export with other settings of the later
// stages begins where it differs. The first smallCollection conversations are
// redacted anew each time, which takes seconds.

// A keptSummary is what is kept of a conversation: redacted and audited text,
// counts, and hashes of what was personal, to look for it in what is said of others.
// It is sealed with the conversation itself.
type keptSummary struct {
	Request, Task string               `json:",omitempty"`
	Words         string               `json:",omitempty"`
	Topic         string               `json:",omitempty"`
	Language      string               `json:",omitempty"`
	Found         map[privacy.Type]int `json:",omitempty"`
	Withheld      bool                 `json:",omitempty"`
	Action        privacy.Action       `json:",omitempty"`
	Types         []privacy.Type       `json:",omitempty"`
	Reason        string               `json:",omitempty"`
	Digests       []byte               `json:",omitempty"`
}

// keptSummaries are the summaries in the store. A store that does not work is
// told of once and then left alone; nil keeps nothing.
type keptSummaries struct {
	store    *store.Store
	settings []byte // all that a summary depends on beside its conversation
	restart  bool   // none is looked up
	note     func(line string)
	failed   bool
}

// openSummaries opens the store, unless the user wants none.
func openSummaries(ctx context.Context, c *chatReader) *keptSummaries {
	o := c.opts
	if o.NoCache || o.CacheDir == "" {
		return nil
	}
	s, err := store.Open(o.CacheDir, store.Options{})
	if err != nil {
		o.note("summaries are not kept: " + withHint(err))
		return nil
	}
	k := &keptSummaries{store: s, restart: o.Restart, note: o.note}
	if k.settings, err = summarySettings(ctx, s, c); err != nil {
		k.fail(err)
	}
	return k
}

// summarySettings is a digest of what a summary depends on: the program itself,
// whose rules change from build to build, the user's rules and the concepts.
func summarySettings(ctx context.Context, s *store.Store, c *chatReader) ([]byte, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if program, err = s.FileDigest(ctx, program); err != nil {
		return nil, err
	}
	rules := ""
	if c.opts.Rules != "" {
		if rules, err = s.FileDigest(ctx, c.opts.Rules); err != nil {
			return nil, err
		}
	}
	info := c.space.Info()
	sum := sha256.New()
	for _, part := range []string{program, rules, info.Digest, info.LexiconDigest} {
		_, _ = fmt.Fprintf(sum, "%d %s\n", len(part), part)
	}
	return sum.Sum(nil), nil
}

func (k *keptSummaries) close() error {
	if k == nil {
		return nil
	}
	return k.store.Close()
}

func (k *keptSummaries) fail(err error) {
	k.failed = true
	k.note(fmt.Sprintf("summaries are not kept: %v", err))
}

// key is a conversation as far as its summary depends on it.
func (k *keptSummaries) key(conv *corpus.Conversation) []byte {
	b := append([]byte{}, k.settings...)
	add := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	add(conv.Language)
	for _, m := range conv.Messages {
		add(string(m.Role))
		add(m.Text)
	}
	return b
}

// get fills in the drafts of which a summary is kept, and says which.
func (k *keptSummaries) get(ctx context.Context, keys [][]byte, drafts []*draft) (found []bool) {
	found = make([]bool, len(drafts))
	if k.failed || k.restart || len(drafts) == 0 {
		return found
	}
	err := k.store.Summaries(ctx, keys, func(i int, raw []byte) {
		var s keptSummary
		if json.Unmarshal(raw, &s) != nil {
			return
		}
		d := drafts[i]
		d.summary = summary{Request: s.Request, Task: s.Task}
		d.conversation.words, d.topic, d.language = s.Words, s.Topic, s.Language
		d.found, d.withheld, d.action, d.types, d.reason, d.digests = s.Found, s.Withheld, s.Action, s.Types, s.Reason, s.Digests
		found[i] = true
	})
	if err != nil && ctx.Err() == nil {
		k.fail(err)
	}
	return found
}

// put keeps drafts that are done.
func (k *keptSummaries) put(ctx context.Context, keys [][]byte, drafts []*draft) {
	if k.failed || len(drafts) == 0 {
		return
	}
	values := make([][]byte, len(drafts))
	for i, d := range drafts {
		var err error
		values[i], err = json.Marshal(keptSummary{
			Request: d.summary.Request, Task: d.summary.Task, Words: d.conversation.words, Topic: d.topic, Language: d.language,
			Found: d.found, Withheld: d.withheld, Action: d.action, Types: d.types, Reason: d.reason, Digests: d.digests,
		})
		if err != nil {
			panic("pipeline: " + err.Error()) // strings and numbers can be written
		}
	}
	// What is done is kept, also where the run ends here.
	if err := k.store.PutSummaries(context.WithoutCancel(ctx), keys, values); err != nil {
		k.fail(err)
	}
}
