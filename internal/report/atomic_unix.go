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
	stat, ok := old.Sys().(*syscall.Stat_t)
	if !ok {
		return
	}
	if err := file.Chown(int(stat.Uid), int(stat.Gid)); err != nil {
		// Only root may give a file away, but a member of its group may
		// leave it to the group. Where not even that is allowed, the file
		// belongs to whoever wrote it, as a new one does.
		_ = file.Chown(-1, int(stat.Gid))
	}
}
