package pack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ollama/ollama/api"

	"sheaf/labeler/loopback"
)

// ollamaFolder is a folder as Ollama keeps it, with one model of these layers;
// the first is the config.
func ollamaFolder(t *testing.T, name string, layers ...[2]string) string {
	t.Helper()
	dir := t.TempDir()
	var manifest struct {
		Config ollamaLayer   `json:"config"`
		Layers []ollamaLayer `json:"layers"`
	}
	for i, l := range layers {
		sum := sumOf(l[1])
		write(t, dir, map[string]string{"blobs/sha256-" + sum: l[1]})
		layer := ollamaLayer{l[0], "sha256:" + sum, int64(len(l[1]))}
		if i == 0 {
			manifest.Config = layer
		} else {
			manifest.Layers = append(manifest.Layers, layer)
		}
	}
	raw, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, map[string]string{"manifests/registry.ollama.ai/library/" + name: string(raw)})
	return dir
}

var tinyLayers = [][2]string{
	{mediaConfig, `{"model_format":"gguf","renderer":"r"}`}, {mediaModel, "GGUF weights"}, {mediaTemplate, "{{ .Prompt }}"},
	{mediaSystem, "be brief"}, {mediaParams, `{"stop":["</s>"],"num_ctx":2048}`}, {mediaLicense, "MIT"}, {mediaLicense, "terms"},
	{mediaMessages, `[{"role":"user","content":"hello"}]`},
}

// fakeOllama takes blobs and makes models.
type fakeOllama struct {
	*httptest.Server
	blobs  map[string]string
	create api.CreateRequest
	refuse string // the path that is answered with an error
}

func newFakeOllama(t *testing.T) *fakeOllama {
	o := &fakeOllama{blobs: map[string]string{}}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.refuse != "" && strings.HasPrefix(r.URL.Path, o.refuse) {
			http.Error(w, `{"error":"no"}`, http.StatusInternalServerError)
			return
		}
		switch digest, isBlob := strings.CutPrefix(r.URL.Path, "/api/blobs/"); {
		case r.URL.Path == "/api/version":
			fmt.Fprint(w, `{"version":"0.17.4"}`)
		case isBlob:
			raw, err := io.ReadAll(r.Body)
			if err != nil || "sha256:"+sumOf(string(raw)) != digest {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			o.blobs[digest] = string(raw)
			w.WriteHeader(http.StatusCreated)
		case r.URL.Path == "/api/create":
			if err := json.NewDecoder(r.Body).Decode(&o.create); err != nil {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			fmt.Fprintln(w, `{"status":"success"}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(o.Close)
	return o
}

// An installed model goes into a pack and out of it into another Ollama.
func TestChatRoundTrip(t *testing.T) {
	dir := ollamaFolder(t, "tiny/latest", tinyLayers...)
	source, err := FindChat("tiny", []string{t.TempDir(), dir})
	if err != nil {
		t.Fatal(err)
	}
	raw := pack(t, Contents{Chats: []ChatSource{source}})
	o := newFakeOllama(t)
	in := installer(t)
	in.Chat = Ollama{Host: o.URL}.Install
	result, err := in.Unpack(t.Context(), bytes.NewReader(raw))
	if err != nil || len(result.Installed) != 1 || len(result.LeftOut) > 0 {
		t.Fatalf("%+v, %v", result, err)
	}
	c := o.create
	if c.Model != "tiny" || c.Template != "{{ .Prompt }}" || c.System != "be brief" || c.Renderer != "r" || len(c.Messages) != 1 {
		t.Errorf("made %+v", c)
	}
	if got := fmt.Sprint(c.Parameters, c.License); got != "map[num_ctx:2048 stop:[</s>]] [MIT terms]" {
		t.Errorf("made with %s", got)
	}
	if digest := c.Files["model.gguf"]; o.blobs[digest] != "GGUF weights" || len(o.blobs) != 1 {
		t.Errorf("blobs %q, files %q", o.blobs, c.Files)
	}
}

func TestChatRefused(t *testing.T) {
	source, err := FindChat("tiny", []string{ollamaFolder(t, "tiny/latest", tinyLayers...)})
	if err != nil {
		t.Fatal(err)
	}
	raw := pack(t, Contents{Chats: []ChatSource{source}})
	for _, refuse := range []string{"/api/version", "/api/blobs", "/api/create"} {
		o := newFakeOllama(t)
		o.refuse = refuse
		in := installer(t)
		in.Chat = Ollama{Host: o.URL}.Install
		result, err := in.Unpack(t.Context(), bytes.NewReader(raw))
		if err != nil || len(result.LeftOut) != 1 {
			t.Errorf("%s: %+v, %v", refuse, result, err)
		}
	}
	in := installer(t)
	in.Chat = Ollama{Host: "http://192.0.2.1:11434"}.Install
	result, err := in.Unpack(t.Context(), bytes.NewReader(raw))
	var refused *loopback.Error
	if err != nil || len(result.LeftOut) != 1 || !errors.As(result.LeftOut[0].Err, &refused) {
		t.Errorf("a server elsewhere: %+v, %v", result, err)
	}
}

func TestFindChatRefusals(t *testing.T) {
	config, weights := tinyLayers[0], tinyLayers[1]
	for name, layers := range map[string][][2]string{
		"served elsewhere": {{mediaConfig, `{"remote_host":"https://ollama.com"}`}, weights},
		"no weights":       {config},
		"unknown part":     {config, weights, {mediaPrefix + "tensor", "x"}},
		"broken params":    {config, weights, {mediaParams, "{"}},
		"broken config":    {{mediaConfig, "{"}, weights},
	} {
		if c, err := FindChat("tiny", []string{ollamaFolder(t, "tiny/latest", layers...)}); err == nil {
			t.Errorf("%s: %+v", name, c)
		}
	}
	dir := ollamaFolder(t, "tiny/latest", config, weights)
	for _, name := range []string{"other", "", "../../etc/passwd", "tiny:other"} {
		if c, err := FindChat(name, []string{dir}); err == nil {
			t.Errorf("%q: %+v", name, c)
		}
	}
	blob := filepath.Join(dir, "blobs", "sha256-"+sumOf(weights[1]))
	if err := os.WriteFile(blob, []byte("GGUF"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := FindChat("tiny", []string{dir}); err == nil || !strings.Contains(err.Error(), "bytes") {
		t.Errorf("a cut blob: %v", err)
	}
	write(t, dir, map[string]string{"manifests/registry.ollama.ai/library/tiny/latest": `{"config":{"digest":"sha256:../../x"}}`})
	if _, err := FindChat("tiny", []string{dir}); err == nil {
		t.Error("a digest that is a path was taken")
	}
}

func TestGGUF(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{"Llama 3.gguf": "GGUF", "words.gguf": "words", "x-cloud.gguf": "GGUF"})
	for name, file := range map[string]string{"": "Llama 3.gguf", "x": "words.gguf", "y": "none.gguf", "z/../../a": "Llama 3.gguf"} {
		if c, err := GGUF(t.Context(), name, filepath.Join(dir, file)); err == nil {
			t.Errorf("%q, %s: %+v", name, file, c)
		}
	}
	if _, err := GGUF(t.Context(), "", filepath.Join(dir, "x-cloud.gguf")); err == nil {
		t.Error("a name that Ollama serves elsewhere was taken")
	}
	c, err := GGUF(t.Context(), "llama3:8b", filepath.Join(dir, "Llama 3.gguf"))
	if err != nil || c.Name != "llama3:8b" || c.layers[0].SHA256 != sumOf("GGUF") {
		t.Errorf("%+v, %v", c, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := GGUF(ctx, "x", filepath.Join(dir, "Llama 3.gguf")); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}

func TestOllamaModels(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{".ollama/models/x": "", "other/x": ""})
	env := map[string]string{"HOME": dir, "OLLAMA_MODELS": filepath.Join(dir, "other")}
	got := OllamaModels(func(k string) string { return env[k] })
	if len(got) < 2 || got[0] != filepath.Join(dir, "other") || got[1] != filepath.Join(dir, ".ollama", "models") {
		t.Errorf("%q", got)
	}
}
