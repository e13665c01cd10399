package tokenizer

import (
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"
)

// unigram cuts a word into the tokens that have the highest sum of scores,
// the logarithms of their probabilities. A character that no token spells
// alone may be unknown, for a score below all others.
//
// The model is that of Kudo, "Subword Regularization" (2018); the search is
// Viterbi's.
type unigram struct {
	*vocabulary
	scores       []float64 // by id
	unknownScore float64
	unknown      uint32
	hasUnknown   bool
	bytes        *[256]uint32 // the ids of <0x00> to <0xFF>; nil without byte fallback
}

// unknownPenalty is how far an unknown character's score is below the lowest.
const unknownPenalty = 10

// pathEnd is the best way to spell a word up to some byte.
type pathEnd struct {
	score float64
	start int32 // of the last token; -1 where there is no way
	id    uint32
}

// unigramWork is the working memory of unigram.
type unigramWork struct {
	ends  []pathEnd
	steps []int32 // where the tokens of the best path end, the last one first
}

func (w *unigramWork) trim() {
	w.ends = kept(w.ends)
	w.steps = kept(w.steps)
}

func newUnigram(c *modelConfig) (model, error) {
	m := &unigram{vocabulary: &vocabulary{}}
	if err := m.read(c.Vocab); err != nil {
		return nil, err
	}
	lowest := math.Inf(1)
	for _, s := range m.scores {
		lowest = min(lowest, s)
	}
	m.unknownScore = lowest - unknownPenalty
	if !isNull(c.UnkID) {
		var id uint64
		if err := json.Unmarshal(c.UnkID, &id); err != nil {
			return nil, &FormatError{Reason: "model: unk_id", Err: err}
		}
		if id >= uint64(len(m.scores)) {
			return nil, malformed("model: unk_id %d is out of range for a vocabulary of %d tokens", id, len(m.scores))
		}
		m.unknown, m.hasUnknown = uint32(id), true
	}
	if c.ByteFallback {
		m.bytes = m.byteTokens()
	}
	return m, nil
}

// read reads an array of tokens and scores. A token that comes twice keeps the
// last id.
func (m *unigram) read(raw []byte) error {
	if len(raw) > math.MaxInt32 {
		return malformed("model: a vocabulary of %d bytes", len(raw))
	}
	if len(raw) == 0 || raw[0] != '[' {
		return malformed("model: vocab is not an array of tokens and scores")
	}
	m.text = make([]byte, 1, len(raw)/2+1)
	places := make([]place, 0, len(raw)/24) // about what a token and its score take
	ids := make([]uint32, 0, len(raw)/24)
	r := jsonReader{data: raw, at: 1}
	for !r.end(']') {
		if r.next() != '[' {
			return malformed("model: vocab has an entry that is not a token and its score")
		}
		r.at++
		start := len(m.text)
		var err error
		if m.text, err = r.appendString(m.text); err != nil {
			return err
		}
		score, err := r.score()
		if err != nil {
			return err
		}
		places = append(places, place{uint32(start), uint32(len(m.text))})
		ids = append(ids, uint32(len(ids)))
		m.scores = append(m.scores, score)
	}
	m.index(places, ids, len(ids))
	return nil
}

// score reads the number that comes next and the end of its array.
func (r *jsonReader) score() (float64, error) {
	r.next()
	start := r.at
	for r.at < len(r.data) && r.data[r.at] != ']' && r.data[r.at] != ',' && r.data[r.at] > ' ' {
		r.at++
	}
	score, err := strconv.ParseFloat(string(r.data[start:r.at]), 64)
	if err != nil || r.next() != ']' {
		return 0, malformed("model: vocab has an entry that is not a token and its score")
	}
	r.at++
	return score, nil
}

func (m *unigram) appendIDs(dst []uint32, word string, w *workspace) []uint32 {
	place := w.cache.place(word)
	if place.holds(word) {
		return append(dst, place.ids[:place.count]...)
	}
	first := len(dst)
	m.search(word, &w.path)
	dst = m.appendPath(dst, word, &w.path)
	place.keep(word, dst[first:])
	return dst
}

// search finds the best way to each byte of a word.
func (m *unigram) search(word string, w *unigramWork) {
	w.ends = w.ends[:0]
	for range len(word) + 1 {
		w.ends = append(w.ends, pathEnd{start: -1})
	}
	ends, nodes := w.ends, m.nodes
	for at := 0; at < len(word); {
		here := ends[at].score
		_, size := utf8.DecodeRuneInString(word[at:])
		single := false // a token spells the first character alone
		node := int32(trieRoot)
		for i := at; i < len(word); i++ {
			next := nodes[node].base + int32(word[i])
			if int(next) >= len(nodes) || nodes[next].parent != node {
				break
			}
			node = next
			id := nodes[node].value
			if id < 0 {
				continue
			}
			ends[i+1].improve(here+m.scores[id], at, uint32(id))
			single = single || i+1 == at+size
		}
		if !single {
			ends[at+size].improve(here+m.unknownScore, at, noID)
		}
		at += size
	}
}

// improve takes a way if it is better than the one there was.
func (e *pathEnd) improve(score float64, start int, id uint32) {
	if e.start < 0 || score > e.score {
		*e = pathEnd{score, int32(start), id}
	}
}

// appendPath appends the ids of the best way to the end of a word.
func (m *unigram) appendPath(dst []uint32, word string, w *unigramWork) []uint32 {
	w.steps = w.steps[:0]
	for at := int32(len(word)); at > 0; at = w.ends[at].start {
		w.steps = append(w.steps, at)
	}
	for i := len(w.steps) - 1; i >= 0; i-- {
		end := w.ends[w.steps[i]]
		if id := end.id; id != noID && !(m.hasUnknown && id == m.unknown) {
			dst = append(dst, id)
			continue
		}
		for i > 0 { // neighbours that are unknown count as one
			if id := w.ends[w.steps[i-1]].id; id != noID && !(m.hasUnknown && id == m.unknown) {
				break
			}
			i--
		}
		dst = m.appendUnknown(dst, word[end.start:w.steps[i]])
	}
	return dst
}

// appendUnknown appends what stands for a run of characters that the search
// found to be unknown. The run may be a token all the same: the unknown one
// itself, spelled out in the text.
func (m *unigram) appendUnknown(dst []uint32, text string) []uint32 {
	if id, ok := m.id(text); ok {
		return append(dst, id)
	}
	dst, ok := appendBytes(dst, m.bytes, text)
	if !ok && m.hasUnknown {
		dst = append(dst, m.unknown)
	}
	return dst
}

func (m *unigram) unknownID() (uint32, bool) { return m.unknown, m.hasUnknown }
func (m *unigram) entryCount() int           { return len(m.scores) }
func (m *unigram) size() int                 { return len(m.scores) }
