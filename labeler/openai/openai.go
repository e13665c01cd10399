// Package openai is the client for local servers with an OpenAI-compatible
// endpoint, such as llama.cpp's, llamafile and LM Studio, that package chat asks
// its questions with.
//
// The server is reached through package loopback, so on this machine only. What
// a server on this machine does with a text cannot be seen from here: the client
// refuses a model of Ollama's that runs elsewhere, and knows nothing of other
// servers that pass texts on.
package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"sheaf/labeler/chat"
	"sheaf/labeler/loopback"
)

// Kind is what chat calls this kind of server.
const Kind = "openai"

// Options are the settings of a [Client]. The zero value works.
type Options struct {
	// BaseURL is where the endpoints are, as "http://127.0.0.1:8080/v1", which is
	// what "" means. The port is 8080 and the path /v1 where none is given.
	BaseURL string
	// Model is the id of the model as the server lists it, or the name of its
	// file without folder and ending; "" means the first one that it lists.
	Model string
	// Key is for a server that wants one. It is sent to this server and shown
	// nowhere.
	Key Secret
}

// A Secret is a text that no message shows.
type Secret string

// String and GoString hide the text.
func (Secret) String() string   { return "(hidden)" }
func (Secret) GoString() string { return "(hidden)" }

// A Client asks one model of a server. It may be used by several goroutines at
// once.
type Client struct {
	opts   Options
	base   *url.URL
	http   *http.Client
	id     atomic.Pointer[string] // of the model, once Available has found it
	format atomic.Int32           // the first of formats that the server takes

	probeTimeout time.Duration // of Available
}

var _ chat.Client = (*Client)(nil)

const (
	defaultPort = "8080"
	// maxBody is more than an answer or a list of models ever has.
	maxBody = 4 << 20
	// maxErrorBody is how much of an error is looked at.
	maxErrorBody = 64 << 10
)

// New returns a client for the options. It opens no connection. A base URL that
// is not this machine gives a [*loopback.Error].
func New(opts Options) (*Client, error) {
	base, err := loopback.ParseURL(strings.TrimSpace(opts.BaseURL), defaultPort)
	if err != nil {
		return nil, fmt.Errorf("openai: %w", err)
	}
	if base.Path == "" {
		base.Path = "/v1"
	}
	if strings.ContainsFunc(string(opts.Key), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("openai: the API key has a character that no key has")
	}
	return &Client{opts: opts, base: base, http: loopback.Client(loopback.Options{MaxBody: maxBody}), probeTimeout: 2 * time.Second}, nil
}

// Kind implements [chat.Client].
func (c *Client) Kind() string { return Kind }

// CloseIdleConnections implements [chat.Client].
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// The forms in which a schema is sent, best first. Servers differ in which
// they know.
const (
	formatSchema = iota // response_format json_schema: llama.cpp, LM Studio, Ollama
	formatObject        // json_object with the schema beside it: llamafile, llama.cpp of before
	formatNone          // the prompt alone
	formats
)

// Chat implements [chat.Client].
func (c *Client) Chat(ctx context.Context, req *chat.Request) (*chat.Response, error) {
	for format := c.format.Load(); ; format++ {
		resp, err := c.chatIn(ctx, req, format)
		var refused *unsupported
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(err, &refused) && req.Schema != nil && format+1 < formats:
			continue
		case errors.As(err, &refused):
			return nil, refused.failure
		case err == nil:
			c.format.Store(max(c.format.Load(), format)) // what works is where the next call begins
		}
		return resp, err
	}
}

// unsupported is a request that the server did not understand, perhaps for its
// form.
type unsupported struct{ failure *chat.Failure }

func (u *unsupported) Error() string { return u.failure.Why }

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// A completionRequest is the body of a call. TopK and TemplateArguments are not
// OpenAI's; servers that do not know them let them pass.
type completionRequest struct {
	Model             string          `json:"model"`
	Messages          []message       `json:"messages"`
	Stream            bool            `json:"stream"`
	MaxTokens         int             `json:"max_tokens"`
	Temperature       float64         `json:"temperature"`
	TopP              float64         `json:"top_p"`
	TopK              int             `json:"top_k,omitempty"`
	Seed              int             `json:"seed"`
	ResponseFormat    any             `json:"response_format,omitempty"`
	TemplateArguments map[string]bool `json:"chat_template_kwargs,omitempty"`
}

type completionResponse struct {
	Choices []struct {
		Message struct {
			Content          string `json:"content"` // null becomes ""
			ReasoningContent string `json:"reasoning_content"`
			Reasoning        string `json:"reasoning"`
		} `json:"message"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
	} `json:"usage"`
}

func (c *Client) chatIn(ctx context.Context, req *chat.Request, format int32) (*chat.Response, error) {
	out := completionRequest{
		Model:     c.modelID(),
		Messages:  []message{{"system", req.System}, {"user", req.User}},
		MaxTokens: req.MaxTokens, Temperature: req.Temperature, TopP: req.TopP, TopK: req.TopK, Seed: req.Seed,
		// What is thought counts towards max_tokens, and none would be left.
		TemplateArguments: map[string]bool{"enable_thinking": false},
	}
	switch {
	case req.Schema == nil || format == formatNone:
	case format == formatSchema:
		out.ResponseFormat = map[string]any{"type": "json_schema",
			"json_schema": map[string]any{"name": "answer", "strict": true, "schema": req.Schema}}
	case format == formatObject:
		out.ResponseFormat = map[string]any{"type": "json_object", "schema": req.Schema}
	}
	body, err := json.Marshal(out)
	if err != nil {
		return nil, &chat.Failure{Why: "cannot be asked this"} // as a temperature that is no number
	}
	var in completionResponse
	if err := c.do(ctx, http.MethodPost, c.base.JoinPath("chat/completions"), body, &in); err != nil {
		return nil, classify(err)
	}
	if len(in.Choices) == 0 || in.Choices[0].FinishReason == "" {
		return nil, &chat.Failure{Why: "lost the connection or sent no valid response", Retry: true}
	}
	choice := in.Choices[0]
	return &chat.Response{
		Content: choice.Message.Content, Length: choice.FinishReason == "length",
		Thought:      choice.Message.ReasoningContent != "" || choice.Message.Reasoning != "",
		PromptTokens: in.Usage.PromptTokens, Tokens: in.Usage.CompletionTokens,
	}, nil
}

// modelID is what the server calls the model.
func (c *Client) modelID() string {
	if id := c.id.Load(); id != nil {
		return *id
	}
	return c.opts.Model
}

// A statusError is a response that is none of success. Its text is not the
// server's, which may repeat the prompt.
type statusError struct {
	status        int
	message, kind string
}

func (e *statusError) Error() string { return fmt.Sprintf("status %d", e.status) }

// has says whether the server's message has one of the words, in lower case.
func (e *statusError) has(words ...string) bool {
	text := strings.ToLower(e.kind + " " + e.message)
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// do sends a request and decodes the response. The error is ctx's own, that of
// the transport, a *statusError or the decoder's.
func (c *Client) do(ctx context.Context, method string, to *url.URL, body []byte, v any) error {
	req, err := http.NewRequestWithContext(ctx, method, to.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.opts.Key != "" {
		req.Header.Set("Authorization", "Bearer "+string(c.opts.Key))
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close() // what was read has come
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		raw, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		if err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
		return readError(resp.StatusCode, raw)
	}
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, v)
}

// readError reads the forms that errors have: {"error": {"message", "type"}},
// {"error": "message"}, or a text.
func readError(status int, raw []byte) *statusError {
	e := &statusError{status: status, message: string(raw)}
	var outer struct{ Error json.RawMessage }
	if json.Unmarshal(raw, &outer) != nil || outer.Error == nil {
		return e
	}
	var inner struct {
		Message string
		Type    string
	}
	if json.Unmarshal(outer.Error, &inner) == nil {
		e.message, e.kind = inner.Message, inner.Type
	} else if json.Unmarshal(outer.Error, &e.message) != nil {
		e.message = string(outer.Error)
	}
	return e
}

// classify says what an error of do means for a call.
func classify(err error) error {
	var refused *loopback.Error
	var status *statusError
	switch {
	case errors.As(err, &refused):
		return &chat.Failure{Why: "redirects to another address, which is refused", Fatal: true}
	case errors.As(err, &status):
		return classifyStatus(status)
	case loopback.NotListening(err):
		return &chat.Failure{Why: "does not listen any more", Retry: true, Fatal: true}
	}
	return &chat.Failure{Why: "lost the connection or sent no valid response", Retry: true}
}

func classifyStatus(e *statusError) error {
	f := &chat.Failure{Why: fmt.Sprintf("answers with status %d", e.status)}
	switch e.status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusInternalServerError:
		if e.has("context") && e.has("exceed", "overflow", "too long", "too large", "larger than", "not enough", "maximum") {
			return chat.ErrOverflow
		}
		if e.has("model_not_found", "model not found") {
			return &chat.Failure{Why: "has the model no longer", Fatal: true}
		}
		if e.status != http.StatusInternalServerError || e.has("response_format", "json_schema", "grammar") {
			return &unsupported{f}
		}
	case http.StatusNotImplemented:
		return &unsupported{f}
	case http.StatusNotFound:
		f.Why, f.Fatal = "has the model no longer", true
	case http.StatusUnauthorized, http.StatusForbidden:
		f.Fatal = true
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		f.Retry = true
	}
	return f
}

// root is the server's address without the path of its OpenAI-compatible
// endpoint.
func (c *Client) root() *url.URL {
	root := *c.base
	root.Path = strings.TrimSuffix(root.Path, "/v1")
	return &root
}
