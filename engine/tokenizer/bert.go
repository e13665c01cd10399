package tokenizer

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// bertNormalizer is the cleaning that came with BERT, in this order: drop
// control characters and make every white space a blank (clean), put blanks
// around CJK ideographs (ideographs), take characters apart and drop the
// nonspacing marks (accents), lower case (lower).
type bertNormalizer struct {
	clean, ideographs, accents, lower bool
}

func newBERTNormalizer(c *normalizerConfig) normalizer {
	isSet := func(p *bool, absent bool) bool {
		if p == nil {
			return absent
		}
		return *p
	}
	n := bertNormalizer{
		clean:      isSet(c.CleanText, true),
		ideographs: isSet(c.HandleChineseChars, true),
		lower:      isSet(c.Lowercase, true),
	}
	n.accents = isSet(c.StripAccents, n.lower)
	return n
}

func (n bertNormalizer) appendNormalized(dst []byte, text string) []byte {
	for _, r := range text {
		if n.clean {
			if r == 0 || r == utf8.RuneError || isControl(r) {
				continue
			}
			if isWhitespace(r) {
				r = ' '
			}
		}
		if n.ideographs && isIdeograph(r) {
			dst = append(dst, ' ')
			dst = n.appendFolded(dst, r)
			dst = append(dst, ' ')
			continue
		}
		dst = n.appendFolded(dst, r)
	}
	return dst
}

func (n bertNormalizer) appendFolded(dst []byte, r rune) []byte {
	if n.accents && r >= utf8.RuneSelf {
		for _, d := range norm.NFD.String(string(r)) {
			if !isNonspacingMark(d) {
				dst = n.appendCased(dst, d)
			}
		}
		return dst
	}
	return n.appendCased(dst, r)
}

func (n bertNormalizer) appendCased(dst []byte, r rune) []byte {
	if n.lower {
		return appendLower(dst, r)
	}
	return utf8.AppendRune(dst, r)
}
