package tokenizer

import (
	"encoding/json"
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
		return append(dst, bertWords{}), nil
	case "Whitespace":
		return append(dst, wordRuns{}), nil
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
		if isWhitespace(r) {
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
type bertWords struct{}

func (bertWords) appendWords(dst []span, text string, base int) []span {
	start := 0
	for i, r := range text {
		space := isWhitespace(r)
		if !space && !isPunctuation(r) {
			continue
		}
		if start < i {
			dst = append(dst, span{base + start, base + i})
		}
		start = i + utf8.RuneLen(r)
		if !space {
			dst = append(dst, span{base + i, base + start})
		}
	}
	if start < len(text) {
		dst = append(dst, span{base + start, base + len(text)})
	}
	return dst
}

// wordRuns is the regular expression \w+|[^\w\s]+: runs of word characters,
// and runs of what is neither that nor white space.
type wordRuns struct{}

func (wordRuns) appendWords(dst []span, text string, base int) []span {
	const (
		space = iota
		word
		other
	)
	start, kind := 0, space
	for i, r := range text {
		k := other
		if isWord(r) {
			k = word
		} else if isWhitespace(r) {
			k = space
		}
		if k != kind {
			if kind != space {
				dst = append(dst, span{base + start, base + i})
			}
			start, kind = i, k
		}
	}
	if kind != space {
		dst = append(dst, span{base + start, base + len(text)})
	}
	return dst
}

// punctuation cuts at punctuation characters; the behavior says what becomes
// of them.
type punctuation int

const (
	isolated           punctuation = iota // each is a word
	removed                               // they are dropped
	mergedWithPrevious                    // each ends the word before it
	mergedWithNext                        // each begins the word after it
	contiguous                            // a run of them is a word
)

func newPunctuation(behavior string) (punctuation, error) {
	switch behavior {
	case "", "Isolated":
		return isolated, nil
	case "Removed":
		return removed, nil
	case "MergedWithPrevious":
		return mergedWithPrevious, nil
	case "MergedWithNext":
		return mergedWithNext, nil
	case "Contiguous":
		return contiguous, nil
	}
	return 0, &UnsupportedError{"pre_tokenizer", "Punctuation with behavior " + behavior}
}

func (p punctuation) appendWords(dst []span, text string, base int) []span {
	start := 0
	cut := func(at int) {
		if start < at {
			dst = append(dst, span{base + start, base + at})
			start = at
		}
	}
	before := false // the character before was punctuation
	for i, r := range text {
		is := isPunctuation(r)
		after := i + utf8.RuneLen(r)
		switch p {
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
