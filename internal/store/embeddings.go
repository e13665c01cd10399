package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
)

// A Space is what an embedding depends on beside its text. Vectors of two
// spaces never meet.
type Space struct {
	Model     string // digest of the model's files
	Tokenizer string // digest of the tokenizer's file
	Backend   string // what computes: backends differ in the last bits
	Provider  string
	Pooling   string
	Prompt    string // goes before each text
	MaxTokens int
	Dim       int // length of a vector
	DType     string
}

func (sp *Space) keyer(s *Store) *keyer {
	return s.newKeyer(kindEmbedding, sp.Model, sp.Tokenizer, sp.Backend, sp.Provider, sp.Pooling, sp.Prompt,
		strconv.Itoa(sp.MaxTokens), strconv.Itoa(sp.Dim), sp.DType)
}

// An Embedding is what a model says of a text.
type Embedding struct {
	// Vector has Space.Dim numbers. It is nil for a text that has no vector
	// because the model knows none of its tokens.
	Vector []float32
	// Truncated says that the text lost its end.
	Truncated bool
}

// The value of an embedding is the checksum, a byte of flags, and the numbers
// as little-endian float32.
const (
	flagTruncated = 1 << iota
	flagEmpty
)

const embeddingHeader = checksumBytes + 1

// Embeddings looks for the embeddings of texts and calls found for each one
// that is there, by its place in texts and in no order. The vector is valid
// during the call. After an error, what was found is right all the same.
func (s *Store) Embeddings(ctx context.Context, sp Space, texts []string, found func(i int, e Embedding)) error {
	keyer := sp.keyer(s)
	keys := make([]Key, len(texts))
	for i, t := range texts {
		keys[i] = keyer.key(t)
	}
	vector := make([]float32, sp.Dim)
	err := s.get(ctx, kindEmbedding, keys, func(i int, payload []byte) {
		if e, ok := decodeEmbedding(payload, vector); ok {
			found(i, e)
		}
	})
	if err != nil {
		return fmt.Errorf("store %s: %w", s.dir, err)
	}
	return nil
}

// PutEmbeddings keeps the embeddings of texts; at gives the one of texts[i].
// Some of them are kept where it fails.
func (s *Store) PutEmbeddings(ctx context.Context, sp Space, texts []string, at func(i int) Embedding) error {
	keyer := sp.keyer(s)
	buf := make([]byte, 0, embeddingHeader+4*sp.Dim)
	err := s.put(ctx, kindEmbedding, len(texts), func(i int) (Key, []byte) {
		buf = appendEmbedding(buf[:0], at(i), sp.Dim)
		return keyer.key(texts[i]), buf
	})
	if err != nil {
		return fmt.Errorf("store %s: %w", s.dir, err)
	}
	return nil
}

func appendEmbedding(b []byte, e Embedding, dim int) []byte {
	var flags byte
	if e.Truncated {
		flags |= flagTruncated
	}
	if e.Vector == nil {
		flags |= flagEmpty
	} else if len(e.Vector) != dim {
		panic(fmt.Sprintf("store: a vector of %d dimensions in a space of %d", len(e.Vector), dim))
	}
	b = append(b, 0, 0, 0, 0, flags)
	for _, x := range e.Vector {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// decodeEmbedding reads the numbers into vector. It fails where the payload is
// none of this space.
func decodeEmbedding(payload []byte, vector []float32) (Embedding, bool) {
	if len(payload) == 0 {
		return Embedding{}, false
	}
	e := Embedding{Truncated: payload[0]&flagTruncated != 0}
	numbers := payload[1:]
	if payload[0]&flagEmpty != 0 {
		return e, len(numbers) == 0
	}
	if len(numbers) != 4*len(vector) {
		return Embedding{}, false
	}
	for i := range vector {
		vector[i] = math.Float32frombits(binary.LittleEndian.Uint32(numbers[4*i:]))
	}
	e.Vector = vector
	return e, true
}
