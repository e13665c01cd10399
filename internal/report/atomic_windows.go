package report

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// rename tries for a moment: virus scanners and indexers hold a new file open
// just after it was written, and Windows renames no open file.
func rename(from, to string) error {
	wait := time.Millisecond
	for {
		err := os.Rename(from, to)
		held := errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
		if !held || wait > time.Second {
			return err
		}
		time.Sleep(wait)
		wait *= 2
	}
}

// syncFolder has nothing to do: Windows syncs no folder.
func syncFolder(string) error { return nil }

// keepOwner has nothing to do: the folder says who may do what.
func keepOwner(*os.File, fs.FileInfo) {}
