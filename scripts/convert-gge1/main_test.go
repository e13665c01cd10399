package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sheaf/engine/static"
	"sheaf/engine/tokenizer"
)

// TestGoldenVectors converts a real model and compares its vectors with those
// that the model2vec library gave for the original.
func TestGoldenVectors(t *testing.T) {
	root := os.Getenv("SHEAF_TESTDATA")
	if root == "" {
		t.Skip("SHEAF_TESTDATA is not set: no potion-base-2M to convert")
	}
	src := filepath.Join(root, "models", "potion-base-2M-int8")
	raw, err := os.ReadFile(filepath.Join(src, "golden_static_embedding_vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Text      string    `json:"text"`
			TokenIDs  []uint32  `json:"token_ids"`
			Embedding []float64 `json:"embedding"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Cases) != 15 {
		t.Fatalf("%d golden vectors, want 15", len(golden.Cases))
	}
	dir := t.TempDir()
	if err := run(filepath.Join(src, "potion-base-2M.bin"), dir); err != nil {
		t.Fatal(err)
	}
	m, err := static.Open(dir, static.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()
	tokJSON, err := os.ReadFile(filepath.Join(dir, "tokenizer.json"))
	if err != nil {
		t.Fatal(err)
	}
	tok, err := tokenizer.Parse(tokJSON)
	if err != nil {
		t.Fatal(err)
	}
	unk, _ := tok.UnknownID()
	var texts []string
	for _, c := range golden.Cases {
		texts = append(texts, c.Text)
		ids := slices.DeleteFunc(tok.AppendIDs(nil, c.Text), func(id uint32) bool { return id == unk })
		if !slices.Equal(ids, c.TokenIDs) {
			t.Errorf("%q: ids %v, want %v", c.Text, ids, c.TokenIDs)
		}
	}
	emb, err := m.Embed(t.Context(), texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	worst := 1.0
	for i, c := range golden.Cases {
		var dot, norm float64
		for j, want := range c.Embedding {
			got := float64(emb.Vectors.Data[i*emb.Vectors.Stride+j])
			dot += got * want
			norm += want * want
		}
		if norm == 0 { // the empty text
			if !slices.Contains(emb.Empty, i) {
				t.Errorf("%q should have no vector", c.Text)
			}
			continue
		}
		worst = min(worst, dot/math.Sqrt(norm))
	}
	// The file's int8 rows differ from the original's float32 by a cosine of
	// 0.9999 at worst, by its own notice.
	t.Logf("worst cosine %.6f", worst)
	if worst < 0.9999 {
		t.Errorf("worst cosine to the golden vectors is %.6f, want at least 0.9999", worst)
	}
}

func TestParseRefuses(t *testing.T) {
	good := []byte("GGE1\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x80\x3f\x05\x01\x00a")
	if m, err := parse(good); err != nil || m.tokens[0] != "a" || m.rows[0] != 5 || m.scales[0] != 1 {
		t.Fatalf("parse = %+v, %v", m, err)
	}
	for n := range good {
		if _, err := parse(good[:n]); err == nil {
			t.Errorf("a file cut after %d bytes of %d was accepted", n, len(good))
		}
	}
	if _, err := parse([]byte("GGE2" + strings.Repeat("\x00", 100))); err == nil {
		t.Error("a wrong magic was accepted")
	}
	if _, err := bertTokenizer([]string{"a"}); err == nil {
		t.Error("a vocabulary without [UNK] was accepted")
	}
	if _, err := bertTokenizer([]string{"[UNK]", "a", "a"}); err == nil {
		t.Error("a vocabulary with a token twice was accepted")
	}
}
