package chat

import (
	"context"
	"encoding/json"
	"errors"
)

// Answers keeps what a model answered, between runs. An implementation may be
// used by several goroutines at once. One that fails only costs time.
type Answers interface {
	// Get returns the answer to a request, or false. A request is bytes that
	// hold all that the answer depends on, texts of the user's among them.
	Get(ctx context.Context, request []byte) (answer []byte, ok bool)
	// Put keeps an answer, which may repeat what the texts say.
	Put(ctx context.Context, request, answer []byte)
}

// A keptAnswer is what matters of a response, as it is kept between runs.
type keptAnswer struct {
	Content      string `json:"content"`
	Length       bool   `json:"length,omitempty"` // it broke off
	PromptTokens int    `json:"prompt_tokens"`
	Tokens       int    `json:"tokens"`
	Thought      bool   `json:"thought,omitempty"`
	Overflow     bool   `json:"overflow,omitempty"` // the prompt did not fit
}

// maxKept is what an answer may have to be kept: more than one that keeps to
// its budget.
const maxKept = 64 << 10

// answer answers a request from what is kept, else asks the server. The error
// is that of Session.call.
func (s *Session) answer(ctx context.Context, req *Request) (Answer, error) {
	key := s.key(req)
	if key != nil {
		var k keptAnswer
		if kept, ok := s.opts.Answers.Get(ctx, key); ok && json.Unmarshal(kept, &k) == nil {
			s.mu.Lock()
			s.stats.Kept++
			s.mu.Unlock()
			return k.answer(true)
		}
	}
	resp, err := s.call(ctx, req)
	var k keptAnswer
	switch {
	case errors.Is(err, ErrOverflow):
		k.Overflow = true
	case err != nil:
		return Answer{}, err
	default:
		k = keptAnswer{Content: resp.Content, Length: resp.Length, PromptTokens: resp.PromptTokens, Tokens: resp.Tokens, Thought: resp.Thought}
		s.mu.Lock()
		s.stats.PromptTokens += resp.PromptTokens
		s.stats.Tokens += resp.Tokens
		s.mu.Unlock()
	}
	// Where the server tells no context, a prompt that did not fit may do so when
	// it is started in another way.
	if key != nil && (!k.Overflow || s.model.Context > 0) {
		if value := mustJSON(k); len(value) <= maxKept {
			s.opts.Answers.Put(ctx, key, value)
		}
	}
	return k.answer(false)
}

func (k *keptAnswer) answer(kept bool) (Answer, error) {
	if k.Overflow {
		return Answer{}, ErrOverflow
	}
	return Answer{Content: k.Content, Length: k.Length, Thought: k.Thought, PromptTokens: k.PromptTokens, Tokens: k.Tokens, kept: kept}, nil
}

// key is all that an answer depends on, or nil where none is kept: what is not
// known to be the same model has other answers.
func (s *Session) key(req *Request) []byte {
	id := s.model.Digest
	if id == "" && s.model.Identity != "" {
		id = s.client.Kind() + " " + s.model.Identity
	}
	if s.opts.Answers == nil || id == "" {
		return nil
	}
	return mustJSON(struct {
		Model   string
		Request *Request
	}{id, req})
}
