package tokenizer

import (
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/rangetable"
)

// precompiled replaces characters by the table that SentencePiece compiles
// into a model: a double-array trie of the Darts-clone library, whose values
// are places in a list of replacements that end in a zero byte each.
type precompiled struct {
	units        []uint32
	replacements string
	ascii        [utf8.RuneSelf]string
	joining      *unicode.RangeTable
	longest      int // bytes of a replacement
}

// newPrecompiled reads a table: the size of the trie in bytes, the trie, and
// the replacements. Numbers are 32 bits, the lowest byte first.
func newPrecompiled(table []byte) (normalizer, error) {
	if len(table) < 4 {
		return nil, malformed("normalizer: a precompiled_charsmap of %d bytes", len(table))
	}
	size := binary.LittleEndian.Uint32(table)
	table = table[4:]
	if size == 0 || size%4 != 0 || uint64(size) > uint64(len(table)) {
		return nil, malformed("normalizer: a trie of %d bytes in %d bytes of precompiled_charsmap", size, len(table))
	}
	p := &precompiled{units: make([]uint32, size/4), replacements: string(table[size:]), joining: joiningCharacters()}
	for i := range p.units {
		p.units[i] = binary.LittleEndian.Uint32(table[4*i:])
	}
	if !utf8.ValidString(p.replacements) {
		return nil, malformed("normalizer: the replacements of precompiled_charsmap are not UTF-8")
	}
	for s := range strings.SplitSeq(p.replacements, "\x00") {
		p.longest = max(p.longest, len(s))
	}
	for c := range rune(utf8.RuneSelf) {
		s := string(c)
		if to, ok := p.find(s); ok {
			s = to
		}
		p.ascii[c] = s
	}
	return p, nil
}

// find returns the replacement of the shortest beginning of s that has one.
// It stands for all of s, however odd that looks: SentencePiece does the same.
func (p *precompiled) find(s string) (string, bool) {
	node := unitOffset(p.units[0])
	for i := range len(s) {
		if s[i] == 0 {
			return "", false
		}
		node ^= uint32(s[i])
		if int64(node) >= int64(len(p.units)) {
			return "", false
		}
		unit := p.units[node]
		if unit&(1<<31|0xff) != uint32(s[i]) {
			return "", false
		}
		node ^= unitOffset(unit)
		if unit>>8&1 == 0 {
			continue
		}
		if int64(node) >= int64(len(p.units)) {
			return "", false
		}
		return p.replacement(p.units[node] &^ (1 << 31))
	}
	return "", false
}

// unitOffset is where the children of a node stand, relative to the node.
func unitOffset(unit uint32) uint32 { return unit >> 10 << (unit & (1 << 9) >> 6) }

// replacement returns the replacement that begins at a place.
func (p *precompiled) replacement(at uint32) (string, bool) {
	if int64(at) > int64(len(p.replacements)) {
		return "", false
	}
	s := p.replacements[at:]
	if s != "" && !utf8.RuneStart(s[0]) {
		return "", false
	}
	if end := strings.IndexByte(s, 0); end >= 0 {
		s = s[:end]
	}
	return s, true
}

// maxCluster bounds the bytes of a grapheme cluster that is looked up as a
// whole; of a longer one each character is.
const maxCluster = 6

func (p *precompiled) appendNormalized(dst []byte, text string) []byte {
	for at := 0; at < len(text); {
		c := text[at]
		if c < utf8.RuneSelf && (at+1 == len(text) || text[at+1] < utf8.RuneSelf && c != '\r') {
			dst = append(dst, p.ascii[c]...)
			at++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[at:])
		end := at + n
		if next, _ := utf8.DecodeRuneInString(text[end:]); end < len(text) && p.mayJoin(r, next) {
			cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(text[at:], -1)
			if len(cluster) < maxCluster {
				if to, ok := p.find(cluster); ok {
					dst = append(dst, to...)
					at += len(cluster)
					continue
				}
			}
			end = at + len(cluster)
		}
		dst = p.appendCharacters(dst, text[at:end])
		at = end
	}
	return dst
}

// appendCharacters appends what becomes of each character.
func (p *precompiled) appendCharacters(dst []byte, text string) []byte {
	for text != "" {
		_, n := utf8.DecodeRuneInString(text)
		char := text[:n]
		if to, ok := p.find(char); ok {
			char = to
		}
		dst = append(dst, char...)
		text = text[n:]
	}
	return dst
}

// growth is that of a table that maps each byte to its longest entry.
func (p *precompiled) growth() float64 { return float64(max(1, p.longest)) }

// mayJoin reports whether two neighbours can be in one grapheme cluster. It
// keeps most texts from the full rules, which take long.
func (p *precompiled) mayJoin(r, next rune) bool {
	const firstJoining = 0x300 // but for U+00AD, which stands alone
	if r < firstJoining && next < firstJoining {
		return r == '\r' && next == '\n'
	}
	return r >= firstJoining && unicode.Is(p.joining, r) || next >= firstJoining && unicode.Is(p.joining, next)
}

// joiningCharacters returns the characters that can join the one before or
// after them, and some others (UAX 29, table 2: Extend, ZWJ, SpacingMark,
// Prepend, L, V, T and Regional_Indicator).
func joiningCharacters() *unicode.RangeTable {
	return rangetable.Merge(unicode.M, unicode.Cf, parseRanges("D4E E33 EB3 1100-11FF A960-A97F D7B0-D7FF FF9E-FF9F "+
		"111C2-111C3 1193F 11941 11A3A 11A84-11A89 11D46 11F02 1F1E6-1F1FF 1F3FB-1F3FF E0000-E0FFF"))
}
