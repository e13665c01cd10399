package pull

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/gofrs/flock"

	"sheaf/models"
)

// RuntimeVersion is the release of ONNX Runtime that is got where none is
// named.
const RuntimeVersion = "1.24.3"

// Where ONNX Runtime's own releases are: the archives at the first address,
// what the project publishes about them, digests among it, at the second.
const (
	releaseServer = "https://github.com"
	releasePage   = releaseServer + "/microsoft/onnxruntime/releases"
	releaseAPI    = "https://api.github.com/repos/microsoft/onnxruntime/releases"
)

// runtimeBase is the environment variable that names a mirror: a server with
// the archives at /download/vVERSION/ARCHIVE and the JSON document of a release
// at /tags/vVERSION, as both have them below the addresses above.
const runtimeBase = "SHEAF_RUNTIME_BASE"

const (
	adviceNoDigest = "--sha256 HEX gives the digest by hand; SHEAF_ONNXRUNTIME names a library that is there already"
	adviceRelease  = "check the version, and " + runtimeBase + " if it is set; " + adviceNoDigest
	adviceLimit    = "the server may limit how often it is asked from one network: wait an hour; " + adviceNoDigest
)

// maxArchive bounds an archive of a release, in bytes.
const maxArchive = 2 << 30

// pinnedArchives is the sha256 of archives by their names. It is empty: of no
// archive could a digest be taken from its bytes, and one that nobody looked at
// is worth no more than the one that the release publishes.
func pinnedArchives() map[string]string { return nil }

// knownLibraries says of the sha256 of a library of [RuntimeVersion] what it
// is. They are those of the files that onnxruntime-node ships, and may differ
// from the ones of the release: they say more about a file whose archive was
// right, and never less.
func knownLibraries() map[string]string {
	return map[string]string{
		"92ba8e44d31b80a34f5e805076a044122c3be1fffe0d88ed790de7267b0b2682": "linux/amd64",
		"33032cb5b91c12edbf028d7c69fa40a31848d66c0095448758af237d5e0b07db": "linux/arm64",
		"76831409ce6eded92b4cb343cf422c458a60c1ea1d5f3cfa69692ab7fcc67f0f": "darwin/arm64",
		"4bc168111012971ae1ffef36c1f29c06b026d17e9063bd17f6390359fbe32a84": "windows/amd64",
		"65dd5f706f8dd42ce96f6358ef3180c3c30f390022de00b75ada6f498ba4cce1": "windows/arm64",
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
	SHA256   string // of the archive, given by hand; "" means the pinned or the published one

	pinned map[string]string // in tests, instead of pinnedArchives
	known  map[string]string // in tests, instead of knownLibraries
}

var versionPattern = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`)

// RuntimeServer says for people which server [GetRuntime] contacts.
func RuntimeServer(getenv func(string) string) string {
	if base := getenv(runtimeBase); base != "" {
		return base
	}
	return releaseServer + " (its API too)"
}

// An asset is the archive of a release for a platform.
type asset struct {
	version string
	layout
	size   int64
	sha256 string
}

// A layout is how a platform's archive and the library in it are called.
type layout struct {
	platform  string // as the release writes it
	suffix    string // of the archive
	library   string // the name without a version
	versioned string // a pattern for the name with one
	shared    string // what other providers share, which may lie beside it
}

// layoutOf returns the layout for GOOS/GOARCH.
func layoutOf(platform string) (layout, bool) {
	linux := layout{"", ".tgz", "libonnxruntime.so", "libonnxruntime.so.%s", "libonnxruntime_providers_shared.so"}
	darwin := layout{"", ".tgz", "libonnxruntime.dylib", "libonnxruntime.%s.dylib", "libonnxruntime_providers_shared.dylib"}
	windows := layout{"", ".zip", "onnxruntime.dll", "", "onnxruntime_providers_shared.dll"}
	l, name := layout{}, ""
	switch platform {
	case "linux/amd64":
		l, name = linux, "linux-x64"
	case "linux/arm64":
		l, name = linux, "linux-aarch64"
	case "darwin/arm64":
		l, name = darwin, "osx-arm64"
	case "windows/amd64":
		l, name = windows, "win-x64"
	case "windows/arm64":
		l, name = windows, "win-arm64"
	}
	l.platform = name
	return l, name != ""
}

// folder is the archive's only folder.
func (a *asset) folder() string { return "onnxruntime-" + a.platform + "-" + a.version }

// file is the archive's name.
func (a *asset) file() string { return a.folder() + a.suffix }

// GetRuntime gets the ONNX Runtime library for a platform out of a release of
// the project. The archive's digest is compared with the one given by hand,
// else with the one compiled into the program if there is one, else with the
// one that the release publishes; [Runtime.Checked] says with which. Where
// there is none the archive is not taken: the error is [ErrNoDigest].
func GetRuntime(ctx context.Context, opts RuntimeOptions) (Runtime, error) {
	opts.fill()
	what := "ONNX Runtime " + opts.Version
	if opts.Dir == "" {
		return Runtime{}, &Error{what, errors.New("there is no folder for it"), "set SHEAF_HOME"}
	}
	if !versionPattern.MatchString(opts.Version) {
		return Runtime{}, &Error{what, errors.New("is no version"), "give it as " + RuntimeVersion}
	}
	a := asset{version: opts.Version, size: -1}
	var supported bool
	if a.layout, supported = layoutOf(opts.Platform); !supported {
		return Runtime{}, &Error{what, fmt.Errorf("is not published for %s", opts.Platform),
			"models run without it too, only slower; or build the library and name it in SHEAF_ONNXRUNTIME"}
	}
	page, api := releasePage, releaseAPI
	if base := opts.Getenv(runtimeBase); base != "" {
		page = strings.TrimRight(base, "/")
		api = page
	}
	c, err := newClient(page, "", advices{user: "give the address without one", refused: adviceLimit, address: adviceRelease}, opts.Stall)
	if err != nil {
		return Runtime{}, err
	}
	defer c.close()
	checked, err := c.describe(ctx, &a, api, &opts)
	if err != nil {
		return Runtime{}, err
	}

	staging := filepath.Join(opts.Dir, stagingFolder)
	if err := os.MkdirAll(staging, 0o700); err != nil {
		return Runtime{}, err
	}
	lock := flock.New(staging + ".lock")
	if ok, err := lock.TryLock(); err != nil {
		return Runtime{}, err
	} else if !ok {
		return Runtime{}, &Error{what, errors.New("is being pulled by another process"), "wait for it to end"}
	}
	// The lock ends with the process in any case.
	defer func() { _ = lock.Unlock() }()

	address := fmt.Sprintf("%s/download/v%s/%s", page, a.version, a.file())
	if a.size < 0 {
		if a.size, err = c.length(ctx, address, &opts.Options); err != nil {
			return Runtime{}, err
		}
	}
	if a.size > maxArchive {
		return Runtime{}, &Error{what, fmt.Errorf("%w: it has %d bytes", ErrMismatch, a.size), adviceMismatch}
	}
	// Under the name of its digest: what is here whole was compared with it.
	file := filepath.Join(staging, a.sha256+a.suffix)
	if err := c.fetch(ctx, source{name: what, url: address, size: a.size, digest: a.sha256}, file, &opts.Options); err != nil {
		return Runtime{}, err
	}
	files, err := a.extract(ctx, file, staging)
	if err != nil {
		return Runtime{}, explainArchive(what, file, err)
	}
	r := Runtime{Version: a.version, Path: filepath.Join(opts.Dir, a.library), Checked: checked}
	sum, _, err := models.Digest(ctx, filepath.Join(staging, a.library), 64)
	if err != nil {
		return Runtime{}, err
	}
	if opts.known[sum] == opts.Platform {
		r.Checked += "; the library has a digest compiled into sheaf: it is the file that onnxruntime-node ships"
	}
	for _, name := range files {
		if err := os.Rename(filepath.Join(staging, name), filepath.Join(opts.Dir, name)); err != nil {
			return Runtime{}, err
		}
	}
	// The library is in its place; what is left of its making is only in the way.
	if err := errors.Join(os.RemoveAll(staging), lock.Unlock(), os.Remove(lock.Path())); err != nil {
		opts.note("%v", err)
	}
	return r, nil
}

func (o *RuntimeOptions) fill() {
	o.Options.fill()
	if o.Version == "" {
		o.Version = RuntimeVersion
	}
	if o.Platform == "" {
		o.Platform = runtime.GOOS + "/" + runtime.GOARCH
	}
	if o.pinned == nil {
		o.pinned = pinnedArchives()
	}
	if o.known == nil {
		o.known = knownLibraries()
	}
}

// describe finds the digest of an archive, and its size where the release says
// it. It returns for people which digest it is.
func (c *client) describe(ctx context.Context, a *asset, api string, opts *RuntimeOptions) (string, error) {
	if opts.SHA256 != "" {
		a.sha256 = strings.ToLower(opts.SHA256)
		if !isSHA256(a.sha256) {
			return "", &Error{opts.SHA256, errors.New("is no sha256"), "give the 64 hexadecimal digits of the archive's digest"}
		}
		return "the digest given by hand", nil
	}
	if a.sha256 = opts.pinned[a.file()]; a.sha256 != "" {
		return "the digest compiled into sheaf", nil
	}
	if err := c.published(ctx, a, api, &opts.Options); err != nil {
		return "", err
	}
	return "the digest that the release publishes (none of the archive is compiled into sheaf)", nil
}

func isSHA256(s string) bool { return len(s) == 64 && models.ValidDigest(s) }

// published asks for what a release says about its archive. The address in the
// answer is not looked at: archives come from one place.
func (c *client) published(ctx context.Context, a *asset, api string, opts *Options) error {
	what := api + "/tags/v" + a.version
	raw, err := c.get(ctx, what, maxListing, opts)
	if err != nil {
		return err
	}
	var release struct {
		Assets []struct {
			Name   string `json:"name"`
			Size   int64  `json:"size"`
			Digest string `json:"digest"`
		} `json:"assets"`
	}
	if err := json.Unmarshal(raw, &release); err != nil {
		return &Error{what, fmt.Errorf("the release's description cannot be read: %w", err), adviceRelease}
	}
	for _, listed := range release.Assets {
		if listed.Name != a.file() {
			continue
		}
		sum, ok := strings.CutPrefix(listed.Digest, "sha256:")
		if !ok || !isSHA256(sum) {
			return &Error{a.file(), ErrNoDigest, adviceNoDigest}
		}
		if listed.Size <= 0 {
			return &Error{a.file(), fmt.Errorf("the release says that it has %d bytes", listed.Size), adviceRelease}
		}
		a.size, a.sha256 = listed.Size, sum
		return nil
	}
	return &Error{what, fmt.Errorf("the release has no %s", a.file()), adviceRelease}
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
