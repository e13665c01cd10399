package tokenizer

import (
	"strings"
	"testing"
)

// Texts of the kinds the tool is made for: short notes, and the long turns of
// a chat.
var (
	noteTexts = []string{
		"buy milk and eggs on the way home",
		"Call the dentist about Thursday's appointment!!",
		"idea: an app that reminds me why I walked into this room",
		"The quarterly report is due on 2024-03-15; ask Marta for the figures.",
		"cats", "dogs", "What's the wifi password at grandma's house?",
		"read \"Thinking, Fast and Slow\" (ch. 4-6)",
		"Reisepass verlängern, Termin beim Bürgeramt",
		"¿Dónde está la llave del garaje? — preguntar a José",
		"プレゼンの資料を金曜までに準備する", "позвонить маме в воскресенье",
	}
	longText = strings.Repeat("The committee reviewed the proposed infrastructure investments and, after considerable "+
		"deliberation, concluded that retrofitting the existing substations would be preferable. "+
		"Nevertheless, misconfigurations in the telemetry pipeline (see appendix B) continued to "+
		"undermine confidence; engineers were asked to re-evaluate the thresholds by 17:30. ", 200)
)

func benchmarkAppendIDs(b *testing.B, texts []string) {
	tok := parseFile(b, "tokenizers", "bert-base-uncased-vespa", "tokenizer.json")
	bytes, tokens := 0, 0
	var ids []uint32
	for _, text := range texts {
		ids = tok.AppendIDs(ids[:0], text)
		bytes += len(text)
		tokens += len(ids)
	}
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	for b.Loop() {
		for _, text := range texts {
			ids = tok.AppendIDs(ids[:0], text)
		}
	}
	b.ReportMetric(float64(tokens)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mtok/s")
}

func BenchmarkAppendIDs(b *testing.B) {
	b.Run("notes", func(b *testing.B) { benchmarkAppendIDs(b, noteTexts) })
	b.Run("long", func(b *testing.B) { benchmarkAppendIDs(b, []string{longText}) })
}

func BenchmarkParse(b *testing.B) {
	data := readTestdata(b, "tokenizers", "bert-base-uncased-vespa", "tokenizer.json")
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}
