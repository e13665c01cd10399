package privacy

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// A Census holds the personal strings of many conversations, to look for them in
// what is said of others: who is plainly named in one may have been missed in
// another. It has hashes of them alone. Since a large collection has some
// conversation in which nearly any word is taken for somebody's name, it counts in
// how many texts a string stands that was not found to be personal there, and
// tells everyday words from names by that.
type Census struct {
	r       *Redactor
	strings map[uint64]counted
	plain   map[uint64]int // conversations in whose texts Find found it
	longest int            // words of the longest string
	begin   prefixes
}

type counted struct {
	known
	in int32 // conversations that have it
}

// NewCensus begins a census.
func (r *Redactor) NewCensus() *Census {
	return &Census{r: r, strings: make(map[uint64]counted), plain: make(map[uint64]int)}
}

// String keeps the content out of logs.
func (c *Census) String() string { return "personal strings" }

// GoString keeps the content out of logs.
func (c *Census) GoString() string { return c.String() }

// digestBytes is the length of the digest of a string: its hash, the hash of its
// first bytes with what is known of it, and the words of the longest string.
const digestBytes = 8 + 4 + 1 + 1

// Digests are the strings of a conversation as a census takes them, sorted: hashes
// and types. They are not keyed, so who has them can try names out on them. Strings
// of types of the user's rules are left out, since the rules find them anywhere.
func (n *Strings) Digests() []byte {
	keys := make([]string, 0, len(n.keys))
	for k := range n.keys {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	out := make([]byte, 0, len(keys)*digestBytes)
	for _, key := range keys {
		k := n.keys[key]
		typ := slices.Index(builtinTypes, k.typ)
		if typ < 0 {
			continue
		}
		begin := prefixHash(key)
		if k.cased {
			begin |= 1 << 31
		}
		out = binary.LittleEndian.AppendUint64(out, hashKey(key))
		out = binary.LittleEndian.AppendUint32(out, begin)
		out = append(out, byte(typ), byte(min(n.longest, 255)))
	}
	return out
}

// Add adds the digests of a conversation. What is no digest is left out.
func (c *Census) Add(digests []byte) {
	for ; len(digests) >= digestBytes; digests = digests[digestBytes:] {
		hash, begin := binary.LittleEndian.Uint64(digests), binary.LittleEndian.Uint32(digests[8:])
		typ, words := int(digests[12]), int(digests[13])
		if typ >= len(builtinTypes) {
			continue
		}
		k, ok := c.strings[hash]
		cased := begin>>31 == 1
		if !ok {
			k.known = known{builtinTypes[typ], cased}
		}
		k.cased = k.cased && cased // in more spellings
		k.in++
		c.strings[hash] = k
		c.begin.add(begin &^ (1 << 31))
		c.longest = max(c.longest, words)
	}
}

// Len is the number of strings.
func (c *Census) Len() int { return len(c.strings) }

func (c *Census) lookup(key string) (known, bool) {
	k, ok := c.strings[hashKey(key)]
	return k.known, ok
}

func (c *Census) mayBegin(w string) bool { return c.begin.mayHave(w) }

func (c *Census) words() int { return c.longest }

func (c *Census) others() bool { return true }

// Find gives the strings that are written in the texts of one conversation, each
// once and by its hash. It may be called by several goroutines, as long as nothing
// else is.
func (c *Census) Find(texts ...string) []uint64 {
	var out []uint64
	for _, t := range texts {
		newScan(c.r, t).eachKnown(c, func(key string, _ Type, _, _ int) {
			if h := hashKey(key); !slices.Contains(out, h) {
				out = append(out, h)
			}
		})
	}
	return out
}

// Count notes what Find gave for a conversation.
func (c *Census) Count(found []uint64) {
	for _, h := range found {
		c.plain[h]++
	}
}

// When a string is an everyday word of a collection: this many conversations
// have it where it was not taken for personal, and so many times more than those
// where it was. Below it, it is left out everywhere.
const (
	everyday      = 200
	everydayRatio = 50
)

// Drop takes everyday words out of the strings and tells how many those are.
func (c *Census) Drop() (n int) {
	for h, plain := range c.plain {
		if k, ok := c.strings[h]; ok && plain >= everyday && plain > everydayRatio*int(k.in) {
			delete(c.strings, h)
			n++
		}
	}
	return n
}

// hashKey is the 64-bit FNV-1a hash of a key.
func hashKey(key string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(key) {
		h = (h ^ uint64(key[i])) * 1099511628211
	}
	return h
}

// prefixes are the first four bytes of many keys, by hash: of the words of a
// text few begin a key.
type prefixes [1 << prefixBits / 64]uint64

const (
	prefixBits  = 20
	prefixBytes = 4
)

// prefixHash is a number of prefixBits bits for the first bytes of a key. mayHave
// does not ask for shorter ones.
func prefixHash(key string) uint32 {
	x := uint32(0)
	for i := range min(len(key), prefixBytes) {
		x |= uint32(key[i]) << (8 * i)
	}
	return x * 2654435761 >> (32 - prefixBits) // Knuth's multiplicative hash
}

func (p *prefixes) add(h uint32) {
	h &= 1<<prefixBits - 1
	p[h/64] |= 1 << (h % 64)
}

// mayHave tells whether a key may begin with a word. It does not know of words
// that are shorter than a prefix, or not in plain letters.
func (p *prefixes) mayHave(w string) bool {
	if len(w) < prefixBytes {
		return true
	}
	var b [prefixBytes]byte
	for i := range b {
		c := w[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c >= utf8.RuneSelf || c == 'e' && i > 0 && (b[i-1] == 'a' || b[i-1] == 'o' || b[i-1] == 'u') {
			return true // it may be an umlaut, which keys have without its e
		}
		b[i] = c
	}
	h := prefixHash(string(b[:]))
	return p[h/64]&(1<<(h%64)) != 0
}
