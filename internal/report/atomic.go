package report

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"sheaf/internal/hint"
)

// An AtomicFile is a file that appears under its name only when it is whole.
// What is written goes to a temporary file in the same folder, which Commit
// renames. Whatever was there before stays there until then, also when the
// process is killed. Devices, pipes and the like cannot be renamed over and
// are written directly.
//
// An AtomicFile is not safe for concurrent use.
type AtomicFile struct {
	name string   // as it was asked for, for messages
	dir  string   // the folder where it will be, "" or with a separator at the end
	path string   // the file in it, symbolic links followed
	file *os.File // nil once it is closed
	temp string   // the temporary file; "" where the file is written directly
	err  error    // the first error of Write
}

// Temp is the path of the temporary file, or "" where the file is written
// directly: what is left if the program ends before Commit or Abort.
func (f *AtomicFile) Temp() string { return f.temp }

// CreateAtomic begins to write the file at path.
//
// perm, before umask, is the mode of a new file; 0 means 0666. A file that is
// replaced keeps its mode, but for what perm denies to group and others. A
// symbolic link stays and the file it leads to is replaced. It is an error if
// path is a folder or a file without permission to write, or if its folder
// does not exist or takes no new file.
//
// The caller defers Abort and calls Commit when all is written.
func CreateAtomic(path string, perm fs.FileMode) (*AtomicFile, error) {
	if perm == 0 {
		perm = 0o666
	}
	f := &AtomicFile{name: path}
	if path == "" {
		return nil, hint.Errorf("name a file, or - for standard output", "write: the file has no name")
	}
	old, err := f.resolve()
	if err != nil {
		return nil, err
	}
	if f.path == "" {
		if err := f.openDirectly(); err != nil {
			return nil, f.fail(err)
		}
		return f, nil
	}
	mode := perm
	if old != nil {
		if err := writable(f.path); err != nil {
			return nil, f.fail(err)
		}
		// Whoever may not read the new file may not execute it either.
		mode = old.Mode().Perm() & (perm | perm>>2&0o111)
	}
	if err := f.createTemp(mode); err != nil {
		return nil, f.fail(err)
	}
	if old != nil {
		// Creation was subject to umask, the old mode is not.
		keepOwner(f.file, old)
		if err := f.file.Chmod(mode); err != nil && !unsupported(err) {
			f.Abort()
			return nil, f.fail(err)
		}
	}
	return f, nil
}

// resolve follows symbolic links and sets path to the place where the file is
// or will be, or leaves it empty if it has to be written directly. It returns
// what is there, nil if nothing is.
func (f *AtomicFile) resolve() (fs.FileInfo, error) {
	path := f.name
	const maxLinks = 40 // as Linux has it
	for range maxLinks {
		// Paths are split and joined, never cleaned: after a link to a
		// folder, ".." leads elsewhere than the text of the path says.
		dir, base := filepath.Split(path)
		if base == "" || base == "." || base == ".." {
			return nil, f.isFolder()
		}
		// What stdout was opened on belongs to whoever opened it, even if
		// it is an ordinary file. A folder that cannot be followed is none
		// of these; if it is not there, making the file will tell.
		if real, err := filepath.EvalSymlinks(cmp.Or(dir, ".")); err == nil && isDescriptor(real) {
			return nil, nil
		}
		info, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			f.dir, f.path = dir, path
			return nil, nil
		case err != nil:
			return nil, f.fail(err)
		case info.IsDir():
			return nil, f.isFolder()
		case info.Mode().IsRegular():
			f.dir, f.path = dir, path
			return info, nil
		case info.Mode()&fs.ModeSymlink == 0:
			return nil, nil
		}
		link, err := os.Readlink(path)
		if err != nil {
			return nil, f.fail(err)
		}
		if !filepath.IsAbs(link) {
			link = dir + link
		}
		path = link
	}
	return nil, f.fail(syscall.ELOOP)
}

// isDescriptor tells of the folders where a process finds its open files.
func isDescriptor(dir string) bool {
	if dir == "/dev/fd" {
		return true
	}
	pid, ok := strings.CutPrefix(dir, "/proc/")
	return ok && strings.HasSuffix(pid, "/fd")
}

func (f *AtomicFile) openDirectly() error {
	flags := os.O_WRONLY
	if info, err := os.Stat(f.name); err == nil && info.Mode().IsRegular() {
		flags |= os.O_APPEND // after what a shell's >> found in it
	}
	file, err := os.OpenFile(f.name, flags, 0)
	f.file = file
	return err
}

// createTemp makes the temporary file. Its name does not grow with the file's
// own, which may be as long as the system allows already.
func (f *AtomicFile) createTemp(mode fs.FileMode) error {
	for {
		temp := f.dir + ".sheaf-" + rand.Text()[:12] + ".tmp"
		file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		f.file, f.temp = file, temp
		return nil
	}
}

// writable tells whether a file that is there may be written to. A rename
// would not ask.
func writable(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return file.Close()
}

// Write writes to the temporary file. After an error Commit fails too.
func (f *AtomicFile) Write(p []byte) (int, error) {
	if f.file == nil {
		return 0, f.fail(fs.ErrClosed)
	}
	n, err := f.file.Write(p)
	if err != nil {
		err = f.fail(err)
		if f.err == nil {
			f.err = err
		}
	}
	return n, err
}

// WriteAt overwrites what was written at an offset, as a header that says how
// much follows. After an error Commit fails too. A file that is written directly
// cannot be changed afterwards: that is an error.
func (f *AtomicFile) WriteAt(p []byte, off int64) (int, error) {
	switch {
	case f.file == nil:
		return 0, f.fail(fs.ErrClosed)
	case f.temp == "":
		f.err = cmp.Or(f.err, hint.Errorf("name an ordinary file", "write %s: it cannot be changed once it is written", f.name))
		return 0, f.err
	}
	n, err := f.file.WriteAt(p, off)
	if err != nil {
		err = f.fail(err)
		f.err = cmp.Or(f.err, err)
	}
	return n, err
}

// Commit makes the file appear under its name, and returns when it is on the
// disk. If it fails, the temporary file is gone and what was there before
// still stands.
func (f *AtomicFile) Commit() error {
	if f.file == nil {
		return f.fail(fs.ErrClosed)
	}
	if f.err != nil {
		f.Abort()
		return f.err
	}
	if err := f.file.Sync(); err != nil && !unsupported(err) {
		f.Abort()
		return f.fail(err)
	}
	err := f.file.Close()
	f.file = nil
	if err == nil && f.temp != "" {
		err = rename(f.temp, f.path)
	}
	if err != nil {
		f.removeTemp()
		return f.fail(err)
	}
	if f.temp == "" {
		return nil
	}
	f.temp = ""
	if err := syncFolder(cmp.Or(f.dir, ".")); err != nil && !unsupported(err) {
		return f.fail(err)
	}
	return nil
}

// Abort gives the file up and removes the temporary one. After Commit, or a
// second time, it does nothing, so that it can be deferred.
func (f *AtomicFile) Abort() {
	if f.file == nil {
		return
	}
	// The content is given up, so an error of closing changes nothing.
	_ = f.file.Close()
	f.file = nil
	f.removeTemp()
}

func (f *AtomicFile) removeTemp() {
	if f.temp != "" {
		// What cannot be removed stays under a name that says it is
		// temporary; the error that led here matters more.
		_ = os.Remove(f.temp)
		f.temp = ""
	}
}

func (f *AtomicFile) isFolder() error {
	return hint.Errorf("name a file in it", "write %s: it is a folder", f.name)
}

// fail names the file that was asked for, where the error of the system names
// the temporary one, and adds what can be done.
func (f *AtomicFile) fail(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	if errors.As(err, &path) {
		err = path.Err
	} else if errors.As(err, &link) {
		err = link.Err
	}
	wrapped := fmt.Errorf("write %s: %w", f.name, err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return hint.Errorf("make its folder first, or name another file", "%w", wrapped)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return hint.Errorf("name another file, in a folder that you may write to", "%w", wrapped)
	case errors.Is(err, syscall.ENOSPC):
		return hint.Errorf("make room on the disk, or name a file on another one", "%w", wrapped)
	}
	return wrapped
}

// unsupported tells whether a file system refuses a call as such. Pipes and
// some network file systems cannot be synced, others have no modes.
func unsupported(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) ||
		errors.Is(err, syscall.ENOTSUP)
}
