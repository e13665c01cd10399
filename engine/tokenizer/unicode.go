package tokenizer

import (
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// property is a set of character properties.
type property uint16

const (
	control     property = 1 << iota // dropped by BERT's cleaning
	punctuation                      // P, and of ASCII also the symbols
	nonspacing                       // Mn
	mark                             // M
	combining                        // a canonical combining class other than 0
	word                             // \w of regular expressions
	letter                           // \p{L}
	number                           // \p{N}
	newerNumber                      // N that regular expressions do not know yet
	space                            // White_Space
)

// smallRunes bounds the characters whose properties stand in a table. Above it
// are the CJK ideographs, Hangul and the rarer scripts.
const smallRunes = 0x3400

// characters knows the properties of characters as the reference sees them.
// White space is Go's: the set is closed.
type characters struct {
	small [smallRunes]property
	sets  []propertySet
}

type propertySet struct {
	property property
	table    *unicode.RangeTable
}

// loadCharacters returns the one table there is; it is read only.
var loadCharacters = sync.OnceValue(func() *characters {
	c := &characters{sets: []propertySet{
		{control, parseRanges(controlRanges)},
		{punctuation, parseRanges("21-2F 3A-40 5B-60 7B-7E " + punctuationRanges)},
		{nonspacing, parseRanges(nonspacingRanges)},
		{mark, parseRanges(markRanges)},
		{combining, parseRanges(combiningRanges)},
		{word, parseRanges("30-39 41-5A 5F 61-7A " + wordRanges)},
		{letter, parseRanges("41-5A 61-7A " + letterRanges)},
		{number, parseRanges("30-39 " + numberRanges)},
		{newerNumber, parseRanges(newerNumberRanges)},
		{space, unicode.White_Space},
	}}
	for _, s := range c.sets {
		for _, r := range s.table.R16 {
			for x := uint32(r.Lo); x <= min(uint32(r.Hi), smallRunes-1); x += uint32(r.Stride) {
				c.small[x] |= s.property
			}
		}
	}
	return c
})

// parseRanges reads ranges of tables.go: "41-5A 5F", in hexadecimal and
// rising.
func parseRanges(s string) *unicode.RangeTable {
	t := &unicode.RangeTable{}
	for field := range strings.FieldsSeq(s) {
		from, to, isRange := strings.Cut(field, "-")
		if !isRange {
			to = from
		}
		lo, errLo := strconv.ParseUint(from, 16, 32)
		hi, errHi := strconv.ParseUint(to, 16, 32)
		switch {
		case errLo != nil || errHi != nil:
			panic("tokenizer: " + field + " is not a range")
		case hi <= 0xffff:
			t.R16 = append(t.R16, unicode.Range16{Lo: uint16(lo), Hi: uint16(hi), Stride: 1})
		default:
			t.R32 = append(t.R32, unicode.Range32{Lo: uint32(lo), Hi: uint32(hi), Stride: 1})
		}
	}
	return t
}

// table returns the characters that have a property.
func (c *characters) table(p property) *unicode.RangeTable {
	for _, s := range c.sets {
		if s.property == p {
			return s.table
		}
	}
	panic("tokenizer: no table of this property")
}

// has reports whether r has one of the properties.
func (c *characters) has(r rune, properties property) bool {
	if uint32(r) < smallRunes {
		return c.small[r]&properties != 0
	}
	for _, s := range c.sets {
		if s.property&properties != 0 && unicode.Is(s.table, r) {
			return true
		}
	}
	return false
}

// isIdeograph is what BERT puts spaces around: the CJK ideographs, in the
// blocks that its authors listed. U+2B820 to U+2B91F are not among them.
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

// appendLower appends the lower case of r, whatever stands around it: two
// characters for İ, and σ for Σ also at the end of a word.
func appendLower(dst []byte, r rune) []byte {
	if r == 'İ' {
		return append(dst, "i̇"...)
	}
	return utf8.AppendRune(dst, toLower(r))
}

// toLower is [unicode.ToLower] for Unicode 17, which the reference uses; up to
// Go 1.26 package unicode has version 15.
func toLower(r rune) rune {
	switch {
	case r < 0x1c89:
		return unicode.ToLower(r)
	case r == 0x1c89, r == 0xa7cc, r == 0xa7ce, r == 0xa7d2, r == 0xa7d4, r == 0xa7da:
		return r + 1
	case r == 0xa7cb:
		return 0x264
	case r == 0xa7dc:
		return 0x19b
	case 0x10d50 <= r && r <= 0x10d65:
		return r + 0x20
	case 0x16ea0 <= r && r <= 0x16eb8:
		return r + 0x1b
	}
	return unicode.ToLower(r)
}
