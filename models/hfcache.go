package models

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// CacheDir is the Hugging Face cache, which Python's huggingface_hub and
// others share: $HF_HUB_CACHE, else $HF_HOME/hub, else
// $XDG_CACHE_HOME/huggingface/hub, else ~/.cache/huggingface/hub. It is ""
// where there can be none. getenv is os.Getenv but in tests.
func CacheDir(getenv func(string) string) string {
	if d := getenv("HF_HUB_CACHE"); d != "" {
		return d
	}
	if d := getenv("HF_HOME"); d != "" {
		return filepath.Join(d, "hub")
	}
	if d := getenv("XDG_CACHE_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "huggingface", "hub")
	}
	for _, home := range []string{"HOME", "USERPROFILE"} {
		if d := getenv(home); d != "" {
			return filepath.Join(d, ".cache", "huggingface", "hub")
		}
	}
	return ""
}

// cachePrefix begins the folder of a model repository in the cache; the parts
// of its name are joined by separator.
const (
	cachePrefix    = "models--"
	cacheSeparator = "--"
)

func cacheFolder(repository string) string {
	return cachePrefix + strings.ReplaceAll(repository, "/", cacheSeparator)
}

// cachedRepositories returns the model repositories of which the cache has
// something.
func cachedRepositories(cache string) []string {
	if cache == "" {
		return nil
	}
	entries, err := os.ReadDir(cache)
	if err != nil {
		return nil // no cache, or none that we may read
	}
	var found []string
	for _, e := range entries {
		name, ok := strings.CutPrefix(e.Name(), cachePrefix)
		if !ok {
			continue
		}
		if id := strings.Replace(name, cacheSeparator, "/", 1); ValidRepository(id) {
			found = append(found, id)
		}
	}
	return found
}

// cachedSnapshot returns the folder of a repository's snapshot: the one that
// the branch main stands for, else the only one. The second result is false
// where there is none that holds a whole model.
func cachedSnapshot(cache, repository string) (string, bool) {
	root := filepath.Join(cache, cacheFolder(repository))
	var commit string
	if raw, err := os.ReadFile(filepath.Join(root, "refs", "main")); err == nil {
		commit = strings.TrimSpace(string(raw))
	} else if entries, err := os.ReadDir(filepath.Join(root, "snapshots")); err == nil && len(entries) == 1 {
		commit = entries[0].Name()
	}
	if commit == "" || !filepath.IsLocal(commit) {
		return "", false
	}
	dir := filepath.Join(root, "snapshots", commit)
	return dir, len(Files(dir)) > 0
}

// CachedBlob returns the file of the cache that has the content a digest of
// the hub stands for, if it is there. What it holds has to be checked.
func (s Store) CachedBlob(repository, etag string) (string, bool) {
	if s.Cache == "" || !ValidRepository(repository) || !ValidDigest(etag) {
		return "", false
	}
	file := filepath.Join(s.Cache, cacheFolder(repository), "blobs", etag)
	st, err := os.Stat(file)
	return file, err == nil && st.Mode().IsRegular()
}

// maxHeader bounds the header of a safetensors file, as its reference
// implementation does.
const maxHeader = 100_000_000

// isStatic says whether a safetensors file has the tensor of a static model,
// "embeddings"; those of transformer models have the same file name. The
// header is a length of eight bytes and a JSON object of that length.
func isStatic(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return false
	}
	var length [8]byte
	if _, err := io.ReadFull(f, length[:]); err != nil {
		return false
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxHeader || int64(n) > st.Size()-8 {
		return false
	}
	var header map[string]json.RawMessage
	if json.NewDecoder(io.LimitReader(f, int64(n))).Decode(&header) != nil {
		return false
	}
	_, ok := header["embeddings"]
	return ok
}

// linkedBlob is the name of the cache's blob that a file of a snapshot is a
// link to, which is the digest of its content; "" where it is no such link.
func linkedBlob(file string) string {
	target, err := os.Readlink(file)
	if err != nil {
		return ""
	}
	name := filepath.Base(target)
	if !ValidDigest(name) || filepath.Base(filepath.Dir(target)) != "blobs" {
		return ""
	}
	return name
}

// A digest of the hub is the sha256 of a large file, or what git calls the
// SHA-1 of a blob.
const (
	sha256Digits = 64
	gitDigits    = 40
)

// ValidDigest says whether s is a digest as the hub gives it: 64 hexadecimal
// digits, a file's sha256, or 40, git's SHA-1 of a blob.
func ValidDigest(s string) bool {
	return slices.Contains([]int{sha256Digits, gitDigits}, len(s)) && strings.Trim(s, "0123456789abcdef") == ""
}
