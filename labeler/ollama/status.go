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

	"sheaf/labeler/loopback"
)

// What can be wrong with a server or a model; see [Labeler.Available].
var (
	ErrNoServer = errors.New("no Ollama server")
	ErrNoModel  = errors.New("model not found")
	ErrRemote   = errors.New("model is not on this machine")
)

// An Error is a server or a model that cannot be used. errors.Is tells which
// of ErrNoServer, ErrNoModel and ErrRemote it is.
type Error struct {
	Kind   error
	Detail string
	hint   string
	cause  error
}

func (e *Error) Error() string { return "ollama: " + e.Detail }

// Hint says what the user can do about it.
func (e *Error) Hint() string { return e.hint }

// Unwrap gives the kind and, where there is one, what caused it.
func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.cause}
}

// Status is what a server says about the model.
type Status struct {
	Server   string // host:port
	Model    string
	Digest   string // "sha256:…"; "" where the server does not tell
	Context  int    // tokens the model was made for; 0 where the server does not tell
	Thinking bool   // it can think before it answers
}

// Available asks whether the server answers and has the model, and whether
// the model runs on this machine. It sends no text of the user's, and takes
// two seconds at most. The error is ctx's own or an [*Error].
func (l *Labeler) Available(ctx context.Context) (Status, error) {
	st := Status{Server: l.server, Model: l.opts.Model}
	if isCloud(l.opts.Model) {
		return st, l.remote("the name says so")
	}
	probe, cancel := context.WithTimeout(ctx, l.probeTimeout)
	defer cancel()
	defer l.http.CloseIdleConnections()

	show, err := l.client.Show(probe, &api.ShowRequest{Model: l.opts.Model})
	if ctx.Err() != nil {
		return st, ctx.Err()
	}
	if err != nil {
		return st, l.showError(probe, err)
	}
	if show.RemoteHost != "" || show.RemoteModel != "" {
		return st, l.remote("the server passes it on to " + cmp.Or(show.RemoteHost, show.RemoteModel))
	}
	st.Context = contextLength(show.ModelInfo)
	st.Thinking = slices.Contains(show.Capabilities, model.CapabilityThinking)

	// Show has no digest; the list of models has. A server without it is no
	// reason to do without the model.
	list, err := l.client.List(probe)
	if ctx.Err() != nil {
		return st, ctx.Err()
	}
	if err != nil {
		return st, nil
	}
	want := model.ParseName(withoutDigest(l.opts.Model))
	for _, m := range list.Models {
		if !model.ParseName(m.Name).EqualFold(want) {
			continue
		}
		if m.RemoteHost != "" || m.RemoteModel != "" {
			return st, l.remote("the server passes it on to " + cmp.Or(m.RemoteHost, m.RemoteModel))
		}
		st.Digest = m.Digest
		if st.Digest != "" && !strings.Contains(st.Digest, ":") {
			st.Digest = "sha256:" + st.Digest
		}
	}
	return st, nil
}

// showError says what a failed request about the model means.
func (l *Labeler) showError(ctx context.Context, err error) error {
	var refused *loopback.Error
	if errors.As(err, &refused) {
		return &Error{ErrNoServer, fmt.Sprintf("no server at %s: it leads elsewhere: %v", l.server, refused), refused.Hint(), refused}
	}
	status, answered := statusOf(err)
	switch {
	case status == http.StatusForbidden:
		// What a server with its cloud switched off says of a model that is not here.
		return l.remote("the server says that it is not available here")
	case status == http.StatusNotFound:
		// Any web server answers 404; one that lists its models is Ollama.
		if _, err := l.client.List(ctx); err == nil {
			return &Error{ErrNoModel, fmt.Sprintf("the server at %s has no model %s", l.server, l.opts.Model),
				"run: ollama pull " + l.opts.Model, nil}
		}
		return l.noServer("what listens there is not Ollama", adviceOther, err)
	case answered && status >= http.StatusInternalServerError:
		return l.noServer(fmt.Sprintf("it answers with status %d", status), "look at the server's log, or start it again", err)
	case answered:
		return l.noServer(fmt.Sprintf("it answers with status %d", status), adviceOther, err)
	case errors.Is(err, context.DeadlineExceeded):
		return l.noServer("it does not answer in time", "see whether it is busy, and wait or start it again", err)
	case isRefused(err):
		return l.noServer("nobody listens there", "start it with: ollama serve", err)
	}
	return l.noServer("it does not answer as Ollama does", adviceOther, err)
}

// adviceOther is what to do about a server that is not Ollama.
const adviceOther = "see what listens there, and give the address of Ollama, by itself 127.0.0.1:11434"

func (l *Labeler) noServer(detail, advice string, cause error) error {
	return &Error{ErrNoServer, fmt.Sprintf("no server at %s: %s", l.server, detail), advice, cause}
}

func (l *Labeler) remote(detail string) error {
	advice := "choose a model that was pulled in full, such as " + defaultModel
	if model.ParseName(withoutDigest(l.opts.Model)).EqualFold(model.ParseName(defaultModel)) {
		// It is one that only has the name.
		advice = "pull it in full with: ollama pull " + defaultModel
	}
	return &Error{ErrRemote, fmt.Sprintf("model %s does not run on this machine: %s", l.opts.Model, detail), advice, nil}
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
