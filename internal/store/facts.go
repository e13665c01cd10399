package store

import (
	"context"
	"fmt"
)

// Fact returns what was kept under a name, or "" where nothing is. Facts are
// about models, not about texts, and so are not encrypted.
func (s *Store) Fact(ctx context.Context, name string) (fact string, err error) {
	err = s.get(ctx, kindFact, []Key{s.newKeyer(kindFact).key(name)}, func(_ int, payload []byte) { fact = string(payload) })
	if err != nil {
		return "", fmt.Errorf("store %s: %w", s.dir, err)
	}
	return fact, nil
}

// PutFact keeps a fact in place of what was kept under its name.
func (s *Store) PutFact(ctx context.Context, name, fact string) error {
	value := append(make([]byte, checksumBytes), fact...)
	err := s.put(ctx, kindFact, 1, func(int) (Key, []byte) { return s.newKeyer(kindFact).key(name), value })
	if err != nil {
		return fmt.Errorf("store %s: %w", s.dir, err)
	}
	return nil
}
