package pack

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"

	"sheaf/models"
)

// Contents is what goes into a pack. At least one of them is needed.
type Contents struct {
	Models []models.Model
	// Runtime is the files of the ONNX Runtime library, paths on this machine,
	// and RuntimePlatform and RuntimeVersion what they are.
	Runtime                         []string
	RuntimePlatform, RuntimeVersion string
	Chats                           []ChatSource
}

// A ChatSource is a chat model on this machine; see [FindChat] and [GGUF].
type ChatSource struct {
	Name   string
	Format string
	layers []sourceLayer
}

type sourceLayer struct {
	Layer
	file string
}

// A packed file is one on this machine and its entry.
type packed struct {
	member
	file string
}

// Write writes a pack. The same files give the same bytes. progress, where it
// is not nil, is called with the bytes of all files that are done, which are
// read twice: once for the manifest.
func Write(ctx context.Context, w io.Writer, c Contents, progress func(done, total int64)) error {
	m, files, err := collect(ctx, c)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return &Error{"pack", errors.New("there is nothing to pack"), "name a model, --runtime or --chat"}
	}
	// The manifest has to be one that can be read again.
	if _, err := m.members(DefaultMaxBytes); err != nil {
		return err
	}
	var total int64
	for _, f := range files {
		total += f.size
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	// One encoder thread: what is written does not depend on the machine.
	zw, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	tw := tar.NewWriter(zw)
	if err := writeEntry(tw, manifestName, int64(len(raw)), bytes.NewReader(raw)); err != nil {
		return errors.Join(err, zw.Close())
	}
	var done int64
	for _, f := range files {
		report := func(n int64) {
			if progress != nil {
				progress(done+n, total)
			}
		}
		if err := writeFile(ctx, tw, f, report); err != nil {
			return errors.Join(err, zw.Close())
		}
		done += f.size
	}
	return errors.Join(tw.Close(), zw.Close())
}

func collect(ctx context.Context, c Contents) (*Manifest, []packed, error) {
	m := &Manifest{Schema: manifestSchema}
	var files []packed
	add := func(entry string, f models.File, path string) {
		files = append(files, packed{member{entry, f.SHA256, f.Size}, path})
	}
	for _, source := range c.Models {
		model, err := describe(ctx, source)
		if err != nil {
			return nil, nil, err
		}
		for _, f := range model.Files {
			add(model.entry(f.Path), f, filepath.Join(source.Dir, filepath.FromSlash(f.Path)))
		}
		m.Models = append(m.Models, model)
	}
	if len(c.Runtime) > 0 {
		r := &Runtime{Platform: c.RuntimePlatform, Version: c.RuntimeVersion}
		for _, path := range c.Runtime {
			if !runtimeFile.MatchString(filepath.Base(path)) {
				return nil, nil, &Error{path, errors.New("has another name than the ONNX Runtime library has"), "name it libonnxruntime.so, libonnxruntime.dylib or onnxruntime.dll, as its makers do"}
			}
			described, err := models.Describe(ctx, filepath.Dir(path), []string{filepath.Base(path)})
			if err != nil {
				return nil, nil, err
			}
			add(r.entry(described[0].Path), described[0], path)
			r.Files = append(r.Files, described[0])
		}
		m.Runtime = r
	}
	written := map[string]bool{}
	for _, chat := range c.Chats {
		out := Chat{Name: chat.Name, Format: chat.Format}
		for _, l := range chat.layers {
			out.Layers = append(out.Layers, l.Layer)
			if !written[l.SHA256] {
				written[l.SHA256] = true
				add(l.entry(), models.File{Size: l.Size, SHA256: l.SHA256}, l.file)
			}
		}
		m.Chats = append(m.Chats, out)
	}
	return m, files, nil
}

// describe says which files of a model are packed.
func describe(ctx context.Context, source models.Model) (Model, error) {
	if source.Dir == "" {
		return Model{}, &Error{source.Name, errors.New("is compiled into the program"), "leave it out: it is on every machine that has sheaf"}
	}
	files := models.Files(source.Dir)
	if len(files) == 0 {
		return Model{}, &Error{source.Dir, errors.New("holds no whole model"), "a model is a folder with weights (model.onnx or model.safetensors) and tokenizer.json"}
	}
	described, err := models.Describe(ctx, source.Dir, files)
	if err != nil {
		return Model{}, err
	}
	m := Model{Name: source.Name, Files: described}
	if e, v, ok := models.Lookup(source.Name); ok {
		m.Name = e.Installed(v)
	}
	if !models.ValidName(m.Name) {
		m.Name = filepath.Base(source.Dir)
	}
	if !models.ValidName(m.Name) {
		return Model{}, &Error{source.Dir, fmt.Errorf("%q is no name for a model", m.Name), "rename the folder: letters, digits, \".\", \"_\" and \"-\""}
	}
	// A model that somebody put there by hand has no record.
	if record, err := models.ReadRecord(source.Dir); err == nil {
		m.Repository, m.Commit = record.Repository, record.Commit
	}
	return m, nil
}

func writeFile(ctx context.Context, tw *tar.Writer, p packed, report func(int64)) error {
	f, err := os.Open(p.file)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	// One byte more than there was shows a file that grows.
	r := io.TeeReader(io.LimitReader(&reader{ctx, f, 0, report}, p.size+1), h)
	err = writeEntry(tw, p.entry, p.size, r)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil && hex.EncodeToString(h.Sum(nil)) != p.sha256 || errors.Is(err, tar.ErrWriteTooLong) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &Error{p.file, errors.New("changed while it was packed, or is damaged"), "run sheaf models verify, then pack again"}
	}
	return err
}

// writeEntry adds an entry that says nothing of this machine or the time.
func writeEntry(tw *tar.Writer, name string, size int64, r io.Reader) error {
	err := tw.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: time.Unix(0, 0), Format: tar.FormatPAX})
	if err != nil {
		return err
	}
	n, err := io.Copy(tw, r)
	if err == nil && n < size {
		return io.ErrUnexpectedEOF
	}
	return err
}

// reader counts, and ends with its context.
type reader struct {
	ctx    context.Context
	r      io.Reader
	n      int64
	report func(int64)
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.r.Read(p)
	r.n += int64(n)
	r.report(r.n)
	return n, err
}
