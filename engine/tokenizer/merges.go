package tokenizer

import (
	"math/bits"
	"strings"
)

// mergeTable is the merges of a BPE model: a hash table with open addressing,
// twice as fast as a map and looked at for each pair of neighbours.
type mergeTable struct {
	rules []mergeRule // a power of two of them
	shift int
}

// mergeRule says that two ids become one.
type mergeRule struct {
	left, right uint32 // left is noID in a free place
	rank        uint32 // lower ones come first
	id          uint32
}

// newMergeTable reads an array of merges, "a b" or ["a", "b"]. Of equal pairs
// the last one counts.
func newMergeTable(raw []byte, v *vocabulary, prefix string) (mergeTable, error) {
	if len(raw) == 0 || raw[0] != '[' {
		return mergeTable{}, malformed("model: BPE needs an array of merges")
	}
	var rules []mergeRule
	var buffer []byte
	r := jsonReader{data: raw, at: 1}
	for !r.end(']') {
		left, right, ok, err := r.merge(&buffer)
		if err != nil {
			return mergeTable{}, err
		}
		if !ok {
			continue
		}
		rule := mergeRule{rank: uint32(len(rules))}
		for _, token := range []struct {
			id   *uint32
			text string
		}{{&rule.left, left}, {&rule.right, right}} {
			if *token.id, ok = v.id(token.text); !ok {
				return mergeTable{}, malformed("model: a merge names %q, which is not in the vocabulary", token.text)
			}
		}
		if len(right) < len(prefix) {
			return mergeTable{}, malformed("model: a merge names %q, which is shorter than the prefix %q", right, prefix)
		}
		whole := left + right[len(prefix):]
		if rule.id, ok = v.id(whole); !ok {
			return mergeTable{}, malformed("model: a merge makes %q, which is not in the vocabulary", whole)
		}
		rules = append(rules, rule)
	}
	width := bits.Len(uint(2*len(rules) + 1))
	t := mergeTable{make([]mergeRule, 1<<width), 64 - width}
	for i := range t.rules {
		t.rules[i].left = noID
	}
	for _, rule := range rules {
		*t.slot(rule.left, rule.right) = rule
	}
	return t, nil
}

// merge reads one element; false for a comment. The strings are views of
// buffer.
func (r *jsonReader) merge(buffer *[]byte) (left, right string, ok bool, err error) {
	b := (*buffer)[:0]
	if r.next() != '[' {
		if b, err = r.appendString(b); err != nil {
			return "", "", false, err
		}
		*buffer = b
		line := view(b)
		if strings.HasPrefix(line, "#version") {
			return "", "", false, nil
		}
		left, right, ok = strings.Cut(line, " ")
		if !ok || strings.Contains(right, " ") {
			return "", "", false, malformed("model: merge %q is not two tokens with a blank between them", line)
		}
		return left, right, true, nil
	}
	r.at++
	if b, err = r.appendString(b); err != nil {
		return "", "", false, err
	}
	n := len(b)
	if b, err = r.appendString(b); err != nil {
		return "", "", false, err
	}
	if r.next() != ']' {
		return "", "", false, malformed("model: a merge of more than two tokens")
	}
	r.at++
	*buffer = b
	return view(b[:n]), view(b[n:]), true, nil
}

// slot returns the place of a pair, or the free place where it belongs.
func (t *mergeTable) slot(left, right uint32) *mergeRule {
	// Multiplicative hashing with the golden ratio (Knuth, volume 3, 6.4).
	i := int((uint64(left)<<32 | uint64(right)) * 0x9e3779b97f4a7c15 >> t.shift)
	for {
		r := &t.rules[i]
		if r.left == noID || r.left == left && r.right == right {
			return r
		}
		i = (i + 1) & (len(t.rules) - 1)
	}
}

// find returns the merge of two ids, or nil.
func (t *mergeTable) find(left, right uint32) *mergeRule {
	if r := t.slot(left, right); r.left != noID {
		return r
	}
	return nil
}

// candidate is a pair of neighbours that can be merged.
type candidate struct {
	key uint64 // see mergeKey
	id  uint32 // what the pair becomes
}

// mergeKey orders candidates: by the rank of the merge, then from left to
// right.
func mergeKey(rank uint32, at int32) uint64 { return uint64(rank)<<32 | uint64(at) }

// mergeQueue is a binary heap, the lowest key first. The heap of the standard
// library would allocate for each element.
type mergeQueue []candidate

func (q mergeQueue) init() {
	for i := len(q)/2 - 1; i >= 0; i-- {
		q.down(i)
	}
}

func (q *mergeQueue) push(c candidate) {
	*q = append(*q, c)
	h := *q
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if h[parent].key <= c.key {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = c
}

func (q *mergeQueue) pop() candidate {
	h := *q
	top, last := h[0], len(h)-1
	h[0] = h[last]
	*q = h[:last]
	q.down(0)
	return top
}

func (q mergeQueue) down(i int) {
	if i >= len(q) {
		return
	}
	c := q[i]
	for {
		child := 2*i + 1
		if child >= len(q) {
			break
		}
		if child+1 < len(q) && q[child+1].key < q[child].key {
			child++
		}
		if q[child].key >= c.key {
			break
		}
		q[i] = q[child]
		i = child
	}
	q[i] = c
}
