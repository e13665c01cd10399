package pull

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sheaf/models"
)

// partialSuffix ends the name of a file that is not whole.
const partialSuffix = ".incomplete"

// A partial is a file that is being written.
type partial interface {
	io.Writer
	Truncate(size int64) error
	Seek(offset int64, whence int) (int64, error)
	Sync() error
	Close() error
}

type createFunc func(path string) (partial, error)

func openPartial(path string) (partial, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
}

// A source is a file of a server and how to tell that it is the right one.
type source struct {
	name   string // for people
	url    string
	size   int64
	digest string // as models.ValidDigest has it
}

// fetch puts a file at path. It goes on with what an earlier call left behind,
// compares size and digest, and gives the file its name when it is right.
func (c *client) fetch(ctx context.Context, src source, path string, opts *Options) error {
	if st, err := os.Stat(path); err == nil && st.Size() == src.size {
		return nil // it got its name when it was compared
	}
	temp := path + partialSuffix
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := opts.create(temp)
	if err != nil {
		return err
	}
	// Closed below where the file is whole; after a fault there is none to tell.
	defer func() { _ = f.Close() }()
	at, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if at > src.size {
		at = 0
	}
	if at > 0 {
		opts.note("%s: going on after %d of %d MB", src.name, at/1e6, src.size/1e6)
	}
	err = retry(ctx, opts, func() (bool, error) {
		if at == src.size {
			return false, nil
		}
		before := at
		var err error
		at, err = c.transfer(ctx, src, f, at, opts)
		return at > before, err
	})
	if err != nil {
		return c.explain(src.name, err)
	}
	if err := errors.Join(f.Truncate(src.size), f.Sync(), f.Close()); err != nil {
		return err
	}
	got, _, err := models.Digest(ctx, temp, len(src.digest))
	if err != nil {
		return err
	}
	if got != src.digest {
		// Going on with it would give the same again.
		if err := os.Remove(temp); err != nil {
			return err
		}
		return c.explain(src.name, fmt.Errorf("%w: the digest is %s, not %s", ErrMismatch, got, src.digest))
	}
	return os.Rename(temp, path)
}

// transfer asks for a file from an offset on and writes what comes. It returns
// how much of the file is there.
func (c *client) transfer(ctx context.Context, src source, f partial, at int64, opts *Options) (int64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	header := http.Header{}
	if at > 0 {
		header.Set("Range", fmt.Sprintf("bytes=%d-", at))
	}
	resp, err := c.do(ctx, http.MethodGet, src.url, header, false)
	if err != nil {
		return at, err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusPartialContent:
		if want := fmt.Sprintf("bytes %d-%d/%d", at, src.size-1, src.size); at == 0 || resp.Header.Get("Content-Range") != want {
			return 0, &finalError{fmt.Errorf("%w: asked for %q the server sends %q", ErrMismatch, want, resp.Header.Get("Content-Range"))}
		}
	case http.StatusOK:
		at = 0 // from the start, as servers without ranges do
		if resp.ContentLength >= 0 && resp.ContentLength != src.size {
			return 0, &finalError{fmt.Errorf("%w: it has %d bytes, not %d", ErrMismatch, resp.ContentLength, src.size)}
		}
	case http.StatusRequestedRangeNotSatisfiable:
		return 0, statusOfRange(resp)
	default:
		return at, statusError(resp)
	}
	if err := errors.Join(f.Truncate(at), seek(f, at)); err != nil {
		return at, &finalError{err}
	}
	stalled := time.AfterFunc(c.stall, func() { cancel(context.DeadlineExceeded) })
	defer stalled.Stop()
	buf := make([]byte, 256<<10)
	for {
		n, err := resp.Body.Read(buf)
		if n > 0 {
			stalled.Reset(c.stall)
			if at+int64(n) > src.size {
				return at, &finalError{fmt.Errorf("%w: it is longer than %d bytes", ErrMismatch, src.size)}
			}
			if _, err := f.Write(buf[:n]); err != nil {
				return at, &finalError{&diskError{err}}
			}
			at += int64(n)
			if opts.Progress != nil {
				opts.Progress(src.name, at, src.size)
			}
		}
		switch {
		case err == nil:
		case !errors.Is(err, io.EOF):
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return at, err
		case at < src.size:
			return at, io.ErrUnexpectedEOF
		default:
			return at, nil
		}
	}
}

// statusOfRange is for a server that has no such range of the file, for it
// has another file.
func statusOfRange(resp *http.Response) error {
	return &finalError{fmt.Errorf("%w: the server answers %s", ErrMismatch, resp.Status)}
}

func seek(f partial, at int64) error {
	_, err := f.Seek(at, io.SeekStart)
	return err
}

// A diskError is one of the disk; what is written so far stays.
type diskError struct{ error }

func (e *diskError) Unwrap() error { return e.error }

// Hint says what to do about it.
func (e *diskError) Hint() string {
	return "make room on the disk and run the same command again: it goes on where it ended"
}

// reuse takes a file that is somewhere on this machine already, if its content
// is the one asked for.
func reuse(ctx context.Context, from, path, digest string) (bool, error) {
	got, _, err := models.Digest(ctx, from, len(digest))
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil || got != digest {
		return false, nil // what is wrong with it is its owner's concern
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return false, err
	}
	temp := path + ".copy"
	if err := copyFile(from, temp); err != nil {
		return false, err
	}
	// Compared again: it is another program's file, and may have changed.
	if got, _, err = models.Digest(ctx, temp, len(digest)); err != nil || got != digest {
		return false, errors.Join(err, os.Remove(temp))
	}
	return true, os.Rename(temp, path)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// isThere says whether there is something at a path.
func isThere(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// lastPart is what follows the last slash.
func lastPart(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }
