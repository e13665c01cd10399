package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
)

// An answer is what a chat model said, and may repeat what it was asked about.
// So it is kept under the HMAC of the request, as an embedding is, and beside
// that encrypted with another HMAC of the request: to read it takes the request,
// which holds the texts, and the secret of the folder.

// Answer returns the answer to a request to a chat model, or nil where none is
// kept. The request is all that the answer depends on, as bytes.
func (s *Store) Answer(ctx context.Context, request []byte) ([]byte, error) {
	key, box := s.answerKeys(request)
	var answer []byte
	err := s.get(ctx, kindAnswer, []Key{key}, func(_ int, payload []byte) {
		// What cannot be opened is as if it were not there.
		if plain, err := box.Open(nil, nil, payload, key[:]); err == nil {
			answer = plain
		}
	})
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", s.dir, err)
	}
	return answer, nil
}

// PutAnswer keeps the answer to a request.
func (s *Store) PutAnswer(ctx context.Context, request, answer []byte) error {
	key, box := s.answerKeys(request)
	value := box.Seal(make([]byte, checksumBytes), nil, answer, key[:])
	err := s.put(ctx, kindAnswer, 1, func(int) (Key, []byte) { return key, value })
	if err != nil {
		return fmt.Errorf("store %s: %w", s.dir, err)
	}
	return nil
}

// answerKeys gives the key of a request's entry and what its value is sealed
// with.
func (s *Store) answerKeys(request []byte) (Key, cipher.AEAD) {
	key := s.newKeyer(kindAnswer, "entry").key(string(request))
	secret := s.newKeyer(kindAnswer, "seal").key(string(request))
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
