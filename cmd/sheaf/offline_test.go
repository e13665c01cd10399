//go:build linux

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sheaf/engine/onnx"
	"sheaf/internal/testchats"
	"sheaf/internal/testmodel"
)

// The offline test runs the real program in a network namespace that has
// loopback alone, under a trace of its system calls, and looks at every
// socket, every address and every file that belongs to name look-up.

// offlineRuns are the command lines that are watched. Every command of sheaf
// but an explicit pull belongs here.
var offlineRuns = []struct {
	name  string
	args  []string
	env   []string
	stdin string
	exit  int
	dials bool // it has to try loopback, and so shows that the trace sees it
}{
	{name: "notes", args: []string{"notes", "NOTES"}, dials: true},
	{name: "notes from stdin as json", args: []string{"notes", "--json", "-k", "3"}, stdin: "NOTES", dials: true},
	{name: "notes by keywords", args: []string{"notes", "--labeler", "keywords", "-o", "OUT.md", "NOTES"}},
	{name: "notes without labels", args: []string{"notes", "--labeler", "none", "NOTES"}},
	{name: "notes with Ollama that is not there", args: []string{"notes", "--labeler", "ollama", "NOTES"}, exit: exitIncomplete, dials: true},
	{name: "notes with a remote Ollama", args: []string{"notes", "--ollama-host", "http://192.0.2.1:11434", "NOTES"}, exit: exitFailed},
	{name: "notes with a named Ollama", args: []string{"notes", "--labeler", "ollama", "--ollama-host", "ollama.example", "NOTES"}, exit: exitFailed},
	{name: "notes with OLLAMA_HOST elsewhere", args: []string{"notes", "NOTES"}, env: []string{"OLLAMA_HOST=ollama.example:11434", "HTTP_PROXY=http://192.0.2.1:3128"}},
	{name: "notes with localhost by name", args: []string{"notes", "--ollama-host", "localhost", "NOTES"}, dials: true},
	{name: "notes with another local server", args: []string{"notes", "--labeler", "openai", "NOTES"}, env: []string{"SHEAF_API_KEY=x", "OPENAI_API_KEY=y", "OPENAI_BASE_URL=http://192.0.2.1/v1"}, exit: exitIncomplete, dials: true},
	{name: "notes with a remote endpoint", args: []string{"notes", "--labeler", "openai", "--base-url", "https://api.openai.com/v1", "NOTES"}, env: []string{"OPENAI_API_KEY=y"}, exit: exitFailed},
	{name: "notes with a transformer", args: []string{"notes", "--model", "MODEL", "--labeler", "none", "-k", "3", "NOTES"}},
	{name: "notes with near duplicates", args: []string{"notes", "--near-duplicates", "0.97", "--labeler", "none", "NOTES"}},
	{name: "notes with outliers", args: []string{"notes", "--outliers", "--labeler", "none", "NOTES"}},
	{name: "notes that go on from earlier ones", args: []string{"notes", "--labels-from", "RESULT", "NOTES"}, dials: true},
	{name: "assign", args: []string{"assign", "RESULT", "NOTES"}},
	{name: "assign with an update", args: []string{"assign", "--update", "--fit", "0.01", "RESULT", "LICENSE"}, dials: true},
	{name: "chats", args: []string{"chats", "CONVERSATIONS"}, dials: true},
	{name: "chats by keywords", args: []string{"chats", "--labeler", "keywords", "--min-conversations", "1", "-o", "OUT.json", "CONVERSATIONS"}},
	{name: "chats with Ollama that is not there", args: []string{"chats", "--labeler", "ollama", "CONVERSATIONS"}, exit: exitIncomplete, dials: true},
	{name: "chats with a remote Ollama", args: []string{"chats", "--ollama-host", "http://192.0.2.1:11434", "CONVERSATIONS"}, exit: exitFailed},
	{name: "chats review of nothing", args: []string{"chats", "review", "CONVERSATIONS", "CONVERSATIONS"}, exit: exitFailed},
	{name: "k", args: []string{"k", "-o", "OUT.html", "NOTES"}},
	{name: "bench", args: []string{"bench", "--data", "NOTES", "--repetitions", "1", "-k", "3", "builtin", "MODEL"}},
	{name: "embed", args: []string{"embed", "NOTES"}},
	{name: "embed from stdin", args: []string{"embed", "--format", "csv", "-"}, stdin: "NOTES"},
	{name: "embed with a transformer", args: []string{"embed", "--model", "MODEL", "NOTES"}},
	{name: "embed into a file", args: []string{"embed", "-o", "OUT.npy", "NOTES"}, env: []string{"OLLAMA_HOST=ollama.example:11434"}},
	{name: "privacy test", args: []string{"privacy", "test", "LABELLED"}},
	{name: "cache info", args: []string{"cache", "info"}},
	{name: "cache clear", args: []string{"cache", "clear"}},
	{name: "doctor", args: []string{"doctor"}, dials: true},
	{name: "models list", args: []string{"models", "list"}},
	{name: "models list with a token and a proxy", args: []string{"models", "list", "--json"}, env: []string{"HF_TOKEN=secret", "HTTPS_PROXY=http://192.0.2.1:3128"}},
	{name: "models use", args: []string{"models", "use", "builtin"}},
	{name: "models verify", args: []string{"models", "verify"}},
	{name: "models rm", args: []string{"models", "rm", "nowhere"}, exit: exitFailed},
	{name: "models pack", args: []string{"models", "pack", "MODEL", "-o", "OUT"}},
	{name: "models unpack", args: []string{"models", "unpack", "PACK"}},
	{name: "models unpack with a chat model", args: []string{"models", "unpack", "CHAT"}, exit: exitIncomplete, dials: true},
	{name: "models unpack to a remote Ollama", args: []string{"models", "unpack", "--ollama-host", "http://192.0.2.1:11434", "CHAT"}, exit: exitFailed},
	{name: "runtime status", args: []string{"runtime", "status", "--library", "MODEL"}, exit: exitIncomplete},
	{name: "version", args: []string{"version"}},
	{name: "help", args: []string{"help", "notes"}},
	{name: "completion", args: []string{"completion", "bash"}},
	{name: "man", args: []string{"man", "OUTDIR"}},
	{name: "wrong usage", args: []string{"nonsense"}, exit: exitUsage},
}

func TestOffline(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	for _, tool := range []string{"strace", "unshare", "ip"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed (Debian: strace, util-linux, iproute2)", tool)
		}
	}
	if out, err := exec.Command("unshare", "-r", "-n", "ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		t.Skipf("no network namespace can be made here: %v: %s", err, out)
	}
	dir := t.TempDir()
	sheaf, canary := filepath.Join(dir, "sheaf"), filepath.Join(dir, "canary")
	build(t, sheaf, ".")
	build(t, canary, "./testdata/canary")
	notes, err := filepath.Abs("../../examples/notes.txt")
	if err != nil {
		t.Fatal(err)
	}

	model := filepath.Join(dir, "model")
	if err := testmodel.Small(testmodel.BERT, "mean_tokens").Write(model); err != nil {
		t.Fatal(err)
	}
	packed, chat := packs(t, sheaf, dir, model)
	result := filepath.Join(dir, "result.json")
	cmd := exec.Command(sheaf, "notes", "-q", "--labeler", "none", "-o", result, notes)
	cmd.Env = []string{"SHEAF_HOME=" + dir}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("notes: %v\n%s", err, out)
	}
	labelled := filepath.Join(dir, "labelled.jsonl")
	if err := os.WriteFile(labelled, []byte(`{"text": "Ask Jake.", "spans": [{"type": "PERSON", "start": 4, "end": 8}]}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var chats bytes.Buffer
	if err := testchats.Write(&chats, "messages", 24, testchats.Options{}); err != nil {
		t.Fatal(err)
	}
	conversations := filepath.Join(dir, "conversations.jsonl")
	if err := os.WriteFile(conversations, chats.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	names := strings.NewReplacer("LABELLED", labelled, "CONVERSATIONS", conversations, "RESULT", result, "LICENSE", filepath.Join(filepath.Dir(notes), "..", "README.md"), "NOTES", notes, "MODEL", model, "PACK", packed, "CHAT", chat)

	for _, target := range []string{"192.0.2.1:80", "notes.example:80"} {
		if bad, _ := watch(t, canary, []string{target}, nil, "", 0); len(bad) == 0 {
			t.Fatalf("a program that dials %s was not noticed: the test sees nothing", target)
		}
	}
	for _, run := range offlineRuns {
		t.Run(run.name, func(t *testing.T) {
			work := t.TempDir()
			var args []string
			for _, a := range run.args {
				a = names.Replace(a)
				args = append(args, strings.Replace(a, "OUT", filepath.Join(work, "out"), 1))
			}
			env := append(run.env, "SHEAF_HOME="+work)
			if lib := os.Getenv(onnx.LibraryVariable); lib != "" {
				env = append(env, onnx.LibraryVariable+"="+lib)
			}
			bad, dialled := watch(t, sheaf, args, env, strings.Replace(run.stdin, "NOTES", notes, 1), run.exit)
			for _, line := range bad {
				t.Errorf("%v: %s", run.args, line)
			}
			if dialled != run.dials {
				t.Errorf("%v: tried loopback: %v, want %v", run.args, dialled, run.dials)
			}
		})
	}
}

// packs makes a pack with a model and one with a chat model.
func packs(t *testing.T, sheaf, dir, model string) (packed, chat string) {
	t.Helper()
	packed, chat = filepath.Join(dir, "model.tar.zst"), filepath.Join(dir, "chat.tar.zst")
	weights := filepath.Join(dir, "tiny.gguf")
	if err := os.WriteFile(weights, []byte("GGUF"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"models", "pack", model, "-o", packed}, {"models", "pack", "--chat", weights, "-o", chat}} {
		cmd := exec.Command(sheaf, args...)
		cmd.Env = []string{"SHEAF_HOME=" + dir}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	return packed, chat
}

// watch runs a program and returns the traced lines that break the promise,
// and whether it tried to connect to loopback.
func watch(t *testing.T, program string, args, env []string, stdin string, exit int) (bad []string, dialled bool) {
	t.Helper()
	trace := filepath.Join(t.TempDir(), "trace")
	// The namespace is new and empty; loopback has to be switched on in it.
	script := `ip link set lo up && exec strace -f -qq -o "$0" -e trace=network,open,openat,io_uring_setup "$@"`
	cmd := exec.Command("unshare", append([]string{"-r", "-n", "sh", "-c", script, trace, program}, args...)...)
	// A clean environment: what the developer has set must not decide what is
	// dialled.
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
	if stdin != "" {
		f, err := os.Open(stdin)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cmd.Stdin = f
	}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != exit {
		t.Fatalf("%s %v: exit code %v, want %d: %v\n%s", filepath.Base(program), args, cmd.ProcessState, exit, err, out)
	}
	raw, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), "open") {
		t.Fatal("the trace has no call at all")
	}
	for line := range strings.Lines(string(raw)) {
		switch verdict(line) {
		case broken:
			bad = append(bad, strings.TrimSpace(line))
		case loop:
			dialled = true
		}
	}
	return bad, dialled
}

const (
	harmless = iota
	loop     // an attempt to reach loopback
	broken
)

var (
	socketCall  = regexp.MustCompile(`\bsocket(?:pair)?\(([A-Z0-9_]+)`)
	addressCall = regexp.MustCompile(`\b(?:connect|bind|sendto|sendmsg|sendmmsg)\(`)
	inet        = regexp.MustCompile(`sin_addr=inet_addr\("([^"]*)"\)`)
	inet6       = regexp.MustCompile(`inet_pton\(AF_INET6, "([^"]*)"`)
	lookup      = regexp.MustCompile(`\bopen(?:at)?\(.*"(?:/etc/(?:resolv\.conf|nsswitch\.conf|hosts|host\.conf|gai\.conf)|[^"]*/libnss_[^"]*)"`)
)

// verdict judges a line of the trace.
func verdict(line string) int {
	if strings.Contains(line, "io_uring_setup(") || lookup.MatchString(line) {
		return broken
	}
	if m := socketCall.FindStringSubmatch(line); m != nil {
		switch m[1] {
		case "AF_UNIX", "AF_INET", "AF_INET6": // the last two are judged by their address
			return harmless
		}
		return broken
	}
	if !addressCall.MatchString(line) {
		return harmless
	}
	if strings.Contains(line, "htons(53)") {
		return broken
	}
	found := harmless
	for _, m := range inet.FindAllStringSubmatch(line, -1) {
		if !strings.HasPrefix(m[1], "127.") {
			return broken
		}
		found = loop
	}
	for _, m := range inet6.FindAllStringSubmatch(line, -1) {
		if m[1] != "::1" && !strings.HasPrefix(m[1], "::ffff:127.") {
			return broken
		}
		found = loop
	}
	return found
}

func TestVerdict(t *testing.T) {
	for _, tt := range []struct {
		line string
		want int
	}{
		{`12 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 7`, harmless},
		{`12 socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_ROUTE) = 7`, broken},
		{`12 socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) = 7`, broken},
		{`12 connect(7, {sa_family=AF_INET, sin_port=htons(11434), sin_addr=inet_addr("127.0.0.1")}, 16) = -1 EINPROGRESS`, loop},
		{`12 connect(7, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0`, broken},
		{`12 connect(7, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("192.0.2.1")}, 16) = -1 ENETUNREACH`, broken},
		{`12 connect(7, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, 28) = 0`, loop},
		{`12 connect(7, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = 0`, broken},
		{`12 sendto(7, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("10.0.0.1")}, 16) = 1`, broken},
		{`12 connect(7, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = 0`, harmless},
		{`12 openat(AT_FDCWD, "/etc/resolv.conf", O_RDONLY|O_CLOEXEC) = 3`, broken},
		{`12 openat(AT_FDCWD, "/lib/x86_64-linux-gnu/libnss_dns.so.2", O_RDONLY|O_CLOEXEC) = 3`, broken},
		{`12 openat(AT_FDCWD, "/home/a/notes.txt", O_RDONLY|O_CLOEXEC) = 3`, harmless},
		{`12 io_uring_setup(8, {}) = 3`, broken},
		{`12 --- SIGURG {si_signo=SIGURG} ---`, harmless},
	} {
		if got := verdict(tt.line); got != tt.want {
			t.Errorf("verdict(%s) = %v, want %v", tt.line, got, tt.want)
		}
	}
}
