package corpus

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

const (
	bomUTF8    = "\xef\xbb\xbf"
	bomUTF16LE = "\xff\xfe"
	bomUTF16BE = "\xfe\xff"
	bomUTF32LE = "\xff\xfe\x00\x00"
	bomUTF32BE = "\x00\x00\xfe\xff"

	replacement = string(utf8.RuneError)

	adviceUTF8 = "save it as UTF-8"
)

// decodeText returns raw as UTF-8 with \n between lines, and what has to be
// said about the encoding. UTF-8 with \n is not copied.
func decodeText(name, raw string) (text, remark string, err error) {
	switch order := orderOfUTF16(raw); {
	case strings.HasPrefix(raw, bomUTF32LE), strings.HasPrefix(raw, bomUTF32BE):
		return "", "", &brokenError{where: name, err: errors.New("UTF-32 is not supported"), advice: adviceUTF8}
	case order != "":
		if text, remark, err = decodeUTF16(strings.TrimPrefix(raw, order), order); err != nil {
			return "", "", fmt.Errorf("%s: %w", name, err)
		}
	case utf8.ValidString(raw):
		text = strings.TrimPrefix(raw, bomUTF8)
	default:
		if text, remark, err = decodeBytes(name, strings.TrimPrefix(raw, bomUTF8)); err != nil {
			return "", "", err
		}
	}
	if strings.IndexByte(text, 0) >= 0 {
		return "", "", binaryError(name, kindBinary)
	}
	return unixLines(text), remark, nil
}

// unixLines turns CRLF and lone CR into LF.
func unixLines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
}

// decodeUTF16 decodes raw, which has no byte order mark, in the byte order
// that the mark order stands for.
func decodeUTF16(raw, order string) (text, remark string, err error) {
	endian := unicode.LittleEndian
	if order == bomUTF16BE {
		endian = unicode.BigEndian
	}
	text, err = unicode.UTF16(endian, unicode.IgnoreBOM).NewDecoder().String(raw)
	if err != nil {
		return "", "", err
	}
	if n := strings.Count(text, replacement); n > 0 {
		remark = remarkUTF16(n)
	}
	return text, remark, nil
}

// orderOfUTF16 returns the byte order mark of UTF-16 text, or "" for other
// text. Where the mark is missing, it is known by its high bytes: some are zero,
// as in spaces and line ends of every script, no low byte is, and most are as
// low as those of alphabets. UTF-16 in Chinese and its like needs the mark, since
// nothing tells it from bytes of another kind.
func orderOfUTF16(raw string) string {
	for _, bom := range []string{bomUTF16LE, bomUTF16BE} {
		if strings.HasPrefix(raw, bom) && !strings.HasPrefix(raw, bomUTF32LE) {
			return bom
		}
	}
	head := raw[:min(len(raw), 4096)&^1]
	var zeros, low [2]int // at even and at odd offsets
	for i := range len(head) {
		switch c := head[i]; {
		case c == 0:
			zeros[i&1]++
			low[i&1]++
		case c < ' ' && c != '\t' && c != '\n' && c != '\r': // which stand in other text too
			low[i&1]++
		}
	}
	pairs := len(head) / 2
	isHigh := func(side int) bool {
		return zeros[1-side] == 0 && zeros[side]*20 > pairs && low[side]*4 >= pairs*3
	}
	var order string
	switch {
	case isHigh(1):
		order = bomUTF16LE
	case isHigh(0):
		order = bomUTF16BE
	default:
		return ""
	}
	text, _, err := decodeUTF16(head, order)
	// A surrogate pair may be cut at the end of the head: one loss is allowed.
	if err != nil || strings.Count(text, replacement) > 1 || strings.ContainsFunc(text, isControl) {
		return ""
	}
	return order
}

func isControl(r rune) bool {
	return r < ' ' && !strings.ContainsRune("\t\n\v\f\r", r)
}

// decodeBytes reads what is not valid UTF-8: UTF-8 with a few broken bytes, or
// else Windows-1252.
func decodeBytes(name, raw string) (text, remark string, err error) {
	if charset := xmlCharset(raw); charset != "" {
		return "", "", &brokenError{where: name, err: fmt.Errorf("the encoding %s is not supported", charset),
			advice: "convert it with: iconv -f " + charset + " -t UTF-8"}
	}
	sequences, broken, first := utf8Health(raw)
	if sequences > broken {
		line := strings.Count(raw[:first], "\n") + 1
		remark = remarkUTF8(broken, line)
		return strings.ToValidUTF8(raw, replacement), remark, nil
	}
	for i := range len(raw) {
		if isUndefined1252(raw[i]) {
			return "", "", &brokenError{where: name, advice: adviceUTF8,
				err: fmt.Errorf("neither UTF-8 nor Windows-1252: byte 0x%02X at offset %d", raw[i], i)}
		}
	}
	text, err = charmap.Windows1252.NewDecoder().String(raw)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", name, err)
	}
	return text, remarkWindows1252, nil
}

// isUndefined1252 reports the five bytes that Windows-1252 leaves undefined.
func isUndefined1252(b byte) bool {
	return b == 0x81 || b == 0x8d || b == 0x8f || b == 0x90 || b == 0x9d
}

// What is said about an encoding.
const remarkWindows1252 = "not UTF-8, read as Windows-1252"

func remarkUTF16(broken int) string {
	return fmt.Sprintf("U+FFFD stands %s for UTF-16 that could not be read", times(broken))
}

func remarkUTF8(broken, line int) string {
	return fmt.Sprintf("U+FFFD stands %s for bytes that are not UTF-8, first in line %d", times(broken), line)
}

// utf8Health counts the multi-byte sequences of s and its runs of broken
// bytes, and finds the first of these. Text in an 8-bit encoding almost never
// holds a valid sequence.
func utf8Health(s string) (sequences, broken, first int) {
	first = -1
	wasBroken := false
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		isBroken := r == utf8.RuneError && size == 1
		switch {
		case isBroken && !wasBroken:
			if broken++; first < 0 {
				first = i
			}
		case size > 1:
			sequences++
		}
		wasBroken = isBroken
		i += size
	}
	return sequences, broken, first
}

// xmlCharset returns the encoding that an XML declaration at the start of s
// names, unless it is one that decodeBytes reads.
func xmlCharset(s string) string {
	if !strings.HasPrefix(s, "<?xml") {
		return ""
	}
	decl, _, ok := strings.Cut(s[:min(len(s), 200)], "?>")
	if !ok {
		return ""
	}
	_, value, ok := strings.Cut(decl, "encoding=")
	if !ok || len(value) < 2 {
		return ""
	}
	name, _, _ := strings.Cut(value[1:], value[:1])
	switch strings.ToLower(name) {
	case "utf-8", "us-ascii", "iso-8859-1", "windows-1252":
		return ""
	}
	if strings.ContainsFunc(name, func(r rune) bool { return !isCharsetRune(r) }) {
		return "" // the name goes into a command line that people copy
	}
	return name
}

func isCharsetRune(b rune) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '-' || b == '_'
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// What a binary file may be, for its error.
const (
	kindBinary = "binary"
	kindZip    = "a zip archive or an office document"
	kindGzip   = "compressed with gzip"
	kindPDF    = "a PDF"
)

// binaryKind says what the first bytes of an input are if they are neither
// text nor SQLite, or "".
func binaryKind(head string) string {
	switch {
	case strings.HasPrefix(head, "PK\x03\x04"):
		return kindZip
	case strings.HasPrefix(head, "\x1f\x8b"):
		return kindGzip
	case strings.HasPrefix(head, "%PDF-"):
		return kindPDF
	case isSQLite(head), strings.IndexByte(head, 0) < 0, orderOfUTF16(head) != "",
		strings.HasPrefix(head, bomUTF32LE), strings.HasPrefix(head, bomUTF32BE):
		return ""
	}
	return kindBinary
}

func binaryError(name, kind string) error {
	advice := "give a text file, or an export of a notes app"
	switch kind {
	case kindZip, kindGzip:
		advice = "unpack it, and give what is in it"
	case kindPDF:
		advice = "save its text as a text file"
	case kindBinary:
		kind = "a binary file"
	}
	return &brokenError{where: name, err: fmt.Errorf("%s, not text", kind), advice: advice}
}
