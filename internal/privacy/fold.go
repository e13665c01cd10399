package privacy

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// appendFold appends a word in lower case and without accents. Letters that
// Unicode does not take apart are written as their usual replacement.
func appendFold(dst []byte, word string) []byte {
	for i := 0; i < len(word); {
		c := word[i]
		if c < utf8.RuneSelf {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(word[i:])
		dst = appendFoldRune(dst, r, word[i:i+n])
		i += n
	}
	return dst
}

func appendFoldRune(dst []byte, r rune, s string) []byte {
	switch r = unicode.ToLower(r); r {
	case 'ß':
		return append(dst, "ss"...)
	case 'æ':
		return append(dst, "ae"...)
	case 'œ':
		return append(dst, "oe"...)
	case 'ø':
		return append(dst, 'o')
	case 'ł':
		return append(dst, 'l')
	case 'đ', 'ð':
		return append(dst, 'd')
	case 'þ':
		return append(dst, "th"...)
	case 'ı':
		return append(dst, 'i')
	case 'ς':
		return append(dst, "σ"...)
	case 'ё':
		return append(dst, "е"...)
	}
	d := norm.NFKD.PropertiesString(s).Decomposition()
	if d == nil {
		if unicode.Is(unicode.Mn, r) {
			return dst
		}
		return utf8.AppendRune(dst, r)
	}
	for _, r := range string(d) {
		if !unicode.Is(unicode.Mn, r) {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
	}
	return dst
}

// isWordRune tells whether a rune belongs to a word or a number.
func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

func isApostrophe(r rune) bool { return r == '\'' || r == '’' || r == 'ʼ' || r == '`' || r == '´' }

// foldWords are the words of a text, folded; the ending of a possessive is
// left out.
func foldWords(text string) []string {
	text, _ = unveil(text)
	var words []string
	start, after := -1, rune(0)
	flush := func(end int) {
		if start < 0 {
			return
		}
		w := string(appendFold(nil, text[start:end]))
		if !(w == "s" && isApostrophe(after)) && w != "" {
			words = append(words, w)
		}
		start = -1
	}
	prev := rune(0)
	for i, r := range text {
		if isWordRune(r) {
			if start < 0 {
				start, after = i, prev
			}
		} else {
			flush(i)
		}
		prev = r
	}
	flush(len(text))
	return words
}

// foldKey is the same for all spellings of a name or a number: case, accents,
// umlauts written with e, hyphens, spaces and possessives make no difference.
func foldKey(text string) string { return joinKey(foldWords(text)) }

func joinKey(words []string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(umlauts(w))
	}
	return b.String()
}

// umlauts writes the umlauts of a folded word without their e.
func umlauts(w string) string {
	if !strings.Contains(w, "ae") && !strings.Contains(w, "oe") && !strings.Contains(w, "ue") {
		return w
	}
	b := make([]byte, 0, len(w))
	for i := range len(w) {
		if w[i] == 'e' && i > 0 && (w[i-1] == 'a' || w[i-1] == 'o' || w[i-1] == 'u') {
			continue
		}
		b = append(b, w[i])
	}
	return string(b)
}
