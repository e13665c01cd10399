package store

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What is appended is read again, whole or in part, in any order of the two.
func TestScratch(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s, err := NewScratch(t.TempDir())
		if err != nil {
			r.Fatal(err)
		}
		defer s.Close()
		var want []string
		for range rapid.IntRange(1, 8).Draw(r, "steps") {
			for _, record := range rapid.SliceOfN(rapid.String(), 0, 20).Draw(r, "records") {
				if err := s.Append(record); err != nil {
					r.Fatal(err)
				}
				want = append(want, record)
			}
			if s.Len() != len(want) {
				r.Fatalf("%d records, want %d", s.Len(), len(want))
			}
			lo := rapid.IntRange(0, len(want)).Draw(r, "lo")
			hi := rapid.IntRange(lo, len(want)).Draw(r, "hi")
			got, err := s.Read(lo, hi)
			if err != nil {
				r.Fatal(err)
			}
			for i, record := range got {
				if record != want[lo+i] {
					r.Fatalf("record %d is %q, want %q", lo+i, record, want[lo+i])
				}
			}
			if len(got) != hi-lo {
				r.Fatalf("%d records of %d to %d", len(got), lo, hi)
			}
		}
	})
}

// Nothing of what is written can be read in the file, which nobody else may open,
// which has no name where the system allows that, and is gone in the end.
func TestScratchIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, scratchName+"left"), []byte("by a killed run"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := NewScratch(dir)
	if err != nil {
		t.Fatal(err)
	}
	const secret = "somebody's own words"
	for range 2 {
		if err := s.Append(secret); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Read(0, 2); err != nil || strings.Join(got, "") != secret+secret {
		t.Fatalf("%q, %v", got, err)
	}
	info, err := s.file.Stat()
	if err != nil || info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	raw, err := io.ReadAll(io.NewSectionReader(s.file, 0, info.Size()))
	if err != nil || len(raw) != 2*(len(secret)+scratchTag) {
		t.Fatalf("%d bytes, %v", len(raw), err)
	}
	if half := len(raw) / 2; bytes.Contains(raw, []byte("own")) || bytes.Equal(raw[:half], raw[half:]) {
		t.Errorf("what is on the disk tells of the records: %q", raw)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 && runtime.GOOS != "windows" {
		t.Errorf("%v is there, %v", left, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, err = os.ReadDir(dir); err != nil || len(left) > 0 || s.Close() != nil {
		t.Errorf("%v is left, %v", left, err)
	}
}

// A file that was changed is an error that quotes nothing.
func TestScratchChanged(t *testing.T) {
	s, err := NewScratch(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, record := range []string{"first words", "second words"} {
		if err := s.Append(record); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Read(0, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.file.WriteAt([]byte("??"), int64(len("first words")+scratchTag)); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Read(0, 1); err != nil || got[0] != "first words" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := s.Read(0, 2); err == nil || strings.Contains(err.Error(), "words") {
		t.Errorf("error %v", err)
	}
}
