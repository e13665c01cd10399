// Convert-gge1 turns a static model in one GGE1 file into a folder in the
// Model2Vec layout, which sheaf and the model2vec library open.
//
//	go run ./scripts/convert-gge1 -in potion-base-2M.bin -out potion-base-2M
//
// A GGE1 file holds, little-endian: the magic "GGE1", u32 rows, u32 dims, a
// float32 scale for each row, the rows as int8, then for each token a u16
// length and its UTF-8 bytes. The folder keeps the int8 rows as they are and
// the scales as the tensor "weights", so that no bit is lost.
package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"sheaf/engine/static/safetensors"
)

func main() {
	in := flag.String("in", "", "the GGE1 file")
	out := flag.String("out", "", "the folder to write")
	flag.Parse()
	if *in == "" || *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*in, *out); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(in, out string) error {
	data, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	m, err := parse(data)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	var table bytes.Buffer
	if err := safetensors.Write(&table, []safetensors.Tensor{
		safetensors.NewFloat32("weights", m.scales, len(m.scales)),
		safetensors.NewInt8("embeddings", m.rows, len(m.tokens), m.dims),
	}); err != nil {
		return err
	}
	tok, err := bertTokenizer(m.tokens)
	if err != nil {
		return err
	}
	config := fmt.Appendf(nil, "{\"normalize\": true, \"hidden_dim\": %d}\n", m.dims)
	return errors.Join(
		os.WriteFile(filepath.Join(out, "model.safetensors"), table.Bytes(), 0o644),
		os.WriteFile(filepath.Join(out, "tokenizer.json"), tok, 0o644),
		os.WriteFile(filepath.Join(out, "config.json"), config, 0o644))
}

type model struct {
	dims   int
	scales []float32
	rows   []int8
	tokens []string
}

func parse(b []byte) (*model, error) {
	if len(b) < 12 || string(b[:4]) != "GGE1" {
		return nil, errors.New("not a GGE1 file")
	}
	n, d := uint64(binary.LittleEndian.Uint32(b[4:])), uint64(binary.LittleEndian.Uint32(b[8:]))
	b = b[12:]
	if n > 1<<24 || d > 1<<14 || uint64(len(b)) < 4*n+n*d {
		return nil, fmt.Errorf("cut short: %d rows of %d do not fit in %d bytes", n, d, len(b))
	}
	m := &model{dims: int(d)}
	for i := range n {
		m.scales = append(m.scales, math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:])))
	}
	b = b[4*n:]
	m.rows = make([]int8, n*d)
	for i := range m.rows {
		m.rows[i] = int8(b[i])
	}
	b = b[n*d:]
	for i := range n {
		if len(b) < 2 || len(b)-2 < int(binary.LittleEndian.Uint16(b)) {
			return nil, fmt.Errorf("cut short in token %d", i)
		}
		end := 2 + int(binary.LittleEndian.Uint16(b))
		m.tokens = append(m.tokens, string(b[2:end]))
		b = b[end:]
	}
	return m, nil
}

// bertTokenizer is the tokenizer.json of an uncased BERT with this vocabulary.
func bertTokenizer(tokens []string) ([]byte, error) {
	if !slices.Contains(tokens, "[UNK]") {
		return nil, errors.New("the vocabulary has no [UNK]")
	}
	vocab := make(map[string]int, len(tokens))
	var added []map[string]any
	for id, t := range tokens {
		vocab[t] = id
		switch t {
		case "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]":
			added = append(added, map[string]any{"id": id, "content": t, "single_word": false,
				"lstrip": false, "rstrip": false, "normalized": false, "special": true})
		}
	}
	if len(vocab) != len(tokens) {
		return nil, fmt.Errorf("%d tokens stand twice in the vocabulary", len(tokens)-len(vocab))
	}
	return json.Marshal(map[string]any{
		"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": added,
		"normalizer": map[string]any{"type": "BertNormalizer", "clean_text": true,
			"handle_chinese_chars": true, "strip_accents": nil, "lowercase": true},
		"pre_tokenizer": map[string]any{"type": "BertPreTokenizer"}, "post_processor": nil, "decoder": nil,
		"model": map[string]any{"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
			"max_input_chars_per_word": 100, "vocab": vocab},
	})
}
