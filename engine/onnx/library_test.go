package onnx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// header is the beginning of an ELF library for a machine.
func header(machine uint16) []byte {
	h := make([]byte, 64)
	copy(h, "\x7fELF\x02\x01\x01") // 64 bits, little-endian
	binary.LittleEndian.PutUint16(h[16:], 3)
	binary.LittleEndian.PutUint16(h[18:], machine)
	binary.LittleEndian.PutUint32(h[20:], 1)
	binary.LittleEndian.PutUint16(h[52:], 64)
	return h
}

// foreign is a machine that the tests never run on.
const foreign = 0x2b // EM_SPARCV9

func write(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func none(string) string { return "" }

func TestInspect(t *testing.T) {
	dir := t.TempDir()
	for name, tt := range map[string]struct {
		data []byte
		want string
	}{
		"empty":            {nil, "is no shared library"},
		"text":             {[]byte("this is no library at all"), "is no shared library, or damaged"},
		"cut ELF":          {header(62)[:20], "is no shared library, or damaged"},
		"cut PE":           {[]byte("MZ\x00\x00"), "is no shared library, or damaged"},
		"another platform": {header(foreign), "is a library for linux/em_sparcv9, this is " + runtime.GOOS + "/" + runtime.GOARCH},
	} {
		l := Inspect(write(t, dir, name, tt.data))
		if l.Err == nil || !strings.Contains(l.Err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", name, l.Err, tt.want)
		}
	}
	if l := Inspect(filepath.Join(dir, "missing")); !errors.Is(l.Err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", l.Err)
	}
}

// bundled is a library that the module onnxruntime_go has among its tests.
func bundled(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yalue/onnxruntime_go").Output()
	if err != nil {
		t.Skip("no module onnxruntime_go: ", err)
	}
	path := filepath.Join(strings.TrimSpace(string(out)), "test_data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skip(err)
	}
	return path
}

// Real libraries of all systems tell their platform and version on any.
func TestInspectReal(t *testing.T) {
	for name, platform := range map[string]string{
		"onnxruntime_arm64.so":    "linux/arm64",
		"onnxruntime_arm64.dylib": "darwin/arm64",
		"onnxruntime.dll":         "windows/amd64",
	} {
		l := Inspect(bundled(t, name))
		if l.Platform != platform || !strings.HasPrefix(l.Version, "1.24.") {
			t.Errorf("%s: %s, version %q; error %v", name, l.Platform, l.Version, l.Err)
		}
		if fits := platform == runtime.GOOS+"/"+runtime.GOARCH; fits != (l.Err == nil) {
			t.Errorf("%s: error %v", name, l.Err)
		}
	}
}

func TestInspectOld(t *testing.T) {
	l, err := FindLibrary(Search{})
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("no library to make an old one of: ", err)
	}
	data, err := os.ReadFile(l.Path)
	if err != nil {
		t.Fatal(err)
	}
	if l.Version == "" {
		t.Fatalf("%s does not say its version", l.Path)
	}
	data = bytes.ReplaceAll(data, []byte(l.Version), []byte("1.17.3 "[:len(l.Version)]))
	path := write(t, t.TempDir(), "libonnxruntime.so", data)
	_, err = FindLibrary(Search{Path: path})
	var e *LibraryError
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "is ONNX Runtime 1.17.3; 1.24 or newer is needed") || e.Hint() == "" {
		t.Errorf("error %v", err)
	}
}

func TestRecent(t *testing.T) {
	for version, want := range map[string]bool{
		"1.24.0": true, "1.24.3": true, "1.30.0": true, "2.0.0": true, "1.23.2": false, "0.99.0": false, "1.3.0": false, "x": false, "": false, "1.x": false,
	} {
		if got := recent(version); got != want {
			t.Errorf("recent(%q) = %v", version, got)
		}
	}
}

func TestFindLibrary(t *testing.T) {
	root := t.TempDir()
	name := map[string]string{"darwin": "libonnxruntime.dylib", "windows": "onnxruntime.dll"}[runtime.GOOS]
	if name == "" {
		name = "libonnxruntime.so"
	}
	bad := write(t, filepath.Join(root, "bad"), name, header(foreign))
	empty := filepath.Join(root, "empty")
	if err := os.Mkdir(empty, 0o755); err != nil {
		t.Fatal(err)
	}
	env := func(value string) func(string) string {
		return func(key string) string {
			if key == LibraryVariable {
				return value
			}
			return ""
		}
	}
	for what, tt := range map[string]struct {
		search   Search
		want     string
		notFound bool
	}{
		"a file that does not fit":   {Search{Path: bad, Getenv: none}, bad + ": is a library for", false},
		"a folder with one":          {Search{Path: filepath.Dir(bad), Getenv: none}, bad + ": is a library for", false},
		"a folder without":           {Search{Path: empty, Getenv: none}, empty + ": no ONNX Runtime library found", true},
		"a file that is not there":   {Search{Path: filepath.Join(root, "x.so"), Getenv: none}, "x.so: ", false},
		"the environment":            {Search{Getenv: env(bad)}, bad + ": is a library for", false},
		"an option before it":        {Search{Path: empty, Getenv: env(bad)}, empty + ": ", true},
		"the program's own folder":   {Search{DataDir: filepath.Dir(bad), Getenv: none}, "", false},
		"the environment before it ": {Search{DataDir: filepath.Dir(bad), Getenv: env(empty)}, empty + ": ", true},
	} {
		_, err := FindLibrary(tt.search)
		if tt.want == "" {
			continue // the machine may have one elsewhere
		}
		var e *LibraryError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), tt.want) || e.Hint() == "" {
			t.Errorf("%s: error %v", what, err)
		}
		if errors.Is(err, ErrNotFound) != tt.notFound {
			t.Errorf("%s: error %v, not found: %v", what, err, !tt.notFound)
		}
	}
	found := Libraries(Search{DataDir: filepath.Dir(bad), Getenv: none})
	if !slices.ContainsFunc(found, func(l Library) bool { return l.Path == bad && l.Err != nil }) {
		t.Errorf("%s is not in %v", bad, found)
	}
}

// A library that is for this platform and yet none of ONNX Runtime is found
// out when it is loaded.
func TestLoadOther(t *testing.T) {
	if !Supported() {
		t.Skip("built without cgo")
	}
	if runtime.GOOS == "windows" {
		t.Skip("needs a C library by the name it has on Unix")
	}
	l := Inspect("/lib/x86_64-linux-gnu/libc.so.6")
	if l.Err != nil {
		t.Skip("no C library where Debian has it")
	}
	// In a process of its own, as one process loads one library.
	if os.Getenv("SHEAF_TEST_LOAD") == "" {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestLoadOther$", "-test.v")
		cmd.Env = append(os.Environ(), "SHEAF_TEST_LOAD=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	var e *LibraryError
	if err := load(l.Path); !errors.As(err, &e) || e.Hint() == "" {
		t.Errorf("error %v", err)
	}
}
