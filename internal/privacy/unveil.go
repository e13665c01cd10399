package privacy

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// unveil writes a text as a reader sees it: without characters that take no
// room, with the wide, bold and other forms of letters and digits as plain ones,
// and with the escapes of HTML and URLs undone. back gives for each byte of the
// plain text, and its end, where it comes from; it is nil if the text is plain.
func unveil(text string) (plain string, back []int) {
	if !veiled(text) {
		return text, nil
	}
	escaped := strings.Contains(text, "%40") || strings.Contains(text, "%3A") || strings.Contains(text, "%3a")
	b := make([]byte, 0, len(text))
	back = make([]int, 0, len(text)+1)
	put := func(s string, at int) {
		b = append(b, s...)
		for range len(s) {
			back = append(back, at)
		}
	}
	for i := 0; i < len(text); {
		if text[i] == '&' {
			if r, n := entity(text[i:]); n > 0 {
				put(string(r), i)
				i += n
				continue
			}
		}
		if escaped && text[i] == '%' && i+3 < len(text) && isHex(text[i+1]) && isHex(text[i+2]) && !space(text[i+3]) {
			if v, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil && v > ' ' && v < 0x7f {
				put(string(rune(v)), i)
				i += 3
				continue
			}
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case unseen(r):
		case r < utf8.RuneSelf || r == utf8.RuneError:
			put(text[i:i+n], i)
		case r >= 0xff01 && r <= 0xff5e:
			put(string(r-0xff01+'!'), i)
		case unicode.Is(unicode.Nd, r):
			put(string(rune('0'+digit(r))), i)
		case r >= 0x1d400 && r <= 0x1d7ff || r >= 0x24b6 && r <= 0x24e9:
			put(norm.NFKC.String(text[i:i+n]), i)
		default:
			for k := range n {
				b = append(b, text[i+k])
				back = append(back, i+k)
			}
		}
		i += n
	}
	return string(b), append(back, len(text))
}

// veiled tells whether there may be something for unveil to do.
func veiled(text string) bool {
	for i := 0; i+1 < len(text); i++ {
		c, d := text[i], text[i+1]
		switch {
		case c < utf8.RuneSelf:
			if c == '&' && (d == '#' || d == 'c' || d == 'p') || c == '%' && (d == '4' || d == '3') {
				return true
			}
		case c == 0xc2:
			if d == 0xad {
				return true
			}
		case c == 0xe2:
			if (d == 0x80 || d == 0x81 || d == 0x92 || d == 0x93) && i+2 < len(text) && (d != 0x80 || unseenTail(text[i+2])) {
				return true
			}
		case c == 0xd9 || c == 0xdb || c == 0xe0 || c == 0xe1 || c == 0xef || c == 0xf0 && d == 0x9d || c == 0xf3:
			return true
		}
	}
	return false
}

// unseenTail tells whether E2 80 and this byte are a character without width:
// what quotes and dashes begin with too.
func unseenTail(c byte) bool { return c >= 0x8b && c <= 0x8f || c >= 0xaa && c <= 0xae }

// unseen tells whether a character takes no room in a line.
func unseen(r rune) bool {
	switch {
	case r == 0xad, r == 0x180e, r == 0xfeff, r == 0x34f:
		return true
	case r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}

// digit is the value of a decimal digit of any script; the digits of a script
// follow each other from 0 on.
func digit(r rune) int {
	zero := r
	for range 9 {
		if !unicode.Is(unicode.Nd, zero-1) || (r-zero+1) > 9 {
			break
		}
		zero--
	}
	return int(r - zero)
}

// entity reads a character reference of HTML at the start of s.
func entity(s string) (r rune, size int) {
	end := strings.IndexByte(s[:min(len(s), 10)], ';')
	if end < 3 {
		return 0, 0
	}
	switch name := s[1:end]; {
	case name == "commat":
		return '@', end + 1
	case name == "period":
		return '.', end + 1
	case name[0] == '#':
		digits, base := name[1:], 10
		if digits[0]|0x20 == 'x' {
			digits, base = digits[1:], 16
		}
		if v, err := strconv.ParseUint(digits, base, 21); err == nil && v > ' ' && utf8.ValidRune(rune(v)) {
			return rune(v), end + 1
		}
	}
	return 0, 0
}

func space(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// given are findings at the places of the text as it was given.
func (s *scan) given(found []Finding) []Finding {
	if s.back == nil {
		return found
	}
	for i := range found {
		found[i].Start, found[i].End = s.back[found[i].Start], s.back[found[i].End]
	}
	return found
}
