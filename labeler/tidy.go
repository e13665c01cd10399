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

// Tidy is [Rules.Tidy] of a note's label, without members.
func Tidy(s string) string { return Rules{}.Tidy(s, nil) }

// Tidy makes a label of what a model or a person wrote: the first line that
// holds anything, without quotes, Markdown, emoji, thoughts, a leading "Label:",
// "Sure! Here is a label:" or "1." and trailing punctuation, white space folded,
// in NFC. English words of a note's label get title case; acronyms and mixed
// case such as "iPhone" stay as they are or get the spelling that the members
// have, and so does a label in another language but for its first letter. A
// ChatLabel keeps its case but for the first letter, a ChatDescription its full
// stops too, and all its lines are one.
//
// The result is never longer than s, and may be empty or break a rule;
// [Rules.Check] says so. Tidy of a tidy label is the same label.
func (r Rules) Tidy(s string, members []string) string {
	most := maxTidy
	if r.Profile == ChatDescription {
		most *= 4
	}
	if len(s) > most {
		s = s[:most]
	}
	s = strings.ToValidUTF8(s, "")
	s = thoughts.ReplaceAllString(s, "\n")
	s = escapes.Replace(s)
	if r.Profile == ChatDescription {
		s = strings.Join(strings.FieldsFunc(s, isLineBreak), " ")
	}
	for line := range strings.FieldsFuncSeq(s, isLineBreak) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") && !strings.HasSuffix(line, "```") {
			continue // opens a code block; what follows on the line is its language
		}
		if t := r.tidyLine(line, members); t != "" {
			return t
		}
	}
	return ""
}

// escapes are what is left of JSON in a string that was escaped twice.
var escapes = strings.NewReplacer(`\"`, `"`, `\n`, "\n", `\r`, "\n", `\t`, " ")

// thoughts are what some models write before they answer.
var thoughts = regexp.MustCompile(`(?is)<think(?:ing)?>.*?</think(?:ing)?>|^.*?</think(?:ing)?>`)

func isLineBreak(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// tidyLine takes layer after layer off, as models wrap a label in several:
// `**Label:** "Fruits".` Each pass either shortens the line or ends the loop. What
// has very many layers is no label but a model that cannot stop; nothing is left
// of it.
func (r Rules) tidyLine(s string, members []string) string {
	const layers = 24
	for range layers {
		before := s
		s = norm.NFC.String(strings.Map(visible, s))
		s = strings.Join(strings.Fields(s), " ")
		s = stripMarkup(s)
		if r.Profile != ChatDescription {
			s = quoted(s)
		}
		s = stripQuotes(s)
		s = stripLead(s)
		if r.Profile != ChatDescription {
			s = words(stripTail(s))
		}
		s = strings.TrimSpace(s)
		if cased := norm.NFC.String(r.recase(s, members)); s == before {
			if cased == s {
				return s
			}
			s = cased
		}
	}
	return ""
}

// recase gives a label the letter case of its profile.
func (r Rules) recase(s string, members []string) string {
	if s == "" {
		return s
	}
	switch {
	case r.Profile == ChatDescription:
		return upperFirst(s)
	case r.Profile == NoteLabel && !r.Foreign:
		s = titleCase(s)
	default:
		if first, _, _ := strings.Cut(s, " "); !isMixed(first) && !isIdentifier(first) {
			s = upperFirst(s)
		}
	}
	return r.spell(s, members)
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
	case r == utf8.RuneError, unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co), isEmoji(r):
		return -1
	}
	return r
}

// isEmoji knows pictures, and what changes how one looks.
func isEmoji(r rune) bool {
	switch {
	case r >= 0x1f000 && r <= 0x1faff, // the planes of pictures, flags and cards
		r >= 0x2600 && r <= 0x27bf,                             // weather, chess, dingbats
		r >= 0x2b00 && r <= 0x2bff, r >= 0x231a && r <= 0x23ff, // stars, clocks, play and pause
		r >= 0x2190 && r <= 0x21ff,                        // arrows
		r == 0xfe0e || r == 0xfe0f, r == 0x20e3, r == '•', // variants, keycaps
		r == 0x2122 || r == 0xa9 || r == 0xae: // ™ © ®
		return true
	}
	return false
}

var (
	markdownLink = regexp.MustCompile(`!?\[([^\[\]]*)\]\([^()]*\)`)
	htmlTag      = regexp.MustCompile(`</?[A-Za-z][^<>]*>`)
	emphasis     = regexp.MustCompile(`(^|[\s(])[*_]([^*_]*[^*_\s])[*_]($|[\s).,:;!?])`)
	loneMark     = regexp.MustCompile(`(^|\s)[*_#~>]+(\s|$)`)

	leadMarker = regexp.MustCompile(`^(?:#{1,6}\s+|#(?:\pL)|>\s*|[-*+•‣▪–—·]\s+|\(?\d{1,3}[.)]\s+|\(?[A-Za-z]\)\s+)`)
	leadName   = regexp.MustCompile(`(?i)^(?:(?:the|a|my|your)\s+)?(?:(?:cluster|group|category|topic|best|short|suggested|proposed|final)\s+)?` +
		`(?:label|title|name|category|topic|answer|response|output|theme|heading|json` +
		`|etikett|bezeichnung|titel|kategorie|thema|étiquette|titre|catégorie|thème|etiqueta|título|categoría|tema|etichetta|titolo|categoria|onderwerp|naam|nom` +
		`|метка|название|категория|тема|标签|標籤|标题|標題|类别|主题|ラベル|タイトル|カテゴリ|カテゴリー|テーマ|العنوان|التسمية)` +
		`(?:\s+(?:is|ist|est|es))?\s*(?:[:：=]\s*|\s[-–—]\s+|\s?->\s*)`)
	interjection = regexp.MustCompile(`(?i)^(?:sure(?: thing)?|certainly|of course|okay|ok|absolutely|great|got it|yes|well|alright|no problem|understood|hello|hi|klar|natürlich|gerne|bien sûr|claro|por supuesto|natuurlijk|конечно|好的|当然)\s*[!,.:;—–！，。：]+\s*`)
	groupSize    = regexp.MustCompile(`(?i)\s*\((?:\d+|all|various)(?: (?:items?|notes?|texts?|entries|members|elements))?\)$`)
	snakeCase    = regexp.MustCompile(`^[\p{Ll}\d]+(?:_[\p{Ll}\d]+)+$`)
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

// stripLead takes off what stands before a label: list markers, "Label:",
// "Sure! Here is a label for the group:", "The label would be".
func stripLead(s string) string {
	if m := leadMarker.FindString(s); m != "" {
		s = s[len(m):]
		if r, n := utf8.DecodeLastRuneInString(m); unicode.IsLetter(r) {
			s = m[len(m)-n:] + s // of a hash tag
		}
	}
	s = interjection.ReplaceAllString(s, "")
	s = leadName.ReplaceAllString(s, "")
	s = stripPreamble(s)
	return strings.TrimLeft(s, " ,;:!?…–—·|=~-")
}

// stripPreamble takes off what a model says about its answer before it gives it:
// words that are all about labels and groups, up to a colon or to "is".
func stripPreamble(s string) string {
	if i := strings.IndexAny(s, ":："); i > 0 {
		_, n := utf8.DecodeRuneInString(s[i:])
		if isPreamble(tokens(s[:i])) {
			return s[i+n:]
		}
	}
	words := strings.Fields(s)
	for i, w := range words {
		if i > 0 && copulas.has(strings.ToLower(w)) && isPreamble(tokens(strings.Join(words[:i], " "))) {
			for i+1 < len(words) && copulas.has(strings.ToLower(words[i+1])) {
				i++
			}
			return strings.Join(words[i+1:], " ")
		}
	}
	return s
}

// isPreamble says whether words are all of the kind that talks about a label,
// and one of them says so.
func isPreamble(words []string) bool {
	says := false
	for _, w := range words {
		if !aboutLabels.has(w) && !labelWords.has(w) && !labelWords.has(stem(w)) {
			return false
		}
		says = says || labelWords.has(w) || labelWords.has(stem(w))
	}
	return says
}

// quoted returns what stands in double quotes where all around it only talks
// about labels: `I would call this group "Fruits".`
func quoted(s string) string {
	m := inQuotes.FindStringSubmatchIndex(s)
	if m == nil {
		return s
	}
	around := tokens(s[:m[0]] + " " + s[m[1]:])
	if len(around) == 0 || !isPreamble(around) {
		return s
	}
	return s[m[2]:m[3]]
}

var inQuotes = regexp.MustCompile(`["“„«]([^"“”„«»]*\pL[^"“”„«»]*)["”“»]`)

// words writes "fresh_fruits" as words, and takes off "(3 items)".
func words(s string) string {
	s = groupSize.ReplaceAllString(s, "")
	if snakeCase.MatchString(s) {
		return strings.ReplaceAll(s, "_", " ")
	}
	return s
}

// spell writes words as the members do where those have capitals within them
// ("iPhone", "NASA"), and puts one in capitals in title case where the members
// or the vocabulary have it as a common word ("PETS").
func (r Rules) spell(s string, members []string) string {
	if len(members) == 0 && r.Vocabulary == nil {
		return s
	}
	forms := make(map[string]string)
	for _, m := range Sample(members) {
		for f := range strings.FieldsSeq(m) {
			f = strings.TrimFunc(f, func(r rune) bool { return !isWordRune(r) })
			lower := strings.ToLower(f)
			switch have, ok := forms[lower]; {
			case !ok:
				forms[lower] = f
			case have != f:
				forms[lower] = "" // spelt in several ways
			}
		}
	}
	fields := strings.Fields(s)
	for i, f := range fields {
		core := strings.TrimFunc(f, func(r rune) bool { return !isWordRune(r) })
		lower := strings.ToLower(core)
		form := forms[lower]
		isShouted := len(core) >= 4 && strings.ToUpper(core) == core && lower != core
		switch {
		case len(core) != len(lower) || core == "":
		case isMixed(form) && len(form) == len(core) && !isShoutedText(members):
			fields[i] = strings.Replace(f, core, form, 1)
		case isShouted && form != core && r.Profile == NoteLabel && (form == lower || r.Vocabulary != nil && r.Vocabulary.Meaning(lower) == Common):
			fields[i] = strings.Replace(f, core, upperFirst(lower), 1)
		}
	}
	return strings.Join(fields, " ")
}

// isShoutedText says whether the texts are all in capitals, so that theirs tell
// nothing.
func isShoutedText(members []string) bool {
	for _, m := range Sample(members) {
		if strings.ToUpper(m) != m {
			return false
		}
	}
	return true
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
