//go:build !windows

package report

import (
	"io/fs"
	"os"
	"syscall"
)

func rename(from, to string) error { return os.Rename(from, to) }

// syncFolder makes a rename last through a loss of power.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	err = dir.Sync()
	if cerr := dir.Close(); err == nil {
		err = cerr
	}
	return err
}

// keepOwner gives a file the owner and group of the one it will replace, as
// far as that is allowed: a file written under sudo stays its user's.
func keepOwner(file *os.File, old fs.FileInfo) {
	if stat, ok := old.Sys().(*syscall.Stat_t); ok {
		// Only root may always do this. For anyone else the file belongs
		// to whoever wrote it, as a new one does.
		_ = file.Chown(int(stat.Uid), int(stat.Gid))
	}
}
