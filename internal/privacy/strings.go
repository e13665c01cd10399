package privacy

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Strings are personal strings that were found, to look for them again in any
// spelling. They are held in memory alone and print nothing.
type Strings struct {
	keys    map[string]known
	longest int                  // words of the longest entry
	begin   [1 << 16 / 64]uint64 // which first two bytes of keys there are
}

type known struct {
	typ Type
	// cased says that the string is an ordinary word too, so that it is
	// personal only where it is written with a capital.
	cased bool
}

// spellings are strings that are looked for in a text.
type spellings interface {
	lookup(key string) (known, bool)
	mayBegin(word string) bool // no is certain
	words() int                // of the longest
	others() bool              // they are of other conversations
}

func (n *Strings) lookup(key string) (known, bool) {
	k, ok := n.keys[key]
	return k, ok
}

func (n *Strings) words() int { return n.longest }

func (n *Strings) others() bool { return false }

// NewStrings is an empty set.
func NewStrings() *Strings { return &Strings{keys: map[string]known{}} }

// Len is the number of spellings that are looked for.
func (n *Strings) Len() int { return len(n.keys) }

// String keeps the content out of logs.
func (n *Strings) String() string { return "personal strings" }

// GoString keeps the content out of logs.
func (n *Strings) GoString() string { return n.String() }

// put keeps what is looked for in more spellings.
func (n *Strings) put(key string, v known) {
	if old, ok := n.keys[key]; ok && (!old.cased || v.cased) {
		return
	}
	n.keys[key] = v
	if len(key) >= 2 {
		b := uint(key[0])<<8 | uint(key[1])
		n.begin[b/64] |= 1 << (b % 64)
	}
}

// mayBegin tells whether a key can begin with a word: by its first two letters,
// where they are plain.
func (n *Strings) mayBegin(w string) bool {
	if len(w) < 2 || w[0] >= utf8.RuneSelf || w[1] >= utf8.RuneSelf {
		return true
	}
	a, b := w[0], w[1]
	if a >= 'A' && a <= 'Z' {
		a += 'a' - 'A'
	}
	if b >= 'A' && b <= 'Z' {
		b += 'a' - 'A'
	}
	if b == 'e' && (a == 'a' || a == 'o' || a == 'u') {
		return true // an umlaut: the key has the letter behind it
	}
	k := uint(a)<<8 | uint(b)
	return n.begin[k/64]&(1<<(k%64)) != 0
}

// add notes what was found, as a whole and by the parts that tell who is meant.
func (n *Strings) add(t Type, content string, r *Redactor) {
	words := foldWords(content)
	key := joinKey(words)
	if utf8.RuneCountInString(key) < 2 {
		return
	}
	n.longest = max(n.longest, len(words))
	n.put(key, known{t, len(words) == 1 && r.ordinary(words[0])})
	switch t {
	case Person:
		for _, w := range nameWords(content) {
			if utf8.RuneCountInString(w) >= 3 && !r.words.has(w, particle) {
				n.put(umlauts(w), known{t, r.ordinary(w)})
			}
		}
	case Organization:
		for len(words) > 1 && r.words.has(words[len(words)-1], orgSuffix) {
			words = words[:len(words)-1]
			if k := joinKey(words); utf8.RuneCountInString(k) >= 3 {
				n.put(k, known{t, len(words) == 1 && r.ordinary(words[0])})
			}
		}
	case EmailAddress:
		local, host, _ := strings.Cut(content, "@")
		if k := foldKey(local); len(k) >= 5 {
			n.put(k, known{t, r.ordinary(k)})
		}
		// Whose address it is at may be named elsewhere: anna@zentrix.com.
		labels := strings.Split(host, ".")
		for _, l := range labels[:max(len(labels)-1, 0)] {
			if k := foldKey(l); len(k) >= 5 && !r.ordinary(k) && !r.words.has(k, technical) && !mailHosts[k] {
				n.put(k, known{Organization, false})
			}
		}
	}
}

// mailHosts keep everybody's mail.
var mailHosts = map[string]bool{
	"gmail": true, "googlemail": true, "yahoo": true, "hotmail": true, "outlook": true, "icloud": true, "protonmail": true, "proton": true,
	"fastmail": true, "mailbox": true, "posteo": true, "webde": true, "tonline": true, "orange": true, "libero": true, "yandex": true,
	"tutanota": true, "example": true, "laposte": true, "virgilio": true, "comcast": true, "email": true, "mailinator": true,
}

// again finds what was found before.
func (s *scan) again(names spellings) {
	s.eachKnown(names, func(_ string, typ Type, start, end int) { s.add(typ, start, end, 0.9, "again") })
}

// eachKnown calls hit for each place of a text at which one of the names is
// written, with its key.
func (s *scan) eachKnown(names spellings, hit func(key string, t Type, start, end int)) {
	if names.words() == 0 {
		return
	}
	var typ Type
	var spelling string
	s.spelled(names.words(), names.mayBegin, func(key string, first, last int) bool {
		k, ok := names.lookup(key)
		if !ok {
			if len(key) < 5 || key[len(key)-1] != 's' {
				return false
			}
			key = key[:len(key)-1]
			if k, ok = names.lookup(key); !ok {
				return false
			}
		}
		// What is somebody's name elsewhere is none for a capital that begins a sentence.
		if k.cased && (s.tokens[first].shape == lower || names.others() && s.begins(first)) {
			return false
		}
		typ, spelling = k.typ, key
		return true
	}, func(start, end int) { hit(spelling, typ, start, end) })
}

// repeats looks for the persons of a text once more, by the parts of their
// names, and for the others in a list of persons. It tells whether there are.
func (s *scan) repeats(found []Finding) bool {
	var own *Strings
	before := len(s.found)
	for _, f := range found {
		if f.Type != Person || f.Score < 0.6 {
			continue
		}
		s.others(f)
		content := s.text[f.Start:f.End]
		if strings.IndexByte(content, ' ') < 0 {
			continue
		}
		if own == nil {
			own = NewStrings()
		}
		own.add(Person, content, s.r)
	}
	if own != nil {
		s.again(own)
	}
	return len(s.found) > before
}

// others finds the capitalised words beside a person that commas and "and"
// join to it.
func (s *scan) others(f Finding) {
	first, _ := slices.BinarySearchFunc(s.tokens, f.Start, func(t token, at int) int { return t.start - at })
	for _, step := range []int{-1, 1} {
		i := first
		if step > 0 {
			for i+1 < len(s.tokens) && s.tokens[i+1].start < f.End {
				i++
			}
		}
		for range 8 {
			j := i + step
			if !s.is(j, ',') && !s.in(j, s.r.context("and und et y e og och en и")) {
				break
			}
			if s.is(j, ',') && s.in(j+step, s.r.context("and")) {
				j += step
			}
			j += step
			if j < 0 || j >= len(s.tokens) || s.tokens[j].kind != word || s.tokens[j].gap == newline && step > 0 ||
				s.tokens[j].shape != capital && !(s.quiet && s.tokens[j].info&firstName != 0) {
				break
			}
			// One word alone, and not an ordinary one.
			if n := j + step; n >= 0 && n < len(s.tokens) && s.tokens[n].kind == word && s.tokens[n].shape != lower {
				break
			}
			t := &s.tokens[j]
			if t.shape != capital && s.cued(j, cueFunction) || t.info&anyName == 0 && (t.info&(technical|place|orgName|nationality) != 0 || s.r.ordinary(s.fold(j))) {
				break
			}
			s.add(Person, t.start, t.end, 0.62, "name/list")
			i = j
		}
	}
}
