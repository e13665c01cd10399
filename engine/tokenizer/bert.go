package tokenizer

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// bertNormalizer is the cleaning that came with BERT, in this order: drop
// control characters and make every white space a blank (clean), put blanks
// around CJK ideographs (ideographs), take characters apart and drop the
// nonspacing marks (accents), lower case (lower).
//
// All of it can be done character by character but for one case: where a mark
// stays that has a combining class, such as U+302E, canonical order may move
// it.
type bertNormalizer struct {
	clean, ideographs, accents, lower bool

	ascii  [utf8.RuneSelf]byte // what a character becomes, or dropped
	folded []fold              // the same from utf8.RuneSelf to smallRunes
	bytes  []byte              // what folded points to
	decomposer
}

// fold is where the bytes of a character begin in bertNormalizer.bytes, times
// 16, plus how many they are; or unordered.
type fold uint32

// dropped marks an ASCII character that becomes nothing.
const dropped = 0xff

// unordered marks a character that can change places with its neighbours.
const unordered fold = 1<<32 - 1

func newBERTNormalizer(c *normalizerConfig) normalizer {
	isSet := func(p *bool, absent bool) bool {
		if p == nil {
			return absent
		}
		return *p
	}
	n := &bertNormalizer{
		clean:      isSet(c.CleanText, true),
		ideographs: isSet(c.HandleChineseChars, true),
		lower:      isSet(c.Lowercase, true),
		decomposer: newDecomposer(false),
	}
	n.accents = isSet(c.StripAccents, n.lower)
	for r := range rune(utf8.RuneSelf) {
		n.ascii[r] = dropped
		if out, _ := n.appendFolded(nil, r); len(out) > 0 {
			n.ascii[r] = out[0]
		}
	}
	n.folded = make([]fold, smallRunes)
	for r := rune(utf8.RuneSelf); r < smallRunes; r++ {
		start := len(n.bytes)
		out, ok := n.appendFolded(n.bytes, r)
		if !ok {
			n.folded[r] = unordered
			continue
		}
		n.bytes = out
		n.folded[r] = fold(start<<4 | (len(out) - start))
	}
	return n
}

func (n *bertNormalizer) appendNormalized(dst []byte, text string) []byte {
	base := len(dst)
	dst = slices.Grow(dst, len(text))
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			i++
			if c = n.ascii[c]; c != dropped {
				dst = append(dst, c)
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if r < smallRunes {
			f := n.folded[r]
			if f == unordered {
				return n.appendOrdered(dst[:base], text)
			}
			dst = append(dst, n.bytes[f>>4:f>>4+f&15]...)
			continue
		}
		var ok bool
		if dst, ok = n.appendFolded(dst, r); !ok {
			return n.appendOrdered(dst[:base], text)
		}
	}
	return dst
}

func (n *bertNormalizer) growth() float64 { return 3 } // a Hangul syllable

// appendFolded appends what becomes of one character. It returns false for one
// that has to be put in order with its neighbours.
func (n *bertNormalizer) appendFolded(dst []byte, r rune) ([]byte, bool) {
	r, ok := n.cleaned(r)
	if !ok {
		return dst, true
	}
	if n.ideographs && isIdeograph(r) {
		dst = append(dst, ' ')
		dst, ok = n.appendBare(dst, r)
		return append(dst, ' '), ok
	}
	return n.appendBare(dst, r)
}

// appendBare appends a character without its accents and in its case.
func (n *bertNormalizer) appendBare(dst []byte, r rune) ([]byte, bool) {
	if !n.accents {
		return n.appendCased(dst, r), true
	}
	var buf [4]part
	for _, p := range n.appendParts(buf[:0], r) {
		if n.chars.has(p.r, nonspacing) {
			continue
		}
		if p.class != 0 {
			return dst, false
		}
		dst = n.appendCased(dst, p.r)
	}
	return dst, true
}

// appendOrdered normalizes text as a whole, for the case that one character
// alone does not show its place.
func (n *bertNormalizer) appendOrdered(dst []byte, text string) []byte {
	pooled := n.parts.Get().(*[]part)
	parts := (*pooled)[:0]
	for _, r := range text {
		r, ok := n.cleaned(r)
		if !ok {
			continue
		}
		isolate := n.ideographs && isIdeograph(r)
		if isolate {
			parts = append(parts, part{' ', 0})
		}
		parts = n.appendParts(parts, r)
		if isolate {
			parts = append(parts, part{' ', 0})
		}
	}
	order(parts)
	for _, p := range parts {
		if !n.chars.has(p.r, nonspacing) {
			dst = n.appendCased(dst, p.r)
		}
	}
	n.keep(pooled, parts)
	return dst
}

// cleaned returns what cleaning makes of a character; false where it is
// dropped.
func (n *bertNormalizer) cleaned(r rune) (rune, bool) {
	switch {
	case !n.clean:
		return r, true
	case r == 0, r == utf8.RuneError, n.chars.has(r, control):
		return 0, false
	case unicode.IsSpace(r):
		return ' ', true
	}
	return r, true
}

func (n *bertNormalizer) appendCased(dst []byte, r rune) []byte {
	if n.lower {
		return appendLower(dst, r)
	}
	return utf8.AppendRune(dst, r)
}
