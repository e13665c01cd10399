package onnx

import (
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// LibraryVariable is the environment variable that names the library or its
// folder.
const LibraryVariable = "SHEAF_ONNXRUNTIME"

// minMinor: the first version that works is 1.24, by the C interface that
// onnxruntime_go 1.27 asks for.
const minMinor = 24

const adviceLibrary = "get ONNX Runtime with sheaf runtime pull, or name a library of 1.24 or newer for this platform in " + LibraryVariable

// A LibraryError says why there is no ONNX Runtime to be used.
type LibraryError struct {
	Path   string // the library; "" where none was found
	Err    error
	Advice string
}

func (e *LibraryError) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

func (e *LibraryError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *LibraryError) Hint() string { return e.Advice }

// ErrNotFound is inside the error of [FindLibrary] where there is no library
// at all, and not one that does not fit.
var ErrNotFound = errors.New("no ONNX Runtime library found")

// A Library is a file that may be ONNX Runtime.
type Library struct {
	Path     string
	Version  string // "1.24.3"; "" where the file does not say
	Platform string // "linux/amd64", as GOOS/GOARCH; "" where unknown
	Err      error  // why it does not fit; nil where it does
}

// Search is where a library is looked for. The zero value looks at the
// environment, beside the program and in the system's folders.
type Search struct {
	// Path is the library or its folder; where it is set nothing else is
	// looked at.
	Path string
	// DataDir is a folder of the program's own to look at; "" means none.
	DataDir string
	// Getenv is os.Getenv but in tests.
	Getenv func(string) string
}

// FindLibrary returns the first library that fits. Its error is a
// [*LibraryError] about the first that does not fit, where there is one.
func FindLibrary(s Search) (Library, error) {
	found := Libraries(s)
	for _, l := range found {
		if l.Err == nil {
			return l, nil
		}
	}
	if len(found) > 0 {
		return Library{}, &LibraryError{found[0].Path, found[0].Err, adviceLibrary}
	}
	folders := make([]string, 0, 8)
	for _, p := range s.places() {
		folders = append(folders, p.path)
	}
	return Library{}, &LibraryError{"", fmt.Errorf("%w (looked at %s)", ErrNotFound, strings.Join(folders, ", ")), adviceLibrary}
}

// Libraries returns all that is found, in the order in which it is preferred,
// with what each file says about itself. Nothing is loaded for that.
func Libraries(s Search) []Library {
	var found []Library
	for _, p := range s.places() {
		files := []string{p.path}
		if st, err := os.Stat(p.path); err != nil {
			if p.named {
				found = append(found, Library{Path: p.path, Err: err})
			}
			continue
		} else if st.IsDir() {
			files = candidates(p.path)
			if p.named && len(files) == 0 {
				found = append(found, Library{Path: p.path, Err: ErrNotFound})
			}
		}
		for _, file := range files {
			l := Inspect(file)
			if !slices.ContainsFunc(found, func(o Library) bool { return sameFile(o.Path, l.Path) }) {
				found = append(found, l)
			}
		}
	}
	return found
}

// place is a file or folder to look at.
type place struct {
	path  string
	named bool // by the user, who wants this one and no other
}

func (s Search) places() []place {
	getenv := s.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	if s.Path != "" {
		return []place{{s.Path, true}}
	}
	if path := getenv(LibraryVariable); path != "" {
		return []place{{path, true}}
	}
	var folders []string
	if program, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(program); err == nil {
			program = real
		}
		dir := filepath.Dir(program)
		folders = append(folders, dir, filepath.Join(dir, "lib"), filepath.Join(filepath.Dir(dir), "lib"))
	}
	if s.DataDir != "" {
		folders = append(folders, s.DataDir)
	}
	switch runtime.GOOS {
	case "darwin":
		if prefix := getenv("HOMEBREW_PREFIX"); prefix != "" {
			folders = append(folders, filepath.Join(prefix, "lib"))
		}
		folders = append(folders, "/opt/homebrew/lib", "/opt/homebrew/opt/onnxruntime/lib", "/usr/local/lib")
	case "windows":
		// Not the system's folder: it has an old one of Windows' own.
	default:
		folders = append(folders, "/usr/local/lib", "/usr/lib", "/usr/lib64")
		if multiarch := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]; multiarch != "" {
			folders = append(folders, "/usr/lib/"+multiarch+"-linux-gnu")
		}
		folders = append(folders, "/opt/onnxruntime/lib", "/home/linuxbrew/.linuxbrew/lib")
	}
	var places []place
	for _, dir := range folders {
		if !slices.ContainsFunc(places, func(p place) bool { return p.path == dir }) {
			places = append(places, place{path: dir})
		}
	}
	return places
}

// candidates is the files of dir that have the library's name on this system,
// the plain name first.
func candidates(dir string) []string {
	patterns := []string{"libonnxruntime.so", "libonnxruntime.so.*"}
	switch runtime.GOOS {
	case "darwin":
		patterns = []string{"libonnxruntime.dylib", "libonnxruntime.*.dylib"}
	case "windows":
		patterns = []string{"onnxruntime.dll"}
	}
	var found []string
	for _, pattern := range patterns {
		// The only error is that of a bad pattern; dir is not one.
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil
		}
		for _, e := range entries {
			if ok, err := filepath.Match(pattern, e.Name()); ok && err == nil {
				found = append(found, filepath.Join(dir, e.Name()))
			}
		}
	}
	return slices.Compact(found)
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// Inspect reads from a file's header which platform it is for and which
// version of ONNX Runtime it is, and says whether that fits.
func Inspect(path string) Library {
	l := Library{Path: path}
	l.Platform, l.Version, l.Err = readHeader(path)
	if l.Err != nil {
		return l
	}
	switch here := runtime.GOOS + "/" + runtime.GOARCH; {
	case l.Platform != here:
		l.Err = fmt.Errorf("is a library for %s, this is %s", l.Platform, here)
	case l.Version != "" && !recent(l.Version):
		l.Err = fmt.Errorf("is ONNX Runtime %s; 1.%d or newer is needed", l.Version, minMinor)
	}
	return l
}

// recent says whether a version is 1.24 or newer.
func recent(version string) bool {
	parts := strings.Split(version, ".")
	if len(parts) < 2 {
		return false
	}
	major, err1 := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	return err1 == nil && err2 == nil && (major > 1 || major == 1 && minor >= minMinor)
}

var versionPattern = regexp.MustCompile(`\d+\.\d+\.\d+`)

// readHeader reads the header of a shared library of any system.
func readHeader(path string) (platform, version string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	var magic [4]byte
	if _, err := io.ReadFull(f, magic[:]); err != nil {
		return "", "", errors.New("is no shared library")
	}
	switch {
	case string(magic[:]) == elf.ELFMAG:
		platform, version, err = readELF(f)
	case string(magic[:2]) == "MZ":
		platform, version, err = readPE(f)
	default:
		platform, version, err = readMachO(f)
	}
	if err != nil {
		return "", "", fmt.Errorf("is no shared library, or damaged: %w", err)
	}
	return platform, version, nil
}

func readELF(r io.ReaderAt) (platform, version string, err error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return "", "", err
	}
	arch := map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64", elf.EM_386: "386", elf.EM_ARM: "arm"}[f.Machine]
	if arch == "" {
		arch = strings.ToLower(f.Machine.String())
	}
	// ELF does not tell Linux from its relatives.
	system := "linux"
	if runtime.GOOS == "freebsd" {
		system = runtime.GOOS
	}
	versions, err := f.DynamicVersions()
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
		return "", "", err
	}
	for _, v := range versions {
		if number, ok := strings.CutPrefix(v.Name, "VERS_"); ok {
			version = number
		}
	}
	return system + "/" + arch, version, nil
}

// loadIDDylib is the load command with a library's own name (mach-o/loader.h).
const loadIDDylib = 0xd

func readMachO(r io.ReaderAt) (platform, version string, err error) {
	arches := map[macho.Cpu]string{macho.CpuAmd64: "amd64", macho.CpuArm64: "arm64"}
	var file *macho.File
	if fat, err := macho.NewFatFile(r); err == nil {
		for _, a := range fat.Arches {
			if file == nil || arches[a.Cpu] == runtime.GOARCH {
				file = a.File
			}
		}
	} else if file, err = macho.NewFile(r); err != nil {
		return "", "", err
	}
	for _, l := range file.Loads {
		raw := l.Raw()
		if len(raw) >= 24 && file.ByteOrder.Uint32(raw) == loadIDDylib {
			version = versionPattern.FindString(string(raw[24:]))
		}
	}
	arch := arches[file.Cpu]
	if arch == "" {
		arch = strings.ToLower(file.Cpu.String())
	}
	return "darwin/" + arch, version, nil
}

// fixedVersionInfo is the signature of VS_FIXEDFILEINFO in a file's resources,
// after which come the structure's version and the file's, of four numbers.
var fixedVersionInfo = []byte{0xbd, 0x04, 0xef, 0xfe}

func readPE(r io.ReaderAt) (platform, version string, err error) {
	f, err := pe.NewFile(r)
	if err != nil {
		return "", "", err
	}
	arch := map[uint16]string{pe.IMAGE_FILE_MACHINE_AMD64: "amd64", pe.IMAGE_FILE_MACHINE_ARM64: "arm64", pe.IMAGE_FILE_MACHINE_I386: "386"}[f.Machine]
	if arch == "" {
		arch = fmt.Sprintf("machine %#x", f.Machine)
	}
	if s := f.Section(".rsrc"); s != nil {
		data, err := s.Data()
		if err != nil {
			return "", "", err
		}
		if at := strings.Index(string(data), string(fixedVersionInfo)); at >= 0 && at+16 <= len(data) {
			high, low := binary.LittleEndian.Uint32(data[at+8:]), binary.LittleEndian.Uint32(data[at+12:])
			version = fmt.Sprintf("%d.%d.%d", high>>16, high&0xffff, low>>16)
		}
	}
	return "windows/" + arch, version, nil
}
