package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// metaspace writes a visible character for a blank, as SentencePiece does, and
// puts one before a word that has none.
type metaspace struct {
	replacement string
	prepend     prependScheme
}

// A prependScheme says which words get a blank before them.
type prependScheme int

const (
	prependAlways prependScheme = iota
	prependFirst                // only the one at the beginning of the input
	prependNever
)

// metaspace reads the three spellings there are: add_prefix_space alone, with
// str_rep, and prepend_scheme with split.
func (c *preTokenizerConfig) metaspace() ([]step, error) {
	if utf8.RuneCountInString(c.Replacement) != 1 {
		return nil, malformed("pre_tokenizer: Metaspace with a replacement of %d characters", utf8.RuneCountInString(c.Replacement))
	}
	m := metaspace{replacement: c.Replacement}
	never := c.AddPrefixSpace != nil && !*c.AddPrefixSpace
	switch {
	case c.PrependScheme == nil && never:
		m.prepend = prependNever
	case c.PrependScheme == nil, *c.PrependScheme == "always":
	case *c.PrependScheme == "first":
		m.prepend = prependFirst
	case *c.PrependScheme == "never":
		m.prepend = prependNever
	default:
		return nil, &UnsupportedError{"pre_tokenizer", "Metaspace with prepend_scheme " + *c.PrependScheme}
	}
	if never && m.prepend != prependNever {
		return nil, malformed("pre_tokenizer: Metaspace with add_prefix_space false and prepend_scheme %s", *c.PrependScheme)
	}
	steps := []step{{rewriter: m}}
	if c.Split == nil || *c.Split {
		steps = append(steps, step{cutter: cutBefore(m.replacement)})
	}
	return steps, nil
}

func (m metaspace) appendRewritten(dst []byte, word string, first bool) []byte {
	if m.prepend == prependAlways || m.prepend == prependFirst && first {
		if word[0] != ' ' && !strings.HasPrefix(word, m.replacement) {
			dst = append(dst, m.replacement...)
		}
	}
	return replace{" ", m.replacement}.appendNormalized(dst, word)
}

func (m metaspace) growth() float64 { return float64(len(m.replacement)) }

// cutBefore cuts before each place where a character stands.
type cutBefore string

func (c cutBefore) appendWords(dst []span, text string, base int) []span {
	for {
		_, first := utf8.DecodeRuneInString(text)
		n := strings.Index(text[first:], string(c)) + first
		if n < first {
			return append(dst, span{base, base + len(text)})
		}
		dst = append(dst, span{base, base + n})
		text, base = text[n:], base+n
	}
}
