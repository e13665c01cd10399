package pull

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// npmArchive is a package with the libraries of two platforms.
func npmArchive(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	tw := tar.NewWriter(zw)
	for _, name := range []string{"package/package.json", "package/bin/napi-v6/linux/x64/libonnxruntime.so.1", "package/bin/napi-v6/linux/x64/binding.node",
		"package/bin/napi-v6/win32/x64/onnxruntime.dll", "package/bin/napi-v6/win32/x64/DirectML.dll"} {
		content, ok := files[name]
		if !ok {
			continue
		}
		if err := errors.Join(tw.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg})); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tw.Close(), zw.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func libraries() map[string]string {
	return map[string]string{
		"package/package.json":                              "{}",
		"package/bin/napi-v6/linux/x64/libonnxruntime.so.1": "a library",
		"package/bin/napi-v6/linux/x64/binding.node":        "not wanted",
		"package/bin/napi-v6/win32/x64/onnxruntime.dll":     "a library for Windows",
		"package/bin/napi-v6/win32/x64/DirectML.dll":        "which needs this",
	}
}

// registry serves an archive, with the digest of another if there is one.
func registry(t *testing.T, archive, digestOf []byte) string {
	sum := sha512.Sum512(digestOf)
	var address string
	address = newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".tgz") {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(archive))
			return
		}
		if r.URL.Path != "/onnxruntime-node/9.9.9" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		fmt.Fprintf(w, `{"dist":{"tarball":"%s/a.tgz","integrity":"sha512-%s"}}`, address, base64.StdEncoding.EncodeToString(sum[:]))
	})
	return address
}

func runtimeOptions(t *testing.T, address string) RuntimeOptions {
	return RuntimeOptions{
		Options: Options{Getenv: func(k string) string { return map[string]string{"npm_config_registry": address}[k] }, Retries: -1},
		Dir:     filepath.Join(t.TempDir(), "runtime"), Version: "9.9.9", Platform: "linux/amd64",
	}
}

func TestGetRuntime(t *testing.T) {
	archive := npmArchive(t, libraries())
	for platform, want := range map[string][]string{"linux/amd64": {"libonnxruntime.so"}, "windows/amd64": {"DirectML.dll", "onnxruntime.dll"}} {
		opts := runtimeOptions(t, registry(t, archive, archive))
		opts.Platform = platform
		r, err := GetRuntime(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		if r.Version != "9.9.9" || !strings.Contains(r.Checked, "registry") || !slices.Contains(want, filepath.Base(r.Path)) {
			t.Errorf("%s: %+v", platform, r)
		}
		entries, err := os.ReadDir(opts.Dir)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range entries {
			got = append(got, e.Name())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: installed %q, want %q", platform, got, want)
		}
	}
}

func TestGetRuntimeRefusals(t *testing.T) {
	good := npmArchive(t, libraries())
	lacking := npmArchive(t, map[string]string{"package/package.json": "{}"})
	for _, tt := range []struct {
		name    string
		change  func(o *RuntimeOptions)
		archive []byte
		digest  []byte
		is      error
		hint    string
	}{
		{name: "other digest", archive: good, digest: lacking, is: ErrMismatch, hint: "do not use"},
		{name: "not the pinned one", archive: good, digest: good, change: func(o *RuntimeOptions) { o.Version = "" }, is: ErrMismatch, hint: "do not use"},
		{name: "without a library", archive: lacking, digest: lacking, hint: "do not use"},
		{name: "no archive", archive: []byte("words"), digest: []byte("words"), hint: "do not use"},
		{name: "no such version", archive: good, digest: good, change: func(o *RuntimeOptions) { o.Version = "9.9.8" }, hint: "check the name"},
		{name: "no version", archive: good, digest: good, change: func(o *RuntimeOptions) { o.Version = "../9" }, hint: "give it as"},
		{name: "no platform", archive: good, digest: good, change: func(o *RuntimeOptions) { o.Platform = "darwin/amd64" }, hint: "slower"},
		{name: "no folder", archive: good, digest: good, change: func(o *RuntimeOptions) { o.Dir = "" }, hint: "SHEAF_HOME"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opts := runtimeOptions(t, registry(t, tt.archive, tt.digest))
			dir := opts.Dir
			if tt.change != nil {
				tt.change(&opts)
			}
			_, err := GetRuntime(t.Context(), opts)
			if err == nil || tt.is != nil && !errors.Is(err, tt.is) {
				t.Fatalf("error %v, want %v", err, tt.is)
			}
			checkHint(t, err, tt.hint)
			if isThere(filepath.Join(dir, "libonnxruntime.so")) {
				t.Error("installed all the same")
			}
		})
	}
}

// The pinned digests are compared file by file too.
func TestExtractPinned(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.tgz")
	if err := os.WriteFile(file, npmArchive(t, libraries()), 0o600); err != nil {
		t.Fatal(err)
	}
	const right = "5f70e3b2a1a2fe9d0b1d4ac4d4dc6ddae5b1b6d5ed6bfbb9d1e4a4ac1de8e1b1"
	if _, err := extract(t.Context(), file, "linux/amd64", t.TempDir(), map[string]string{"libonnxruntime.so.1": right}); !errors.Is(err, ErrMismatch) {
		t.Errorf("another digest gives %v", err)
	}
	if _, err := extract(t.Context(), file, "linux/amd64", t.TempDir(), map[string]string{"libonnxruntime.so.2": right}); err == nil {
		t.Error("a file that is not there was not missed")
	}
	for platform, files := range pinnedLibraries() {
		for name, sum := range files {
			if len(sum) != 64 || isLibrary(name) == (name == "DirectML.dll") {
				t.Errorf("%s: %s has the digest %q", platform, name, sum)
			}
		}
	}
}
