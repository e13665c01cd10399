package privacy

import (
	"strings"
	"unicode/utf8"
)

// fold is a token's text, folded.
func (s *scan) fold(i int) string {
	if i < 0 || i >= len(s.tokens) {
		return ""
	}
	s.key = appendFold(s.key[:0], s.of(i))
	return string(s.key)
}

// in tells whether token i is one of the words.
func (s *scan) in(i int, words map[string]bool) bool {
	if i < 0 || i >= len(s.tokens) || s.tokens[i].kind != word {
		return false
	}
	s.key = appendFold(s.key[:0], s.of(i))
	return words[string(s.key)]
}

// style looks at the whole text once: whether it is written without capitals,
// in capitals alone, in German, and whether it talks of software.
func (s *scan) style() {
	capitals, lowers, uppers, german, tech, english, sparing := 0, 0, 0, 0, 0, 0, 0
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.kind != word {
			continue
		}
		switch t.shape {
		case capital, camel:
			capitals++
		case upper:
			uppers++
		case lower:
			lowers++
			if t.cue&cueEnglish != 0 {
				english++
			}
			if t.cue&cueSparing != 0 {
				sparing++
			}
			if t.cue&cueGerman != 0 {
				german++
			}
			if t.cue&cueTechnical != 0 {
				tech++
			}
		}
		if t.info&(technical|brand) == technical && t.info&(common|anyName) == 0 {
			tech++
		}
	}
	s.quiet = capitals == 0 && uppers == 0 && lowers > 0
	s.shouts = uppers > lowers+capitals
	s.german = german >= 2 && german*8 >= lowers || german >= 1 && lowers <= 8 && german*4 >= lowers
	s.sparing = sparing > english && !s.german
	s.software = tech
}

// begins tells whether token i begins a sentence, where a capital says little.
func (s *scan) begins(i int) bool {
	for j := i - 1; j >= 0; j-- {
		if s.tokens[j+1].gap == newline {
			return true
		}
		if s.tokens[j].kind != punct {
			return false
		}
		switch s.text[s.tokens[j].start] {
		case '.', '!', '?', ':', ';', '>', '*', '|', '-':
			return true
		case '"', '\'', '(', '`', '#', '_':
			continue
		}
		if r, _ := utf8.DecodeRuneInString(s.text[s.tokens[j].start:]); r == '“' || r == '‘' || r == '„' || r == '«' || r == '¿' || r == '¡' || r == '…' || r == '•' || r == '—' || r == '–' {
			if r == '“' || r == '‘' || r == '„' || r == '«' {
				continue
			}
			return true
		}
		return false
	}
	return true
}

// before is the last word before token i, over what may stand between a cue
// and a name; -1 if there is none near.
func (s *scan) before(i int) int {
	for j := i - 1; j >= 0 && j >= i-4; j-- {
		if s.tokens[j].kind == word {
			return j
		}
		if s.tokens[j].kind != punct {
			return -1
		}
		switch s.text[s.tokens[j].start] {
		case '"', '\'', '(', ',', ':', '.', '*', '_', '`', '=', '-':
			continue
		}
		if s.text[s.tokens[j].start] < utf8.RuneSelf {
			return -1
		}
	}
	return -1
}

// introduced tells how strongly the words before token i say that a name
// follows: 0 not at all, 1 perhaps, 2 certainly.
func (s *scan) introduced(i int) int {
	if p := s.before(i); p < 0 && !s.is(i-1, '?') || p >= 0 && !s.cued(p, cueIntro) {
		return 0
	}
	var words [6]string
	found := 0
	j := i
	for n := 0; n < s.r.cues.longestIntro && n < len(words); n++ {
		j--
		for j >= 0 && s.tokens[j].kind == punct && j >= i-8 {
			c := s.text[s.tokens[j].start]
			if c == '.' || c == ';' || c == '!' || c == '?' && n > 0 || n > 0 && c != '\'' && c < utf8.RuneSelf {
				return found
			}
			j--
		}
		if j < 0 || s.tokens[j].kind != word {
			return found
		}
		words[n] = s.fold(j)
		if n == 0 && s.between(j, i) == '?' && !s.r.cues.strong[words[0]] {
			return found
		}
		key := words[n]
		for k := n - 1; k >= 0; k-- {
			key += " " + words[k]
		}
		if s.r.cues.introduction[key] {
			for _, w := range strings.Fields(key) {
				if s.r.cues.strong[w] && (n > 0 || s.between(j, i) != ' ') {
					return 2
				}
			}
			if n == 0 && s.between(j, i) == ' ' && len(key) < 5 && key != "im" && key != "soy" && key != "я" {
				continue // to, from, cc: only with a colon, unless a longer phrase fits
			}
			found = 1
		}
	}
	return found
}

// between is the punctuation between two words, ' ' if there is none.
func (s *scan) between(i, j int) byte {
	for k := i + 1; k < j; k++ {
		if s.tokens[k].kind == punct {
			return s.text[s.tokens[k].start]
		}
	}
	return ' '
}

// after is the token behind token i and a possessive of it.
func (s *scan) after(i int) (next int, possessive bool) {
	next = i + 1
	if next+1 < len(s.tokens) && s.tokens[next].kind == punct && s.possessive(next+1) {
		return next + 2, true
	}
	return next, false
}
