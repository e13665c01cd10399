package loopback

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// noResolver makes every look-up of a name fail the test.
func noResolver(t *testing.T) {
	t.Helper()
	old := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		t.Error("a name was looked up")
		return nil, errors.New("no resolver here")
	}}
	t.Cleanup(func() { net.DefaultResolver = old })
}

// greeter starts a server on 127.0.0.1 and returns its port.
func greeter(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestClientReachesThisMachine(t *testing.T) {
	noResolver(t)
	port := greeter(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	c := Client(Options{})
	defer c.CloseIdleConnections()
	for _, host := range []string{"127.0.0.1", "localhost", "LOCALHOST", "a.b.localhost", "0.0.0.0", "[::ffff:127.0.0.1]", "[::]"} {
		resp, err := c.Get("http://" + host + ":" + port)
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		body, err := io.ReadAll(resp.Body)
		if cerr := resp.Body.Close(); err != nil || cerr != nil || string(body) != "hello" {
			t.Errorf("%s: %q, %v, %v", host, body, err, cerr)
		}
	}
}

func TestClientRefusesOtherMachines(t *testing.T) {
	noResolver(t)
	c := Client(Options{})
	for _, u := range []string{
		"http://192.0.2.1", "http://example.org/x", "https://ollama.com/api/chat", "http://[2001:db8::1]:11434", "http://2130706433",
		"http://0x7f.1", "http://127.1", "http://localhost.example.org", "http://127.0.0.1:0", "http://[fe80::1%25lo]",
	} {
		resp, err := c.Get(u)
		var le *Error
		if !errors.As(err, &le) {
			t.Errorf("%s: %v, %v", u, resp, err)
		}
	}
}

func TestClientRefusesRedirects(t *testing.T) {
	noResolver(t)
	for _, target := range []string{
		"http://192.0.2.1/", "http://example.org/", "https://ollama.com/api/chat", "//example.org", "http://127.0.0.1@example.org/",
		"http://user@127.0.0.1/", "ftp://127.0.0.1/", "http://2130706433/", "http://[::ffff:8.8.8.8]/",
	} {
		for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
			port := greeter(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", target)
				w.WriteHeader(status)
			})
			c := Client(Options{})
			resp, err := c.Post("http://127.0.0.1:"+port, "text/plain", strings.NewReader("a note"))
			var le *Error
			if !errors.As(err, &le) {
				t.Errorf("%d to %s: %v, %v", status, target, resp, err)
			}
			c.CloseIdleConnections()
		}
	}
}

// Another server of this machine was not asked for either.
func TestClientRefusesRedirectsOnThisMachine(t *testing.T) {
	reached := make(chan struct{}, 1)
	there := greeter(t, func(http.ResponseWriter, *http.Request) { reached <- struct{}{} })
	for _, target := range []string{"http://localhost:" + there, "http://127.0.0.1:" + there + "/a%20note", "/elsewhere"} {
		here := greeter(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				reached <- struct{}{}
			}
			w.Header().Set("Location", target)
			w.WriteHeader(http.StatusTemporaryRedirect)
		})
		c := Client(Options{})
		resp, err := c.Post("http://127.0.0.1:"+here, "text/plain", strings.NewReader("a note"))
		var le *Error
		if !errors.As(err, &le) || !strings.Contains(le.Hint(), "redirect") || strings.Contains(le.Error(), "note") {
			t.Errorf("to %s: %v, %v", target, resp, err)
		}
		c.CloseIdleConnections()
	}
	select {
	case <-reached:
		t.Error("a redirect was followed")
	default:
	}
	if h := (&Error{"example.org", "it is not a loopback address"}).Hint(); strings.Contains(h, "redirect") {
		t.Errorf("hint %q", h)
	}
}

func TestClientUsesNoProxy(t *testing.T) {
	proxied := false
	port := greeter(t, func(http.ResponseWriter, *http.Request) { proxied = true })
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		t.Setenv(name, "http://127.0.0.1:"+port)
	}
	c := Client(Options{})
	if c.Transport.(*transport).Proxy != nil {
		t.Error("the transport has a proxy function")
	}
	var le *Error
	if _, err := c.Get("http://192.0.2.1/"); !errors.As(err, &le) || proxied {
		t.Errorf("error %v, proxied %v", err, proxied)
	}
}

func TestClientBoundsBodies(t *testing.T) {
	port := greeter(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, strings.Repeat("x", 1000)) })
	for _, c := range []struct {
		max  int64
		want int
		err  error
	}{{1000, 1000, nil}, {2000, 1000, nil}, {999, 999, ErrTooLarge}, {1, 1, ErrTooLarge}, {0, 1000, nil}} {
		client := Client(Options{MaxBody: c.max})
		resp, err := client.Get("http://127.0.0.1:" + port)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if !errors.Is(err, c.err) || len(body) != c.want {
			t.Errorf("at most %d bytes: %d were read, %v", c.max, len(body), err)
		}
		if _, err := resp.Body.Read(make([]byte, 1)); c.err != nil && !errors.Is(err, ErrTooLarge) {
			t.Errorf("at most %d bytes: reading on gives %v", c.max, err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		client.CloseIdleConnections()
	}
}

func TestDialContext(t *testing.T) {
	noResolver(t)
	port := greeter(t, func(http.ResponseWriter, *http.Request) {})
	for _, c := range []struct {
		network, addr string
		ok            bool
	}{
		{"tcp", "127.0.0.1:" + port, true},
		{"tcp4", "localhost:" + port, true},
		{"tcp", "0.0.0.0:" + port, true},
		{"tcp6", "127.0.0.1:" + port, false},
		{"udp", "127.0.0.1:" + port, false},
		{"unix", "/run/ollama.sock", false},
		{"tcp", "127.0.0.1", false},
		{"tcp", "127.0.0.1:http", false},
		{"tcp", "127.0.0.1:0", false},
		{"tcp", "example.org:" + port, false},
		{"tcp", ":" + port, false},
		{"tcp", "", false},
	} {
		conn, err := DialContext(t.Context(), c.network, c.addr)
		var le *Error
		switch {
		case c.ok && err != nil, !c.ok && !errors.As(err, &le):
			t.Errorf("%s %s: %v", c.network, c.addr, err)
		case err == nil:
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
		}
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var le *Error
	if _, err := DialContext(t.Context(), "tcp", closed); err == nil || errors.As(err, &le) {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestCheckSocket(t *testing.T) {
	for addr, ok := range map[string]bool{
		"127.0.0.1:80": true, "[::1]:80": true, "[::ffff:127.0.0.1]:80": true,
		"192.0.2.1:80": false, "[2001:db8::1]:80": false, "0.0.0.0:80": false, "localhost:80": false, "": false,
	} {
		if err := checkSocket(t.Context(), "tcp", addr, nil); (err == nil) != ok {
			t.Errorf("%q: %v", addr, err)
		}
	}
}
