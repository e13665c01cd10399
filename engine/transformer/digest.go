package transformer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// A Memory keeps from one run to the next what takes long to find out. It may
// forget at any time, and never fails: what it cannot keep it has forgotten.
type Memory interface {
	// KnownDigest is "sha256:…" of a file's bytes, or "" where the file would
	// have to be read for that.
	KnownDigest(path string) string
	// FileDigest is "sha256:…" of a file's bytes. Its error is that of reading.
	FileDigest(path string) (string, error)
	// Fact is what KeepFact was last given under that name, or "".
	Fact(name string) string
	KeepFact(name, fact string)
}

// digest is a sha256 over the digests of the model's files in their order, and
// over the settings that change vectors and show nowhere else.
func (e *Embedder) digest() (string, error) {
	if m := e.opts.Memory; m != nil {
		return e.digestBy(m.FileDigest)
	}
	return e.digestBy(hashFile)
}

// knownDigest is the digest where it takes no reading, or "".
func (e *Embedder) knownDigest() string {
	digest, err := e.digestBy(func(path string) (string, error) {
		if sum := e.opts.Memory.KnownDigest(path); sum != "" {
			return sum, nil
		}
		return "", errors.New("not known")
	})
	if err != nil {
		return ""
	}
	return digest
}

func (e *Embedder) digestBy(fileDigest func(path string) (string, error)) (string, error) {
	h := sha256.New()
	for _, name := range e.folder.files {
		sum, err := fileDigest(filepath.Join(e.folder.Dir, filepath.FromSlash(name)))
		if err != nil {
			return "", err
		}
		h.Write([]byte(sum + "\n"))
	}
	h.Write(fmt.Appendf(nil, "output=%q prefix=%q\n", e.output.Name, e.prefix))
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}

// hashFile is "sha256:…" of a file's bytes.
func hashFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}
