package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// settled is how old a file's time has to be for its digest to be kept: a file
// that was written to just now may change once more within the resolution of
// its file system's clock, which is 2 seconds on FAT.
const settled = 2 * time.Second

// A version is what tells a file from what it was: path, size and time.
type version struct {
	path string
	size int64
	time time.Time
}

func versionOf(path string) (version, error) {
	st, err := os.Stat(path)
	if err != nil {
		return version{}, err
	}
	path, err = filepath.Abs(path)
	return version{path, st.Size(), st.ModTime()}, err
}

func (s *Store) digestKey(v version) Key {
	return s.newKeyer(kindDigest, strconv.FormatInt(v.size, 10), strconv.FormatInt(v.time.UnixNano(), 10)).key(v.path)
}

// known is the digest that was kept of a file, or nil.
func (s *Store) known(ctx context.Context, v version) (sum []byte) {
	// Whatever is wrong with the store, reading the file is right.
	_ = s.get(ctx, kindDigest, []Key{s.digestKey(v)}, func(_ int, payload []byte) {
		if len(payload) == sha256.Size {
			sum = append(sum, payload...)
		}
	})
	return sum
}

// KnownDigest returns what [Store.FileDigest] would, but "" where it would have
// to read the file.
func (s *Store) KnownDigest(ctx context.Context, path string) string {
	v, err := versionOf(path)
	if err != nil {
		return ""
	}
	if sum := s.known(ctx, v); sum != nil {
		return digestString(sum)
	}
	return ""
}

// FileDigest returns "sha256:…" of a file's bytes. The digest of a file is
// kept by its path, size and time, and the file is read again when one of them
// changes. The error is that of reading the file; a store that fails only costs
// the time to do so.
func (s *Store) FileDigest(ctx context.Context, path string) (string, error) {
	before, err := versionOf(path)
	if err != nil {
		return "", err
	}
	if sum := s.known(ctx, before); sum != nil {
		return digestString(sum), nil
	}
	sum, err := hashFile(ctx, path)
	if err != nil {
		return "", err
	}
	after, err := versionOf(path)
	if err != nil {
		return "", err
	}
	isSame := after.size == before.size && after.time.Equal(before.time)
	if isSame && time.Since(before.time) > settled {
		value := append(make([]byte, checksumBytes), sum...)
		_ = s.put(ctx, kindDigest, 1, func(int) (Key, []byte) { return s.digestKey(before), value })
	}
	return digestString(sum), ctx.Err()
}

// FileDigest is that of a [Store] without one: the file is read.
func FileDigest(ctx context.Context, path string) (string, error) {
	sum, err := hashFile(ctx, path)
	if err != nil {
		return "", err
	}
	return digestString(sum), nil
}

func digestString(sum []byte) string { return "sha256:" + hex.EncodeToString(sum) }

func hashFile(ctx context.Context, path string) (_ []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.CopyBuffer(struct{ io.Writer }{h}, &contextReader{ctx, f}, make([]byte, 1<<20)); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

// A contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}
