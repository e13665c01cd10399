package pipeline

import (
	"strings"
	"testing"
	"time"

	"sheaf/engine/onnx"
	"sheaf/internal/testmodel"
	"sheaf/internal/testmodel/check"
)

// BenchmarkWarmStore embeds 1,000 texts of mixed lengths at MiniLM's shape with
// ONNX Runtime, from an empty store and from a warm one, and reports how many
// times quicker the second is: the embedding alone, with opening the model, and
// that in the processor's time.
func BenchmarkWarmStore(b *testing.B) {
	if _, err := onnx.FindLibrary(onnx.Search{}); err != nil {
		b.Skipf("%v; set %s, or run scripts/setup-onnxruntime/setup.sh", err, onnx.LibraryVariable)
	}
	model := check.Write(b, testmodel.MiniLM())
	age(b, model, time.Now().Add(-time.Hour))
	texts := check.Mixed(1, 1000)
	run := func(dir string) (embed, all, cpu time.Duration) {
		b.Helper()
		start, used := time.Now(), check.CPUTime(b)
		e, err := openEmbedder(&Common{Model: model, CacheDir: dir, Note: func(line string) {
			if strings.Contains(line, "not kept") {
				b.Error(line)
			}
		}})
		if err != nil {
			b.Fatal(err)
		}
		opened := time.Now()
		mustEmbed(b, e, texts...)
		embed = time.Since(opened)
		mustClose(b, e)
		return embed, time.Since(start), check.CPUTime(b) - used
	}
	var ofEmbed, ofAll, ofCPU []float64
	var coldTexts, warmTexts float64
	for b.Loop() {
		dir := b.TempDir()
		coldEmbed, coldAll, coldCPU := run(dir)
		warmEmbed, warmAll, warmCPU := run(dir)
		ofEmbed = append(ofEmbed, float64(coldEmbed)/float64(warmEmbed))
		ofAll = append(ofAll, float64(coldAll)/float64(warmAll))
		ofCPU = append(ofCPU, float64(coldCPU)/float64(warmCPU))
		coldTexts = float64(len(texts)) / coldEmbed.Seconds()
		warmTexts = float64(len(texts)) / warmEmbed.Seconds()
	}
	b.ReportMetric(check.Median(ofEmbed), "times-cold")
	b.ReportMetric(check.Median(ofAll), "times-cold-with-opening")
	b.ReportMetric(check.Median(ofCPU), "times-cold-with-opening-cpu")
	b.ReportMetric(coldTexts, "cold-texts/s")
	b.ReportMetric(warmTexts, "warm-texts/s")
}
