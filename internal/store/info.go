package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"sheaf/internal/hint"
)

// Info says what a store holds.
type Info struct {
	Dir        string
	Embeddings int64
	Answers    int64 // of chat models
	Summaries  int64 // of conversations
	Digests    int64 // of files
	Facts      int64 // about models
	Bytes      int64 // on the disk
	MaxBytes   int64
}

// Home is the folder of the store: $SHEAF_HOME/cache, else
// $XDG_CACHE_HOME/sheaf, else ~/.cache/sheaf; on Windows
// %LocalAppData%\sheaf\cache. getenv is os.Getenv but in tests.
func Home(getenv func(string) string) (string, error) {
	if h := getenv("SHEAF_HOME"); h != "" {
		return filepath.Join(h, "cache"), nil
	}
	if x := getenv("XDG_CACHE_HOME"); filepath.IsAbs(x) {
		return filepath.Join(x, "sheaf"), nil
	}
	if runtime.GOOS == "windows" {
		if d := getenv("LocalAppData"); d != "" {
			return filepath.Join(d, "sheaf", "cache"), nil
		}
	}
	if h := getenv("HOME"); h != "" {
		return filepath.Join(h, ".cache", "sheaf"), nil
	}
	return "", hint.Errorf("set SHEAF_HOME to a folder", "no folder for the cache: none of SHEAF_HOME, XDG_CACHE_HOME and HOME is set")
}

// Inspect says what the store in dir holds. It makes none.
func Inspect(ctx context.Context, dir string, opts Options) (info Info, err error) {
	if !isThere(dir) {
		info = Info{Dir: dir, MaxBytes: opts.MaxBytes}
		if info.MaxBytes <= 0 {
			info.MaxBytes = DefaultMaxBytes
		}
		return info, nil
	}
	s, err := Open(dir, opts)
	if err != nil {
		return Info{}, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.Info(ctx)
}

func isThere(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, databaseFile))
	return err == nil
}

// Info says what the store holds.
func (s *Store) Info(ctx context.Context) (Info, error) {
	info := Info{Dir: s.dir, MaxBytes: s.maxBytes}
	err := s.db.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM entry WHERE kind = ?), (SELECT count(*) FROM entry WHERE kind = ?),
			(SELECT count(*) FROM entry WHERE kind = ?), (SELECT count(*) FROM entry WHERE kind = ?), (SELECT count(*) FROM entry WHERE kind = ?)`,
		int(kindEmbedding), int(kindDigest), int(kindAnswer), int(kindFact), int(kindSummary)).
		Scan(&info.Embeddings, &info.Digests, &info.Answers, &info.Facts, &info.Summaries)
	if err != nil {
		return Info{}, fmt.Errorf("store %s: %w", s.dir, s.seen(err))
	}
	for _, suffix := range []string{"", "-wal"} {
		st, err := os.Stat(filepath.Join(s.dir, databaseFile+suffix))
		if err == nil {
			info.Bytes += st.Size()
		} else if !errors.Is(err, fs.ErrNotExist) {
			return Info{}, err
		}
	}
	return info, nil
}

// Clear empties the store in dir. Where no other process uses it, its files are
// removed, the secret among them, whatever state they are in; else the entries
// are deleted and overwritten.
func Clear(ctx context.Context, dir string) (err error) {
	if !isThere(dir) {
		return nil
	}
	l, err := openLock(dir)
	if err != nil {
		return err
	}
	removed, err := removeUnused(dir, l, databaseFile, secretFile)
	if err = errors.Join(err, l.Close()); err != nil || removed {
		return err
	}
	s, err := Open(dir, Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, q := range []string{
		"DELETE FROM entry",
		"VACUUM", // what is deleted stays readable in the file until then
		"PRAGMA wal_checkpoint(TRUNCATE)",
	} {
		if _, err := s.db.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("store %s: %w", dir, s.seen(err))
		}
	}
	return nil
}
