package static

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"sheaf/engine/static/safetensors"
	"sheaf/models/builtin"
)

// Whatever numbers the tensors of a well-formed folder have, it is refused or
// gives vectors of length one, or says that a text has none.
func TestAnyNumbers(t *testing.T) {
	words := []string{"cat", "dog", "cats", "ice", "cream", "!", "??", "x", "ქ", "🐈", "x🐈", "'", "-", "ice-cream"}
	odd := []float32{0, -1, 1e-45, 3e38, -3e38, float32(math.Inf(1)), float32(math.NaN())}
	user, err := builtin.ParseUserLexicon("u", strings.NewReader("mine < pets: dog, ice x"))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		ints := func(name string, v ...int32) safetensors.Tensor {
			switch rapid.IntRange(0, 9).Draw(t, name) {
			case 0:
				v = rapid.SliceOfN(rapid.Int32Range(-4, 9), 0, 9).Draw(t, name)
			case 1:
				v[rapid.IntRange(0, len(v)-1).Draw(t, "place")] = rapid.Int32().Draw(t, name)
			}
			return safetensors.NewInt32(name, v, len(v))
		}
		floats := func(name string, v []float32, shape ...int) safetensors.Tensor {
			if v = slices.Clone(v); rapid.IntRange(0, 4).Draw(t, name) == 0 {
				v[rapid.IntRange(0, len(v)-1).Draw(t, "place")] = rapid.SampledFrom(odd).Draw(t, name)
			}
			return safetensors.NewFloat32(name, v, shape...)
		}
		ones := slices.Repeat([]float32{1}, 8)
		fsys := folder(t, fmt.Sprintf(`{"concept_weight": %v}`, rapid.SampledFrom([]string{"2", "1e-45", "1e6"}).Draw(t, "weight")),
			floats("embeddings", rows, 8, 2), floats("weights", ones, 8),
			floats("concept_vectors", []float32{2, 0, 0, 1}, 2, 2), floats("concept_scales", []float32{0.5, 1}, 2),
			floats("row_scales", []float32{0.5, 0.5, 2}, 3), floats("concept_weights", ones, 8),
			ints("row_concepts", 0, 1, 0, 1), ints("row_shares", 2, 2, 1, 0), ints("row_lengths", 1, 1, 2), ints("lexicon_rows", 3),
			ints("concept_rows", -1, 0, 1, -1, -1, -1, -1, -1), ints("phrases", 4, 5, 4, 5, 5), ints("phrase_lengths", 2, 3),
			ints("phrase_rows", 2, 0), ints("phrase_general", 7, math.MaxUint16), ints("function_tokens", 1, 7))
		fsys[conceptsFile] = &fstest.MapFile{Data: []byte("pets < animals:\nanimals:\n")}
		fsys[symbolsFile] = &fstest.MapFile{Data: []byte("🐈\tcat\n")}
		var opts Options
		if rapid.Bool().Draw(t, "user") {
			opts.Lexicon = user
		}
		m, err := OpenFS(fsys, "m", opts)
		if err != nil {
			return
		}
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 9).Draw(t, "text"), " ")
		vecs, _, empty := embedAll(t, m, text)
		if l := norm(vecs[0]); !(math.Abs(l-float64(1-len(empty))) < 1e-3) {
			t.Fatalf("%q has the length %v; empty are %v", text, l, empty)
		}
		m.Terms(text)
		cv := m.ConceptVectors()
		for i := range cv.Rows {
			if l := norm(cv.Data[i*cv.Stride:][:cv.Cols]); l != 0 && !(math.Abs(l-1) < 1e-3) {
				t.Fatalf("concept %d has the length %v", i, l)
			}
		}
	})
}

// A small file cannot ask for much memory.
func TestBounds(t *testing.T) {
	wide := folder(t, "", safetensors.NewInt8("embeddings", make([]int8, 8*(maxDims+1)), 8, maxDims+1))
	if _, err := OpenFS(wide, "m", Options{}); err == nil || !strings.Contains(err.Error(), "65537 dimensions") {
		t.Errorf("too many dimensions: %v", err)
	}
	for symbols, want := range map[string]string{
		"🐈 cat":                            "symbols.tsv:1: want a symbol",
		"🐈\tcat\n\n":                       "symbols.tsv:2: want a symbol",
		"🐈🐈\tcat":                          "symbols.tsv:1: want a symbol",
		"🐈\t" + strings.Repeat("cat ", 30): "symbols.tsv:1: a word of 119 bytes",
	} {
		fsys := conceptModel(t)
		fsys[symbolsFile] = &fstest.MapFile{Data: []byte(symbols)}
		if _, err := OpenFS(fsys, "the model", Options{}); err == nil || !strings.HasPrefix(err.Error(), "the model: "+want) {
			t.Errorf("%q: %v, want an error with %q", symbols, err, want)
		}
	}
}

// What is wrong with the concepts' names is not said of the table.
func TestConceptNamesRefused(t *testing.T) {
	fsys := conceptModel(t)
	fsys[conceptsFile] = &fstest.MapFile{Data: []byte("pets < animals:\nbeasts:\n")}
	_, err := OpenFS(fsys, "the model", Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "the model: the concepts: concepts.txt:1: ") {
		t.Errorf("an unknown parent: %v", err)
	}
}

// Beyond MaxTokens neither tokens nor unknown words change a text's vector,
// and it is said that they do not.
func TestTruncationOfUnknown(t *testing.T) {
	m, err := OpenFS(conceptModel(t), "m", Options{})
	if err != nil {
		t.Fatal(err)
	}
	known, unknown := strings.Repeat("cat ", MaxTokens), strings.Repeat("ქ ", MaxTokens)
	vecs, cut, _ := embedAll(t, m, unknown, unknown+"ლ", "ქ "+known, "ქ "+known+"dog dog", unknown+"dog")
	if !slices.Equal(cut, []int{1, 2, 3, 4}) {
		t.Errorf("truncated are %v", cut)
	}
	if !slices.Equal(vecs[0], vecs[1]) || !slices.Equal(vecs[2], vecs[3]) {
		t.Error("what was cut off shows")
	}
	if slices.Equal(vecs[0], vecs[4]) {
		t.Error("a known word after many unknown ones does not count")
	}
	if n := len(m.AppendTokens(nil, "ქ "+known+known)); n != MaxTokens {
		t.Errorf("%d tokens, want %d", n, MaxTokens)
	}
	ids, words := m.replaceUnknown(nil, strings.Repeat("ქ! ", 50*MaxTokens)+strings.Repeat(known, 50))
	if len(ids) > 2*MaxTokens || len(words) > 2*MaxTokens {
		t.Errorf("%d tokens and %d unknown words of a long text are kept", len(ids), len(words))
	}
}

// A word may end with what the tokenizer makes nothing of when it stands alone.
func TestCompoundOfNothing(t *testing.T) {
	fsys := conceptModel(t)
	fsys[tokenizerFile] = &fstest.MapFile{Data: []byte(`{"normalizer":{"type":"Strip","strip_left":true,"strip_right":true},` +
		`"added_tokens":[{"id":7,"content":"!!","normalized":true}],"model":{"type":"WordPiece","unk_token":"[UNK]",` +
		`"continuing_subword_prefix":"##","vocab":{"[UNK]":0,"cat":1,"dog":2,"##    ":3,"ice":4,"cream":5,"!":6}}}`)}
	m, err := OpenFS(fsys, "m", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if ids := m.AppendTokens(nil, "cat    !!"); !slices.Equal(ids, []uint32{1, 3, 7}) {
		t.Fatalf("tokens %v: the test shows nothing", ids)
	}
	if _, _, empty := embedAll(t, m, "cat    !!"); len(empty) > 0 {
		t.Error("the text has no vector")
	}
}
