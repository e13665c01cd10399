package tokenizer

import (
	"encoding/json"
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
	a.raw.build()
	a.normalized.build()
	return a, nil
}

// matcher finds tokens in text: of those that begin leftmost the longest, then
// again after its end.
type matcher struct {
	chars    *characters
	patterns []addedPattern
	contents trie            // of the patterns, with their indexes
	begins   [1 << 8]bool    // whether a pattern begins with the byte
	first    []byte          // the bytes patterns begin with
	known    map[string]bool // the contents, until they are in the trie
}

type addedPattern struct {
	content string
	id      uint32
	rules   addedToken
}

// match is a token found in a text, with the white space it takes.
type match struct {
	span
	id uint32
}

// add adds a pattern; of equal patterns the first one counts. An empty one
// (normalization left nothing) is never found.
func (m *matcher) add(content string, rules addedToken, id uint32) {
	if content == "" || m.known[content] {
		return
	}
	if m.known == nil {
		m.known = map[string]bool{}
	}
	m.known[content] = true
	m.patterns = append(m.patterns, addedPattern{content, id, rules})
	if c := content[0]; !m.begins[c] {
		m.begins[c] = true
		m.first = append(m.first, c)
	}
}

// build makes the matcher ready when all patterns are added.
func (m *matcher) build() {
	m.chars, m.known = loadCharacters(), nil
	var text []byte
	places := make([]place, len(m.patterns))
	indexes := make([]uint32, len(m.patterns))
	for i, p := range m.patterns {
		start := len(text)
		text = append(text, p.content...)
		places[i] = place{uint32(start), uint32(len(text))}
		indexes[i] = uint32(i)
	}
	m.contents = newTrie(text, places, indexes)
}

// appendMatches appends the tokens found in text, in the order of the text.
func (m *matcher) appendMatches(dst []match, text string) []match {
	done := 0 // the end of the last match, with its white space
	for at := m.candidate(text, 0); at < len(text); {
		index, n := m.contents.longest(trieRoot, text[at:])
		if n == 0 {
			at = m.candidate(text, at+1)
			continue
		}
		p := &m.patterns[index]
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
	for at < len(text) && !m.begins[text[at]] {
		at++
	}
	return at
}

// besideWord reports whether a word character stands right before or after s.
func (m *matcher) besideWord(text string, s span) bool {
	before, n := utf8.DecodeLastRuneInString(text[:s.start])
	after, k := utf8.DecodeRuneInString(text[s.end:])
	return n > 0 && m.chars.has(before, word) || k > 0 && m.chars.has(after, word)
}
