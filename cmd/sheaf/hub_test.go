package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sheaf/internal/pipeline"
	"sheaf/internal/testmodel"
	"sheaf/models"
)

// hub DIR serves the folders DIR/OWNER/NAME as repositories of a hub on
// loopback, to which HF_ENDPOINT then leads.
func cmdHub(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hub dir")
	}
	dir := ts.MkAbs(args[0])
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serveHub(w, r, dir) }))
	ts.Defer(s.Close)
	ts.Setenv("HF_ENDPOINT", s.URL)
}

func serveHub(w http.ResponseWriter, r *http.Request, dir string) {
	const commit = "0123456789abcdef0123456789abcdef01234567"
	if rest, ok := strings.CutPrefix(r.URL.Path, "/api/models/"); ok {
		repository, _, _ := strings.Cut(rest, "/revision/")
		var siblings []map[string]string
		root := filepath.Join(dir, repository)
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			rel, err := filepath.Rel(root, path)
			siblings = append(siblings, map[string]string{"rfilename": filepath.ToSlash(rel)})
			return err
		})
		if err != nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"sha": commit, "siblings": siblings})
		return
	}
	repository, name, ok := strings.Cut(r.URL.Path, "/resolve/"+commit+"/")
	content, err := os.ReadFile(filepath.Join(dir, repository, name))
	if !ok || err != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	sum := sha256.Sum256(content)
	w.Header().Set("ETag", fmt.Sprintf("%q", hex.EncodeToString(sum[:])))
	if strings.HasPrefix(string(content), "not what the hub says") {
		w.Header().Set("ETag", fmt.Sprintf("%q", strings.Repeat("0", 64)))
	}
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(content)))
}

// What is written into config.toml is the model alone.
func TestWithModel(t *testing.T) {
	for _, tt := range []struct{ before, name, after string }{
		{"", "m", "model = \"m\"\n"},
		{"clusters = 3", "m", "clusters = 3\nmodel = \"m\"\n"},
		{"# why\nmodel = 'old' # since March\nseed = 2\n", "owner/m", "# why\nmodel = \"owner/m\"\nseed = 2\n"},
		{"  \"model\"=\"old\"", `C:\a "b"`, `model = "C:\\a \"b\""` + "\n"},
		{"chat-model = \"model = x\"\n", "m", "chat-model = \"model = x\"\nmodel = \"m\"\n"},
		{"model = \"old\"\nseed = 2\n", "", "seed = 2\n"},
		{"seed = 2\n", "", "seed = 2\n"},
	} {
		got, err := withModel([]byte(tt.before), tt.name)
		if err != nil || string(got) != tt.after {
			t.Errorf("withModel(%q, %q) = %q, %v; want %q", tt.before, tt.name, got, err, tt.after)
		}
	}
	for _, before := range []string{"model =", "a = \"\"\"\nmodel = 3\n\"\"\"\n", "model = \"\"\"\nx\"\"\"\n", "[table]\n"} {
		if got, err := withModel([]byte(before), "m"); err == nil {
			t.Errorf("withModel(%q) = %q, want an error", before, got)
		}
	}
}

// A pulled model, one from a pack and one of the Hugging Face cache, whose
// files are links, all give what the folder itself gives.
func TestModelsThatCame(t *testing.T) {
	work := t.TempDir()
	origin := filepath.Join(work, "hub", "owner", "bert")
	if err := testmodel.Small(testmodel.BERT, "mean_tokens").Write(origin); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serveHub(w, r, filepath.Join(work, "hub")) }))
	defer s.Close()
	cache := filepath.Join(work, "cache")
	snapshot := filepath.Join(cache, "models--cached--bert", "snapshots", "abc")
	if err := linked(origin, snapshot, filepath.Join(cache, "models--cached--bert", "blobs")); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"HF_ENDPOINT": s.URL, "HF_HUB_CACHE": cache, "HF_TOKEN": "", "OLLAMA_HOST": "127.0.0.1:1",
		"SHEAF_HOME": filepath.Join(work, "first"), "SHEAF_MODEL": ""} {
		t.Setenv(name, value)
	}
	sheaf := func(args ...string) string {
		t.Helper()
		var stdout, stderr strings.Builder
		if code := run(t.Context(), args, strings.NewReader(""), &stdout, &stderr); code != exitDone {
			t.Fatalf("%v: exit code %d\n%s", args, code, stderr.String())
		}
		return stdout.String() + stderr.String()
	}
	notes := []string{"notes", "-k", "3", "--labeler", "none", "--no-cache", "../../examples/notes.txt"}
	with := func(model string) []string { return append(notes[:len(notes):len(notes)], "--model", model, "-q") }
	want := sheaf(with(origin)...)
	if !strings.Contains(want, "3 clusters") {
		t.Fatal(want)
	}
	sheaf("models", "pull", "owner/bert")
	if got := sheaf(with("owner/bert")...); got != want {
		t.Errorf("pulled:\n%s\nwant\n%s", got, want)
	}
	if got := sheaf(notes...); !strings.Contains(got, "owner/bert") {
		t.Errorf("the first pulled model is not the default:\n%s", got)
	}
	if got := sheaf(with("cached/bert")...); got != want {
		t.Errorf("in the cache:\n%s\nwant\n%s", got, want)
	}
	packed := filepath.Join(work, "models.tar.zst")
	sheaf("models", "pack", "cached/bert", "-o", packed)
	t.Setenv("HF_HUB_CACHE", filepath.Join(work, "none"))
	t.Setenv("SHEAF_HOME", filepath.Join(work, "second"))
	sheaf("models", "unpack", packed)
	if got := sheaf(with("cached/bert")...); got != want {
		t.Errorf("unpacked:\n%s\nwant\n%s", got, want)
	}
	if got := sheaf("models", "verify"); strings.Count(got, ": ok: ") != strings.Count(got, "\n") {
		t.Error(got)
	}
}

// linked makes a snapshot of the Hugging Face cache from a folder.
func linked(from, snapshot, blobs string) error {
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		blob, target := filepath.Join(blobs, hex.EncodeToString(sum[:])), filepath.Join(snapshot, rel)
		for _, dir := range []string{filepath.Dir(blob), filepath.Dir(target)} {
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return err
			}
		}
		if err := os.WriteFile(blob, content, 0o600); err != nil {
			return err
		}
		return os.Symlink(blob, target)
	})
}

// What models list says of the built-in model without reading it.
func TestListedBuiltin(t *testing.T) {
	info, err := pipeline.ModelInfo(&pipeline.Common{})
	if err != nil {
		t.Fatal(err)
	}
	p := &program{getenv: func(k string) string { return map[string]string{"SHEAF_HOME": t.TempDir()}[k] }}
	listed, err := p.listModels()
	if err != nil {
		t.Fatal(err)
	}
	if m := listed[0]; m.Name != models.Builtin || m.Dims != info.Dim || m.MaxTokens != info.MaxTokens {
		t.Errorf("listed as %+v, has %d dimensions and %d tokens", m, info.Dim, info.MaxTokens)
	}
}
