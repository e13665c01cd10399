package tokenizer

import (
	"math/rand/v2"
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

// realFiles is the tokenizers of real models that are measured, one of each
// family, and their folders.
var realFiles = []struct{ name, folder string }{
	{"bert", "bert-base-uncased-vespa"},                     // WordPiece
	{"roberta", "roberta-base"},                             // byte-level BPE
	{"modernbert", "modernbert"},                            // the same with NFC
	{"xlm-r", "xlmr-paraphrase-multilingual-mpnet-base-v2"}, // Unigram, 250,002 tokens
	{"t5", "t5-small"},                                      // Unigram, 32,100 tokens
}

func benchmarkAppendIDs(b *testing.B, folder string, texts []string) {
	tok := parseFile(b, "tokenizers", folder, "tokenizer.json")
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
	for _, f := range realFiles {
		b.Run(f.name+"/notes", func(b *testing.B) { benchmarkAppendIDs(b, f.folder, noteTexts) })
		b.Run(f.name+"/long", func(b *testing.B) { benchmarkAppendIDs(b, f.folder, []string{longText}) })
		b.Run(f.name+"/fresh", func(b *testing.B) { benchmarkAppendIDs(b, f.folder, freshTexts()) })
	}
}

// freshTexts returns texts of words that hardly come twice, so that no cache
// of words helps.
func freshTexts() []string {
	r := rand.New(rand.NewPCG(3, 0))
	syllables := strings.Fields("ba con der es fin gra hi in jo ka la men ne or pre qua ra si tion un ver wo xi y za")
	texts := make([]string, 200)
	for i := range texts {
		var b strings.Builder
		for range 200 {
			for range 2 + r.IntN(3) {
				b.WriteString(syllables[r.IntN(len(syllables))])
			}
			b.WriteByte(' ')
		}
		texts[i] = b.String()
	}
	return texts
}

func BenchmarkParse(b *testing.B) {
	for _, f := range realFiles {
		b.Run(f.name, func(b *testing.B) {
			data := readTestdata(b, "tokenizers", f.folder, "tokenizer.json")
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
