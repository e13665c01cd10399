package tokenizer

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// notBeforeText is the one look-ahead that real files have. It is written to
// the parser as \B, which they do not have and which stands for it in a
// compiled program.
const notBeforeText = `(?!\S)`

// translateRegex writes a regular expression of Oniguruma, the reference's
// library, for Go's parser: each class and escape as the characters that the
// reference means by it. What it does not know, or what the two libraries
// understand differently, is an error.
func translateRegex(pattern string) (string, error) {
	t := regexTranslator{rest: pattern}
	for t.rest != "" {
		if err := t.next(); err != nil {
			return "", err
		}
	}
	return t.out.String(), nil
}

type regexTranslator struct {
	rest string
	out  strings.Builder
	fold []bool // for each open group whether case does not matter outside it
	any  bool   // whether it does not matter now
}

// groups is the ways to open a group, and whether case stays as it is in it.
var groups = []struct {
	open  string
	folds bool
}{{"(?i:", true}, {"(?:", false}}

// next translates the next element.
func (t *regexTranslator) next() error {
	if strings.HasPrefix(t.rest, notBeforeText) {
		t.out.WriteString(`\B`)
		t.rest = t.rest[len(notBeforeText):]
		return nil
	}
	if t.out.Len() == 0 && strings.HasPrefix(t.rest, "(?i)") {
		t.take("(?i)")
		t.any = true
		return nil
	}
	for _, g := range groups {
		if strings.HasPrefix(t.rest, g.open) {
			t.take(g.open)
			t.fold = append(t.fold, t.any)
			t.any = t.any || g.folds
			return nil
		}
	}
	switch c := t.rest[0]; c {
	case '(':
		if strings.HasPrefix(t.rest, "(?") || strings.HasPrefix(t.rest, "(*") {
			return fmt.Errorf("%.4s is not supported", t.rest)
		}
		t.rest = t.rest[1:]
		t.out.WriteString("(?:")
		t.fold = append(t.fold, t.any)
	case ')':
		if len(t.fold) == 0 {
			return errors.New("unexpected )")
		}
		t.take(")")
		t.any = t.fold[len(t.fold)-1]
		t.fold = t.fold[:len(t.fold)-1]
	case '*', '+', '?':
		t.take(t.rest[:1])
		if strings.HasPrefix(t.rest, "+") {
			return fmt.Errorf("%c+ is not supported", c)
		}
		if strings.HasPrefix(t.rest, "?") {
			t.take("?")
		}
	case '|', '.':
		t.take(t.rest[:1])
	case '^':
		t.rest = t.rest[1:]
		t.out.WriteString(`(?m:^)`)
	case '$':
		t.rest = t.rest[1:]
		t.out.WriteString(`(?m:$)`)
	case '{':
		return t.repeat()
	case '[':
		set, rest, err := parseClass(t.rest, 0)
		if err != nil {
			return err
		}
		return t.takeClass(set, rest, strings.HasPrefix(t.rest, "[^"))
	case '\\':
		set, rest, err := parseEscape(t.rest)
		if err != nil {
			return err
		}
		return t.takeClass(set, rest, strings.HasPrefix(t.rest, `\P`))
	default:
		_, n := utf8.DecodeRuneInString(t.rest)
		t.out.WriteString(regexp.QuoteMeta(t.rest[:n]))
		t.rest = t.rest[n:]
	}
	return nil
}

// take writes what is the same in both syntaxes.
func (t *regexTranslator) take(s string) {
	t.out.WriteString(s)
	t.rest = t.rest[len(s):]
}

// takeClass writes a class and goes on after it.
func (t *regexTranslator) takeClass(set runeSet, rest string, negated bool) error {
	if t.any && negated {
		return errors.New("a negated class where case does not matter is not supported")
	}
	t.rest = rest
	set.write(&t.out)
	return nil
}

// repeat translates {2}, {2,}, {,2} and {2,3}.
func (t *regexTranslator) repeat() error {
	body, rest, ok := strings.Cut(t.rest[1:], "}")
	from, to, isRange := strings.Cut(body, ",")
	if from == "" && to != "" {
		from = "0"
	}
	ok = ok && isCount(from) && (isCount(to) || to == "")
	if !ok || strings.HasPrefix(rest, "+") || strings.HasPrefix(rest, "?") {
		return fmt.Errorf("repetition {%s is not supported", t.rest[1:])
	}
	t.out.WriteString("{" + from)
	if isRange {
		t.out.WriteString("," + to)
	}
	t.out.WriteString("}")
	t.rest = rest
	return nil
}

func isCount(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// runeSet is a set of characters: the first and the last of each range, rising
// and apart.
type runeSet []rune

// newRuneSet brings ranges in any order into that form.
func newRuneSet(ranges []rune) runeSet {
	pairs := make([][2]rune, 0, len(ranges)/2)
	for i := 0; i < len(ranges); i += 2 {
		pairs = append(pairs, [2]rune{ranges[i], ranges[i+1]})
	}
	slices.SortFunc(pairs, func(a, b [2]rune) int { return int(a[0] - b[0]) })
	var set runeSet
	for _, p := range pairs {
		if n := len(set); n > 0 && p[0] <= set[n-1]+1 {
			set[n-1] = max(set[n-1], p[1])
			continue
		}
		set = append(set, p[0], p[1])
	}
	return set
}

func (s runeSet) negated() runeSet {
	var not runeSet
	next := rune(0)
	for i := 0; i < len(s); i += 2 {
		if next < s[i] {
			not = append(not, next, s[i]-1)
		}
		next = s[i+1] + 1
	}
	if next <= unicode.MaxRune {
		not = append(not, next, unicode.MaxRune)
	}
	return not
}

// write writes the set as a class of Go's syntax.
func (s runeSet) write(b *strings.Builder) {
	if len(s) == 0 {
		b.WriteString(`[^\x{0}-\x{10ffff}]`)
		return
	}
	b.WriteByte('[')
	for i := 0; i < len(s); i += 2 {
		fmt.Fprintf(b, `\x{%x}-\x{%x}`, s[i], s[i+1])
	}
	b.WriteByte(']')
}

// tableSet returns the characters of a table.
func tableSet(t *unicode.RangeTable) runeSet {
	var ranges []rune
	add := func(lo, hi, stride rune) {
		if stride == 1 {
			ranges = append(ranges, lo, hi)
			return
		}
		for r := lo; r <= hi; r += stride {
			ranges = append(ranges, r, r)
		}
	}
	for _, r := range t.R16 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range t.R32 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	return newRuneSet(ranges)
}

// parseClass reads the class that s begins with: characters, ranges, escapes
// and classes within it, in brackets or not.
func parseClass(s string, depth int) (set runeSet, rest string, err error) {
	if depth == maxDepth {
		return nil, "", fmt.Errorf("classes nested deeper than %d", maxDepth)
	}
	s, negated := strings.CutPrefix(s[1:], "^")
	var ranges []rune
	for first := true; ; first = false {
		switch {
		case s == "":
			return nil, "", errors.New("a class without ]")
		case s[0] == ']' && !first:
			set = newRuneSet(ranges)
			if negated {
				set = set.negated()
			}
			return set, s[1:], nil
		case strings.HasPrefix(s, "&&"), strings.HasPrefix(s, "[:"):
			return nil, "", fmt.Errorf("%.2s in a class is not supported", s)
		case s[0] == '[':
			var inner runeSet
			if inner, s, err = parseClass(s, depth+1); err != nil {
				return nil, "", err
			}
			ranges = append(ranges, inner...)
		default:
			var from runeSet
			if from, s, err = parseMember(s); err != nil {
				return nil, "", err
			}
			isOne := len(from) == 2 && from[0] == from[1]
			if isOne && len(s) > 1 && s[0] == '-' && s[1] != ']' {
				var to runeSet
				if to, s, err = parseMember(s[1:]); err != nil {
					return nil, "", err
				}
				if len(to) != 2 || to[0] != to[1] || to[0] < from[0] {
					return nil, "", errors.New("a range without an end in a class")
				}
				from[1] = to[1]
			}
			ranges = append(ranges, from...)
		}
	}
}

// parseMember reads a character or an escape of a class.
func parseMember(s string) (set runeSet, rest string, err error) {
	if s[0] == '\\' {
		return parseEscape(s)
	}
	r, n := utf8.DecodeRuneInString(s)
	return runeSet{r, r}, s[n:], nil
}

// parseEscape reads the escape that s begins with.
func parseEscape(s string) (set runeSet, rest string, err error) {
	if len(s) < 2 {
		return nil, "", errors.New(`\ at the end`)
	}
	c, rest := s[1], s[2:]
	switch c {
	case 'n', 'r', 't', 'f', 'v', 'a', 'e':
		r := rune("\n\r\t\f\v\a\x1b"[strings.IndexByte("nrtfvae", c)])
		return runeSet{r, r}, rest, nil
	case 's', 'S', 'd', 'D', 'w', 'W':
		chars := loadCharacters()
		switch c | 0x20 {
		case 's':
			set = tableSet(chars.table(space))
		case 'd':
			set, _ = categorySet("Nd")
		case 'w':
			set = wordSet()
		}
		if c < 'a' {
			set = set.negated()
		}
		return set, rest, nil
	case 'p', 'P':
		return parseCategory(c == 'P', rest)
	case 'x', 'u':
		return parseCodePoint(c, rest)
	}
	if c >= utf8.RuneSelf || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' {
		return nil, "", fmt.Errorf(`\%c is not supported`, c)
	}
	return runeSet{rune(c), rune(c)}, rest, nil
}

// parseCategory reads the {L} of \p{L}: a general category or a script.
func parseCategory(negated bool, s string) (set runeSet, rest string, err error) {
	name, rest, ok := strings.Cut(s, "}")
	if !ok || !strings.HasPrefix(name, "{") {
		return nil, "", errors.New(`\p without a name in braces`)
	}
	name, caret := strings.CutPrefix(name[1:], "^")
	set, ok = categorySet(name)
	if !ok {
		return nil, "", fmt.Errorf(`\p{%s} is not supported`, name)
	}
	if negated != caret {
		set = set.negated()
	}
	return set, rest, nil
}

// categorySet returns the characters of a general category or a script.
func categorySet(name string) (runeSet, bool) {
	chars := loadCharacters()
	switch name {
	case "L":
		return tableSet(chars.table(letter)), true
	case "N":
		return tableSet(chars.table(number)), true
	}
	if table := unicode.Scripts[name]; table != nil {
		return tableSet(table), true
	}
	table := unicode.Categories[name]
	if table == nil || name[0] == 'C' && name != "Cc" && name != "Cf" {
		return nil, false // the others have what is not assigned
	}
	set := tableSet(table)
	in := false // the category that the next ranges are of
	for field := range strings.FieldsSeq(newerCategoryRanges) {
		if newer, ok := strings.CutSuffix(field, ":"); ok {
			in = strings.HasPrefix(newer, name)
		} else if in {
			set = append(set, tableSet(parseRanges(field))...)
		}
	}
	return newRuneSet(set), true
}

// wordSet returns what \w matches. Unlike the library behind the Whitespace
// pre-tokenizer, Oniguruma has the Latin-1 superscripts and fractions among
// it, but not the joiners.
func wordSet() runeSet {
	set := tableSet(loadCharacters().table(word))
	for _, r := range "²³¹¼½¾" {
		set = append(set, r, r)
	}
	others := append(newRuneSet(set).negated(), 0x200c, 0x200d)
	return newRuneSet(others).negated()
}

// parseCodePoint reads the 41 of \x41, the 0041 of \u0041 or the {1F600} of
// \x{1F600}.
func parseCodePoint(kind byte, s string) (set runeSet, rest string, err error) {
	digits := 2
	if kind == 'u' {
		digits = 4
	}
	hex := ""
	if inBraces, ok := strings.CutPrefix(s, "{"); ok && kind == 'x' {
		hex, rest, ok = strings.Cut(inBraces, "}")
		if !ok {
			return nil, "", errors.New(`\x{ without }`)
		}
	} else if len(s) >= digits {
		hex, rest = s[:digits], s[digits:]
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || n > unicode.MaxRune || kind == 'x' && !strings.HasPrefix(s, "{") && n >= utf8.RuneSelf {
		return nil, "", fmt.Errorf(`\%c without a code point`, kind)
	}
	return runeSet{rune(n), rune(n)}, rest, nil
}
