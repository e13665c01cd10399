package static

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"sheaf/engine/static/safetensors"
	"sheaf/models/builtin"
)

// vocabulary of the models in these tests; the id is the place.
var vocabulary = []string{"[UNK]", "cat", "dog", "##s", "ice", "cream", "!", "x"}

func tokenizerJSON() []byte {
	var b strings.Builder
	b.WriteString(`{"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},` +
		`"pre_tokenizer":{"type":"BertPreTokenizer"},"model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{`)
	for id, w := range vocabulary {
		if id > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:%d", w, id)
	}
	b.WriteString("}}}")
	return []byte(b.String())
}

// fatal is what testing.TB and rapid.T share.
type fatal interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// folder makes a model's folder out of tensors.
func folder(t fatal, config string, tensors ...safetensors.Tensor) fstest.MapFS {
	t.Helper()
	var buf bytes.Buffer
	if err := safetensors.Write(&buf, tensors); err != nil {
		t.Fatal(err)
	}
	f := fstest.MapFS{
		tableFile:     {Data: buf.Bytes()},
		tokenizerFile: {Data: tokenizerJSON()},
	}
	if config != "" {
		f[configFile] = &fstest.MapFile{Data: []byte(config)}
	}
	return f
}

// rows is the table of the tests: small whole numbers, exact in every type.
var rows = []float32{9, 9, 3, 0, 0, 4, 3, 4, 1, 0, 0, 1, 0, 0, 5, 12}

func half(values []float32) safetensors.Tensor {
	exact := map[float32]uint16{0: 0, 1: 0x3c00, 3: 0x4200, 4: 0x4400, 5: 0x4500, 9: 0x4880, 12: 0x4a00}
	var data []byte
	for _, v := range values {
		data = binary.LittleEndian.AppendUint16(data, exact[v])
	}
	return safetensors.Tensor{Name: "embeddings", DType: safetensors.F16, Shape: []int{8, 2}, Data: data}
}

func bytesOf(values []float32) []int8 {
	out := make([]int8, len(values))
	for i, v := range values {
		out[i] = int8(v)
	}
	return out
}

func embedAll(t fatal, m *Model, texts ...string) ([][]float32, []int, []int) {
	t.Helper()
	e, err := m.Embed(context.Background(), texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]float32
	for i := range texts {
		out = append(out, e.Vectors.Data[i*e.Vectors.Stride:][:e.Vectors.Cols])
	}
	return out, e.Truncated, e.Empty
}

// The three element types and the tensors "weights" and "mapping" give what
// is computed by hand.
func TestTables(t *testing.T) {
	reversed := make([]float32, len(rows))
	for i := range 8 {
		copy(reversed[2*(7-i):], rows[2*i:2*i+2])
	}
	models := map[string]fstest.MapFS{
		"F32": folder(t, "", safetensors.NewFloat32("embeddings", rows, 8, 2)),
		"F16": folder(t, "", half(rows)),
		"I8":  folder(t, "{}", safetensors.NewInt8("embeddings", bytesOf(rows), 8, 2)),
		"mapping": folder(t, `{"normalize":true}`, safetensors.NewInt32("mapping", []int32{7, 6, 5, 4, 3, 2, 1, 0}, 8),
			safetensors.NewFloat32("embeddings", reversed, 8, 2)),
	}
	for name, fsys := range models {
		m, err := OpenFS(fsys, name, Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, _, empty := embedAll(t, m, "Cat dog", "cat", "cats", "??? ???", "", "!")
		want := [][]float32{{0.6, 0.8}, {1, 0}, {6. / math.Sqrt2 / 6 * 1.2, 0}, {0, 0}, {0, 0}, {0, 0}}
		want[2] = []float32{float32(6 / math.Sqrt(36+16)), float32(4 / math.Sqrt(36+16))}
		for i := range want {
			for j := range want[i] {
				if math.Abs(float64(got[i][j]-want[i][j])) > 1e-6 {
					t.Errorf("%s: text %d is %v, want %v", name, i, got[i], want[i])
					break
				}
			}
		}
		if !slices.Equal(empty, []int{3, 4, 5}) {
			t.Errorf("%s: empty %v, want those without a known token and the one whose row is zero", name, empty)
		}
		if in := m.Info(); in.Dim != 2 || in.Backend != "static" || in.Pooling != "mean" || in.MaxTokens != MaxTokens ||
			!strings.HasPrefix(in.Digest, "sha256:") || !strings.HasPrefix(in.TokenizerDigest, "sha256:") || in.Blocks != nil {
			t.Errorf("%s: Info = %+v", name, in)
		}
	}
}

// A model without concepts says so instead of leaving the user's out.
func TestUserLexiconNeedsConcepts(t *testing.T) {
	user, err := builtin.ParseUserLexicon("mine.txt", strings.NewReader("pets: cat"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = OpenFS(folder(t, "", safetensors.NewFloat32("embeddings", rows, 8, 2)), "plain", Options{Lexicon: user})
	var none *NoConceptsError
	if !errors.As(err, &none) || !strings.Contains(err.Error(), `"plain"`) || none.Hint() == "" {
		t.Errorf("%v, want a NoConceptsError", err)
	}
}

func TestWeights(t *testing.T) {
	w := []float32{1, 4, 3, 1, 1, 1, 1, 1} // cat 3·4, dog 4·3
	m, err := OpenFS(folder(t, "", safetensors.NewFloat32("weights", w, 8), safetensors.NewFloat32("embeddings", rows, 8, 2)), "w", Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, _, _ := embedAll(t, m, "cat dog")
	if r := float32(math.Sqrt(0.5)); math.Abs(float64(got[0][0]-r)) > 1e-6 || math.Abs(float64(got[0][1]-r)) > 1e-6 {
		t.Errorf("cat dog = %v, want %v twice", got[0], r)
	}
}

func TestTruncation(t *testing.T) {
	m, err := OpenFS(folder(t, "", safetensors.NewFloat32("embeddings", rows, 8, 2)), "m", Options{})
	if err != nil {
		t.Fatal(err)
	}
	full := strings.Repeat("cat ", MaxTokens)
	got, cut, _ := embedAll(t, m, full, full+"dog", "cat")
	if !slices.Equal(cut, []int{1}) {
		t.Errorf("truncated %v, want [1]", cut)
	}
	if !slices.Equal(got[0], got[1]) {
		t.Errorf("what was cut off shows: %v, %v", got[0], got[1])
	}
}

// conceptModel has a concept block of two dimensions: cat ▸ (1, 0), dog ▸
// (0, 2), the phrase "ice cream" ▸ (3, 0), and no concept for the rest.
func conceptModel(t testing.TB) fstest.MapFS {
	fsys := folder(t, `{"concept_weight": 2, "lexicon_digest": "sha256:abc"}`,
		safetensors.NewUint16("row_concepts", []uint16{0, 1, 0, 1}, 4),
		safetensors.NewUint8("row_shares", []uint8{2, 2, 1, 0}, 4),
		safetensors.NewUint8("row_lengths", []uint8{1, 1, 2}, 3),
		safetensors.NewInt32("lexicon_rows", []int32{3}, 1),
		safetensors.NewFloat32("embeddings", rows, 8, 2),
		safetensors.NewFloat32("row_scales", []float32{0.5, 0.5, 3 / float32(math.Sqrt2)}, 3),
		safetensors.NewFloat32("concept_scales", []float32{0.5, 1}, 2),
		safetensors.NewFloat32("concept_weights", []float32{1, 1, 2, 1, 1, 1, 1, 1}, 8),
		safetensors.NewInt32("concept_rows", []int32{-1, 0, 1, -1, -1, -1, -1, -1}, 8),
		safetensors.NewUint16("phrases", []uint16{4, 5, 4, 5, 5}, 5),
		safetensors.NewUint8("phrase_lengths", []uint8{2, 3}, 2),
		safetensors.NewUint16("phrase_rows", []uint16{2, 0}, 2),
		safetensors.NewUint16("phrase_general", []uint16{math.MaxUint16, math.MaxUint16}, 2),
		safetensors.NewUint16("function_tokens", nil, 0),
		safetensors.NewInt8("concept_vectors", []int8{2, 0, 0, 1}, 2, 2))
	fsys[conceptsFile] = &fstest.MapFile{Data: []byte("pets < animals:\nanimals:\n")}
	return fsys
}

func TestConcepts(t *testing.T) {
	m, err := OpenFS(conceptModel(t), "c", Options{})
	if err != nil {
		t.Fatal(err)
	}
	// z before the root: the sum of the terms' weighted rows over the number
	// of words and phrases.
	for text, z := range map[string][2]float64{
		"cat":                 {1, 0},
		"cat dog":             {0.5, 1},
		"dog x x x":           {0, 0.5},
		"dog!":                {0, 2}, // punctuation is no word
		"x":                   {0, 0},
		"dog ქ ქართული ლ":     {0, 0.5}, // unknown ones are words as well
		"cats":                {0, 0},   // a word in pieces is a term only as a whole
		"ice cream":           {3, 0},
		"ice cream cat":       {2, 0},
		"ice cream cream":     {math.Sqrt(3), 0}, // the longer phrase
		"ice-cream":           {3, 0},
		"ice'cream ":          {3, 0},
		"ice! cream":          {0, 0},
		"ice creams":          {0, 0}, // a phrase ends with a whole word
		"ice":                 {0, 0},
		"cream ice cream dog": {1, 2. / 3},
	} {
		got, _, _ := embedAll(t, m, text)
		v := got[0]
		if l := norm(v); math.Abs(l-1) > 1e-6 {
			t.Errorf("%q has length %v", text, l)
		}
		general := math.Hypot(float64(v[0]), float64(v[1]))
		n := math.Hypot(z[0], z[1])
		for j := range z {
			want := 0.0
			if n > 0 {
				want = 2 * z[j] / math.Sqrt(n)
			}
			if got := float64(v[2+j]) / general; math.Abs(got-want) > 1e-5 {
				t.Errorf("%q: concept %d is %v of the general block, want %v", text, j, got, want)
			}
		}
	}
	in := m.Info()
	if in.Dim != 4 || in.LexiconDigest != "sha256:abc" || len(in.Blocks) != 2 || in.Blocks[1].Weight != 2 || in.Blocks[1].Dim != 2 {
		t.Errorf("Info = %+v", in)
	}
	terms, units := m.Terms("cat, the ice cream and cats!")
	if units != 3 || len(terms) != 2 || !slices.Equal(terms[0].Concepts, []int32{0}) || !slices.Equal(terms[1].Tokens, []uint32{4, 5}) || !slices.Equal(terms[1].Concepts, []int32{0, 1}) {
		t.Errorf("Terms = %+v, %d", terms, units)
	}
	if lex := m.Lexicon(); lex.Concepts[0].Name != "pets" || lex.Concepts[0].Parents[0] != 1 {
		t.Errorf("Lexicon = %+v", lex.Concepts)
	}
	cv := m.ConceptVectors()
	if want := []float32{1, 0, 0, 1}; cv.Rows != 2 || !slices.Equal(cv.Data, want) {
		t.Errorf("ConceptVectors = %+v, want %v", cv, want)
	}
}

// A text's vector does not depend on what stands beside it, nor on threads.
func TestEmbedIsPure(t *testing.T) {
	fsys := conceptModel(t)
	one, err := OpenFS(fsys, "m", Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	many, err := OpenFS(fsys, "m", Options{Threads: 7})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"cat", "dog", "cats", "ice", "cream", "!", "??", "x", "CAT"})
		text := rapid.Map(rapid.SliceOfN(word, 0, 6), func(w []string) string { return strings.Join(w, " ") })
		texts := rapid.SliceOfN(text, 1, 40).Draw(t, "texts")
		for len(texts) < 3*chunk && rapid.Bool().Draw(t, "grow") {
			texts = append(texts, texts...)
		}
		a, err := one.Embed(context.Background(), texts, nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := many.Embed(context.Background(), texts, func(int) {})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a.Vectors.Data, b.Vectors.Data) || !slices.Equal(a.Empty, b.Empty) {
			t.Fatal("the number of threads changed the vectors")
		}
		i := rapid.IntRange(0, len(texts)-1).Draw(t, "i")
		alone, err := one.Embed(context.Background(), texts[i:i+1], nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(alone.Vectors.Data, a.Vectors.Data[i*4:(i+1)*4]) {
			t.Fatalf("%q alone has another vector", texts[i])
		}
	})
}

func TestProgressAndCancel(t *testing.T) {
	m, err := OpenFS(conceptModel(t), "m", Options{Threads: 3})
	if err != nil {
		t.Fatal(err)
	}
	texts := slices.Repeat([]string{"cat dog"}, 5*chunk+7)
	last := 0
	if _, err := m.Embed(t.Context(), texts, func(done int) {
		if done <= last || done > len(texts) {
			t.Errorf("progress went from %d to %d", last, done)
		}
		last = done
	}); err != nil || last != len(texts) {
		t.Errorf("Embed = %v, progress ended at %d of %d", err, last, len(texts))
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = m.Embed(ctx, texts, func(int) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Embed under a cancelled context = %v", err)
	}
}

// Open maps the file and gives what OpenFS gives.
func TestOpen(t *testing.T) {
	fsys := conceptModel(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, fsys); err != nil {
		t.Fatal(err)
	}
	if !IsModel(dir) || IsModel(t.TempDir()) {
		t.Error("IsModel does not tell a model from an empty folder")
	}
	a, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := OpenFS(fsys, dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	va, _, _ := embedAll(t, a, "cat ice cream")
	vb, _, _ := embedAll(t, b, "cat ice cream")
	if !slices.Equal(va[0], vb[0]) || a.Info().Digest != b.Info().Digest {
		t.Error("Open and OpenFS differ")
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if err := a.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
}

func TestRefuses(t *testing.T) {
	emb := safetensors.NewFloat32("embeddings", rows, 8, 2)
	for _, tt := range []struct {
		name, want string
		fsys       fs.FS
	}{
		{"no files", "model.safetensors", fstest.MapFS{}},
		{"no tokenizer", "tokenizer.json", fstest.MapFS{tableFile: folder(t, "", emb)[tableFile]}},
		{"no table", `no tensor "embeddings"`, folder(t, "")},
		{"table of three dimensions", "shape", folder(t, "", safetensors.NewFloat32("embeddings", rows, 4, 2, 2))},
		{"table of int32", "type I32", folder(t, "", safetensors.NewInt32("embeddings", make([]int32, 16), 8, 2))},
		{"too few rows", "the tokenizer has 8 tokens, the table only 4", folder(t, "", safetensors.NewFloat32("embeddings", rows[:8], 4, 2))},
		{"mapping out of range", "row 8 of 8", folder(t, "", safetensors.NewInt32("mapping", []int32{0, 1, 2, 3, 4, 5, 6, 8}, 8), emb)},
		{"too few weights", "2 weights", folder(t, "", safetensors.NewFloat32("weights", []float32{1, 2}, 2), emb)},
		{"broken config", "config.json", folder(t, "{", emb)},
		{"concepts without weight", "concept_weight", folder(t, "{}", emb, safetensors.NewInt8("concept_vectors", []int8{1}, 1, 1))},
		{"concepts of infinite weight", "concept_weight", folder(t, `{"concept_weight":3e38}`, emb, safetensors.NewInt8("concept_vectors", []int8{1}, 1, 1))},
		{"concepts without rows", "concept_rows", folder(t, `{"concept_weight":1}`, emb, safetensors.NewInt8("concept_vectors", []int8{1}, 1, 1))},
	} {
		_, err := OpenFS(tt.fsys, "the model", Options{})
		var fe *FormatError
		if !errors.As(err, &fe) || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "the model: ") {
			t.Errorf("%s: %v, want a FormatError with %q", tt.name, err, tt.want)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "nowhere"), Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open of no folder = %v", err)
	}
	// A table that is cut short, and an empty one, which cannot be mapped.
	whole := conceptModel(t)
	for _, n := range []int{0, 4, 100} {
		dir := t.TempDir()
		if err := os.CopyFS(dir, whole); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(filepath.Join(dir, tableFile), int64(n)); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, Options{}); err == nil {
			t.Errorf("a table of %d bytes was opened", n)
		}
	}
}

// No header and no body makes OpenFS panic or reach outside the file.
func FuzzOpen(f *testing.F) {
	whole := conceptModel(f)
	f.Add(whole[tableFile].Data, `{"concept_weight": 2}`)
	f.Add([]byte{}, "")
	f.Fuzz(func(t *testing.T, table []byte, config string) {
		fsys := fstest.MapFS{
			tableFile:     {Data: table},
			tokenizerFile: whole[tokenizerFile],
			configFile:    {Data: []byte(config)},
			conceptsFile:  whole[conceptsFile],
		}
		m, err := OpenFS(fsys, "m", Options{})
		if err != nil {
			return
		}
		vecs, _, empty := embedAll(t, m, "cat dog ice cream cats!", "")
		m.ConceptVectors()
		m.Terms("cat dog ice cream cats!")
		if !slices.Contains(empty, 1) {
			t.Fatal("the empty text has a vector")
		}
		if l := norm(vecs[0]); l != 0 && math.Abs(l-1) > 1e-3 {
			t.Fatalf("a vector of length %v", l)
		}
	})
}
