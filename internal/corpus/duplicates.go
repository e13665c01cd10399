package corpus

import (
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Duplicates returns for each document the index of the first one with the
// same text, which is its own index if it is the first. Texts are the same
// whatever their white space at the ends, their case (full Unicode case
// folding) and their way of composing accents (NFC).
func Duplicates(docs []Document) []int {
	first := make(map[string]int, len(docs))
	same := make([]int, len(docs))
	fold := cases.Fold()
	for i := range docs {
		key := trim(docs[i].Text)
		if !isPlain(key) {
			key = fold.String(norm.NFC.String(key))
		}
		j, ok := first[key]
		if !ok {
			first[key], j = i, i
		}
		same[i] = j
	}
	return same
}

// isPlain reports text that folding leaves as it is.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 || 'A' <= s[i] && s[i] <= 'Z' {
			return false
		}
	}
	return true
}
