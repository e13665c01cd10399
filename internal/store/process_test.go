package store

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// childFolder names, for this program run again by a test, the folder to use.
const (
	childFolder = "SHEAF_TEST_STORE_FOLDER"
	childTexts  = 1500
)

// TestStoreChild is the other process of the tests below. It writes its texts
// in small steps, looks at what is there in between, and says when it is done.
// It never ends by itself before stdin does.
func TestStoreChild(t *testing.T) {
	dir := os.Getenv(childFolder)
	if dir == "" {
		t.Skip(childFolder + " is not set: this is no child of another test")
	}
	s := mustOpen(t, dir, Options{})
	texts := numbered(0, childTexts)
	for part := range slices.Chunk(texts, 50) {
		put(t, s, space(32), part...)
		if found := got(t, s, space(32), part...); len(found) != len(part) {
			t.Fatalf("of %d just put, %d are there", len(part), len(found))
		}
		fmt.Println("step")
	}
	mustClose(t, s)
}

func child(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestStoreChild$")
	cmd.Env = append(os.Environ(), childFolder+"="+dir)
	return cmd
}

// Several processes that begin at the same moment in a folder that is not there
// yet make one store with one secret, and see what the others kept.
func TestProcesses(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if out, err := child(t, dir).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	s := mustOpen(t, dir, Options{})
	defer s.Close()
	own := numbered(childTexts, 2*childTexts)
	for part := range slices.Chunk(own, 50) {
		put(t, s, space(32), part...)
		if found := got(t, s, space(32), part...); len(found) != len(part) {
			t.Errorf("of %d just put, %d are there", len(part), len(found))
		}
	}
	wg.Wait()
	all := numbered(0, 2*childTexts)
	if found := got(t, s, space(32), all...); len(found) != len(all) {
		t.Errorf("%d of %d are there: not all processes had the same secret", len(found), len(all))
	}
	info, err := s.Info(context.Background())
	if err != nil || info.Embeddings != int64(len(all)) {
		t.Errorf("%+v, %v", info, err)
	}
}

// A process that is killed leaves what it had put.
func TestKilled(t *testing.T) {
	for _, steps := range []int{1, 7} {
		dir := t.TempDir()
		cmd := child(t, dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; n < steps && lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "step") {
				n++
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		// The child was killed, and so this is an error.
		_ = cmd.Wait()
		s := mustOpen(t, dir, Options{})
		texts := numbered(0, childTexts)
		found := got(t, s, space(32), texts...)
		if len(found) < 50*steps || !slices.Equal(found, texts[:len(found)]) {
			t.Errorf("%d texts are there, at least %d were put", len(found), 50*steps)
		}
		put(t, s, space(32), texts...)
		if found := got(t, s, space(32), texts...); len(found) != len(texts) {
			t.Errorf("the next process finds %d of %d", len(found), len(texts))
		}
		mustClose(t, s)
	}
}

// A damaged database is not taken away under another process that uses it.
func TestDamagedInUse(t *testing.T) {
	dir := t.TempDir()
	a := mustOpen(t, dir, Options{})
	b := mustOpen(t, dir, Options{})
	put(t, a, space(4), "cats")
	b.damaged.Store(true)
	mustClose(t, b)
	if found := got(t, a, space(4), "cats"); found == nil {
		t.Error("taken away while in use")
	}
	a.damaged.Store(true)
	mustClose(t, a)
	s := mustOpen(t, dir, Options{})
	defer s.Close()
	if found := got(t, s, space(4), "cats"); found != nil {
		t.Error("still there after the last one closed it")
	}
}

// Several goroutines use one store.
func TestGoroutines(t *testing.T) {
	s := mustOpen(t, t.TempDir(), Options{})
	defer s.Close()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for round := range 10 {
				texts := numbered(100*(g+round), 100*(g+round)+100)
				err := s.PutEmbeddings(context.Background(), space(8), texts, func(i int) Embedding { return Embedding{Vector: vectorOf(texts[i], 8)} })
				if err != nil {
					t.Error(err)
				}
				if found, err := lookUp(s, space(8), texts); err != nil || len(found) != len(texts) {
					t.Errorf("%d of %d found, %v", len(found), len(texts), err)
				}
			}
		})
	}
	wg.Wait()
}

func TestFileDigest(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := mustOpen(t, dir, Options{})
	defer s.Close()
	path := dir + "/model.onnx"
	long := time.Now().Add(-time.Hour)
	write := func(text string, at time.Time) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	want := func(sum string) {
		t.Helper()
		got, err := s.FileDigest(ctx, path)
		if err != nil || got != "sha256:"+sum {
			t.Errorf("%s, %v", got, err)
		}
	}
	const one, two, three = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed",
		"3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3",
		"8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f"
	write("one", long)
	want(one)
	write("two", long) // the same size and time: this is what being kept means
	want(one)
	write("two", long.Add(time.Nanosecond*1000))
	want(two)
	write("three", long)
	want(three)
	info, err := s.Info(ctx)
	if err != nil || info.Digests != 3 || info.Embeddings != 0 {
		t.Errorf("%+v, %v", info, err)
	}
	// A file that was written just now may change again within its time.
	now := time.Now()
	write("one", now)
	want(one)
	write("two", now)
	want(two)
	if _, err := s.FileDigest(ctx, dir+"/none"); !os.IsNotExist(err) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := s.FileDigest(ctx, dir); err == nil {
		t.Error("a folder has a digest")
	}
	// Damaged, it is made again.
	write("one", long)
	want(one)
	if _, err := s.db.Exec("UPDATE entry SET value = zeroblob(36)"); err != nil {
		t.Fatal(err)
	}
	want(one)
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<18)
	write(string(big), long)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if got, err := s.FileDigest(ended, path); err == nil {
		t.Errorf("an ended context gives %s", got)
	}
}
