package static

import (
	"errors"
	"fmt"
	"slices"
	"sort"
)

// A phraseIndex finds the longest phrase that a run of tokens begins with.
// The phrases are sorted by their tokens, so that those with a common
// beginning are neighbours and a binary search narrows them token by token.
type phraseIndex struct {
	flat  []int32 // the phrases' tokens, one after another
	ends  []int32 // where each phrase ends in flat
	rows  []int32
	start []int32 // token ▸ the first phrase that begins with it; one more at the end
}

func newPhraseIndex(flat, lengths, rows []int32, tokens int) (phraseIndex, error) {
	p := phraseIndex{flat: flat, rows: rows, ends: make([]int32, len(lengths)), start: make([]int32, tokens+1)}
	end := 0
	for i, n := range lengths {
		end += int(n)
		if n < 1 || end > len(flat) {
			return p, fmt.Errorf("phrase %d has %d tokens; %d are left", i, n, len(flat)-end+int(n))
		}
		p.ends[i] = int32(end)
	}
	if end != len(flat) || len(rows) != len(lengths) {
		return p, fmt.Errorf("%d tokens and %d rows for phrases of %d tokens", len(flat), len(rows), end)
	}
	for i, id := range flat {
		if id < 0 || int(id) >= tokens {
			return p, fmt.Errorf("token %d of the phrases is %d of %d", i, id, tokens)
		}
	}
	for i := range rows {
		if i > 0 && slices.Compare(p.phrase(i-1), p.phrase(i)) >= 0 {
			return p, errors.New("the phrases are not sorted")
		}
		p.start[p.phrase(i)[0]+1]++
	}
	for i := range tokens {
		p.start[i+1] += p.start[i]
	}
	return p, nil
}

// phrase returns the tokens of phrase i.
func (p *phraseIndex) phrase(i int) []int32 {
	if i == 0 {
		return p.flat[:p.ends[0]]
	}
	return p.flat[p.ends[i-1]:p.ends[i]]
}

// longest returns the index of the longest phrase that ids begins with and
// that ends with a whole word, and how many of ids it takes; n is 0 where
// there is none. What only joins words ("check-in", "mother's day") is passed
// over.
func (p *phraseIndex) longest(ids []uint32, kinds []kind) (phrase, n int) {
	lo, hi := int(p.start[ids[0]]), int(p.start[ids[0]+1])
	depth := 1 // tokens of the phrases that are matched so far
	for i := 1; lo < hi; i++ {
		// The shortest phrase with these tokens is the first; it is whole if
		// no token is left of it, and of the text no more of the word.
		if len(p.phrase(lo)) == depth && (i >= len(ids) || kinds[ids[i]] != continuation) {
			phrase, n = lo, i
		}
		for i < len(ids) && kinds[ids[i]] == joiner {
			i++
			if i < len(ids) && kinds[ids[i]] == possessive {
				i++
			}
		}
		if i >= len(ids) {
			break
		}
		id := int32(ids[i])
		first := lo + sort.Search(hi-lo, func(j int) bool {
			ph := p.phrase(lo + j)
			return len(ph) > depth && ph[depth] >= id
		})
		last := first + sort.Search(hi-first, func(j int) bool { return p.phrase(first + j)[depth] > id })
		lo, hi = first, last
		depth++
	}
	return phrase, n
}
