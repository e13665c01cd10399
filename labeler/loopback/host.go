package loopback

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// The ports that [ParseHost] puts in where none is given.
const (
	ollamaPort = "11434"
	httpPort   = "80"
	httpsPort  = "443"
)

// ParseHost reads an address in the forms that OLLAMA_HOST has: "host",
// "host:port", ":port", "scheme://host:port/path", IPv6 literals with or
// without brackets, and nothing at all for 127.0.0.1:11434. As in Ollama
// itself the port is 11434 where neither scheme nor port is given, and the
// scheme's own where only the scheme is.
//
// The URL it returns has a port and leads to this machine; 0.0.0.0 and [::]
// have become loopback addresses. Whatever leads elsewhere, or might be read
// differently by somebody else (user names, escapes, zones, numbers such as
// 2130706433 or 0x7f.1, letters beyond ASCII), gives an [*Error].
func ParseHost(s string) (*url.URL, error) { return parse(s, ollamaPort) }

// ParseURL reads an address as [ParseHost] does, for a server whose port is
// another one where neither scheme nor port is given.
func ParseURL(s, port string) (*url.URL, error) { return parse(s, port) }

func parse(s, ownPort string) (*url.URL, error) {
	// Shells and unit files leave quotes behind; Ollama takes them off too.
	s = strings.TrimSpace(strings.Trim(strings.TrimSpace(s), `"'`))
	if strings.Contains(s, "@") {
		// Not shown: what stands before the sign may be a password.
		return nil, &Error{s[strings.LastIndex(s, "@")+1:], "it has a user name"}
	}
	for _, r := range s {
		if r > unicode.MaxASCII || unicode.IsControl(r) || strings.ContainsRune(` \%?#"'<>|^`+"`{}", r) {
			return nil, &Error{s, "it has a character that no plain address has"}
		}
	}

	scheme, rest, found := strings.Cut(s, "://")
	port := ownPort
	if found {
		scheme = strings.ToLower(scheme)
		switch scheme {
		case "http":
			port = httpPort
		case "https":
			port = httpsPort
		default:
			return nil, &Error{s, "the scheme is neither http nor https"}
		}
	} else {
		scheme, rest = "http", s
	}

	hostport, path, _ := strings.Cut(rest, "/")
	host, given, err := net.SplitHostPort(hostport)
	if err != nil { // no port
		host, given = hostport, ""
		if inner, ok := strings.CutPrefix(host, "["); ok {
			if inner, ok = strings.CutSuffix(inner, "]"); !ok {
				return nil, &Error{s, "a bracket is not closed"}
			}
			host = inner
		}
	}
	if given != "" {
		n, err := parsePort(given)
		if err != nil {
			return nil, &Error{s, err.Error()}
		}
		port = strconv.Itoa(int(n))
	}
	if host == "" {
		if hostport != "" && hostport[0] != ':' {
			return nil, &Error{s, "the brackets are empty"}
		}
		host = "127.0.0.1"
	}
	ips, err := Resolve(host)
	if err != nil {
		return nil, err
	}
	if _, err := netip.ParseAddr(host); err == nil {
		host = ips[0].String()
	} else {
		host = strings.ToLower(strings.TrimSuffix(host, "."))
	}

	u := &url.URL{Scheme: scheme, Host: net.JoinHostPort(host, port)}
	if path = strings.Trim(path, "/"); path != "" {
		for part := range strings.SplitSeq(path, "/") {
			if part == "" || part == "." || part == ".." || !plainPart(part) {
				return nil, &Error{s, "the path is not plain"}
			}
		}
		u.Path = "/" + path
	}
	return u, nil
}

// plainPart reports whether a part of a path needs no escapes.
func plainPart(s string) bool {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
	return strings.Trim(s, plain) == ""
}
