package store

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
)

// A Key names an entry: HMAC-SHA256 under the secret of the folder.
type Key [sha256.Size]byte

const secretBytes = 32

// readSecret reads the secret of a folder, which is made if there is none. Of
// two processes that make one at the same time, both use the same.
func readSecret(dir string) ([]byte, error) {
	path := filepath.Join(dir, secretFile)
	secret, err := os.ReadFile(path)
	switch {
	case err == nil && len(secret) == secretBytes:
		return secret, nil
	case err == nil:
		// Whatever it was, no entry can be found with it.
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if err := makeSecret(dir, path); err != nil {
		return nil, err
	}
	secret, err = os.ReadFile(path)
	if err == nil && len(secret) != secretBytes {
		err = fmt.Errorf("%s has %d bytes, not %d", secretFile, len(secret), secretBytes)
	}
	return secret, err
}

// makeSecret makes the file at path, whole and once: a link to a file that is
// written already fails where another process was quicker.
func makeSecret(dir, path string) (err error) {
	f, err := os.CreateTemp(dir, secretFile+"-*.tmp") // with mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	secret := make([]byte, secretBytes)
	rand.Read(secret) // which never fails
	_, err = f.Write(secret)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	switch err := os.Link(f.Name(), path); {
	case err == nil, errors.Is(err, fs.ErrExist):
		return nil
	default:
		// A file system without hard links. Two processes at the very same
		// moment may lose each other's entries here, and nothing else.
		return os.WriteFile(path, secret, 0o600)
	}
}

// A keyer makes keys of texts that share their circumstances.
type keyer struct {
	mac    hash.Hash
	prefix [sha256.Size]byte
	buf    []byte
}

// newKeyer makes a keyer for a kind of entry and what its values depend on
// beside the text.
func (s *Store) newKeyer(k kind, circumstances ...string) *keyer {
	b := binary.LittleEndian.AppendUint64(nil, uint64(k))
	for _, c := range circumstances {
		b = binary.LittleEndian.AppendUint64(b, uint64(len(c))) // so that no two lists run together to the same bytes
		b = append(b, c...)
	}
	return &keyer{mac: hmac.New(sha256.New, s.secret), prefix: sha256.Sum256(b)}
}

func (k *keyer) key(text string) (key Key) {
	k.mac.Reset()
	k.buf = append(append(k.buf[:0], k.prefix[:]...), text...)
	k.mac.Write(k.buf) // a hash never fails
	k.mac.Sum(key[:0])
	return key
}

// Pseudonyms returns a function that gives each id a name of 16 hex digits
// which tells nothing about it without the secret of the folder: the same in
// all runs with the folder, another with every other. The folder and its secret
// are made if they are not there; with no folder, "", the secret is of this run
// alone.
func Pseudonyms(dir string) (func(id string) string, error) {
	s := &Store{dir: dir, secret: make([]byte, secretBytes)}
	if dir == "" {
		rand.Read(s.secret) // which never fails
	} else {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		var err error
		if s.secret, err = readSecret(dir); err != nil {
			return nil, err
		}
	}
	return func(id string) string {
		key := s.newKeyer(0, "pseudonym").key(id) // of no kind of entry
		return hex.EncodeToString(key[:8])
	}, nil
}
