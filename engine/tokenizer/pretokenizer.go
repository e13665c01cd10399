package tokenizer

import (
	"encoding/json"
	"unicode"
	"unicode/utf8"
)

// A cutter cuts text into words: it appends them to dst in the order of the
// text. Positions are those of text moved on by base.
type cutter interface {
	appendWords(dst []span, text string, base int) []span
}

// A rewriter changes words. It appends to dst what becomes of word; first is
// set for the word at the beginning of the input.
type rewriter interface {
	appendRewritten(dst []byte, word string, first bool) []byte
	growth() float64 // how many bytes it makes of one at most, but for a constant
}

// preTokenizer is the steps of a pre-tokenizer, sequences taken apart.
type preTokenizer struct {
	steps        []step
	asksForStart bool // a rewriter looks at first
}

// step cuts or rewrites; the other one is nil.
type step struct {
	cutter
	rewriter
}

// wordList is a text cut into words, and the memory to do that.
type wordList struct {
	spans     []span
	rewritten [2][]byte
}

func (w *wordList) trim() {
	w.spans = kept(w.spans)
	w.rewritten[0] = kept(w.rewritten[0])
	w.rewritten[1] = kept(w.rewritten[1])
}

// cut leaves the words of text in w, as positions in the text it returns.
func (p *preTokenizer) cut(w *wordList, text string, first bool) string {
	w.spans = append(w.spans[:0], span{0, len(text)})
	rewritten := 0
	for _, step := range p.steps {
		if step.cutter != nil {
			last := len(w.spans)
			for i := range last {
				s := w.spans[i]
				w.spans = step.appendWords(w.spans, text[s.start:s.end], s.start)
			}
			w.spans = append(w.spans[:0], w.spans[last:]...)
			continue
		}
		b := w.rewritten[rewritten][:0]
		first = first && len(w.spans) > 0 && w.spans[0].start == 0
		for i, s := range w.spans {
			start := len(b)
			b = step.appendRewritten(b, text[s.start:s.end], first && i == 0)
			w.spans[i] = span{start, len(b)}
		}
		w.rewritten[rewritten] = b
		rewritten ^= 1
		text = view(b)
	}
	return text
}

// preTokenizerConfig is the union of the fields of all pre-tokenizers.
type preTokenizerConfig struct {
	Type             string            `json:"type"`
	PreTokenizers    []json.RawMessage `json:"pretokenizers"`     // Sequence
	Behavior         string            `json:"behavior"`          // Punctuation, Split
	Pattern          patternConfig     `json:"pattern"`           // Split
	Invert           bool              `json:"invert"`            // Split
	AddPrefixSpace   *bool             `json:"add_prefix_space"`  // ByteLevel, Metaspace
	UseRegex         *bool             `json:"use_regex"`         // ByteLevel
	TrimOffsets      json.RawMessage   `json:"trim_offsets"`      // ByteLevel: changes offsets only
	Replacement      string            `json:"replacement"`       // Metaspace
	StrRep           json.RawMessage   `json:"str_rep"`           // Metaspace: says the same again
	PrependScheme    *string           `json:"prepend_scheme"`    // Metaspace
	Split            *bool             `json:"split"`             // Metaspace
	IndividualDigits bool              `json:"individual_digits"` // Digits
	Delimiter        string            `json:"delimiter"`         // CharDelimiterSplit
	Length           *int              `json:"length"`            // FixedLength
}

// newPreTokenizer makes the pre-tokenizer of a tokenizer.json.
func newPreTokenizer(raw json.RawMessage) (preTokenizer, error) {
	var p preTokenizer
	if err := p.add(raw, 0); err != nil {
		return p, err
	}
	growth := 1.0
	for _, step := range p.steps {
		if step.rewriter != nil {
			growth *= step.growth()
		}
		if m, ok := step.rewriter.(metaspace); ok {
			p.asksForStart = p.asksForStart || m.prepend == prependFirst
		}
	}
	if growth > maxGrowth {
		return p, malformed("pre_tokenizer: makes up to %.3g bytes of one, the limit is %d", growth, maxGrowth)
	}
	return p, nil
}

// add appends the steps that raw stands for.
func (p *preTokenizer) add(raw json.RawMessage, depth int) error {
	if isNull(raw) {
		return nil
	}
	var c preTokenizerConfig
	if err := decode(raw, "pre_tokenizer", &c); err != nil {
		return err
	}
	if c.Type == "Sequence" {
		if depth == maxDepth {
			return malformed("pre_tokenizer: sequences nested deeper than %d", maxDepth)
		}
		for _, step := range c.PreTokenizers {
			if err := p.add(step, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	steps, err := c.steps()
	p.steps = append(p.steps, steps...)
	return err
}

// steps makes the steps of a pre-tokenizer that is no sequence.
func (c *preTokenizerConfig) steps() ([]step, error) {
	one := func(cut cutter) ([]step, error) { return []step{{cutter: cut}}, nil }
	switch c.Type {
	case "BertPreTokenizer":
		return one(newBERTWords())
	case "Whitespace":
		return one(wordRuns{loadCharacters()})
	case "WhitespaceSplit":
		return one(fields{})
	case "ByteLevel":
		return c.byteLevel(), nil
	case "Metaspace":
		return c.metaspace()
	case "Punctuation":
		if c.Behavior == "" {
			c.Behavior = "Isolated"
		}
		return c.split(punctuation)
	case "Digits":
		c.Behavior = "Contiguous"
		if c.IndividualDigits {
			c.Behavior = "Isolated"
		}
		return c.split(number | newerNumber)
	case "CharDelimiterSplit":
		if utf8.RuneCountInString(c.Delimiter) != 1 {
			return nil, malformed("pre_tokenizer: CharDelimiterSplit with a delimiter of %d characters", utf8.RuneCountInString(c.Delimiter))
		}
		c.Behavior = "Removed"
		return c.split(literal(c.Delimiter))
	case "Split":
		pattern, err := c.Pattern.compile("pre_tokenizer")
		if err != nil {
			return nil, err
		}
		return c.split(pattern)
	case "FixedLength":
		length := 5
		if c.Length != nil {
			length = *c.Length
		}
		if length < 1 {
			return nil, malformed("pre_tokenizer: FixedLength of %d characters", length)
		}
		return one(fixedLength(length))
	}
	return nil, &UnsupportedError{"pre_tokenizer", c.Type}
}

// fixedLength cuts after so many characters.
type fixedLength int

func (n fixedLength) appendWords(dst []span, text string, base int) []span {
	start, count := 0, 0
	for i := range text {
		if count == int(n) {
			dst = append(dst, span{base + start, base + i})
			start, count = i, 0
		}
		count++
	}
	return append(dst, span{base + start, base + len(text)})
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

func newBERTWords() cutter {
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
