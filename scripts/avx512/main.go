//go:build linux

// Command avx512 is the first and only process of the machine that run.sh
// emulates: it runs the test binaries beside it, says on the console how that
// went, and switches the machine off.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// Every AVX-512 function is called by these: the tiles by the first two, the
// peak loop by the benchmark. An avx512 that the processor lacks is an error in
// the last, which chooses its kernel by SHEAF_SIMD.
var runs = [][]string{
	{"/simd.test", "-test.v", "-test.run", "Tile|Products|SqDist|FuzzKernels"},
	{"/simd.test", "-test.v", "-test.run", "^$", "-test.bench", "Tile/avx512/d=160", "-test.benchtime", "1x"},
	{"/kmeans.test", "-test.v", "-test.run", "SameBitsOnEveryPlatform"},
}

func main() {
	if os.Getpid() != 1 {
		fmt.Fprintln(os.Stderr, "avx512: only for the machine that scripts/avx512/run.sh starts")
		os.Exit(2)
	}
	if err := check(); err != nil {
		fmt.Println("avx512: FAIL:", err)
	} else {
		fmt.Println("avx512: PASS")
	}
	// What waits in the serial port would be lost with the machine: tcdrain.
	if err := unix.IoctlSetInt(1, unix.TCSBRK, 1); err != nil {
		fmt.Println("avx512: tcdrain:", err)
	}
	// Returns only where it fails; then the kernel panics, as its init ended.
	fmt.Println("switching off:", syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF))
}

func check() error {
	for _, m := range [][2]string{{"devtmpfs", "/dev"}, {"proc", "/proc"}} {
		if err := syscall.Mount(m[0], m[1], m[0], 0, ""); err != nil {
			return fmt.Errorf("mount %s: %w", m[1], err)
		}
	}
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return err
	}
	if !bytes.Contains(info, []byte(" avx512f ")) {
		return fmt.Errorf("the emulated processor has no AVX-512")
	}
	for _, args := range runs {
		fmt.Println("avx512: run", args)
		c := exec.Command(args[0], args[1:]...)
		c.Stdout, c.Stderr = os.Stdout, os.Stdout
		c.Env = []string{"SHEAF_SIMD=avx512"}
		if err := c.Run(); err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
	}
	return nil
}
