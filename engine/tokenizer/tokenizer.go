// Package tokenizer turns texts into token ids by the rules of a Hugging Face
// tokenizer.json.
//
// A text passes four stages, each set up by its own section of the file: the
// normalizer rewrites it, the pre-tokenizer cuts it into words, the model
// turns each word into ids, and the post-processor puts the model's special
// tokens around them. Before that the added tokens, such as [SEP], are cut
// out of the raw text. The sections "truncation", "padding" and "decoder" are
// not looked at: how long a sequence may be is the caller's affair. What else
// a file holds and this package does not know is an error that names it.
//
// The oracle is Hugging Face's own library, version 0.22: the ids are meant
// to be the same for every text. Where the Unicode tables of that library and
// Go's differ, the library's are used.
package tokenizer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"
	"unsafe"
)

// A Tokenizer turns texts into ids. It does not change after [Parse] and may
// be used by several goroutines at once.
type Tokenizer struct {
	normalizer   normalizer   // nil: the text stays as it is
	preTokenizer preTokenizer // empty: the text is one word
	model        model
	added        addedTokens
	template     template
	digest       string
	size         int
	scratch      sync.Pool // of *scratch
}

// A normalizer rewrites text. It appends the result to dst.
type normalizer interface {
	appendNormalized(dst []byte, text string) []byte
	growth() float64 // how many bytes it makes of one at most, but for a constant
}

// A model turns one word into ids and holds the vocabulary.
type model interface {
	appendIDs(dst []uint32, word string, w *workspace) []uint32
	id(token string) (uint32, bool)
	token(id uint32) (string, bool)
	unknownID() (uint32, bool)
	entryCount() int // number of distinct tokens
	size() int       // highest id + 1
}

// A span is the bytes start ≤ i < end of a text.
type span struct{ start, end int }

// scratch is the working memory of one call.
type scratch struct {
	valid      []byte  // the text with what is not UTF-8 replaced
	normalized []byte  // what the normalizer made of a piece of text
	raw        []match // added tokens in the raw text
	found      []match // added tokens in a normalized piece
	words      wordList
	model      workspace
}

// workspace is the working memory of the models; each uses its own part.
type workspace struct {
	cache wordCache
	bpe   bpeWork
	path  unigramWork
}

// document is the JSON of a tokenizer.json, as far as it is looked at.
type document struct {
	Version       string          `json:"version"`
	Truncation    json.RawMessage `json:"truncation"`
	Padding       json.RawMessage `json:"padding"`
	Decoder       json.RawMessage `json:"decoder"`
	AddedTokens   []addedToken    `json:"added_tokens"`
	Normalizer    json.RawMessage `json:"normalizer"`
	PreTokenizer  json.RawMessage `json:"pre_tokenizer"`
	PostProcessor json.RawMessage `json:"post_processor"`
	Model         *modelConfig    `json:"model"`
}

// Parse reads the bytes of a tokenizer.json. What is well formed but not
// supported gives an [*UnsupportedError], everything else a [*FormatError].
func Parse(data []byte) (*Tokenizer, error) {
	var doc document
	if err := decode(data, "file", &doc); err != nil {
		return nil, err
	}
	if doc.Version != "" && doc.Version != "1.0" {
		return nil, &UnsupportedError{"file", "version " + doc.Version}
	}
	if doc.Model == nil {
		return nil, malformed(`no "model" section`)
	}
	t := &Tokenizer{}
	var err error
	if t.model, err = newModel(doc.Model); err != nil {
		return nil, err
	}
	if t.normalizer, err = newNormalizer(doc.Normalizer); err != nil {
		return nil, err
	}
	if t.preTokenizer, err = newPreTokenizer(doc.PreTokenizer); err != nil {
		return nil, err
	}
	if t.template, err = newPostProcessor(doc.PostProcessor); err != nil {
		return nil, err
	}
	if t.added, err = newAddedTokens(doc.AddedTokens, t.model, t.normalizer); err != nil {
		return nil, err
	}
	t.size = max(t.model.size(), t.added.size)
	if id, ok := t.template.highest(); ok && int64(id) >= int64(t.size) {
		return nil, malformed("the post-processor adds id %d, the highest id of a token is %d", id, t.size-1)
	}
	sum := sha256.Sum256(data)
	t.digest = "sha256:" + hex.EncodeToString(sum[:])
	t.scratch.New = func() any { return new(scratch) }
	return t, nil
}

// Token returns the token of an id, of the vocabulary or added.
func (t *Tokenizer) Token(id uint32) (string, bool) {
	if content, ok := t.added.byID[id]; ok {
		return content, true
	}
	return t.model.token(id)
}

// ID returns the id of a token, of the vocabulary or added.
func (t *Tokenizer) ID(token string) (uint32, bool) {
	if id, ok := t.added.byContent[token]; ok {
		return id, true
	}
	return t.model.id(token)
}

// UnknownID returns the id that stands for words the model cannot spell.
func (t *Tokenizer) UnknownID() (uint32, bool) { return t.model.unknownID() }

// Size returns the highest id + 1, added tokens included.
func (t *Tokenizer) Size() int { return t.size }

// Digest returns "sha256:" and the hexadecimal SHA-256 of the bytes given to
// [Parse].
func (t *Tokenizer) Digest() string { return t.digest }

// view returns b as a string without copying it. The string must not outlive
// the next change of b; it is only used inside one call.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
