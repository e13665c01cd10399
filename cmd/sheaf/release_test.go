package main

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
	"path"
	"runtime"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// releaseNames is the folder of version 9.9.9's archive for this platform, the
// archive and the library in it.
func releaseNames() (folder, archive, library string) {
	system, arch := map[string]string{"darwin": "osx", "windows": "win"}[runtime.GOOS], map[string]string{"amd64": "x64"}[runtime.GOARCH]
	if system == "" {
		system = runtime.GOOS
	}
	if arch == "" {
		arch = runtime.GOARCH
	}
	if system == "linux" && arch == "arm64" {
		arch = "aarch64"
	}
	folder = fmt.Sprintf("onnxruntime-%s-%s-9.9.9", system, arch)
	switch system {
	case "win":
		return folder, folder + ".zip", "onnxruntime.dll"
	case "osx":
		return folder, folder + ".tgz", "libonnxruntime.dylib"
	}
	return folder, folder + ".tgz", "libonnxruntime.so"
}

// releaseArchive packs a file as a release has it.
func releaseArchive(archive, name string, content []byte) ([]byte, error) {
	var buf bytes.Buffer
	if strings.HasSuffix(archive, ".zip") {
		zw := zip.NewWriter(&buf)
		w, err := zw.Create(name)
		if err == nil {
			_, err = w.Write(content)
		}
		err = errors.Join(err, zw.Close())
		return buf.Bytes(), err
	}
	gz := gzip.NewWriter(&buf)
	tw := tar.NewWriter(gz)
	err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg})
	if err == nil {
		_, err = tw.Write(content)
	}
	err = errors.Join(err, tw.Close(), gz.Close())
	return buf.Bytes(), err
}

// release [-nodigest] FILE serves a release 9.9.9 with that file as the
// library on loopback, to which SHEAF_RUNTIME_BASE then leads. LIBRARY and
// ARCHIVE_SHA256 are the library's name and the archive's digest.
func cmdRelease(ts *testscript.TestScript, neg bool, args []string) {
	published := len(args) == 0 || args[0] != "-nodigest"
	if !published {
		args = args[1:]
	}
	if neg || len(args) != 1 {
		ts.Fatalf("usage: release [-nodigest] file")
	}
	folder, archive, library := releaseNames()
	content, err := releaseArchive(archive, path.Join(folder, "lib", library), []byte(ts.ReadFile(args[0])))
	ts.Check(err)
	sum := sha256.Sum256(content)
	digest := `"digest":"sha256:` + hex.EncodeToString(sum[:]) + `",`
	if !published {
		digest = ""
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/tags/v9.9.9":
			fmt.Fprintf(w, `{"assets":[{%s"name":%q,"size":%d}]}`, digest, archive, len(content))
		case "/download/v9.9.9/" + archive:
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	ts.Defer(s.Close)
	ts.Setenv("SHEAF_RUNTIME_BASE", s.URL)
	ts.Setenv("LIBRARY", library)
	ts.Setenv("ARCHIVE_SHA256", hex.EncodeToString(sum[:]))
}
