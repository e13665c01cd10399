package purego_test

import (
	"testing"
	"time"

	"sheaf/engine/onnx"
	"sheaf/engine/transformer"
	"sheaf/internal/testmodel"
	"sheaf/internal/testmodel/check"
)

// BenchmarkEmbed embeds texts of mixed lengths at MiniLM's shape. Where ONNX
// Runtime is found it does the same, and times-slower says by how much.
func BenchmarkEmbed(b *testing.B) {
	dir := check.Write(b, testmodel.MiniLM())
	texts := check.Mixed(1, 40)
	e := check.Opener(open).Must(b, dir, transformer.Options{})
	check.Embed(b, e, texts) // compiles the graph for each shape
	var ours, native time.Duration
	other, err := onnx.Open(dir, onnx.Options{})
	if err == nil {
		defer other.Close()
		check.Embed(b, other, texts)
	}
	for b.Loop() {
		start := time.Now()
		check.Embed(b, e, texts)
		ours = shorter(ours, time.Since(start))
		if other == nil {
			continue
		}
		b.StopTimer()
		start = time.Now()
		check.Embed(b, other, texts)
		native = shorter(native, time.Since(start))
		b.StartTimer()
	}
	b.ReportMetric(float64(len(texts))/ours.Seconds(), "texts/s")
	if native > 0 {
		b.ReportMetric(float64(ours)/float64(native), "times-slower")
	}
}

// shorter is the shorter of two times, of which the first may be none yet.
func shorter(a, b time.Duration) time.Duration {
	if a == 0 {
		return b
	}
	return min(a, b)
}
