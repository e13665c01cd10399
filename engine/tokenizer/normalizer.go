package tokenizer

import (
	"encoding/json"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// normalizerConfig is the union of the fields of all normalizers.
type normalizerConfig struct {
	Type               string            `json:"type"`
	Normalizers        []json.RawMessage `json:"normalizers"`          // Sequence
	CleanText          *bool             `json:"clean_text"`           // BertNormalizer
	HandleChineseChars *bool             `json:"handle_chinese_chars"` // BertNormalizer
	StripAccents       *bool             `json:"strip_accents"`        // BertNormalizer
	Lowercase          *bool             `json:"lowercase"`            // BertNormalizer
	StripLeft          bool              `json:"strip_left"`           // Strip
	StripRight         bool              `json:"strip_right"`          // Strip
	Pattern            patternConfig     `json:"pattern"`              // Replace
	Content            string            `json:"content"`              // Replace
	Prepend            string            `json:"prepend"`              // Prepend
	Charsmap           []byte            `json:"precompiled_charsmap"` // Precompiled, in base64
}

// maxDepth bounds how deep sequences may be nested.
const maxDepth = 16

// maxGrowth bounds how many bytes the normalizers may make of one. Steps that
// replace a letter by two can be chained to fill any memory; those of real
// files stay below 100.
const maxGrowth = 10_000

// newNormalizer makes the normalizer of a tokenizer.json; nil where it has
// none.
func newNormalizer(raw json.RawMessage) (normalizer, error) {
	steps, err := appendNormalizers(nil, raw, 0)
	if err != nil {
		return nil, err
	}
	var n normalizer
	switch len(steps) {
	case 0:
		return nil, nil
	case 1:
		n = steps[0]
	default:
		n = newNormalizerSequence(steps)
	}
	if growth := n.growth(); growth > maxGrowth {
		return nil, malformed("normalizer: makes up to %.3g bytes of one, the limit is %d", growth, maxGrowth)
	}
	return n, nil
}

// appendNormalizers appends the steps that raw stands for, with sequences
// taken apart.
func appendNormalizers(dst []normalizer, raw json.RawMessage, depth int) ([]normalizer, error) {
	if isNull(raw) {
		return dst, nil
	}
	var c normalizerConfig
	if err := decode(raw, "normalizer", &c); err != nil {
		return nil, err
	}
	if c.Type == "Sequence" {
		if depth == maxDepth {
			return nil, malformed("normalizer: sequences nested deeper than %d", maxDepth)
		}
		for _, step := range c.Normalizers {
			var err error
			if dst, err = appendNormalizers(dst, step, depth+1); err != nil {
				return nil, err
			}
		}
		return dst, nil
	}
	step, err := c.step()
	if err != nil {
		return nil, err
	}
	return append(dst, step), nil
}

// step makes a normalizer that is no sequence.
func (c *normalizerConfig) step() (normalizer, error) {
	switch c.Type {
	case "BertNormalizer":
		return newBERTNormalizer(c), nil
	case "Lowercase":
		return lowercase{}, nil
	case "NFC":
		return newUnicodeForm(false, true), nil
	case "NFD":
		return newUnicodeForm(false, false), nil
	case "NFKC":
		return newUnicodeForm(true, true), nil
	case "NFKD":
		return newUnicodeForm(true, false), nil
	case "StripAccents":
		return stripAccents{loadCharacters()}, nil
	case "Strip":
		return strip{c.StripLeft, c.StripRight}, nil
	case "Prepend":
		return prepend(c.Prepend), nil
	case "Replace":
		p, err := c.Pattern.compile("normalizer")
		if l, ok := p.(literal); ok {
			return replace{string(l), c.Content}, nil
		}
		return newReplacePattern(p, c.Content), err
	case "Precompiled":
		return newPrecompiled(c.Charsmap)
	case "Nmt":
		return nmt{}, nil
	case "ByteLevel":
		return loadByteLevel(), nil
	}
	return nil, &UnsupportedError{"normalizer", c.Type}
}

// isNull reports whether a section is absent.
func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// lowercase writes every character in lower case, whatever stands around it.
type lowercase struct{}

func (lowercase) appendNormalized(dst []byte, text string) []byte {
	for _, r := range text {
		dst = appendLower(dst, r)
	}
	return dst
}

func (lowercase) growth() float64 { return 1.5 } // İ

// stripAccents drops the marks. It takes nothing apart: only after NFD or NFKD
// does é lose its accent.
type stripAccents struct{ chars *characters }

func (n stripAccents) appendNormalized(dst []byte, text string) []byte {
	for _, r := range text {
		if !n.chars.has(r, mark) {
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

func (stripAccents) growth() float64 { return 1 }

// strip drops white space at the ends.
type strip struct{ left, right bool }

func (s strip) appendNormalized(dst []byte, text string) []byte {
	if s.left {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
	}
	if s.right {
		text = strings.TrimRightFunc(text, unicode.IsSpace)
	}
	return append(dst, text...)
}

func (strip) growth() float64 { return 1 }

// prepend puts a string before every text that is not empty.
type prepend string

func (p prepend) appendNormalized(dst []byte, text string) []byte {
	if text == "" {
		return dst
	}
	dst = append(dst, p...)
	return append(dst, text...)
}

func (prepend) growth() float64 { return 1 }

// replace puts one literal in the place of another.
type replace struct{ old, new string }

func (r replace) appendNormalized(dst []byte, text string) []byte {
	for {
		i := strings.Index(text, r.old)
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		dst = append(dst, r.new...)
		text = text[i+len(r.old):]
	}
}

func (r replace) growth() float64 { return max(1, float64(len(r.new))/float64(len(r.old))) }

// replacePattern puts a string in the place of what a pattern finds.
type replacePattern struct {
	pattern
	new   string
	found *sync.Pool // of *[]span
}

func newReplacePattern(p pattern, new string) normalizer {
	return replacePattern{p, new, &sync.Pool{New: func() any { return &[]span{} }}}
}

func (r replacePattern) appendNormalized(dst []byte, text string) []byte {
	pooled := r.found.Get().(*[]span)
	found := r.appendFound((*pooled)[:0], text)
	at := 0
	for _, f := range found {
		dst = append(dst, text[at:f.start]...)
		dst = append(dst, r.new...)
		at = f.end
	}
	*pooled = kept(found)
	r.found.Put(pooled)
	return append(dst, text[at:]...)
}

// growth is that of an expression that matches each character and, where it
// matches nothing, the places between them.
func (r replacePattern) growth() float64 { return float64(1 + len(r.new)) }

// nmt drops control characters and makes blanks of white space and of what
// stands for it, by the rules of SentencePiece's nmt_nfkc.
type nmt struct{}

func (nmt) appendNormalized(dst []byte, text string) []byte {
	for _, r := range text {
		switch {
		case 1 <= r && r <= 8, r == 0xb, 0xe <= r && r <= 0x1f, r == 0x7f, r == 0x8f, r == 0x9f:
		case r == '\t', r == '\n', r == '\f', r == '\r', r == 0x1680, 0x200b <= r && r <= 0x200f,
			r == 0x2028, r == 0x2029, r == 0x2581, r == 0xfeff, r == 0xfffd:
			dst = append(dst, ' ')
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

func (nmt) growth() float64 { return 1 }
