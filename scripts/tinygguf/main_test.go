package main

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestRunWritesTheSameModel(t *testing.T) {
	dir := t.TempDir()
	var files [][]byte
	for _, args := range [][]string{{"-o", filepath.Join(dir, "a")}, {"-o", filepath.Join(dir, "b")}, {"-o", filepath.Join(dir, "c"), "-seed", "2"}} {
		if err := run(args, io.Discard); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(args[1])
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, data)
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("the same seed gives different bytes")
	}
	if bytes.Equal(files[0], files[2]) {
		t.Error("another seed gives the same bytes")
	}
	if n := len(files[0]); n < 400_000 || n > 700_000 {
		t.Errorf("the model has %d bytes", n)
	}
	if err := run([]string{"-o", filepath.Join(dir, "no", "folder")}, io.Discard); err == nil {
		t.Error("no error for a folder that is not there")
	}
	if err := run([]string{"-context", "0"}, io.Discard); err == nil {
		t.Error("no error for a context of 0 tokens")
	}
}

// The offsets in the header must lead to aligned data that ends where the
// file ends.
func TestWriteLayout(t *testing.T) {
	s := shape{layers: 1, dim: 8, heads: 2, kvHeads: 1, feedForward: 12, context: 64, seed: 1}
	var buf bytes.Buffer
	if err := write(&buf, s); err != nil {
		t.Fatal(err)
	}
	data := buf.Bytes()
	if string(data[:4]) != "GGUF" || binary.LittleEndian.Uint32(data[4:]) != version {
		t.Errorf("begins with % x", data[:8])
	}
	tensors := s.tensors(len(vocabulary()))
	if n := binary.LittleEndian.Uint64(data[8:]); n != uint64(len(tensors)) {
		t.Errorf("names %d tensors, want %d", n, len(tensors))
	}
	body := uint64(0)
	for _, tensor := range tensors {
		body += tensor.size()
	}
	if head := uint64(len(data)) - body; head%alignment != 0 {
		t.Errorf("the tensors begin at byte %d", head)
	}
}
