package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
)

// What may repeat a text is kept under the HMAC of what it was made from, as an
// embedding is, and beside that encrypted with another HMAC of the same: to read
// it takes what it was made from, which holds the texts, and the secret of the
// folder.

// sealKeys gives the key of an entry and what its value is sealed with.
func (s *Store) sealKeys(k kind, from []byte) (Key, cipher.AEAD) {
	key := s.newKeyer(k, "entry").key(string(from))
	secret := s.newKeyer(k, "seal").key(string(from))
	block, err := aes.NewCipher(secret[:])
	if err != nil {
		panic("store: " + err.Error()) // a key of 32 bytes is a right one
	}
	box, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("store: " + err.Error()) // AES has the block size of GCM
	}
	return key, box
}

// sealed looks for entries and calls found for each that can be opened, by its
// place in from.
func (s *Store) sealed(ctx context.Context, k kind, from [][]byte, found func(i int, plain []byte)) error {
	keys, boxes := make([]Key, len(from)), make([]cipher.AEAD, len(from))
	for i, f := range from {
		keys[i], boxes[i] = s.sealKeys(k, f)
	}
	err := s.get(ctx, k, keys, func(i int, payload []byte) {
		// What cannot be opened is as if it were not there.
		if plain, err := boxes[i].Open(nil, nil, payload, keys[i][:]); err == nil {
			found(i, plain)
		}
	})
	if err != nil {
		return fmt.Errorf("store %s: %w", s.dir, err)
	}
	return nil
}

// putSealed keeps values under what they were made from.
func (s *Store) putSealed(ctx context.Context, k kind, from, values [][]byte) error {
	err := s.put(ctx, k, len(from), func(i int) (Key, []byte) {
		key, box := s.sealKeys(k, from[i])
		return key, box.Seal(make([]byte, checksumBytes), nil, values[i], key[:])
	})
	if err != nil {
		return fmt.Errorf("store %s: %w", s.dir, err)
	}
	return nil
}

// Answer returns the answer to a request to a chat model, or nil where none is
// kept. The request is all that the answer depends on, as bytes.
func (s *Store) Answer(ctx context.Context, request []byte) ([]byte, error) {
	var answer []byte
	err := s.sealed(ctx, kindAnswer, [][]byte{request}, func(_ int, plain []byte) { answer = plain })
	return answer, err
}

// PutAnswer keeps the answer to a request.
func (s *Store) PutAnswer(ctx context.Context, request, answer []byte) error {
	return s.putSealed(ctx, kindAnswer, [][]byte{request}, [][]byte{answer})
}

// Summaries looks for what was kept of conversations and calls found for each one
// that is there, by its place and in no order. A conversation is all that its
// summary depends on, as bytes. After an error, what was found is right all the
// same.
func (s *Store) Summaries(ctx context.Context, conversations [][]byte, found func(i int, summary []byte)) error {
	return s.sealed(ctx, kindSummary, conversations, found)
}

// PutSummaries keeps the summaries of conversations. Some of them are kept where
// it fails.
func (s *Store) PutSummaries(ctx context.Context, conversations, summaries [][]byte) error {
	return s.putSealed(ctx, kindSummary, conversations, summaries)
}
