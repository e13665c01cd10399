// Package pack carries embedding models, the ONNX Runtime library and a chat
// model to a machine without a network, in one file.
//
// A pack is a tar archive, compressed with zstd. Its first entry is
// manifest.json, which names every other entry with its size and sha256. An
// archive may come from anywhere: whatever the manifest does not name, names
// twice, names outside its place, or has in another size, is refused, and
// nothing gets its final name before all of it was compared.
//
// Nothing here opens a connection, but for [Installer.Chat], which hands a
// chat model to the Ollama of this machine.
package pack

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sheaf/models"
)

const (
	manifestName   = "manifest.json"
	manifestSchema = 1
	maxManifest    = 16 << 20
	maxFiles       = 10_000
	// DefaultMaxBytes is how much a pack may hold where nothing else is said.
	DefaultMaxBytes = 64 << 30
)

// The folders of a pack.
const (
	modelsFolder  = "models"
	runtimeFolder = "runtime"
	chatFolder    = "chat"
)

// A Manifest says what a pack holds.
type Manifest struct {
	Schema  int      `json:"schema"`
	Models  []Model  `json:"models,omitempty"`
	Runtime *Runtime `json:"runtime,omitempty"`
	Chats   []Chat   `json:"chats,omitempty"`
}

// A Model is an embedding model of a pack. The paths of its files begin in its
// own folder.
type Model struct {
	Name       string        `json:"name"`
	Repository string        `json:"repository,omitempty"`
	Commit     string        `json:"commit,omitempty"`
	Files      []models.File `json:"files"`
}

// A Runtime is the ONNX Runtime library of a pack.
type Runtime struct {
	Platform string        `json:"platform"` // GOOS/GOARCH
	Version  string        `json:"version,omitempty"`
	Files    []models.File `json:"files"`
}

// The formats of a chat model.
const (
	FormatOllama = "ollama" // an installed model: its manifest and blobs
	FormatGGUF   = "gguf"   // a file of weights
)

// A Chat is a chat model of a pack.
type Chat struct {
	Name   string  `json:"name"` // as Ollama names it
	Format string  `json:"format"`
	Layers []Layer `json:"layers"`
}

// A Layer is a blob of a chat model, named by its sha256.
type Layer struct {
	MediaType string `json:"media_type"` // as in Ollama's manifests
	Size      int64  `json:"size"`
	SHA256    string `json:"sha256"`
}

// entry is where a file lies in the pack.
func (m Model) entry(file string) string { return path.Join(modelsFolder, m.Name, file) }

func (r Runtime) entry(file string) string { return path.Join(runtimeFolder, file) }

func (l Layer) entry() string { return path.Join(chatFolder, "sha256-"+l.SHA256) }

// An Error is what is wrong with a pack or with what should go into one.
type Error struct {
	What   string
	Err    error
	Advice string
}

func (e *Error) Error() string { return e.What + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *Error) Hint() string { return e.Advice }

// ErrUnsafe is inside the error for a pack that is damaged or was made to do
// harm.
var ErrUnsafe = errors.New("damaged or unsafe pack")

func refusal(format string, args ...any) error {
	return &Error{"pack", fmt.Errorf("%w: %s", ErrUnsafe, fmt.Sprintf(format, args...)), "do not use the file; make it again with sheaf models pack, or copy it again"}
}

// A member is an entry that has to follow the manifest.
type member struct {
	entry, sha256 string
	size          int64
}

// members returns the entries that a manifest names, in their order, each
// checked: a path within its folder, a size, a digest, and no entry twice. A
// layer that two chat models share is one entry.
func (m *Manifest) members(maxBytes int64) ([]member, error) {
	var all []member
	seen := map[string]bool{}
	total := int64(0)
	add := func(e member, shared bool) error {
		// Systems differ in the case of names: two that differ in it alone are
		// one file on some.
		key := strings.ToLower(e.entry)
		switch {
		case seen[key] && shared && slices.Contains(all, e):
			return nil
		case seen[key]:
			return refusal("%q is named twice", e.entry)
		case len(all) == maxFiles:
			return refusal("it names more than %d files", maxFiles)
		case e.size < 0 || e.size > maxBytes-total:
			return refusal("it holds more than %d bytes", maxBytes)
		case len(e.sha256) != 64 || !models.ValidDigest(e.sha256):
			return refusal("%q has no sha256", e.entry)
		}
		seen[key] = true
		total += e.size
		all = append(all, e)
		return nil
	}
	if m.Schema != manifestSchema {
		return nil, &Error{"pack", fmt.Errorf("its schema is %d, this program reads %d", m.Schema, manifestSchema), "use a newer sheaf"}
	}
	names := map[string]bool{}
	for _, model := range m.Models {
		names[strings.ToLower(model.Name)] = true
	}
	for _, model := range m.Models {
		// A model is a folder of its own, and not inside of another's.
		if owner, _, ok := strings.Cut(strings.ToLower(model.Name), "/"); ok && names[owner] {
			return nil, refusal("model %q lies inside another", model.Name)
		}
	}
	clear(names)
	for _, model := range m.Models {
		if !models.ValidName(model.Name) || names[strings.ToLower(model.Name)] || len(model.Files) == 0 {
			return nil, refusal("model %q", model.Name)
		}
		names[strings.ToLower(model.Name)] = true
		for _, f := range model.Files {
			if !safePath(f.Path) {
				return nil, refusal("model %s has a file %q", model.Name, f.Path)
			}
			if err := add(member{model.entry(f.Path), f.SHA256, f.Size}, false); err != nil {
				return nil, err
			}
		}
	}
	if r := m.Runtime; r != nil {
		for _, f := range r.Files {
			if !runtimeFile.MatchString(f.Path) {
				return nil, refusal("the runtime has a file %q", f.Path)
			}
			if err := add(member{r.entry(f.Path), f.SHA256, f.Size}, false); err != nil {
				return nil, err
			}
		}
	}
	for _, c := range m.Chats {
		if !validChatName(c.Name) || len(c.Layers) == 0 || c.Format != FormatOllama && c.Format != FormatGGUF {
			return nil, refusal("chat model %q", c.Name)
		}
		for _, l := range c.Layers {
			if err := add(member{l.entry(), l.SHA256, l.Size}, true); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// runtimeFile matches the names of the library, and of what Windows wants beside
// it. A pack puts no other code anywhere.
var runtimeFile = regexp.MustCompile(`^(libonnxruntime(\.so)?(\.[0-9]+)*(\.dylib)?|onnxruntime\.dll|DirectML\.dll)$`)

// safePath says whether a slash-separated path stays in its folder, on every
// system, and is written in one way only.
func safePath(p string) bool {
	if p == "" || len(p) > 512 || path.IsAbs(p) || path.Clean(p) != p || !filepath.IsLocal(p) {
		return false
	}
	for _, r := range p {
		if r < 0x20 || r >= 0x7f || strings.ContainsRune(`\:*?"<>|`, r) {
			return false
		}
	}
	for part := range strings.SplitSeq(p, "/") {
		if part == ".." || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".") || strings.HasSuffix(part, " ") {
			return false
		}
	}
	return true
}

func readManifest(raw []byte) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, refusal("its manifest cannot be read: %v", err)
	}
	return &m, nil
}
