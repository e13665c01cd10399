package builtin

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Words splits a text into the words that the lexicon knows: lower case,
// without accents, "don't" as "do not", a possessive or contracted ending cut
// off, runs of letters and digits, and the names c++, c# and f#. The
// tokenizer of the built-in model splits the same texts into finer pieces;
// the lexicon's terms are mapped to those when the model is built.
func Words(text string) []string {
	s := fold(text)
	if words, ok := plainWords(s); ok {
		return words
	}
	var words []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			words = append(words, b.String())
			b.Reset()
		}
	}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		case r == '+' && strings.HasPrefix(s[i:], "++") && b.String() == "c":
			b.WriteString("++")
			n = 2
		case r == '#' && (b.String() == "c" || b.String() == "f"):
			b.WriteByte('#')
		case r == '\'' && b.Len() > 0:
			end := letters(s[i+n:])
			switch suffix := s[i+n : i+n+end]; suffix {
			case "s", "m", "d", "re", "ve", "ll":
				n += end
				flush()
			case "t":
				if w := b.String(); strings.HasSuffix(w, "n") {
					b.Reset()
					switch w {
					case "can": // can't
						b.WriteString("can")
					case "won":
						b.WriteString("will")
					default:
						b.WriteString(strings.TrimSuffix(w, "n"))
					}
					flush()
					words = append(words, "not")
					n += end
				}
			}
		default:
			flush()
		}
		i += n
	}
	flush()
	return words
}

// plainWords is Words for most texts, which are folded already: those in ASCII and
// without the signs that belong to some words. It makes no new strings.
func plainWords(s string) (words []string, ok bool) {
	n, inWord := 0, false
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf || c == '\'' || c == '+' || c == '#' {
			return nil, false
		}
		isWord := isPlain(c)
		if isWord && !inWord {
			n++
		}
		inWord = isWord
	}
	if n == 0 {
		return nil, true
	}
	words = make([]string, 0, n)
	for i := 0; i < len(s); i++ {
		if !isPlain(s[i]) {
			continue
		}
		begin := i
		for i < len(s) && isPlain(s[i]) {
			i++
		}
		words = append(words, s[begin:i])
	}
	return words, true
}

// isPlain says whether a byte of a folded text is a letter or a digit in ASCII.
func isPlain(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

// letters is the length in bytes of the run of letters at the start of s.
func letters(s string) int {
	for i, r := range s {
		if !unicode.IsLetter(r) {
			return i
		}
	}
	return len(s)
}

// fold lower-cases, takes accents off and makes the apostrophes one.
func fold(text string) string {
	ascii := true
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.ToLower(text)
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(text)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == '’' || r == 'ʼ':
			b.WriteByte('\'')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Stems returns the words that w may be an English inflection of, the most
// likely first: plural, -ing, -ed, -er and -ly undone, or a plural made of a
// singular. They are guesses, to be looked up.
func Stems(w string) []string {
	if len(w) <= 3 {
		return nil
	}
	var out []string
	cut := func(n int) string { return w[:len(w)-n] }
	doubled := func(n int) bool { // "stopped": the letter before the ending stands twice
		return len(w) > n+2 && w[len(w)-n-1] == w[len(w)-n-2]
	}
	switch {
	case strings.HasSuffix(w, "ies"):
		out = append(out, cut(3)+"y", cut(1))
	case strings.HasSuffix(w, "es"):
		out = append(out, cut(1), cut(2))
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"):
		out = append(out, cut(1))
	case !strings.HasSuffix(w, "s"):
		out = append(out, w+"s", w+"es")
		if strings.HasSuffix(w, "y") {
			out = append(out, cut(1)+"ies")
		}
	}
	if strings.HasSuffix(w, "ing") && len(w) > 5 {
		out = append(out, cut(3), cut(3)+"e")
		if doubled(3) {
			out = append(out, cut(4))
		}
	}
	if strings.HasSuffix(w, "ed") && len(w) > 4 {
		out = append(out, cut(2), cut(1))
		if doubled(2) {
			out = append(out, cut(3))
		}
	}
	if strings.HasSuffix(w, "er") && len(w) > 5 {
		out = append(out, cut(2), cut(1))
	}
	if strings.HasSuffix(w, "ly") && len(w) > 5 {
		out = append(out, cut(2))
	}
	return out
}

// Inflections returns the forms a term may stand in: itself and, after it, with
// its last word in the English plural. What ends in "s" is taken to be one.
func Inflections(term string) []string {
	forms := []string{term}
	if len(term) <= 2 || strings.HasSuffix(term, "s") {
		return forms
	}
	switch last := term[len(term)-2]; {
	case strings.HasSuffix(term, "y") && !strings.ContainsRune("aeiou", rune(last)):
		return append(forms, term[:len(term)-1]+"ies")
	case strings.HasSuffix(term, "ch"), strings.HasSuffix(term, "sh"), strings.HasSuffix(term, "x"):
		return append(forms, term+"es")
	}
	return append(forms, term+"s")
}

// stopWords are the words that say nothing about a topic.
const stopWords = " a an the of to in on at for from by with and or but if is are was were be been being am" +
	" i me my mine we our us you your he him his she her it its they them their this that these those" +
	" do does did done doing have has had having will would can could should shall may might must not no so as than" +
	" then there here what which who whom whose when where why how about into over under up down out off" +
	" just very too also only any some please im id ive get got let go going want need like know tell make" +
	" s t d m re ve ll "

// IsStopWord says whether a word, as Words gives it, is so common that it
// says nothing about a topic.
func IsStopWord(w string) bool { return stopWordSet()[w] }

var stopWordSet = sync.OnceValue(func() map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(stopWords) {
		set[w] = true
	}
	return set
})
