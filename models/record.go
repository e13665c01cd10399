package models

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// RecordFile is the file in an installed model's folder that says where its
// files came from.
const RecordFile = "sheaf.json"

// recordSchema is the version of the record's form.
const recordSchema = 1

// A Record is the content of [RecordFile].
type Record struct {
	Schema     int    `json:"schema"`
	Name       string `json:"name"`
	Repository string `json:"repository,omitempty"`
	Commit     string `json:"commit,omitempty"`
	Files      []File `json:"files"`
}

// A File is one of a model's.
type File struct {
	Path   string `json:"path"` // slash-separated, within the model's folder
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// Checked says what the content was compared with when it came:
	// "catalogue", "hub sha256", "hub git" or "pack".
	Checked string `json:"checked,omitempty"`
	// Repository and Commit are set where the file is from another one than
	// the model.
	Repository string `json:"repository,omitempty"`
	Commit     string `json:"commit,omitempty"`
}

// ReadRecord reads the record of the model in dir. A model that was put there
// by hand has none, and the error then is [fs.ErrNotExist].
func ReadRecord(dir string) (*Record, error) {
	file := filepath.Join(dir, RecordFile)
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var r Record
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, &DamagedError{file, err.Error()}
	}
	if r.Schema != recordSchema {
		return nil, &DamagedError{file, fmt.Sprintf("its schema is %d, not %d", r.Schema, recordSchema)}
	}
	for _, f := range r.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			return nil, &DamagedError{file, fmt.Sprintf("it names a file outside the model: %q", f.Path)}
		}
	}
	return &r, nil
}

// WriteRecord writes the record of the model in dir.
func WriteRecord(dir string, r Record) error {
	r.Schema = recordSchema
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, RecordFile), append(raw, '\n'), 0o600)
}

// A DamagedError says that a file of a model is not what it was.
type DamagedError struct{ Path, Reason string }

func (e *DamagedError) Error() string { return e.Path + ": " + e.Reason }

// Hint says what to do about it.
func (e *DamagedError) Hint() string {
	return "remove the model with sheaf models rm and get it again"
}

// A State is what a check of a file found.
type State string

// The states of a file.
const (
	Good    State = "ok"
	Damaged State = "damaged"
	Missing State = "missing"
	Unknown State = "not known" // there is nothing to compare it with
)

// A Check is the result for one file.
type Check struct {
	Path   string
	State  State
	Reason string // for what is damaged: what differs
}

// Verify compares the files of a model with what is known of them: the record
// of an installed model, the blob's name in the Hugging Face cache, and the
// catalogue. The result is in the order of the record, else sorted by path.
//
// An error is a file that cannot be read; one that differs is a [Check].
func Verify(ctx context.Context, m Model) ([]Check, error) {
	if m.Dir == "" {
		return nil, nil
	}
	record, err := ReadRecord(m.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return verifyUnrecorded(ctx, m)
	}
	if err != nil {
		return nil, err
	}
	checks := make([]Check, 0, len(record.Files))
	for _, f := range record.Files {
		c, err := verifyFile(ctx, m.Dir, f.Path, f.SHA256)
		if err != nil {
			return nil, err
		}
		checks = append(checks, c)
	}
	return checks, nil
}

func verifyUnrecorded(ctx context.Context, m Model) ([]Check, error) {
	files := Files(m.Dir)
	if len(files) == 0 {
		return nil, &DamagedError{m.Dir, "it holds no whole model (weights and tokenizer.json)"}
	}
	_, variant, listed := Lookup(m.Name)
	checks := make([]Check, 0, len(files))
	for _, f := range files {
		want := ""
		if m.Cached {
			want = linkedBlob(filepath.Join(m.Dir, filepath.FromSlash(f)))
		}
		if listed && want == "" && f == variant.File {
			want = variant.SHA256
		}
		c, err := verifyFile(ctx, m.Dir, f, want)
		if err != nil {
			return nil, err
		}
		checks = append(checks, c)
	}
	return checks, nil
}

func verifyFile(ctx context.Context, dir, name, want string) (Check, error) {
	c := Check{Path: name, State: Unknown}
	file := filepath.Join(dir, filepath.FromSlash(name))
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		c.State = Missing
		return c, nil
	}
	if want == "" {
		return c, nil
	}
	got, _, err := Digest(ctx, file, len(want))
	switch {
	case err != nil:
		return c, err
	case got != want:
		c.State, c.Reason = Damaged, fmt.Sprintf("its digest is %s, not %s", got, want)
	default:
		c.State = Good
	}
	return c, nil
}

// Digest reads a file and returns its digest as the hub writes it, with so
// many hexadecimal digits (see [ValidDigest]), and its size. It looks at ctx
// as it reads.
func Digest(ctx context.Context, file string, digits int) (string, int64, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return "", 0, err
	}
	var h hash.Hash
	switch digits {
	case sha256Digits:
		h = sha256.New()
	case gitDigits:
		h = sha1.New()
		if _, err := fmt.Fprintf(h, "blob %d\x00", st.Size()); err != nil {
			return "", 0, err
		}
	default:
		panic(fmt.Sprintf("models: no digest has %d digits", digits))
	}
	n, err := io.Copy(h, &contextReader{ctx, f})
	if err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(h.Sum(nil)), n, nil
}

// contextReader fails when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// Describe reads the files of a model and returns them with their digests, in
// order, as a record has them.
func Describe(ctx context.Context, dir string, files []string) ([]File, error) {
	out := make([]File, 0, len(files))
	for _, name := range slices.Sorted(slices.Values(files)) {
		sum, size, err := Digest(ctx, filepath.Join(dir, filepath.FromSlash(name)), sha256Digits)
		if err != nil {
			return nil, err
		}
		out = append(out, File{Path: name, Size: size, SHA256: sum})
	}
	return out, nil
}
