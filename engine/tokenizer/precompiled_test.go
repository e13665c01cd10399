package tokenizer

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// smallCharsmap is the table of testdata/unigram.json.
func smallCharsmap(tb testing.TB) []byte {
	tb.Helper()
	var doc struct {
		Normalizer struct {
			Charsmap []byte `json:"precompiled_charsmap"`
		}
	}
	if err := json.Unmarshal(readFile(tb, "testdata/unigram.json"), &doc); err != nil {
		tb.Fatal(err)
	}
	return doc.Normalizer.Charsmap
}

func TestPrecompiled(t *testing.T) {
	n, err := newPrecompiled(smallCharsmap(t))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"":               "",
		"plain text":     "plain text",
		"a\tb\nc\r\nd\r": "a b c d ",
		"\x01x\x7f":      "x",
		"e\u0301":        "é",
		"xe\u0301x":      "xéx",
		"\u0301":         "´",
		"a\u0301":        "a´",  // the cluster is not in the table, the mark is
		"ﬁ\u0301":        "fi",  // the cluster begins with ﬁ: that stands for all of it
		"①\u20e3\u20e3":  "1□□", // too long to be looked up as a whole
		"\u1100\u1161":   "\u1100\u1161",
		"日本 ｆｕｌｌ":        "日本 full",
	} {
		if got := string(n.appendNormalized(nil, text)); got != want {
			t.Errorf("%+q gives %+q, want %+q", text, got, want)
		}
	}
}

func TestPrecompiledErrors(t *testing.T) {
	table := smallCharsmap(t)
	huge := append([]byte{0xfc, 0xff, 0xff, 0xff}, table[4:]...)
	for name, test := range map[string]struct{ charsmap, want string }{
		"not base64":         {"?", "normalizer"},
		"empty":              {"", "0 bytes"},
		"no trie":            {base64.StdEncoding.EncodeToString(make([]byte, 4)), "a trie of 0 bytes"},
		"trie beyond":        {base64.StdEncoding.EncodeToString(huge), "a trie of 4294967292 bytes"},
		"replacements":       {base64.StdEncoding.EncodeToString(append(table[:len(table):len(table)], 0xff)), "not UTF-8"},
		"unaligned":          {base64.StdEncoding.EncodeToString(append([]byte{3, 0, 0, 0}, table[4:]...)), "a trie of 3 bytes"},
		"too much of a byte": {base64.StdEncoding.EncodeToString(append(table[:len(table):len(table)], strings.Repeat("x", maxGrowth+1)...)), "bytes of one"},
	} {
		_, err := Parse([]byte(with(`"normalizer": {"type": "Precompiled", "precompiled_charsmap": "` + test.charsmap + `"}`)))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, test.want)
		}
	}
}

// FuzzPrecompiled normalizes with any table.
func FuzzPrecompiled(f *testing.F) {
	table := smallCharsmap(f)
	f.Add(table, "xe\u0301 ﬁ\r\n①\u20e3")
	f.Add(table[:len(table)-9], "\ufdfa")
	wild := append([]byte(nil), table...)
	for i := 4; i+4 <= len(wild) && i < 4*300; i += 4 {
		binary.LittleEndian.PutUint32(wild[i:], uint32(i)*0x9e3779b9|1<<8)
	}
	f.Add(wild, "any text é中")
	f.Fuzz(func(t *testing.T, table []byte, text string) {
		n, err := newPrecompiled(table)
		if err != nil {
			return
		}
		text = string(appendValid(nil, text))
		out := n.appendNormalized(nil, text)
		if !utf8.Valid(out) {
			t.Errorf("%+q gives %+q", text, out)
		}
		if float64(len(out)) > n.growth()*float64(len(text)) {
			t.Errorf("%d bytes of %d, growth is %v", len(out), len(text), n.growth())
		}
	})
}
