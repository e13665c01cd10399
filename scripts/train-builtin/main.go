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

	"gonum.org/v1/gonum/mat"

	"sheaf/engine/static/safetensors"
	"sheaf/engine/tokenizer"
	"sheaf/models/builtin"
)

// conceptDims is the length of the concept block.
const conceptDims = 96

// conceptWeight is the block's weight in a vector as Embed gives it, before
// engine/adapt looks at the collection.
const conceptWeight = 1.5

func main() {
	teacher := flag.String("teacher", "", "the teacher's folder")
	lexicon := flag.String("lexicon", "models/builtin/lexicon", "the lexicon's folder")
	out := flag.String("out", "models/builtin/model", "the folder to write")
	flag.Parse()
	if *teacher == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*teacher, *lexicon, *out); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(teacherDir, lexiconDir, out string) error {
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
	terms := collectTerms(t, lex)
	terms.spread(t)
	terms.fill(t)
	space, err := reduce(terms, conceptDims)
	if err != nil {
		return err
	}

	weights, rows := quantise(t.rows)
	scales, cRows := quantise(space.rows)
	_, cVectors := quantise(space.concepts)
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
		safetensors.NewInt32("concept_rows", space.tokenRows, len(space.tokenRows)),
		safetensors.NewUint16("phrases", space.phrases, len(space.phrases)),
		safetensors.NewUint16("phrase_rows", space.phraseRows, len(space.phraseRows)),
		safetensors.NewUint16("row_concepts", space.sets, len(space.sets)),
		safetensors.NewUint8("row_lengths", space.setLengths, len(space.setLengths)),
		safetensors.NewUint8("phrase_lengths", space.lengths, len(space.lengths)),
		safetensors.NewInt8("embeddings", rows, len(weights), t.dims),
		safetensors.NewInt8("concepts", cRows, len(scales), conceptDims),
		safetensors.NewInt8("concept_vectors", cVectors, c, conceptDims),
	}); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	fmt.Printf("%d tokens × %d, %d concepts, %d rows of %d, %d phrases, %.1f MB\n",
		len(weights), t.dims, c, len(scales), conceptDims, len(space.phraseRows), float64(table.Len()+len(t.tokenizerJSON))/1e6)
	config := fmt.Appendf(nil, `{"normalize": true, "hidden_dim": %d, "concept_weight": %v, "lexicon_digest": %q}`+"\n",
		t.dims, conceptWeight, lexDigest)
	return errors.Join(
		os.WriteFile(filepath.Join(out, "model.safetensors"), table.Bytes(), 0o644),
		os.WriteFile(filepath.Join(out, "tokenizer.json"), t.tokenizerJSON, 0o644),
		os.WriteFile(filepath.Join(out, "concepts.txt"), conceptNames(lex), 0o644),
		os.WriteFile(filepath.Join(out, "config.json"), config, 0o644))
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
