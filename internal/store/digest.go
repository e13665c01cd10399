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

// FileDigest returns "sha256:…" of a file's bytes. The digest of a file is
// kept by its path, size and time, and the file is read again when one of them
// changes. The error is that of reading the file; a store that fails only costs
// the time to do so.
func (s *Store) FileDigest(ctx context.Context, path string) (string, error) {
	before, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	key := s.newKeyer(kindDigest, strconv.FormatInt(before.Size(), 10), strconv.FormatInt(before.ModTime().UnixNano(), 10)).key(abs)
	var sum []byte
	// Whatever is wrong with the store, reading the file is right.
	_ = s.get(ctx, kindDigest, []Key{key}, func(_ int, payload []byte) {
		if len(payload) == sha256.Size {
			sum = append(sum, payload...)
		}
	})
	if sum != nil {
		return digestString(sum), nil
	}
	if sum, err = hashFile(ctx, path); err != nil {
		return "", err
	}
	after, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	isSame := after.Size() == before.Size() && after.ModTime().Equal(before.ModTime())
	if isSame && time.Since(before.ModTime()) > settled {
		value := append(make([]byte, checksumBytes), sum...)
		_ = s.put(ctx, kindDigest, 1, func(int) (Key, []byte) { return key, value })
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
