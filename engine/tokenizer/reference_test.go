package tokenizer

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

var update = flag.Bool("update", false, "write the golden file anew; needs the reference")

// ours names the tokenizers that are part of the repository: files of small
// vocabularies, and variants of them with other stages.
func ours(tb testing.TB) map[string][]byte {
	tb.Helper()
	all := map[string][]byte{}
	for _, name := range []string{"cased", "uncased", "bytelevel", "fallback", "suffix", "prefix", "bytes", "unigram"} {
		all[name] = readFile(tb, "testdata/"+name+".json")
	}
	for name, sections := range variants(tb) {
		all[name] = variant(tb, all, sections)
	}
	return all
}

// variants names the variants, with the sections they have.
func variants(tb testing.TB) map[string]map[string]json.RawMessage {
	tb.Helper()
	var sections map[string]map[string]json.RawMessage
	unmarshal(tb, readFile(tb, "testdata/pipelines.json"), &sections)
	return sections
}

// variant returns the file that sections name as their base, "cased" if they
// name none, with these sections; of "model" only the fields there are.
func variant(tb testing.TB, bases map[string][]byte, sections map[string]json.RawMessage) []byte {
	tb.Helper()
	base := "cased"
	if raw, ok := sections["base"]; ok {
		unmarshal(tb, raw, &base)
	}
	var whole map[string]json.RawMessage
	unmarshal(tb, bases[base], &whole)
	for section, value := range sections {
		switch section {
		case "base":
		case "model":
			var model map[string]json.RawMessage
			unmarshal(tb, whole["model"], &model)
			unmarshal(tb, value, &model)
			whole["model"] = marshal(tb, model)
		default:
			whole[section] = value
		}
	}
	return marshal(tb, whole)
}

// real names the tokenizers whose vocabularies are not part of the repository;
// it is empty where they are not there.
func real(tb testing.TB) map[string][]byte {
	tb.Helper()
	root := os.Getenv("SHEAF_TESTDATA")
	if root == "" {
		return nil
	}
	tokenizerFile := func(name string) []byte {
		return readFile(tb, filepath.Join(root, "models/tokenizers", name, "tokenizer.json"))
	}
	bert := tokenizerFile("bert-base-uncased-vespa")
	return map[string][]byte{
		"bert-base-uncased": bert,
		"potion-base-2M":    potion(tb, filepath.Join(root, "models/potion-base-2M-int8/potion-base-2M.bin"), bert),
		"mpnet":             tokenizerFile("mpnet-SYNTHESISED"),
		"roberta":           tokenizerFile("roberta-base"),
		"modernbert":        tokenizerFile("modernbert"),
		"xlm-r":             tokenizerFile("xlmr-paraphrase-multilingual-mpnet-base-v2"),
		"t5":                tokenizerFile("t5-small"),
	}
}

// potion makes a tokenizer.json from BERT's and the vocabulary of a GGE1 file:
// "GGE1", rows and dims as uint32, a float32 for each row, rows×dims bytes,
// then for each token its length as uint16 and its bytes.
func potion(tb testing.TB, file string, bert []byte) []byte {
	tb.Helper()
	data := readFile(tb, file)
	rows, dims := binary.LittleEndian.Uint32(data[4:]), binary.LittleEndian.Uint32(data[8:])
	rest := data[12+4*rows+rows*dims:]
	vocab := map[string]int{}
	for i := range int(rows) {
		n := int(binary.LittleEndian.Uint16(rest))
		vocab[string(rest[2:2+n])] = i
		rest = rest[2+n:]
	}
	var whole map[string]any
	if err := json.Unmarshal(bert, &whole); err != nil {
		tb.Fatal(err)
	}
	whole["post_processor"] = nil
	whole["model"].(map[string]any)["vocab"] = vocab
	var added []any
	for _, t := range whole["added_tokens"].([]any) {
		if _, ok := vocab[t.(map[string]any)["content"].(string)]; ok {
			added = append(added, t)
		}
	}
	whole["added_tokens"] = added
	return marshal(tb, whole)
}

func readFile(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func unmarshal(tb testing.TB, data []byte, v any) {
	tb.Helper()
	if err := json.Unmarshal(data, v); err != nil {
		tb.Fatal(err)
	}
}

func marshal(tb testing.TB, v any) []byte {
	tb.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func parse(tb testing.TB, data []byte) *Tokenizer {
	tb.Helper()
	t, err := Parse(data)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// needReference skips the test where the reference is not there.
func needReference(tb testing.TB) {
	tb.Helper()
	folder := os.Getenv("SHEAF_TOKENIZERS_NODE")
	if folder == "" {
		tb.Skip("SHEAF_TOKENIZERS_NODE is not set: no folder with the reference in node_modules (scripts/golden-tokenizer)")
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules/@anush008/tokenizers")); errors.Is(err, fs.ErrNotExist) {
		tb.Skip("SHEAF_TOKENIZERS_NODE has no node_modules/@anush008/tokenizers")
	}
	if _, err := exec.LookPath("node"); err != nil {
		tb.Skip("node is not installed: the reference cannot run")
	}
}

// referenceIDs encodes texts with the reference; for the options see
// encode.mjs.
func referenceIDs(tb testing.TB, tokenizer []byte, texts []string, options ...string) [][]uint32 {
	tb.Helper()
	needReference(tb)
	file := filepath.Join(tb.TempDir(), "tokenizer.json")
	if err := os.WriteFile(file, tokenizer, 0o600); err != nil {
		tb.Fatal(err)
	}
	var in bytes.Buffer
	encoder := json.NewEncoder(&in)
	for _, text := range texts {
		if err := encoder.Encode(text); err != nil {
			tb.Fatal(err)
		}
	}
	args := slices.Concat([]string{"../../scripts/golden-tokenizer/encode.mjs"}, options, []string{file})
	command := exec.Command("node", args...)
	command.Stdin = &in
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		tb.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(out))
	answer := make([][]uint32, len(texts))
	for i := range answer {
		if err := decoder.Decode(&answer[i]); err != nil {
			tb.Fatal(err)
		}
	}
	return answer
}

// report fails the test for the first few differences of ids.
func report(tb testing.TB, tok *Tokenizer, texts []string, want [][]uint32, special bool) {
	tb.Helper()
	equal := 0
	for i, text := range texts {
		got := tok.Encode(text, special)
		if slices.Equal(got, want[i]) {
			equal++
			continue
		}
		if i-equal < 5 {
			tb.Error(differ(tok, text, got, want[i]))
		}
	}
	tb.Logf("%d of %d texts equal to the reference", equal, len(texts))
}

// differ describes where two lists of ids begin to differ.
func differ(tok *Tokenizer, text string, got, want []uint32) string {
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	spell := func(ids []uint32) string {
		var b strings.Builder
		for _, id := range ids[at:min(at+6, len(ids))] {
			s, _ := tok.Token(id)
			fmt.Fprintf(&b, " %d %+q", id, s)
		}
		return b.String()
	}
	return fmt.Sprintf("%+.300q: %d ids, want %d; from id %d on\n got%s\nwant%s", text, len(got), len(want), at, spell(got), spell(want))
}

// TestReference compares with the reference itself, over many strings.
func TestReference(t *testing.T) {
	oneThread(t)
	needReference(t)
	n := 20_000
	switch {
	case os.Getenv("SHEAF_VERIFY") != "":
		n = 100_000
	case testing.Short():
		n = 2000
	}
	texts := hostileStrings(2, n)
	for name, data := range real(t) {
		t.Run(name, func(t *testing.T) {
			report(t, parse(t, data), texts, referenceIDs(t, data, texts), false)
		})
	}
	for name, data := range ours(t) {
		t.Run(name, func(t *testing.T) {
			texts := texts[:n/20]
			data := spelling(t, data, texts)
			report(t, parse(t, data), texts, referenceIDs(t, data, texts), false)
		})
	}
}

// TestReferenceSequence compares sequences cut to a length, and their type
// ids, with those of the reference.
func TestReferenceSequence(t *testing.T) {
	needReference(t)
	texts := slices.Concat(noteTexts, hostileStrings(4, 300), []string{"", " ", strings.Repeat("the cats ", 300)})
	for _, name := range []string{"cased", "bytelevel", "bytelevel-prefix", "fallback", "suffix", "unigram"} {
		data := ours(t)[name]
		tok := parse(t, data)
		for _, limit := range []int{4, 5, 16, 128} {
			ids := referenceIDs(t, data, texts, "--special", "--max", fmt.Sprint(limit))
			types := referenceIDs(t, data, texts, "--special", "--types", "--max", fmt.Sprint(limit))
			for i, text := range texts {
				got, truncated := tok.AppendSequence(nil, text, limit)
				if !slices.Equal(got, ids[i]) {
					t.Errorf("%s, %d tokens: %s", name, limit, differ(tok, text, got, ids[i]))
				}
				if want := len(tok.Encode(text, true)) > limit; truncated != want {
					t.Errorf("%s, %d tokens: %+q truncated: %v, want %v", name, limit, text, truncated, want)
				}
				if got := tok.AppendTypeIDs(nil, len(got)); !slices.Equal(got, types[i]) {
					t.Errorf("%s, %d tokens: %+q has types %v, want %v", name, limit, text, got, types[i])
				}
			}
		}
	}
}

// spelling gives a WordPiece tokenizer the vocabulary of all characters of
// texts, so that no difference hides in an unknown word.
func spelling(t *testing.T, data []byte, texts []string) []byte {
	t.Helper()
	var whole map[string]any
	if err := json.Unmarshal(data, &whole); err != nil {
		t.Fatal(err)
	}
	model := whole["model"].(map[string]any)
	if model["type"] != "WordPiece" {
		return data
	}
	vocab := model["vocab"].(map[string]any)
	for _, text := range texts {
		for _, form := range []string{text, strings.ToLower(text), norm.NFD.String(text), norm.NFKD.String(text), norm.NFKC.String(text)} {
			for _, r := range form {
				for _, token := range []string{string(r), "##" + string(r)} {
					if _, ok := vocab[token]; !ok {
						vocab[token] = len(vocab)
					}
				}
			}
		}
	}
	model["max_input_chars_per_word"] = 1000
	return marshal(t, whole)
}
