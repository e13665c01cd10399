// Package static embeds texts with static models: a text's vector is the mean
// of its tokens' rows in a table, at unit length. No matrix product is done,
// so that a core embeds hundreds of thousands of short texts a second.
//
// A model is a folder in the Model2Vec layout (model.safetensors,
// tokenizer.json, config.json). Files and tensors beyond that layout, which
// may all be missing, make more of a text:
//
//   - concept_vectors and the tensors that go with it make a second block of
//     dimensions, for the kinds of things a text speaks of; there a phrase may
//     have one row in place of its tokens'. See concepts.go.
//   - symbols.tsv says which word stands for a symbol that the tokenizer does
//     not know. What is unknown then still gets a row by its letters, in every
//     model; see unknown.go.
//
// All arithmetic is float32 and float64 multiplication, addition, division and
// square root, each rounded on its own, so that a text gets the same bits on
// every platform.
package static

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/edsrzf/mmap-go"
	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
	"sheaf/engine/static/safetensors"
	"sheaf/engine/tokenizer"
	"sheaf/models/builtin"
)

// MaxTokens is where texts are cut, as Model2Vec does.
const MaxTokens = 512

// chunk is how many texts a goroutine takes at a time.
const chunk = 256

// The files of a model's folder.
const (
	tableFile     = "model.safetensors"
	tokenizerFile = "tokenizer.json"
	configFile    = "config.json"
	conceptsFile  = "concepts.txt" // of a model with concepts
)

// Options are optional; the zero value works.
type Options struct {
	// Threads is how many goroutines embed at once; 0 means GOMAXPROCS. It
	// never changes a result.
	Threads int
	// Lexicon is a user's own concepts beside the model's; nil means none. A
	// model without concepts cannot be opened with it: see
	// [NoConceptsError].
	Lexicon *builtin.UserLexicon
}

// A Model is a static model in memory. It may be used by several goroutines.
type Model struct {
	info     engine.Info
	tok      *tokenizer.Tokenizer
	unknown  int64 // id that is dropped; -1 where there is none
	table    table
	rows     []int32   // token id ▸ row, or nil where they are the same
	weights  []float32 // by token id, or nil where all are 1
	concepts *conceptBlock
	symbols  map[rune]string // what a symbol that the tokenizer does not know is called
	usual    float32         // the length of a usual row
	threads  int
	mapped   mmap.MMap
	scratch  sync.Pool // *workspace
}

var _ engine.Embedder = (*Model)(nil)

// config is what is read of config.json; what is not there is zero.
type config struct {
	ConceptWeight float32 `json:"concept_weight"`
	ConceptAxes   int     `json:"concept_axes"` // the first dimensions of the concepts, which hold the most
	LexiconDigest string  `json:"lexicon_digest"`
}

// A FormatError says that a folder holds no static model, or a broken one.
type FormatError struct {
	Path string
	Err  error
}

func (e *FormatError) Error() string { return e.Path + ": " + e.Err.Error() }
func (e *FormatError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *FormatError) Hint() string {
	return "a static model is a folder with model.safetensors, tokenizer.json and config.json, as Model2Vec writes it"
}

// IsModel says whether dir looks like a static model: it has a
// model.safetensors whose header names a tensor "embeddings".
func IsModel(dir string) bool {
	f, err := os.Open(filepath.Join(dir, tableFile))
	if err != nil {
		return false
	}
	defer f.Close()
	m, err := mmap.Map(f, mmap.RDONLY, 0)
	if err != nil {
		return false
	}
	tensors, err := safetensors.Parse(m)
	ok := err == nil && find(tensors, "embeddings") != nil
	return m.Unmap() == nil && ok
}

// Open opens the model in the folder dir. Its table stays in the file and is
// mapped into memory; Close lets go of it.
func Open(dir string, opts Options) (*Model, error) {
	fsys := os.DirFS(dir)
	f, err := os.Open(filepath.Join(dir, tableFile))
	if err != nil {
		return nil, &FormatError{dir, err}
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || st.Size() < 8 {
		return nil, &FormatError{dir, errors.New(tableFile + " is empty or no file")}
	}
	m, err := mmap.Map(f, mmap.RDONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", f.Name(), err)
	}
	model, err := open(fsys, dir, m, opts)
	if err != nil {
		return nil, errors.Join(err, m.Unmap())
	}
	model.mapped = m
	return model, nil
}

// OpenFS opens the model in the root of fsys, reading its files whole. name
// is what the model is called in Info.
func OpenFS(fsys fs.FS, name string, opts Options) (*Model, error) {
	data, err := fs.ReadFile(fsys, tableFile)
	if err != nil {
		return nil, &FormatError{name, err}
	}
	return open(fsys, name, data, opts)
}

func open(fsys fs.FS, name string, data []byte, opts Options) (*Model, error) {
	fail := func(format string, args ...any) (*Model, error) {
		return nil, &FormatError{name, fmt.Errorf(format, args...)}
	}
	tokJSON, err := fs.ReadFile(fsys, tokenizerFile)
	if err != nil {
		return nil, &FormatError{name, err}
	}
	tok, err := tokenizer.Parse(tokJSON)
	if err != nil {
		return fail("%s: %w", tokenizerFile, err)
	}
	var cfg config
	cfgJSON, err := fs.ReadFile(fsys, configFile)
	switch {
	case errors.Is(err, fs.ErrNotExist): // all that is read of it is optional
	case err != nil:
		return nil, &FormatError{name, err}
	default:
		if err := json.Unmarshal(cfgJSON, &cfg); err != nil {
			return fail("%s: %w", configFile, err)
		}
	}
	conceptNames, err := fs.ReadFile(fsys, conceptsFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &FormatError{name, err}
	}
	tensors, err := safetensors.Parse(data)
	if err != nil {
		return fail("%s: %w", tableFile, err)
	}

	symbolsRaw, symbols, err := readSymbols(fsys)
	if err != nil {
		return nil, &FormatError{name, err}
	}

	m := &Model{symbols: symbols, tok: tok, unknown: -1, threads: opts.Threads}
	if m.threads <= 0 {
		m.threads = runtime.GOMAXPROCS(0)
	}
	if id, ok := tok.UnknownID(); ok {
		m.unknown = int64(id)
	}
	if m.table, err = newTable(find(tensors, "embeddings")); err != nil {
		return fail("%s: %w", tableFile, err)
	}
	if t := find(tensors, "mapping"); t != nil {
		if m.rows, err = t.Int32s(); err != nil {
			return fail("%s: %w", tableFile, err)
		}
		for id, r := range m.rows {
			if r < 0 || int(r) >= m.table.rows {
				return fail("%s: mapping sends token %d to row %d of %d", tableFile, id, r, m.table.rows)
			}
		}
	}
	if n := m.tableTokens(); tok.Size() > n {
		return fail("the tokenizer has %d tokens, the table only %d", tok.Size(), n)
	}
	if t := find(tensors, "weights"); t != nil {
		if m.weights, err = t.Float32s(); err != nil {
			return fail("%s: %w", tableFile, err)
		}
		if len(m.weights) < max(tok.Size(), m.table.rows) {
			return fail("%s: %d weights for %d tokens and %d rows", tableFile, len(m.weights), tok.Size(), m.table.rows)
		}
	}
	m.info = engine.Info{
		Model: name, Digest: digest(data, tokJSON, cfgJSON, conceptNames, symbolsRaw), Backend: "static", Provider: "cpu", DType: m.table.typeName(),
		Dim: m.table.dim, Pooling: "mean", MaxTokens: MaxTokens, TokenizerDigest: tok.Digest(),
	}
	if m.concepts, err = newConceptBlock(fsys, tensors, tok, m.table.rows, cfg.ConceptWeight); err != nil {
		return fail("the concepts: %w", err) // of several files
	}
	if c := m.concepts; c != nil {
		if cfg.ConceptAxes < 0 || cfg.ConceptAxes > c.table.dim {
			return fail("%s: concept_axes %d of %d dimensions", configFile, cfg.ConceptAxes, c.table.dim)
		}
		m.info.Dim += c.table.dim
		m.info.LexiconDigest = cfg.LexiconDigest
		m.info.Blocks = []engine.Block{
			{Name: "general", Dim: m.table.dim, Weight: 1},
			{Name: engine.Concepts, Dim: c.table.dim, Weight: c.weight, Coarse: cfg.ConceptAxes},
		}
	}
	if opts.Lexicon != nil {
		if err := m.extend(opts.Lexicon); err != nil {
			return nil, err
		}
	}
	m.usual = m.usualLength()
	m.scratch.New = func() any { return new(workspace) }
	return m, nil
}

// digest is one sha256 over the files, each preceded by its length.
func digest(files ...[]byte) string {
	h := sha256.New()
	for _, f := range files {
		h.Write(fmt.Appendf(nil, "%d\n", len(f)))
		h.Write(f)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// tableTokens is how many tokens have a row.
func (m *Model) tableTokens() int {
	if m.rows != nil {
		return len(m.rows)
	}
	return m.table.rows
}

// Info says what the model is.
func (m *Model) Info() engine.Info { return m.info }

// AppendTokens appends the tokens of a text that Embed looks at: those the
// model knows, and no more than MaxTokens.
func (m *Model) AppendTokens(dst []uint32, text string) []uint32 {
	at := len(dst)
	dst, _ = m.tokens(dst, text)
	return dst[:at+min(len(dst)-at, MaxTokens)]
}

// tokens appends the tokens of a text that the model knows, and returns beside
// them the words that it knows nothing of. Of a Model2Vec model those are left
// out, as Model2Vec does: its vectors are to be the same.
func (m *Model) tokens(dst []uint32, text string) (ids []uint32, unknown []string) {
	at := len(dst)
	dst = m.tok.AppendIDs(dst, text)
	switch {
	case m.unknown < 0 || !slices.Contains(dst[at:], uint32(m.unknown)):
		return dst, nil
	case m.concepts != nil:
		return m.replaceUnknown(dst[:at], text)
	}
	known := dst[:at]
	for _, id := range dst[at:] {
		if id != uint32(m.unknown) {
			known = append(known, id)
		}
	}
	return known, nil
}

// Close releases the mapped table. The model must not be used afterwards.
func (m *Model) Close() error {
	if m.mapped == nil {
		return nil
	}
	mapped := m.mapped
	m.mapped = nil
	return mapped.Unmap()
}

// Embed implements engine.Embedder.
func (m *Model) Embed(ctx context.Context, texts []string, progress func(done int)) (*engine.Embeddings, error) {
	n, d := len(texts), m.info.Dim
	vectors := make([]float32, n*d)
	states := make([]state, n)

	var next atomic.Int64
	var mu sync.Mutex
	done := 0
	work := func() {
		ws := m.scratch.Get().(*workspace)
		defer m.scratch.Put(ws)
		for ctx.Err() == nil {
			lo := int(next.Add(chunk)) - chunk
			if lo >= n {
				return
			}
			hi := min(lo+chunk, n)
			for i := lo; i < hi; i++ {
				states[i] = m.embed(vectors[i*d:(i+1)*d], texts[i], ws)
			}
			if progress != nil {
				mu.Lock()
				done += hi - lo
				progress(done)
				mu.Unlock()
			}
		}
	}
	var wg sync.WaitGroup
	for range min(m.threads, (n+chunk-1)/chunk) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := &engine.Embeddings{Vectors: blas32.General{Rows: n, Cols: d, Stride: max(d, 1), Data: vectors}}
	for i, s := range states {
		if s&truncated != 0 {
			out.Truncated = append(out.Truncated, i)
		}
		if s&empty != 0 {
			out.Empty = append(out.Empty, i)
		}
	}
	return out, nil
}

type state byte

const (
	truncated state = 1 << iota
	empty
)

type workspace struct {
	ids   []uint32
	spans []span
}

// embed writes the vector of text into dst, which is zero on entry.
func (m *Model) embed(dst []float32, text string, ws *workspace) state {
	var s state
	var unknown []string
	ws.ids, unknown = m.tokens(ws.ids[:0], text)
	ids := ws.ids
	if len(ids)+len(unknown) > MaxTokens {
		ids = ids[:min(len(ids), MaxTokens)]
		unknown = unknown[:min(len(unknown), MaxTokens-len(ids))]
		s |= truncated
	}
	general := dst[:m.table.dim]
	for _, word := range unknown {
		m.addUnknown(general, word)
	}
	if m.concepts == nil {
		for _, id := range ids {
			m.addToken(general, id)
		}
		if !unit(general) {
			clear(dst)
			return s | empty
		}
		return s
	}
	ws.spans = m.concepts.spans(ws.spans[:0], ids)
	at := 0
	for _, sp := range ws.spans {
		for ; at < sp.start; at++ {
			m.addToken(general, ids[at])
		}
		switch {
		case sp.general >= 0:
			m.table.add(general, int(sp.general), m.weight(int(sp.general)))
			at = sp.end
		case sp.general == functionWord:
			m.table.add(general, m.row(ids[at]), float32(functionWeight*m.weight(int(ids[at]))))
			at = sp.end
		}
		for ; at < sp.end; at++ {
			m.addToken(general, ids[at])
		}
	}
	for ; at < len(ids); at++ {
		m.addToken(general, ids[at])
	}
	// The mean's denominator cancels in the normalisation.
	if !unit(general) {
		clear(dst)
		return s | empty
	}
	length := math.Sqrt(1 + m.concepts.embed(dst[m.table.dim:], ws.spans, len(unknown)))
	for i, x := range dst {
		dst[i] = float32(float64(x) / length)
	}
	return s
}

// addToken adds the token's row of the general block to dst.
func (m *Model) addToken(dst []float32, id uint32) {
	m.table.add(dst, m.row(id), m.weight(int(id)))
}

// row is the token's row of the general block.
func (m *Model) row(id uint32) int {
	if m.rows != nil {
		return int(m.rows[id])
	}
	return int(id)
}

// weight is that of a token, or of a row that stands for a phrase.
func (m *Model) weight(id int) float32 {
	if m.weights == nil {
		return 1
	}
	return m.weights[id]
}

// unit scales v to unit length and says whether it could: a zero vector, or
// one that is not finite, has no direction.
func unit(v []float32) bool {
	n := norm(v)
	if n == 0 || math.IsInf(n, 0) || math.IsNaN(n) {
		return false
	}
	for i, x := range v {
		v[i] = float32(float64(x) / n)
	}
	return true
}

// norm is the Euclidean length. The conversions keep the compiler from fusing
// the multiplication and the addition, which some platforms would do.
func norm(v []float32) float64 {
	var sum float64
	for _, x := range v {
		sum += float64(float64(x) * float64(x))
	}
	return math.Sqrt(sum)
}
