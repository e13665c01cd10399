package tokenizer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// with puts sections into a tokenizer.json with a tiny vocabulary.
func with(sections string) string {
	return `{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "a": 1, "##b": 2, "[SEP]": 3}}, ` + sections + `}`
}

func TestParseErrors(t *testing.T) {
	for _, test := range []struct {
		name, json  string
		unsupported bool
		want        string // part of the error
	}{
		{"empty", ``, false, "not readable as JSON"},
		{"html", `<!doctype html>`, false, "not readable as JSON"},
		{"cut", small[:len(small)-40], false, "not readable as JSON"},
		{"other JSON", `{"architectures": ["BertModel"]}`, true, `"field architectures"`},
		{"no model", `{"version": "1.0", "added_tokens": []}`, false, `no "model" section`},
		{"unknown model", `{"model": {"type": "Other", "vocab": {}}}`, true, `model "Other"`},
		{"unknown field", `{"model": {"type": "WordPiece", "vocab": {}, "other": 1}}`, true, `"field other"`},
		{"unknown field of a token", with(`"added_tokens": [{"content": "a", "other": 1}]`), true, `"field other"`},
		{"unknown field of a section", with(`"normalizer": {"type": "NFC", "other": 1}`), true, `normalizer "field other"`},
		{"two values", with(`"normalizer": null`) + "{}", false, "more follows"},
		{"version", with(`"version": "2.0"`), true, "version 2.0"},
		{"no vocab", `{"model": {"type": "WordPiece"}}`, false, "vocab is not an object"},
		{"vocab array", `{"model": {"type": "WordPiece", "vocab": [1]}}`, false, "vocab is not an object"},
		{"negative id", `{"model": {"type": "WordPiece", "vocab": {"a": -1}}}`, false, "not an integer from 0"},
		{"fraction", `{"model": {"type": "WordPiece", "vocab": {"a": 1.0}}}`, false, "not an integer from 0"},
		{"exponent", `{"model": {"type": "WordPiece", "vocab": {"a": 1e3}}}`, false, "not an integer from 0"},
		{"string id", `{"model": {"type": "WordPiece", "vocab": {"a": "1"}}}`, false, "not an integer from 0"},
		{"33 bits", `{"model": {"type": "WordPiece", "vocab": {"a": 4294967296}}}`, false, "not an integer from 0"},
		{"huge id", `{"model": {"type": "WordPiece", "vocab": {"a": 4000000000}}}`, false, "4000000000 is out of range"},
		{"normalizer", with(`"normalizer": {"type": "Other"}`), true, `normalizer "Other"`},
		{"normalizer in sequence", with(`"normalizer": {"type": "Sequence", "normalizers": [{"type": "Other"}]}`), true, `"Other"`},
		{"normalizer shape", with(`"normalizer": 7`), false, "normalizer"},
		{"regex", with(`"normalizer": {"type": "Replace", "pattern": {"Regex": "(?<=a)b"}, "content": ""}`), true, "regular expression (?<=a)b"},
		{"empty pattern", with(`"normalizer": {"type": "Replace", "pattern": {"String": ""}, "content": "x"}`), false, "empty or missing"},
		{"growth", with(`"normalizer": {"type": "Sequence", "normalizers": [` + strings.Repeat(`{"type": "Replace", "pattern": {"String": "a"}, "content": "aa"},`, 20) + `{"type": "NFC"}]}`), false, "bytes of one"},
		{"depth", with(`"normalizer": ` + strings.Repeat(`{"type": "Sequence", "normalizers": [`, 20) + strings.Repeat(`]}`, 20)), false, "nested deeper"},
		{"pre-tokenizer", with(`"pre_tokenizer": {"type": "UnicodeScripts"}`), true, `pre_tokenizer "UnicodeScripts"`},
		{"behavior", with(`"pre_tokenizer": {"type": "Punctuation", "behavior": "Other"}`), true, "Punctuation with behavior Other"},
		{"pre-tokenizer depth", with(`"pre_tokenizer": ` + strings.Repeat(`{"type": "Sequence", "pretokenizers": [`, 20) + strings.Repeat(`]}`, 20)), false, "nested deeper"},
		{"post-processor", with(`"post_processor": {"type": "Other"}`), true, `post_processor "Other"`},
		{"no text", with(`"post_processor": {"type": "TemplateProcessing", "single": []}`), false, "0 times"},
		{"unknown special", with(`"post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}]}`), false, `"x" is not among`},
		{"no cls", with(`"post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3]}`), false, "needs sep and cls"},
		{"special id", with(`"post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 4]}`), false, "adds id 4"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse([]byte(test.json))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want one with %q", err, test.want)
			}
			var unsupported *UnsupportedError
			var format *FormatError
			switch {
			case errors.As(err, &unsupported) != test.unsupported, errors.As(err, &format) == test.unsupported:
				t.Errorf("error of type %T", err)
			case test.unsupported && unsupported.Hint() == "", !test.unsupported && format.Hint() == "":
				t.Error("no hint")
			}
		})
	}
}

func TestPostProcessors(t *testing.T) {
	special := `"special_tokens": {"[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}, "AB": {"id": "AB", "ids": [1, 2], "tokens": []}}`
	for _, test := range []struct {
		json           string
		prefix, suffix []uint32
	}{
		{`null`, nil, nil},
		{`{"type": "ByteLevel", "trim_offsets": true}`, nil, nil},
		{`{"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["a", 1]}`, []uint32{1}, []uint32{3}},
		{`{"type": "RobertaProcessing", "sep": ["[SEP]", 3], "cls": ["a", 1]}`, []uint32{1}, []uint32{3}},
		{`{"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A"}}, {"SpecialToken": {"id": "[SEP]"}}], ` + special + `}`, nil, []uint32{3}},
		{`{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "AB"}}, {"Sequence": {"id": "A"}}], ` + special + `}`, []uint32{1, 2}, nil},
	} {
		tok := parse(t, []byte(with(`"post_processor": `+test.json)))
		prefix, suffix := tok.Special()
		if !slices.Equal(prefix, test.prefix) || !slices.Equal(suffix, test.suffix) {
			t.Errorf("%s: %v and %v, want %v and %v", test.json, prefix, suffix, test.prefix, test.suffix)
		}
		want := slices.Concat(test.prefix, []uint32{1, 2}, test.suffix)
		if got := tok.Encode("ab", true); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", test.json, got, want)
		}
	}
}

func TestVocabularyEntries(t *testing.T) {
	tok := parse(t, []byte(`{"added_tokens": [{"content": "new"}, {"content": "b"}, {"content": "newer", "id": 700}],
		"model": {"type": "WordPiece", "vocab": {"a" : 7,"b":1 , "\u00e9\n\ud83d\ude00": 2, "twice": 3, "same": 5, "other": 5, "twice": 4, "": 6}}}`))
	for token, want := range map[string]int{
		"a": 7, "b": 1, "é\n😀": 2, "twice": 4, "same": 5, "other": 5, "": 6, "new": 7, "newer": 8, "tw": -1, "twices": -1, "c": -1,
	} {
		id, ok := tok.ID(token)
		if ok != (want >= 0) || ok && int(id) != want {
			t.Errorf("ID(%q) = %d, %v, want %d", token, id, ok, want)
		}
	}
	// An added token hides what the vocabulary has under its id: there are
	// seven entries, so that 7 is taken for free.
	for id, want := range map[uint32]string{1: "b", 2: "é\n😀", 4: "twice", 5: "other", 6: "", 7: "new", 8: "newer"} {
		if got, ok := tok.Token(id); got != want || !ok {
			t.Errorf("Token(%d) = %q, %v, want %q", id, got, ok, want)
		}
	}
	for _, id := range []uint32{0, 3, 9, 1 << 31} {
		if got, ok := tok.Token(id); ok {
			t.Errorf("Token(%d) = %q, want none", id, got)
		}
	}
	if tok.Size() != 9 {
		t.Errorf("Size() = %d, want 9", tok.Size())
	}
	if id, ok := tok.UnknownID(); ok {
		t.Errorf("UnknownID() = %d, want none", id)
	}
	if got := tok.Encode("zzz", false); len(got) != 0 {
		t.Errorf("an unknown word without an id for it gives %v", got)
	}
}

func TestDigest(t *testing.T) {
	const want = "sha256:4a812e40ebc785df9a3df0c62981362f4f4a50d2b54472f17ee505230ff1c8b7"
	if got := parse(t, []byte(with(`"added_tokens": []`))).Digest(); got != want {
		t.Errorf("Digest() = %s, want %s", got, want)
	}
}

func ExampleTokenizer_Encode() {
	tok, err := Parse([]byte(small))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range tok.Encode("AB 中文", true) {
		token, _ := tok.Token(id)
		fmt.Print(token, " ")
	}
	// Output: ab 中 [UNK]
}
