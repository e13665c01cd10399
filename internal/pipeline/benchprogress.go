package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sheaf/internal/bench"
	"sheaf/internal/report"
	"sheaf/internal/store"
	"sheaf/models"
)

// A progressFile keeps what was measured until the comparison is whole, so that
// one that was ended goes on where it was. It holds figures and no text.
type progressFile struct {
	path string
	Done map[string]*bench.Measurement `json:"done"`
}

// unfinished is the file of a comparison that is not whole yet, by what is
// compared. Its name tells nothing about the texts without the folder's secret.
func unfinished(dir, kind string, what []any) (string, error) {
	raw, err := json.Marshal(what)
	if err != nil {
		return "", err
	}
	pseudonym, err := store.Pseudonyms(dir)
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, kind+pseudonym(string(raw))), nil
}

// Kinds of unfinished comparisons.
const (
	unfinishedModels = "bench-models-"
	unfinishedChat   = "bench-chat-"
)

// forgetUnfinished removes the files of comparisons that were ended.
func forgetUnfinished(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var errs []error
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), unfinishedModels) || strings.HasPrefix(e.Name(), unfinishedChat) {
			errs = append(errs, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return errors.Join(errs...)
}

// openProgressFile reads what an earlier run with the same job has measured.
func openProgressFile(job *bench.Job, names []string, opts *BenchOptions) *progressFile {
	f := &progressFile{Done: make(map[string]*bench.Measurement)}
	if opts.CacheDir == "" || opts.NoCache {
		return f
	}
	path, err := unfinished(opts.CacheDir, unfinishedModels, []any{job, names, modelStamps(names, opts.ModelHome), opts.Version, opts.Repetitions})
	if err != nil {
		opts.note("what is measured is not kept, should this be ended: " + withHint(err))
		return f
	}
	f.path = path
	old := progressFile{}
	if raw, err := os.ReadFile(f.path); err == nil && json.Unmarshal(raw, &old) == nil && len(old.Done) > 0 {
		f.Done = old.Done
		opts.note(fmt.Sprintf("going on after %d measurements of an earlier run that was ended", len(f.Done)))
	}
	return f
}

// modelStamps say of the files of each model how large they are and when they were
// written: of a folder made anew in the meantime the earlier figures are stale. Where
// a model is not there it fails later, with a reason.
func modelStamps(names []string, home string) [][]string {
	stamps := make([][]string, len(names))
	for i, name := range names {
		m, err := models.Find(name, home)
		if err != nil || m.Dir == "" {
			continue
		}
		_ = filepath.WalkDir(m.Dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return nil // what cannot be read is not the model's
			}
			if info, err := os.Stat(path); err == nil { // through the links of a hub's cache
				stamps[i] = append(stamps[i], fmt.Sprintf("%s %d %d", path, info.Size(), info.ModTime().UnixNano()))
			}
			return nil
		})
	}
	return stamps
}

func (f *progressFile) get(key string) *bench.Measurement { return f.Done[key] }

// put keeps a measurement. One that cannot be kept costs time on the next run
// and nothing on this.
func (f *progressFile) put(key string, m *bench.Measurement) {
	if m.Error != "" {
		return // it may go well next time
	}
	f.Done[key] = m
	if f.path == "" {
		return
	}
	if raw, err := json.Marshal(f); err == nil {
		_ = writeWhole(f.path, raw)
	}
}

// writeWhole writes a file that only the user can read, or leaves what was there.
func writeWhole(path string, raw []byte) error {
	f, err := report.CreateAtomic(path, 0o600)
	if err != nil {
		return err
	}
	defer f.Abort() // after Commit there is nothing left to abort
	if _, err := f.Write(raw); err != nil {
		return err
	}
	return f.Commit()
}

func (f *progressFile) remove() {
	if f.path != "" {
		_ = os.Remove(f.path) // else the next comparison of the same takes its figures from it
	}
}
