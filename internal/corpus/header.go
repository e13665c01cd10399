package corpus

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is how many characters the name of a column has at most.
const maxName = 64

// isHeader reports whether the first of the sampled rows names the columns. It
// does by the well-known name of a text, by two other well-known names, or by
// being clearly of another kind than the rows below. In doubt a row is data: a
// note more is noticed, a note that is lost is not. In a table of one column
// only well-known names tell, since a first note looks like any other.
func isHeader(head [][]string) bool {
	first, body := head[0], head[1:]
	known := 0
	for _, name := range first {
		switch {
		case isTextName(name):
			return true
		case isKnownName(name):
			known++
		}
	}
	if known > 1 || len(first) == 1 || len(body) == 0 {
		return known > 1
	}
	contrasts := 0
	for i, name := range first {
		switch contrastOf(trim(name), body, i) {
		case contrastNone:
			// One well-known name may be a tag, and does not speak for the row,
			// but nor does it speak against it.
			if !isKnownName(name) {
				return false
			}
		case contrastClear:
			contrasts++
		}
	}
	return contrasts > 0
}

// A contrast is how the first cell of a column differs from those below it.
type contrast int

const (
	contrastNone  contrast = iota // it cannot be the column's name
	contrastVague                 // it may be
	contrastClear
)

func contrastOf(name string, rows [][]string, column int) contrast {
	kind := kindOf(name)
	if isBlank(name) {
		return contrastVague
	}
	if kind == kindNumber || utf8.RuneCountInString(name) > maxName || strings.Contains(name, "\n") {
		return contrastNone
	}
	values, texts, numbers, longer := 0, 0, 0, 0
	words := len(strings.Fields(name))
	for _, row := range rows {
		if column >= len(row) || isBlank(row[column]) {
			continue
		}
		value := trim(row[column])
		if strings.EqualFold(value, name) {
			return contrastNone // names do not come again as values
		}
		values++
		switch kindOf(value) {
		case kindText:
			texts++
		case kindNumber:
			numbers++
		}
		if len(strings.Fields(value)) > words {
			longer++
		}
	}
	isWord := words == 1 && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) })
	switch {
	case values == 0:
		return contrastVague
	case kind == kindCode && texts+numbers == 0:
		return contrastNone // an id above ids
	case texts == 0 && (kind == kindText || numbers == values):
		return contrastClear // a word above numbers, dates, ids or links
	case isWord && values > 1 && longer == values:
		return contrastClear // a word above nothing but phrases
	}
	return contrastVague
}

func numberedColumns(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = columnPrefix + strconv.Itoa(i+1)
	}
	return names
}

// columnPrefix begins the name of a column that has none of its own.
const columnPrefix = "column "

// columnNumber returns the number in "2" and "column 2", or 0.
func columnNumber(name string) int {
	name = strings.TrimPrefix(strings.ToLower(trim(name)), columnPrefix)
	n, err := strconv.Atoi(name)
	if err != nil || n < 1 {
		return 0 // a name like any other
	}
	return n
}

// tableFormat recognises a table with tabs, commas, semicolons or bars in a text
// whose name does not tell: two or more columns, of which one has the name of a
// text, and as many fields in most of the first rows. Since there are commas in
// notes, that is not enough with anything but tabs: there have to be four
// columns, or quotes around fields, or nothing but well-known names, with no
// blanks between them as prose has.
func tableFormat(text string) Format {
	header, rest := nextLine(text)
	if rest == "" || len(header) > 1000 || !utf8.ValidString(header) {
		return ""
	}
	for _, comma := range delimiters {
		names := strings.Split(header, string(comma))
		if len(names) < 2 {
			continue
		}
		isQuoted := strings.Contains(text[:min(len(text), 1<<16)], string(comma)+`"`)
		areKnown := !slices.ContainsFunc(names, func(s string) bool { return !isKnownName(s) || s != trim(s) })
		hasText := slices.ContainsFunc(names, func(s string) bool { return nameWeight(strings.Trim(trim(s), `"`)) > 1 })
		isStrong := comma == '\t' || len(names) > 3 || isQuoted || areKnown
		if !hasText || !isStrong || commonFields(text, comma, false) != len(names) {
			continue
		}
		if comma == '\t' {
			return FormatTSV
		}
		return FormatCSV
	}
	return ""
}
