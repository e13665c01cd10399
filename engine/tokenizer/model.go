package tokenizer

import "encoding/json"

// supportedModels is for hints.
const supportedModels = "WordPiece, BPE, Unigram or WordLevel"

// modelConfig is the union of the fields of all models.
type modelConfig struct {
	Type                    string          `json:"type"`
	Vocab                   json.RawMessage `json:"vocab"`  // an object; of Unigram an array
	Merges                  json.RawMessage `json:"merges"` // BPE
	UnkID                   json.RawMessage `json:"unk_id"` // Unigram
	UnkToken                *string         `json:"unk_token"`
	ContinuingSubwordPrefix *string         `json:"continuing_subword_prefix"`
	MaxInputCharsPerWord    *uint64         `json:"max_input_chars_per_word"` // WordPiece
	EndOfWordSuffix         *string         `json:"end_of_word_suffix"`       // BPE
	Dropout                 *float64        `json:"dropout"`                  // BPE
	FuseUnk                 bool            `json:"fuse_unk"`                 // BPE
	ByteFallback            bool            `json:"byte_fallback"`            // BPE, Unigram
	IgnoreMerges            bool            `json:"ignore_merges"`            // BPE
}

// newModel makes the model of a tokenizer.json.
func newModel(c *modelConfig) (model, error) {
	switch kind := c.kind(); kind {
	case "WordPiece":
		return newWordPiece(c)
	case "BPE":
		return newBPE(c)
	case "Unigram":
		return newUnigram(c)
	case "WordLevel":
		return newWordLevel(c)
	default:
		return nil, &UnsupportedError{"model", kind}
	}
}

// kind returns the model's type, which older files do not state: there it
// shows in the fields that only one type has.
func (c *modelConfig) kind() string {
	switch {
	case c.Type != "":
		return c.Type
	case !isNull(c.Merges):
		return "BPE"
	case !isNull(c.UnkID), len(c.Vocab) > 0 && c.Vocab[0] == '[':
		return "Unigram"
	case c.MaxInputCharsPerWord != nil, c.ContinuingSubwordPrefix != nil:
		return "WordPiece"
	}
	return "WordLevel"
}
