package tokenizer

import (
	"encoding/json"
	"math"
	"math/bits"
	"unicode/utf8"
)

// vocabulary is a fixed set of tokens with their ids: a hash table with open
// addressing over one string that holds all tokens.
type vocabulary struct {
	text    []byte // the tokens, one after another
	entries []entry
	slots   []slot // a power of two of them, at most half of them in use
	shift   int    // a hash's slot is hash >> shift
	byID    []int32
	longest int // bytes of the longest token
}

type entry struct {
	start, end uint32 // in text
	id         uint32
}

type slot struct {
	tag   uint32 // the low half of the hash
	index int32  // of the entry, plus 1; 0 is a free slot
}

// The hash is FNV-1a: it is made byte by byte, so that the hashes of all the
// beginnings of a word cost no more than the hash of the word.
const (
	hashBasis = 14695981039346656037
	hashPrime = 1099511628211
)

func hashFrom[T string | []byte](h uint64, s T) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * hashPrime
	}
	return h
}

// maxSpread bounds the highest id: at most four times the number of tokens,
// and 65,536 more. A table is indexed by the id, here and in the models.
func maxSpread(tokens int) int64 { return 4*int64(tokens) + 1<<16 }

// newVocabulary reads an object of tokens and ids. A token that comes twice
// keeps the last id, an id that comes twice keeps the last token.
func newVocabulary(raw []byte) (*vocabulary, error) {
	if len(raw) > math.MaxInt32 {
		return nil, malformed("a vocabulary of %d bytes", len(raw))
	}
	if len(raw) == 0 || raw[0] != '{' {
		return nil, malformed("model: vocab is not an object of tokens and ids")
	}
	// A token and its id take at least 6 bytes; a vocabulary of words takes
	// about 15 a token.
	v := &vocabulary{text: make([]byte, 0, len(raw)/2), entries: make([]entry, 0, len(raw)/12)}
	v.grow(len(raw) / 12)
	r := jsonReader{data: raw, at: 1}
	highest := int64(-1)
	for !r.end('}') {
		start := len(v.text)
		var err error
		if v.text, err = r.appendString(v.text); err != nil {
			return nil, err
		}
		id, err := r.id()
		if err != nil {
			return nil, err
		}
		v.insert(start, id)
		highest = max(highest, int64(id))
	}
	if highest >= maxSpread(len(v.entries)) {
		return nil, malformed("model: id %d is out of range for a vocabulary of %d tokens", highest, len(v.entries))
	}
	v.byID = make([]int32, highest+1)
	for i, e := range v.entries {
		v.byID[e.id] = int32(i + 1)
	}
	return v, nil
}

// insert adds the token that text ends with.
func (v *vocabulary) insert(start int, id uint32) {
	token := v.text[start:]
	h := hashFrom(hashBasis, token)
	s := v.slot(h, "", view(token))
	if i := v.slots[s].index; i > 0 {
		v.entries[i-1].id = id
		v.text = v.text[:start]
		return
	}
	v.entries = append(v.entries, entry{uint32(start), uint32(len(v.text)), id})
	v.slots[s] = slot{uint32(h), int32(len(v.entries))}
	v.longest = max(v.longest, len(token))
	if 2*len(v.entries) > len(v.slots) {
		v.grow(2 * len(v.entries))
	}
}

// grow makes room for n tokens.
func (v *vocabulary) grow(n int) {
	size := bits.Len(uint(max(n, 8)*2 - 1))
	v.slots = make([]slot, 1<<size)
	v.shift = 64 - size
	for i, e := range v.entries {
		h := hashFrom(hashBasis, v.text[e.start:e.end])
		s := v.slot(h, "", view(v.text[e.start:e.end]))
		v.slots[s] = slot{uint32(h), int32(i + 1)}
	}
}

// slot returns the slot of the token prefix+rest, whose hash is h: the one it
// lies in, or the free one where it would.
func (v *vocabulary) slot(h uint64, prefix, rest string) uint64 {
	mask := uint64(len(v.slots) - 1)
	for s := h >> v.shift; ; s = (s + 1) & mask {
		switch slot := v.slots[s]; {
		case slot.index == 0:
			return s
		case slot.tag == uint32(h):
			e := &v.entries[slot.index-1]
			t := v.text[e.start:e.end]
			if len(t) == len(prefix)+len(rest) && string(t[len(prefix):]) == rest && string(t[:len(prefix)]) == prefix {
				return s
			}
		}
	}
}

// find returns the id of the token prefix+rest, whose hash is h.
func (v *vocabulary) find(h uint64, prefix, rest string) (uint32, bool) {
	i := v.slots[v.slot(h, prefix, rest)].index
	if i == 0 {
		return 0, false
	}
	return v.entries[i-1].id, true
}

func (v *vocabulary) id(token string) (uint32, bool) {
	return v.find(hashFrom(hashBasis, token), "", token)
}

func (v *vocabulary) token(id uint32) (string, bool) {
	if int64(id) >= int64(len(v.byID)) || v.byID[id] == 0 {
		return "", false
	}
	e := v.entries[v.byID[id]-1]
	return view(v.text[e.start:e.end]), true // text does not change any more
}

// jsonReader reads the parts of JSON that encoding/json has found to be valid,
// without a value for every token: a vocabulary has up to 250,000 of them.
type jsonReader struct {
	data []byte
	at   int
}

// next returns the next byte that is not white space or a separator, and
// stays on it.
func (r *jsonReader) next() byte {
	for r.at < len(r.data) {
		switch c := r.data[r.at]; c {
		case ' ', '\t', '\n', '\r', ',', ':':
			r.at++
		default:
			return c
		}
	}
	return 0
}

// end reports whether the object or array ends here.
func (r *jsonReader) end(closing byte) bool {
	c := r.next()
	return c == closing || c == 0
}

// appendString appends the string that comes next.
func (r *jsonReader) appendString(dst []byte) ([]byte, error) {
	if r.next() != '"' {
		return nil, malformed("model: vocab holds something other than a string where a token should stand")
	}
	start := r.at
	plain := true
	for r.at++; r.data[r.at] != '"'; r.at++ {
		if c := r.data[r.at]; c == '\\' {
			plain = false
			r.at++
		}
	}
	r.at++
	quoted := r.data[start:r.at]
	if body := quoted[1 : len(quoted)-1]; plain && utf8.Valid(body) {
		return append(dst, body...), nil
	}
	var s string
	if err := json.Unmarshal(quoted, &s); err != nil {
		return nil, &FormatError{Reason: "model: vocab", Err: err}
	}
	return append(dst, s...), nil
}

// id reads the number that comes next.
func (r *jsonReader) id() (uint32, error) {
	r.next()
	start, n := r.at, uint64(0)
	for r.at < len(r.data) && '0' <= r.data[r.at] && r.data[r.at] <= '9' && n <= math.MaxUint32 {
		n = 10*n + uint64(r.data[r.at]-'0')
		r.at++
	}
	if end := r.next(); r.at == start || n > math.MaxUint32 || end != '"' && end != '}' {
		return 0, malformed("model: vocab has an id that is not an integer from 0 to %d", uint32(math.MaxUint32))
	}
	return uint32(n), nil
}
