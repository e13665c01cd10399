package pack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"

	"sheaf/labeler/loopback"
	"sheaf/models"
)

// The parts of an Ollama model, as its manifests name them.
const (
	mediaPrefix    = "application/vnd.ollama.image."
	mediaModel     = mediaPrefix + "model"
	mediaProjector = mediaPrefix + "projector"
	mediaAdapter   = mediaPrefix + "adapter"
	mediaTemplate  = mediaPrefix + "template"
	mediaSystem    = mediaPrefix + "system"
	mediaParams    = mediaPrefix + "params"
	mediaLicense   = mediaPrefix + "license"
	mediaMessages  = mediaPrefix + "messages"
	mediaConfig    = "application/vnd.docker.container.image.v1+json"
)

// maxText bounds a layer that is read into memory: a template, a licence.
const maxText = 4 << 20

func validChatName(name string) bool {
	return len(name) < 256 && model.ParseName(name).IsValid() && !strings.HasSuffix(name, "cloud")
}

// OllamaModels returns the folders in which Ollama keeps its models, those of
// them that are there.
func OllamaModels(getenv func(string) string) []string {
	var folders []string
	if d := getenv("OLLAMA_MODELS"); d != "" {
		folders = append(folders, d)
	}
	for _, home := range []string{"HOME", "USERPROFILE"} {
		if d := getenv(home); d != "" {
			folders = append(folders, filepath.Join(d, ".ollama", "models"))
		}
	}
	if runtime.GOOS == "linux" {
		folders = append(folders, "/usr/share/ollama/.ollama/models", "/var/lib/ollama/models")
	}
	return slices.DeleteFunc(folders, func(d string) bool {
		st, err := os.Stat(d)
		return err != nil || !st.IsDir()
	})
}

type ollamaLayer struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int64  `json:"size"`
}

// FindChat finds an installed Ollama model in the folders that Ollama keeps
// its models in. Nothing is asked of a server.
func FindChat(name string, folders []string) (ChatSource, error) {
	n := model.ParseName(name)
	if !n.IsValid() || !filepath.IsLocal(n.Filepath()) {
		return ChatSource{}, &Error{name, errors.New("is no name of a chat model"), "give it as ollama list shows it, or the path of a .gguf file"}
	}
	for _, dir := range folders {
		raw, err := os.ReadFile(filepath.Join(dir, "manifests", n.Filepath()))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return ChatSource{}, &Error{name, err, "read access to Ollama's folder is needed; or set OLLAMA_MODELS to a copy"}
		}
		var m struct {
			Config ollamaLayer   `json:"config"`
			Layers []ollamaLayer `json:"layers"`
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			return ChatSource{}, &Error{name, fmt.Errorf("its manifest cannot be read: %w", err), "get it again: ollama pull " + name}
		}
		m.Config.MediaType = mediaConfig
		c := ChatSource{Name: name, Format: FormatOllama}
		for _, l := range append([]ollamaLayer{m.Config}, m.Layers...) {
			sum, ok := strings.CutPrefix(l.Digest, "sha256:")
			if !ok || len(sum) != 64 || !models.ValidDigest(sum) || l.Size < 0 {
				return ChatSource{}, &Error{name, fmt.Errorf("its manifest names the blob %q", l.Digest), "get it again: ollama pull " + name}
			}
			c.layers = append(c.layers, sourceLayer{Layer{l.MediaType, l.Size, sum}, filepath.Join(dir, "blobs", "sha256-"+sum)})
		}
		return c, c.check()
	}
	return ChatSource{}, &Error{name, fmt.Errorf("no such model in Ollama's folder (looked at %s)", strings.Join(folders, ", ")),
		"get it: ollama pull " + name + "; or set OLLAMA_MODELS to where Ollama keeps its models"}
}

// check refuses what could not be installed elsewhere.
func (c ChatSource) check() error {
	for _, l := range c.layers {
		st, err := os.Stat(l.file)
		if err != nil {
			return &Error{c.Name, err, "read access to Ollama's folder is needed; or get the model again: ollama pull " + c.Name}
		}
		if st.Size() != l.Size {
			return &Error{c.Name, fmt.Errorf("%s has %d bytes, not %d", l.file, st.Size(), l.Size), "get it again: ollama pull " + c.Name}
		}
	}
	_, err := parts(Chat{Name: c.Name, Format: c.Format, Layers: c.plain()}, func(sum string) (*os.File, error) {
		i := slices.IndexFunc(c.layers, func(l sourceLayer) bool { return l.SHA256 == sum })
		return os.Open(c.layers[i].file)
	})
	return err
}

func (c ChatSource) plain() []Layer {
	var out []Layer
	for _, l := range c.layers {
		out = append(out, l.Layer)
	}
	return out
}

// GGUF takes a file of weights as a chat model of that name; "" makes a name
// of the file's.
func GGUF(ctx context.Context, name, file string) (ChatSource, error) {
	f, err := os.Open(file)
	if err != nil {
		return ChatSource{}, err
	}
	defer f.Close()
	var magic [4]byte
	if _, err := io.ReadFull(f, magic[:]); err != nil || string(magic[:]) != "GGUF" {
		return ChatSource{}, &Error{file, errors.New("is no GGUF file"), "give a file of weights that llama.cpp or Ollama reads"}
	}
	if name == "" {
		name = strings.ToLower(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)))
	}
	if !validChatName(name) {
		return ChatSource{}, &Error{file, fmt.Errorf("%q is no name of a chat model", name), "give one: --chat NAME=FILE.gguf"}
	}
	sum, size, err := models.Digest(ctx, file, 64)
	if err != nil {
		return ChatSource{}, err
	}
	return ChatSource{Name: name, Format: FormatGGUF, layers: []sourceLayer{{Layer{mediaModel, size, sum}, file}}}, nil
}

// parts reads the layers of a chat model into the request that makes it.
func parts(c Chat, layer func(string) (*os.File, error)) (*api.CreateRequest, error) {
	req := &api.CreateRequest{Model: c.Name}
	text := func(l Layer) (string, error) {
		if l.Size > maxText {
			return "", fmt.Errorf("a part of %d bytes is too long for a %s", l.Size, l.MediaType)
		}
		f, err := layer(l.SHA256)
		if err != nil {
			return "", err
		}
		defer f.Close()
		raw, err := io.ReadAll(io.LimitReader(f, maxText))
		return string(raw), err
	}
	var licences []string
	for _, l := range c.Layers {
		digest := "sha256:" + l.SHA256
		var raw string
		var err error
		switch l.MediaType {
		case mediaModel, mediaProjector:
			if req.Files == nil {
				req.Files = map[string]string{}
			}
			req.Files[strings.TrimPrefix(l.MediaType, mediaPrefix)+".gguf"] = digest
		case mediaAdapter:
			req.Adapters = map[string]string{"adapter.gguf": digest}
		case mediaTemplate:
			req.Template, err = text(l)
		case mediaSystem:
			req.System, err = text(l)
		case mediaLicense:
			raw, err = text(l)
			licences = append(licences, raw)
		case mediaParams:
			if raw, err = text(l); err == nil {
				err = json.Unmarshal([]byte(raw), &req.Parameters)
			}
		case mediaMessages:
			if raw, err = text(l); err == nil {
				err = json.Unmarshal([]byte(raw), &req.Messages)
			}
		case mediaConfig:
			var config model.ConfigV2
			if raw, err = text(l); err == nil {
				err = json.Unmarshal([]byte(raw), &config)
			}
			if config.RemoteHost != "" {
				return nil, &Error{c.Name, errors.New("runs on another computer"), "choose a model that Ollama runs here"}
			}
			req.Renderer, req.Parser, req.Requires = config.Renderer, config.Parser, config.Requires
		default:
			err = fmt.Errorf("a part %q is not known", l.MediaType)
		}
		if err != nil {
			return nil, &Error{c.Name, err, "choose another chat model, or give its weights as a .gguf file"}
		}
	}
	if _, ok := req.Files["model.gguf"]; !ok {
		return nil, &Error{c.Name, errors.New("has no weights"), "choose another chat model, or give its weights as a .gguf file"}
	}
	if len(licences) > 0 {
		req.License = licences
	}
	return req, nil
}

// An Ollama is a server on this machine that chat models are handed to.
type Ollama struct{ Host string } // as OLLAMA_HOST has it; "" is Ollama's default

// Check refuses an address that is not this machine's.
func (o Ollama) Check() error {
	_, err := loopback.ParseHost(o.Host)
	return err
}

// Install makes a chat model of a pack in Ollama: its blobs, then the model
// itself. It has the signature of Installer.Chat.
func (o Ollama) Install(ctx context.Context, c Chat, layer func(string) (*os.File, error)) error {
	base, err := loopback.ParseHost(o.Host)
	if err != nil {
		return err
	}
	req, err := parts(c, layer)
	if err != nil {
		return err
	}
	httpClient := loopback.Client(loopback.Options{})
	defer httpClient.CloseIdleConnections()
	client := api.NewClient(base, httpClient)
	if _, err := client.Version(ctx); err != nil {
		return &Error{c.Name, fmt.Errorf("Ollama does not answer at %s: %w", base.Host, err), "start it with: ollama serve; then unpack again"}
	}
	for _, files := range []map[string]string{req.Files, req.Adapters} {
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if err := sendBlob(ctx, client, files[name], layer); err != nil {
				return &Error{c.Name, fmt.Errorf("Ollama does not take its weights: %w", err), "see what ollama serve prints; then unpack again"}
			}
		}
	}
	if err := client.Create(ctx, req, func(api.ProgressResponse) error { return nil }); err != nil {
		return &Error{c.Name, fmt.Errorf("Ollama does not make the model: %w", err), "see what ollama serve prints; a newer Ollama may be needed"}
	}
	return nil
}

func sendBlob(ctx context.Context, client *api.Client, digest string, layer func(string) (*os.File, error)) error {
	f, err := layer(strings.TrimPrefix(digest, "sha256:"))
	if err != nil {
		return err
	}
	defer f.Close()
	return client.CreateBlob(ctx, digest, f)
}
