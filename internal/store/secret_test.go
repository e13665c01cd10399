package store

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"testing"
)

func TestPseudonyms(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "cache")
	of := func(dir, id string) string {
		t.Helper()
		name, err := Pseudonyms(dir)
		if err != nil {
			t.Fatal(err)
		}
		return name(id)
	}
	a := of(dir, "ann@example.org")
	if !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(a) {
		t.Errorf("%q", a)
	}
	if of(dir, "ann@example.org") != a {
		t.Error("another name in another run")
	}
	if of(dir, "bob@example.org") == a || of(t.TempDir(), "ann@example.org") == a || of("", "ann@example.org") == a {
		t.Error("one name for another id or with another secret")
	}
	if info, err := os.Stat(filepath.Join(dir, secretFile)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	name, err := Pseudonyms(dir)
	if err != nil {
		t.Fatal(err)
	}
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for range 200 {
				if got := name("ann@example.org"); got != a {
					t.Errorf("another name among several callers: %s", got)
				}
			}
		})
	}
	callers.Wait()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Pseudonyms(filepath.Join(file, "cache")); err == nil {
		t.Error("a folder below a file")
	}
}
