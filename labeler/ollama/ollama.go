// Package ollama is the client for a local Ollama server that package chat
// asks its questions with.
//
// The server is reached through package loopback, so on this machine only, and
// a model that the server would pass on to another machine is refused before
// any text is sent.
package ollama

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"

	"sheaf/labeler/chat"
	"sheaf/labeler/loopback"
)

// Kind is what chat calls this kind of server.
const Kind = "ollama"

// Options are the settings of a [Client]. The zero value works.
type Options struct {
	// Host is where the server listens, in the forms of OLLAMA_HOST; "" means
	// 127.0.0.1:11434. The environment is the caller's business.
	Host string
	// Model is the chat model's name; "" means tinyllama.
	Model string
	// KeepAlive is how long the server keeps the model after a call, 0 or more;
	// 0 leaves it to the server.
	KeepAlive time.Duration
}

// A Client asks one model of a server. It may be used by several goroutines at
// once.
type Client struct {
	opts   Options
	server string // host:port, for messages
	http   *http.Client
	api    *api.Client

	probeTimeout time.Duration // of Available
}

var _ chat.Client = (*Client)(nil)

const (
	defaultModel = "tinyllama"
	// maxBody is more than an answer or a model's description ever has.
	maxBody = 4 << 20
)

// New returns a client for the options. It opens no connection. A host that
// is not this machine gives a [*loopback.Error], an option out of its range
// an error that names it.
func New(opts Options) (*Client, error) {
	base, err := loopback.ParseHost(opts.Host)
	if err != nil {
		return nil, fmt.Errorf("ollama: %w", err)
	}
	if opts.Model == "" {
		opts.Model = defaultModel
	}
	if !ValidName(opts.Model) {
		return nil, fmt.Errorf("ollama: %q is not the name of a model", opts.Model)
	}
	if opts.KeepAlive < 0 {
		return nil, fmt.Errorf("ollama: the keep-alive is %v; it has to be 0 or more", opts.KeepAlive)
	}
	client := loopback.Client(loopback.Options{MaxBody: maxBody})
	return &Client{opts: opts, server: base.Host, http: client, api: api.NewClient(base, client), probeTimeout: 2 * time.Second}, nil
}

// ValidName says whether a name can be that of a model, "" for the default
// among them.
func ValidName(name string) bool {
	return name == "" || model.ParseName(withoutDigest(name)).IsValid()
}

// Kind implements [chat.Client].
func (c *Client) Kind() string { return Kind }

// CloseIdleConnections implements [chat.Client].
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// Chat implements [chat.Client].
func (c *Client) Chat(ctx context.Context, req *chat.Request) (*chat.Response, error) {
	var resp api.ChatResponse
	err := c.api.Chat(ctx, c.request(req), func(r api.ChatResponse) error {
		resp = r // one response, for Stream is false
		return nil
	})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, classify(err)
	case resp.RemoteHost != "" || resp.RemoteModel != "":
		return nil, &chat.Failure{Why: "passes the texts on to another machine", Fatal: true}
	case !resp.Done:
		// The client takes an answer that breaks off for the end of it.
		return nil, &chat.Failure{Why: "lost the connection", Retry: true}
	}
	return &chat.Response{
		Content: resp.Message.Content, Length: resp.DoneReason == "length", Thought: resp.Message.Thinking != "",
		PromptTokens: resp.PromptEvalCount, Tokens: resp.EvalCount,
	}, nil
}

func (c *Client) request(req *chat.Request) *api.ChatRequest {
	options := map[string]any{
		"temperature": req.Temperature,
		"top_k":       req.TopK,
		"top_p":       req.TopP,
		"num_predict": req.MaxTokens,
		"seed":        req.Seed,
		"num_ctx":     req.Context,
	}
	if req.Threads > 0 {
		options["num_thread"] = req.Threads
	}
	stream, truncate, shift := false, false, false
	out := &api.ChatRequest{
		Model:    c.opts.Model,
		Messages: []api.Message{{Role: "system", Content: req.System}, {Role: "user", Content: req.User}},
		Stream:   &stream,
		Format:   req.Schema,
		Options:  options,
		// The server would cut the middle out of the prompt, or of its own
		// answer, without a word.
		Truncate: &truncate,
		Shift:    &shift,
	}
	if c.opts.KeepAlive > 0 {
		out.KeepAlive = &api.Duration{Duration: c.opts.KeepAlive}
	}
	if req.NoThinking {
		// What is thought counts towards num_predict, and none would be left.
		out.Think = &api.ThinkValue{Value: false}
	}
	return out
}

// classify says what an error of the API's client means.
func classify(err error) error {
	var refused *loopback.Error
	status, answered := statusOf(err)
	switch {
	case errors.As(err, &refused):
		return &chat.Failure{Why: "redirects to another address, which is refused", Fatal: true}
	case answered && isOverflow(err):
		return chat.ErrOverflow
	case answered && status == http.StatusNotFound:
		return &chat.Failure{Why: "has the model no longer", Fatal: true}
	case answered && (status == http.StatusUnauthorized || status == http.StatusForbidden):
		return &chat.Failure{Why: fmt.Sprintf("answers with status %d", status), Fatal: true}
	case answered:
		busy := status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests ||
			status == http.StatusBadGateway || status == http.StatusGatewayTimeout
		return &chat.Failure{Why: fmt.Sprintf("answers with status %d", status), Retry: busy}
	case loopback.NotListening(err):
		return &chat.Failure{Why: "does not listen any more", Retry: true, Fatal: true}
	}
	return &chat.Failure{Why: "lost the connection or sent no valid response", Retry: true}
}

// statusOf returns the HTTP status in an error of the client; ok is false
// where there is none, because no response came.
func statusOf(err error) (status int, ok bool) {
	var se api.StatusError
	var ae api.AuthorizationError
	switch {
	case errors.As(err, &se):
		return se.StatusCode, true
	case errors.As(err, &ae):
		return ae.StatusCode, true
	}
	return 0, false
}

// isOverflow knows the messages of Ollama's two runners for a prompt that is
// too long, where it was told not to cut it.
func isOverflow(err error) bool {
	var se api.StatusError
	return errors.As(err, &se) && se.StatusCode == http.StatusBadRequest &&
		strings.Contains(se.ErrorMessage, "context") && strings.Contains(se.ErrorMessage, "exceed")
}
