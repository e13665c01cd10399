package privacy

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Session redacts the texts of one conversation. The same person, address or
// number has the same placeholder in all of them. It is not safe for use by
// several goroutines; make one for each conversation.
type Session struct {
	r       *Redactor
	strings *Strings
	next    map[Type]int
	numbers map[Type]map[string]int // by key
	persons []*person               // in the order of their last mention, the latest last
}

// A person is who was mentioned, by all words of the name seen so far.
type person struct {
	number int
	words  []string // folded
}

// Session begins a conversation.
func (r *Redactor) Session() *Session {
	return &Session{r: r, strings: NewStrings(), next: map[Type]int{}, numbers: map[Type]map[string]int{}}
}

// Strings are the personal strings found so far, for [Auditor.Audit].
func (s *Session) Strings() *Strings { return s.strings }

// Learn looks through a text for personal data without redacting it, so that
// a name that is plain in a later turn is found in an earlier one too.
func (s *Session) Learn(text string) {
	for _, f := range s.r.Find(text) {
		s.strings.add(f.Type, text[f.Start:f.End], s.r)
	}
}

// Redact replaces the personal data of a text by placeholders and says what
// was found where in the text that was given.
func (s *Session) Redact(text string) (string, []Finding) {
	return s.replace(text, s.r.find(text, s.strings))
}

// replace puts placeholders for what was found.
func (s *Session) replace(text string, found []Finding) (string, []Finding) {
	s.reserve(text)
	if len(found) == 0 {
		return text, nil
	}
	var b strings.Builder
	b.Grow(len(text))
	last := 0
	for _, f := range found {
		content := text[f.Start:f.End]
		s.strings.add(f.Type, content, s.r)
		b.WriteString(text[last:f.Start])
		fmt.Fprintf(&b, "[%s_%d]", f.Type, s.number(f.Type, content))
		last = f.End
	}
	b.WriteString(text[last:])
	return b.String(), found
}

// A Redacted is a text after redaction.
type Redacted struct {
	Text     string
	Findings []Finding // places in the text as it was given
}

// RedactAll redacts all texts of a conversation. What is found in one of them
// is looked for in the others, the earlier ones too.
func (s *Session) RedactAll(texts []string) []Redacted {
	scans := make([]*scan, len(texts))
	for i, t := range texts {
		scans[i] = s.r.look(t)
		for _, f := range scans[i].find() {
			s.strings.add(f.Type, t[f.Start:f.End], s.r)
		}
	}
	out := make([]Redacted, len(texts))
	for i, t := range texts {
		out[i].Text, out[i].Findings = s.replace(t, scans[i].find(s.strings))
	}
	return out
}

// reserve keeps the numbers of placeholders that a text already has from
// being given to somebody else.
func (s *Session) reserve(text string) {
	for i := 0; i < len(text); {
		j := strings.IndexByte(text[i:], '[')
		if j < 0 {
			return
		}
		i += j
		t, n, size := placeholder(text[i:])
		if size == 0 {
			i++
			continue
		}
		s.next[t] = max(s.next[t], n)
		i += size
	}
}

// number is the number of what a text names, a new one if it is new.
func (s *Session) number(t Type, content string) int {
	if t == Person {
		return s.person(content)
	}
	key := foldKey(content)
	if key == "" {
		key = content
	}
	byKey := s.numbers[t]
	if byKey == nil {
		byKey = map[string]int{}
		s.numbers[t] = byKey
	}
	if byKey[key] == 0 {
		s.next[t]++
		byKey[key] = s.next[t]
	}
	return byKey[key]
}

// person is the number of a person. A mention belongs to the latest person
// whose name holds all its words, or whose words it all holds: "Jake" and
// "Jake Miller" are one, "Jake Miller" and "Jake Smith" are two.
func (s *Session) person(content string) int {
	words := nameWords(content)
	for i := len(s.persons) - 1; i >= 0; i-- {
		p := s.persons[i]
		if !within(words, p.words) && !within(p.words, words) {
			continue
		}
		if len(words) > len(p.words) {
			p.words = words
		}
		s.persons = append(append(s.persons[:i:i], s.persons[i+1:]...), p)
		return p.number
	}
	s.next[Person]++
	p := &person{number: s.next[Person], words: words}
	s.persons = append(s.persons, p)
	return p.number
}

// within tells whether every word of a is one of b, or an initial of one.
func within(a, b []string) bool {
	if len(a) == 0 {
		return len(b) == 0
	}
	for _, w := range a {
		found := false
		for _, v := range b {
			if w == v || utf8.RuneCountInString(w) == 1 && strings.HasPrefix(v, w) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// nameWords are the words of a name, folded, without a possessive ending and
// without titles.
func nameWords(content string) []string {
	var words []string
	for _, w := range foldWords(content) {
		if !nameTitles[w] {
			words = append(words, w)
		}
	}
	return words
}

// placeholder reads a placeholder at the start of s: its type, its number and
// its length in bytes, 0 if there is none.
func placeholder(s string) (t Type, n, size int) {
	if len(s) < 4 || s[0] != '[' {
		return "", 0, 0
	}
	i := 1
	for i < len(s) && (s[i] >= 'A' && s[i] <= 'Z' || s[i] == '_' || s[i] >= '0' && s[i] <= '9') {
		i++
	}
	if i >= len(s) || s[i] != ']' {
		return "", 0, 0
	}
	name, number := s[1:i], 0
	if slices.Contains(builtinTypes, Type(name)) {
		return Type(name), 0, i + 1
	}
	cut := strings.LastIndexByte(name, '_')
	if cut < 1 || cut == len(name)-1 || len(name)-cut > 8 || name[0] < 'A' || name[0] > 'Z' {
		return "", 0, 0
	}
	for _, d := range []byte(name[cut+1:]) {
		if d < '0' || d > '9' {
			return "", 0, 0
		}
		number = number*10 + int(d-'0')
	}
	return Type(name[:cut]), number, i + 1
}
