package models

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVerify(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, transformer)
	m := Model{Name: "m", Dir: dir}
	states := func(m Model) map[string]State {
		t.Helper()
		checks, err := Verify(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]State{}
		for _, c := range checks {
			out[c.Path] = c.State
		}
		return out
	}
	if got := states(m); got["onnx/model.onnx"] != Unknown || len(got) != 4 {
		t.Errorf("without a record: %v", got)
	}
	files, err := Describe(t.Context(), dir, Files(dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteRecord(dir, Record{Name: "m", Files: files}); err != nil {
		t.Fatal(err)
	}
	for path, state := range states(m) {
		if state != Good {
			t.Errorf("%s is %s", path, state)
		}
	}
	write(t, dir, map[string]string{"onnx/model.onnx": "grape"})
	if err := os.Remove(filepath.Join(dir, "tokenizer.json")); err != nil {
		t.Fatal(err)
	}
	if got := states(m); got["onnx/model.onnx"] != Damaged || got["tokenizer.json"] != Missing || got["config.json"] != Good {
		t.Errorf("after damage: %v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Verify(ctx, m); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	var damaged *DamagedError
	for _, record := range []string{"{", `{"schema":9}`, `{"schema":1,"files":[{"path":"../../x"}]}`} {
		write(t, dir, map[string]string{RecordFile: record})
		if _, err := Verify(t.Context(), m); !errors.As(err, &damaged) {
			t.Errorf("record %s: %v", record, err)
		}
	}
	if _, err := Verify(t.Context(), Model{Name: "x", Dir: t.TempDir()}); !errors.As(err, &damaged) {
		t.Errorf("an empty folder: %v", err)
	}
	if checks, err := Verify(t.Context(), Model{Name: Builtin}); checks != nil || err != nil {
		t.Errorf("the built-in model: %v, %v", checks, err)
	}
}

// In the Hugging Face cache the name of a blob is what its content is
// compared with.
func TestVerifyCached(t *testing.T) {
	config, graph := "{}", "graph"
	git := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(config), config))
	sum := sha256.Sum256([]byte(graph))
	names := [2]string{hex.EncodeToString(git[:]), hex.EncodeToString(sum[:])}
	dir, snapshot := cache(t, "owner/m", map[string]string{"config.json": "->../../blobs/" + names[0], "tokenizer.json": "plain",
		"model.onnx": "->../../blobs/" + names[1]})
	write(t, filepath.Join(dir, "models--owner--m", "blobs"), map[string]string{names[0]: config, names[1]: graph})
	m, err := Store{Cache: dir}.Find("owner/m")
	if err != nil || m.Dir != snapshot {
		t.Fatal(m, err)
	}
	for _, state := range []State{Good, Damaged} {
		checks, err := Verify(t.Context(), m)
		if err != nil || len(checks) != 3 || checks[0].State != Good || checks[1].State != state || checks[2].State != Unknown {
			t.Errorf("%+v, %v", checks, err)
		}
		if state == Damaged && !strings.Contains(checks[1].Reason, names[1]) {
			t.Errorf("reason %q", checks[1].Reason)
		}
		write(t, filepath.Join(dir, "models--owner--m", "blobs"), map[string]string{names[1]: "other"})
	}
	if _, ok := (Store{Cache: dir}).CachedBlob("owner/m", names[1]); !ok {
		t.Error("a blob was not found")
	}
	if _, ok := (Store{Cache: dir}).CachedBlob("owner/m", "../"+names[1]); ok {
		t.Error("a path was taken for a digest")
	}
}
