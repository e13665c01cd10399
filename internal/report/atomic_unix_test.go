//go:build !windows

package report

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sheaf/internal/hint"
)

// setUmask sets the umask for a test. It belongs to the whole process, so no
// test of this package runs in parallel.
func setUmask(t *testing.T, mask int) {
	old := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(old) })
}

func TestAtomicMode(t *testing.T) {
	for _, tt := range []struct {
		umask     int
		perm, old fs.FileMode // old 0: the file is new
		want      fs.FileMode
	}{
		{0o022, 0, 0, 0o644},
		{0o077, 0, 0, 0o600},
		{0, 0, 0, 0o666},
		{0o022, 0o600, 0, 0o600},
		{0o022, 0, 0o600, 0o600},
		{0o077, 0, 0o664, 0o664}, // not what umask would make of a new one
		{0o022, 0, 0o755, 0o755},
		{0o022, 0o600, 0o644, 0o600}, // private, whatever it was
		{0o022, 0o600, 0o755, 0o700},
	} {
		setUmask(t, tt.umask)
		path := filepath.Join(t.TempDir(), "out")
		if tt.old != 0 {
			if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, tt.old); err != nil {
				t.Fatal(err)
			}
		}
		commit(t, path, "new", tt.perm)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != tt.want {
			t.Errorf("umask %03o, perm %03o, old mode %03o: %03o, want %03o", tt.umask, tt.perm, tt.old, got, tt.want)
		}
	}
}

// The temporary file is never more open than what it becomes.
func TestAtomicTempIsPrivate(t *testing.T) {
	setUmask(t, 0)
	dir := t.TempDir()
	f, err := CreateAtomic(filepath.Join(dir, "out"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Abort()
	info, err := os.Stat(f.temp)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 || filepath.Dir(f.temp) != dir {
		t.Errorf("%s has mode %03o", f.temp, got)
	}
}

func TestAtomicLinks(t *testing.T) {
	dir := t.TempDir()
	mkdir := func(names ...string) {
		for _, name := range names {
			if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
				t.Fatal(err)
			}
		}
	}
	link := func(target, name string) {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	mkdir("real", "real/sub")
	link("real/there", "relative")
	link(filepath.Join(dir, "real", "absolute"), "absolute")
	link("relative", "chain")
	link("real/sub", "folder")
	link("../above", "real/sub/up") // seen through folder, ".." is real
	link("folder/../beside", "dots")
	link("loop", "loop")
	link("folder", "tofolder")
	for _, tt := range []struct{ name, target string }{
		{"relative", "real/there"}, // not there yet
		{"relative", "real/there"}, // there now
		{"chain", "real/there"},
		{"absolute", "real/absolute"},
		{"folder/up", "real/above"},
		{"dots", "real/beside"},
		{"folder/plain", "real/sub/plain"},
	} {
		commit(t, filepath.Join(dir, tt.name), "by "+tt.name, 0)
		data, err := os.ReadFile(filepath.Join(dir, tt.target))
		if err != nil || string(data) != "by "+tt.name {
			t.Errorf("%s: %s holds %q, %v", tt.name, tt.target, data, err)
		}
		info, err := os.Lstat(filepath.Join(dir, tt.name))
		if err != nil {
			t.Fatal(err)
		}
		if tt.name != "folder/plain" && info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("%s is no link any more", tt.name)
		}
	}
	wantFolder(t, filepath.Join(dir, "real"), "above", "by folder/up", "absolute", "by absolute", "beside", "by dots",
		"sub", "(folder)", "there", "by chain")
	if _, err := CreateAtomic(filepath.Join(dir, "loop"), 0); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("a link to itself: %v", err)
	}
	if _, err := CreateAtomic(filepath.Join(dir, "tofolder"), 0); err == nil || hint.Of(err) != "name a file in it" {
		t.Errorf("a link to a folder: %v", err)
	}
}

func TestAtomicPermissionDenied(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write anywhere")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	commit(t, path, "old", 0)
	denied := func(path string) {
		t.Helper()
		_, err := CreateAtomic(path, 0)
		if !errors.Is(err, fs.ErrPermission) || !strings.Contains(hint.Of(err), "may write") {
			t.Errorf("CreateAtomic(%s): %v (hint %q)", path, err, hint.Of(err))
		}
		if err != nil && strings.Contains(err.Error(), ".tmp") {
			t.Errorf("the error names the temporary file: %v", err)
		}
	}
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	denied(path)
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	denied(filepath.Join(dir, "new"))
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	wantFolder(t, dir, "out", "old")
}

func TestAtomicPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o666); err != nil {
		t.Skipf("no named pipes here: %v", err)
	}
	read := make(chan string)
	go func() {
		data, err := os.ReadFile(path)
		read <- string(data) + errorText(err)
	}()
	commit(t, path, "through the pipe", 0)
	if got := <-read; got != "through the pipe" {
		t.Errorf("read %q", got)
	}
}

func TestAtomicDiskFull(t *testing.T) {
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skipf("no %s: %v", full, err)
	}
	f, err := CreateAtomic(full, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Abort()
	if _, err := f.Write([]byte("text")); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(hint.Of(err), "make room") {
		t.Errorf("Write: %v (hint %q)", err, hint.Of(err))
	}
	if err := f.Commit(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Commit: %v", err)
	}
}

func TestAtomicKeepsTheOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may give files away")
	}
	path := filepath.Join(t.TempDir(), "out")
	commit(t, path, "old", 0)
	if err := os.Chown(path, 1234, 5678); err != nil {
		t.Skipf("no chown here: %v", err)
	}
	commit(t, path, "new", 0)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if stat := info.Sys().(*syscall.Stat_t); stat.Uid != 1234 || stat.Gid != 5678 {
		t.Errorf("the owner is %d:%d", stat.Uid, stat.Gid)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// childOutput names, for this program run again by a test, the file to write.
const childOutput = "SHEAF_TEST_ATOMIC_OUTPUT"

// TestAtomicChild is the other process of the tests below.
func TestAtomicChild(t *testing.T) {
	path := os.Getenv(childOutput)
	if path == "" {
		t.Skip(childOutput + " is not set: this is no child of another test")
	}
	f, err := CreateAtomic(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Abort()
	if _, err := f.Write([]byte("from the child")); err != nil {
		t.Fatal(err)
	}
	// Whoever holds the other end of stdin says when to go on.
	if _, err := os.Stderr.WriteString("written\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(os.Stdin); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
}

func child(path string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=^TestAtomicChild$")
	cmd.Env = append(os.Environ(), childOutput+"="+path)
	return cmd
}

// A process that is killed leaves what was there before.
func TestAtomicKilled(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	commit(t, path, "old", 0)
	cmd := child(path)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close() }() // the child is gone by then
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stderr).ReadString('\n'); line != "written\n" {
		t.Fatalf("the child says %q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child was not killed")
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "old" {
		t.Errorf("the file holds %q, %v", data, err)
	}
}

// Standard output is written to, not replaced, also where it is a file.
func TestAtomicStdout(t *testing.T) {
	if _, err := os.Stat("/dev/stdout"); err != nil {
		t.Skipf("no /dev/stdout: %v", err)
	}
	t.Run("pipe", func(t *testing.T) {
		out, err := child("/dev/stdout").Output()
		if err != nil || !strings.HasPrefix(string(out), "from the child") {
			t.Errorf("%q, %v", out, err)
		}
	})
	t.Run("file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "log")
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o666)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }() // only read from below
		if _, err := file.WriteString("before\n"); err != nil {
			t.Fatal(err)
		}
		cmd := child("/dev/stdout")
		cmd.Stdout = file
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		data := make([]byte, 100)
		n, err := file.ReadAt(data, 0) // the file that was open, not one that took its name
		if err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(data[:n]), "before\nfrom the child") {
			t.Errorf("the file holds %q", data[:n])
		}
	})
}
