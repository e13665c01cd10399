package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"sheaf/models/builtin"
)

// longestTerm is how many words a term of the lexicon has at most.
const longestTerm = 8

// leaveOut takes out of the lexicon all words and phrases of the notes in a
// file, each line "group: note | note", with their inflections. What a model
// made so does with these notes, it does by words that are like theirs.
func leaveOut(lex *builtin.Lexicon, file string) (*builtin.Lexicon, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	said := make(map[string]bool)
	for line := range strings.Lines(string(raw)) {
		_, notes, _ := strings.Cut(line, ":")
		for note := range strings.SplitSeq(notes, "|") {
			words := builtin.Words(note)
			for i := range words {
				for j := i + 1; j <= min(len(words), i+longestTerm); j++ {
					said[strings.Join(words[i:j], " ")] = true
				}
				for _, s := range builtin.Stems(words[i]) {
					said[s] = true
				}
			}
		}
	}
	before := len(lex.Terms())
	out := lex.Without(func(term string) bool {
		if said[term] {
			return true
		}
		return !strings.Contains(term, " ") && slices.ContainsFunc(builtin.Stems(term), func(s string) bool { return said[s] })
	})
	fmt.Printf("%d of %d terms left out\n", before-len(out.Terms()), before)
	return out, nil
}
