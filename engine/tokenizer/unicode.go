package tokenizer

import (
	"unicode"
	"unicode/utf8"
)

// isWhitespace is the property White_Space.
func isWhitespace(r rune) bool { return unicode.Is(unicode.White_Space, r) }

// isControl is what BERT's cleaning drops: the categories Cc, Cf and Co, but
// for tab, line feed and carriage return.
func isControl(r rune) bool {
	if r == '\t' || r == '\n' || r == '\r' {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
}

// isPunctuation is category P, and of ASCII also the symbols.
func isPunctuation(r rune) bool {
	if r < utf8.RuneSelf {
		return r > ' ' && r < 0x7f && !('0' <= r && r <= '9') && !('a' <= r|0x20 && r|0x20 <= 'z')
	}
	return unicode.Is(unicode.P, r)
}

// isNonspacingMark is category Mn.
func isNonspacingMark(r rune) bool { return unicode.Is(unicode.Mn, r) }

// isMark is category M.
func isMark(r rune) bool { return unicode.Is(unicode.M, r) }

// isIdeograph is what BERT puts spaces around: the CJK ideographs, in the
// blocks that its authors listed.
func isIdeograph(r rune) bool {
	switch {
	case r < 0x3400:
		return false
	case r <= 0x4dbf, 0x4e00 <= r && r <= 0x9fff, 0xf900 <= r && r <= 0xfaff:
		return true
	case r < 0x20000:
		return false
	}
	return r <= 0x2a6df || 0x2a700 <= r && r <= 0x2b81f || 0x2b920 <= r && r <= 0x2ceaf ||
		0x2f800 <= r && r <= 0x2fa1f
}

// isWord is \w of Unicode regular expressions (UTS 18, annex C).
func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z' || r == '_'
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.Nl, unicode.Nd, unicode.Pc,
		unicode.Other_Alphabetic, unicode.Join_Control)
}

// appendLower appends the full lower case of r, whatever stands around it: two
// characters for İ, and never ς for Σ.
func appendLower(dst []byte, r rune) []byte {
	if r == 'İ' {
		return append(dst, "i̇"...)
	}
	return utf8.AppendRune(dst, unicode.ToLower(r))
}
