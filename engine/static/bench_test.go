package static_test

import (
	"fmt"
	"runtime"
	"testing"

	"sheaf/engine/static"
	"sheaf/models/builtin"
)

// BenchmarkEmbed embeds short notes with the built-in model: on one core, and
// beside it the floor, which is tokenising alone.
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
