package pull

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/go-huggingface/hub"

	"sheaf/models"
)

// defaultEndpoint is the hub where HF_ENDPOINT names no other.
const defaultEndpoint = "https://huggingface.co"

const adviceAddress = "check the name, and HF_ENDPOINT if it is set"

// maxListing bounds the listing of a repository, in bytes.
const maxListing = 32 << 20

// A listing is what a repository holds at a commit.
type listing struct {
	repository, commit string
	files              []string // slash-separated and checked
	folder             string   // the repository's in the staging cache
}

// Endpoint is the address of the hub that [Model] contacts.
func Endpoint(getenv func(string) string) string {
	if e := getenv("HF_ENDPOINT"); e != "" {
		return e
	}
	return defaultEndpoint
}

func newHub(opts *Options) (*client, error) {
	token := opts.Getenv("HF_TOKEN")
	hints := advices{
		user:    "give the address without one, and a token in HF_TOKEN",
		refused: "the name may be wrong, or the repository asks for a login: accept its terms on the web page and set HF_TOKEN",
		address: adviceAddress,
	}
	if token != "" {
		hints.refused = "the name may be wrong, or HF_TOKEN may not read this repository"
	}
	return newClient(Endpoint(opts.Getenv), token, hints, opts.Stall)
}

// list asks the hub what a repository holds. The answer is kept in staging in
// the layout of go-huggingface's cache, and read by that library, whose own
// transfer cannot be interrupted and takes a cut answer for a whole one.
func (c *client) list(ctx context.Context, repository, revision, staging string, opts *Options) (*listing, error) {
	if !validRevision(revision) {
		return nil, &Error{repository, fmt.Errorf("%q is no revision", revision), "give a branch, a tag or a commit"}
	}
	address := fmt.Sprintf("%s/api/models/%s/revision/%s", c.base, repository, url.PathEscape(revision))
	raw, err := c.get(ctx, address, maxListing, opts)
	if err != nil {
		var e *Error
		if errors.As(err, &e) {
			e.What = repository
		}
		return nil, err
	}
	if !json.Valid(raw) {
		return nil, &Error{repository, errors.New("the hub's listing is no JSON"), adviceAddress}
	}
	l := &listing{repository: repository, folder: filepath.Join(staging, "models--"+strings.ReplaceAll(repository, "/", hub.RepoIdSeparator))}
	info := filepath.Join(l.folder, "info", filepath.FromSlash(revision))
	if err := os.MkdirAll(filepath.Dir(info), 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(info, raw, 0o600); err != nil {
		return nil, err
	}
	repo := hub.New(repository).WithEndpoint(c.base.String()).WithCacheDir(staging).WithRevision(revision)
	if err := repo.DownloadInfo(false); err != nil {
		return nil, &Error{repository, fmt.Errorf("the hub's listing cannot be read: %w", err), adviceAddress}
	}
	l.commit = repo.Info().CommitHash
	if len(l.commit) != 40 || !models.ValidDigest(l.commit) {
		return nil, &Error{repository, fmt.Errorf("the hub's listing names no commit, but %q", l.commit), adviceAddress}
	}
	for name, err := range repo.IterFileNames() {
		if err != nil {
			return nil, &Error{repository, err, "do not use this repository"}
		}
		if filepath.IsLocal(filepath.FromSlash(name)) && !strings.ContainsAny(name, "\\:\x00") && path.Clean(name) == name {
			l.files = append(l.files, name)
		}
	}
	slices.Sort(l.files)
	return l, nil
}

func validRevision(s string) bool {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/"
	return s != "" && strings.Trim(s, plain) == "" && filepath.IsLocal(s) && path.Clean(s) == s
}

// stat asks the hub for the size and the digest of a file. They are the hub's
// own word: those of the server that the file comes from are not looked at.
func (c *client) stat(ctx context.Context, l *listing, name string, opts *Options) (source, error) {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	src := source{
		name: path.Join(l.repository, name),
		url:  fmt.Sprintf("%s/%s/resolve/%s/%s", c.base, l.repository, l.commit, strings.Join(parts, "/")),
	}
	err := retry(ctx, opts, func() (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, c.stall)
		defer cancel()
		resp, err := c.do(ctx, http.MethodHead, src.url, nil, true)
		if err != nil {
			return false, err
		}
		resp.Body.Close()
		if resp.StatusCode >= 400 {
			return false, statusError(resp)
		}
		src.digest = plainTag(resp.Header.Get(hub.HeaderXLinkedETag))
		length := resp.Header.Get(hub.HeaderXLinkedSize)
		if resp.StatusCode == http.StatusOK {
			if src.digest == "" {
				src.digest = plainTag(resp.Header.Get("ETag"))
			}
			if length == "" {
				length = resp.Header.Get("Content-Length")
			}
		}
		if !models.ValidDigest(src.digest) {
			return false, &finalError{ErrNoDigest}
		}
		src.size, err = strconv.ParseInt(length, 10, 64)
		if err != nil || src.size < 0 {
			return false, &finalError{fmt.Errorf("%w: nor a size", ErrNoDigest)}
		}
		return false, nil
	})
	if err != nil {
		return source{}, c.explain(src.name, err)
	}
	return src, nil
}

// plainTag is an entity tag without quotes and the mark of a weak one.
func plainTag(s string) string {
	return strings.Trim(strings.TrimPrefix(s, "W/"), `"`)
}
