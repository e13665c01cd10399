package tokenizer

import (
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// newerDecompositions is the characters that package norm takes apart, in
// Unicode 15 or 17, and the reference, with Unicode 9, does not.
const newerDecompositions = "32FF A7F1-A7F4 AB69 105C9 105E4 10781-10785 10787-107B0 107B2-107BA " +
	"11383 11385 1138E 11391 113C5 113C7-113C8 11938 16121-16128 16D68-16D6A 1CCD6-1CCF9 " +
	"1E030-1E06D 1F16C 1FBF0-1FBF9"

// Hangul syllables are taken apart by arithmetic (The Unicode Standard,
// section 3.12).
const (
	hangulBase = 0xac00
	hangulEnd  = 0xd7a4
	leadBase   = 0x1100
	leads      = 19
	vowelBase  = 0x1161
	vowels     = 21
	tailBase   = 0x11a7
	tails      = 28
)

// A decomposer takes characters apart as the reference does. Package norm has
// the decompositions but cannot be used whole: it breaks up long runs of
// combining characters (the Stream-Safe Text Format), and its version of
// Unicode is newer.
type decomposer struct {
	chars  *characters
	newer  *unicode.RangeTable
	compat bool       // compatibility decomposition, NFKD
	parts  *sync.Pool // of *[]part, scratch
}

func newDecomposer(compat bool) decomposer {
	parts := &sync.Pool{New: func() any { return new([]part) }}
	return decomposer{loadCharacters(), parseRanges(newerDecompositions), compat, parts}
}

// keep gives scratch back.
func (d decomposer) keep(pooled *[]part, parts []part) {
	if cap(parts) <= maxKept {
		*pooled = parts
		d.parts.Put(pooled)
	}
}

// part is a character with its canonical combining class.
type part struct {
	r     rune
	class uint8
}

// appendParts appends the full decomposition of r, in no order yet.
func (d decomposer) appendParts(dst []part, r rune) []part {
	if r < utf8.RuneSelf {
		return append(dst, part{r, 0})
	}
	if hangulBase <= r && r < hangulEnd {
		i := r - hangulBase
		dst = append(dst, part{leadBase + i/(vowels*tails), 0}, part{vowelBase + i/tails%vowels, 0})
		if t := i % tails; t > 0 {
			dst = append(dst, part{tailBase + t, 0})
		}
		return dst
	}
	var buf [utf8.UTFMax]byte
	b := buf[:utf8.EncodeRune(buf[:], r)]
	var p norm.Properties
	if d.compat {
		p = norm.NFKD.Properties(b)
	} else {
		p = norm.NFD.Properties(b)
	}
	whole := p.Decomposition()
	if whole == nil || unicode.Is(d.newer, r) {
		return append(dst, part{r, d.class(r, p)})
	}
	for len(whole) > 0 {
		p := norm.NFD.Properties(whole)
		r, n := utf8.DecodeRune(whole)
		dst = append(dst, part{r, d.class(r, p)})
		whole = whole[n:]
	}
	return dst
}

// class returns the combining class of r, of which p is what norm knows.
func (d decomposer) class(r rune, p norm.Properties) uint8 {
	if !d.chars.has(r, combining) {
		return 0
	}
	return p.CCC()
}

// order brings runs of combining characters into canonical order.
func order(parts []part) {
	for i := 0; i < len(parts); {
		j := i
		for j < len(parts) && parts[j].class != 0 {
			j++
		}
		if j-i > 1 {
			slices.SortStableFunc(parts[i:j], func(a, b part) int { return int(a.class) - int(b.class) })
		}
		i = j + 1
	}
}

// unicodeForm is one of the four Unicode normalization forms.
type unicodeForm struct {
	decomposer
	pairs  map[[2]rune]rune // canonical compositions; nil for NFD and NFKD
	stable []bool           // by character, see isStable
}

func newUnicodeForm(compat, compose bool) normalizer {
	f := unicodeForm{decomposer: newDecomposer(compat)}
	if compose {
		f.pairs = newDecomposer(false).compositions()
	}
	f.stable = make([]bool, smallRunes)
	var buf []byte
	for r := range rune(smallRunes) {
		buf = f.appendSegment(buf[:0], string(r))
		f.stable[r] = string(buf) == string(r) && !f.chars.has(r, combining)
	}
	for pair := range f.pairs {
		if pair[1] < smallRunes {
			f.stable[pair[1]] = false
		}
	}
	for r := rune(vowelBase); r < tailBase+tails; r++ {
		f.stable[r] = f.stable[r] && f.pairs == nil
	}
	return f
}

// isStable reports whether a character stays as it is and has nothing to do
// with those before it. It may with those after it.
func (f *unicodeForm) isStable(r rune) bool {
	if r < smallRunes {
		return f.stable[r]
	}
	return r <= 0x9fff || hangulBase <= r && r < hangulEnd && f.pairs != nil
}

// appendNormalized normalizes the runs of characters that are not stable, each
// with the character before it.
func (f unicodeForm) appendNormalized(dst []byte, text string) []byte {
	done, last := 0, 0 // what is appended, and where the last stable character begins
	unstable := false  // there is one after it
	for i, r := range text {
		if r < utf8.RuneSelf || f.isStable(r) {
			if unstable {
				dst = f.appendSegment(dst, text[done:i])
				done, unstable = i, false
			}
			last = i
			continue
		}
		if !unstable {
			dst = append(dst, text[done:last]...)
			done, unstable = last, true
		}
	}
	if unstable {
		return f.appendSegment(dst, text[done:])
	}
	return append(dst, text[done:]...)
}

// appendSegment normalizes text in full.
func (f unicodeForm) appendSegment(dst []byte, text string) []byte {
	pooled := f.parts.Get().(*[]part)
	parts := (*pooled)[:0]
	for _, r := range text {
		parts = f.appendParts(parts, r)
	}
	order(parts)
	if f.pairs != nil {
		parts = f.compose(parts)
	}
	for _, p := range parts {
		dst = utf8.AppendRune(dst, p.r)
	}
	f.keep(pooled, parts)
	return dst
}

// growth is that of U+0390 and of U+FDFA (UAX 15, section 9).
func (f unicodeForm) growth() float64 {
	if f.compat {
		return 11
	}
	return 3
}

// compose puts together again what canonically belongs together, in place
// (The Unicode Standard, section 3.11, D117).
func (f unicodeForm) compose(parts []part) []part {
	out := parts[:0]
	starter := -1 // index in out of the last character of class 0
	for _, p := range parts {
		if starter >= 0 {
			// Whatever stands between the starter and p is of a lower class
			// or, being of the same, blocks p.
			last := out[len(out)-1]
			if len(out)-1 == starter || last.class != 0 && last.class < p.class {
				if r, ok := f.pair(out[starter].r, p.r); ok {
					out[starter].r = r
					continue
				}
			}
		}
		if p.class == 0 {
			starter = len(out)
		}
		out = append(out, p)
	}
	return out
}

// pair returns the composition of two characters.
func (f unicodeForm) pair(a, b rune) (rune, bool) {
	if l, v := a-leadBase, b-vowelBase; 0 <= l && l < leads && 0 <= v && v < vowels {
		return hangulBase + (l*vowels+v)*tails, true
	}
	if s, t := a-hangulBase, b-tailBase; 0 <= s && a < hangulEnd && s%tails == 0 && 0 < t && t < tails {
		return a + t, true
	}
	r, ok := f.pairs[[2]rune{a, b}]
	return r, ok
}

// compositions returns the pairs that compose canonically. Package norm does
// not list them; they follow from the characters that are taken apart in NFD
// and left alone by NFC.
func (d decomposer) compositions() map[[2]rune]rune {
	pairs := map[[2]rune]rune{}
	for _, block := range [][2]rune{{0xc0, 0x3100}, {0x11080, 0x11940}} { // all there are
		for r := block[0]; r < block[1]; r++ {
			s := string(r)
			whole := norm.NFD.PropertiesString(s).Decomposition()
			if whole == nil || unicode.Is(d.newer, r) || !norm.NFC.IsNormalString(s) {
				continue
			}
			second, n := utf8.DecodeLastRune(whole)
			first := []rune(norm.NFC.String(string(whole[:len(whole)-n])))
			if len(first) == 1 {
				pairs[[2]rune{first[0], second}] = r
			}
		}
	}
	return pairs
}
