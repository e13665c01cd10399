package corpus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sheaf/internal/hint"
)

// FileInput is the file at path. It is opened when it is read.
func FileInput(path string) Input {
	return Input{Name: path, Open: func() (io.ReadCloser, error) { return openFile(path) }}
}

// PathInput is the file or the folder at path, which is opened when it is read.
// Nothing outside of a folder is read, whatever its links say.
func PathInput(path string) Input {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return FileInput(path)
	}
	return Input{Name: path, Folder: func() (fs.FS, error) {
		root, err := os.OpenRoot(path)
		if err != nil {
			return nil, err
		}
		return root.FS(), nil
	}}
}

func openFile(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, hint.Errorf("check the name and the folder", "%s: no such file%w", path, silent{err})
	case errors.Is(err, fs.ErrPermission):
		return nil, hint.Errorf("make the file readable for yourself", "%s: no permission to read%w", path, silent{err})
	case err != nil:
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = hint.Errorf("name the files in it", "%s: a folder, not a file", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// silent keeps an error in the chain and out of the text, where the text
// already says the same in fewer words.
type silent struct{ error }

func (silent) Error() string   { return "" }
func (s silent) Unwrap() error { return s.error }

// A rawInput is what an input held. It is a string so that the texts of notes
// can be parts of it.
type rawInput struct {
	bytes  string
	size   int64  // of the input
	sha256 string // of the whole input, in hex
	kind   string // what it is if it is neither text nor SQLite; bytes is empty then
	wal    []byte // SQLite: what lies in the write-ahead log beside the file
}

const blockSize = 256 << 10

// readAll reads an input to its end. Of what is no text it takes the sum only
// or, where there is no other input, nothing: that ends the run.
func readAll(ctx context.Context, in Input, alone bool, progress func(int64)) (_ *rawInput, err error) {
	r, err := in.Open()
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := r.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("%s: %w", in.Name, cerr)
		}
	}()

	var b strings.Builder
	file, isFile := r.(*os.File)
	if isFile {
		// One allocation of the right size; a wrong size only costs a copy.
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			b.Grow(int(min(info.Size(), maxInput)) + 1)
		}
	}
	sum := sha256.New()
	raw := new(rawInput)
	if err := raw.copyBlocks(ctx, &b, sum, r, in.Name, alone, progress); err != nil {
		return nil, err
	}
	raw.bytes, raw.sha256 = b.String(), hex.EncodeToString(sum.Sum(nil))
	if isFile && isSQLite(raw.bytes) {
		path, err := filepath.EvalSymlinks(file.Name())
		if err != nil {
			return nil, err
		}
		if raw.wal, err = readWAL(path); err != nil {
			return nil, err
		}
	}
	return raw, nil
}

func (raw *rawInput) copyBlocks(ctx context.Context, b *strings.Builder, sum hash.Hash, r io.Reader, name string, alone bool, progress func(int64)) error {
	block := make([]byte, blockSize)
	for first := true; ; first = false {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := fill(r, block)
		if first {
			raw.kind = binaryKind(string(block[:n]))
		}
		switch {
		case raw.kind == "":
			b.Write(block[:n]) // a strings.Builder never fails
		case alone:
			return binaryError(name, raw.kind)
		}
		sum.Write(block[:n]) // nor does a hash
		if raw.size += int64(n); raw.size > maxInput {
			return hint.Errorf("split it", "%s: larger than %d MiB", name, maxInput>>20)
		}
		if n > 0 {
			progress(raw.size)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}

// fill reads until block is full or r fails. Unlike io.ReadFull it leaves
// io.ErrUnexpectedEOF to readers that were cut short themselves.
func fill(r io.Reader, block []byte) (n int, err error) {
	for n < len(block) && err == nil {
		var k int
		k, err = r.Read(block[n:])
		n += k
	}
	return n, err
}
