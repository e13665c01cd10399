//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestEmbedMemory runs the real program on two long lists: the memory does not
// depend on their length.
func TestEmbedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	dir := t.TempDir()
	sheaf := filepath.Join(dir, "sheaf")
	build(t, sheaf, ".")
	const most = 160 << 20
	for _, n := range []int{20_000, 400_000} {
		input := filepath.Join(dir, "notes.txt")
		if err := os.WriteFile(input, manyNotes(n), 0o600); err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(dir, "out.npy")
		cmd := exec.Command(sheaf, "embed", "-q", "-o", out, input)
		cmd.Env = append(os.Environ(), "SHEAF_HOME="+dir)
		peak := runMeasured(t, cmd)
		st, err := os.Stat(out)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d notes, %d MB of vectors: peak %d MB", n, st.Size()>>20, peak>>20)
		if peak > most {
			t.Errorf("%d notes: peak memory %d MB, more than %d", n, peak>>20, int64(most)>>20)
		}
		if st.Size() <= most && n > 100_000 {
			t.Errorf("only %d bytes of vectors: the test sees nothing", st.Size())
		}
	}
}
