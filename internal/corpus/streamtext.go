package corpus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// A countingReader tells how much was read, and ends with its context.
type countingReader struct {
	ctx      context.Context
	r        io.Reader
	n        int64
	progress func(int64)
}

func (c *countingReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(b)
	if n > 0 {
		c.n += int64(n)
		c.progress(c.n)
	}
	return n, err
}

// readHead reads the first bytes of r, and says whether they are all.
func readHead(r io.Reader, size int) (head []byte, isWhole bool, err error) {
	var b bytes.Buffer // which grows with what there is
	_, err = io.CopyN(&b, r, int64(size)+1)
	if errors.Is(err, io.EOF) {
		return b.Bytes(), true, nil
	}
	return b.Bytes(), false, err
}

// A textStream gives the text of an input in pieces, as UTF-8 with \n between
// lines. It takes the decisions of decodeText one piece at a time: whether what
// is not UTF-8 is Windows-1252 shows in the first piece that is not ASCII.
type textStream struct {
	name  string
	r     io.Reader
	line  int    // bytes that a line may have
	raw   []byte // read and not yet given
	block []byte
	err   error // of r

	isUTF16  bool
	charset  charset
	begun    bool
	isCut    bool // the last piece is a line that was too long
	dropping bool // the rest of that line

	lines       int // that were given
	broken      int // U+FFFD that were put in
	firstBroken int // the line of the first
}

// A charset is how the bytes that are not ASCII are read.
type charset int

const (
	charsetUnknown charset = iota
	charsetUTF8
	charsetWindows1252
)

// newTextStream reads r, which begins with head.
func newTextStream(name string, r io.Reader, head []byte, lim limits) (*textStream, error) {
	t := &textStream{name: name, r: r, line: lim.line, block: make([]byte, min(blockSize, lim.head))}
	if order := orderOfUTF16(string(head)); order != "" {
		endian := unicode.LittleEndian
		if order == bomUTF16BE {
			endian = unicode.BigEndian
		}
		t.isUTF16 = true
		t.charset = charsetUTF8 // of what the decoder gives
		t.r = unicode.UTF16(endian, unicode.IgnoreBOM).NewDecoder().Reader(r)
		return t, nil
	}
	whole := head[:bytes.LastIndexByte(head, '\n')+1] // no character is cut
	return t, t.chooseCharset(string(whole))
}

// chooseCharset settles the charset, if the piece is not all ASCII.
func (t *textStream) chooseCharset(piece string) error {
	if t.charset != charsetUnknown || !strings.ContainsFunc(piece, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return nil
	}
	if strings.HasPrefix(piece, bomUTF32LE) || strings.HasPrefix(piece, bomUTF32BE) {
		return &brokenError{where: t.name, err: errors.New("UTF-32 is not supported"), advice: adviceUTF8}
	}
	t.charset = charsetUTF8
	if sequences, broken, _ := utf8Health(piece); broken > 0 && sequences <= broken {
		t.charset = charsetWindows1252
	}
	return nil
}

// next returns the next piece, or io.EOF. A piece ends with a line, but for the
// last one of the input. Of a line that is too long, the rest is dropped.
func (t *textStream) next(ctx context.Context) (string, error) {
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		if piece := t.cut(); piece != nil {
			text, err := t.decode(string(piece))
			if text == "" && err == nil {
				continue // nothing but a byte order mark
			}
			return text, err
		}
		if t.err != nil {
			if errors.Is(t.err, io.EOF) {
				return "", io.EOF
			}
			return "", fmt.Errorf("%s: %w", t.name, t.err)
		}
		var n int
		n, t.err = fill(t.r, t.block)
		t.raw = append(t.raw, t.block[:n]...)
	}
}

// cut takes the next piece off raw, or returns nil if more has to be read.
func (t *textStream) cut() []byte {
	t.isCut = false
	if t.dropping && !t.drop() {
		return nil
	}
	end := bytes.LastIndexByte(t.raw, '\n') + 1
	if end == 0 && len(t.raw) > 0 {
		// A \r that is the last byte may belong to a \n.
		end = bytes.LastIndexByte(t.raw[:len(t.raw)-1], '\r') + 1
	}
	switch {
	case end > 0:
	case t.err != nil && len(t.raw) > 0:
		end = len(t.raw)
	case len(t.raw) >= t.line:
		end = t.line
		for i := range utf8.UTFMax - 1 { // not between the bytes of a character
			if utf8.RuneStart(t.raw[t.line-1-i]) {
				end = t.line - 1 - i
				break
			}
		}
		t.isCut, t.dropping = true, true
	default:
		return nil
	}
	piece := append(make([]byte, 0, end+1), t.raw[:end]...)
	if t.isCut {
		piece = append(piece, '\n')
	}
	t.raw = t.raw[:copy(t.raw, t.raw[end:])]
	return piece
}

// drop drops up to the end of a line, and says whether that was there.
func (t *textStream) drop() bool {
	i := bytes.IndexAny(t.raw, "\r\n")
	if i < 0 {
		t.raw = t.raw[:0]
		return false
	}
	if t.raw[i] == '\r' {
		if i == len(t.raw)-1 && t.err == nil {
			t.raw = append(t.raw[:0], '\r') // a \n may follow
			return false
		}
		if i+1 < len(t.raw) && t.raw[i+1] == '\n' {
			i++
		}
	}
	t.raw = t.raw[:copy(t.raw, t.raw[i+1:])]
	t.dropping = false
	return true
}

// decode returns a piece as text.
func (t *textStream) decode(piece string) (string, error) {
	if !t.begun {
		t.begun = true
		piece = strings.TrimPrefix(piece, bomUTF8) // of UTF-16 too, once it is decoded
	}
	if err := t.chooseCharset(piece); err != nil {
		return "", err
	}
	text := piece
	switch {
	case t.charset == charsetWindows1252:
		for i := range len(piece) {
			if isUndefined1252(piece[i]) {
				return "", &brokenError{where: t.name + ":" + strconv.Itoa(t.lines+strings.Count(piece[:i], "\n")+1), advice: adviceUTF8,
					err: fmt.Errorf("neither UTF-8 nor Windows-1252: byte 0x%02X", piece[i])}
			}
		}
		decoded, err := charmap.Windows1252.NewDecoder().String(piece)
		if err != nil {
			return "", fmt.Errorf("%s: %w", t.name, err)
		}
		text = decoded
	case t.isUTF16:
		t.broken += strings.Count(piece, replacement)
	case !utf8.ValidString(piece):
		_, broken, first := utf8Health(piece)
		if t.broken == 0 {
			t.firstBroken = t.lines + strings.Count(piece[:first], "\n") + 1
		}
		t.broken += broken
		text = strings.ToValidUTF8(piece, replacement)
	}
	if strings.IndexByte(text, 0) >= 0 {
		return "", binaryError(t.name, kindBinary)
	}
	text = unixLines(text)
	t.lines += strings.Count(text, "\n")
	return text, nil
}

// remark is what has to be said about the encoding of what was given.
func (t *textStream) remark() string {
	switch {
	case t.charset == charsetWindows1252:
		return remarkWindows1252
	case t.broken == 0:
		return ""
	case t.isUTF16:
		return remarkUTF16(t.broken)
	}
	return remarkUTF8(t.broken, t.firstBroken)
}
