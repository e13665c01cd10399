package pipeline

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"sheaf/internal/corpus"
	"sheaf/models/builtin"
)

// leastShared is how many conversations have to share a word that no list
// knows before it may be in a name: of fewer it may be somebody's own.
const leastShared = 3

// shareWords takes out of the words that names are made of those that are
// neither ordinary nor shared by a few conversations, and function words of
// languages that the labeler does not know.
func (c *conversations) shareWords() {
	least := leastShared
	if len(c.list) > smallCollection {
		least = DefaultMinConversations
	}
	count := make(map[string]int)
	for i := range c.list {
		seen := make(map[string]bool)
		for _, w := range builtin.Words(c.list[i].words) {
			if !seen[w] {
				seen[w] = true
				count[w]++
			}
		}
	}
	for i := range c.list {
		lang, fields := c.list[i].language, strings.Fields(c.list[i].words)
		kept := fields[:0]
		for _, f := range fields {
			rare := isFunctionWordOf(lang, f)
			for _, w := range builtin.Words(f) {
				rare = rare || count[w] < least && !c.plain(w) && !builtin.IsStopWord(w)
			}
			if !rare {
				kept = append(kept, f)
			}
		}
		c.list[i].words = strings.Join(kept, " ")
	}
}

// labelerLanguages are those whose function words the labeler knows.
const labelerLanguages = " en de fr es it pt nl "

// isFunctionWordOf says whether a word as it stands in a text says nothing of a
// topic: one of the most frequent of its language, or one of three letters or less,
// as such words are.
func isFunctionWordOf(lang, word string) bool {
	if lang == "" || strings.Contains(labelerLanguages, " "+lang+" ") {
		return false
	}
	word = strings.ToLower(strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }))
	if strings.ContainsFunc(word, isUnspaced) {
		return false
	}
	return utf8.RuneCountInString(word) <= 3 || corpus.IsFunctionWord(lang, word)
}
