package pull

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	// maxLibrary bounds one file of an archive, in bytes.
	maxLibrary = 1 << 30
	// maxUnpacked bounds what is read of an archive, debugging symbols and all.
	maxUnpacked = 8 << 30
	// maxLinks is how many links may lead to a file.
	maxLinks = 8
)

var errNoMember = errors.New("the archive lacks the library")

// A member is a file of an archive, or a link to one.
type member struct {
	size int64
	link string                  // where it leads, if it is one
	save func(path string) error // writes the content; only while the archive is walked
}

// A visit is called for each member of the library's folder with its name in
// there, until it says that it is done.
type visit func(name string, m member) (done bool, err error)

// extract writes the library, and what providers share where it is there, into
// dir under the names that they have without a version. It returns the names,
// the library's last: it is the one that others look for. No name of the
// archive becomes a path.
func (a *asset) extract(ctx context.Context, file, dir string) ([]string, error) {
	members := map[string]member{}
	err := a.walk(ctx, file, func(name string, m member) (bool, error) {
		if _, twice := members[name]; twice {
			return false, fmt.Errorf("%w: the archive has %s twice", ErrMismatch, name)
		}
		members[name] = m
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	library, err := resolve(members, a.library)
	if errors.Is(err, errNoMember) && a.versioned != "" {
		library, err = resolve(members, fmt.Sprintf(a.versioned, a.version))
	}
	if err != nil {
		return nil, err
	}
	targets, names := map[string]string{library: a.library}, []string{a.library}
	switch shared, err := resolve(members, a.shared); {
	case err == nil && shared != library:
		targets[shared], names = a.shared, []string{a.shared, a.library}
	case err != nil && !errors.Is(err, errNoMember):
		return nil, err
	}
	left := len(targets)
	return names, a.walk(ctx, file, func(name string, m member) (bool, error) {
		target, wanted := targets[name]
		if !wanted {
			return false, nil
		}
		left--
		return left == 0, m.save(filepath.Join(dir, target))
	})
}

// resolve follows links to a file of the same folder.
func resolve(members map[string]member, name string) (string, error) {
	at := name
	for range maxLinks {
		m, ok := members[at]
		switch {
		case !ok:
			return "", fmt.Errorf("%w: there is no %s", errNoMember, at)
		case m.link == "" && m.size > maxLibrary:
			return "", fmt.Errorf("%w: %s has %d bytes", ErrMismatch, at, m.size)
		case m.link == "":
			return at, nil
		}
		if at = strings.TrimPrefix(m.link, "./"); strings.ContainsAny(at, `/\`) {
			return "", fmt.Errorf("%w: %s is a link to %q", ErrMismatch, name, m.link)
		}
	}
	return "", fmt.Errorf("%w: the links from %s do not end", ErrMismatch, name)
}

// member returns the name in the library's folder of what an archive has under
// a path, and whether it lies there: not in a folder below, where the debugging
// symbols are, which have the library's name.
func (a *asset) member(path string) (string, bool) {
	name, ok := strings.CutPrefix(strings.TrimPrefix(path, "./"), a.folder()+"/lib/")
	return name, ok && name != "" && !strings.ContainsAny(name, `/\`)
}

func (a *asset) walk(ctx context.Context, file string, v visit) error {
	if a.suffix == ".zip" {
		return a.walkZip(ctx, file, v)
	}
	return a.walkTar(ctx, file, maxUnpacked, v)
}

func (a *asset) walkZip(ctx context.Context, file string, v visit) error {
	zr, err := zip.OpenReader(file)
	if err != nil {
		return err
	}
	defer func() { _ = zr.Close() }() // it was only read from
	for _, f := range zr.File {
		name, ok := a.member(f.Name)
		if !ok || !f.Mode().IsRegular() {
			continue
		}
		size := int64(min(f.UncompressedSize64, maxLibrary+1))
		done, err := v(name, member{size: size, save: func(path string) error {
			r, err := f.Open()
			if err != nil {
				return err
			}
			return errors.Join(writeFile(path, &boundedReader{ctx, r, size}), r.Close())
		}})
		if done || err != nil {
			return err
		}
	}
	return nil
}

// walkTar walks a .tgz, of which it unpacks no more than limit bytes.
func (a *asset) walkTar(ctx context.Context, file string, limit int64, v visit) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	zr, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	for tr := tar.NewReader(&boundedReader{ctx, zr, limit}); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name, ok := a.member(h.Name)
		m := member{size: h.Size, save: func(path string) error { return writeFile(path, tr) }}
		switch h.Typeflag {
		case tar.TypeReg:
		case tar.TypeSymlink:
			if m.link = h.Linkname; m.link == "" {
				ok = false
			}
		default:
			ok = false
		}
		if !ok {
			continue
		}
		if done, err := v(name, m); done || err != nil {
			return err
		}
	}
}

// A boundedReader ends with an error where there is more than so many bytes,
// and when the context does.
type boundedReader struct {
	ctx  context.Context
	r    io.Reader
	left int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("%w: the archive holds more than it can", ErrMismatch)
	}
	return n, err
}

func writeFile(target string, r io.Reader) error {
	f, err := os.OpenFile(target, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Sync(), f.Close())
}

// explainArchive tells a fault of the disk from one of the archive, which is
// removed: to read it again would give the same.
func explainArchive(what, file string, err error) error {
	var disk *fs.PathError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &disk):
		return &Error{what, err, (&diskError{err}).Hint()}
	}
	return &Error{what, errors.Join(err, os.Remove(file)), adviceMismatch}
}
