package openai

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"

	"sheaf/labeler/chat"
	"sheaf/labeler/loopback"
)

// A listed is a model as /models lists it. Meta is llama.cpp's.
type listed struct {
	ID      string          `json:"id"`
	OwnedBy string          `json:"owned_by"`
	Created int64           `json:"created"`
	Meta    json.RawMessage `json:"meta"`
}

// Available implements [chat.Client]. It takes two seconds at most. No server of
// this kind tells a digest: answers are kept under the model's id and what else
// the server says of it.
func (c *Client) Available(ctx context.Context) (chat.Model, error) {
	m := chat.Model{Server: c.base.Host, Name: c.opts.Model}
	probe, cancel := context.WithTimeout(ctx, c.probeTimeout)
	defer cancel()
	defer c.CloseIdleConnections()

	var list struct{ Data []listed }
	err := c.do(probe, http.MethodGet, c.base.JoinPath("models"), nil, &list)
	if ctx.Err() != nil {
		return m, ctx.Err()
	}
	if err != nil {
		return m, c.listError(err)
	}
	model, ok := choose(list.Data, c.opts.Model)
	if !ok {
		return m, c.noModel(list.Data)
	}
	c.id.Store(&model.ID)
	m.Name = shortName(model.ID)
	m.Identity = identity(model)
	if where := c.remoteHost(probe, model.ID); where != "" {
		return m, c.fail(chat.ErrRemote, fmt.Sprintf("model %s does not run on this machine: %s", m.Name, where),
			"choose a model whose file is on this machine", nil)
	}
	m.Context = c.context(probe, model.ID)
	return m, ctx.Err()
}

// choose finds a model by its id, or by its short name; "" is the first.
func choose(models []listed, name string) (listed, bool) {
	if name == "" && len(models) > 0 {
		return models[0], models[0].ID != ""
	}
	for _, same := range []func(id string) bool{
		func(id string) bool { return id == name },
		func(id string) bool { return strings.EqualFold(id, name) || strings.EqualFold(id, name+":latest") },
		func(id string) bool { return strings.EqualFold(shortName(id), shortName(name)) },
	} {
		for _, m := range models {
			if m.ID != "" && same(m.ID) {
				return m, true
			}
		}
	}
	return listed{}, false
}

// shortName is a model's id without the folder and the ending of its file,
// which some servers show: the folder is nobody's business in a result.
func shortName(id string) string {
	slashed := strings.ReplaceAll(id, `\`, "/")
	if name, isFile := strings.CutSuffix(path.Base(slashed), ".gguf"); isFile {
		return name
	}
	if hasDrive := len(slashed) > 2 && slashed[1:3] == ":/"; hasDrive || strings.HasPrefix(slashed, "/") {
		return path.Base(slashed)
	}
	return id
}

// identity is what tells a model from others of the same server.
func identity(m listed) string {
	out := m.ID
	var meta bytes.Buffer
	if json.Compact(&meta, m.Meta) == nil {
		out += " " + meta.String()
	}
	if m.OwnedBy == ollamaOwner {
		out += fmt.Sprintf(" %d", m.Created) // when it was made; with others it is now
	}
	return out
}

// ollamaOwner is who Ollama says its models belong to.
const ollamaOwner = "library"

// remoteHost says where a model runs that Ollama serves from elsewhere, or "".
// Its OpenAI-compatible endpoint does not tell, but its own does.
func (c *Client) remoteHost(ctx context.Context, id string) string {
	name, _, _ := strings.Cut(strings.ToLower(id), "@")
	base, tag, _ := strings.Cut(path.Base(name), ":")
	if strings.HasSuffix(base, "-cloud") || strings.Contains(tag, "cloud") {
		return "the name says so"
	}
	body, err := json.Marshal(map[string]string{"model": id})
	if err != nil {
		return ""
	}
	var show struct {
		RemoteHost  string `json:"remote_host"`
		RemoteModel string `json:"remote_model"`
	}
	err = c.do(ctx, http.MethodPost, c.root().JoinPath("api/show"), body, &show)
	var status *statusError
	switch where := cmp.Or(show.RemoteHost, show.RemoteModel); {
	case err == nil && where != "":
		return "the server passes it on to " + where
	case errors.As(err, &status) && status.status == http.StatusForbidden && status.has("cloud"):
		return "the server says that it is not available here"
	}
	return ""
}

// context is how many tokens the server has room for, or 0. llama.cpp's server
// and llamafile tell at /props, LM Studio at /api/v0/models.
func (c *Client) context(ctx context.Context, id string) int {
	var props struct {
		Settings struct {
			NumCtx int `json:"n_ctx"`
		} `json:"default_generation_settings"`
	}
	if c.do(ctx, http.MethodGet, c.root().JoinPath("props"), nil, &props) == nil && props.Settings.NumCtx > 0 {
		return props.Settings.NumCtx
	}
	var list struct {
		Data []struct {
			ID     string `json:"id"`
			Loaded int    `json:"loaded_context_length"`
			Most   int    `json:"max_context_length"`
		}
	}
	if c.do(ctx, http.MethodGet, c.root().JoinPath("api/v0/models"), nil, &list) == nil {
		for _, m := range list.Data {
			if m.ID == id {
				return max(cmp.Or(m.Loaded, m.Most), 0)
			}
		}
	}
	return 0
}

// listError says what a failed look at the models means.
func (c *Client) listError(err error) error {
	no := func(detail, advice string) error {
		return c.fail(chat.ErrNoServer, fmt.Sprintf("no server at %s: %s", c.base.Host, detail), advice, err)
	}
	const adviceOther = "give the address of its OpenAI-compatible endpoint, as --base-url http://127.0.0.1:8080/v1"
	var refused *loopback.Error
	var status *statusError
	switch {
	case errors.As(err, &refused):
		return no(fmt.Sprintf("it leads elsewhere: %v", refused), refused.Hint())
	case errors.As(err, &status):
		detail := fmt.Sprintf("it answers with status %d", status.status)
		switch {
		case status.status == http.StatusUnauthorized || status.status == http.StatusForbidden:
			return no("it wants another API key", "put the key of this server into the environment as SHEAF_API_KEY")
		case status.status == http.StatusServiceUnavailable:
			return no("it is not ready yet", "wait until it has loaded its model")
		case status.status >= http.StatusInternalServerError:
			return no(detail, "look at the server's log, or start it again")
		case status.status == http.StatusNotFound:
			return no("it has no models at "+c.base.Path+"/models", adviceOther)
		}
		return no(detail, adviceOther)
	case errors.Is(err, context.DeadlineExceeded):
		return no("it does not answer in time", "see whether it is busy, and wait or start it again")
	case loopback.NotListening(err):
		return no("nobody listens there", "start it, as: llama-server -m MODEL.gguf --port "+c.base.Port())
	}
	return no("it does not answer as OpenAI's do", adviceOther)
}

// noModel names the models that there are.
func (c *Client) noModel(models []listed) error {
	const shown = 5
	var names []string
	for _, m := range models[:min(len(models), shown)] {
		names = append(names, shortName(m.ID))
	}
	detail, advice := fmt.Sprintf("the server at %s has no model %s", c.base.Host, c.opts.Model), "choose one of "+strings.Join(names, ", ")
	if len(names) == 0 {
		detail, advice = fmt.Sprintf("the server at %s has no model", c.base.Host), "load one in the server"
	}
	return c.fail(chat.ErrNoModel, detail, advice, nil)
}

func (c *Client) fail(kind error, detail, advice string, cause error) error {
	return &chat.Error{Server: Kind, Kind: kind, Detail: detail, Advice: advice, Cause: cause}
}
