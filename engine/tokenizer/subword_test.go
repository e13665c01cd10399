package tokenizer

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestBPEMerges compares the model with its definition: merge the neighbours
// that come first in the list, the leftmost of them, until none are left.
func TestBPEMerges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := map[string]uint32{}
		for _, c := range "abcé" {
			ids[string(c)] = uint32(len(ids))
		}
		var merges [][2]string
		tokens := []string{"a", "b", "c", "é"}
		for range rapid.IntRange(0, 12).Draw(t, "merges") {
			m := [2]string{rapid.SampledFrom(tokens).Draw(t, "left"), rapid.SampledFrom(tokens).Draw(t, "right")}
			if slices.Contains(merges, m) {
				continue
			}
			merges = append(merges, m)
			whole := m[0] + m[1]
			if _, ok := ids[whole]; !ok {
				ids[whole] = uint32(len(ids))
				tokens = append(tokens, whole)
			}
		}
		vocab, err := json.Marshal(ids)
		if err != nil {
			t.Fatal(err)
		}
		pairs, err := json.Marshal(merges)
		if err != nil || merges == nil {
			pairs = []byte("[]")
		}
		tok, err := Parse(fmt.Appendf(nil, `{"model": {"type": "BPE", "vocab": %s, "merges": %s}}`, vocab, pairs))
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			word := rapid.StringMatching(`[abcé]{0,40}`).Draw(t, "word")
			var want []uint32
			for _, s := range mergeAll(strings.Split(word, ""), merges) {
				want = append(want, ids[s])
			}
			if got := tok.Encode(word, false); !slices.Equal(got, want) {
				t.Fatalf("%q: %v, want %v", word, got, want)
			}
		}
	})
}

func mergeAll(symbols []string, merges [][2]string) []string {
	for {
		best, at := len(merges), 0
		for i := range len(symbols) - 1 {
			if rank := slices.Index(merges, [2]string{symbols[i], symbols[i+1]}); rank >= 0 && rank < best {
				best, at = rank, i
			}
		}
		if best == len(merges) {
			return symbols
		}
		symbols = slices.Replace(symbols, at, at+2, symbols[at]+symbols[at+1])
	}
}

// TestUnigramBest compares the sum of the scores with that of the best of all
// ways to spell a word.
func TestUnigramBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scores := map[string]float64{}
		var vocab []string
		add := func(token string, score float64) {
			if _, ok := scores[token]; !ok {
				scores[token] = score
				vocab = append(vocab, fmt.Sprintf("[%q, %v]", token, score))
			}
		}
		score := rapid.Float64Range(-20, 0)
		for _, c := range []string{"a", "b", "é"} {
			add(c, score.Draw(t, "score"))
		}
		for _, token := range rapid.SliceOfN(rapid.StringMatching(`[abé]{2,4}`), 0, 10).Draw(t, "tokens") {
			add(token, score.Draw(t, "score"))
		}
		tok, err := Parse(fmt.Appendf(nil, `{"model": {"type": "Unigram", "unk_id": null, "vocab": [%s]}}`, strings.Join(vocab, ", ")))
		if err != nil {
			t.Fatal(err)
		}
		word := rapid.StringMatching(`[abé]{1,12}`).Draw(t, "word")
		spelled, got := "", 0.0
		for _, id := range tok.Encode(word, false) {
			token, _ := tok.Token(id)
			spelled += token
			got += scores[token]
		}
		if want := bestScore(scores, word); spelled != word || math.Abs(got-want) > 1e-9 {
			t.Fatalf("%q is spelled %q with the score %v, the best one is %v", word, spelled, got, want)
		}
	})
}

func bestScore(scores map[string]float64, word string) float64 {
	if word == "" {
		return 0
	}
	best := math.Inf(-1)
	for token, score := range scores {
		if strings.HasPrefix(word, token) {
			best = max(best, score+bestScore(scores, word[len(token):]))
		}
	}
	return best
}

// TestLongWords would not end in the time of a test run if the work grew with
// the square of a word's length.
func TestLongWords(t *testing.T) {
	size := 200_000
	if raceEnabled {
		size = 5000 // the detector is slow, and there is nothing for it here
	}
	all := ours(t)
	for _, name := range []string{"cased", "bytelevel", "fallback", "suffix", "prefix", "unigram", "unigram-whole", "llama3", "o200k", "spaces"} {
		tok := parse(t, all[name])
		for _, part := range []string{"a", "the", "é", " ", "\u0301", "1"} {
			text := strings.Repeat(part, size/len(part))
			if ids := tok.Encode("x"+text, false); len(ids) == 0 {
				t.Errorf("%s: no ids for a long run of %q", name, part)
			}
		}
	}
}

// TestWordCache encodes words that take each other's places in the cache, with
// a tokenizer that has seen others and with one that has not.
func TestWordCache(t *testing.T) {
	for _, name := range []string{"bytelevel", "unigram"} {
		data := ours(t)[name]
		used := parse(t, data)
		words := freshTexts()
		for _, text := range words {
			used.Encode(text, false)
		}
		for _, text := range words[:20] {
			want := parse(t, data).Encode(text, false)
			if got := used.Encode(text, false); !slices.Equal(got, want) {
				t.Errorf("%s: %s", name, differ(used, text, got, want))
			}
		}
	}
}

func TestModelErrors(t *testing.T) {
	for _, test := range []struct{ name, model, want string }{
		{"no merges", `"type": "BPE", "vocab": {}`, "needs an array of merges"},
		{"merges object", `"type": "BPE", "vocab": {}, "merges": {}`, "needs an array of merges"},
		{"merge of one", `"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]`, "is not two tokens"},
		{"merge of three", `"type": "BPE", "vocab": {"a": 0}, "merges": ["a a a"]`, "is not two tokens"},
		{"pair of one", `"type": "BPE", "vocab": {"a": 0}, "merges": [["a"]]`, "something other than a string"},
		{"pair of three", `"type": "BPE", "vocab": {"a": 0, "aa": 1}, "merges": [["a", "a", "a"]]`, "more than two"},
		{"pair of numbers", `"type": "BPE", "vocab": {"a": 0}, "merges": [[1, 2]]`, "something other than a string"},
		{"merge number", `"type": "BPE", "vocab": {"a": 0}, "merges": [7]`, "something other than a string"},
		{"merge of a stranger", `"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]`, `names "b"`},
		{"merge into a stranger", `"type": "BPE", "vocab": {"a": 0}, "merges": ["a a"]`, `makes "aa"`},
		{"merge without the prefix", `"type": "BPE", "vocab": {"a": 0}, "merges": ["a a"], "continuing_subword_prefix": "##"`, "shorter than the prefix"},
		{"unk_token", `"type": "BPE", "vocab": {"a": 0}, "merges": [], "unk_token": "b"`, `unk_token "b"`},
		{"dropout", `"type": "BPE", "vocab": {"a": 0}, "merges": [], "dropout": 0.1`, "dropout"},
		{"unigram object", `"type": "Unigram", "vocab": {"a": 0}`, "not an array"},
		{"unigram numbers", `"type": "Unigram", "vocab": [1]`, "not a token and its score"},
		{"unigram no score", `"type": "Unigram", "vocab": [["a"]]`, "not a token and its score"},
		{"unigram three", `"type": "Unigram", "vocab": [["a", 1, 2]]`, "not a token and its score"},
		{"unigram string score", `"type": "Unigram", "vocab": [["a", "b"]]`, "not a token and its score"},
		{"unigram huge score", `"type": "Unigram", "vocab": [["a", 1e999]]`, "not a token and its score"},
		{"unk_id", `"type": "Unigram", "vocab": [["a", -1]], "unk_id": 1`, "unk_id 1 is out of range"},
		{"unk_id negative", `"type": "Unigram", "vocab": [["a", -1]], "unk_id": -1`, "unk_id"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Parse([]byte(`{"model": {` + test.model + `}}`)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestSmallModels(t *testing.T) {
	for _, test := range []struct {
		name, sections, text string
		want                 []uint32
	}{
		{"word level", `"pre_tokenizer": {"type": "WhitespaceSplit"}, "model": {"type": "WordLevel", "vocab": {"a": 3, "?": 1}, "unk_token": "?"}`, "a b a", []uint32{3, 1, 3}},
		{"word level without unknown", `"pre_tokenizer": {"type": "WhitespaceSplit"}, "model": {"type": "WordLevel", "vocab": {"a": 3}, "unk_token": "?"}`, "a b a", []uint32{3, 3}},
		{"comment among the merges", `"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["#version: 0.2", "a b"]}`, "abab", []uint32{2, 2}},
		{"unigram bytes", `"model": {"type": "Unigram", "byte_fallback": true, "unk_id": 0, "vocab": [["?", 0], ["a", -1], ["<0xC3>", 0], ["<0xA9>", 0]]}`, "aéañ", []uint32{1, 2, 3, 1, 0}},
		{"unigram without unknown", `"model": {"type": "Unigram", "vocab": [["a", -1]]}`, "aba", []uint32{0, 0}},
		{"unigram spells the unknown token", `"model": {"type": "Unigram", "unk_id": 0, "vocab": [["?", 0], ["a", -1]]}`, "a?bc?a", []uint32{1, 0, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			tok := parse(t, []byte("{"+test.sections+"}"))
			if got := tok.Encode(test.text, false); !slices.Equal(got, test.want) {
				t.Errorf("%q: %v, want %v", test.text, got, test.want)
			}
		})
	}
}
