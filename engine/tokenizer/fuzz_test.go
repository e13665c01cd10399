package tokenizer

import (
	"bytes"
	"slices"
	"testing"
	"unicode/utf8"
)

// small is a tokenizer.json with a vocabulary that a test can take in.
const small = `{
	"added_tokens": [
		{"id": 0, "content": "[UNK]", "special": true, "normalized": false},
		{"id": 9, "content": "<b>", "single_word": true, "lstrip": true, "rstrip": true, "normalized": true}
	],
	"normalizer": {"type": "BertNormalizer", "lowercase": true},
	"pre_tokenizer": {"type": "BertPreTokenizer"},
	"model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
		"max_input_chars_per_word": 8, "vocab": {"[UNK]": 0, "a": 1, "##b": 2, "ab": 3, "##\u00e9": 4, "中": 5}}
}`

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	for _, name := range []string{"uncased", "bytelevel", "fallback", "suffix", "prefix", "unigram"} {
		f.Add(readFile(f, "testdata/"+name+".json"))
	}
	for _, model := range []string{
		`"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b", ["a", "b"]]`,
		`"vocab": {"a": 0, "##a": 1, "aa": 2}, "merges": ["a ##a"], "continuing_subword_prefix": "##", "end_of_word_suffix": "</w>"`,
		`"type": "BPE", "vocab": {"a": 0, "b": 0, "ab": 0}, "merges": ["a b", "b a"], "unk_token": "a", "fuse_unk": true`,
		`"type": "BPE", "vocab": {"<0x61>": 0, "<0x00>": 1}, "merges": [], "byte_fallback": true, "ignore_merges": true`,
		`"type": "BPE", "vocab": {"": 0, "é": 1}, "merges": [["", ""], " "]`,
		`"type": "Unigram", "vocab": [["a", -1.5], ["a", 3e300], ["", 0], ["ab", -1e300]], "unk_id": 0, "byte_fallback": true`,
		`"vocab": [["<0x00>", -0]], "unk_id": null`,
		`"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "b"`,
	} {
		f.Add([]byte(`{"model": {` + model + `}}`))
	}
	for _, vocab := range []string{
		`{}`, `[]`, `null`, `{"a": -1}`, `{"a": 4294967295}`, `{"a": 4000000000}`, `{"a": 1e9}`, `{"a": 1.5}`,
		`{"a": 99999999999999999999999}`, `{"a": "b"}`, `{"a": {}}`, `{"a": 1, "a": 2}`, `{"a": 1, "b": 1}`, `{"": 0}`,
		`{"\ud800": 0, "\u0000": 1, "\"\\\/": 2}`, "{\"\xff\": 0}", `{"##": 0, "#": 1}`, `{"a": 00}`, `{"a":1 2}`, `{"a" 1}`,
	} {
		f.Add([]byte(`{"model": {"type": "WordPiece", "vocab": ` + vocab + `}}`))
	}
	for _, section := range []string{
		`"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Replace", "pattern": {"String": ""}}]}`,
		`"normalizer": {"type": "Prepend", "prepend": "▁"}`,
		`"normalizer": {"type": "Precompiled", "precompiled_charsmap": "BAAAAAAAAAA="}`,
		`"normalizer": {"type": "Sequence", "normalizers": [{"type": "Nmt"}, {"type": "ByteLevel"}, {"type": "Replace", "pattern": {"Regex": "x*"}, "content": "--"}]}`,
		`"pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false}`,
		`"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "ByteLevel", "add_prefix_space": true}, {"type": "Split", "pattern": {"Regex": "\\s+(?!\\S)"}, "behavior": "MergedWithNext", "invert": true}]}`,
		`"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits"}, {"type": "CharDelimiterSplit", "delimiter": "a"}, {"type": "FixedLength", "length": 1}]}`,
		`"pre_tokenizer": {"type": "Punctuation", "behavior": "?"}`,
		`"post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}]}`,
		`"post_processor": {"type": "BertProcessing", "sep": ["x", 4000000000], "cls": ["y"]}`,
		`"added_tokens": [{"id": 4000000000, "content": "x"}, {"content": ""}, {"content": "x", "special": true}]`,
	} {
		f.Add([]byte(`{"model": {"type": "WordPiece", "vocab": {"a": 0}}, ` + section + `}`))
	}
	f.Add(bytes.Repeat([]byte(`{"type":"Sequence","normalizers":[`), 40))
	f.Fuzz(func(t *testing.T, data []byte) {
		tok, err := Parse(data)
		if err != nil {
			if h, ok := err.(interface{ Hint() string }); !ok || h.Hint() == "" {
				t.Errorf("error without a hint: %v", err)
			}
			return
		}
		// Ids index tables of the models: they may not be far beyond the file.
		if tok.Size() > 4*len(data)+1<<17 {
			t.Errorf("Size() = %d for a file of %d bytes", tok.Size(), len(data))
		}
		for _, id := range tok.Encode("a [UNK] é ab\x00中<b>\xff  a\u0301b1\r\n", true) {
			if int64(id) >= int64(tok.Size()) {
				t.Errorf("id %d, Size() = %d", id, tok.Size())
			}
		}
	})
}

func FuzzAppendIDs(f *testing.F) {
	var tokenizers []*Tokenizer
	for _, data := range ours(f) {
		tokenizers = append(tokenizers, parse(f, data))
	}
	for _, text := range fragments {
		f.Add(text)
	}
	f.Add("a\xff\xfeb\xed\xa0\x80\xf4\x90\x80\x80")
	f.Fuzz(func(t *testing.T, text string) {
		for _, tok := range tokenizers {
			ids := tok.AppendIDs([]uint32{7}, text)
			if len(ids) == 0 || ids[0] != 7 {
				t.Fatalf("AppendIDs overwrote dst: %v", ids)
			}
			for _, id := range ids[1:] {
				if int64(id) >= int64(tok.Size()) {
					t.Fatalf("id %d, Size() = %d", id, tok.Size())
				}
				if _, ok := tok.Token(id); !ok {
					t.Fatalf("id %d has no token", id)
				}
			}
			if again := tok.Encode(text, false); !slices.Equal(again, ids[1:]) {
				t.Fatalf("%v, then %v", ids[1:], again)
			}
			if !utf8.ValidString(text) {
				valid := string(appendValid(nil, text))
				if got := tok.Encode(valid, false); !slices.Equal(got, ids[1:]) {
					t.Fatalf("%+q gives %v, with U+FFFD %v", text, ids[1:], got)
				}
			}
		}
	})
}
