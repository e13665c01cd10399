package tokenizer

import "hash/maphash"

// wordCache keeps the ids of the words that came last, for models that take
// long to find them. It has a fixed number of places; a word has one place,
// which it takes from the word that was there.
type wordCache struct {
	seed   maphash.Seed
	places *[cachedWords]cachedWord // nil before the first word
}

const (
	cachedWords = 1 << 12
	cachedBytes = 30 // of a word, longer ones are not kept
	cachedIDs   = 8
)

// cachedWord is as large as a line of the processor's cache.
type cachedWord struct {
	text  [cachedBytes]byte
	size  uint8 // of the text; 0 in an unused place
	count uint8 // of the ids
	ids   [cachedIDs]uint32
}

// place returns the place of a word, or nil for one that is too long.
func (c *wordCache) place(word string) *cachedWord {
	if len(word) == 0 || len(word) > cachedBytes {
		return nil
	}
	if c.places == nil {
		c.seed = maphash.MakeSeed()
		c.places = new([cachedWords]cachedWord)
	}
	return &c.places[maphash.String(c.seed, word)%cachedWords]
}

// holds reports whether the place, which may be nil, has the ids of word.
func (c *cachedWord) holds(word string) bool {
	return c != nil && int(c.size) == len(word) && string(c.text[:c.size]) == word
}

// keep puts a word and its ids into a place, which may be nil.
func (c *cachedWord) keep(word string, ids []uint32) {
	if c == nil || len(ids) > cachedIDs {
		return
	}
	c.size = uint8(copy(c.text[:], word))
	c.count = uint8(copy(c.ids[:], ids))
}
