//go:build unix

package bench

import (
	"runtime"
	"syscall"
)

// Usage is the processor time that this process has taken, in seconds, and the
// most memory it had, in bytes.
func Usage() (cpu float64, peak int64) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0
	}
	peak = int64(u.Maxrss) //nolint:unconvert // an int32 on 32-bit systems
	if runtime.GOOS != "darwin" {
		peak *= 1024
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Nano()) / 1e9 }
	return seconds(u.Utime) + seconds(u.Stime), peak
}
