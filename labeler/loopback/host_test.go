package loopback

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/ollama/ollama/envconfig"
)

var accepted = []struct{ in, want string }{
	{"", "http://127.0.0.1:11434"},
	{"  ", "http://127.0.0.1:11434"},
	{`""`, "http://127.0.0.1:11434"},
	{"127.0.0.1", "http://127.0.0.1:11434"},
	{"127.0.0.1:8080", "http://127.0.0.1:8080"},
	{"127.1.2.3:1", "http://127.1.2.3:1"},
	{"127.255.255.254", "http://127.255.255.254:11434"},
	{" '127.0.0.1' \n", "http://127.0.0.1:11434"},
	{":11434", "http://127.0.0.1:11434"},
	{":80", "http://127.0.0.1:80"},
	{"127.0.0.1:", "http://127.0.0.1:11434"},
	{"127.0.0.1:00080", "http://127.0.0.1:80"},
	{"0.0.0.0", "http://127.0.0.1:11434"},
	{"0.0.0.0:9", "http://127.0.0.1:9"},
	{"localhost", "http://localhost:11434"},
	{"LocalHost:5", "http://localhost:5"},
	{"localhost.", "http://localhost:11434"},
	{"ollama.localhost", "http://ollama.localhost:11434"},
	{"ip6-localhost:7", "http://ip6-localhost:7"},
	{"::1", "http://[::1]:11434"},
	{"[::1]", "http://[::1]:11434"},
	{"[::1]:", "http://[::1]:11434"},
	{"[::1]:65535", "http://[::1]:65535"},
	{"[0:0:0:0:0:0:0:1]:7", "http://[::1]:7"},
	{"::", "http://[::1]:11434"},
	{"[::]:7", "http://[::1]:7"},
	{"::ffff:127.0.0.1", "http://127.0.0.1:11434"},
	{"[::ffff:7f00:1]:7", "http://127.0.0.1:7"},
	{"[::ffff:0.0.0.0]", "http://127.0.0.1:11434"},
	{"http://127.0.0.1", "http://127.0.0.1:80"},
	{"https://127.0.0.1", "https://127.0.0.1:443"},
	{"HTTP://127.0.0.1:7", "http://127.0.0.1:7"},
	{"http://", "http://127.0.0.1:80"},
	{"http://[::1]:11434/", "http://[::1]:11434"},
	{"http://localhost:11434/ollama/", "http://localhost:11434/ollama"},
	{"localhost:11434/a/b", "http://localhost:11434/a/b"},
}

var refused = []string{
	// other machines
	"192.168.1.10", "10.0.0.1:11434", "8.8.8.8", "169.254.169.254", "[2001:db8::1]:11434", "fe80::1", "[::2]", "255.255.255.255",
	"128.0.0.1", "126.255.255.255", "1.0.0.127", "::ffff:8.8.8.8", "[64:ff9b::7f00:1]", "::127.0.0.1", "[2002:7f00:1::]",
	// names
	"ollama.com", "example.org:11434", "https://ollama.com", "localhost.example.org", "127.0.0.1.nip.io", "localtest.me", "localhostx",
	"xlocalhost", "x-localhost", "..localhost", ".localhost", "-", "host.docker.internal", "local host", "localhost..", "a_b.localhost",
	// numbers that some resolvers read as 127.0.0.1
	"2130706433", "017700000001", "0x7f000001", "0x7f.1", "0x7f.0.0.1", "127.1", "127.0.1", "0177.0.0.1", "127.0.0.01", "127.0.0.1.", "0", "0.0",
	"127.0.0.256", "127.0.0.1e0", "127.0.0.-1",
	// letters that look like others
	"127。0。0。1", "127．0．0．1", "１２７.0.0.1", "ⓛocalhost", "loc\u0430lhost", "127.0.0.1\u200b", "ʟocalhost",
	// users, escapes, zones
	"127.0.0.1@evil.com", "http://127.0.0.1@evil.com:80", "http://localhost:11434@evil.com", "user:secret@127.0.0.1", "http://a:b@localhost",
	"127.0.0.1%2f@evil.com", "evil.com#@127.0.0.1", "evil.com?127.0.0.1", "127.0.0.1#.evil.com", "127.0.0.1%00.evil.com", "127.0.0.1\\.evil.com",
	"evil.com\\@127.0.0.1", "fe80::1%eth0", "[::1%lo]:80", "::1%25lo", "127.0.0.1\n.evil.com", "127.0.0.1\x00", "127.0.0.1\t:80", "%6cocalhost",
	// other schemes, and things that look like one
	"ftp://127.0.0.1", "unix:///var/run/ollama.sock", "file:///etc/passwd", "javascript://127.0.0.1", "http:127.0.0.1", "http:/127.0.0.1",
	"//127.0.0.1@", "://127.0.0.1", "http://http://127.0.0.1", "https+insecure://127.0.0.1",
	// ports and brackets
	"127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+80", "127.0.0.1:http", "127.0.0.1:80:80", ":99999", "127.0.0.1:8 0", "[::1", "::1]",
	"[::1]x", "[]", "[]:80", "[::1]]", "[[::1]]", "127.0.0.1:0x50",
	// paths
	"localhost/../x", "localhost/./x", "localhost/a//b",
}

func TestParseHost(t *testing.T) {
	for _, c := range accepted {
		u, err := ParseHost(c.in)
		if err != nil {
			t.Errorf("ParseHost(%q): %v", c.in, err)
			continue
		}
		if got := u.String(); got != c.want {
			t.Errorf("ParseHost(%q) = %s, want %s", c.in, got, c.want)
		}
	}
}

func TestParseHostRefuses(t *testing.T) {
	for _, s := range refused {
		u, err := ParseHost(s)
		var le *Error
		if !errors.As(err, &le) {
			t.Errorf("ParseHost(%q) = %v, %v, want an *Error", s, u, err)
			continue
		}
		if le.Hint() == "" || strings.Contains(err.Error(), "secret") || strings.ContainsAny(err.Error(), "\n\x00") {
			t.Errorf("ParseHost(%q): error %q, hint %q", s, err, le.Hint())
		}
	}
}

// Whoever has OLLAMA_HOST set must reach the server that Ollama's own client
// would reach, or none.
func TestParseHostReadsAsOllamaDoes(t *testing.T) {
	for _, c := range accepted {
		t.Setenv("OLLAMA_HOST", c.in)
		theirs := envconfig.Host()
		ours, err := ParseHost(c.in)
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		if ours.Port() != theirs.Port() && strings.TrimLeft(theirs.Port(), "0") != ours.Port() {
			t.Errorf("%q: port %s, Ollama takes %s", c.in, ours.Port(), theirs.Port())
		}
		if !strings.EqualFold(ours.Scheme, theirs.Scheme) {
			t.Errorf("%q: scheme %s, Ollama takes %s", c.in, ours.Scheme, theirs.Scheme)
		}
		host := strings.Trim(theirs.Hostname(), "[]")
		if host == "" {
			host = "127.0.0.1"
		}
		if ips, err := Resolve(host); err != nil {
			t.Errorf("%q: Ollama's host %q is refused: %v", c.in, host, err)
		} else if mine, err := Resolve(ours.Hostname()); err != nil || mine[0] != ips[0] {
			t.Errorf("%q: leads to %v, Ollama's to %v (%v)", c.in, mine, ips, err)
		}
	}
}

func TestParseURL(t *testing.T) {
	for in, want := range map[string]string{"": "http://127.0.0.1:8080", "localhost": "http://localhost:8080", "[::1]/v1": "http://[::1]:8080/v1",
		"127.0.0.1:1234": "http://127.0.0.1:1234", "http://127.0.0.1/v1": "http://127.0.0.1:80/v1"} {
		if got, err := ParseURL(in, "8080"); err != nil || got.String() != want {
			t.Errorf("ParseURL(%q) = %v, %v", in, got, err)
		}
	}
	for _, s := range refused {
		var refusal *Error
		if got, err := ParseURL(s, "8080"); !errors.As(err, &refusal) {
			t.Errorf("ParseURL(%q) = %v, %v", s, got, err)
		}
	}
}

func FuzzParseHost(f *testing.F) {
	for _, c := range accepted {
		f.Add(c.in)
	}
	for _, s := range refused {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseHost(s)
		if err != nil {
			var le *Error
			if !errors.As(err, &le) {
				t.Fatalf("ParseHost(%q): %v is no *Error", s, err)
			}
			return
		}
		// What the HTTP client will dial, read by its own rules.
		req, err := http.NewRequest(http.MethodPost, u.JoinPath("/api/chat").String(), nil)
		if err != nil {
			t.Fatalf("ParseHost(%q) = %v, of which no request can be made: %v", s, u, err)
		}
		for _, host := range []string{u.Hostname(), req.URL.Hostname()} {
			ips, err := Resolve(host)
			if err != nil || len(ips) == 0 {
				t.Fatalf("ParseHost(%q) = %v: %q: %v", s, u, host, err)
			}
			for _, ip := range ips {
				if !ip.IsLoopback() {
					t.Fatalf("ParseHost(%q) = %v leads to %v", s, u, ip)
				}
			}
		}
		if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !ip.IsLoopback() {
			t.Fatalf("ParseHost(%q) = %v", s, u)
		}
		if _, err := parsePort(req.URL.Port()); err != nil {
			t.Fatalf("ParseHost(%q) = %v: %v", s, u, err)
		}
		if req.URL.User != nil || req.URL.RawQuery != "" || req.URL.Fragment != "" {
			t.Fatalf("ParseHost(%q) = %v", s, u)
		}
		// Another port is all that ParseURL may change.
		other, err := ParseURL(s, "8080")
		if err != nil || other.Hostname() != u.Hostname() || other.Path != u.Path || other.Port() != u.Port() && (u.Port() != "11434" || other.Port() != "8080") {
			t.Fatalf("ParseURL(%q) = %v, %v; ParseHost gives %v", s, other, err, u)
		}
		again, err := ParseHost(u.String())
		if err != nil || again.String() != u.String() {
			t.Fatalf("ParseHost(%q) = %v, and once more %v (%v)", s, u, again, err)
		}
	})
}
