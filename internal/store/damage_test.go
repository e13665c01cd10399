package store

import (
	"context"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Every bit of an entry counts: of one that was flipped, the entry is missed.
func TestFlippedValue(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	defer s.Close()
	sp := space(4)
	put(t, s, sp, "cats", "dogs")
	key := sp.keyer(s).key("cats")
	var value []byte
	if err := s.db.QueryRow("SELECT value FROM entry WHERE key = ?", key[:]).Scan(&value); err != nil {
		t.Fatal(err)
	}
	write := func(v []byte) {
		if _, err := s.db.Exec("UPDATE entry SET value = ? WHERE key = ?", v, key[:]); err != nil {
			t.Fatal(err)
		}
	}
	for bit := range 8 * len(value) {
		flipped := slices.Clone(value)
		flipped[bit/8] ^= 1 << (bit % 8)
		write(flipped)
		if found := got(t, s, sp, "cats", "dogs"); !slices.Equal(found, []string{"dogs"}) {
			t.Fatalf("bit %d flipped: found %q", bit, found)
		}
	}
	for n := range len(value) {
		write(value[:n])
		if found := got(t, s, sp, "cats"); found != nil {
			t.Fatalf("cut to %d bytes: found", n)
		}
	}
	// A whole value that belongs to another key.
	if _, err := s.db.Exec("UPDATE entry SET value = (SELECT value FROM entry WHERE key != ?) WHERE key = ?", key[:], key[:]); err != nil {
		t.Fatal(err)
	}
	if found := got(t, s, sp, "cats"); found != nil {
		t.Fatal("another's value passed for its own")
	}
	put(t, s, sp, "cats")
	if found := got(t, s, sp, "cats"); found == nil {
		t.Error("what was damaged is not replaced")
	}
}

// Whatever happens to the database's file, no vector is wrong, and after a few
// runs that miss what was lost the store has it again.
func TestFlippedFile(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	sp := space(48)
	texts := numbered(0, 300)
	put(t, s, sp, texts...)
	mustClose(t, s)
	path := filepath.Join(dir, databaseFile)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rounds := 120
	if testing.Short() {
		rounds = 30
	}
	rng := rand.New(rand.NewPCG(1, 1))
	missed := 0
	for round := range rounds {
		bad := slices.Clone(good)
		switch round % 4 {
		case 0: // one bit in the pages that hold the tree and the first entries
			bad[rng.IntN(5*8192)] ^= 1 << rng.IntN(8)
		case 1: // one bit anywhere
			bad[rng.IntN(len(bad))] ^= 1 << rng.IntN(8)
		case 2: // a page of noise
			at := rng.IntN(len(bad)/8192) * 8192
			for i := range 8192 {
				bad[at+i] = byte(rng.Uint32())
			}
		case 3: // cut short
			bad = bad[:rng.IntN(len(bad))]
		}
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		// An index that leads to the wrong entry costs that one too, so that the
		// run after may not be enough; and where a flipped bit put keys out of
		// their order without SQLite noticing, one may stay missed.
		const runs, few = 5, 3
		found := 0
		for range runs {
			s := mustOpen(t, dir, Options{})
			if found = keepMissing(t, s, sp, texts); found == len(texts) {
				mustClose(t, s)
				break
			}
			missed += len(texts) - found
			mustClose(t, s)
		}
		if found < len(texts)-few {
			t.Fatalf("round %d: %d of %d are found in the last run", round, found, len(texts))
		}
		for _, suffix := range []string{"-wal", "-shm"} {
			if err := os.Remove(path + suffix); err == nil {
				t.Fatalf("round %d: %s is left", round, suffix)
			}
		}
	}
	if missed == 0 {
		t.Error("nothing was ever missed: the test sees nothing")
	}
}

// keepMissing does what a run does: it looks for the texts and keeps those that
// are not there. Errors are those of the damage; a wrong vector is the test's.
func keepMissing(t *testing.T, s *Store, sp Space, texts []string) (found int) {
	missing := make(map[string]bool)
	for _, text := range texts {
		missing[text] = true
	}
	_ = s.Embeddings(context.Background(), sp, texts, func(i int, e Embedding) {
		if !slices.Equal(e.Vector, vectorOf(texts[i], sp.Dim)) {
			t.Fatalf("%q has another's vector", texts[i])
		}
		delete(missing, texts[i])
	})
	rest := slices.Sorted(maps.Keys(missing))
	_ = s.PutEmbeddings(context.Background(), sp, rest, func(i int) Embedding { return Embedding{Vector: vectorOf(rest[i], sp.Dim)} })
	return len(texts) - len(rest)
}
