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
	continuing    int32 // the node of the prefix of continuing pieces, "##"
	hasContinuing bool
	maxChars      int // a longer word is unknown
	unknown       uint32
	hasUnknown    bool
}

func newWordPiece(c *modelConfig) (model, error) {
	v, err := newVocabulary(c.Vocab)
	if err != nil {
		return nil, err
	}
	w := &wordPiece{vocabulary: v, maxChars: 100}
	prefix := "##"
	if c.ContinuingSubwordPrefix != nil {
		prefix = *c.ContinuingSubwordPrefix
	}
	w.continuing, w.hasContinuing = v.descend(trieRoot, prefix)
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

func (w *wordPiece) appendIDs(dst []uint32, word string, _ *workspace) []uint32 {
	if len(word) > w.maxChars && utf8.RuneCountInString(word) > w.maxChars {
		return w.appendUnknown(dst)
	}
	first := len(dst)
	for node := int32(trieRoot); word != ""; node = w.continuing {
		id, n := w.longest(node, word)
		if n == 0 || n < len(word) && !w.hasContinuing {
			return w.appendUnknown(dst[:first])
		}
		dst = append(dst, uint32(id))
		word = word[n:]
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
func (w *wordPiece) entryCount() int           { return w.keys }
func (w *wordPiece) size() int                 { return len(w.byID) }
