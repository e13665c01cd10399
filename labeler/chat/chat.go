// Package chat asks a chat model on this machine, and names clusters with it.
//
// It is made for models of about a billion parameters, which often answer with
// something else than they were asked for. Every answer has a JSON schema, a
// budget of tokens and a check; one that fails the check is asked for once more
// with the fault named, and then the caller hears that there is none.
//
// A [Client] is a server of one kind; packages ollama and openai have one each.
// A [Session] is one run with one model: it fixes what must not change between
// calls, keeps prompts within the model's context, tries calls again, gives a
// server up that is lost, and keeps answers. [Ask] puts a [Question] to it and
// returns a value that passed the question's own check:
//
//	s, err := chat.Open(ctx, client, chat.Options{Workers: 2, Answers: kept})
//	defer s.Close()
//	err = s.Each(ctx, len(texts), func(ctx context.Context, i int) error {
//		got, err := chat.Ask(ctx, s, chat.Question[int]{
//			Task:      "concern",
//			MaxTokens: 16,
//			Prompt: func(n chat.Need) (chat.Prompt, error) {
//				return chat.Prompt{
//					System: "You rate how worrying a text is. Answer with JSON: {\"concern\": 1 to 5}",
//					User:   prompts.Clip(prompts.Line(texts[i]), n.Room-64),
//					Schema: chat.Object(chat.Field{Name: "concern", Type: chat.Scale(1, 5)}),
//				}, nil
//			},
//			Parse: func(a chat.Answer) (int, error) {
//				var v struct{ Concern int }
//				err := a.Decode(&v)
//				return v.Concern, err
//			},
//		})
//		…
//	})
//
// [Labeler] is a labeler made of such questions. Of several answers for a
// cluster it takes the one that a judge finds to fit, and where none passes,
// the label of another labeler: whatever the server does, there is a valid label
// for each cluster, and it says where it came from.
package chat

import (
	"context"
	"encoding/json"
	"errors"
)

// A Client is a server of one kind and the model that it is asked for. It
// reaches this machine only and may be used by several goroutines at once.
type Client interface {
	// Kind is the kind of the server, for messages: "ollama".
	Kind() string
	// Available asks whether the server answers and has the model, and whether
	// the model runs on this machine. It sends no text of the user's and takes a
	// few seconds at most. The error is ctx's own or an [*Error].
	Available(ctx context.Context) (Model, error)
	// Chat sends one request, once. The error is ctx's own, [ErrOverflow] or a
	// [*Failure]; nothing of it repeats what the server said, for that may be the
	// prompt.
	Chat(ctx context.Context, req *Request) (*Response, error)
	// CloseIdleConnections ends the connections that no call uses.
	CloseIdleConnections()
}

// A Model is what a server says about a model.
type Model struct {
	Server   string // host:port
	Name     string
	Digest   string         // "sha256:…" of the weights; "" where the server does not tell
	Identity string         // what else tells the model from others where there is no digest; "" where nothing does
	Context  int            // tokens the model was made for or the server has room for; 0 where the server does not tell
	Thinking bool           // it can think before it answers
	Settings map[string]any // of the client that belong into a manifest
}

// A Request is one call.
type Request struct {
	System, User string
	Schema       json.RawMessage // of the answer, a JSON schema; nil for free text
	MaxTokens    int             // of the answer

	Temperature, TopP float64
	TopK, Seed        int

	// Context and Threads are the same in all calls of a session, for a change
	// makes servers load the model again. Threads 0 leaves them to the server.
	Context, Threads int
	NoThinking       bool // the model can think, and must not
}

// A Response is an answer.
type Response struct {
	Content      string // what the model wrote, without its thoughts
	Length       bool   // it broke off because it had MaxTokens
	Thought      bool   // the model thought before it
	PromptTokens int    // 0 where the server does not tell
	Tokens       int    // of the answer, thoughts among them; 0 where the server does not tell
}

// A Failure is a call that brought no answer. Its text completes the sentence
// "the server …" and never holds what the server said.
type Failure struct {
	Why     string // "did not answer in time"
	Retry   bool   // the same call may work in a moment
	Fatal   bool   // no other call will work
	Timeout bool   // it took all the time that a call may take
	Unasked bool   // there was no call: the session had given the server up
}

func (f *Failure) Error() string { return f.Why }

// ErrOverflow is a prompt that does not fit into the model's context.
var ErrOverflow = errors.New("the prompt is longer than the model's context")

// What can be wrong with a server or a model; see [Client].
var (
	ErrNoServer = errors.New("no server")
	ErrNoModel  = errors.New("model not found")
	ErrRemote   = errors.New("model is not on this machine")
)

// An Error is a server or a model that cannot be used. errors.Is tells which
// of ErrNoServer, ErrNoModel and ErrRemote it is.
type Error struct {
	Server string // its kind
	Kind   error
	Detail string
	Advice string
	Cause  error // may be nil
}

func (e *Error) Error() string { return e.Server + ": " + e.Detail }

// Hint says what the user can do about it.
func (e *Error) Hint() string { return e.Advice }

// Unwrap gives the kind and, where there is one, what caused it.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}
