package tokenizer

import (
	"fmt"
	"unicode/utf8"
)

// bpe begins with the characters of a word and merges neighbours, those first
// that come first in a list of merges.
//
// The method is that of Sennrich, Haddow and Birch, "Neural Machine
// Translation of Rare Words with Subword Units" (2016).
type bpe struct {
	*vocabulary
	merges      mergeTable
	prefix      string       // what is put before each character but the first
	prefixNode  int32        // its node in the trie
	hasPrefix   bool         // false: no token begins with it
	suffix      string       // what is put after the last character
	bytes       *[256]uint32 // the ids of <0x00> to <0xFF>; nil without byte fallback
	unknown     uint32
	hasUnknown  bool
	fuseUnknown bool // neighbouring unknown characters become one token
	wholeFirst  bool // a word that is a token is not merged
}

// noID marks an id that there is not; a vocabulary's highest is far below.
const noID = 1<<32 - 1

// symbol is a part of the word that is being merged. The parts are a list.
type symbol struct {
	id         uint32 // noID: merged into the one before
	prev, next int32  // -1 at the ends
}

// bpeWork is the working memory of bpe.
type bpeWork struct {
	symbols []symbol
	queue   mergeQueue
}

func (w *bpeWork) trim() {
	w.symbols = kept(w.symbols)
	w.queue = kept(w.queue)
}

func newBPE(c *modelConfig) (model, error) {
	if c.Dropout != nil && *c.Dropout != 0 {
		return nil, &UnsupportedError{"model", "BPE with dropout"}
	}
	v, err := newVocabulary(c.Vocab)
	if err != nil {
		return nil, err
	}
	m := &bpe{vocabulary: v, fuseUnknown: c.FuseUnk, wholeFirst: c.IgnoreMerges}
	if c.ContinuingSubwordPrefix != nil {
		m.prefix = *c.ContinuingSubwordPrefix
	}
	m.prefixNode, m.hasPrefix = v.descend(trieRoot, m.prefix)
	if c.EndOfWordSuffix != nil {
		m.suffix = *c.EndOfWordSuffix
	}
	if c.UnkToken != nil {
		if m.unknown, m.hasUnknown = v.id(*c.UnkToken); !m.hasUnknown {
			return nil, malformed("model: unk_token %q is not in the vocabulary", *c.UnkToken)
		}
	}
	if c.ByteFallback {
		m.bytes = v.byteTokens()
	}
	m.merges, err = newMergeTable(c.Merges, v, m.prefix)
	return m, err
}

// byteTokens returns the ids of the tokens that stand for bytes.
func (v *vocabulary) byteTokens() *[256]uint32 {
	ids := new([256]uint32)
	for c := range ids {
		id, ok := v.id(fmt.Sprintf("<0x%02X>", c))
		if !ok {
			id = noID
		}
		ids[c] = id
	}
	return ids
}

// appendBytes appends the ids of the bytes of text, or returns false if one of
// them has none.
func appendBytes(dst []uint32, bytes *[256]uint32, text string) ([]uint32, bool) {
	if bytes == nil {
		return dst, false
	}
	for i := range len(text) {
		if bytes[text[i]] == noID {
			return dst, false
		}
	}
	for i := range len(text) {
		dst = append(dst, bytes[text[i]])
	}
	return dst, true
}

func (m *bpe) appendIDs(dst []uint32, word string, w *workspace) []uint32 {
	place := w.cache.place(word)
	if place.holds(word) {
		return append(dst, place.ids[:place.count]...)
	}
	first := len(dst)
	dst = m.appendMerged(dst, word, &w.bpe)
	place.keep(word, dst[first:])
	return dst
}

func (m *bpe) appendMerged(dst []uint32, word string, w *bpeWork) []uint32 {
	if m.wholeFirst {
		if id, ok := m.id(word); ok {
			return append(dst, id)
		}
	}
	first := len(dst)
	dst = m.appendCharacters(dst, word)
	if len(dst)-first < 2 {
		return dst
	}
	w.symbols = w.symbols[:0]
	for i, id := range dst[first:] {
		w.symbols = append(w.symbols, symbol{id, int32(i - 1), int32(i + 1)})
	}
	w.symbols[len(w.symbols)-1].next = -1
	m.merge(w)
	dst = dst[:first]
	for i := int32(0); i >= 0; i = w.symbols[i].next {
		dst = append(dst, w.symbols[i].id)
	}
	return dst
}

// appendCharacters appends the ids of the characters of a word.
func (m *bpe) appendCharacters(dst []uint32, word string) []uint32 {
	unknown := false // an unknown character has not been appended yet
	for at := 0; at < len(word); {
		_, n := utf8.DecodeRuneInString(word[at:])
		id, ok := m.character(word[at:at+n], at == 0, at+n == len(word))
		at += n
		if ok {
			if unknown {
				dst = append(dst, m.unknown)
				unknown = false
			}
			dst = append(dst, id)
			continue
		}
		if m.bytes != nil {
			// An unknown character before this one still waits: the
			// reference puts it after the bytes too.
			if dst, ok = m.appendFallback(dst, word[at-n:at], at == n, at == len(word)); ok {
				continue
			}
		}
		if m.hasUnknown {
			if unknown && !m.fuseUnknown {
				dst = append(dst, m.unknown)
			}
			unknown = true
		}
	}
	if unknown {
		dst = append(dst, m.unknown)
	}
	return dst
}

// appendFallback appends the ids of the bytes of a character, with the prefix
// and the suffix it has at its place in the word.
func (m *bpe) appendFallback(dst []uint32, char string, first, last bool) ([]uint32, bool) {
	start, ok := len(dst), true
	if !first {
		dst, ok = appendBytes(dst, m.bytes, m.prefix)
	}
	if ok {
		dst, ok = appendBytes(dst, m.bytes, char)
	}
	if ok && last {
		dst, ok = appendBytes(dst, m.bytes, m.suffix)
	}
	if !ok {
		dst = dst[:start]
	}
	return dst, ok
}

// character returns the id of a character of a word.
func (m *bpe) character(char string, first, last bool) (uint32, bool) {
	node := int32(trieRoot)
	ok := true
	if !first {
		node, ok = m.prefixNode, m.hasPrefix
	}
	if ok {
		node, ok = m.descend(node, char)
	}
	if ok && last {
		node, ok = m.descend(node, m.suffix)
	}
	if !ok || m.nodes[node].value < 0 {
		return 0, false
	}
	return uint32(m.nodes[node].value), true
}

// merge merges the symbols until no two neighbours can be. The queue holds
// each pair that can, the one to merge first on top: n symbols take n·log n
// steps.
func (m *bpe) merge(w *bpeWork) {
	w.queue = w.queue[:0]
	symbols := w.symbols
	for i := range len(symbols) - 1 {
		if r := m.merges.find(symbols[i].id, symbols[i+1].id); r != nil {
			w.queue = append(w.queue, candidate{mergeKey(r.rank, int32(i)), r.id})
		}
	}
	w.queue.init()
	push := func(at int32) {
		if next := symbols[at].next; next >= 0 {
			if r := m.merges.find(symbols[at].id, symbols[next].id); r != nil {
				w.queue.push(candidate{mergeKey(r.rank, at), r.id})
			}
		}
	}
	for len(w.queue) > 0 {
		top := w.queue.pop()
		at := int32(top.key & (1<<32 - 1))
		s := &symbols[at]
		if s.id == noID || s.next < 0 {
			continue
		}
		// The pair may have become another one since it was put there.
		if r := m.merges.find(s.id, symbols[s.next].id); r == nil || r.id != top.id {
			continue
		}
		right := &symbols[s.next]
		s.id, s.next = top.id, right.next
		right.id = noID
		if s.next >= 0 {
			symbols[s.next].prev = at
		}
		if s.prev >= 0 {
			push(s.prev)
		}
		push(at)
	}
}

func (m *bpe) unknownID() (uint32, bool) { return m.unknown, m.hasUnknown }
func (m *bpe) entryCount() int           { return m.keys }
func (m *bpe) size() int                 { return len(m.byID) }
