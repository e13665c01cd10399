package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// The lock keeps the database from being taken away under a process that uses
// it: who uses it holds the lock shared, who takes it away holds it alone. What
// happens inside of the database is SQLite's to order.

// errLocked says that others hold the lock.
var errLocked = errors.New("in use by another process")

func openLock(dir string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
}

// removeUnused removes files of the folder, with those that SQLite puts beside
// them, unless another process uses them. A shared lock on f is given up. What
// is not there need not be removed.
func removeUnused(dir string, f *os.File, names ...string) (removed bool, err error) {
	if err := unlock(f); err != nil {
		return false, err
	}
	switch err := lock(f, true, false); {
	case errors.Is(err, errLocked):
		return false, nil
	case err != nil:
		return false, err
	}
	for _, name := range names {
		for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
			if rerr := os.Remove(filepath.Join(dir, name+suffix)); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) {
				err = errors.Join(err, rerr)
			}
		}
	}
	return err == nil, errors.Join(err, unlock(f))
}
