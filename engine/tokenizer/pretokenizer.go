package tokenizer

import (
	"encoding/json"
	"unicode"
	"unicode/utf8"
)

// preTokenizerConfig is the union of the fields of all pre-tokenizers.
type preTokenizerConfig struct {
	Type          string            `json:"type"`
	PreTokenizers []json.RawMessage `json:"pretokenizers"` // Sequence
	Behavior      string            `json:"behavior"`      // Punctuation
}

// newPreTokenizer makes the pre-tokenizer of a tokenizer.json; nil where it
// has none.
func newPreTokenizer(raw json.RawMessage) (preTokenizer, error) {
	steps, err := appendPreTokenizers(nil, raw, 0)
	switch {
	case err != nil:
		return nil, err
	case len(steps) == 0:
		return nil, nil
	case len(steps) == 1:
		return steps[0], nil
	}
	return preTokenizerSequence(steps), nil
}

// appendPreTokenizers appends the steps that raw stands for, with sequences
// taken apart.
func appendPreTokenizers(dst []preTokenizer, raw json.RawMessage, depth int) ([]preTokenizer, error) {
	if isNull(raw) {
		return dst, nil
	}
	var c preTokenizerConfig
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, &FormatError{Reason: "pre_tokenizer", Err: err}
	}
	switch c.Type {
	case "Sequence":
		if depth == maxDepth {
			return nil, malformed("pre_tokenizer: sequences nested deeper than %d", maxDepth)
		}
		for _, step := range c.PreTokenizers {
			var err error
			if dst, err = appendPreTokenizers(dst, step, depth+1); err != nil {
				return nil, err
			}
		}
		return dst, nil
	case "BertPreTokenizer":
		return append(dst, newBERTWords()), nil
	case "Whitespace":
		return append(dst, wordRuns{loadCharacters()}), nil
	case "WhitespaceSplit":
		return append(dst, fields{}), nil
	case "Punctuation":
		p, err := newPunctuation(c.Behavior)
		if err != nil {
			return nil, err
		}
		return append(dst, p), nil
	}
	return nil, &UnsupportedError{"pre_tokenizer", c.Type}
}

// fields cuts at white space and drops it.
type fields struct{}

func (fields) appendWords(dst []span, text string, base int) []span {
	start := 0
	for i, r := range text {
		if unicode.IsSpace(r) {
			if start < i {
				dst = append(dst, span{base + start, base + i})
			}
			start = i + utf8.RuneLen(r)
		}
	}
	if start < len(text) {
		dst = append(dst, span{base + start, base + len(text)})
	}
	return dst
}

// bertWords cuts at white space, which it drops, and makes each punctuation
// character a word of its own.
type bertWords struct {
	chars *characters
	ascii [utf8.RuneSelf]cut
}

// cut is what a character does to the word it stands in.
type cut uint8

const (
	none   cut = iota
	drops      // ends it and is dropped
	stands     // ends it and is a word itself
)

func newBERTWords() preTokenizer {
	b := &bertWords{chars: loadCharacters()}
	for r := range rune(utf8.RuneSelf) {
		b.ascii[r] = b.cut(r)
	}
	return b
}

func (b *bertWords) cut(r rune) cut {
	switch {
	case unicode.IsSpace(r):
		return drops
	case b.chars.has(r, punctuation):
		return stands
	}
	return none
}

func (b *bertWords) appendWords(dst []span, text string, base int) []span {
	start := 0
	for i := 0; i < len(text); {
		var c cut
		size := 1
		if text[i] < utf8.RuneSelf {
			c = b.ascii[text[i]]
		} else {
			var r rune
			r, size = utf8.DecodeRuneInString(text[i:])
			c = b.cut(r)
		}
		i += size
		if c == none {
			continue
		}
		if start < i-size {
			dst = append(dst, span{base + start, base + i - size})
		}
		start = i
		if c == stands {
			dst = append(dst, span{base + i - size, base + i})
		}
	}
	if start < len(text) {
		dst = append(dst, span{base + start, base + len(text)})
	}
	return dst
}

// wordRuns is the regular expression \w+|[^\w\s]+: runs of word characters,
// and runs of what is neither that nor white space.
type wordRuns struct{ chars *characters }

func (w wordRuns) appendWords(dst []span, text string, base int) []span {
	const (
		gap = iota
		run
		other
	)
	start, kind := 0, gap
	for i, r := range text {
		k := other
		if w.chars.has(r, word) {
			k = run
		} else if unicode.IsSpace(r) {
			k = gap
		}
		if k != kind {
			if kind != gap {
				dst = append(dst, span{base + start, base + i})
			}
			start, kind = i, k
		}
	}
	if kind != gap {
		dst = append(dst, span{base + start, base + len(text)})
	}
	return dst
}

// punctuationWords cuts at punctuation characters; the behavior says what becomes
// of them.
type punctuationWords struct {
	chars    *characters
	behavior behavior
}

type behavior int

const (
	isolated           behavior = iota // each is a word
	removed                            // they are dropped
	mergedWithPrevious                 // each ends the word before it
	mergedWithNext                     // each begins the word after it
	contiguous                         // a run of them is a word
)

func newPunctuation(name string) (preTokenizer, error) {
	p := punctuationWords{chars: loadCharacters()}
	switch name {
	case "", "Isolated":
		p.behavior = isolated
	case "Removed":
		p.behavior = removed
	case "MergedWithPrevious":
		p.behavior = mergedWithPrevious
	case "MergedWithNext":
		p.behavior = mergedWithNext
	case "Contiguous":
		p.behavior = contiguous
	default:
		return nil, &UnsupportedError{"pre_tokenizer", "Punctuation with behavior " + name}
	}
	return p, nil
}

func (p punctuationWords) appendWords(dst []span, text string, base int) []span {
	start := 0
	cut := func(at int) {
		if start < at {
			dst = append(dst, span{base + start, base + at})
			start = at
		}
	}
	before := false // the character before was punctuation
	for i, r := range text {
		is := p.chars.has(r, punctuation)
		after := i + utf8.RuneLen(r)
		switch p.behavior {
		case isolated:
			if is {
				cut(i)
				cut(after)
			}
		case removed:
			if is {
				cut(i)
				start = after
			}
		case mergedWithPrevious:
			if is {
				cut(after)
			}
		case mergedWithNext:
			if is {
				cut(i)
			}
		case contiguous:
			if is != before {
				cut(i)
			}
		}
		before = is
	}
	cut(len(text))
	return dst
}

// preTokenizerSequence cuts with one pre-tokenizer, then cuts the words with
// the next.
type preTokenizerSequence []preTokenizer

func (s preTokenizerSequence) appendWords(dst []span, text string, base int) []span {
	first := len(dst)
	dst = append(dst, span{base, base + len(text)})
	for _, step := range s {
		last := len(dst)
		for i := first; i < last; i++ {
			w := dst[i]
			dst = step.appendWords(dst, text[w.start-base:w.end-base], w.start)
		}
		dst = append(dst[:first], dst[last:]...)
	}
	return dst
}
