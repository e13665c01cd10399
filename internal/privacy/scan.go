package privacy

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// A token is a run of letters and digits, a single other character that is no
// white space, or a placeholder.
type token struct {
	start, end int
	kind       kind
	shape      shape
	gap        gap
	info       info
	cue        cue
	taken      bool // a surer finding holds it
}

type kind uint8

const (
	word   kind = iota // letters
	number             // digits
	mixed              // both
	punct              // one other character
	hole               // a placeholder
)

type shape uint8

const (
	lower   shape = iota // or a script without case
	capital              // Capital
	upper                // UPPER, two letters or more
	single               // one capital letter
	camel                // McKay, iPhone
	uncased              // no case in its script
)

// A gap is what stands between a token and the one before.
type gap uint8

const (
	glued   gap = iota // nothing
	spaced             // spaces
	newline            // a line ends
)

// A scan is one text on its way through the recognisers.
type scan struct {
	r      *Redactor
	text   string
	tokens []token
	found  []Finding
	key    []byte // scratch
	back   []int  // where the bytes of text come from, nil if it is the text that was given

	shouts   bool // most words are in capitals
	quiet    bool // no word has a capital
	german   bool // every noun has a capital
	sparing  bool // it is in a language in which hardly a word has one
	software int  // words of technical talk
	urlEnds  int  // where the last URL ends
}

func newScan(r *Redactor, text string) *scan {
	s := &scan{r: r, text: text, tokens: make([]token, 0, len(text)/5+8)}
	s.tokenize()
	return s
}

func (s *scan) tokenize() {
	t := s.text
	gap := newline
	for i := 0; i < len(t); {
		c := t[i]
		switch {
		case c == ' ' || c == '\t':
			gap = max(gap, spaced)
			i++
			continue
		case c == '\n' || c == '\r':
			gap = newline
			i++
			continue
		case c == '[':
			if _, _, n := placeholder(t[i:]); n > 0 {
				s.tokens = append(s.tokens, token{start: i, end: i + n, kind: hole, gap: gap})
				i += n
				gap = glued
				continue
			}
		}
		r, n := rune(c), 1
		if c >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(t[i:])
		}
		switch {
		case isWordRune(r):
			tok := s.word(i)
			tok.gap = gap
			s.tokens = append(s.tokens, tok)
			i = tok.end
		case unicode.IsSpace(r):
			if r == '\u2028' || r == '\u2029' || r == '\u0085' {
				gap = newline
			}
			gap = max(gap, spaced)
			i += n
			continue
		default:
			s.tokens = append(s.tokens, token{start: i, end: i + n, kind: punct, gap: gap})
			i += n
		}
		gap = glued
	}
}

// word reads the word that begins at i, its shape and what is known of it.
func (s *scan) word(i int) token {
	tok := token{start: i}
	letters, digits, uppers, lowers := 0, 0, 0, 0
	first := false
	j := i
	for j < len(s.text) {
		c := s.text[j]
		if c < utf8.RuneSelf {
			switch {
			case c >= 'a' && c <= 'z':
				lowers++
				letters++
			case c >= 'A' && c <= 'Z':
				if j == i {
					first = true
				}
				uppers++
				letters++
			case c >= '0' && c <= '9':
				digits++
			default:
				goto done
			}
			j++
			continue
		}
		r, n := utf8.DecodeRuneInString(s.text[j:])
		if !isWordRune(r) {
			break
		}
		switch {
		case unicode.IsUpper(r) || unicode.IsTitle(r):
			if j == i {
				first = true
			}
			uppers++
			letters++
		case unicode.IsLower(r):
			lowers++
			letters++
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
		}
		j += n
	}
done:
	tok.end = j
	switch {
	case digits == 0:
		tok.kind = word
	case letters == 0:
		tok.kind = number
	default:
		tok.kind = mixed
	}
	switch {
	case uppers == 0 && lowers == 0:
		tok.shape = uncased
	case uppers == 0:
		tok.shape = lower
	case uppers == 1 && first && lowers == 0:
		tok.shape = single
	case uppers == 1 && first:
		tok.shape = capital
	case lowers == 0:
		tok.shape = upper
	default:
		tok.shape = camel
	}
	if tok.kind != number {
		s.key = appendFold(s.key[:0], s.text[i:j])
		e := s.r.words.lookup(s.key)
		tok.info, tok.cue = e.info, e.cue
		if tok.shape == camel && tok.info&^common == 0 && identifier(s.text[i:j]) {
			tok.info |= technical
		}
	}
	return tok
}

// identifier tells whether a word is written as names in programs are:
// useEffect, getElementById; not eBay, McKay.
func identifier(w string) bool {
	n := 0
	for n < len(w) && w[n] >= 'a' && w[n] <= 'z' {
		n++
	}
	return n >= 2 && n+1 < len(w) && w[n] >= 'A' && w[n] <= 'Z' && w[n+1] >= 'a' && w[n+1] <= 'z'
}

// of is the text of a token.
func (s *scan) of(i int) string { return s.text[s.tokens[i].start:s.tokens[i].end] }

// cued tells whether token i is a word that says one of some things.
func (s *scan) cued(i int, c cue) bool {
	return i >= 0 && i < len(s.tokens) && s.tokens[i].kind == word && s.tokens[i].cue&c != 0
}

// is tells whether token i is the character c.
func (s *scan) is(i int, c byte) bool {
	return i >= 0 && i < len(s.tokens) && s.tokens[i].kind == punct && s.text[s.tokens[i].start] == c
}

// possessive tells whether token i is the s of a possessive.
func (s *scan) possessive(i int) bool {
	if i == 0 || s.tokens[i].gap != glued || s.of(i) != "s" && s.of(i) != "S" {
		return false
	}
	r, _ := utf8.DecodeRuneInString(s.of(i - 1))
	return isApostrophe(r)
}

// add notes a finding.
func (s *scan) add(t Type, start, end int, score float64, by string) {
	s.found = append(s.found, Finding{t, start, end, score, by})
}

// taken tells whether a placeholder lies within the bytes from start to end.
func (s *scan) taken(start, end int) bool {
	i, _ := slices.BinarySearchFunc(s.tokens, start, func(t token, at int) int { return t.end - 1 - at })
	for ; i < len(s.tokens) && s.tokens[i].start < end; i++ {
		if s.tokens[i].kind == hole {
			return true
		}
	}
	return false
}

// spelled calls hit for runs of words whose key is wanted, and whose first may
// begin one. A run has at most
// most words and one more, since a name may be written apart.
func (s *scan) spelled(most int, begins func(word string) bool, wanted func(key string, first, last int) bool, hit func(start, end int)) {
	for i := 0; i < len(s.tokens); i++ {
		if s.tokens[i].kind >= punct || !begins(s.of(i)) {
			continue
		}
		s.key = s.key[:0]
		best := -1
		for j, n := i, 0; j < len(s.tokens) && n <= most && len(s.key) < 200; j++ {
			t := s.tokens[j]
			if j > i && t.gap == newline && s.tokens[j-1].kind == punct {
				break
			}
			if t.kind == hole {
				break
			}
			if t.kind == punct {
				r, _ := utf8.DecodeRuneInString(s.text[t.start:])
				if !isApostrophe(r) && !isJoiner(r) {
					break
				}
				continue
			}
			if n++; n > 1 && s.possessive(j) {
				break
			}
			s.key = appendFold(s.key, s.of(j))
			if wanted(umlauts(string(s.key)), i, j) {
				best = j
			}
		}
		if best >= 0 {
			hit(s.tokens[i].start, s.tokens[best].end)
			i = best
		}
	}
}

// isJoiner tells whether a character may stand between the parts of one name
// or number.
func isJoiner(r rune) bool {
	switch r {
	case '-', '.', '_', '/', '(', ')', '+', '@', ',', '&', ':', '‐', '‑', '–':
		return true
	}
	return false
}
