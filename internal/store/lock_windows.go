package store

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// wholeFile is the length of a lock that covers all of a file.
const wholeFile = ^uint32(0)

// lock locks f, alone or shared. It waits for others, or fails with errLocked.
func lock(f *os.File, alone, wait bool) error {
	var flags uint32
	if alone {
		flags |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	if !wait {
		flags |= windows.LOCKFILE_FAIL_IMMEDIATELY
	}
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, wholeFile, wholeFile, new(windows.Overlapped))
	switch {
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION), errors.Is(err, windows.ERROR_IO_PENDING):
		return errLocked
	case err != nil:
		return &os.PathError{Op: "lock", Path: f.Name(), Err: err}
	}
	return nil
}

func unlock(f *os.File) error {
	err := windows.UnlockFileEx(windows.Handle(f.Fd()), 0, wholeFile, wholeFile, new(windows.Overlapped))
	if err != nil {
		return &os.PathError{Op: "unlock", Path: f.Name(), Err: err}
	}
	return nil
}
