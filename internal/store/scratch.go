package store

import (
	"bufio"
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sheaf/internal/hint"
)

// A Scratch is a file for what a run need not hold in memory: records that are
// appended and read again by their numbers. They are sealed with a key that is
// made with the file and is nowhere but in memory, so that nobody can read what a
// killed run may leave behind. Where the system allows it the file has no name
// from the beginning, and goes with the process; elsewhere Close removes it, or the
// next run.
//
// A Scratch is not safe for concurrent use.
type Scratch struct {
	file *os.File
	w    *bufio.Writer
	box  cipher.AEAD
	ends []int64 // where each record ends
}

// scratchTag is how much longer a record is once it is sealed.
const scratchTag = 16

// NewScratch makes a file in dir, or in the folder for temporary files where dir
// is "".
func NewScratch(dir string) (*Scratch, error) {
	if dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, scratchError(err)
		}
	}
	removeScratches(cmp.Or(dir, os.TempDir()))
	file, err := os.CreateTemp(dir, scratchName+"*") // of mode 0600
	if err != nil {
		return nil, scratchError(err)
	}
	// It stays open. Windows does not allow this, and has it removed by Close,
	// or by the next run after one that was killed.
	_ = os.Remove(file.Name())
	var key [32]byte
	_, _ = rand.Read(key[:]) // which never fails
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("store: " + err.Error()) // a key of 32 bytes is a right one
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		panic("store: " + err.Error()) // AES has the block size of GCM
	}
	return &Scratch{file: file, w: bufio.NewWriterSize(file, 1<<16), box: box}, nil
}

// scratchName is what the names of such files begin with.
const scratchName = ".sheaf-scratch-"

// removeScratches removes what killed runs have left. One that is in use cannot be
// removed where it has a name.
func removeScratches(dir string) {
	left, err := filepath.Glob(filepath.Join(dir, scratchName+"*"))
	if err != nil {
		return // the folder's name looks like a pattern
	}
	for _, name := range left {
		_ = os.Remove(name)
	}
}

func scratchError(err error) error {
	return hint.Errorf("make room there, or name another folder: XDG_CACHE_HOME, or with --no-cache TMPDIR", "temporary file: %w", err)
}

// Len is the number of records.
func (s *Scratch) Len() int { return len(s.ends) }

// nonce is that of a record. No two of a key are the same.
func (s *Scratch) nonce(i int) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 4, 12), uint64(i))
}

// Append adds a record, whose number is the Len before it.
func (s *Scratch) Append(record string) error {
	end := int64(0)
	if n := len(s.ends); n > 0 {
		end = s.ends[n-1]
	}
	sealed := s.box.Seal(nil, s.nonce(len(s.ends)), []byte(record), nil)
	if _, err := s.w.Write(sealed); err != nil {
		return scratchError(err)
	}
	s.ends = append(s.ends, end+int64(len(sealed)))
	return nil
}

// Read returns the records from lo up to, but not including, hi. It panics where
// there are no such records.
func (s *Scratch) Read(lo, hi int) ([]string, error) {
	if lo < 0 || hi > len(s.ends) || lo > hi {
		panic(fmt.Sprintf("store: records %d to %d of %d", lo, hi, len(s.ends)))
	}
	if lo == hi {
		return nil, nil
	}
	if err := s.w.Flush(); err != nil {
		return nil, scratchError(err)
	}
	begin := int64(0)
	if lo > 0 {
		begin = s.ends[lo-1]
	}
	raw := make([]byte, s.ends[hi-1]-begin)
	if _, err := s.file.ReadAt(raw, begin); err != nil {
		return nil, scratchError(err)
	}
	out := make([]string, hi-lo)
	for i := range out {
		n := s.ends[lo+i] - begin
		plain, err := s.box.Open(raw[:0:n-scratchTag], s.nonce(lo+i), raw[:n], nil)
		if err != nil {
			return nil, scratchError(fmt.Errorf("%s was changed by somebody else", s.file.Name()))
		}
		out[i], raw, begin = string(plain), raw[n:], s.ends[lo+i]
	}
	return out, nil
}

// Close gives the file up. It may be called twice.
func (s *Scratch) Close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if rerr := os.Remove(s.file.Name()); rerr != nil && !errors.Is(rerr, os.ErrNotExist) {
		err = errors.Join(err, rerr)
	}
	s.file = nil
	return err
}
