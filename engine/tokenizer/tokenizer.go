// Package tokenizer turns texts into token ids by the rules of a Hugging Face
// tokenizer.json.
//
// A text passes four stages, each set up by its own section of the file: the
// normalizer rewrites it, the pre-tokenizer cuts it into words, the model
// turns each word into ids, and the post-processor puts the model's special
// tokens around them. Before that the added tokens, such as [SEP], are cut
// out of the raw text. The sections "truncation", "padding" and "decoder" are
// not looked at: how long a sequence may be is the caller's affair.
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
	"unicode/utf8"
	"unsafe"
)

// A Tokenizer turns texts into ids. It does not change after [Parse] and may
// be used by several goroutines at once.
type Tokenizer struct {
	normalizer   normalizer   // nil: the text stays as it is
	preTokenizer preTokenizer // nil: the text is one word
	model        model
	added        addedTokens
	prefix       []uint32 // what the post-processor puts before the text
	suffix       []uint32 // and after it
	digest       string
	size         int
	scratch      sync.Pool // of *scratch
}

// A normalizer rewrites text. It appends the result to dst.
type normalizer interface {
	appendNormalized(dst []byte, text string) []byte
	growth() float64 // how many bytes it makes of one at most, but for a constant
}

// A preTokenizer cuts text into words: it appends them to dst in the order of
// the text. Positions are those of text moved on by base.
type preTokenizer interface {
	appendWords(dst []span, text string, base int) []span
}

// A model turns one word into ids and holds the vocabulary.
type model interface {
	appendIDs(dst []uint32, word string) []uint32
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
	words      []span  // what the pre-tokenizer made of a piece
}

// maxKept bounds the bytes of a scratch buffer that is kept for the next call,
// so that one huge text does not hold its memory for good.
const maxKept = 1 << 20

// document is the JSON of a tokenizer.json, as far as it is looked at.
type document struct {
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
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, &FormatError{Reason: "not readable as JSON of the expected shape", Err: err}
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
	if t.prefix, t.suffix, err = newPostProcessor(doc.PostProcessor); err != nil {
		return nil, err
	}
	if t.added, err = newAddedTokens(doc.AddedTokens, t.model, t.normalizer); err != nil {
		return nil, err
	}
	t.size = max(t.model.size(), t.added.size)
	for _, id := range append(t.prefix[:len(t.prefix):len(t.prefix)], t.suffix...) {
		if int64(id) >= int64(t.size) {
			return nil, malformed("the post-processor adds id %d, the highest id of a token is %d", id, t.size-1)
		}
	}
	sum := sha256.Sum256(data)
	t.digest = "sha256:" + hex.EncodeToString(sum[:])
	t.scratch.New = func() any { return new(scratch) }
	return t, nil
}

// AppendIDs appends the ids of text to dst and returns it: all of them, and
// none that the post-processor would add. A word that the model cannot spell
// gives [Tokenizer.UnknownID], or nothing where the model has no such id.
// Bytes that are not UTF-8 count as U+FFFD each.
//
// AppendIDs does not allocate when dst has room, but for texts larger than
// any before.
func (t *Tokenizer) AppendIDs(dst []uint32, text string) []uint32 {
	s := t.scratch.Get().(*scratch)
	if !utf8.ValidString(text) {
		s.valid = appendValid(s.valid[:0], text)
		text = view(s.valid)
	}
	s.raw = t.added.raw.appendMatches(s.raw[:0], text)
	at := 0
	for _, m := range s.raw {
		if at < m.start {
			dst = t.appendPiece(dst, text[at:m.start], s)
		}
		dst = append(dst, m.id)
		at = m.end
	}
	if at < len(text) {
		dst = t.appendPiece(dst, text[at:], s)
	}
	if max(cap(s.valid), cap(s.normalized), cap(s.words)) <= maxKept {
		t.scratch.Put(s)
	}
	return dst
}

// appendPiece appends the ids of text that has none of the added tokens that
// are looked for in the raw text.
func (t *Tokenizer) appendPiece(dst []uint32, text string, s *scratch) []uint32 {
	if t.normalizer != nil {
		s.normalized = t.normalizer.appendNormalized(s.normalized[:0], text)
		text = view(s.normalized)
	}
	s.found = t.added.normalized.appendMatches(s.found[:0], text)
	at := 0
	for _, m := range s.found {
		if at < m.start {
			dst = t.appendWords(dst, text[at:m.start], s)
		}
		dst = append(dst, m.id)
		at = m.end
	}
	if at < len(text) {
		dst = t.appendWords(dst, text[at:], s)
	}
	return dst
}

// appendWords appends the ids of normalized text without added tokens.
func (t *Tokenizer) appendWords(dst []uint32, text string, s *scratch) []uint32 {
	if t.preTokenizer == nil {
		return t.model.appendIDs(dst, text)
	}
	s.words = t.preTokenizer.appendWords(s.words[:0], text, 0)
	for _, w := range s.words {
		dst = t.model.appendIDs(dst, text[w.start:w.end])
	}
	return dst
}

// Encode returns the ids of text, with the post-processor's special tokens
// around them if addSpecial is set. The text is not truncated.
func (t *Tokenizer) Encode(text string, addSpecial bool) []uint32 {
	dst := make([]uint32, 0, len(t.prefix)+len(t.suffix)+len(text)/4+1)
	if !addSpecial {
		return t.AppendIDs(dst, text)
	}
	dst = append(dst, t.prefix...)
	dst = t.AppendIDs(dst, text)
	return append(dst, t.suffix...)
}

// Special returns the ids that [Tokenizer.Encode] puts before and after a
// text. Who truncates has to leave room for them. The slices are not to be
// changed.
func (t *Tokenizer) Special() (prefix, suffix []uint32) { return t.prefix, t.suffix }

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

// appendValid appends text with every byte that is not part of valid UTF-8
// replaced by U+FFFD.
func appendValid(dst []byte, text string) []byte {
	for _, r := range text {
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// view returns b as a string without copying it. The string must not outlive
// the next change of b; it is only used inside one call.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
