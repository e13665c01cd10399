package tokenizer

import (
	"math"
	"unicode/utf8"
)

// wordPiece spells a word with the longest piece of the vocabulary it begins
// with, then the longest continuing piece the rest begins with, and so on. A
// word that cannot be spelled to its end, or is too long, is unknown as a
// whole.
//
// The method is that of Schuster and Nakajima, "Japanese and Korean voice
// search" (2012), as BERT applies it.
type wordPiece struct {
	*vocabulary
	prefix     string // of continuing pieces: "##"
	prefixHash uint64 // what hashing goes on from after the prefix
	maxChars   int    // a longer word is unknown
	unknown    uint32
	hasUnknown bool
}

func newWordPiece(c *modelConfig) (model, error) {
	v, err := newVocabulary(c.Vocab)
	if err != nil {
		return nil, err
	}
	w := &wordPiece{vocabulary: v, prefix: "##", maxChars: 100}
	if c.ContinuingSubwordPrefix != nil {
		w.prefix = *c.ContinuingSubwordPrefix
	}
	w.prefixHash = hashFrom(hashBasis, w.prefix)
	if c.MaxInputCharsPerWord != nil {
		w.maxChars = int(min(*c.MaxInputCharsPerWord, math.MaxInt32))
	}
	unknown := "[UNK]"
	if c.UnkToken != nil {
		unknown = *c.UnkToken
	}
	w.unknown, w.hasUnknown = v.id(unknown)
	return w, nil
}

func (w *wordPiece) appendIDs(dst []uint32, word string, s *scratch) []uint32 {
	if len(word) > w.maxChars && utf8.RuneCountInString(word) > w.maxChars {
		return w.appendUnknown(dst)
	}
	first := len(dst)
	prefix, h := "", uint64(hashBasis)
	for word != "" {
		// The hashes of all beginnings of the word that a piece may have.
		hashes := s.hashes[:0]
		for i := range min(len(word), w.longest-len(prefix)) {
			h = (h ^ uint64(word[i])) * hashPrime
			hashes = append(hashes, h)
		}
		s.hashes = hashes
		n := len(hashes)
		for ; n > 0; n-- {
			if id, ok := w.find(hashes[n-1], prefix, word[:n]); ok {
				dst = append(dst, id)
				break
			}
		}
		if n == 0 {
			return w.appendUnknown(dst[:first])
		}
		word = word[n:]
		prefix, h = w.prefix, w.prefixHash
	}
	return dst
}

func (w *wordPiece) appendUnknown(dst []uint32) []uint32 {
	if w.hasUnknown {
		dst = append(dst, w.unknown)
	}
	return dst
}

func (w *wordPiece) unknownID() (uint32, bool) { return w.unknown, w.hasUnknown }
func (w *wordPiece) entryCount() int           { return len(w.vocabulary.entries) }
func (w *wordPiece) size() int                 { return len(w.byID) }
