package pull

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sheaf/models"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

// A fakeHub is a hub on loopback. Large files are answered with a redirect to
// another host, as the real one does.
type fakeHub struct {
	*httptest.Server
	cdn *httptest.Server

	mu       sync.Mutex
	repos    map[string]map[string][]byte
	requests []string // method, path and range
	tokens   []string // the Authorization headers that the second host saw

	// The faults, by file name.
	cut    map[string]int    // end the next answer after so many bytes
	tamper map[string]string // other content than the digest says
	etag   map[string]string // another digest than the content's
	status int               // answer everything with it
	login  string            // the token that is wanted
	stall  bool              // the second host begins to answer, then waits
	ranges bool              // the second host knows ranges
	busy   int               // so many answers of the second host are 503
}

func newFakeHub(t *testing.T) *fakeHub {
	h := &fakeHub{repos: map[string]map[string][]byte{}, cut: map[string]int{}, tamper: map[string]string{}, etag: map[string]string{}, ranges: true}
	h.Server = httptest.NewServer(http.HandlerFunc(h.serve))
	h.cdn = httptest.NewServer(http.HandlerFunc(h.serveContent))
	t.Cleanup(func() { h.CloseClientConnections(); h.cdn.CloseClientConnections(); h.Close(); h.cdn.Close() })
	return h
}

func (h *fakeHub) add(repo string, files map[string]string) {
	h.repos[repo] = map[string][]byte{}
	for name, content := range files {
		h.repos[repo][name] = []byte(content)
	}
}

// large says which files the hub keeps elsewhere.
func large(name string) bool {
	return strings.HasSuffix(name, ".onnx") || strings.Contains(name, "_data") || strings.HasSuffix(name, ".safetensors")
}

func digestOf(name string, content []byte) string {
	if large(name) {
		sum := sha256.Sum256(content)
		return hex.EncodeToString(sum[:])
	}
	sum := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(content), content))
	return hex.EncodeToString(sum[:])
}

func (h *fakeHub) note(r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.requests = append(h.requests, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+r.Header.Get("Range")))
}

func (h *fakeHub) serve(w http.ResponseWriter, r *http.Request) {
	h.note(r)
	if h.status != 0 {
		w.WriteHeader(h.status)
		return
	}
	if h.login != "" && r.Header.Get("Authorization") != "Bearer "+h.login {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if rest, ok := strings.CutPrefix(r.URL.Path, "/api/models/"); ok {
		repo, _, _ := strings.Cut(rest, "/revision/")
		if files, ok := h.repos[repo]; ok {
			type sibling struct {
				Name string `json:"rfilename"`
			}
			var names []sibling
			for name := range files {
				names = append(names, sibling{name})
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"id": repo, "sha": commit, "siblings": names})
			return
		}
		w.WriteHeader(http.StatusNotFound)
		return
	}
	repo, name, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/resolve/"+commit+"/")
	content, there := h.repos[repo][name]
	if !ok || !there {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	digest := digestOf(name, content)
	if tag, ok := h.etag[name]; ok {
		digest = tag
	}
	w.Header().Set("X-Repo-Commit", commit)
	if large(name) {
		w.Header().Set("X-Linked-Etag", strconv.Quote(digest))
		w.Header().Set("X-Linked-Size", strconv.Itoa(len(content)))
		w.Header().Set("Location", h.cdn.URL+"/"+repo+"/"+name)
		w.WriteHeader(http.StatusFound)
		return
	}
	w.Header().Set("ETag", strconv.Quote(digest))
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(content)))
}

func (h *fakeHub) serveContent(w http.ResponseWriter, r *http.Request) {
	h.note(r)
	h.mu.Lock()
	h.tokens = append(h.tokens, r.Header.Get("Authorization"))
	parts := strings.SplitN(strings.TrimPrefix(r.URL.Path, "/"), "/", 3)
	repo, name := parts[0]+"/"+parts[1], parts[2]
	content := h.repos[repo][name]
	if other, ok := h.tamper[name]; ok {
		content = []byte(other)
	}
	busy := h.busy > 0
	cut, isCut := h.cut[name]
	if busy {
		h.busy--
	} else {
		delete(h.cut, name)
	}
	stall := h.stall
	h.mu.Unlock()
	switch {
	case busy:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case isCut:
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content[:cut])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	case stall:
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content[:1])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return
	case !h.ranges:
		r.Header.Del("Range")
	}
	w.Header().Set("ETag", `"not-the-hubs"`)
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(content)))
}

// seen returns the requests that have a text in them.
func (h *fakeHub) seen(text string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []string
	for _, r := range h.requests {
		if strings.Contains(r, text) {
			found = append(found, r)
		}
	}
	return found
}

// options are those of a pull from the fake hub into a new folder.
func (h *fakeHub) options(t *testing.T, env ...string) Options {
	t.Helper()
	vars := map[string]string{"HF_ENDPOINT": h.URL}
	for i := 0; i+1 < len(env); i += 2 {
		vars[env[i]] = env[i+1]
	}
	return Options{
		Store:  models.Store{Home: filepath.Join(t.TempDir(), "models")},
		Getenv: func(k string) string { return vars[k] },
		Pause:  time.Millisecond,
	}
}

// graph is content that is long enough to be cut.
var graph = strings.Repeat("weights of a model\n", 10_000)

// aModel is the files of a transformer, with some that are not wanted.
func aModel() map[string]string {
	return map[string]string{
		"config.json": `{"model_type":"bert"}`, "tokenizer.json": `{"version":"1.0"}`, "tokenizer_config.json": "{}", "special_tokens_map.json": "{}",
		"modules.json": "[]", "1_Pooling/config.json": `{"pooling_mode_mean_tokens":true}`, "sentence_bert_config.json": `{"max_seq_length":256}`,
		"onnx/model.onnx": graph, "onnx/model.onnx_data": "external", "onnx/model_O2.onnx": "other graph",
		"onnx/model_quantized.onnx": "small graph", "pytorch_model.bin": "much", "README.md": "words", "model.safetensors": "more",
	}
}

func newServer(t *testing.T, f http.HandlerFunc) string {
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s.URL
}
