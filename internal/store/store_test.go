package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sheaf/internal/hint"
)

func mustOpen(t testing.TB, dir string, opts Options) *Store {
	t.Helper()
	s, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustClose(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func space(dim int) Space {
	return Space{Model: "sha256:m", Tokenizer: "sha256:t", Backend: "onnx", Provider: "cpu", Pooling: "mean", MaxTokens: 256, Dim: dim, DType: "float32"}
}

// vectorOf is a vector that shows which text it belongs to.
func vectorOf(text string, dim int) []float32 {
	v := make([]float32, dim)
	h := uint32(2166136261)
	for i := range v {
		for _, c := range []byte(text) {
			h = (h ^ uint32(c)) * 16777619
		}
		v[i] = float32(int32(h+uint32(i))) / (1 << 31)
	}
	return v
}

func put(t testing.TB, s *Store, sp Space, texts ...string) {
	t.Helper()
	err := s.PutEmbeddings(context.Background(), sp, texts, func(i int) Embedding { return Embedding{Vector: vectorOf(texts[i], sp.Dim)} })
	if err != nil {
		t.Fatal(err)
	}
}

// got returns which of texts are found, and fails for a wrong vector.
func got(t testing.TB, s *Store, sp Space, texts ...string) []string {
	t.Helper()
	found, err := lookUp(s, sp, texts)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func lookUp(s *Store, sp Space, texts []string) ([]string, error) {
	there := make([]bool, len(texts))
	var wrong error
	err := s.Embeddings(context.Background(), sp, texts, func(i int, e Embedding) {
		if !slices.Equal(e.Vector, vectorOf(texts[i], sp.Dim)) || e.Truncated || there[i] {
			wrong = fmt.Errorf("%q has a vector that is not its own, or twice", texts[i])
		}
		there[i] = true
	})
	var found []string
	for i, ok := range there {
		if ok {
			found = append(found, texts[i])
		}
	}
	return found, errors.Join(wrong, err)
}

func numbered(from, to int) []string {
	var out []string
	for i := from; i < to; i++ {
		out = append(out, fmt.Sprintf("text number %d", i))
	}
	return out
}

func TestKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a folder", "with % and ?#", "cache")
	s := mustOpen(t, dir, Options{})
	sp := space(7)
	texts := numbered(0, 3*lookUpKeys+5)
	if found := got(t, s, sp, texts...); found != nil {
		t.Errorf("an empty store has %d of them", len(found))
	}
	put(t, s, sp, texts...)
	put(t, s, sp, texts[0]) // again is nothing
	if found := got(t, s, sp, texts...); !slices.Equal(found, texts) {
		t.Errorf("%d of %d are found", len(found), len(texts))
	}
	if found := got(t, s, sp, "a", texts[3], "b", texts[3], texts[3], texts[900%len(texts)]); len(found) != 4 {
		t.Errorf("found %q", found)
	}
	mustClose(t, s)
	s = mustOpen(t, dir, Options{})
	defer s.Close()
	if found := got(t, s, sp, texts...); !slices.Equal(found, texts) {
		t.Errorf("in another run %d of %d are found", len(found), len(texts))
	}
	info, err := s.Info(context.Background())
	if err != nil || info.Embeddings != int64(len(texts)) || info.Digests != 0 || info.Bytes < int64(4*7*len(texts)) || info.MaxBytes != DefaultMaxBytes || info.Dir != dir {
		t.Errorf("Info is %+v, %v", info, err)
	}
}

// What is put comes back bit by bit.
func TestRoundTrip(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	defer s.Close()
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		sp := space(rapid.IntRange(1, 9).Draw(t, "dim"))
		sp.Model = fmt.Sprint(round) // a space of its own, since the store goes on
		texts := rapid.SliceOfNDistinct(rapid.String(), 1, 20, rapid.ID).Draw(t, "texts")
		want := make([]Embedding, len(texts))
		for i := range want {
			want[i].Truncated = rapid.Bool().Draw(t, "truncated")
			if rapid.Bool().Draw(t, "has a vector") {
				want[i].Vector = rapid.SliceOfN(rapid.Float32(), sp.Dim, sp.Dim).Draw(t, "vector")
			}
		}
		if err := s.PutEmbeddings(context.Background(), sp, texts, func(i int) Embedding { return want[i] }); err != nil {
			t.Fatal(err)
		}
		n := 0
		err := s.Embeddings(context.Background(), sp, texts, func(i int, e Embedding) {
			n++
			same := slices.EqualFunc(e.Vector, want[i].Vector, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })
			if !same || e.Truncated != want[i].Truncated || (e.Vector == nil) != (want[i].Vector == nil) {
				t.Errorf("put %+v, got %+v", want[i], e)
			}
		})
		if err != nil || n != len(texts) {
			t.Errorf("%d of %d found, %v", n, len(texts), err)
		}
	})
}

// Nothing but the very same circumstances and text finds a vector.
func TestSpaces(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	defer s.Close()
	sp := space(4)
	put(t, s, sp, "cats")
	for name, change := range map[string]func(*Space){
		"model": func(sp *Space) { sp.Model = "x" }, "tokenizer": func(sp *Space) { sp.Tokenizer = "x" },
		"backend": func(sp *Space) { sp.Backend = "x" }, "provider": func(sp *Space) { sp.Provider = "x" },
		"pooling": func(sp *Space) { sp.Pooling = "x" }, "prompt": func(sp *Space) { sp.Prompt = "x" },
		"tokens": func(sp *Space) { sp.MaxTokens++ }, "dimensions": func(sp *Space) { sp.Dim++ },
		"dtype": func(sp *Space) { sp.DType = "x" },
		"a field that runs into the next": func(sp *Space) {
			sp.Backend, sp.Provider = sp.Backend+sp.Provider, ""
		},
	} {
		other := sp
		change(&other)
		if found := got(t, s, other, "cats"); found != nil {
			t.Errorf("another %s finds it too", name)
		}
	}
	if found := got(t, s, sp, "Cats", "cats ", "cat", "", "cats"); !slices.Equal(found, []string{"cats"}) {
		t.Errorf("found %q", found)
	}
}

func TestWrongDimensions(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	defer s.Close()
	defer func() {
		if r := recover(); r == nil || !strings.HasPrefix(fmt.Sprint(r), "store: ") {
			t.Errorf("recovered %v", r)
		}
	}()
	_ = s.PutEmbeddings(context.Background(), space(4), []string{"a"}, func(int) Embedding { return Embedding{Vector: make([]float32, 3)} })
}

// No text, nor its plain digest, is in any file, and nobody else may read them.
func TestPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	s := mustOpen(t, dir, Options{})
	put(t, s, space(4), "call Doctor Emilia Oduya")
	var keys []Key
	for _, secret := range [][]byte{s.secret, nil, make([]byte, secretBytes)} {
		other := Store{secret: secret}
		sp := space(4)
		keys = append(keys, sp.keyer(&other).key("call Doctor Emilia Oduya"))
	}
	for _, closed := range []bool{false, true} {
		if closed {
			mustClose(t, s)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		seen := false
		for _, e := range entries {
			raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			seen = seen || bytes.Contains(raw, keys[0][:])
			if bytes.Contains(raw, []byte("Oduya")) || bytes.Contains(raw, keys[1][:]) || bytes.Contains(raw, keys[2][:]) {
				t.Errorf("%s tells which text is kept", e.Name())
			}
			if info, err := e.Info(); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
				t.Errorf("%s: mode %v, %v", e.Name(), info.Mode(), err)
			}
		}
		if !seen {
			t.Error("the key is in no file: the test sees nothing")
		}
	}
	if info, err := os.Stat(dir); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("folder: mode %v, %v", info.Mode(), err)
	}
}

// Two installations have keys of their own.
func TestSecrets(t *testing.T) {
	a, b := mustOpen(t, t.TempDir(), Options{}), mustOpen(t, t.TempDir(), Options{})
	defer a.Close()
	defer b.Close()
	sp := space(4)
	if sp.keyer(a).key("cats") == sp.keyer(b).key("cats") {
		t.Error("two folders give one key")
	}
}

// A secret that was cut short is replaced; what was kept under it is missed.
func TestSecretCut(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	put(t, s, space(4), "cats")
	mustClose(t, s)
	if err := os.WriteFile(filepath.Join(dir, secretFile), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, dir, Options{})
	defer s.Close()
	if found := got(t, s, space(4), "cats"); found != nil {
		t.Error("found under another secret")
	}
	put(t, s, space(4), "cats")
	if found := got(t, s, space(4), "cats"); found == nil {
		t.Error("not kept under the new secret")
	}
}

// The size is bounded, and the oldest leave first.
func TestBounded(t *testing.T) {
	const most = 1 << 18
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{MaxBytes: most})
	defer s.Close()
	sp := space(64)
	texts := numbered(0, 3000) // 64 × 4 bytes and a key each: four times the room
	for part := range slices.Chunk(texts, 125) {
		put(t, s, sp, part...)
		if found := got(t, s, sp, part...); len(found) != len(part) {
			t.Fatalf("of %d just put, %d are there", len(part), len(found))
		}
		used, err := usedBytes(context.Background(), s.db)
		if err != nil || used > most {
			t.Fatalf("%d bytes used, at most %d are allowed, %v", used, most, err)
		}
	}
	found := got(t, s, sp, texts...)
	if len(found) == 0 || len(found) == len(texts) || !slices.Equal(found, texts[len(texts)-len(found):]) {
		t.Errorf("%d of %d are there, and not the newest", len(found), len(texts))
	}
	if len(found) < 400 {
		t.Errorf("only %d are there", len(found))
	}
	info, err := s.Info(context.Background())
	if err != nil || info.Bytes > 2*most+17<<20 { // the log may stay as large as it was
		t.Errorf("%+v, %v", info, err)
	}
	mustClose(t, mustOpen(t, dir, Options{}))
}

func TestEnded(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	defer s.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Embeddings(ctx, space(4), []string{"a"}, func(int, Embedding) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("Embeddings: %v", err)
	}
	if err := s.PutEmbeddings(ctx, space(4), []string{"a"}, func(int) Embedding { return Embedding{} }); !errors.Is(err, context.Canceled) {
		t.Errorf("PutEmbeddings: %v", err)
	}
}

func TestOpenFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(filepath.Join(file, "cache"), Options{})
	if err == nil || hint.Of(err) == "" || !strings.Contains(err.Error(), "cache") {
		t.Errorf("%v, hint %q", err, hint.Of(err))
	}
}

func TestHome(t *testing.T) {
	for _, tt := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"SHEAF_HOME": "/s", "XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/s/cache"},
		{map[string]string{"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/sheaf"},
		{map[string]string{"XDG_CACHE_HOME": "x", "HOME": "/h"}, "/h/.cache/sheaf"},
		{map[string]string{}, ""},
	} {
		if runtime.GOOS == "windows" && tt.env["SHEAF_HOME"] == "" {
			continue
		}
		got, err := Home(func(k string) string { return tt.env[k] })
		if filepath.ToSlash(got) != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%v: %q, %v", tt.env, got, err)
		}
	}
}

func TestInspectAndClear(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "cache")
	info, err := Inspect(ctx, dir, Options{})
	if err != nil || info != (Info{Dir: dir, MaxBytes: DefaultMaxBytes}) {
		t.Errorf("no store: %+v, %v", info, err)
	}
	if err := Clear(ctx, dir); err != nil {
		t.Errorf("no store: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("looking made the folder: %v", err)
	}
	s := mustOpen(t, dir, Options{})
	put(t, s, space(4), "a", "b")
	// In use by this process: the entries go, the files stay.
	if err := Clear(ctx, dir); err != nil {
		t.Fatal(err)
	}
	if found := got(t, s, space(4), "a", "b"); found != nil {
		t.Errorf("after Clear: %q", found)
	}
	put(t, s, space(4), "c")
	key := func() Key { sp := space(4); return sp.keyer(s).key("a") }()
	mustClose(t, s)
	if raw, err := os.ReadFile(filepath.Join(dir, databaseFile)); err != nil || bytes.Contains(raw, key[:]) {
		t.Errorf("what was deleted can be read in the file, %v", err)
	}
	if info, err = Inspect(ctx, dir, Options{}); err != nil || info.Embeddings != 1 {
		t.Errorf("%+v, %v", info, err)
	}
	// In nobody's use: the files go.
	if err := Clear(ctx, dir); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != lockFile {
		t.Errorf("left: %v, %v", entries, err)
	}
}
