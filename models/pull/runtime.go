package pull

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"sheaf/models"
)

// The release of ONNX Runtime that is got where none is named. It comes from
// the npm package onnxruntime-node, which has the libraries of all platforms
// and lets a mirror of the registry stand in.
const (
	RuntimeVersion  = "1.24.3"
	runtimePackage  = "onnxruntime-node"
	defaultRegistry = "https://registry.npmjs.org"
	pinnedArchive   = "aa1bb5fa261ea68de05dd53efbba210cd7adf2d2850f4c3a201054c74cc78040"
	pinnedSize      = 85_987_774
)

// pinnedLibraries is the sha256 of each file of [RuntimeVersion] that is
// taken, by platform.
func pinnedLibraries() map[string]map[string]string {
	return map[string]map[string]string{
		"linux/amd64":  {"libonnxruntime.so.1": "92ba8e44d31b80a34f5e805076a044122c3be1fffe0d88ed790de7267b0b2682"},
		"linux/arm64":  {"libonnxruntime.so.1": "33032cb5b91c12edbf028d7c69fa40a31848d66c0095448758af237d5e0b07db"},
		"darwin/arm64": {"libonnxruntime.1.24.3.dylib": "76831409ce6eded92b4cb343cf422c458a60c1ea1d5f3cfa69692ab7fcc67f0f"},
		"windows/amd64": {
			"onnxruntime.dll": "4bc168111012971ae1ffef36c1f29c06b026d17e9063bd17f6390359fbe32a84",
			"DirectML.dll":    "aba1999d6f7af246fc032105a6498722eb4af8a70f04c7441b7608e17deec72f",
		},
		"windows/arm64": {
			"onnxruntime.dll": "65dd5f706f8dd42ce96f6358ef3180c3c30f390022de00b75ada6f498ba4cce1",
			"DirectML.dll":    "0faa19e9cfa7cbbf2bb679ba5313d81ebbcd4c96d1c78200efd7752c7d01503e",
		},
	}
}

// A Runtime is an ONNX Runtime library that was got.
type Runtime struct {
	Version string
	Path    string // the library
	Checked string // by which digest, for people
}

// RuntimeOptions are optional but for Dir.
type RuntimeOptions struct {
	Options
	Dir      string // the folder that gets the library
	Version  string // of ONNX Runtime; "" means RuntimeVersion
	Platform string // GOOS/GOARCH; "" means this one
}

var versionPattern = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`)

// Registry is the address of the registry that [GetRuntime] contacts.
func Registry(getenv func(string) string) string {
	if r := getenv("npm_config_registry"); r != "" {
		return r
	}
	return defaultRegistry
}

// GetRuntime gets the ONNX Runtime library for a platform. Its digest is
// compared with the one compiled into the program, and for other versions than
// [RuntimeVersion] with the one that the registry publishes.
func GetRuntime(ctx context.Context, opts RuntimeOptions) (Runtime, error) {
	opts.fill()
	if opts.Version == "" {
		opts.Version = RuntimeVersion
	}
	if opts.Platform == "" {
		opts.Platform = runtime.GOOS + "/" + runtime.GOARCH
	}
	what := "ONNX Runtime " + opts.Version
	if opts.Dir == "" {
		return Runtime{}, &Error{what, errors.New("there is no folder for it"), "set SHEAF_HOME"}
	}
	if !versionPattern.MatchString(opts.Version) {
		return Runtime{}, &Error{what, errors.New("is no version"), "give it as " + RuntimeVersion}
	}
	pinned, supported := pinnedLibraries()[opts.Platform]
	if !supported {
		return Runtime{}, &Error{what, fmt.Errorf("is not published for %s", opts.Platform),
			"models run without it too, only slower; or build the library and name it in SHEAF_ONNXRUNTIME"}
	}
	c, err := newClient(Registry(opts.Getenv), "", opts.Stall)
	if err != nil {
		return Runtime{}, err
	}
	defer c.close()
	a := archive{url: fmt.Sprintf("%s/%s/-/%s-%s.tgz", c.base, runtimePackage, runtimePackage, opts.Version), size: pinnedSize, sha256: pinnedArchive}
	checked := "the digest compiled into sheaf"
	if opts.Version != RuntimeVersion {
		pinned, checked = nil, "the digest that the registry publishes"
		if a, err = c.published(ctx, opts.Version, &opts.Options); err != nil {
			return Runtime{}, err
		}
	}
	staging := filepath.Join(opts.Dir, stagingFolder)
	file := filepath.Join(staging, runtimePackage+"-"+opts.Version+".tgz")
	if err := c.fetchArchive(ctx, what, a, file, &opts.Options); err != nil {
		return Runtime{}, err
	}
	files, err := extract(ctx, file, opts.Platform, staging, pinned)
	if err != nil {
		return Runtime{}, &Error{what, err, adviceMismatch}
	}
	r := Runtime{Version: opts.Version, Checked: checked}
	for _, name := range files {
		target := filepath.Join(opts.Dir, plainName(name))
		if err := os.Rename(filepath.Join(staging, name), target); err != nil {
			return Runtime{}, err
		}
		if isLibrary(name) {
			r.Path = target
		}
	}
	return r, os.RemoveAll(staging)
}

// An archive is a package's file in a registry. One of the digests is set.
type archive struct {
	url    string
	size   int64 // -1 where the registry does not say
	sha256 string
	sha512 []byte
}

// published asks the registry for a version's archive and digest.
func (c *client) published(ctx context.Context, version string, opts *Options) (archive, error) {
	what := c.base.String() + "/" + runtimePackage + "/" + version
	raw, err := c.get(ctx, what, maxListing, opts)
	if err != nil {
		return archive{}, err
	}
	var doc struct {
		Dist struct {
			Tarball   string `json:"tarball"`
			Integrity string `json:"integrity"`
		} `json:"dist"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return archive{}, &Error{what, err, "check npm_config_registry if it is set"}
	}
	for sum := range strings.FieldsSeq(doc.Dist.Integrity) {
		encoded, ok := strings.CutPrefix(sum, "sha512-")
		if !ok {
			continue
		}
		digest, err := base64.StdEncoding.DecodeString(encoded)
		if err == nil && len(digest) == sha512.Size {
			return archive{url: doc.Dist.Tarball, size: -1, sha512: digest}, nil
		}
	}
	return archive{}, &Error{what, ErrNoDigest, "check npm_config_registry if it is set"}
}

// fetchArchive puts an archive at path and compares it.
func (c *client) fetchArchive(ctx context.Context, what string, a archive, path string, opts *Options) error {
	if a.sha256 != "" {
		return c.fetch(ctx, source{name: what, url: a.url, size: a.size, digest: a.sha256}, path, opts)
	}
	size, err := c.length(ctx, a.url, opts)
	if err != nil {
		return err
	}
	// fetch compares a sha256, which nobody publishes here: the bytes are
	// fetched without it, and compared with what there is.
	if err := c.fetch(ctx, source{name: what, url: a.url, size: size}, path, opts); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha512.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got := h.Sum(nil); !slices.Equal(got, a.sha512) {
		err := fmt.Errorf("%w: the sha512 is %s, not %s", ErrMismatch, hex.EncodeToString(got), hex.EncodeToString(a.sha512))
		return &Error{what, errors.Join(err, os.Remove(path)), adviceMismatch}
	}
	return nil
}

// length asks for the size of a file.
func (c *client) length(ctx context.Context, address string, opts *Options) (int64, error) {
	size := int64(-1)
	err := retry(ctx, opts, func() (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, c.stall)
		defer cancel()
		resp, err := c.do(ctx, http.MethodHead, address, nil, false)
		if err != nil {
			return false, err
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return false, statusError(resp)
		}
		if size = resp.ContentLength; size <= 0 {
			return false, &finalError{errors.New("the server does not say how long the file is")}
		}
		return false, nil
	})
	if err != nil {
		return 0, c.explain(address, err)
	}
	return size, nil
}

// maxLibrary bounds one file of the archive, in bytes.
const maxLibrary = 1 << 30

// extract writes a platform's libraries into dir, under the names they have in
// the archive, which it returns. pinned, where it is not nil, has the sha256
// of each file that is taken.
func extract(ctx context.Context, file, platform, dir string, pinned map[string]string) ([]string, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	zr, err := gzip.NewReader(in)
	if err != nil {
		return nil, err
	}
	system, arch, _ := strings.Cut(platform, "/")
	folder := map[string]string{"windows": "win32"}[system]
	if folder == "" {
		folder = system
	}
	if arch == "amd64" {
		arch = "x64"
	}
	pattern := path.Join("package/bin/napi-v*", folder, arch, "*")
	var found []string
	library := false
	for tr := tar.NewReader(zr); ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if ok, err := path.Match(pattern, h.Name); err != nil || !ok || h.Typeflag != tar.TypeReg {
			continue
		}
		name := path.Base(h.Name)
		want, listed := pinned[name]
		if pinned != nil && !listed || pinned == nil && !isLibrary(name) && name != "DirectML.dll" {
			continue
		}
		if slices.Contains(found, name) || h.Size > maxLibrary {
			return nil, fmt.Errorf("%w: the archive has %s twice, or too large", ErrMismatch, name)
		}
		target := filepath.Join(dir, name)
		if err := writeFile(target, tr); err != nil {
			return nil, err
		}
		if listed {
			got, _, err := models.Digest(ctx, target, len(want))
			if err != nil {
				return nil, err
			}
			if got != want {
				return nil, fmt.Errorf("%w: the sha256 of %s is %s, not %s", ErrMismatch, name, got, want)
			}
		}
		found = append(found, name)
		library = library || isLibrary(name)
	}
	if !library || pinned != nil && len(found) != len(pinned) {
		return nil, fmt.Errorf("the archive lacks the library for %s", platform)
	}
	return found, nil
}

func writeFile(target string, r io.Reader) error {
	f, err := os.OpenFile(target, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Sync(), f.Close())
}

// isLibrary says whether a file of the archive is the library itself.
func isLibrary(name string) bool {
	return strings.HasPrefix(name, "libonnxruntime.") || name == "onnxruntime.dll"
}

// plainName is the name under which a file is installed: without a version,
// so that another version takes its place.
func plainName(name string) string {
	switch {
	case strings.HasPrefix(name, "libonnxruntime.so"):
		return "libonnxruntime.so"
	case strings.HasPrefix(name, "libonnxruntime.") && strings.HasSuffix(name, ".dylib"):
		return "libonnxruntime.dylib"
	}
	return name
}
