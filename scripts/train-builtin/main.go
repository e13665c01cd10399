// Train-builtin makes the model that is compiled into sheaf.
//
//	go run ./scripts/train-builtin -teacher DIR -out models/builtin/model
//
// DIR is minishlab/potion-base-2M as a Model2Vec folder (see
// scripts/convert-gge1 for the int8 copy of it). The lexicon is
// models/builtin/lexicon. The program is deterministic: the same teacher and
// lexicon give the same files on the same platform.
//
// The model has two blocks. The general block is the teacher's table,
// quantised to int8. The concept block comes from the lexicon alone, spread to
// words that the lexicon lacks by their nearest neighbours in the teacher's
// table; concepts.go says how. No text and no label of any collection is used.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/gonum/mat"

	"sheaf/engine/static/safetensors"
	"sheaf/engine/tokenizer"
	"sheaf/models/builtin"
)

// conceptDims is the length of the concept block.
const conceptDims = 256

// conceptWeight is the block's weight in a vector as Embed gives it, before
// engine/adapt looks at the collection.
const conceptWeight = 1.5

func main() {
	teacher := flag.String("teacher", "", "the teacher's folder")
	lexicon := flag.String("lexicon", "models/builtin/lexicon", "the lexicon's folder")
	out := flag.String("out", "models/builtin/model", "the folder to write")
	without := flag.String("without", "", "labelled notes whose words are left out of the lexicon: a test of what it knows beyond them")
	flag.Parse()
	if *teacher == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*teacher, *lexicon, *without, *out); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(teacherDir, lexiconDir, without, out string) error {
	t, err := openTeacher(teacherDir)
	if err != nil {
		return err
	}
	lexFS := os.DirFS(lexiconDir)
	lex, err := builtin.ParseLexicon(lexFS)
	if err != nil {
		return err
	}
	lexDigest, err := builtin.LexiconDigest(lexFS)
	if err != nil {
		return err
	}
	symbols, err := readSymbols(lexiconDir, lex)
	if err != nil {
		return err
	}
	if without != "" {
		if lex, err = leaveOut(lex, without); err != nil {
			return err
		}
	}
	glossary, err := glossaryFiles(lexiconDir, lex)
	if err != nil {
		return err
	}
	terms := collectTerms(t, lex)
	terms.spread(t)
	terms.fill(t)
	general := makeGeneral(t, lex, terms)
	space, err := makeSpace(terms, general.phrases, conceptDims)
	if err != nil {
		return err
	}

	generalScales, rows := quantise(general.rows)
	weights := general.weights(generalScales)
	scales, vectors := quantise(space.concepts)
	c, _ := space.concepts.Dims()
	sifWeights := make([]float32, len(terms.weight))
	for i, w := range terms.weight {
		sifWeights[i] = float32(w)
	}
	var table bytes.Buffer
	if err := safetensors.Write(&table, []safetensors.Tensor{
		safetensors.NewFloat32("weights", weights, len(weights)),
		safetensors.NewFloat32("concept_scales", scales, len(scales)),
		safetensors.NewFloat32("concept_weights", sifWeights, len(sifWeights)),
		safetensors.NewFloat32("row_scales", space.rowScales, len(space.rowScales)),
		safetensors.NewInt32("concept_rows", space.tokenRows, len(space.tokenRows)),
		safetensors.NewInt32("lexicon_rows", []int32{int32(space.own)}, 1),
		safetensors.NewUint16("mapping", general.mapping, len(general.mapping)),
		safetensors.NewUint16("function_tokens", general.function, len(general.function)),
		safetensors.NewUint16("phrase_general", space.phraseGeneral, len(space.phraseGeneral)),
		safetensors.NewUint16("phrases", space.phrases, len(space.phrases)),
		safetensors.NewUint16("phrase_rows", space.phraseRows, len(space.phraseRows)),
		safetensors.NewUint16("row_concepts", space.mixed, len(space.mixed)),
		safetensors.NewUint8("phrase_lengths", space.lengths, len(space.lengths)),
		safetensors.NewUint8("row_lengths", space.rowLengths, len(space.rowLengths)),
		safetensors.NewUint8("row_shares", space.shares, len(space.shares)),
		safetensors.NewInt8("embeddings", rows, len(weights), t.dims),
		safetensors.NewInt8("concept_vectors", vectors, c, conceptDims),
	}); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	names := conceptNames(lex)
	words := 0
	for _, f := range glossary {
		words += len(f.data)
	}
	fmt.Printf("%d tokens × %d, %d concepts × %d, %d rows (%d of the lexicon), %d phrases, %.2f MB\n",
		len(weights), t.dims, c, conceptDims, len(space.rowLengths), space.own, len(space.phraseRows),
		float64(table.Len()+len(t.tokenizerJSON)+len(names)+len(symbols)+words)/1e6)
	config := fmt.Appendf(nil, `{"normalize": true, "hidden_dim": %d, "concept_weight": %v, "concept_axes": %d, "lexicon_digest": %q}`+"\n",
		t.dims, conceptWeight, min(exact, c), lexDigest)
	for _, f := range glossary {
		if err := os.WriteFile(filepath.Join(out, f.name), f.data, 0o644); err != nil {
			return err
		}
	}
	return errors.Join(
		os.WriteFile(filepath.Join(out, "model.safetensors"), table.Bytes(), 0o644),
		os.WriteFile(filepath.Join(out, "tokenizer.json"), t.tokenizerJSON, 0o644),
		os.WriteFile(filepath.Join(out, "concepts.txt"), names, 0o644),
		os.WriteFile(filepath.Join(out, "symbols.tsv"), symbols, 0o644),
		os.WriteFile(filepath.Join(out, "config.json"), config, 0o644))
}

// readSymbols reads the lexicon's symbols.tsv, in which each symbol's word has
// to be one that the lexicon knows.
func readSymbols(dir string, lex *builtin.Lexicon) ([]byte, error) {
	name := filepath.Join(dir, "symbols.tsv")
	raw, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	for line := range strings.Lines(string(raw)) {
		_, word, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if lex.Lookup(strings.Join(builtin.Words(word), " ")) == nil {
			return nil, fmt.Errorf("%s: %q is no term of the lexicon", name, word)
		}
	}
	return raw, err
}

type file struct {
	name string
	data []byte
}

// glossaryFiles are what labels in other languages need: two of the lexicon's
// files as they are, and the words that tell the languages apart.
func glossaryFiles(dir string, lex *builtin.Lexicon) ([]file, error) {
	vocabulary, err := lex.Vocabulary(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	files := []file{{"vocabulary.tsv", vocabulary}}
	for _, name := range []string{"concept-names.tsv", "function-words.tsv"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		files = append(files, file{name, data})
	}
	return files, nil
}

// conceptNames is the lexicon without its members: the model's rows have them.
func conceptNames(lex *builtin.Lexicon) []byte {
	var b bytes.Buffer
	for _, c := range lex.Concepts {
		b.WriteString(c.Name)
		for i, p := range c.Parents {
			sep := ", "
			if i == 0 {
				sep = " < "
			}
			b.WriteString(sep + lex.Concepts[p].Name)
		}
		b.WriteString(":\n")
	}
	return b.Bytes()
}

// A teacher is a static model's table and tokenizer.
type teacher struct {
	tok           *tokenizer.Tokenizer
	tokenizerJSON []byte
	dims          int
	rows          *mat.Dense // tokens×dims, the tensor "weights" multiplied in
}

func openTeacher(dir string) (*teacher, error) {
	t := new(teacher)
	var err error
	if t.tokenizerJSON, err = os.ReadFile(filepath.Join(dir, "tokenizer.json")); err != nil {
		return nil, err
	}
	if t.tok, err = tokenizer.Parse(t.tokenizerJSON); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(dir, "model.safetensors"))
	if err != nil {
		return nil, err
	}
	tensors, err := safetensors.Parse(data)
	if err != nil {
		return nil, err
	}
	var rows, weights []float32
	n := 0
	for i := range tensors {
		switch ts := &tensors[i]; ts.Name {
		case "embeddings":
			if len(ts.Shape) != 2 {
				return nil, fmt.Errorf("%s: embeddings of shape %v", dir, ts.Shape)
			}
			n, t.dims = ts.Shape[0], ts.Shape[1]
			rows, err = ts.Float32s()
		case "weights":
			weights, err = ts.Float32s()
		case "mapping":
			err = errors.New("a teacher with a vocabulary mapping is not supported")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", dir, err)
		}
	}
	if n == 0 || n != t.tok.Size() || weights != nil && len(weights) != n {
		return nil, fmt.Errorf("%s: %d rows and %d weights for %d tokens", dir, n, len(weights), t.tok.Size())
	}
	t.rows = mat.NewDense(n, t.dims, nil)
	for i := range n {
		for j := range t.dims {
			v := float64(rows[i*t.dims+j])
			if weights != nil {
				v *= float64(weights[i])
			}
			t.rows.Set(i, j, v)
		}
	}
	return t, nil
}

// quantise turns each row into int8 numbers and the scale that undoes it; a
// zero row gets the scale 0.
func quantise(m *mat.Dense) (scales []float32, rows []int8) {
	n, d := m.Dims()
	scales, rows = make([]float32, n), make([]int8, n*d)
	for i := range n {
		row := m.RawRowView(i)
		top := 0.0
		for _, v := range row {
			top = max(top, math.Abs(v))
		}
		if top == 0 {
			continue
		}
		scales[i] = float32(top / 127)
		for j, v := range row {
			rows[i*d+j] = int8(math.RoundToEven(v / top * 127))
		}
	}
	return scales, rows
}
