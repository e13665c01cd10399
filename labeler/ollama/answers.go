package ollama

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/ollama/ollama/api"
)

// A chatAnswer is what matters of a response, as it is kept between runs.
type chatAnswer struct {
	Content      string `json:"content"`
	DoneReason   string `json:"done_reason"`
	PromptTokens int    `json:"prompt_tokens"`
	Thought      bool   `json:"thought,omitempty"`
	Overflow     bool   `json:"overflow,omitempty"` // the prompt did not fit
}

// maxKept is what an answer may have to be kept: more than one that keeps to
// num_predict.
const maxKept = 64 << 10

// chat answers a request from what is kept, else asks the server. The error is
// that of [Labeler.call].
func (r *run) chat(ctx context.Context, req *api.ChatRequest) (chatAnswer, error) {
	key := r.key(req)
	var a chatAnswer
	if key != nil {
		if kept, ok := r.l.opts.Answers.Get(ctx, key); ok && json.Unmarshal(kept, &a) == nil {
			return a, overflow(a)
		}
	}
	resp, err := r.l.call(ctx, req)
	a = chatAnswer{Content: resp.Message.Content, DoneReason: resp.DoneReason, PromptTokens: resp.PromptEvalCount,
		Thought: resp.Message.Thinking != ""}
	if errors.Is(err, errOverflow) {
		a = chatAnswer{Overflow: true}
		err = nil
	}
	if err != nil {
		return chatAnswer{}, err
	}
	r.mu.Lock()
	r.answered = true
	r.mu.Unlock()
	if key != nil {
		if value, err := json.Marshal(a); err == nil && len(value) <= maxKept { // a struct of strings and numbers
			r.l.opts.Answers.Put(ctx, key, value)
		}
	}
	return a, overflow(a)
}

func overflow(a chatAnswer) error {
	if a.Overflow {
		return errOverflow
	}
	return nil
}

// key is all that an answer depends on, or nil where none is kept: the server
// says which model it has only by the digest.
func (r *run) key(req *api.ChatRequest) []byte {
	if r.l.opts.Answers == nil || r.digest == "" {
		return nil
	}
	same := *req
	same.Model, same.KeepAlive = "", nil // the digest stands for the model
	key, err := json.Marshal(struct {
		Digest  string
		Request *api.ChatRequest
	}{r.digest, &same})
	if err != nil {
		return nil // as a temperature that is no number, which New refuses
	}
	return key
}
