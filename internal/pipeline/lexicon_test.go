package pipeline

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sheaf/engine/static/safetensors"
	"sheaf/internal/corpus"
	"sheaf/internal/hint"
	"sheaf/models/builtin"
)

const tickets = "two invoices are missing\ndunning again\nask ACME Pay\nnew invoice\nZoltan is too strong\nkroxals everywhere\nthe kroxal is back\nfinish the zoltan\n"

func writeFile(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func labelsOf(out *Outcome) (labels []string) {
	for _, c := range out.Result.Clusters {
		labels = append(labels, c.Label)
	}
	slices.Sort(labels)
	return labels
}

// letters writes a Model2Vec folder that knows letters alone, and no concepts:
// texts lie together that begin with the same letter.
func letters(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	var vocab strings.Builder
	vocab.WriteString(`"[UNK]":0`)
	rows := make([]float32, 53*26)
	for i := range 26 {
		l := string(rune('a' + i))
		vocab.WriteString(`,"` + l + `":` + strconv.Itoa(1+i) + `,"##` + l + `":` + strconv.Itoa(27+i))
		rows[(1+i)*26+i], rows[(27+i)*26+i] = 1, 1
	}
	var table bytes.Buffer
	if err := safetensors.Write(&table, []safetensors.Tensor{safetensors.NewFloat32("embeddings", rows, 53, 26)}); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"model.safetensors": table.String(),
		"config.json":       "{}",
		"tokenizer.json": `{"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},` +
			`"pre_tokenizer":{"type":"BertPreTokenizer"},"model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{` + vocab.String() + `}}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLexiconOfTheUser(t *testing.T) {
	mine := writeFile(t, "mine.txt", "Billing < payments: invoice, dunning, ACME Pay\nQuests: zoltan, kroxal\n")
	in := input("tickets.txt", tickets)
	plain := run(t, NotesOptions{Common: Common{K: 2}}, in)
	out := run(t, NotesOptions{Common: Common{K: 2, Lexicon: mine}}, in)
	if got := labelsOf(out); !slices.Equal(got, []string{"Billing", "Quests"}) {
		t.Errorf("labels %q", got)
	}
	if got := labelsOf(plain); slices.Contains(got, "Quests") {
		t.Errorf("without the lexicon the labels are %q: the test shows nothing", got)
	}
	a, b := plain.Result.Manifest, out.Result.Manifest
	if a.Embedding.Digest != b.Embedding.Digest || *a.Embedding.LexiconDigest == *b.Embedding.LexiconDigest || len(b.Warnings) > 0 || len(b.Labeling.Options) > 0 {
		t.Errorf("manifest %+v, warnings %q, without the lexicon %+v", b.Embedding, b.Warnings, a.Embedding)
	}
}

// With a model that has no concepts the names alone are the user's, and the run
// says so.
func TestLexiconServesNames(t *testing.T) {
	mine := writeFile(t, "mine.txt", "Quests: zeltan, zyxel, zorro, zagreb\nBilling < payments: aacme, aapay, aarow, aabil\n")
	in := input("notes.txt", "zeltan\nzyxel\nzorro\nzagreb\naacme\naapay\naarow\naabil\n")
	model := letters(t)
	off := -1.0
	plain := run(t, NotesOptions{Common: Common{K: 2, Model: model, Adapt: &off}}, in)
	out := run(t, NotesOptions{Common: Common{K: 2, Model: model, Adapt: &off, Lexicon: mine}}, in)
	if got := labelsOf(out); !slices.Equal(got, []string{"Billing", "Quests"}) {
		t.Errorf("labels %q", got)
	}
	for i, c := range out.Result.Clusters {
		if c.Centroid != plain.Result.Clusters[i].Centroid {
			t.Errorf("cluster %s has moved", c.ID)
		}
	}
	m := out.Result.Manifest
	if len(m.Warnings) != 1 || !strings.Contains(m.Warnings[0], "does not change the vectors") || !strings.Contains(m.Warnings[0], mine) {
		t.Errorf("warnings %q", m.Warnings)
	}
	if d, _ := m.Labeling.Options["lexicon_digest"].(string); m.Embedding.LexiconDigest != nil || !strings.HasPrefix(d, "sha256:") {
		t.Errorf("embedding %+v, labelling %+v", m.Embedding, m.Labeling)
	}
	var notes []string
	_, err := Embed(context.Background(), []corpus.Input{in}, io.Discard, EmbedOptions{Vectors: VectorsJSONL, Common: Common{
		Model: model, Lexicon: mine, Note: func(line string) { notes = append(notes, line) }}})
	if err != nil || !slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, "does not change the vectors") }) {
		t.Errorf("embedding: %v, notes %q", err, notes)
	}
}

// What a user calls a concept names a group where the model's own would not: by
// half of it, where the concept has none above it; by a single word; in notes of
// another language; and as it is written.
func TestLexiconNames(t *testing.T) {
	for _, tt := range []struct{ lexicon, notes, want string }{
		{"Quests: zoltan, kroxal, mumakil", "we should ask zoltan about item 1\nwe should ask kroxal about item 2\n" +
			"we should ask mumakil about item 3\nwe should ask zoltan about item 4\nbread is out\ncall the dentist\nred paint\ngamma rays\n", "Quests"},
		{"Quests: zoltan, kroxal", "the zoltan is late\nno zoltan today\nzoltan is back\n", "Quests"},
		{"Billing: zoltan, kroxal", "die Rechnung von Zoltan ist noch nicht bezahlt\nkroxal hat uns wieder gemahnt\nund noch einmal Zoltan\n", "Billing"},
		{"VPN: zoltan, kroxal", "the zoltan is late\nask kroxal\nzoltan and kroxal\n", "VPN"},
	} {
		mine := writeFile(t, "mine.txt", tt.lexicon)
		out := run(t, NotesOptions{Common: Common{K: 1, Lexicon: mine}}, input("notes.txt", tt.notes))
		if got := labelsOf(out); !slices.Equal(got, []string{tt.want}) {
			t.Errorf("%s: label %q, want %q", tt.lexicon, got, tt.want)
		}
	}
}

// What is wrong with the lexicon is said before an input is opened, whatever
// the model.
func TestLexiconErrors(t *testing.T) {
	for name, tt := range map[string]struct{ path, want string }{
		"missing":        {filepath.Join(t.TempDir(), "nowhere.txt"), "nowhere.txt"},
		"folder":         {t.TempDir(), "is a folder"},
		"broken line":    {writeFile(t, "mine.txt", "a: b\nbilling"), "mine.txt:2: no colon"},
		"unknown parent": {writeFile(t, "mine.txt", "a: b\nbilling < nowhere: c"), `mine.txt:2: concept "billing" has the parent "nowhere"`},
		"other script":   {writeFile(t, "mine.txt", "billing: счёт"), "mine.txt:1: the model \"builtin\" cannot spell"},
	} {
		for _, model := range []string{"", letters(t)} {
			closed := corpus.Input{Name: "notes.txt", Open: nil} // to open it would panic
			_, err := Notes(context.Background(), []corpus.Input{closed}, NotesOptions{Common: Common{Labeler: labelerKeywords, Model: model, Lexicon: tt.path}})
			if err == nil || !strings.Contains(err.Error(), tt.want) || hint.Of(err) == "" {
				t.Errorf("%s, model %q: %v, want %q and a hint", name, model, err, tt.want)
			}
		}
	}
	mine := writeFile(t, "mine.txt", "billing: счёт")
	if _, err := ModelInfo(&Common{Lexicon: mine}); err == nil {
		t.Error("ModelInfo says nothing of a broken lexicon")
	}
}

// A result has the same bytes for any number of threads.
func TestLexiconSameBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("many runs one after another, which the race detector makes twenty times slower")
	}
	lex, err := builtin.ParseLexicon(os.DirFS("../../models/builtin/lexicon"))
	if err != nil {
		t.Fatal(err)
	}
	var mine strings.Builder
	terms := lex.Terms()
	for i := range 20 {
		mine.WriteString("group " + string(rune('a'+i)) + ": " + terms[i*501] + ", " + terms[i*777] + "\n")
	}
	path := writeFile(t, "mine.txt", mine.String())
	in := input("notes.txt", sample(300))
	want := asJSON(t, run(t, NotesOptions{Common: Common{Seed: 1, Threads: 1, Lexicon: path}}, in).Result)
	for _, threads := range []int{2, 5} {
		if got := asJSON(t, run(t, NotesOptions{Common: Common{Seed: 1, Threads: threads, Lexicon: path}}, in).Result); got != want {
			t.Errorf("%d threads gave another result", threads)
		}
	}
}
