package tokenizer

import (
	"encoding/json"
	"math"
	"unicode/utf8"
)

// vocabulary is a fixed set of tokens with their ids.
type vocabulary struct {
	trie
	text []byte // the tokens, one after another
	byID []place
}

// place is where a token's bytes stand in text. The first byte of text belongs
// to no token, so that the zero place is none.
type place struct{ start, end uint32 }

// maxSpread bounds the highest id: at most four times the number of tokens,
// and 65,536 more. A table is indexed by the id, here and in the models.
func maxSpread(tokens int) int64 { return 4*int64(tokens) + 1<<16 }

// newVocabulary reads an object of tokens and ids. A token that comes twice
// keeps the last id, an id that comes twice keeps the last token.
func newVocabulary(raw []byte) (*vocabulary, error) {
	if len(raw) > math.MaxInt32 {
		return nil, malformed("model: a vocabulary of %d bytes", len(raw))
	}
	if len(raw) == 0 || raw[0] != '{' {
		return nil, malformed("model: vocab is not an object of tokens and ids")
	}
	v := &vocabulary{text: make([]byte, 1, len(raw)/2+1)}
	places := make([]place, 0, len(raw)/12) // about what a token and its id take
	ids := make([]uint32, 0, len(raw)/12)
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
		places = append(places, place{uint32(start), uint32(len(v.text))})
		ids = append(ids, id)
		highest = max(highest, int64(id))
	}
	if highest >= maxSpread(len(ids)) {
		return nil, malformed("model: id %d is out of range for a vocabulary of %d tokens", highest, len(ids))
	}
	v.index(places, ids, int(highest+1))
	return v, nil
}

// index makes the tables of tokens that stand at places in v.text.
func (v *vocabulary) index(places []place, ids []uint32, size int) {
	v.trie = newTrie(v.text, places, ids)
	v.byID = make([]place, size)
	repeated := v.keys < len(ids)
	for i, id := range ids {
		if repeated {
			if last, _ := v.id(string(v.text[places[i].start:places[i].end])); last != id {
				continue
			}
		}
		v.byID[id] = places[i]
	}
}

func (v *vocabulary) id(token string) (uint32, bool) {
	node, ok := v.descend(trieRoot, token)
	if !ok || v.nodes[node].value < 0 {
		return 0, false
	}
	return uint32(v.nodes[node].value), true
}

func (v *vocabulary) token(id uint32) (string, bool) {
	if int64(id) >= int64(len(v.byID)) || v.byID[id].start == 0 {
		return "", false
	}
	p := v.byID[id]
	return view(v.text[p.start:p.end]), true // text does not change any more
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
