package purego_test

import (
	"testing"

	"sheaf/engine/onnx"
	"sheaf/engine/transformer"
	"sheaf/internal/testmodel"
	"sheaf/internal/testmodel/check"
)

// BenchmarkEmbed embeds texts of mixed lengths at MiniLM's shape. Where ONNX
// Runtime is found it takes turns with it, and times-slower says by how much
// that is quicker on the wall's clock, times-slower-cpu in the processor's time.
func BenchmarkEmbed(b *testing.B) {
	dir := check.Write(b, testmodel.MiniLM())
	texts := check.Mixed(1, 40)
	e := check.Opener(open).Must(b, dir, transformer.Options{})
	check.Embed(b, e, texts) // compiles the graph for each shape
	other, err := onnx.Open(dir, onnx.Options{})
	if err != nil {
		for b.Loop() {
			check.Embed(b, e, texts)
		}
		return
	}
	defer other.Close()
	check.Embed(b, other, texts)
	var r check.Rounds
	for b.Loop() {
		r.Round(b, func() { check.Embed(b, e, texts) }, func() { check.Embed(b, other, texts) })
	}
	ours, _ := r.Mean()
	b.ReportMetric(float64(len(texts))/ours.Seconds(), "texts/s")
	b.ReportMetric(1/r.Wall(), "times-slower")
	b.ReportMetric(1/r.CPU(), "times-slower-cpu")
}
