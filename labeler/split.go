package labeler

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// countWords counts the fields of s that hold a letter or a digit, so that
// "Food & Drink" has two words. A number that MakeUnique appended is none.
func countWords(s string) int {
	n := 0
	for f := range strings.FieldsSeq(s) {
		if strings.ContainsFunc(f, isWordRune) && !isSerial(f) {
			n++
		}
	}
	return n
}

// isSerial reports whether a field is "(2)", "(3)" and so on.
func isSerial(field string) bool {
	digits, ok := strings.CutPrefix(field, "(")
	if !ok {
		return false
	}
	digits, ok = strings.CutSuffix(digits, ")")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// tokens returns the words of s in lower case, without punctuation and
// without the possessive 's.
func tokens(s string) []string {
	fields := strings.FieldsFunc(strings.ToLower(norm.NFC.String(s)), func(r rune) bool {
		return !isWordRune(r) && !unicode.IsMark(r) && r != '\'' && r != '’'
	})
	words := fields[:0]
	for _, f := range fields {
		f = strings.Trim(strings.ReplaceAll(f, "’", "'"), "'")
		f = strings.TrimSuffix(f, "'s")
		if f != "" {
			words = append(words, f)
		}
	}
	return words
}

// stem takes the ending of an English plural off. It need not give a word,
// only the same string for "pear" and "pears", "box" and "boxes".
func stem(w string) string {
	switch {
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	case len(w) > 4 && (strings.HasSuffix(w, "xes") || strings.HasSuffix(w, "ses") || strings.HasSuffix(w, "hes")):
		return w[:len(w)-2]
	case len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"):
		return w[:len(w)-1]
	}
	return w
}
