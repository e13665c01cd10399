package corpus

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// A duplicateFinder knows the conversations that were given so far.
type duplicateFinder struct {
	caser cases.Caser
	exact map[[16]byte]firstChat // by content
	near  *nearFinder            // nil where only exact duplicates count
}

// A firstChat is the conversation that others are duplicates of.
type firstChat struct {
	id     string
	isNear bool // of the one with this content
}

func newDuplicateFinder(similarity float64) duplicateFinder {
	d := duplicateFinder{caser: cases.Fold(), exact: make(map[[16]byte]firstChat)}
	if similarity > 0 {
		d.near = newNearFinder(similarity)
	}
	return d
}

// find returns the id of an earlier conversation that says the same as c, "" where
// there is none, and keeps c in mind. Texts are the same as in Duplicates, and
// whatever the white space between words.
func (d *duplicateFinder) find(c *Conversation) (id string, isNear bool) {
	texts := make([]string, len(c.Messages))
	sum := sha256.New()
	for i, m := range c.Messages {
		text := d.fold(m.Text)
		texts[i] = text
		writeSized(sum, string(m.Role))
		writeSized(sum, text)
	}
	key := [16]byte(sum.Sum(nil))
	if first, ok := d.exact[key]; ok {
		return first.id, first.isNear
	}
	if d.near != nil {
		if id = d.near.find(c.ID, texts); id != "" {
			d.exact[key] = firstChat{id, true}
			return id, true
		}
	}
	d.exact[key] = firstChat{c.ID, false}
	return "", false
}

// fold returns a text without what makes no difference: its case, its way of
// composing accents, its white space but for one blank between words.
func (d *duplicateFinder) fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	wasSpace := true
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= utf8.RuneSelf:
			text = strings.Join(strings.Fields(text), " ")
			return d.caser.String(norm.NFC.String(text))
		case c == ' ', '\t' <= c && c <= '\r':
			if !wasSpace {
				b.WriteByte(' ')
			}
			wasSpace = true
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		b.WriteByte(c)
		wasSpace = false
	}
	return strings.TrimSuffix(b.String(), " ")
}

// writeSized adds a string to a sum with its length before it, so that no other
// strings give the same bytes.
func writeSized(sum hash.Hash, s string) {
	var size [8]byte
	binary.LittleEndian.PutUint64(size[:], uint64(len(s)))
	sum.Write(size[:])
	sum.Write([]byte(s))
}
