package ollama

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"

	"sheaf/labeler/chat"
	"sheaf/labeler/loopback"
)

// Available implements [chat.Client]. It takes two seconds at most.
func (c *Client) Available(ctx context.Context) (chat.Model, error) {
	st := chat.Model{Server: c.server, Name: c.opts.Model}
	if c.opts.KeepAlive > 0 {
		st.Settings = map[string]any{"keep_alive": c.opts.KeepAlive.Seconds()}
	}
	if isCloud(c.opts.Model) {
		return st, c.remote("the name says so")
	}
	probe, cancel := context.WithTimeout(ctx, c.probeTimeout)
	defer cancel()
	defer c.http.CloseIdleConnections()

	show, err := c.api.Show(probe, &api.ShowRequest{Model: c.opts.Model})
	if ctx.Err() != nil {
		return st, ctx.Err()
	}
	if err != nil {
		return st, c.showError(probe, err)
	}
	if show.RemoteHost != "" || show.RemoteModel != "" {
		return st, c.remote("the server passes it on to " + cmp.Or(show.RemoteHost, show.RemoteModel))
	}
	st.Context = contextLength(show.ModelInfo)
	st.Thinking = slices.Contains(show.Capabilities, model.CapabilityThinking)

	// Show has no digest; the list of models has. A server without it is no
	// reason to do without the model.
	list, err := c.api.List(probe)
	if ctx.Err() != nil {
		return st, ctx.Err()
	}
	if err != nil {
		return st, nil
	}
	want := model.ParseName(withoutDigest(c.opts.Model))
	for _, m := range list.Models {
		if !model.ParseName(m.Name).EqualFold(want) {
			continue
		}
		if m.RemoteHost != "" || m.RemoteModel != "" {
			return st, c.remote("the server passes it on to " + cmp.Or(m.RemoteHost, m.RemoteModel))
		}
		st.Digest = m.Digest
		if st.Digest != "" && !strings.Contains(st.Digest, ":") {
			st.Digest = "sha256:" + st.Digest
		}
	}
	return st, nil
}

// showError says what a failed request about the model means.
func (c *Client) showError(ctx context.Context, err error) error {
	var refused *loopback.Error
	if errors.As(err, &refused) {
		return fail(chat.ErrNoServer, fmt.Sprintf("no server at %s: it leads elsewhere: %v", c.server, refused), refused.Hint(), refused)
	}
	status, answered := statusOf(err)
	switch {
	case status == http.StatusForbidden:
		// What a server with its cloud switched off says of a model that is not here.
		return c.remote("the server says that it is not available here")
	case status == http.StatusNotFound:
		// Any web server answers 404; one that lists its models is Ollama.
		if _, err := c.api.List(ctx); err == nil {
			return fail(chat.ErrNoModel, fmt.Sprintf("the server at %s has no model %s", c.server, c.opts.Model),
				"run: ollama pull "+c.opts.Model+
					"; without a network, take it along in a bundle: sheaf models unpack", nil)
		}
		return c.noServer("what listens there is not Ollama", adviceOther, err)
	case answered && status >= http.StatusInternalServerError:
		return c.noServer(fmt.Sprintf("it answers with status %d", status), "look at the server's log, or start it again", err)
	case answered:
		return c.noServer(fmt.Sprintf("it answers with status %d", status), adviceOther, err)
	case errors.Is(err, context.DeadlineExceeded):
		return c.noServer("it does not answer in time", "see whether it is busy, and wait or start it again", err)
	case loopback.NotListening(err):
		return c.noServer("nobody listens there", "start it with: ollama serve", err)
	}
	return c.noServer("it does not answer as Ollama does", adviceOther, err)
}

func fail(kind error, detail, advice string, cause error) error {
	return &chat.Error{Server: Kind, Kind: kind, Detail: detail, Advice: advice, Cause: cause}
}

// adviceOther is what to do about a server that is not Ollama.
const adviceOther = "see what listens there, and give the address of Ollama, by itself 127.0.0.1:11434"

func (c *Client) noServer(detail, advice string, cause error) error {
	return fail(chat.ErrNoServer, fmt.Sprintf("no server at %s: %s", c.server, detail), advice, cause)
}

func (c *Client) remote(detail string) error {
	advice := "choose a model that was pulled in full, such as " + defaultModel
	if model.ParseName(withoutDigest(c.opts.Model)).EqualFold(model.ParseName(defaultModel)) {
		// It is one that only has the name.
		advice = "pull it in full with: ollama pull " + defaultModel
	}
	return fail(chat.ErrRemote, fmt.Sprintf("model %s does not run on this machine: %s", c.opts.Model, detail), advice, nil)
}

// isCloud reports whether a model's name is one of those that Ollama runs on
// its own machines: "gpt-oss:120b-cloud", "glm-4.6:cloud".
func isCloud(name string) bool {
	n := model.ParseName(strings.ToLower(withoutDigest(name)))
	return strings.HasSuffix(n.Model, "-cloud") || strings.Contains(n.Tag, "cloud")
}

func withoutDigest(name string) string {
	name, _, _ = strings.Cut(name, "@")
	return name
}

// contextLength finds "llama.context_length" and its like in a model's
// metadata.
func contextLength(info map[string]any) int {
	arch, _ := info["general.architecture"].(string)
	n, _ := info[arch+".context_length"].(float64)
	if n < 1 || n > 1<<30 {
		return 0
	}
	return int(n)
}
