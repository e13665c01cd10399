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
