package labeler

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxTidy is how many bytes of an answer Tidy looks at. No label is as long;
// the bound keeps a runaway answer cheap.
const maxTidy = 1000

// Tidy makes a label of what a model or a person wrote: the first line that
// holds anything, without quotes, Markdown, a leading "Label:" or "1." and
// trailing punctuation, white space folded, in NFC. English words get title
// case; acronyms and mixed case such as "iPhone" stay as they are, and so does
// a label in another language but for its first letter.
//
// The result may be empty or break a rule; [Check] says so. Tidy of a tidy
// label is the same label.
func Tidy(s string) string {
	if len(s) > maxTidy {
		s = s[:maxTidy]
	}
	s = strings.ToValidUTF8(s, "")
	for line := range strings.FieldsFuncSeq(s, isLineBreak) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") && !strings.HasSuffix(line, "```") {
			continue // opens a code block; what follows on the line is its language
		}
		if t := tidyLine(line); t != "" {
			return t
		}
	}
	return ""
}

func isLineBreak(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// tidyLine takes layer after layer off, as models wrap a label in several:
// `**Label:** "Fruits".` Each pass either shortens the line or ends the loop.
func tidyLine(s string) string {
	for {
		before := s
		s = norm.NFC.String(strings.Map(visible, s))
		s = strings.Join(strings.Fields(s), " ")
		s = stripMarkup(s)
		s = stripQuotes(s)
		s = stripLead(s)
		s = stripTail(s)
		s = strings.TrimSpace(s)
		if cased := norm.NFC.String(titleCase(s)); s == before {
			if cased == s {
				return s
			}
			s = cased
		}
	}
}

// visible maps white space to a space and drops what has no place in a label:
// controls, direction marks, private-use code points. The joiners stay:
// Persian and Hindi are spelt with them.
func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case r == '\u200c' || r == '\u200d':
		return r
	case r == utf8.RuneError, unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co):
		return -1
	}
	return r
}

var (
	markdownLink = regexp.MustCompile(`!?\[([^\[\]]*)\]\([^()]*\)`)
	htmlTag      = regexp.MustCompile(`</?[A-Za-z][^<>]*>`)
	emphasis     = regexp.MustCompile(`(^|[\s(])[*_]([^*_]*[^*_\s])[*_]($|[\s).,:;!?])`)
	loneMark     = regexp.MustCompile(`(^|\s)[*_#~>]+(\s|$)`)

	leadMarker = regexp.MustCompile(`^(?:#{1,6}\s+|>\s*|[-*+•‣▪–—·]\s+|\(?\d{1,3}[.)]\s+|\(?[A-Za-z]\)\s+)`)
	leadName   = regexp.MustCompile(`(?i)^(?:(?:the|a|my)\s+)?(?:(?:cluster|group|category|topic|best|short|suggested|proposed|final)\s+)?` +
		`(?:label|title|name|category|topic|answer|response|output|theme|heading)(?:\s+is)?\s*[:：=]\s*`)
	identifier   = regexp.MustCompile(`[_@\\]|[\pL\d]\.\pL`)
	abbreviation = regexp.MustCompile(`(?:^|\s)(?:\pL\.){2,}$`)
)

// stripMarkup takes Markdown and HTML marks off and leaves the text in them.
func stripMarkup(s string) string {
	s = strings.NewReplacer("**", "", "__", "", "~~", "", "`", "").Replace(s)
	s = markdownLink.ReplaceAllString(s, "$1")
	s = htmlTag.ReplaceAllString(s, "")
	s = emphasis.ReplaceAllString(s, "$1$2$3")
	return loneMark.ReplaceAllString(s, " ")
}

// stripQuotes takes off double quotes of every script wherever they stand,
// and single ones at the edges of words. An apostrophe stays, also that of a
// plural: "Artists' Names".
func stripQuotes(s string) string {
	runes := []rune(s)
	out := runes[:0:0]
	open := false
	for i, r := range runes {
		if strings.ContainsRune("\"“”„‟«»‹›「」『』《》〈〉＂", r) {
			continue
		}
		if strings.ContainsRune("'‘’‚‛´", r) {
			before := i > 0 && isWordRune(runes[i-1])
			after := i+1 < len(runes) && isWordRune(runes[i+1])
			plural := before && !open && i+1 < len(runes) && runes[i+1] == ' ' && (runes[i-1] == 's' || runes[i-1] == 'S')
			switch {
			case !before:
				open = true
				continue
			case !after && !plural:
				open = false
				continue
			}
		}
		out = append(out, r)
	}
	return string(out)
}

// stripLead takes off what stands before a label: list markers, "Label:".
func stripLead(s string) string {
	s = leadMarker.ReplaceAllString(s, "")
	s = leadName.ReplaceAllString(s, "")
	return strings.TrimLeft(s, " ,;:!?…–—·|=~-")
}

// stripTail takes off trailing punctuation and brackets that are not closed
// or that wrap the whole label.
func stripTail(s string) string {
	s = strings.TrimRight(s, " ,;:!?…–—·|=~^/\\-。、，；：！？")
	if strings.HasSuffix(s, ".") && !abbreviation.MatchString(s) {
		s = strings.TrimRight(s, ".")
	}
	for _, b := range []string{"()", "[]", "{}"} {
		opens, closes := strings.Count(s, b[:1]), strings.Count(s, b[1:])
		switch {
		case opens == 1 && closes == 1 && s[0] == b[0] && s[len(s)-1] == b[1]:
			s = s[1 : len(s)-1]
		case opens > closes:
			s = strings.TrimSuffix(s, b[:1])
			s = strings.TrimPrefix(s, b[:1])
		case closes > opens:
			s = strings.TrimSuffix(s, b[1:])
			s = strings.TrimPrefix(s, b[1:])
		}
	}
	return s
}

// titleCase puts English words in title case and any other text's first
// letter in upper case.
func titleCase(s string) string {
	words := strings.Split(s, " ")
	if english(words) {
		shouted := shouts(words)
		for i, w := range words {
			edge := i == 0 || i == len(words)-1
			if shouted {
				w = calm(w)
			}
			words[i] = titleWord(w, edge)
		}
	}
	if !isMixed(words[0]) && !isIdentifier(words[0]) {
		words[0] = upperFirst(words[0])
	}
	return strings.Join(words, " ")
}

// english guesses: all letters are ASCII, and no word is a frequent one of
// another language.
func english(words []string) bool {
	for _, w := range words {
		if foreignWords.has(w) || strings.ContainsFunc(w, func(r rune) bool { return r >= utf8.RuneSelf && unicode.IsLetter(r) }) {
			return false
		}
	}
	return true
}

// shouts reports whether a label is all capitals, and long enough not to be
// an acronym or two.
func shouts(words []string) bool {
	longest := 0
	for _, w := range words {
		if strings.ToUpper(w) != w {
			return false
		}
		longest = max(longest, len(w))
	}
	return longest >= 7 || len(words) > 1 && longest >= 5
}

// calm puts a shouted word in lower case, but for what may be an acronym: it
// is short or has no vowel.
func calm(w string) string {
	lower := strings.ToLower(w)
	if smallWords.has(lower) || len(w) >= 4 && strings.ContainsAny(lower, "aeiou") {
		return lower
	}
	return w
}

// titleWord puts one word of an English title in its case. edge says that it
// is the first or the last.
func titleWord(w string, edge bool) string {
	if isMixed(w) || isIdentifier(w) {
		return w
	}
	core := strings.TrimFunc(w, func(r rune) bool { return !isWordRune(r) })
	lower := strings.ToLower(core)
	if !edge && smallWords.has(lower) {
		if len(core) == 1 { // the A of "Vitamin A Sources"
			return w
		}
		return strings.ToLower(w)
	}
	parts := strings.FieldsFunc(w, func(r rune) bool { return r == '-' || r == '/' })
	rest, out := w, ""
	for i, p := range parts {
		at := strings.Index(rest, p)
		out += rest[:at]
		rest = rest[at+len(p):]
		if i > 0 && smallWords.has(p) {
			out += p
		} else {
			out += upperFirst(p)
		}
	}
	return out + rest
}

// isMixed reports whether a word has a capital after its first letter:
// "iPhone", "HTTP", "PostgreSQL", "Wi-Fi".
func isMixed(w string) bool {
	letters := 0
	for _, r := range w {
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		if letters > 1 && (unicode.IsUpper(r) || unicode.IsTitle(r)) {
			return true
		}
	}
	return false
}

// isIdentifier reports whether a word is spelt as it is for a machine's sake:
// "user_id", "main.go", "a@example.org".
func isIdentifier(w string) bool {
	return identifier.MatchString(w)
}

// upperFirst puts the first letter in upper case where only punctuation
// stands before it.
func upperFirst(w string) string {
	for i, r := range w {
		switch {
		case unicode.IsLetter(r):
			return w[:i] + string(unicode.ToTitle(r)) + w[i+utf8.RuneLen(r):]
		case unicode.IsDigit(r):
			return w
		}
	}
	return w
}
