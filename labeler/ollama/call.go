package ollama

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/ollama/ollama/api"

	"sheaf/labeler/loopback"
)

// A failure is a call that brought no answer. Its text never holds what the
// server said, for that may repeat the prompt.
type failure struct {
	why     string // "did not answer in time"
	retry   bool   // the same call may work in a moment
	fatal   bool   // no other call will work
	timeout bool   // it took all the time that a call may take
}

func (f *failure) Error() string { return f.why }

// errOverflow is a prompt that does not fit into the model's context.
var errOverflow = errors.New("the prompt is longer than the model's context")

const tries = 3 // of one call

// call sends a request, up to three times where the server is busy or the
// connection was lost, and all of them within the timeout of a call. The error
// is ctx's own, errOverflow or a *failure.
func (l *Labeler) call(outer context.Context, req *api.ChatRequest) (api.ChatResponse, error) {
	ctx, cancel := context.WithTimeout(outer, l.opts.Timeout)
	defer cancel()
	resp, err := l.callRepeatedly(ctx, req)
	switch {
	case outer.Err() != nil:
		return resp, outer.Err()
	case err != nil && ctx.Err() != nil:
		return resp, &failure{why: "did not answer in time", timeout: true}
	}
	return resp, err
}

func (l *Labeler) callRepeatedly(ctx context.Context, req *api.ChatRequest) (api.ChatResponse, error) {
	for try := 1; ; try++ {
		resp, err := l.callOnce(ctx, req)
		var f *failure
		if !errors.As(err, &f) || !f.retry || try == tries {
			return resp, err
		}
		wait := l.backoff
		for range try - 1 {
			wait *= 4
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return api.ChatResponse{}, ctx.Err()
		case <-timer.C:
		}
	}
}

func (l *Labeler) callOnce(ctx context.Context, req *api.ChatRequest) (api.ChatResponse, error) {
	var resp api.ChatResponse
	err := l.client.Chat(ctx, req, func(r api.ChatResponse) error {
		resp = r // one response, for Stream is false
		return nil
	})
	switch {
	case ctx.Err() != nil:
		return resp, ctx.Err()
	case err != nil:
		return resp, classify(err)
	case resp.RemoteHost != "" || resp.RemoteModel != "":
		return resp, &failure{why: "passes the texts on to another machine", fatal: true}
	case !resp.Done:
		// The client takes an answer that breaks off for the end of it.
		return resp, &failure{why: "lost the connection", retry: true}
	}
	return resp, nil
}

// classify says what an error of the client means.
func classify(err error) error {
	var refused *loopback.Error
	status, answered := statusOf(err)
	switch {
	case errors.As(err, &refused):
		return &failure{why: "redirects to another address, which is refused", fatal: true}
	case answered && isOverflow(err):
		return errOverflow
	case answered && status == http.StatusNotFound:
		return &failure{why: "has the model no longer", fatal: true}
	case answered && (status == http.StatusUnauthorized || status == http.StatusForbidden):
		return &failure{why: fmt.Sprintf("answers with status %d", status), fatal: true}
	case answered:
		busy := status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests ||
			status == http.StatusBadGateway || status == http.StatusGatewayTimeout
		return &failure{why: fmt.Sprintf("answers with status %d", status), retry: busy}
	case isRefused(err):
		return &failure{why: "does not listen any more", retry: true, fatal: true}
	}
	return &failure{why: "lost the connection or sent no valid response", retry: true}
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

// isRefused reports whether no connection came about. The errno of that has
// another value on Windows.
func isRefused(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// isOverflow knows the messages of Ollama's two runners for a prompt that is
// too long, where it was told not to cut it.
func isOverflow(err error) bool {
	var se api.StatusError
	return errors.As(err, &se) && se.StatusCode == http.StatusBadRequest &&
		strings.Contains(se.ErrorMessage, "context") && strings.Contains(se.ErrorMessage, "exceed")
}
