package store

import (
	"context"
	"testing"
)

// BenchmarkEmbeddings looks up 4096 vectors of 384 dimensions.
func BenchmarkEmbeddings(b *testing.B) {
	s := mustOpen(b, b.TempDir(), Options{})
	defer s.Close()
	texts := numbered(0, 4096)
	put(b, s, space(384), texts...)
	n := 0
	for b.Loop() {
		n = 0
		if err := s.Embeddings(context.Background(), space(384), texts, func(int, Embedding) { n++ }); err != nil {
			b.Fatal(err)
		}
	}
	if n != len(texts) {
		b.Fatalf("%d of %d found", n, len(texts))
	}
	b.ReportMetric(float64(b.N*len(texts))/b.Elapsed().Seconds(), "texts/s")
}

// BenchmarkPutEmbeddings keeps 4096 vectors of 384 dimensions.
func BenchmarkPutEmbeddings(b *testing.B) {
	s := mustOpen(b, b.TempDir(), Options{})
	defer s.Close()
	texts := numbered(0, 4096)
	vector := vectorOf("a", 384)
	round := 0
	for b.Loop() {
		round++
		sp := space(384)
		sp.MaxTokens = round // new entries every time
		if err := s.PutEmbeddings(context.Background(), sp, texts, func(int) Embedding { return Embedding{Vector: vector} }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(texts))/b.Elapsed().Seconds(), "texts/s")
}
