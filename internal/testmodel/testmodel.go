// Package testmodel writes random transformer encoders as sentence-transformers
// folders: an ONNX graph with its tokenizer and the files that say how to pool.
//
// The weights are random, so that the vectors mean nothing; what they are good
// for is comparing two ways of computing them, and measuring. The same [Spec]
// gives the same bytes on every platform. Small ones serve tests; [MiniLM] and
// [GTELarge] have the shapes of real models.
package testmodel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// An Architecture is a family of encoders. They differ in their special
// tokens, in how positions are counted, and in what is added to attention.
type Architecture string

// The architectures there are.
const (
	BERT    Architecture = "bert"    // token types; positions from 0
	MPNet   Architecture = "mpnet"   // positions from 2, a bias of relative positions
	RoBERTa Architecture = "roberta" // positions from 2
)

// A Spec is the recipe of a model. Hidden must be a multiple of Heads. The
// other fields' zero values make the simplest model.
type Spec struct {
	Architecture Architecture
	Layers       int
	Hidden       int // length of a vector
	Heads        int
	Intermediate int // width of the feed-forward layers
	Vocab        int // rows of the word table; at least [MinVocab]
	MaxPositions int // rows of the position table
	Seed         uint64

	NoTokenTypes  bool   // no input token_type_ids
	PositionInput bool   // an input position_ids
	Output        string // "" and "last_hidden_state", "sentence_embedding", or any name for the hidden states

	Pooling        string            // the key in 1_Pooling/config.json without "pooling_mode_"; "" writes no modules.json
	Normalize      bool              // a module Normalize
	MaxTokens      int               // max_seq_length; 0 writes no sentence_bert_config.json
	Prompts        map[string]string // of config_sentence_transformers.json
	DefaultPrompt  string            // its default_prompt_name
	ExcludePrompt  bool              // include_prompt false
	ExternalData   bool              // the weights in a file model.onnx_data
	NaNToken       int               // the id of a token whose row is NaN; 0 for none
	TokenizerExtra int               // tokens that the tokenizer has and the table has not
	HideTable      bool              // nothing but running the graph shows how many rows the table has
}

// MiniLM has the shape of all-MiniLM-L6-v2: 22.7 million weights.
func MiniLM() Spec {
	return Spec{Architecture: BERT, Layers: 6, Hidden: 384, Heads: 12, Intermediate: 1536, Vocab: 30522, MaxPositions: 512,
		Seed: 1, Pooling: "mean_tokens", Normalize: true, MaxTokens: 256}
}

// GTELarge has the shape of gte-large: 335 million weights, 1.3 GB.
func GTELarge() Spec {
	return Spec{Architecture: BERT, Layers: 24, Hidden: 1024, Heads: 16, Intermediate: 4096, Vocab: 30522, MaxPositions: 512,
		Seed: 1, Pooling: "mean_tokens", Normalize: true, MaxTokens: 512}
}

// Small is a model of a few thousand weights for tests.
func Small(a Architecture, pooling string) Spec {
	return Spec{Architecture: a, Layers: 2, Hidden: 32, Heads: 4, Intermediate: 64, Vocab: 200, MaxPositions: 66,
		Seed: 7, Pooling: pooling, Normalize: true, MaxTokens: 64}
}

func (s *Spec) padID() int {
	if s.Architecture == BERT {
		return 0
	}
	return 1
}

// Write makes the folder dir and writes the model's files into it.
func (s Spec) Write(dir string) error {
	if s.Hidden%s.Heads != 0 || s.Vocab < MinVocab {
		return fmt.Errorf("testmodel: %d dimensions for %d heads, %d tokens of at least %d", s.Hidden, s.Heads, s.Vocab, MinVocab)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := s.writeGraph(dir); err != nil {
		return err
	}
	for name, value := range s.files() {
		data, err := encode(value)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func encode(value any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(value)
	return buf.Bytes(), err
}

func (s *Spec) writeGraph(dir string) (err error) {
	model, err := os.Create(filepath.Join(dir, "model.onnx"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, model.Close()) }()
	if !s.ExternalData {
		return s.build().write(model, nil, "")
	}
	weights, err := os.Create(filepath.Join(dir, "model.onnx_data"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, weights.Close()) }()
	return s.build().write(model, weights, "model.onnx_data")
}

type object = map[string]any

// files is the JSON files of the folder.
func (s *Spec) files() map[string]any {
	files := map[string]any{
		"tokenizer.json": s.tokenizer(),
		"config.json": object{
			"model_type": string(s.Architecture), "hidden_size": s.Hidden, "num_hidden_layers": s.Layers,
			"num_attention_heads": s.Heads, "intermediate_size": s.Intermediate, "vocab_size": s.Vocab,
			"max_position_embeddings": s.MaxPositions, "pad_token_id": s.padID(),
		},
	}
	if s.HideTable {
		delete(files["config.json"].(object), "vocab_size")
	}
	if s.MaxTokens > 0 {
		files["sentence_bert_config.json"] = object{"max_seq_length": s.MaxTokens, "do_lower_case": false}
	}
	if s.Prompts != nil {
		settings := object{"prompts": s.Prompts, "default_prompt_name": nil}
		if s.DefaultPrompt != "" {
			settings["default_prompt_name"] = s.DefaultPrompt
		}
		files["config_sentence_transformers.json"] = settings
	}
	if s.Pooling == "" {
		return files
	}
	module := func(i int, path, kind string) object {
		return object{"idx": i, "name": fmt.Sprint(i), "path": path, "type": "sentence_transformers.models." + kind}
	}
	modules := []object{module(0, "", "Transformer"), module(1, "1_Pooling", "Pooling")}
	if s.Normalize {
		modules = append(modules, module(2, "2_Normalize", "Normalize"))
	}
	pooling := object{"word_embedding_dimension": s.Hidden, "include_prompt": !s.ExcludePrompt}
	for _, mode := range []string{"cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"} {
		pooling["pooling_mode_"+mode] = mode == s.Pooling
	}
	files["modules.json"] = modules
	files["1_Pooling/config.json"] = pooling
	return files
}
