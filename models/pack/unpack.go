package pack

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/zstd"

	"sheaf/models"
)

// An Installer is where the contents of a pack go. Models is needed for any.
type Installer struct {
	Models  string // the folder of installed models
	Runtime string // the folder of the ONNX Runtime library
	// Platform is which runtime is wanted, as GOOS/GOARCH; another is left out.
	Platform string
	// Chat installs a chat model; it is called once all of the pack was
	// compared. layer opens a layer by its sha256.
	Chat func(ctx context.Context, c Chat, layer func(sha256 string) (*os.File, error)) error

	MaxBytes int64 // of all files together; 0 means DefaultMaxBytes
	Progress func(done, total int64)
}

// A Result is what became of each part of a pack.
type Result struct {
	Installed []string // models, "ONNX Runtime", chat models
	Present   []string // those that were there already, with the same content
	LeftOut   []LeftOut
}

// A LeftOut is a part of a pack that was not installed.
type LeftOut struct {
	Name string
	Err  error
}

// maxWindow bounds what a decoder has to remember, in bytes.
const maxWindow = 128 << 20

// Unpack installs a pack. A model of the same name with other content is an
// error, found before anything is written. A chat model that cannot be
// installed costs nothing else: it is in the result's LeftOut.
func (in *Installer) Unpack(ctx context.Context, r io.Reader) (*Result, error) {
	limit := in.MaxBytes
	if limit <= 0 {
		limit = DefaultMaxBytes
	}
	zr, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, err
	}
	defer zr.Close()
	tr := tar.NewReader(zr)
	m, err := first(tr)
	if err != nil {
		return nil, err
	}
	members, err := m.members(limit)
	if err != nil {
		return nil, err
	}
	result := &Result{}
	fresh, err := in.compare(ctx, m, result)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(in.Models, 0o700); err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp(in.Models, ".unpack-")
	if err != nil {
		return nil, err
	}
	// What is left in it is not needed, and where it cannot be removed its
	// name says that nothing looks at it.
	defer func() { _ = os.RemoveAll(temp) }()
	root, err := os.OpenRoot(temp)
	if err != nil {
		return nil, err
	}
	// Nothing is written through it any more by then.
	defer func() { _ = root.Close() }()
	if err := in.extract(ctx, tr, root, members); err != nil {
		return nil, err
	}
	if err := finish(zr); err != nil {
		return nil, err
	}
	for _, model := range fresh {
		if err := in.installModel(temp, model); err != nil {
			return result, err
		}
		result.Installed = append(result.Installed, model.Name)
	}
	if err := in.installRuntime(temp, m.Runtime, result); err != nil {
		return result, err
	}
	for _, chat := range m.Chats {
		layer := func(sum string) (*os.File, error) { return root.Open(Layer{SHA256: sum}.entry()) }
		err := error(&Error{chat.Name, errors.New("chat models are not installed here"), "install Ollama"})
		if in.Chat != nil {
			err = in.Chat(ctx, chat, layer)
		}
		if ctx.Err() != nil {
			return result, ctx.Err()
		}
		if err != nil {
			result.LeftOut = append(result.LeftOut, LeftOut{chat.Name, err})
			continue
		}
		result.Installed = append(result.Installed, chat.Name)
	}
	return result, nil
}

// ReadManifest reads what a pack holds, and nothing more of it.
func ReadManifest(r io.Reader) (*Manifest, error) {
	zr, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, err
	}
	defer zr.Close()
	m, err := first(tar.NewReader(zr))
	if err != nil {
		return nil, err
	}
	_, err = m.members(DefaultMaxBytes)
	return m, err
}

// first reads the manifest, with which a pack begins.
func first(tr *tar.Reader) (*Manifest, error) {
	h, err := tr.Next()
	if err != nil {
		return nil, notAPack(err)
	}
	if h.Name != manifestName || h.Typeflag != tar.TypeReg || h.Size > maxManifest {
		return nil, refusal("it does not begin with a manifest")
	}
	raw, err := io.ReadAll(tr)
	if err != nil {
		return nil, notAPack(err)
	}
	return readManifest(raw)
}

func notAPack(err error) error {
	return &Error{"pack", fmt.Errorf("%w: %w", ErrUnsafe, err), "give a file that sheaf models pack wrote; it may have been cut while it was copied"}
}

// compare finds the models that are to be installed.
func (in *Installer) compare(ctx context.Context, m *Manifest, result *Result) ([]Model, error) {
	var fresh []Model
	for _, model := range m.Models {
		dir := filepath.Join(in.Models, filepath.FromSlash(model.Name))
		if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
			fresh = append(fresh, model)
			continue
		}
		for _, f := range model.Files {
			got, _, err := models.Digest(ctx, filepath.Join(dir, filepath.FromSlash(f.Path)), len(f.SHA256))
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err != nil || got != f.SHA256 {
				return nil, &Error{model.Name, fmt.Errorf("is installed already, with another %s", f.Path), "remove it with sheaf models rm, then unpack again"}
			}
		}
		result.Present = append(result.Present, model.Name)
	}
	return fresh, nil
}

// extract writes each entry to its place below root, and compares it.
func (in *Installer) extract(ctx context.Context, tr *tar.Reader, root *os.Root, members []member) error {
	var done, total int64
	for _, m := range members {
		total += m.size
	}
	missing := slices.Clone(members)
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return notAPack(err)
		}
		i := slices.IndexFunc(missing, func(m member) bool { return m.entry == h.Name })
		if i < 0 || h.Typeflag != tar.TypeReg || h.Size != missing[i].size {
			return refusal("%q is not as the manifest says", h.Name)
		}
		if err := writeMember(ctx, tr, root, missing[i], func(n int64) {
			if in.Progress != nil {
				in.Progress(done+n, total)
			}
		}); err != nil {
			return err
		}
		done += missing[i].size
		missing = slices.Delete(missing, i, i+1)
	}
	if len(missing) > 0 {
		return refusal("%q is missing", missing[0].entry)
	}
	return nil
}

func writeMember(ctx context.Context, r io.Reader, root *os.Root, m member, report func(int64)) error {
	name := filepath.FromSlash(m.entry)
	if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	h := sha256.New()
	source := &reader{ctx, r, 0, report}
	_, err = io.Copy(io.MultiWriter(f, h), source)
	if err = errors.Join(err, f.Close()); err != nil {
		var path *fs.PathError
		if ctx.Err() != nil || errors.As(err, &path) {
			return err // of the disk, not of the pack
		}
		return notAPack(err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != m.sha256 {
		return refusal("the sha256 of %q is %s, not %s", m.entry, got, m.sha256)
	}
	return nil
}

// finish reads the end of the archive, where the decoder compares what it has
// decoded. A tar archive ends with zeros, and nothing else.
func finish(r io.Reader) error {
	buf := make([]byte, 32<<10)
	for n := 0; n < 1<<20; {
		k, err := r.Read(buf)
		if slices.ContainsFunc(buf[:k], func(b byte) bool { return b != 0 }) {
			return refusal("something follows its end")
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return notAPack(err)
		}
		n += k
	}
	return refusal("something follows its end")
}

func (in *Installer) installModel(temp string, m Model) error {
	built := filepath.Join(temp, filepath.FromSlash(path.Join(modelsFolder, m.Name)))
	record := models.Record{Name: m.Name, Repository: m.Repository, Commit: m.Commit, Files: slices.Clone(m.Files)}
	for i := range record.Files {
		record.Files[i].Checked = "pack"
	}
	if err := models.WriteRecord(built, record); err != nil {
		return err
	}
	dir := filepath.Join(in.Models, filepath.FromSlash(m.Name))
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	return os.Rename(built, dir)
}

const runtimeName = "ONNX Runtime"

func (in *Installer) installRuntime(temp string, r *Runtime, result *Result) error {
	switch {
	case r == nil:
		return nil
	case in.Runtime == "" || r.Platform != in.Platform:
		result.LeftOut = append(result.LeftOut, LeftOut{runtimeName, &Error{runtimeName,
			fmt.Errorf("the pack has the library for %s, this is %s", r.Platform, in.Platform), "pack it on a machine like this one, with --runtime"}})
		return nil
	}
	if err := os.MkdirAll(in.Runtime, 0o700); err != nil {
		return err
	}
	for _, f := range r.Files {
		if err := os.Rename(filepath.Join(temp, runtimeFolder, f.Path), filepath.Join(in.Runtime, f.Path)); err != nil {
			return err
		}
	}
	result.Installed = append(result.Installed, runtimeName)
	return nil
}
