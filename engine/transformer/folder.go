package transformer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sheaf/engine/tokenizer"
)

// The files of a folder.
const (
	tokenizerFile       = "tokenizer.json"
	tokenizerConfigFile = "tokenizer_config.json"
	configFile          = "config.json"
	modulesFile         = "modules.json"
	promptsFile         = "config_sentence_transformers.json"
)

// fallbackMaxTokens is where texts are cut if no file says how long they may be.
const fallbackMaxTokens = 512

// A Folder is what the files of a model say, but for the weights.
type Folder struct {
	Dir       string
	GraphFile string // the .onnx file
	Graph     *Graph
	Tokenizer *tokenizer.Tokenizer

	Pooling   Pooling
	Normalize bool // the model scales its vectors to unit length
	// IncludePrompt says that the tokens of a prompt are pooled too.
	IncludePrompt bool
	MaxTokens     int // special tokens and prompt included
	Prompts       map[string]string
	DefaultPrompt string // the name of the prompt the model uses by itself, or ""
	PadID         int64
	// FirstPosition is the position id of the first token, for graphs that
	// take position_ids.
	FirstPosition int64
	// Hidden, Heads and Intermediate are widths; 0 where unknown.
	Hidden, Heads, Intermediate int

	// Defaults says, a sentence each, what the files do not say and what was
	// taken instead.
	Defaults []string

	files []string // all that was read of Dir, slash-separated and in order
}

// config is what is read of config.json. Families name the same thing in
// different ways.
type config struct {
	ModelType        string `json:"model_type"`
	HiddenSize       int    `json:"hidden_size"`
	Dim              int    `json:"dim"` // DistilBERT
	Heads            int    `json:"num_attention_heads"`
	NHeads           int    `json:"n_heads"` // DistilBERT
	Intermediate     int    `json:"intermediate_size"`
	HiddenDim        int    `json:"hidden_dim"` // DistilBERT
	VocabSize        int    `json:"vocab_size"`
	MaxPositions     int    `json:"max_position_embeddings"`
	MaxTrainedTokens int    `json:"max_trained_positions"` // nomic
	PadTokenID       *int64 `json:"pad_token_id"`
}

// IsModel says whether dir looks like a transformer model: it has an ONNX
// file where one belongs.
func IsModel(dir string) bool {
	files, err := graphFiles(dir)
	return err == nil && len(files) > 0
}

// graphFiles is the .onnx files of dir and dir/onnx, slash-separated.
func graphFiles(dir string) ([]string, error) {
	var found []string
	for _, sub := range []string{".", "onnx"} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		if err != nil {
			if sub == "." {
				return nil, err
			}
			continue
		}
		for _, e := range entries {
			if !e.IsDir() && strings.HasSuffix(e.Name(), ".onnx") {
				found = append(found, filepath.ToSlash(filepath.Join(sub, e.Name())))
			}
		}
	}
	return found, nil
}

// findGraph chooses the .onnx file of dir.
func findGraph(dir, want string) (string, error) {
	files, err := graphFiles(dir)
	if err != nil {
		return "", &ModelError{dir, err, adviceFolder}
	}
	switch {
	case want != "":
		for _, name := range []string{want, "onnx/" + want} {
			if slices.Contains(files, filepath.ToSlash(name)) {
				return name, nil
			}
		}
		return "", modelError(dir, "choose one of: "+strings.Join(files, ", "), "has no file %s", want)
	case len(files) == 0:
		return "", modelError(dir, adviceFolder, "holds no .onnx file")
	case len(files) == 1:
		return files[0], nil
	}
	for _, name := range []string{"model.onnx", "onnx/model.onnx"} {
		if slices.Contains(files, name) {
			return name, nil
		}
	}
	return "", modelError(dir, "keep one of them, or name it model.onnx", "holds several .onnx files and none is model.onnx: %s", strings.Join(files, ", "))
}

// ReadFolder reads the model in dir. file is the .onnx file to take, or "" for
// the model's own.
func ReadFolder(dir, file string) (*Folder, error) {
	f := &Folder{Dir: dir, IncludePrompt: true}
	name, err := findGraph(dir, file)
	if err != nil {
		return nil, err
	}
	f.GraphFile = filepath.Join(dir, filepath.FromSlash(name))
	if f.Graph, err = ReadGraph(f.GraphFile); err != nil {
		return nil, err
	}
	f.files = append(f.files, name)
	for _, external := range f.Graph.External {
		f.files = append(f.files, filepath.ToSlash(filepath.Join(filepath.Dir(filepath.FromSlash(name)), external)))
	}
	data, err := f.read(tokenizerFile)
	if err != nil {
		return nil, err
	}
	if data == nil {
		return nil, modelError(dir, adviceFolder, "has no %s", tokenizerFile)
	}
	if f.Tokenizer, err = tokenizer.Parse(data); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	var cfg config
	if ok, err := f.readJSON(configFile, &cfg); err != nil {
		return nil, err
	} else if !ok {
		f.assume("no %s: widths are taken from the graph", configFile)
	}
	f.Hidden = max(cfg.HiddenSize, cfg.Dim)
	f.Heads = max(cfg.Heads, cfg.NHeads)
	f.Intermediate = max(cfg.Intermediate, cfg.HiddenDim)
	if f.Graph.Vocab == 0 {
		f.Graph.Vocab = cfg.VocabSize
	}
	if n := f.Tokenizer.Size(); f.Graph.Vocab > 0 && n > f.Graph.Vocab {
		return nil, modelError(dir, "take tokenizer.json and the .onnx file from the same model",
			"the tokenizer has %d tokens, the graph's table only %d rows", n, f.Graph.Vocab)
	}
	f.setPadding(&cfg)
	for _, step := range []func() error{f.readModules, f.readPrompts, func() error { return f.readLength(&cfg) }} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// assume records a default.
func (f *Folder) assume(format string, args ...any) {
	f.Defaults = append(f.Defaults, fmt.Sprintf(format, args...))
}

// read returns the bytes of a file, or nil where there is none.
func (f *Folder) read(name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(f.Dir, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f.files = append(f.files, name)
	return data, nil
}

// readJSON reads a file into v, and says whether there is one.
func (f *Folder) readJSON(name string, v any) (bool, error) {
	data, err := f.read(name)
	if err != nil || data == nil {
		return false, err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return false, &ModelError{filepath.Join(f.Dir, filepath.FromSlash(name)), err, adviceFetch}
	}
	return true, nil
}

// offsetPositions is the families that count positions from the padding's id + 1.
var offsetPositions = []string{"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet", "longformer", "data2vec-text"}

func (f *Folder) setPadding(cfg *config) {
	pad, found := uint32(0), false
	for _, token := range []string{"[PAD]", "<pad>"} {
		if pad, found = f.Tokenizer.ID(token); found {
			break
		}
	}
	switch {
	case cfg.PadTokenID != nil && *cfg.PadTokenID >= 0:
		f.PadID = *cfg.PadTokenID
	case found:
		f.PadID = int64(pad)
	default:
		f.assume("no padding token is named: padded with id 0")
	}
	if slices.Contains(offsetPositions, cfg.ModelType) {
		f.FirstPosition = f.PadID + 1
	}
}

// pooling is the content of 1_Pooling/config.json.
type pooling struct {
	CLS           bool  `json:"pooling_mode_cls_token"`
	Mean          bool  `json:"pooling_mode_mean_tokens"`
	Max           bool  `json:"pooling_mode_max_tokens"`
	MeanSqrt      bool  `json:"pooling_mode_mean_sqrt_len_tokens"`
	WeightedMean  bool  `json:"pooling_mode_weightedmean_tokens"`
	Last          bool  `json:"pooling_mode_lasttoken"`
	IncludePrompt *bool `json:"include_prompt"`
}

// modes is the poolings that are set.
func (p *pooling) modes() []Pooling {
	var set []Pooling
	for _, m := range []struct {
		on   bool
		mode Pooling
	}{{p.CLS, CLS}, {p.Mean, Mean}, {p.Max, Max}, {p.MeanSqrt, MeanSqrt}, {p.WeightedMean, WeightedMean}, {p.Last, Last}} {
		if m.on {
			set = append(set, m.mode)
		}
	}
	return set
}

// readModules reads which steps follow the transformer.
func (f *Folder) readModules() error {
	var modules []struct {
		Path string `json:"path"`
		Type string `json:"type"`
	}
	listed, err := f.readJSON(modulesFile, &modules)
	if err != nil {
		return err
	}
	poolingDir := "1_Pooling"
	if listed {
		for _, m := range modules {
			switch kind := m.Type[strings.LastIndexByte(m.Type, '.')+1:]; kind {
			case "Transformer":
			case "Pooling":
				poolingDir = m.Path
			case "Normalize":
				f.Normalize = true
			default:
				if f.hasOutput("sentence_embedding") {
					continue // such a graph does all steps by itself
				}
				return modelError(f.Dir, adviceOther, "its step %s (%s) is not supported", kind, m.Path)
			}
		}
	} else {
		f.Normalize = true
		f.assume("no %s: vectors are scaled to unit length", modulesFile)
	}
	if !filepath.IsLocal(filepath.FromSlash(poolingDir)) {
		return modelError(f.Dir, adviceFetch, "%s names %q, outside the folder", modulesFile, poolingDir)
	}
	var p pooling
	name := poolingDir + "/config.json"
	found, err := f.readJSON(name, &p)
	if err != nil {
		return err
	}
	modes := p.modes()
	switch {
	case !found || len(modes) == 0:
		f.Pooling = Mean
		if !f.hasOutput("sentence_embedding") {
			f.assume("no pooling is named: mean of the tokens")
		}
	case len(modes) > 1 && !f.hasOutput("sentence_embedding"):
		return modelError(filepath.Join(f.Dir, filepath.FromSlash(name)), adviceOther, "several poolings side by side are not supported")
	default:
		f.Pooling = modes[0]
	}
	if p.IncludePrompt != nil {
		f.IncludePrompt = *p.IncludePrompt
	}
	return nil
}

func (f *Folder) hasOutput(name string) bool {
	return slices.ContainsFunc(f.Graph.Outputs, func(v Value) bool { return v.Name == name })
}

func (f *Folder) readPrompts() error {
	var c struct {
		Prompts map[string]string `json:"prompts"`
		Default *string           `json:"default_prompt_name"`
	}
	if _, err := f.readJSON(promptsFile, &c); err != nil {
		return err
	}
	f.Prompts = c.Prompts
	if c.Default != nil {
		if _, ok := c.Prompts[*c.Default]; !ok && *c.Default != "" {
			return modelError(f.Dir, adviceFetch, "%s: the default prompt %q is not among the prompts", promptsFile, *c.Default)
		}
		f.DefaultPrompt = *c.Default
	}
	return nil
}

// readLength finds how many tokens a text may have: what sentence-transformers
// says, else the tokenizer, else the table of positions.
func (f *Folder) readLength(cfg *config) error {
	positions := max(cfg.MaxPositions, cfg.MaxTrainedTokens)
	if positions > 0 {
		// The rows before the first position are not used.
		positions = max(positions-int(f.FirstPosition), 1)
	}
	for _, family := range []string{"bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"} {
		var c struct {
			MaxSeqLength *int `json:"max_seq_length"`
		}
		name := "sentence_" + family + "_config.json"
		if _, err := f.readJSON(name, &c); err != nil {
			return err
		}
		if c.MaxSeqLength != nil && *c.MaxSeqLength > 0 {
			f.MaxTokens = *c.MaxSeqLength
			if positions > 0 && f.MaxTokens > positions {
				f.assume("%s allows %d tokens, the graph has positions for %d: %[3]d", name, f.MaxTokens, positions)
				f.MaxTokens = positions
			}
			return nil
		}
	}
	var c struct {
		// A float, for the "very large integer" that stands for none.
		MaxLength float64 `json:"model_max_length"`
	}
	if _, err := f.readJSON(tokenizerConfigFile, &c); err != nil {
		return err
	}
	switch limit := int(min(c.MaxLength, 1e7)); {
	case limit > 0 && limit < 1e6 && (positions == 0 || limit <= positions):
		f.MaxTokens = limit
		f.assume("no max_seq_length: %d tokens, from %s", limit, tokenizerConfigFile)
	case positions > 0:
		f.MaxTokens = positions
		f.assume("no max_seq_length: %d tokens, from %s", positions, configFile)
	default:
		f.MaxTokens = fallbackMaxTokens
		f.assume("no max_seq_length: %d tokens", fallbackMaxTokens)
	}
	return nil
}
