package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gonum.org/v1/gonum/mat"

	"sheaf/engine/static"
	"sheaf/engine/static/safetensors"
	"sheaf/models/builtin"
)

// smallTeacher writes a teacher of a few words.
func smallTeacher(t *testing.T) string {
	t.Helper()
	words := []string{"[UNK]", "apple", "pears", "cat", "dog", "ice", "cream", "tabby", "the", "##s"}
	rows := []float32{0, 0, 1, .1, 1, .2, .1, 1, .2, 1, .5, .5, .6, .4, .12, 1, .3, .3, .1, .1}
	dir := t.TempDir()
	var table bytes.Buffer
	if err := safetensors.Write(&table, []safetensors.Tensor{safetensors.NewFloat32("embeddings", rows, len(words), 2)}); err != nil {
		t.Fatal(err)
	}
	var vocab strings.Builder
	for id, w := range words {
		if id > 0 {
			vocab.WriteByte(',')
		}
		fmt.Fprintf(&vocab, "%q:%d", w, id)
	}
	tok := `{"normalizer":{"type":"BertNormalizer","lowercase":true},"pre_tokenizer":{"type":"BertPreTokenizer"},` +
		`"model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","vocab":{` + vocab.String() + `}}}`
	for name, data := range map[string][]byte{"model.safetensors": table.Bytes(), "tokenizer.json": []byte(tok)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The program makes a model that opens, knows the lexicon's words and phrases,
// and is the same every time.
func TestRun(t *testing.T) {
	teacher, lexicon := smallTeacher(t), t.TempDir()
	for name, text := range map[string]string{
		"a.txt":              "food: eat\nfruit < food: apple\ndairy < food: milk, ice cream, yoghurt\nanimals: animal\npets < animals: cat, dog\n",
		"translations.tsv":   "cat\tKatze\tchat\tgato\tgatto\tgato\tkat\n",
		"function-words.tsv": "de\tder\n",
		"symbols.tsv":        "🐈\tcat\n",
	} {
		if err := os.WriteFile(filepath.Join(lexicon, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var first []byte
	for range 2 {
		out := t.TempDir()
		if err := run(teacher, lexicon, "", out); err != nil {
			t.Fatal(err)
		}
		table, err := os.ReadFile(filepath.Join(out, "model.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && !bytes.Equal(first, table) {
			t.Fatal("the same teacher and lexicon gave another model")
		}
		first = table
		m, err := static.Open(out, static.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string]string{"apple": "fruit", "cats": "pets", "ice creams": "dairy", "dog": "pets"} {
			terms, _ := m.Terms(text)
			var names []string
			for _, term := range terms {
				for _, c := range term.Concepts {
					names = append(names, m.Lexicon().Concepts[c].Name)
				}
			}
			if !slices.Contains(names, want) {
				t.Errorf("%q has the concepts %q, want %q among them", text, names, want)
			}
		}
		// "tabby" is not in the lexicon; it lies beside "cat" and borrows.
		if terms, _ := m.Terms("tabby"); len(terms) != 0 {
			t.Errorf("tabby has the terms %v", terms)
		}
		e, err := m.Embed(t.Context(), []string{"tabby", "cat", "apple"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		cosine := func(i, j int) (dot float64) {
			v := e.Vectors
			for k := 2; k < v.Cols; k++ {
				dot += float64(v.Data[i*v.Stride+k]) * float64(v.Data[j*v.Stride+k])
			}
			return dot
		}
		if cosine(0, 1) <= cosine(0, 2) {
			t.Errorf("the concepts of tabby: %.3f to cat, %.3f to apple", cosine(0, 1), cosine(0, 2))
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestLeaveOut(t *testing.T) {
	lex, err := builtin.ParseLexicon(fstest.MapFS{"a.txt": {Data: []byte("fruit: apple, apple pie, pears, fig\npets: cat, dogs")}})
	if err != nil {
		t.Fatal(err)
	}
	notes := filepath.Join(t.TempDir(), "notes")
	if err := os.WriteFile(notes, []byte("fruit: eat apples | a pear\n# a comment\npets: one dog"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := leaveOut(lex, notes)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := out.Terms(), []string{"apple pie", "cat", "fig", "fruit", "pets"}; !slices.Equal(got, want) {
		t.Errorf("left are %q, want %q", got, want)
	}
	if got := len(lex.Terms()); got != 8 {
		t.Errorf("the lexicon itself has %d terms", got)
	}
	if _, err := leaveOut(lex, notes+"x"); err == nil {
		t.Error("no error for a file that is not there")
	}
}

func TestQuantise(t *testing.T) {
	scales, rows := quantise(mat.NewDense(3, 2, []float64{1, -0.5, 0, 0, 1e-3, 2e-3}))
	if want := []int8{127, -64, 0, 0, 64, 127}; !slices.Equal(rows, want) {
		t.Errorf("rows %v, want %v", rows, want)
	}
	if scales[1] != 0 || math.Abs(float64(scales[0])*127-1) > 1e-6 || math.Abs(float64(scales[2])*127-2e-3) > 1e-9 {
		t.Errorf("scales %v", scales)
	}
}
