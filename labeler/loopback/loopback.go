// Package loopback opens connections to this machine and to nothing else.
//
// It is the one dialer of the program: whoever talks to a local server does so
// through [Client] or [DialContext]. An address counts as local when it is a
// loopback address or one of the few names that always mean one. No name is
// ever looked up, so that neither a DNS server nor a hosts file can make an
// address look local, and no proxy is used, whatever the environment says.
package loopback

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// An Error is an address that was refused. Nothing was sent to it.
type Error struct {
	Addr   string // as it was asked for, without user and password
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("address %q refused: %s", e.Addr, e.Reason) }

// reasonRedirect is that of every redirect.
const reasonRedirect = "the server redirects there, and no redirect is followed"

// Hint says what would be accepted.
func (e *Error) Hint() string {
	if e.Reason == reasonRedirect {
		return "see what listens at the address you gave, and give the server's own, to which nothing has to be redirected"
	}
	return "only this machine is contacted: use 127.0.0.1, [::1] or localhost, with the server's port"
}

// ErrTooLarge is what reading a response body returns when it is longer than
// Options.MaxBody.
var ErrTooLarge = errors.New("response is too large")

// Options are the settings of a [Client]. The zero value works.
type Options struct {
	DialTimeout time.Duration // for opening one connection; 0 means 2 seconds
	MaxBody     int64         // bytes of a response that are read at most; 0 means 16 MiB
}

const (
	defaultDialTimeout = 2 * time.Second
	defaultMaxBody     = 16 << 20
)

// Client returns an HTTP client that reaches this machine only. Every dial is
// checked, every redirect is an [*Error], one to this machine too, and no proxy
// is asked. The client has no
// timeout of its own for a whole request: give each request a context.
func Client(opts Options) *http.Client {
	if opts.DialTimeout <= 0 {
		opts.DialTimeout = defaultDialTimeout
	}
	if opts.MaxBody <= 0 {
		opts.MaxBody = defaultMaxBody
	}
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, opts.DialTimeout)
		defer cancel()
		return DialContext(ctx, network, addr)
	}
	return &http.Client{
		Transport: &transport{
			Transport: &http.Transport{
				Proxy:                  nil, // HTTP_PROXY and its kin would carry the texts elsewhere
				DialContext:            dial,
				DisableCompression:     true, // nothing is gained, and MaxBody counts what arrives
				MaxResponseHeaderBytes: 64 << 10,
				MaxIdleConnsPerHost:    8,
				IdleConnTimeout:        30 * time.Second,
				TLSHandshakeTimeout:    opts.DialTimeout,
			},
			maxBody: opts.MaxBody,
		},
		CheckRedirect: refuseRedirect,
	}
}

// DialContext connects to addr, "host:port", if the host is this machine; see
// [Resolve]. Any other address gives an [*Error] before anything is sent.
// network is "tcp", "tcp4" or "tcp6". It has the signature that http.Transport
// wants.
func DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return nil, &Error{addr, "the network is not TCP"}
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, &Error{addr, "it is not host:port"}
	}
	if _, err := parsePort(port); err != nil {
		return nil, &Error{addr, err.Error()}
	}
	ips, err := Resolve(host)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{ControlContext: checkSocket}
	var errs []error
	for _, ip := range ips {
		if network == "tcp4" && !ip.Is4() || network == "tcp6" && !ip.Is6() {
			continue
		}
		conn, err := d.DialContext(ctx, network, net.JoinHostPort(ip.String(), port))
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return nil, &Error{addr, "it has no address of the network " + network}
	}
	return nil, errors.Join(errs...)
}

// NotListening reports whether an error means that no connection came about.
// The errno of that has another value on Windows.
func NotListening(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// checkSocket is the last look: the address that the system is about to
// connect to.
func checkSocket(_ context.Context, _, addr string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(addr)
	if err != nil || !ap.Addr().Unmap().IsLoopback() {
		return &Error{addr, "it is not a loopback address"}
	}
	return nil
}

// Resolve returns the loopback addresses that a host, a name or an IP literal
// without brackets, stands for, the one to try first in front. It asks no
// resolver: "localhost", names below it, "ip6-localhost" and "ip6-loopback"
// are the names it knows. The unspecified addresses 0.0.0.0 and :: are read
// as loopback, for they stand in settings of servers that listen everywhere.
func Resolve(host string) ([]netip.Addr, error) {
	v4, v6 := netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()
	if ip, err := netip.ParseAddr(host); err == nil {
		switch {
		case ip.Zone() != "":
			return nil, &Error{host, "it has a zone"}
		case ip.Unmap().IsLoopback():
			return []netip.Addr{ip.Unmap()}, nil
		case ip.Unmap() == netip.IPv4Unspecified():
			return []netip.Addr{v4, v6}, nil
		case ip == netip.IPv6Unspecified():
			return []netip.Addr{v6, v4}, nil
		}
		return nil, &Error{host, "it is not a loopback address"}
	}
	switch name := strings.ToLower(strings.TrimSuffix(host, ".")); {
	case name == "localhost", strings.HasSuffix(name, ".localhost") && isHostname(name):
		return []netip.Addr{v4, v6}, nil
	case name == "ip6-localhost", name == "ip6-loopback":
		return []netip.Addr{v6}, nil
	}
	return nil, &Error{host, "it is neither a loopback address nor localhost, and no other name is looked up"}
}

// isHostname reports whether a name in lower case is made of letters, digits
// and hyphens between dots.
func isHostname(name string) bool {
	if len(name) > 253 {
		return false
	}
	for part := range strings.SplitSeq(name, ".") {
		if part == "" || len(part) > 63 || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}

func parsePort(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, errors.New("the port is not a number from 1 to 65535")
	}
	return uint16(n), nil
}

// refuseRedirect keeps what was meant for one server from another. Only the
// host is told: the rest of the address is the server's to choose, and may
// repeat what it was sent.
func refuseRedirect(req *http.Request, _ []*http.Request) error {
	return &Error{req.URL.Host, reasonRedirect}
}

// transport bounds the bodies of responses, for a client of an API reads
// them whole.
type transport struct {
	*http.Transport
	maxBody int64
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.Transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	resp.Body = &boundedBody{resp.Body, t.maxBody}
	return resp, nil
}

type boundedBody struct {
	io.ReadCloser
	left int64 // bytes that may still be read; below zero when there were more
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	// One byte more than allowed tells a body of the full length from a longer one.
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n - 1, ErrTooLarge
	}
	return n, err
}
