package pipeline

import (
	"context"
	"fmt"
	"sync"

	"sheaf/internal/store"
	"sheaf/labeler/chat"
)

// keptAnswers are the answers of chat models in the store. A store that does
// not work is told of once and then left alone.
type keptAnswers struct {
	store *store.Store
	note  func(line string)

	mu     sync.Mutex
	failed bool
}

var _ chat.Answers = (*keptAnswers)(nil)

// openAnswers opens the store, unless the user wants none; nil is none.
func openAnswers(c *Common) *keptAnswers {
	if c.NoCache || c.CacheDir == "" {
		return nil
	}
	s, err := store.Open(c.CacheDir, store.Options{})
	if err != nil {
		c.note("answers of the chat model are not kept: " + withHint(err))
		return nil
	}
	return &keptAnswers{store: s, note: c.note}
}

// Get implements chat.Answers.
func (k *keptAnswers) Get(ctx context.Context, request []byte) ([]byte, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failed {
		return nil, false
	}
	answer, err := k.store.Answer(ctx, request)
	if err != nil && ctx.Err() == nil {
		k.fail(err)
	}
	return answer, answer != nil
}

// Put implements chat.Answers.
func (k *keptAnswers) Put(ctx context.Context, request, answer []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failed {
		return
	}
	// What was answered is kept, also where the run ends here.
	if err := k.store.PutAnswer(context.WithoutCancel(ctx), request, answer); err != nil {
		k.fail(err)
	}
}

func (k *keptAnswers) fail(err error) {
	k.failed = true
	k.note(fmt.Sprintf("answers of the chat model are not kept: %v", err))
}
