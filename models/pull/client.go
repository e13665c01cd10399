// Package pull gets models and the ONNX Runtime library from the network.
//
// It holds the one HTTP client of the program that reaches beyond loopback,
// and is imported by the commands models pull and runtime pull alone. What
// arrives is compared with a digest before it gets its name; what was cut goes
// on where it ended.
package pull

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sheaf/models"
)

// Options are optional but for Store.Home; the zero value of each field works.
type Options struct {
	Store models.Store
	// Getenv is os.Getenv but in tests. HF_ENDPOINT, HF_TOKEN and
	// SHEAF_RUNTIME_BASE are looked at; the proxy is the environment's own.
	Getenv func(string) string

	Precision string // [models.Full] or [models.Int8]; "" means full
	File      string // the ONNX graph to take, by its path in the repository; "" chooses it
	Revision  string // a branch, tag or commit; "" means the catalogue's, else main

	// Progress, where it is not nil, is called with how many bytes of a file
	// are here. Calls do not overlap.
	Progress func(file string, done, total int64)
	// Note, where it is not nil, is given a line for the user.
	Note func(line string)

	Stall   time.Duration // how long a server may send nothing; 0 means a minute
	Retries int           // how often in a row a transfer goes on after a fault; 0 means 5, below 0 never
	Pause   time.Duration // before the first retry, doubled with each; 0 means a second

	create createFunc // in tests, a disk that is full
}

const (
	defaultStall   = time.Minute
	defaultRetries = 5
	defaultPause   = time.Second
)

func (o *Options) fill() {
	if o.Stall <= 0 {
		o.Stall = defaultStall
	}
	if o.Retries == 0 {
		o.Retries = defaultRetries
	}
	if o.Pause <= 0 {
		o.Pause = defaultPause
	}
	if o.create == nil {
		o.create = openPartial
	}
}

func (o *Options) note(format string, args ...any) {
	if o.Note != nil {
		o.Note(fmt.Sprintf(format, args...))
	}
}

// An Error is why something could not be got.
type Error struct {
	What   string // the address or the model
	Err    error
	Advice string
}

func (e *Error) Error() string { return e.What + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *Error) Hint() string { return e.Advice }

const (
	adviceAgain    = "run the same command again: it goes on where it ended"
	adviceMismatch = "do not use the file; try again later, or from another network, and report it where the file comes from if it stays so"
)

// advices are the hints that differ from server to server.
type advices struct {
	user    string // the address has a user name
	refused string // the server wants to know who asks, or does not answer everybody
	address string // there is no such thing
}

// A StatusError is an answer of a server that is no success.
type StatusError struct {
	Code   int
	Status string
	after  time.Duration // what Retry-After asks for
}

func (e *StatusError) Error() string { return "the server answers " + e.Status }

// ErrNoDigest says that a server names no digest for a file, so that the
// file cannot be checked and is not taken.
var ErrNoDigest = errors.New("the server names no digest to check the file by")

var errCut = errors.New("the server ended the transfer too early")

// ErrMismatch is inside the error for a file that is not the one it should be.
var ErrMismatch = errors.New("not the file that it should be")

// maxRedirects is as in net/http.
const maxRedirects = 10

// A client talks to one server, and follows where it redirects to.
type client struct {
	http  *http.Client
	base  *url.URL
	token string // goes to the host of base alone
	hints advices
	stall time.Duration
}

// newClient makes the client for a server's address. The proxy of the
// environment is used: here, and nowhere else in the program.
func newClient(address, token string, hints advices, stall time.Duration) (*client, error) {
	base, err := url.Parse(strings.TrimSuffix(address, "/"))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, &Error{address, errors.New("is no address of a server"), "give it as https://host"}
	}
	if base.User != nil {
		return nil, &Error{base.Redacted(), errors.New("has a user name"), hints.user}
	}
	if token != "" && base.Scheme == "http" && !isLoopback(base.Hostname()) {
		return nil, &Error{address, errors.New("a token would go over the network in the clear"), "use an https address, or unset HF_TOKEN"}
	}
	dialer := net.Dialer{Timeout: 30 * time.Second}
	return &client{
		base: base, token: token, hints: hints, stall: stall,
		http: &http.Client{
			Transport: &http.Transport{
				Proxy:                  http.ProxyFromEnvironment,
				DialContext:            dialer.DialContext,
				DisableCompression:     true, // lengths and offsets count what is in the file
				ForceAttemptHTTP2:      true,
				MaxResponseHeaderBytes: 256 << 10,
				TLSHandshakeTimeout:    30 * time.Second,
				ResponseHeaderTimeout:  stall,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// close lets go of the connections that are kept open.
func (c *client) close() { c.http.CloseIdleConnections() }

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// do sends a request and follows redirects. The token goes to the server's
// own host alone, and no redirect leads from https to http. With ownHost a
// redirect to another host is not followed but returned.
func (c *client) do(ctx context.Context, method, address string, header http.Header, ownHost bool) (*http.Response, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	for range maxRedirects {
		req, err := http.NewRequestWithContext(ctx, method, u.String(), nil)
		if err != nil {
			return nil, err
		}
		if header != nil {
			req.Header = header.Clone()
		}
		req.Header.Set("User-Agent", "sheaf")
		req.Header.Set("Accept-Encoding", "identity")
		own := u.Scheme == c.base.Scheme && u.Host == c.base.Host
		if c.token != "" && own {
			req.Header.Set("Authorization", "Bearer "+c.token)
		}
		resp, err := c.http.Do(req)
		if err != nil {
			return nil, err
		}
		switch resp.StatusCode {
		case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		default:
			return resp, nil
		}
		next, err := resp.Location()
		if err != nil {
			resp.Body.Close()
			return nil, fmt.Errorf("a redirect of %s leads nowhere: %w", u.Host, err)
		}
		if ownHost && next.Host != u.Host {
			return resp, nil
		}
		resp.Body.Close()
		if next.Scheme != "https" && (next.Scheme != "http" || u.Scheme == "https") {
			return nil, fmt.Errorf("a redirect from %s to %s is refused: it leaves https", u.Host, next.Host)
		}
		u = next
	}
	return nil, fmt.Errorf("more than %d redirects", maxRedirects)
}

// get returns a small document. A fault of the network or of the server is
// tried again.
func (c *client) get(ctx context.Context, address string, limit int64, opts *Options) ([]byte, error) {
	var body []byte
	err := retry(ctx, opts, func() (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, c.stall)
		defer cancel()
		resp, err := c.do(ctx, http.MethodGet, address, nil, false)
		if err != nil {
			return false, err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return false, statusError(resp)
		}
		body, err = io.ReadAll(io.LimitReader(resp.Body, limit+1))
		if err == nil && int64(len(body)) > limit {
			return false, &finalError{fmt.Errorf("the answer is longer than %d bytes", limit)}
		}
		return false, err
	})
	if err != nil {
		return nil, c.explain(address, err)
	}
	return body, nil
}

func statusError(resp *http.Response) *StatusError {
	e := &StatusError{Code: resp.StatusCode, Status: resp.Status}
	if s, err := time.ParseDuration(resp.Header.Get("Retry-After") + "s"); err == nil && s > 0 {
		e.after = min(s, 30*time.Second)
	}
	return e
}

// A finalError is not tried again.
type finalError struct{ error }

func (e *finalError) Unwrap() error { return e.error }

// retry calls try until it succeeds, fails for good, or has failed too often
// in a row. try says whether it got further before it failed.
func retry(ctx context.Context, opts *Options, try func() (bool, error)) error {
	pause := opts.Pause
	for failed := 0; ; {
		further, err := try()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if further {
			failed, pause = 0, opts.Pause
		}
		failed++
		if failed > opts.Retries || !temporary(err) {
			return err
		}
		wait := pause
		var status *StatusError
		if errors.As(err, &status) {
			wait = max(wait, status.after)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
		pause *= 2
	}
}

// temporary says whether a fault may pass.
func temporary(err error) bool {
	var status *StatusError
	if errors.As(err, &status) {
		return status.Code == http.StatusTooManyRequests || status.Code == http.StatusRequestTimeout || status.Code >= 500
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return false
	}
	var final *finalError
	return !errors.As(err, &final)
}

// explain adds to an error what the user can do about it.
func (c *client) explain(what string, err error) error {
	var known *Error
	if errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	if disk := (*diskError)(nil); errors.As(err, &disk) {
		return &Error{what, disk.error, disk.Hint()}
	}
	// net/http repeats the method and the address, which may be a long one
	// with a signature in it.
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	advice := "check the network; " + adviceAgain
	var status *StatusError
	var final *finalError
	switch {
	case errors.As(err, &status):
		switch status.Code {
		case http.StatusUnauthorized, http.StatusForbidden:
			advice = c.hints.refused
		case http.StatusNotFound, http.StatusGone:
			advice = c.hints.address
		case http.StatusTooManyRequests:
			advice = "wait a while; " + adviceAgain
		}
	case errors.Is(err, context.DeadlineExceeded):
		err = fmt.Errorf("the server sent nothing for %s", c.stall)
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = errCut
	case errors.Is(err, ErrMismatch):
		advice = adviceMismatch
	case errors.As(err, &final):
		advice = c.hints.address
	}
	return &Error{what, err, advice}
}
