package pipeline

import (
	"context"

	"sheaf/engine/transformer"
	"sheaf/internal/store"
)

// The keeper is a transformer.Memory: the store knows digests of files that
// have not changed, and models that were run before. What cannot be kept is
// found out again.
var _ transformer.Memory = (*keeper)(nil)

// KnownDigest implements transformer.Memory.
func (k *keeper) KnownDigest(path string) string {
	if s := k.open(); s != nil {
		return s.KnownDigest(context.Background(), path)
	}
	return ""
}

// FileDigest implements transformer.Memory.
func (k *keeper) FileDigest(path string) (string, error) {
	// A run that is cancelled while a model is opened ends after it.
	ctx := context.Background()
	if s := k.open(); s != nil {
		return s.FileDigest(ctx, path)
	}
	return store.FileDigest(ctx, path)
}

// Fact implements transformer.Memory.
func (k *keeper) Fact(name string) string {
	s := k.open()
	if s == nil {
		return ""
	}
	fact, err := s.Fact(context.Background(), name)
	if err != nil {
		return ""
	}
	return fact
}

// KeepFact implements transformer.Memory.
func (k *keeper) KeepFact(name, fact string) {
	if s := k.open(); s != nil {
		_ = s.PutFact(context.Background(), name, fact) // the next run finds it out again
	}
}
