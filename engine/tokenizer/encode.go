package tokenizer

import (
	"math"
	"unicode/utf8"
)

// AppendIDs appends the ids of text to dst and returns it: all of them, and
// none that the post-processor would add. A word that the model cannot spell
// gives [Tokenizer.UnknownID], or nothing where the model has no such id.
// Bytes that are not UTF-8 count as U+FFFD each.
//
// AppendIDs does not allocate when dst has room, but for texts larger than
// any before.
func (t *Tokenizer) AppendIDs(dst []uint32, text string) []uint32 {
	return t.appendIDs(dst, text, math.MaxInt)
}

// AppendSequence appends the ids of text to dst as a model takes them: with
// the special tokens of the post-processor around them, and no more than
// maxTokens in all; 0 or less is no limit. Of a longer text the end is cut
// off, which truncated reports; the special tokens always stay, even where
// they leave no room for the text or are more than maxTokens themselves.
// [Tokenizer.AppendTypeIDs] gives the type ids that belong to it.
func (t *Tokenizer) AppendSequence(dst []uint32, text string, maxTokens int) (ids []uint32, truncated bool) {
	room := math.MaxInt
	if maxTokens > 0 {
		room = max(0, maxTokens-t.template.specials())
	}
	dst = append(dst, t.template.prefix.ids...)
	first := len(dst)
	dst = t.appendIDs(dst, text, room)
	if len(dst)-first > room {
		dst, truncated = dst[:first+room], true
	}
	return append(dst, t.template.suffix.ids...), truncated
}

// AppendTypeIDs appends the type ids of a sequence of n ids that
// [Tokenizer.AppendSequence] made: 0 for all of them in most models. It panics
// if n is less than the number of special tokens.
func (t *Tokenizer) AppendTypeIDs(dst []uint32, n int) []uint32 {
	n -= t.template.specials()
	if n < 0 {
		panic("tokenizer: type ids of a sequence without its special tokens")
	}
	dst = append(dst, t.template.prefix.types...)
	for range n {
		dst = append(dst, t.template.textType)
	}
	return append(dst, t.template.suffix.types...)
}

// Encode returns the ids of text, with the post-processor's special tokens
// around them if addSpecial is set. The text is not truncated.
func (t *Tokenizer) Encode(text string, addSpecial bool) []uint32 {
	dst := make([]uint32, 0, t.template.specials()+len(text)/4+1)
	if !addSpecial {
		return t.AppendIDs(dst, text)
	}
	dst, _ = t.AppendSequence(dst, text, 0)
	return dst
}

// Special returns the ids that [Tokenizer.AppendSequence] puts before and
// after a text. The slices are not to be changed.
func (t *Tokenizer) Special() (prefix, suffix []uint32) {
	return t.template.prefix.ids, t.template.suffix.ids
}

// appendIDs is AppendIDs that stops some time after the limit is passed.
func (t *Tokenizer) appendIDs(dst []uint32, text string, limit int) []uint32 {
	s := t.scratch.Get().(*scratch)
	if limit < math.MaxInt-len(dst) {
		limit += len(dst)
	}
	if !utf8.ValidString(text) {
		s.valid = appendValid(s.valid[:0], text)
		text = view(s.valid)
	}
	s.raw = t.added.raw.appendMatches(s.raw[:0], text)
	at := 0
	for _, m := range s.raw {
		if at < m.start {
			dst = t.appendPiece(dst, text[at:m.start], at == 0, limit, s)
		}
		dst = append(dst, m.id)
		at = m.end
		if len(dst) > limit {
			break
		}
	}
	if at < len(text) && len(dst) <= limit {
		dst = t.appendPiece(dst, text[at:], at == 0, limit, s)
	}
	s.trim()
	t.scratch.Put(s)
	return dst
}

// appendPiece appends the ids of text that has none of the added tokens that
// are looked for in the raw text; first is set for the beginning of the input.
func (t *Tokenizer) appendPiece(dst []uint32, text string, first bool, limit int, s *scratch) []uint32 {
	if t.normalizer != nil {
		first = first && (!t.preTokenizer.asksForStart || s.keepsStart(t.normalizer, text))
		s.normalized = t.normalizer.appendNormalized(s.normalized[:0], text)
		text = view(s.normalized)
	}
	s.found = t.added.normalized.appendMatches(s.found[:0], text)
	at := 0
	for _, m := range s.found {
		if at < m.start {
			dst = t.appendWords(dst, text[at:m.start], first && at == 0, limit, s)
		}
		dst = append(dst, m.id)
		at = m.end
		if len(dst) > limit {
			return dst
		}
	}
	if at < len(text) {
		dst = t.appendWords(dst, text[at:], first && at == 0, limit, s)
	}
	return dst
}

// appendWords appends the ids of normalized text without added tokens.
func (t *Tokenizer) appendWords(dst []uint32, text string, first bool, limit int, s *scratch) []uint32 {
	text = t.preTokenizer.cut(&s.words, text, first)
	for _, w := range s.words.spans {
		dst = t.model.appendIDs(dst, text[w.start:w.end], &s.model)
		if len(dst) > limit {
			break
		}
	}
	return dst
}

// trim lets go of buffers that one huge text has filled.
func (s *scratch) trim() {
	s.valid = kept(s.valid)
	s.normalized = kept(s.normalized)
	s.raw = kept(s.raw)
	s.found = kept(s.found)
	s.words.trim()
	s.model.bpe.trim()
	s.model.path.trim()
}

// maxKept bounds the elements of a scratch buffer that is kept for the next
// call, so that one huge text does not hold its memory for good.
const maxKept = 1 << 20

// kept returns a buffer, or nil if it is too large to be kept.
func kept[T any](buffer []T) []T {
	if cap(buffer) > maxKept {
		return nil
	}
	return buffer
}

// appendValid appends text with every byte that is not part of valid UTF-8
// replaced by U+FFFD.
func appendValid(dst []byte, text string) []byte {
	for _, r := range text {
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}
