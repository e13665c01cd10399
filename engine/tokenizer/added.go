package tokenizer

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// addedToken is an entry of "added_tokens". The id that the file states is not
// read: the reference gives a token the id it has in the vocabulary, and else
// the next free one, and in a file it wrote the two agree.
type addedToken struct {
	ID         json.RawMessage `json:"id"`
	Content    string          `json:"content"`
	SingleWord bool            `json:"single_word"` // only where no word character is beside it
	LStrip     bool            `json:"lstrip"`      // takes the white space before it
	RStrip     bool            `json:"rstrip"`      // and after it
	Normalized bool            `json:"normalized"`  // looked for in normalized text
	Special    bool            `json:"special"`
}

// addedTokens is the tokens that are cut out of a text before the model sees
// it.
type addedTokens struct {
	raw        matcher // looked for in the raw text
	normalized matcher // looked for in normalized text
	byContent  map[string]uint32
	byID       map[uint32]string
	size       int // highest id + 1
}

func newAddedTokens(tokens []addedToken, m model, n normalizer) (addedTokens, error) {
	a := addedTokens{byContent: map[string]uint32{}, byID: map[uint32]string{}}
	// Matches look up how to treat a token by its id, so that the last token
	// with an id rules.
	rules := map[uint32]addedToken{}
	var special, other []addedToken
	isSpecial := map[string]bool{}
	for _, t := range tokens {
		if t.Special && t.Content != "" && !isSpecial[t.Content] {
			isSpecial[t.Content] = true
			special = append(special, t)
		}
	}
	for _, t := range tokens {
		if t.Content == "" {
			continue
		}
		id, ok := a.byContent[t.Content]
		if !ok {
			id, ok = m.id(t.Content)
		}
		if !ok {
			id = uint32(max(a.size, m.entryCount()))
		}
		a.byContent[t.Content] = id
		a.byID[id] = t.Content
		a.size = max(a.size, int(id)+1)
		rules[id] = t
		if !isSpecial[t.Content] {
			other = append(other, t)
		}
	}
	for _, t := range append(special, other...) {
		id := a.byContent[t.Content]
		if !t.Normalized {
			a.raw.add(t.Content, rules[id], id)
			continue
		}
		content := t.Content
		if n != nil {
			content = string(n.appendNormalized(nil, content))
		}
		a.normalized.add(content, rules[id], id)
	}
	return a, nil
}

// matcher finds tokens in text: of those that begin leftmost the longest, then
// again after its end.
type matcher struct {
	chars    *characters
	patterns map[string]addedPattern
	lengths  [utf8.RuneSelf * 2][]int // of the patterns with this first byte, falling
	first    []byte                   // the bytes patterns begin with
}

type addedPattern struct {
	id    uint32
	rules addedToken
}

// match is a token found in a text, with the white space it takes.
type match struct {
	span
	id uint32
}

// add adds a pattern; of equal patterns the first one counts. An empty one
// (normalization left nothing) is never found.
func (m *matcher) add(content string, rules addedToken, id uint32) {
	if content == "" {
		return
	}
	if m.patterns == nil {
		m.patterns = map[string]addedPattern{}
		m.chars = loadCharacters()
	}
	if _, ok := m.patterns[content]; ok {
		return
	}
	m.patterns[content] = addedPattern{id, rules}
	c := content[0]
	if len(m.lengths[c]) == 0 {
		m.first = append(m.first, c)
	}
	if !slices.Contains(m.lengths[c], len(content)) {
		m.lengths[c] = append(m.lengths[c], len(content))
		slices.SortFunc(m.lengths[c], func(a, b int) int { return b - a })
	}
}

// appendMatches appends the tokens found in text, in the order of the text.
func (m *matcher) appendMatches(dst []match, text string) []match {
	done := 0 // the end of the last match, with its white space
	for at := m.candidate(text, 0); at < len(text); {
		p, n := m.longest(text[at:])
		if n == 0 {
			at = m.candidate(text, at+1)
			continue
		}
		s := span{at, at + n}
		at = m.candidate(text, s.end)
		if p.rules.SingleWord && (m.besideWord(text, s)) {
			continue
		}
		if p.rules.LStrip {
			s.start = max(done, len(strings.TrimRightFunc(text[:s.start], unicode.IsSpace)))
		}
		if p.rules.RStrip {
			s.end = len(text) - len(strings.TrimLeftFunc(text[s.end:], unicode.IsSpace))
		}
		dst = append(dst, match{s, p.id})
		done = s.end
	}
	return dst
}

// candidate returns the first position from at on where a pattern may begin,
// or the text's length.
func (m *matcher) candidate(text string, at int) int {
	switch len(m.first) {
	case 0:
		return len(text)
	case 1: // the usual case: [CLS], [SEP]…
		if i := strings.IndexByte(text[at:], m.first[0]); i >= 0 {
			return at + i
		}
		return len(text)
	}
	for at < len(text) && m.lengths[text[at]] == nil {
		at++
	}
	return at
}

// longest returns the longest pattern that text begins with, and its length;
// 0 where there is none.
func (m *matcher) longest(text string) (addedPattern, int) {
	for _, n := range m.lengths[text[0]] {
		if n <= len(text) {
			if p, ok := m.patterns[text[:n]]; ok {
				return p, n
			}
		}
	}
	return addedPattern{}, 0
}

// besideWord reports whether a word character stands right before or after s.
func (m *matcher) besideWord(text string, s span) bool {
	before, n := utf8.DecodeLastRuneInString(text[:s.start])
	after, k := utf8.DecodeRuneInString(text[s.end:])
	return n > 0 && m.chars.has(before, word) || k > 0 && m.chars.has(after, word)
}
