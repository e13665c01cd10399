package corpus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"sheaf/internal/hint"
)

func isSQLite(head string) bool { return strings.HasPrefix(head, "SQLite format 3\x00") }

// readWAL returns what lies in the write-ahead log beside a database, nil where
// there is none.
func readWAL(path string) ([]byte, error) {
	path += "-wal"
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, hint.Errorf("make it readable, the newest notes are in it", "%w", err)
	case info.Size() > maxInput:
		return nil, fmt.Errorf("%s: larger than %d MiB", path, maxInput>>20)
	}
	return os.ReadFile(path)
}

const (
	walHeader   = 32 // bytes before the first frame
	frameHeader = 24 // bytes before the page of a frame
	walMagic    = 0x377f0682
	walVersion  = 3007000
)

// applyWAL writes the committed pages of a write-ahead log into the image of its
// database, in memory, and returns the new image and whether there were any. A
// log that does not fit, or from where it does not, is left out, as SQLite does.
// The format is section 4 of https://www.sqlite.org/fileformat2.html.
//
// Doing this here keeps the user's notes out of temporary files, which a killed
// process would leave behind, and SQLite from writing beside the user's file.
func applyWAL(db, wal []byte) ([]byte, bool) {
	if len(wal) < walHeader || len(db) < 100 {
		return db, false
	}
	be := binary.BigEndian
	magic := be.Uint32(wal)
	if magic&^1 != walMagic || be.Uint32(wal[4:]) != walVersion {
		return db, false
	}
	var order binary.ByteOrder = binary.LittleEndian
	if magic&1 == 1 {
		order = be
	}
	size := int(be.Uint32(wal[8:]))
	if !isPageSize(size) || size != pageSize(db) {
		return db, false
	}
	var sum walSum
	if sum.add(order, wal[:24]); !sum.equal(wal[24:]) {
		return db, false
	}
	salt := string(wal[16:24])

	pages := make(map[int]int)   // committed: page number to offset of the page in wal
	pending := make(map[int]int) // of the transaction that is not committed yet
	count := 0                   // pages of the database after the last commit
	for at := walHeader; at+frameHeader+size <= len(wal); at += frameHeader + size {
		head, page := wal[at:at+frameHeader], wal[at+frameHeader:at+frameHeader+size]
		if string(head[8:16]) != salt {
			break // left over from before the log was begun anew
		}
		sum.add(order, head[:8])
		if sum.add(order, page); !sum.equal(head[16:]) {
			break
		}
		pending[int(be.Uint32(head))] = at + frameHeader
		commit := int(be.Uint32(head[4:]))
		if commit == 0 {
			continue
		}
		count = commit
		for number, offset := range pending {
			pages[number] = offset
		}
		clear(pending)
	}
	// No page can come from nowhere: more than both files hold is damage.
	if count == 0 || count > len(db)/size+len(pages) {
		return db, false
	}
	image := make([]byte, count*size)
	copy(image, db)
	for number, offset := range pages {
		if 1 <= number && number <= count {
			copy(image[(number-1)*size:number*size], wal[offset:])
		}
	}
	return image, true
}

// pageSize returns the page size that a database's header states.
func pageSize(db []byte) int {
	size := int(binary.BigEndian.Uint16(db[16:]))
	if size == 1 {
		return 65536
	}
	return size
}

func isPageSize(n int) bool { return 512 <= n && n <= 65536 && n&(n-1) == 0 }

// pageCount returns the number of pages that a database's header states, or 0
// where the header says that a program wrote last that does not keep it.
func pageCount(db []byte) int {
	be := binary.BigEndian
	if be.Uint32(db[24:]) != be.Uint32(db[92:]) {
		return 0
	}
	return int(be.Uint32(db[28:]))
}

// A walSum is the running checksum of a write-ahead log.
type walSum [2]uint32

func (s *walSum) add(order binary.ByteOrder, data []byte) {
	for ; len(data) >= 8; data = data[8:] {
		s[0] += order.Uint32(data) + s[1]
		s[1] += order.Uint32(data[4:]) + s[0]
	}
}

func (s *walSum) equal(stored []byte) bool {
	return s[0] == binary.BigEndian.Uint32(stored) && s[1] == binary.BigEndian.Uint32(stored[4:])
}
