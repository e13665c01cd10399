package pipeline

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sheaf/engine/onnx"
	"sheaf/internal/testmodel"
	"sheaf/internal/testmodel/check"
)

// BenchmarkWarmStore embeds 1,000 texts of mixed lengths at MiniLM's shape with
// ONNX Runtime, from an empty store and from a warm one, and reports how many
// times quicker the second is: the embedding alone, and with opening the model.
func BenchmarkWarmStore(b *testing.B) {
	if _, err := onnx.FindLibrary(onnx.Search{}); err != nil {
		b.Skipf("%v; set %s, or run scripts/setup-onnxruntime/setup.sh", err, onnx.LibraryVariable)
	}
	model := check.Write(b, testmodel.MiniLM())
	age(b, model, time.Now().Add(-time.Hour))
	texts := check.Mixed(1, 1000)
	run := func(dir string) (embed, all time.Duration) {
		b.Helper()
		start := time.Now()
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
		return embed, time.Since(start)
	}
	var ofEmbed, ofAll []float64
	var coldTexts, warmTexts float64
	for b.Loop() {
		dir := b.TempDir()
		coldEmbed, coldAll := run(dir)
		warmEmbed, warmAll := run(dir)
		ofEmbed = append(ofEmbed, float64(coldEmbed)/float64(warmEmbed))
		ofAll = append(ofAll, float64(coldAll)/float64(warmAll))
		coldTexts = float64(len(texts)) / coldEmbed.Seconds()
		warmTexts = float64(len(texts)) / warmEmbed.Seconds()
	}
	b.ReportMetric(median(ofEmbed), "times-cold")
	b.ReportMetric(median(ofAll), "times-cold-with-opening")
	b.ReportMetric(coldTexts, "cold-texts/s")
	b.ReportMetric(warmTexts, "warm-texts/s")
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}
