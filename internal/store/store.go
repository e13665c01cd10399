// Package store keeps on disk what took long to compute, so that a second run,
// or one that goes on after the first was killed, need not compute it again:
// embeddings of transformer models, answers of chat models, summaries of
// conversations, digests of large files and facts about models.
//
// It is one SQLite database in a folder of its own, with a table of entries. An
// entry has a kind, a key, and a value behind a checksum. Keys are HMAC-SHA256
// under a secret that is made once per folder: who finds the database alone
// cannot test which texts it knows, and no text is in it. A further kind is a
// constant, a way to make its keys and a way to write its values; see
// embeddings.go.
//
// A store never decides a result. What is missing, damaged or written by
// somebody else counts as not there, and its size is bounded: the entries that
// were written first leave first.
//
// Several processes may use one folder at the same time.
package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"sheaf/internal/hint"
)

// DefaultMaxBytes is what the entries may take together: 1.2 million vectors
// of 384 dimensions.
const DefaultMaxBytes = 2 << 30

// Options are optional; the zero value works.
type Options struct {
	// MaxBytes bounds the size of the database; 0 means [DefaultMaxBytes].
	// While it is being written to, the database may exceed it by the entries
	// of a transaction.
	MaxBytes int64
}

// A Store is an open folder. It may be used by several goroutines at once.
type Store struct {
	dir      string
	maxBytes int64
	lock     *os.File // held shared
	db       *sql.DB
	lookUp   *sql.Stmt // lookUpKeys keys at once
	secret   []byte
	damaged  atomic.Bool // SQLite itself found the database damaged
}

// The files of a folder. The version of the layout is in the name, so that
// programs of two versions do not take each other's away.
const (
	databaseFile = "store.v1.db"
	secretFile   = "secret"
	lockFile     = "lock"
)

// A kind is what an entry holds.
type kind int

// The kinds. The numbers are on the disk.
const (
	kindEmbedding kind = 1
	kindDigest    kind = 2
	kindAnswer    kind = 3
	kindFact      kind = 4
	kindSummary   kind = 5
)

// layout is the table. Rows of the same age lie together, so that the oldest
// leave whole pages; the index finds keys and counts kinds.
const layout = `
CREATE TABLE IF NOT EXISTS entry (
	id    INTEGER PRIMARY KEY,
	kind  INTEGER NOT NULL,
	key   BLOB    NOT NULL,
	value BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS entry_key ON entry (kind, key);`

const (
	// lookUpKeys is how many keys one query looks for.
	lookUpKeys = 256
	// putRows is how many entries a transaction writes: another process waits
	// for no longer than that.
	putRows = 1024
	// busyMilliseconds is how long to wait for another process's transaction.
	busyMilliseconds = 10_000
)

// Open opens the store in dir, which is made if it is not there. A database
// that is damaged beyond reading is made anew.
func Open(dir string, opts Options) (*Store, error) {
	s := &Store{dir: dir, maxBytes: opts.MaxBytes}
	if s.maxBytes <= 0 {
		s.maxBytes = DefaultMaxBytes
	}
	if err := s.open(); err != nil {
		return nil, hint.Errorf("run sheaf cache clear, or use --no-cache", "store %s: %w", dir, err)
	}
	return s, nil
}

func (s *Store) open() (err error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	if s.lock, err = openLock(s.dir); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			s.lock.Close() // the first error is what matters
		}
	}()
	// Whoever holds the lock alone does so for a moment.
	if err := lock(s.lock, false, true); err != nil {
		return err
	}
	if s.secret, err = readSecret(s.dir); err != nil {
		return err
	}
	err = s.openDatabase()
	if !isDamage(err) {
		return err
	}
	if removed, rerr := removeUnused(s.dir, s.lock, databaseFile); rerr != nil || !removed {
		return errors.Join(err, rerr)
	}
	if err := lock(s.lock, false, true); err != nil {
		return err
	}
	return s.openDatabase()
}

// openDatabase opens the database, or makes it.
func (s *Store) openDatabase() (err error) {
	path, err := filepath.Abs(filepath.Join(s.dir, databaseFile))
	if err != nil {
		return err
	}
	// SQLite would make the file readable for all that umask allows. The files
	// it puts beside it take its mode.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if s.db, err = sql.Open("sqlite", dataSource(path)); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = s.db.Close() // the first error is what matters
		}
	}()
	// One connection: there is one writer anyway, and the page cache is there once.
	s.db.SetMaxOpenConns(1)
	if _, err := s.db.Exec(layout); err != nil {
		return err
	}
	s.lookUp, err = s.db.Prepare("SELECT key, value FROM entry WHERE kind = ? AND key IN (?" + strings.Repeat(",?", lookUpKeys-1) + ")")
	return err
}

// dataSource is the path as the driver takes it, with the settings of a
// connection.
func dataSource(path string) string {
	q := url.Values{
		"_txlock": {"immediate"},
		"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", busyMilliseconds),
			"page_size(8192)",     // a page holds five vectors of 384 dimensions
			"journal_mode(WAL)",   // readers do not wait for a writer
			"synchronous(NORMAL)", // a loss of power may cost the last entries
			"journal_size_limit(16777216)",
			"cell_size_check(ON)",
			"trusted_schema(OFF)",
		},
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/… as a URI has it
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// Close closes the store. One that was found damaged is taken away, unless
// another process uses it.
func (s *Store) Close() error {
	err := errors.Join(s.lookUp.Close(), s.db.Close())
	if s.damaged.Load() {
		_, rerr := removeUnused(s.dir, s.lock, databaseFile)
		err = errors.Join(err, rerr)
	}
	return errors.Join(err, s.lock.Close())
}

// isDamage tells whether SQLite found a database that is none, or broken.
func isDamage(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff { // without the extension
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	case sqlite3.SQLITE_CONSTRAINT: // which nothing that this package writes breaks
		return true
	}
	return false
}

// seen notes the error of a damaged database.
func (s *Store) seen(err error) error {
	if isDamage(err) {
		s.damaged.Store(true)
	}
	return err
}

// checksumBytes is the length of the checksum before a value.
const checksumBytes = 4

// seal puts the checksum of an entry into the first bytes of its value.
func seal(k kind, key Key, value []byte) {
	binary.LittleEndian.PutUint32(value, checksum(k, key, value[checksumBytes:]))
}

// unseal returns what lies behind the checksum, or false where that is wrong.
func unseal(k kind, key Key, value []byte) ([]byte, bool) {
	if len(value) < checksumBytes {
		return nil, false
	}
	payload := value[checksumBytes:]
	return payload, binary.LittleEndian.Uint32(value) == checksum(k, key, payload)
}

// checksum covers the key too, so that a value cannot pass for another's.
func checksum(k kind, key Key, payload []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli) // made once, by the package
	sum := crc32.Update(uint32(k), table, key[:])
	return crc32.Update(sum, table, payload)
}

// get calls found for each key that is there, by its place in keys and in no
// order. The value is valid during the call, which must not use the store.
// What is damaged is not found.
func (s *Store) get(ctx context.Context, k kind, keys []Key, found func(i int, payload []byte)) error {
	args := make([]any, 1+lookUpKeys)
	args[0] = int(k)
	places := make(map[Key]int, lookUpKeys) // the last place of a key
	before := make([]int, lookUpKeys)       // the place of the same key before one, or -1
	for base := 0; base < len(keys); base += lookUpKeys {
		part := keys[base:min(base+lookUpKeys, len(keys))]
		clear(places)
		for i := range lookUpKeys {
			args[1+i] = part[min(i, len(part)-1)][:] // the rest of the query's places take the last once more
			if i >= len(part) {
				continue
			}
			before[i] = -1
			if j, ok := places[part[i]]; ok {
				before[i] = j
			}
			places[part[i]] = i
		}
		err := s.query(ctx, args, func(key Key, value []byte) {
			payload, ok := unseal(k, key, value)
			if !ok {
				return
			}
			last, ok := places[key]
			if !ok {
				return // the index is damaged: not asked for, or there twice
			}
			delete(places, key)
			for i := last; i >= 0; i = before[i] {
				found(base+i, payload)
			}
		})
		if err != nil {
			return s.seen(err)
		}
	}
	return nil
}

// query runs lookUp.
func (s *Store) query(ctx context.Context, args []any, row func(key Key, value []byte)) (err error) {
	rows, err := s.lookUp.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var key, value sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&key, &value); err != nil {
			return err
		}
		if len(key) == len(Key{}) {
			row(Key(key), value)
		}
	}
	return rows.Err()
}

// put writes n entries. at gives the value with room for the checksum before
// it, and may use the same bytes again for the next one. Entries that are there
// already are overwritten and keep their age.
func (s *Store) put(ctx context.Context, k kind, n int, at func(i int) (Key, []byte)) error {
	for base := 0; base < n; base += putRows {
		if err := s.putPart(ctx, k, base, min(base+putRows, n), at); err != nil {
			return s.seen(err)
		}
	}
	return nil
}

func (s *Store) putPart(ctx context.Context, k kind, from, to int, at func(i int) (Key, []byte)) (err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing, and before it an error is on its way
	// The key is set too, for it may be the key that is damaged.
	insert, err := tx.PrepareContext(ctx, `INSERT INTO entry (kind, key, value) VALUES (?, ?, ?)
		ON CONFLICT (kind, key) DO UPDATE SET key = excluded.key, value = excluded.value`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	for i := from; i < to; i++ {
		key, value := at(i)
		seal(k, key, value)
		if _, err := insert.ExecContext(ctx, int(k), key[:], value); err != nil {
			return err
		}
	}
	if err := s.evict(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}

// evict deletes the oldest entries until the others fit. Pages that get free
// are used again, so that the file does not grow beyond what it had to hold.
func (s *Store) evict(ctx context.Context, tx *sql.Tx) error {
	for {
		used, err := usedBytes(ctx, tx)
		if err != nil || used <= s.maxBytes {
			return err
		}
		var first, last sql.NullInt64
		if err := tx.QueryRowContext(ctx, "SELECT (SELECT min(id) FROM entry), (SELECT max(id) FROM entry)").Scan(&first, &last); err != nil {
			return err
		}
		if !first.Valid {
			return nil // nothing is left but the empty table
		}
		// A sixteenth at once, so that not every transaction has to delete.
		if _, err := tx.ExecContext(ctx, "DELETE FROM entry WHERE id <= ?", first.Int64+(last.Int64-first.Int64)/16); err != nil {
			return err
		}
	}
}

// A querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// usedBytes is the size of the pages that hold something.
func usedBytes(ctx context.Context, q querier) (n int64, err error) {
	err = q.QueryRowContext(ctx, `SELECT (page_count - freelist_count) * page_size
		FROM pragma_page_count, pragma_freelist_count, pragma_page_size`).Scan(&n)
	return n, err
}
