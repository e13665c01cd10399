package ollamatest

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A Fault is what becomes of a response on its way.
type Fault int

// The faults.
const (
	None      Fault = iota // it arrives as the server sent it
	Replaced               // it arrives with another content, from Proxy.Content
	Delayed                // it arrives late, perhaps too late
	Cut                    // the connection ends in the middle
	Dropped                // the connection ends before the first byte
	Garbage                // bytes that are no response
	Status500              // an error in its place
	Status503              // "server busy"
	Dripping               // it arrives byte by byte
	Oversized              // it does not end
	faults
)

// Faults is how many there are.
const Faults = int(faults)

func (f Fault) String() string {
	return [...]string{"none", "replaced", "delayed", "cut", "dropped", "garbage", "500", "503", "dripping", "oversized"}[f]
}

// A Proxy stands between a client and a server, and puts faults into some of
// the responses.
type Proxy struct {
	URL string // of the proxy, on 127.0.0.1
	// Content makes the body of a response, or of an error, to the n-th request
	// of a run.
	Content func(n int) []byte

	t       testing.TB
	backend string
	server  *httptest.Server
	client  *http.Client

	mu       sync.Mutex
	random   *rand.Rand
	share    float64 // of the responses that get a fault
	pause    time.Duration
	requests int
	seen     [faults]int
	passed   []string // bodies that arrived whole, None or Replaced
	open     map[net.Conn]bool
}

// NewProxy starts a proxy before a server, "http://host:port", until the test
// ends.
func NewProxy(t testing.TB, backend string) *Proxy {
	t.Helper()
	p := &Proxy{t: t, backend: backend, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, open: make(map[net.Conn]bool)}
	p.server = httptest.NewUnstartedServer(http.HandlerFunc(p.serve))
	p.server.Config.ConnState = func(c net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			p.count(c, true)
		case http.StateClosed:
			p.count(c, false)
		}
	}
	p.server.Start()
	p.URL = p.server.URL
	t.Cleanup(p.server.Close)
	return p
}

func (p *Proxy) count(c net.Conn, open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if open {
		p.open[c] = true
	} else {
		delete(p.open, c)
	}
}

// Begin sets what the next run gets: the share of chats with a fault, and about
// how long a delay is.
func (p *Proxy) Begin(seed uint64, share float64, pause time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.random = rand.New(rand.NewPCG(seed, 1))
	p.share, p.pause = share, pause
	p.requests, p.passed = 0, nil
}

// Open is how many connections clients have to the proxy.
func (p *Proxy) Open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.open)
}

// Seen is how often each fault was put in, over all runs.
func (p *Proxy) Seen() map[Fault]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make(map[Fault]int)
	for f, n := range p.seen {
		out[Fault(f)] = n
	}
	return out
}

// Passed is the responses of this run that may have arrived whole, joined.
func (p *Proxy) Passed() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.passed, "\n")
}

// choose picks what happens to a request. Questions about the model get fewer
// faults than chats, for with one there is no chat.
func (p *Proxy) choose(path string) (f Fault, n int, at float64, pause time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	share := p.share
	if !strings.Contains(path, "chat") {
		share /= 10
	}
	f = None
	if p.random.Float64() < share {
		f = Fault(1 + p.random.IntN(Faults-1))
	}
	if f == Replaced && !strings.Contains(path, "chat") {
		f = None
	}
	p.seen[f]++
	n = p.requests
	p.requests++
	return f, n, p.random.Float64(), time.Duration(p.random.Float64() * 2 * float64(p.pause))
}

func (p *Proxy) serve(w http.ResponseWriter, r *http.Request) {
	fault, n, at, pause := p.choose(r.URL.Path)
	switch fault {
	case Status500, Status503:
		status := map[Fault]int{Status500: 500, Status503: 503}[fault]
		w.WriteHeader(status)
		p.write(w, []byte(`{"error":"the server is not well"}`))
		return
	case Dropped:
		p.hijack(w, nil)
		return
	case Replaced:
		body := p.Content(n)
		p.pass(body)
		p.write(w, body)
		return
	case Oversized:
		for range 1 << 10 { // 64 MiB, if the client would take them
			if _, err := w.Write(bytes.Repeat([]byte(" "), 64<<10)); err != nil {
				return
			}
		}
		return
	}
	status, body := p.ask(r)
	if body == nil {
		p.hijack(w, nil) // the client went away, or the server
		return
	}
	head := fmt.Appendf(nil, "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", status, len(body))
	switch fault {
	case Cut:
		whole := append(head, body...)
		p.hijack(w, whole[:int(at*float64(len(whole)))])
	case Garbage:
		p.hijack(w, []byte(strings.Repeat("\x00\xffHTTP/9 {\"label\":", 1+int(at*50))))
	case Dripping:
		p.pass(body)
		w.WriteHeader(status)
		for i := range body {
			if _, err := w.Write(body[i : i+1]); err != nil || r.Context().Err() != nil {
				return
			}
			w.(http.Flusher).Flush()
			time.Sleep(pause / 50)
		}
	default:
		if fault == Delayed {
			select {
			case <-time.After(pause):
			case <-r.Context().Done():
				return
			}
		}
		p.pass(body)
		w.WriteHeader(status)
		p.write(w, body)
	}
}

// ask passes a request on and returns the whole response, or nil.
func (p *Proxy) ask(r *http.Request) (int, []byte) {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, p.backend+r.URL.RequestURI(), r.Body)
	if err != nil {
		p.t.Error(err)
		return 0, nil
	}
	req.Header = r.Header.Clone()
	resp, err := p.client.Do(req)
	if err != nil {
		return 0, nil
	}
	body, err := io.ReadAll(resp.Body)
	if cerr := resp.Body.Close(); err != nil || cerr != nil {
		return 0, nil
	}
	return resp.StatusCode, body
}

func (p *Proxy) pass(body []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passed = append(p.passed, string(body))
}

// write sends what the client may not wait for.
func (p *Proxy) write(w io.Writer, body []byte) { _, _ = w.Write(body) }

// hijack takes the connection from the server, writes bytes and closes it.
func (p *Proxy) hijack(w http.ResponseWriter, raw []byte) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		p.t.Error(err)
		return
	}
	p.write(conn, raw)
	_ = conn.Close() // the client may have been quicker
	p.count(conn, false)
}
