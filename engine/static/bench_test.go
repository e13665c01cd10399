package static_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"testing"
	"testing/fstest"

	"sheaf/engine/static"
	"sheaf/engine/static/safetensors"
	"sheaf/models/builtin"
)

// BenchmarkEmbed embeds short notes with the built-in model: on one core, and
// beside it the floor, which is tokenising alone, and the general block alone,
// which is potion-base-2M in this engine.
func BenchmarkEmbed(b *testing.B) {
	m, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{Threads: 1})
	if err != nil {
		b.Fatal(err)
	}
	words := []string{"buy", "milk", "and", "bread", "call", "the", "dentist", "fix", "leaky", "tap", "in", "kitchen", "ask", "about", "exchange", "rate"}
	texts := make([]string, 100_000)
	for i := range texts {
		texts[i] = fmt.Sprintf("%s the %s %s %s", words[i%16], words[i/3%16], words[i/7%16], words[i/11%16])
	}
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("embed/%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := m.Embed(b.Context(), texts[:n], nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "texts/s")
		})
	}
	b.Run("potion/10000", func(b *testing.B) {
		general := generalAlone(b)
		for b.Loop() {
			if _, err := general.Embed(b.Context(), texts[:10_000], nil); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(10_000*float64(b.N)/b.Elapsed().Seconds(), "texts/s")
	})
	b.Run("floor/tokenise", func(b *testing.B) {
		var ids []uint32
		n := 0
		for b.Loop() {
			ids = m.AppendTokens(ids[:0], texts[n%len(texts)])
			n++
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "texts/s")
	})
}

// generalAlone is the built-in model without its concepts.
func generalAlone(b *testing.B) *static.Model {
	fsys := fstest.MapFS{}
	for _, name := range []string{"tokenizer.json", "model.safetensors"} {
		data, err := fs.ReadFile(builtin.ModelFS(), name)
		if err != nil {
			b.Fatal(err)
		}
		fsys[name] = &fstest.MapFile{Data: data}
	}
	tensors, err := safetensors.Parse(fsys["model.safetensors"].Data)
	if err != nil {
		b.Fatal(err)
	}
	tensors = slices.DeleteFunc(tensors, func(t safetensors.Tensor) bool {
		return t.Name != "embeddings" && t.Name != "weights"
	})
	var buf bytes.Buffer
	if err := safetensors.Write(&buf, tensors); err != nil {
		b.Fatal(err)
	}
	fsys["model.safetensors"].Data = buf.Bytes()
	m, err := static.OpenFS(fsys, "general", static.Options{Threads: 1})
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// BenchmarkOpen is how long the built-in model takes to be ready.
func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		m, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{})
		if err != nil {
			b.Fatal(err)
		}
		runtime.KeepAlive(m)
	}
}
