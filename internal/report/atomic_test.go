package report

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"sheaf/internal/hint"
)

// commit writes a file as a command would.
func commit(t *testing.T, path, content string, perm fs.FileMode) {
	t.Helper()
	f, err := CreateAtomic(path, perm)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Abort()
	if _, err := f.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
}

// wantFolder checks what a folder holds: pairs of a name and its content. A
// temporary file that was left would be among them.
func wantFolder(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		data := []byte("(folder)")
		if !e.IsDir() {
			if data, err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
				t.Fatal(err)
			}
		}
		got = append(got, e.Name(), string(data))
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
}

func TestAtomicNewAndReplaced(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.json")
	commit(t, path, "first", 0)
	wantFolder(t, dir, "out.json", "first")
	commit(t, path, "second, longer", 0)
	wantFolder(t, dir, "out.json", "second, longer")
	commit(t, path, "", 0)
	wantFolder(t, dir, "out.json", "")
}

func TestAtomicIsThereOnlyWhenWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.json")
	commit(t, path, "old", 0)
	f, err := CreateAtomic(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := f.Write([]byte("new")); err != nil {
			t.Fatal(err)
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != "old" {
			t.Fatalf("while it is written, the file holds %q, %v", data, err)
		}
	}
	f.Abort()
	wantFolder(t, dir, "out.json", "old")
	f.Abort() // twice is nothing
	if _, err := f.Write([]byte("x")); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Write after Abort: %v", err)
	}
	if err := f.Commit(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Commit after Abort: %v", err)
	}
	wantFolder(t, dir, "out.json", "old")
}

func TestAtomicWriteAt(t *testing.T) {
	dir := t.TempDir()
	f, err := CreateAtomic(filepath.Join(dir, "out"), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Abort()
	if _, err := f.Write([]byte("??? rows")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("123"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(" and more")); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	wantFolder(t, dir, "out", "123 rows and more")
	if _, err := f.WriteAt(nil, 0); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("WriteAt after Commit: %v", err)
	}
	if f, err = CreateAtomic(os.DevNull, 0); err != nil {
		t.Fatal(err)
	}
	defer f.Abort()
	if _, err := f.WriteAt([]byte("123"), 0); err == nil || hint.Of(err) == "" {
		t.Errorf("WriteAt into a device: %v, hint %q", err, hint.Of(err))
	}
	if err := f.Commit(); err == nil {
		t.Error("Commit after a failed WriteAt")
	}
}

func TestAtomicAbortAfterCommit(t *testing.T) {
	dir := t.TempDir()
	f, err := CreateAtomic(filepath.Join(dir, "out"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("text")); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	f.Abort()
	if err := f.Commit(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a second Commit: %v", err)
	}
	wantFolder(t, dir, "out", "text")
}

// A write that failed must not be committed by a caller who missed the error.
func TestAtomicFailedWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	commit(t, path, "old", 0)
	f, err := CreateAtomic(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.file.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = f.Write([]byte("new"))
	if err == nil || !strings.HasPrefix(err.Error(), "write "+path+":") {
		t.Errorf("Write to a broken file: %v", err)
	}
	if got := f.Commit(); got == nil || got.Error() != err.Error() {
		t.Errorf("Commit after it: %v, want %v", got, err)
	}
	wantFolder(t, dir, "out", "old")
}

func TestAtomicFailedRename(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	f, err := CreateAtomic(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o777); err != nil { // somebody is faster
		t.Fatal(err)
	}
	if err := f.Commit(); err == nil || !strings.HasPrefix(err.Error(), "write "+path+":") {
		t.Errorf("Commit over a folder: %v", err)
	}
	wantFolder(t, dir, "out", "(folder)")
}

func TestAtomicRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ path, want, hint string }{
		{dir, "it is a folder", "name a file in it"},
		{dir + "/", "it is a folder", "name a file in it"},
		{dir + "/.", "it is a folder", "name a file in it"},
		{dir + "/new/", "it is a folder", "name a file in it"},
		{"..", "it is a folder", "name a file in it"},
		{"", "the file has no name", "name a file"},
		{filepath.Join(dir, "none", "out"), "", "make its folder first"},
	} {
		_, err := CreateAtomic(tt.path, 0)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(hint.Of(err), tt.hint) {
			t.Errorf("CreateAtomic(%q): %v (hint %q), want %q (hint %q)", tt.path, err, hint.Of(err), tt.want, tt.hint)
		}
		if tt.path != "" && err != nil && !strings.Contains(err.Error(), tt.path) {
			t.Errorf("CreateAtomic(%q): %v does not name it", tt.path, err)
		}
	}
	if _, err := CreateAtomic(filepath.Join(dir, "file", "out"), 0); err == nil {
		t.Error("a file in a file")
	}
	wantFolder(t, dir, "file", "")
}

func TestAtomicLongName(t *testing.T) {
	dir := t.TempDir()
	name := strings.Repeat("n", 250)
	if runtime.GOOS == "windows" {
		name = name[:100] // the whole path has a bound there
	}
	commit(t, filepath.Join(dir, name), "text", 0)
	wantFolder(t, dir, name, "text")
}

func TestAtomicRelativePath(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	commit(t, "out", "text", 0)
	wantFolder(t, dir, "out", "text")
}

func TestAtomicDevice(t *testing.T) {
	commit(t, os.DevNull, "text", 0)
	info, err := os.Stat(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().IsRegular() {
		t.Error("a device became a file")
	}
}
