package pull

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sheaf/models"
)

func TestModel(t *testing.T) {
	h := newFakeHub(t)
	h.add("owner/some", aModel())
	opts := h.options(t)
	m, err := Model(t.Context(), "owner/some", opts)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"1_Pooling/config.json", "config.json", "modules.json", "onnx/model.onnx", "onnx/model.onnx_data",
		"sentence_bert_config.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"}
	if got := models.Files(m.Dir); !slices.Equal(got, want) {
		t.Errorf("installed %q, want %q", got, want)
	}
	if raw, err := os.ReadFile(filepath.Join(m.Dir, "onnx", "model.onnx")); err != nil || string(raw) != graph {
		t.Errorf("the graph has %d bytes, %v", len(raw), err)
	}
	record, err := models.ReadRecord(m.Dir)
	if err != nil || record.Commit != commit || record.Repository != "owner/some" || len(record.Files) != len(want) {
		t.Fatalf("record %+v, %v", record, err)
	}
	for _, f := range record.Files {
		if want := map[bool]string{true: "hub sha256", false: "hub git"}[large(f.Path)]; f.Checked != want {
			t.Errorf("%s was checked by %q, want %q", f.Path, f.Checked, want)
		}
	}
	checks, err := models.Verify(t.Context(), m)
	if err != nil || slices.ContainsFunc(checks, func(c models.Check) bool { return c.State != models.Good }) {
		t.Errorf("Verify = %+v, %v", checks, err)
	}
	if entries, err := os.ReadDir(filepath.Join(opts.Store.Home, stagingFolder)); err != nil || len(entries) > 0 {
		t.Errorf("left in staging: %v, %v", entries, err)
	}
	walk(t, opts.Store.Home, func(path string, st fs.FileInfo) {
		if perm := st.Mode().Perm(); perm != 0o600 && perm != 0o700 {
			t.Errorf("%s has mode %v", path, perm)
		}
	})

	// Two files of one content are two files.
	a, errA := os.Stat(filepath.Join(m.Dir, "tokenizer_config.json"))
	b, errB := os.Stat(filepath.Join(m.Dir, "special_tokens_map.json"))
	if errA != nil || errB != nil || os.SameFile(a, b) {
		t.Errorf("%v, %v: one file, %v, %v", a, b, errA, errB)
	}

	n := len(h.seen(""))
	if _, err := Model(t.Context(), "owner/some", opts); !errors.Is(err, ErrInstalled) || len(h.seen("")) != n {
		t.Errorf("a second pull gives %v, and asked %d times", err, len(h.seen(""))-n)
	}
}

func walk(t *testing.T, root string, visit func(string, fs.FileInfo)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		st, err := e.Info()
		if err == nil {
			visit(path, st)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A folder where the command is run is not an installed model.
func TestFolderOfTheName(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("gte-small", 0o700); err != nil {
		t.Fatal(err)
	}
	h := newFakeHub(t)
	h.add("thenlper/gte-small", aModel())
	opts := h.options(t)
	if m, err := Model(t.Context(), "gte-small", opts); err != nil || m.Dir != filepath.Join(opts.Store.Home, "gte-small") {
		t.Errorf("%+v, %v", m, err)
	}
}

// Which file is taken, from where, and under which name it is installed.
func TestChoice(t *testing.T) {
	static := map[string]string{"config.json": `{"model_type":"model2vec"}`, "tokenizer.json": "{}", "modules.json": "[]",
		"model.safetensors": "\x12\x00\x00\x00\x00\x00\x00\x00" + `{"embeddings": {}}`, "onnx/model.onnx": graph}
	noModel := map[string]string{"config.json": "{}", "tokenizer.json": "{}", "pytorch_model.bin": "x"}
	for _, tt := range []struct {
		name, precision, file string
		installed, weights    string // weights "" means an error
		hint                  string
	}{
		{name: "owner/some", installed: "owner/some", weights: "onnx/model.onnx"},
		{name: "owner/some", precision: "int8", installed: "owner/some-int8", weights: "onnx/model_quantized.onnx"},
		{name: "owner/some", file: "onnx/model_O2.onnx", installed: "owner/some-O2", weights: "onnx/model_O2.onnx"},
		{name: "owner/some", file: "onnx/model_O9.onnx", hint: "onnx/model_O2.onnx"},
		{name: "owner/static", installed: "owner/static", weights: "model.safetensors"},
		{name: "owner/nothing", hint: "weights as ONNX"},
		{name: "owner/bare", hint: "tokenizer.json"},
		{name: "gte-small", installed: "gte-small", weights: "onnx/model.onnx"},
		{name: "thenlper/gte-small", installed: "gte-small", weights: "onnx/model.onnx"},
		{name: "GTE-small-int8", installed: "gte-small-int8", weights: "onnx/model_quantized.onnx"},
		{name: "gte-small", precision: "int8", installed: "gte-small-int8", weights: "onnx/model_quantized.onnx"},
		{name: "gte-small", file: "onnx/model_O2.onnx", installed: "gte-small-O2", weights: "onnx/model_O2.onnx"},
		{name: "potion-base-2M", installed: "potion-base-2M", weights: "model.safetensors"},
		{name: "potion-base-2M", precision: "int8", hint: "precision"},
		{name: "../up", hint: "models list"},
		{name: "owner/some", file: "../up.onnx", hint: "onnx/model_O2.onnx"},
	} {
		t.Run(strings.TrimSpace(tt.name+" "+tt.precision+tt.file), func(t *testing.T) {
			h := newFakeHub(t)
			for _, repo := range []string{"owner/some", "thenlper/gte-small"} {
				h.add(repo, aModel())
			}
			h.add("owner/static", static)
			h.add("minishlab/potion-base-2M", static)
			h.add("owner/nothing", noModel)
			h.add("owner/bare", map[string]string{"onnx/model.onnx": graph, "config.json": "{}"})
			h.add("Xenova/gte-small", map[string]string{"onnx/model_quantized.onnx": "quantised elsewhere", "tokenizer.json": "another"})
			opts := h.options(t)
			opts.Precision, opts.File = tt.precision, tt.file
			m, err := Model(t.Context(), tt.name, opts)
			if tt.weights == "" {
				checkHint(t, err, tt.hint)
				return
			}
			if err != nil || m.Name != tt.installed {
				t.Fatalf("Model = %+v, %v; want the name %s", m, err, tt.installed)
			}
			found, err := opts.Store.Find(tt.installed)
			if err != nil || found.Dir != m.Dir {
				t.Errorf("Find = %+v, %v", found, err)
			}
			if files := models.Files(m.Dir); !slices.Contains(files, tt.weights) || !slices.Contains(files, "tokenizer.json") {
				t.Errorf("files %q, want %s among them", files, tt.weights)
			}
			if raw, err := os.ReadFile(filepath.Join(m.Dir, "tokenizer.json")); err != nil || string(raw) == "another" {
				t.Errorf("tokenizer.json is %q, %v: it has to be the model's own", raw, err)
			}
		})
	}
}

func checkHint(t *testing.T, err error, part string) {
	t.Helper()
	var hinted interface{ Hint() string }
	if !errors.As(err, &hinted) || !strings.Contains(hinted.Hint(), part) {
		t.Fatalf("error %v with hint %v, want one with %q", err, hinted, part)
	}
}

// A transfer that is cut goes on where it ended, in the same call.
func TestResumeAfterCut(t *testing.T) {
	h := newFakeHub(t)
	h.add("owner/some", aModel())
	h.cut["onnx/model.onnx"] = 70_000
	h.busy = 1
	opts := h.options(t)
	m, err := Model(t.Context(), "owner/some", opts)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(filepath.Join(m.Dir, "onnx", "model.onnx")); err != nil || string(raw) != graph {
		t.Errorf("the graph has %d bytes, %v", len(raw), err)
	}
	if got := h.seen("bytes=70000-"); len(got) == 0 {
		t.Errorf("no request for the rest; there were %q", h.seen("model.onnx"))
	}
}

// And in a later one.
func TestResumeLater(t *testing.T) {
	for _, ranges := range []bool{true, false} {
		h := newFakeHub(t)
		h.add("owner/some", aModel())
		h.cut["onnx/model.onnx"], h.ranges = 70_000, ranges
		opts := h.options(t)
		opts.Retries = -1
		_, err := Model(t.Context(), "owner/some", opts)
		checkHint(t, err, "goes on where it ended")
		if got := models.Installed(opts.Store.Home); got != nil {
			t.Errorf("a cut model is installed: %q", got)
		}
		h.requests = nil
		var notes []string
		opts.Note = func(line string) { notes = append(notes, line) }
		if _, err := Model(t.Context(), "owner/some", opts); err != nil {
			t.Fatal(err)
		}
		if len(notes) != 1 || !strings.Contains(notes[0], "going on") {
			t.Errorf("notes %q", notes)
		}
		if got := h.seen("GET /owner/some/resolve/" + commit + "/config.json"); len(got) > 0 {
			t.Errorf("files that were here are got again: %q", got)
		}
		if got := h.seen("bytes=70000-"); len(got) == 0 {
			t.Error("no request for the rest")
		}
	}
}

func TestRefusals(t *testing.T) {
	otherDigest := strings.Repeat("ab", 32)
	for _, tt := range []struct {
		name  string
		fault func(h *fakeHub)
		env   []string
		model string
		is    error
		hint  string
	}{
		{name: "other content", fault: func(h *fakeHub) { h.tamper["onnx/model.onnx"] = strings.Repeat("wares of something\n", 10_000) }, is: ErrMismatch, hint: "do not use"},
		{name: "other length", fault: func(h *fakeHub) { h.tamper["onnx/model.onnx"] = "short" }, is: ErrMismatch, hint: "do not use"},
		{name: "other digest", fault: func(h *fakeHub) { h.etag["onnx/model.onnx"] = otherDigest }, is: ErrMismatch, hint: "do not use"},
		{name: "other digest of a small file", fault: func(h *fakeHub) { h.etag["config.json"] = strings.Repeat("ab", 20) }, is: ErrMismatch, hint: "do not use"},
		{name: "no digest", fault: func(h *fakeHub) { h.etag["onnx/model.onnx"] = "one" }, is: ErrNoDigest},
		{name: "not the catalogue's", model: "all-MiniLM-L6-v2", is: ErrMismatch, hint: "do not use"},
		{name: "404", model: "owner/other", hint: "check the name"},
		{name: "401", fault: func(h *fakeHub) { h.login = "secret" }, hint: "set HF_TOKEN"},
		{name: "403", fault: func(h *fakeHub) { h.status = 403 }, env: []string{"HF_TOKEN", "wrong"}, hint: "HF_TOKEN may not"},
		{name: "429", fault: func(h *fakeHub) { h.status = 429 }, hint: "wait a while"},
		{name: "500", fault: func(h *fakeHub) { h.status = 500 }, hint: "goes on where it ended"},
		{name: "slow", fault: func(h *fakeHub) { h.stall = true }, hint: "goes on where it ended"},
		{name: "no server", fault: func(h *fakeHub) { h.Close() }, hint: "goes on where it ended"},
		{name: "no address", env: []string{"HF_ENDPOINT", "huggingface.co"}, hint: "https://host"},
		{name: "token in the clear", env: []string{"HF_ENDPOINT", "http://192.0.2.1", "HF_TOKEN", "secret"}, hint: "unset HF_TOKEN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newFakeHub(t)
			h.add("owner/some", aModel())
			h.add("sentence-transformers/all-MiniLM-L6-v2", aModel())
			if tt.fault != nil {
				tt.fault(h)
			}
			opts := h.options(t, tt.env...)
			opts.Retries, opts.Stall = 1, 200*time.Millisecond
			name := tt.model
			if name == "" {
				name = "owner/some"
			}
			_, err := Model(t.Context(), name, opts)
			if err == nil || tt.is != nil && !errors.Is(err, tt.is) {
				t.Fatalf("error %v, want %v", err, tt.is)
			}
			checkHint(t, err, tt.hint)
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the token is in %q", err)
			}
			if got := models.Installed(opts.Store.Home); got != nil {
				t.Errorf("installed all the same: %q", got)
			}
		})
	}
}

// The token goes to the hub, and not to the host it redirects to.
func TestToken(t *testing.T) {
	h := newFakeHub(t)
	h.add("owner/some", aModel())
	h.login = "secret"
	if _, err := Model(t.Context(), "owner/some", h.options(t, "HF_TOKEN", "secret")); err != nil {
		t.Fatal(err)
	}
	if len(h.tokens) == 0 || slices.ContainsFunc(h.tokens, func(s string) bool { return s != "" }) {
		t.Errorf("the second host saw %q", h.tokens)
	}
}

func TestRedirects(t *testing.T) {
	var target string
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/end" {
			_, _ = w.Write([]byte("here"))
			return
		}
		w.Header().Set("Location", target)
		w.WriteHeader(http.StatusFound)
	})
	opts := Options{Retries: -1, Getenv: func(string) string { return "" }}
	opts.fill()
	c, err := newClient(s, "", advices{}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	for _, tt := range []struct {
		target string
		fails  string
	}{{"/end", ""}, {"/loop", "redirects"}, {"file:///etc/passwd", "refused"}, {"", "leads nowhere"}} {
		target = tt.target
		raw, err := c.get(t.Context(), s+"/loop", 10, &opts)
		if tt.fails == "" && (err != nil || string(raw) != "here") || tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)) {
			t.Errorf("a redirect to %q gives %q, %v", tt.target, raw, err)
		}
	}
	target = "/end"
	if _, err := c.get(t.Context(), s+"/end", 3, &opts); err == nil {
		t.Error("an answer longer than allowed was taken")
	}
}

// A fullDisk takes so many bytes and no more.
type fullDisk struct {
	*os.File
	left *int
}

func (d fullDisk) Write(p []byte) (int, error) {
	if *d.left < len(p) {
		return 0, &os.PathError{Op: "write", Path: d.Name(), Err: syscall.ENOSPC}
	}
	*d.left -= len(p)
	return d.File.Write(p)
}

func TestFullDisk(t *testing.T) {
	h := newFakeHub(t)
	h.add("owner/some", aModel())
	opts := h.options(t)
	left := len(graph) / 2
	opts.create = func(path string) (partial, error) {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
		return fullDisk{f, &left}, err
	}
	_, err := Model(t.Context(), "owner/some", opts)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("error %v, want ENOSPC", err)
	}
	checkHint(t, err, "make room")
	if n := len(h.seen("GET /owner/some/onnx/model.onnx")); n != 1 {
		t.Errorf("a full disk was tried %d times", n)
	}
	left = 10 * len(graph)
	if _, err := Model(t.Context(), "owner/some", opts); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestCancel(t *testing.T) {
	h := newFakeHub(t)
	h.add("owner/some", aModel())
	h.stall = true
	opts := h.options(t)
	ctx, cancel := context.WithCancel(t.Context())
	opts.Progress = func(file string, done, total int64) {
		if strings.HasSuffix(file, "model.onnx") {
			cancel()
		}
	}
	if _, err := Model(ctx, "owner/some", opts); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// Two processes do not write one file.
func TestLock(t *testing.T) {
	h := newFakeHub(t)
	h.add("owner/some", aModel())
	h.stall = true
	opts := h.options(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begun, ended := make(chan bool), make(chan error)
	opts.Progress = func(file string, done, total int64) {
		if strings.HasSuffix(file, "model.onnx") {
			close(begun)
		}
	}
	go func() {
		_, err := Model(ctx, "owner/some", opts)
		ended <- err
	}()
	<-begun
	opts.Progress = nil
	_, err := Model(t.Context(), "owner/some", opts)
	checkHint(t, err, "wait for it")
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := Discard(opts.Store, "owner/some"); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(filepath.Join(opts.Store.Home, stagingFolder)); err != nil || len(entries) > 0 {
		t.Errorf("left after Discard: %v, %v", entries, err)
	}
}

// What the Hugging Face cache has is not got again.
func TestCache(t *testing.T) {
	h := newFakeHub(t)
	h.add("owner/some", aModel())
	opts := h.options(t)
	opts.Store.Cache = t.TempDir()
	blobs := filepath.Join(opts.Store.Cache, "models--owner--some", "blobs")
	if err := os.MkdirAll(blobs, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"onnx/model.onnx": graph, "onnx/model.onnx_data": "not what its name says"} {
		digest := digestOf(name, h.repos["owner/some"][name])
		if err := os.WriteFile(filepath.Join(blobs, digest), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m, err := Model(t.Context(), "owner/some", opts)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.seen("GET /owner/some/onnx/model.onnx"); len(got) != 1 || !strings.HasSuffix(got[0], "_data") {
		t.Errorf("asked for %q, want only what is damaged", got)
	}
	if raw, err := os.ReadFile(filepath.Join(m.Dir, "onnx", "model.onnx_data")); err != nil || string(raw) != "external" {
		t.Errorf("external data %q, %v", raw, err)
	}
}

func TestHostileListing(t *testing.T) {
	h := newFakeHub(t)
	files := aModel()
	files["sentence_../../../x_config.json"] = "{}"
	h.add("owner/some", files)
	if _, err := Model(t.Context(), "owner/some", h.options(t)); err == nil {
		t.Error("a listing with .. in a name was taken")
	}
}
