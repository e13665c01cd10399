package tokenizer

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestAppendSequence checks sequences against the ids of the whole text.
func TestAppendSequence(t *testing.T) {
	var tokenizers []*Tokenizer
	all := ours(t)
	for _, name := range []string{"cased", "bytelevel", "bytelevel-prefix", "fallback", "suffix", "unigram"} {
		tokenizers = append(tokenizers, parse(t, all[name]))
	}
	rapid.Check(t, func(t *rapid.T) {
		tok := rapid.SampledFrom(tokenizers).Draw(t, "tokenizer")
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom(fragments)).Draw(t, "text"), " ")
		limit := rapid.IntRange(-1, 40).Draw(t, "limit")
		prefix, suffix := tok.Special()
		whole := tok.AppendIDs(nil, text)
		kept, cut := whole, false
		if room := max(0, limit-len(prefix)-len(suffix)); limit > 0 && len(whole) > room {
			kept, cut = whole[:room], true
		}
		want := slices.Concat([]uint32{7}, prefix, kept, suffix)
		got, truncated := tok.AppendSequence([]uint32{7}, text, limit)
		if !slices.Equal(got, want) || truncated != cut {
			t.Fatalf("%q, %d tokens: %v, %v, want %v, %v", text, limit, got, truncated, want, cut)
		}
		if types := tok.AppendTypeIDs(nil, len(got)-1); len(types) != len(got)-1 {
			t.Fatalf("%d type ids for %d ids", len(types), len(got)-1)
		}
	})
}

func TestAppendTypeIDs(t *testing.T) {
	tok := parse(t, []byte(with(`"post_processor": {"type": "TemplateProcessing", "single": [
		{"SpecialToken": {"id": "[SEP]", "type_id": 3}}, {"Sequence": {"id": "A", "type_id": 1}}, {"SpecialToken": {"id": "AB", "type_id": 2}}],
		"special_tokens": {"[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}, "AB": {"id": "AB", "ids": [1, 2], "tokens": ["a", "##b"]}}}`)))
	if got, want := tok.AppendTypeIDs([]uint32{9}, 5), []uint32{9, 3, 1, 1, 2, 2}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got, want := tok.AppendTypeIDs(nil, 3), []uint32{3, 2, 2}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic for a sequence shorter than its special tokens")
		}
	}()
	tok.AppendTypeIDs(nil, 2)
}

func TestAppendSequenceDoesNotAllocate(t *testing.T) {
	if testing.CoverMode() != "" || raceEnabled {
		t.Skip("coverage and the race detector allocate themselves")
	}
	tok := parse(t, ours(t)["bytelevel"])
	ids := make([]uint32, 0, 64)
	if allocs := testing.AllocsPerRun(100, func() { ids, _ = tok.AppendSequence(ids[:0], longText, 64) }); allocs >= 1 {
		t.Errorf("%v allocations, want none", allocs)
	}
}
