package tokenizer

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// A pattern finds places in a text: a literal, a class of characters or a
// regular expression. It appends them to dst in the order of the text; they
// do not overlap.
type pattern interface {
	appendFound(dst []span, text string) []span
}

// patternConfig is a literal or a regular expression.
type patternConfig struct {
	String *string `json:"String"`
	Regex  *string `json:"Regex"`
}

// compile makes the pattern of a section of a tokenizer.json.
func (c patternConfig) compile(part string) (pattern, error) {
	switch {
	case c.Regex != nil && *c.Regex != "":
		r, err := compileRegex(*c.Regex)
		if err != nil {
			return nil, &UnsupportedError{part, "regular expression " + *c.Regex + ": " + err.Error()}
		}
		return r, nil
	case c.String != nil && *c.String != "":
		return literal(*c.String), nil
	}
	return nil, malformed("%s: a pattern that is empty or missing", part)
}

// literal is a string that is looked for as it is.
type literal string

func (l literal) appendFound(dst []span, text string) []span {
	for at := 0; ; {
		i := strings.Index(text[at:], string(l))
		if i < 0 {
			return dst
		}
		at += i + len(l)
		dst = append(dst, span{at - len(l), at})
	}
}

// appendFound finds each character that has one of the properties.
func (p property) appendFound(dst []span, text string) []span {
	chars := loadCharacters()
	for i, r := range text {
		if chars.has(r, p) {
			dst = append(dst, span{i, i + utf8.RuneLen(r)})
		}
	}
	return dst
}

// A behavior says what becomes of the found places when text is cut at them.
type behavior int

const (
	isolated           behavior = iota // each is a word
	removed                            // they are dropped
	mergedWithPrevious                 // each ends the word before it
	mergedWithNext                     // each begins the word after it
	contiguous                         // a run of them is a word
)

var behaviors = map[string]behavior{
	"Isolated":           isolated,
	"Removed":            removed,
	"MergedWithPrevious": mergedWithPrevious,
	"MergedWithNext":     mergedWithNext,
	"Contiguous":         contiguous,
}

// split cuts text at what a pattern finds.
type split struct {
	pattern
	behavior
	invert bool       // what is between counts as found, and the reverse
	found  *sync.Pool // of *[]span
}

func (c *preTokenizerConfig) split(p pattern) ([]step, error) {
	b, ok := behaviors[c.Behavior]
	if !ok {
		return nil, &UnsupportedError{"pre_tokenizer", c.Type + " with behavior " + c.Behavior}
	}
	return []step{{cutter: newSplit(p, b, c.Invert)}}, nil
}

func newSplit(p pattern, b behavior, invert bool) split {
	return split{p, b, invert, &sync.Pool{New: func() any { return new([]span) }}}
}

func (s split) appendWords(dst []span, text string, base int) []span {
	pooled := s.found.Get().(*[]span)
	found := s.appendFound((*pooled)[:0], text)
	p := parts{behavior: s.behavior, dst: dst, first: len(dst), base: base}
	at := 0
	for _, f := range found {
		if at < f.start {
			p.add(span{at, f.start}, s.invert)
		}
		p.add(f, !s.invert)
		at = f.end
	}
	if at < len(text) {
		p.add(span{at, len(text)}, s.invert)
	}
	*pooled = kept(found)
	s.found.Put(pooled)
	return p.words()
}

// parts puts the parts of a text, found or not, together as words.
type parts struct {
	behavior
	dst   []span
	first int  // where the words of this text begin in dst
	base  int  // of the text
	was   bool // the last part was a found one
}

// add adds the next part.
func (p *parts) add(s span, found bool) {
	joins := false
	switch p.behavior {
	case removed:
		if found {
			return
		}
	case contiguous:
		joins = found == p.was
	case mergedWithPrevious:
		joins = found && !p.was
	case mergedWithNext:
		joins = !found && p.was
	}
	p.was = found
	s = span{p.base + s.start, p.base + s.end}
	if joins && len(p.dst) > p.first {
		p.dst[len(p.dst)-1].end = s.end
		return
	}
	p.dst = append(p.dst, s)
}

// words returns dst without the empty words.
func (p *parts) words() []span {
	words := p.dst[:p.first]
	for _, s := range p.dst[p.first:] {
		if s.start < s.end {
			words = append(words, s)
		}
	}
	return words
}
