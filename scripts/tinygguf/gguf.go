package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
)

// A shape is the size of a llama model.
type shape struct {
	layers      int
	dim         int // of an embedding
	heads       int // attention heads; divides dim
	kvHeads     int // heads that keep keys and values; divides heads
	feedForward int
	context     int
	seed        uint64
}

// The value types of GGUF metadata that are used here; see
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
const (
	typeUint32  uint32 = 4
	typeInt32   uint32 = 5
	typeFloat32 uint32 = 6
	typeString  uint32 = 8
	typeArray   uint32 = 9
)

const (
	version   = 3
	tensorF32 = 0
	alignment = 32 // of tensor data in the file
)

// A header collects metadata in GGUF's encoding. Writes to a bytes.Buffer do
// not fail.
type header struct {
	buf   bytes.Buffer
	count uint64
}

func (h *header) put(v any) {
	if err := binary.Write(&h.buf, binary.LittleEndian, v); err != nil {
		panic("tinygguf: " + err.Error()) // v has no fixed size
	}
}

func (h *header) text(s string) {
	h.put(uint64(len(s)))
	h.buf.WriteString(s)
}

func (h *header) key(name string, kind uint32) {
	h.text(name)
	h.put(kind)
	h.count++
}

func (h *header) string(name, v string) {
	h.key(name, typeString)
	h.text(v)
}

func (h *header) uint32(name string, v int) {
	h.key(name, typeUint32)
	h.put(uint32(v))
}

func (h *header) float32(name string, v float32) {
	h.key(name, typeFloat32)
	h.put(v)
}

func (h *header) array(name string, kind uint32, n int, put func(i int)) {
	h.key(name, typeArray)
	h.put(kind)
	h.put(uint64(n))
	for i := range n {
		put(i)
	}
}

// The kinds of a token of llama's tokenizer.
const (
	tokenNormal  int32 = 1
	tokenUnknown int32 = 2
	tokenControl int32 = 3
	tokenByte    int32 = 6
)

type token struct {
	text  string
	score float32 // the higher, the earlier it is merged
	kind  int32
}

// vocabulary returns a SentencePiece vocabulary that reads any text: the
// control tokens, all bytes, ASCII, and a few longer pieces so that merging
// has something to do.
func vocabulary() []token {
	v := []token{{"<unk>", 0, tokenUnknown}, {"<s>", 0, tokenControl}, {"</s>", 0, tokenControl}}
	for b := range 256 {
		v = append(v, token{fmt.Sprintf("<0x%02X>", b), 0, tokenByte})
	}
	const space = "\u2581" // how SentencePiece writes a space
	v = append(v, token{space, -1000, tokenNormal})
	for c := '!'; c <= '~'; c++ {
		v = append(v, token{string(c), -1000 - float32(c), tokenNormal})
	}
	pieces := []string{"in", "er", "on", "an", "es", "th", "the", "nd", "and", "la", "ab", "el", "lab", "label", "no", "te", "note",
		space + "t", space + "th", space + "the", space + "a", space + "an", space + "and", space + "l"}
	for i, p := range pieces {
		v = append(v, token{p, -float32(i + 1), tokenNormal})
	}
	return v
}

// A tensor is a weight matrix. spread is the standard deviation of its random
// values; zero makes them all 1, as a norm's are before training.
type tensor struct {
	name   string
	dims   []int // the fastest first
	spread float64
}

func (t tensor) values() int {
	n := 1
	for _, d := range t.dims {
		n *= d
	}
	return n
}

func (t tensor) size() uint64 {
	bytes := uint64(4 * t.values())
	return (bytes + alignment - 1) / alignment * alignment
}

func (s shape) tensors(vocabulary int) []tensor {
	keys := s.dim / s.heads * s.kvHeads
	ts := []tensor{
		{"token_embd.weight", []int{s.dim, vocabulary}, 0.5},
		{"output_norm.weight", []int{s.dim}, 0},
		{"output.weight", []int{s.dim, vocabulary}, 0.3},
	}
	for l := range s.layers {
		for _, t := range []tensor{
			{"attn_norm", []int{s.dim}, 0},
			{"attn_q", []int{s.dim, s.dim}, 0.1},
			{"attn_k", []int{s.dim, keys}, 0.1},
			{"attn_v", []int{s.dim, keys}, 0.1},
			{"attn_output", []int{s.dim, s.dim}, 0.1},
			{"ffn_norm", []int{s.dim}, 0},
			{"ffn_gate", []int{s.dim, s.feedForward}, 0.1},
			{"ffn_up", []int{s.dim, s.feedForward}, 0.1},
			{"ffn_down", []int{s.feedForward, s.dim}, 0.1},
		} {
			t.name = fmt.Sprintf("blk.%d.%s.weight", l, t.name)
			ts = append(ts, t)
		}
	}
	return ts
}

// write writes a model of the shape to w.
func write(w io.Writer, s shape) error {
	tokens := vocabulary()
	var meta header
	meta.string("general.architecture", "llama")
	meta.string("general.name", "tiny random llama")
	meta.uint32("general.file_type", tensorF32)
	meta.uint32("general.alignment", alignment)
	meta.uint32("llama.block_count", s.layers)
	meta.uint32("llama.context_length", s.context)
	meta.uint32("llama.embedding_length", s.dim)
	meta.uint32("llama.feed_forward_length", s.feedForward)
	meta.uint32("llama.attention.head_count", s.heads)
	meta.uint32("llama.attention.head_count_kv", s.kvHeads)
	meta.float32("llama.attention.layer_norm_rms_epsilon", 1e-5)
	meta.uint32("llama.rope.dimension_count", s.dim/s.heads)
	meta.float32("llama.rope.freq_base", 10000)
	meta.uint32("llama.vocab_size", len(tokens))
	meta.string("tokenizer.ggml.model", "llama")
	meta.string("tokenizer.ggml.pre", "default")
	meta.array("tokenizer.ggml.tokens", typeString, len(tokens), func(i int) { meta.text(tokens[i].text) })
	meta.array("tokenizer.ggml.scores", typeFloat32, len(tokens), func(i int) { meta.put(tokens[i].score) })
	meta.array("tokenizer.ggml.token_type", typeInt32, len(tokens), func(i int) { meta.put(tokens[i].kind) })
	meta.uint32("tokenizer.ggml.unknown_token_id", 0)
	meta.uint32("tokenizer.ggml.bos_token_id", 1)
	meta.uint32("tokenizer.ggml.eos_token_id", 2)

	tensors := s.tensors(len(tokens))
	var head header
	head.buf.WriteString("GGUF")
	head.put(uint32(version))
	head.put(uint64(len(tensors)))
	head.put(meta.count)
	head.buf.Write(meta.buf.Bytes())
	offset := uint64(0)
	for _, t := range tensors {
		head.text(t.name)
		head.put(uint32(len(t.dims)))
		for _, d := range t.dims {
			head.put(uint64(d))
		}
		head.put(uint32(tensorF32))
		head.put(offset)
		offset += t.size()
	}
	for head.buf.Len()%alignment != 0 {
		head.buf.WriteByte(0)
	}
	if _, err := w.Write(head.buf.Bytes()); err != nil {
		return err
	}

	rng := rand.New(rand.NewPCG(s.seed, 0))
	for _, t := range tensors {
		data := make([]float32, t.size()/4) // what pads it is zero
		for i := range t.values() {
			data[i] = 1
			if t.spread > 0 {
				data[i] = float32(rng.NormFloat64() * t.spread)
			}
		}
		if err := binary.Write(w, binary.LittleEndian, data); err != nil {
			return err
		}
	}
	return nil
}
