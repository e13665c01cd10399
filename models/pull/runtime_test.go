package pull

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// An entry is a file of an archive, or a link.
type entry struct{ name, content, link string }

func tgz(t *testing.T, entries []entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	tw := tar.NewWriter(zw)
	for _, e := range entries {
		h := tar.Header{Name: e.name, Mode: 0o755, Size: int64(len(e.content)), Typeflag: tar.TypeReg}
		if e.link != "" {
			h.Typeflag, h.Linkname = tar.TypeSymlink, e.link
		}
		if err := tw.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tw.Close(), zw.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func zipped(t *testing.T, entries []entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for _, e := range entries {
		w, err := zw.Create(e.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// aLibrary is long enough to be cut.
var aLibrary = strings.Repeat("a library\n", 20_000)

// linuxRelease is laid out as the archives for Linux are.
func linuxRelease() []entry {
	const folder = "onnxruntime-linux-x64-9.9.9/"
	return []entry{
		{name: folder + "README.md", content: "words"},
		{name: folder + "lib/libonnxruntime.so", link: "libonnxruntime.so.1"},
		{name: folder + "lib/libonnxruntime.so.1", link: "libonnxruntime.so.9.9.9"},
		{name: folder + "lib/libonnxruntime.so.9.9.9", content: aLibrary},
		{name: folder + "lib/libonnxruntime_providers_shared.so", content: "shared"},
		{name: folder + "lib/cmake/libonnxruntime.so", content: "not this"},
	}
}

func darwinRelease() []entry {
	const folder = "./onnxruntime-osx-arm64-9.9.9/"
	return []entry{
		{name: folder + "lib/libonnxruntime.9.9.9.dylib.dSYM/Contents/Resources/DWARF/libonnxruntime.9.9.9.dylib", content: "symbols"},
		{name: folder + "lib/libonnxruntime.9.9.9.dylib", content: aLibrary},
		{name: folder + "lib/libonnxruntime.dylib", link: "libonnxruntime.9.9.9.dylib"},
	}
}

func windowsRelease() []entry {
	const folder = "onnxruntime-win-x64-9.9.9/"
	return []entry{
		{name: folder + "lib/onnxruntime.pdb", content: "symbols"},
		{name: folder + "lib/onnxruntime.dll", content: aLibrary},
		{name: folder + "lib/onnxruntime_providers_shared.dll", content: "shared"},
	}
}

// A fakeRelease is a release page on loopback. Archives are answered with a
// redirect to another host, as the real one does.
type fakeRelease struct {
	*httptest.Server
	objects *httptest.Server

	file     string
	archive  []byte
	digest   string // what is published
	page     string // instead of what is published
	status   int    // of the page
	cut      int    // end the next transfer after so many bytes
	mu       sync.Mutex
	requests []string
	tokens   []string
}

func sum256(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func newFakeRelease(t *testing.T, file string, archive []byte) *fakeRelease {
	f := &fakeRelease{file: file, archive: archive, digest: "sha256:" + sum256(archive)}
	f.objects = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.note(r)
		f.mu.Lock()
		cut := f.cut
		f.cut = 0
		f.mu.Unlock()
		if cut > 0 {
			w.Header().Set("Content-Length", fmt.Sprint(len(f.archive)))
			_, _ = w.Write(f.archive[:cut])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.archive))
	}))
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.note(r)
		switch {
		case r.URL.Path == "/tags/v9.9.9" && f.status != 0:
			w.WriteHeader(f.status)
		case r.URL.Path == "/tags/v9.9.9" && f.page != "":
			_, _ = w.Write([]byte(f.page))
		case r.URL.Path == "/tags/v9.9.9":
			fmt.Fprintf(w, `{"assets":[{"name":"other.tgz","digest":"sha256:00"},{"name":%q,"size":%d,"digest":%q,"browser_download_url":"https://elsewhere.example/x"}]}`,
				f.file, len(f.archive), f.digest)
		case r.URL.Path == "/download/v9.9.9/"+f.file:
			http.Redirect(w, r, f.objects.URL+"/an/object?signature=x", http.StatusFound)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(func() { f.CloseClientConnections(); f.objects.CloseClientConnections(); f.Close(); f.objects.Close() })
	return f
}

func (f *fakeRelease) note(r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+r.Header.Get("Range")))
	f.tokens = append(f.tokens, r.Header.Get("Authorization")+r.Header.Get("Cookie"))
}

func (f *fakeRelease) options(t *testing.T) RuntimeOptions {
	vars := map[string]string{runtimeBase: f.URL + "/", "HF_TOKEN": "secret", "GITHUB_TOKEN": "secret", "HF_ENDPOINT": "http://192.0.2.1"}
	return RuntimeOptions{
		Options: Options{Getenv: func(k string) string { return vars[k] }, Retries: -1, Pause: time.Millisecond},
		Dir:     filepath.Join(t.TempDir(), "runtime"), Version: "9.9.9", Platform: "linux/amd64",
	}
}

func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestGetRuntime(t *testing.T) {
	for _, tt := range []struct {
		platform, file string
		archive        []byte
		want           []string
	}{
		{"linux/amd64", "onnxruntime-linux-x64-9.9.9.tgz", tgz(t, linuxRelease()), []string{"libonnxruntime.so", "libonnxruntime_providers_shared.so"}},
		{"darwin/arm64", "onnxruntime-osx-arm64-9.9.9.tgz", tgz(t, darwinRelease()), []string{"libonnxruntime.dylib"}},
		{"windows/amd64", "onnxruntime-win-x64-9.9.9.zip", zipped(t, windowsRelease()), []string{"onnxruntime.dll", "onnxruntime_providers_shared.dll"}},
		// Without the links, as from a mirror that packs again.
		{"linux/amd64", "onnxruntime-linux-x64-9.9.9.tgz", tgz(t, linuxRelease()[3:4]), []string{"libonnxruntime.so"}},
	} {
		f := newFakeRelease(t, tt.file, tt.archive)
		opts := f.options(t)
		opts.Platform = tt.platform
		r, err := GetRuntime(t.Context(), opts)
		if err != nil {
			t.Errorf("%s: %v", tt.platform, err)
			continue
		}
		if r.Version != "9.9.9" || filepath.Base(r.Path) != tt.want[0] || !strings.HasPrefix(r.Checked, "the digest that the release publishes") || strings.Contains(r.Checked, "ships") {
			t.Errorf("%s: %+v", tt.platform, r)
		}
		if raw, err := os.ReadFile(r.Path); err != nil || string(raw) != aLibrary {
			t.Errorf("%s: the library has %d bytes, %v", tt.platform, len(raw), err)
		}
		if st, err := os.Lstat(r.Path); err != nil || !st.Mode().IsRegular() {
			t.Errorf("%s: the library is no file: %v", tt.platform, err)
		}
		if got := namesIn(t, opts.Dir); !slices.Equal(got, tt.want) {
			t.Errorf("%s: installed %q, want %q", tt.platform, got, tt.want)
		}
		if slices.ContainsFunc(f.tokens, func(s string) bool { return s != "" }) {
			t.Errorf("%s: somebody was sent %q", tt.platform, f.tokens)
		}
		if got := f.requests; len(got) != 3 || got[2] != "GET /an/object" {
			t.Errorf("%s: requests %q", tt.platform, got)
		}
	}
}

// Which digest decides, and that the output says so.
func TestRuntimeDigests(t *testing.T) {
	archive := tgz(t, linuxRelease())
	for _, tt := range []struct {
		name    string
		change  func(o *RuntimeOptions, f *fakeRelease)
		checked string
		asked   bool // for what the release publishes
	}{
		{"by hand", func(o *RuntimeOptions, f *fakeRelease) {
			o.SHA256, f.digest = strings.ToUpper(sum256(archive)), ""
		}, "the digest given by hand", false},
		{"pinned", func(o *RuntimeOptions, f *fakeRelease) {
			o.pinned, f.digest = map[string]string{f.file: sum256(archive)}, ""
		}, "the digest compiled into sheaf", false},
		{"another is pinned", func(o *RuntimeOptions, f *fakeRelease) {
			o.pinned = map[string]string{"onnxruntime-linux-x64-9.9.8.tgz": sum256(nil)}
		}, "the digest that the release publishes (none of the archive is compiled into sheaf)", true},
		{"a known library", func(o *RuntimeOptions, f *fakeRelease) {
			o.known = map[string]string{sum256([]byte(aLibrary)): "linux/amd64"}
		}, "the digest that the release publishes (none of the archive is compiled into sheaf); the library has a digest compiled into sheaf: it is the file that onnxruntime-node ships", true},
		{"one of another platform", func(o *RuntimeOptions, f *fakeRelease) {
			o.known = map[string]string{sum256([]byte(aLibrary)): "linux/arm64"}
		}, "the digest that the release publishes (none of the archive is compiled into sheaf)", true},
	} {
		f := newFakeRelease(t, "onnxruntime-linux-x64-9.9.9.tgz", archive)
		opts := f.options(t)
		tt.change(&opts, f)
		r, err := GetRuntime(t.Context(), opts)
		if err != nil || r.Checked != tt.checked {
			t.Errorf("%s: compared with %q, %v", tt.name, r.Checked, err)
		}
		if asked := slices.Contains(f.requests, "GET /tags/v9.9.9"); asked != tt.asked {
			t.Errorf("%s: requests %q", tt.name, f.requests)
		}
	}
	platforms := map[string]bool{}
	for sum, platform := range knownLibraries() {
		if _, ok := layoutOf(platform); !ok || !isSHA256(sum) || platforms[platform] {
			t.Errorf("known: %s for %s", sum, platform)
		}
		platforms[platform] = true
	}
}

func TestRuntimeResume(t *testing.T) {
	f := newFakeRelease(t, "onnxruntime-linux-x64-9.9.9.tgz", tgz(t, linuxRelease()))
	f.cut = len(f.archive) / 2
	opts := f.options(t)
	var notes []string
	opts.Note = func(line string) { notes = append(notes, line) }
	_, err := GetRuntime(t.Context(), opts)
	checkHint(t, err, "goes on where it ended")
	if isThere(filepath.Join(opts.Dir, "libonnxruntime.so")) {
		t.Error("a cut archive is installed")
	}
	// What is here of one archive is no beginning of another.
	other := opts
	other.SHA256 = sum256(nil)
	if _, err := GetRuntime(t.Context(), other); !errors.Is(err, ErrMismatch) {
		t.Errorf("another digest gives %v", err)
	}
	f.requests = nil
	if _, err := GetRuntime(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("GET /an/object bytes=%d-", len(f.archive)/2); !slices.Contains(f.requests, want) {
		t.Errorf("requests %q, want %q", f.requests, want)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "going on") {
		t.Errorf("notes %q", notes)
	}
}

func TestGetRuntimeRefusals(t *testing.T) {
	const folder = "onnxruntime-linux-x64-9.9.9/lib/"
	good := tgz(t, linuxRelease())
	other := "sha256:" + strings.Repeat("ab", 32)
	for _, tt := range []struct {
		name    string
		archive []byte
		fault   func(o *RuntimeOptions, f *fakeRelease)
		is      error
		hint    string
	}{
		{name: "other digest", fault: func(_ *RuntimeOptions, f *fakeRelease) { f.digest = other }, is: ErrMismatch, hint: "do not use"},
		{name: "not the pinned one", fault: func(o *RuntimeOptions, f *fakeRelease) { o.pinned = map[string]string{f.file: other[7:]} }, is: ErrMismatch, hint: "do not use"},
		{name: "not the one given", fault: func(o *RuntimeOptions, _ *fakeRelease) { o.SHA256 = other[7:] }, is: ErrMismatch, hint: "do not use"},
		{name: "given, and no digest", fault: func(o *RuntimeOptions, _ *fakeRelease) { o.SHA256 = "abc" }, hint: "64"},
		{name: "given a sha1", fault: func(o *RuntimeOptions, _ *fakeRelease) { o.SHA256 = strings.Repeat("a", 40) }, hint: "64"},
		{name: "no digest published", fault: func(_ *RuntimeOptions, f *fakeRelease) { f.digest = "" }, is: ErrNoDigest, hint: "--sha256 HEX"},
		{name: "another kind of digest", fault: func(_ *RuntimeOptions, f *fakeRelease) { f.digest = "md5:" + strings.Repeat("a", 32) }, is: ErrNoDigest, hint: "SHEAF_ONNXRUNTIME"},
		{name: "a null for a digest", fault: func(_ *RuntimeOptions, f *fakeRelease) {
			f.page = `{"assets":[{"name":"onnxruntime-linux-x64-9.9.9.tgz","size":3,"digest":null}]}`
		}, is: ErrNoDigest, hint: "--sha256 HEX"},
		{name: "no size published", fault: func(_ *RuntimeOptions, f *fakeRelease) {
			f.page = `{"assets":[{"name":"onnxruntime-linux-x64-9.9.9.tgz","digest":"` + other + `"}]}`
		}, hint: "check the version"},
		{name: "too large", fault: func(_ *RuntimeOptions, f *fakeRelease) {
			f.page = `{"assets":[{"name":"onnxruntime-linux-x64-9.9.9.tgz","size":4000000000,"digest":"` + other + `"}]}`
		}, is: ErrMismatch, hint: "do not use"},
		{name: "no such archive", fault: func(o *RuntimeOptions, _ *fakeRelease) { o.Platform = "linux/arm64" }, hint: "check the version"},
		{name: "no JSON", fault: func(_ *RuntimeOptions, f *fakeRelease) { f.page = "<html>" }, hint: "SHEAF_RUNTIME_BASE"},
		{name: "no such release", fault: func(o *RuntimeOptions, _ *fakeRelease) { o.Version = "9.9.8" }, hint: "check the version"},
		{name: "no such archive on the page", fault: func(o *RuntimeOptions, _ *fakeRelease) { o.Version, o.SHA256 = "9.9.8", other[7:] }, hint: "check the version"},
		{name: "asked too often", fault: func(_ *RuntimeOptions, f *fakeRelease) { f.status = http.StatusForbidden }, hint: "--sha256 HEX"},
		{name: "without a library", archive: tgz(t, linuxRelease()[:1]), is: errNoMember, hint: "do not use"},
		{name: "no archive", archive: []byte("words"), hint: "do not use"},
		{name: "a cut one", archive: good[:len(good)/2], hint: "do not use"},
		{name: "a link that leads out", archive: tgz(t, []entry{{name: folder + "libonnxruntime.so", link: "../../../../etc/passwd"}}), is: ErrMismatch, hint: "do not use"},
		{name: "links in a ring", archive: tgz(t, []entry{{name: folder + "libonnxruntime.so", link: "libonnxruntime.so.1"}, {name: folder + "libonnxruntime.so.1", link: "libonnxruntime.so"}}), is: ErrMismatch, hint: "do not use"},
		{name: "a link to nothing", archive: tgz(t, linuxRelease()[:3]), is: errNoMember, hint: "do not use"},
		{name: "twice", archive: tgz(t, append(linuxRelease(), linuxRelease()[3])), is: ErrMismatch, hint: "do not use"},
		{name: "names that lead out", archive: tgz(t, []entry{{name: folder + "../../../libonnxruntime.so", content: "x"}, {name: "/libonnxruntime.so", content: "x"}}), is: errNoMember, hint: "do not use"},
		{name: "no version", fault: func(o *RuntimeOptions, _ *fakeRelease) { o.Version = "../9" }, hint: "give it as"},
		{name: "no platform", fault: func(o *RuntimeOptions, _ *fakeRelease) { o.Platform = "darwin/amd64" }, hint: "slower"},
		{name: "no folder", fault: func(o *RuntimeOptions, _ *fakeRelease) { o.Dir = "" }, hint: "SHEAF_HOME"},
		{name: "no mirror", fault: func(o *RuntimeOptions, _ *fakeRelease) { o.Getenv = func(string) string { return "mirror.example" } }, hint: "https://host"},
		{name: "a mirror with a password", fault: func(o *RuntimeOptions, _ *fakeRelease) {
			o.Getenv = func(string) string { return "https://a:secret@mirror.example" }
		}, hint: "without one"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.archive == nil {
				tt.archive = good
			}
			f := newFakeRelease(t, "onnxruntime-linux-x64-9.9.9.tgz", tt.archive)
			opts := f.options(t)
			dir := opts.Dir
			if tt.fault != nil {
				tt.fault(&opts, f)
			}
			_, err := GetRuntime(t.Context(), opts)
			if err == nil || tt.is != nil && !errors.Is(err, tt.is) {
				t.Fatalf("error %v, want %v", err, tt.is)
			}
			checkHint(t, err, tt.hint)
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the password is in %q", err)
			}
			for _, stray := range []string{dir, filepath.Dir(dir), filepath.Dir(filepath.Dir(dir))} {
				if isThere(filepath.Join(stray, "libonnxruntime.so")) {
					t.Errorf("there is a library in %s all the same", stray)
				}
			}
		})
	}
}

// What the servers are called where nobody names a mirror.
func TestRuntimeServer(t *testing.T) {
	none := func(string) string { return "" }
	if got := RuntimeServer(none); got != "https://github.com (its API too)" {
		t.Errorf("the server is %q", got)
	}
	if got := RuntimeServer(func(k string) string { return k }); got != runtimeBase {
		t.Errorf("the mirror is %q", got)
	}
}

func TestUnpackedBounds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.tgz")
	if err := os.WriteFile(file, tgz(t, linuxRelease()), 0o600); err != nil {
		t.Fatal(err)
	}
	l, _ := layoutOf("linux/amd64")
	a := asset{version: "9.9.9", layout: l}
	nothing := func(string, member) (bool, error) { return false, nil }
	if err := a.walkTar(t.Context(), file, int64(len(aLibrary)), nothing); !errors.Is(err, ErrMismatch) {
		t.Errorf("more than allowed was unpacked: %v", err)
	}
	if err := a.walkTar(t.Context(), file, 10*int64(len(aLibrary)), nothing); err != nil {
		t.Error(err)
	}
	if _, err := resolve(map[string]member{"x": {size: maxLibrary + 1}}, "x"); !errors.Is(err, ErrMismatch) {
		t.Errorf("a file larger than allowed gives %v", err)
	}
}

// Two processes do not write one file.
func TestRuntimeLock(t *testing.T) {
	f := newFakeRelease(t, "onnxruntime-linux-x64-9.9.9.tgz", tgz(t, linuxRelease()))
	opts := f.options(t)
	second := opts
	var during error
	opts.Progress = func(_ string, done, total int64) {
		if done == total {
			_, during = GetRuntime(t.Context(), second)
		}
	}
	if _, err := GetRuntime(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
	checkHint(t, during, "wait for it")
}
