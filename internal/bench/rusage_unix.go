//go:build unix

package bench

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"syscall"
)

// Usage is the processor time that this process has taken, in seconds, and the
// most memory it had, in bytes.
func Usage() (cpu float64, peak int64) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0
	}
	peak, ok := residentPeak()
	if !ok {
		peak = int64(u.Maxrss) //nolint:unconvert // an int32 on 32-bit systems
		if runtime.GOOS != "darwin" {
			peak *= 1024
		}
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Nano()) / 1e9 }
	return seconds(u.Utime) + seconds(u.Stime), peak
}

// residentPeak is the most memory this program had, as Linux tells it. What
// getrusage says there is never less than what the process that started it had.
func residentPeak() (int64, bool) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, false // another system
	}
	_, rest, ok := bytes.Cut(status, []byte("\nVmHWM:"))
	line, _, _ := bytes.Cut(rest, []byte("kB"))
	kB, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
	return kB << 10, ok && err == nil
}
