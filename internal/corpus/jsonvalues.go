package corpus

import (
	"errors"
	"io"
	"unicode/utf8"
)

// A valueReader cuts a stream of JSON into its values, one at a time: the
// elements of an array, the lines of JSONL, or values that follow each other. It
// knows no more of JSON than where a value ends, so that one that is broken
// spoils nothing but itself.
//
// A string of more than maxString bytes is shortened to that while it is read,
// and of a value with more than maxValue bytes nothing is kept. That is what
// bounds the memory, whatever an input holds.
type valueReader struct {
	r     io.Reader
	buf   []byte // read and not yet used: buf[pos:]
	pos   int
	block []byte
	err   error // of r

	mode  valueMode
	value []byte // the last one; the next takes its place
	count int    // values so far
	line  int    // newlines so far
	start int    // the line on which the last value begins, from 1
	ended bool   // the array is closed
	only  bool   // what follows the array is none of it: it is inside of an object

	stringLimit, valueLimit int // maxString, maxValue

	isLong bool // the last value was longer than valueLimit
	isCut  bool // the input ended within the last value
}

const (
	maxValue = maxConversationRaw
	// maxString is enough for maxMessage bytes of text with every character
	// escaped.
	maxString = 6*maxMessage + 64
)

// A valueMode says what the values of a stream are.
type valueMode int

const (
	valuesInARow  valueMode = iota // one value after the other, often only one
	valuesOfArray                  // the elements of an array
	valuesOfLines                  // what is on each line that is not blank
)

var errBetweenValues = errors.New("broken JSON: something else than a comma between two elements")

func newValueReader(r io.Reader, mode valueMode) *valueReader {
	return &valueReader{r: r, mode: mode, block: make([]byte, blockSize), stringLimit: maxString, valueLimit: maxValue}
}

// fill reads more, and says whether there was more.
func (v *valueReader) fill() bool {
	if v.err != nil {
		return false
	}
	var n int
	n, v.err = fill(v.r, v.block)
	v.buf, v.pos = v.block[:n], 0
	return n > 0
}

// peek returns the next byte, or false at the end.
func (v *valueReader) peek() (byte, bool) {
	if v.pos == len(v.buf) && !v.fill() {
		return 0, false
	}
	return v.buf[v.pos], true
}

// next returns the next value, which is valid until the following call. It ends
// with io.EOF, or with the error of the reader or of what is between two values.
func (v *valueReader) next() ([]byte, error) {
	v.value, v.isLong, v.isCut = v.value[:0], false, false
	if cap(v.value) > 4*blockSize {
		v.value = nil // a long one does not stay for ever
	}
	if v.mode == valuesOfArray && !v.ended {
		if err := v.toElement(); err != nil {
			return nil, err
		}
	}
	if v.only && v.ended {
		return nil, io.EOF
	}
	c, ok := v.skipSpace()
	if !ok {
		return nil, v.end()
	}
	v.start = v.line + 1
	v.count++
	switch {
	case v.mode == valuesOfLines:
		v.takeLine()
	case c == '{' || c == '[':
		v.takeNested()
	case c == '"':
		v.pos++
		v.keep('"')
		v.takeString()
	default:
		v.takeWord()
	}
	if v.isCut && !errors.Is(v.err, io.EOF) {
		return nil, v.err
	}
	return v.value, nil
}

// end is why there is no further byte.
func (v *valueReader) end() error {
	if errors.Is(v.err, io.EOF) && v.mode == valuesOfArray && !v.ended {
		return io.ErrUnexpectedEOF // the array is not closed
	}
	return v.err
}

// toElement goes to the next element of an array, past the bracket or the comma
// before it. What follows the closing bracket is read as if it were a value.
func (v *valueReader) toElement() error {
	c, ok := v.skipSpace()
	switch {
	case !ok:
		return v.end()
	case v.count == 0 && c == '[', v.count > 0 && c == ',':
		v.pos++
	case c != ']':
		return errBetweenValues
	}
	if c, ok = v.skipSpace(); ok && c == ']' {
		v.pos++
		v.ended = true
	}
	return nil
}

// skipSpace goes to the next byte that is not white space and returns it.
func (v *valueReader) skipSpace() (byte, bool) {
	for {
		c, ok := v.peek()
		switch {
		case !ok:
			return 0, false
		case c == '\n':
			v.line++
		case c != ' ' && c != '\t' && c != '\r':
			return c, true
		}
		v.pos++
	}
}

// keep adds bytes to the value.
func (v *valueReader) keep(b ...byte) {
	if len(v.value)+len(b) > v.valueLimit {
		v.isLong, v.value = true, v.value[:0]
	}
	if !v.isLong {
		v.value = append(v.value, b...)
	}
}

// takeWord takes a number, a name or whatever else is no string, object or array.
func (v *valueReader) takeWord() {
	for {
		c, ok := v.peek()
		if !ok {
			return
		}
		switch c {
		case ',', ']', ' ', '\t', '\r', '\n':
			if (v.mode != valuesOfArray || v.ended) && (c == ',' || c == ']') {
				break // it is broken, and taken, so that the next call goes on behind it
			}
			return
		}
		v.keep(c)
		v.pos++
	}
}

// takeNested takes an object or an array, up to the bracket that closes it.
func (v *valueReader) takeNested() {
	for depth := 0; ; {
		if _, ok := v.peek(); !ok {
			v.isCut = true
			return
		}
		rest := v.buf[v.pos:]
		for i, c := range rest {
			switch c {
			case '{', '[':
				depth++
				continue
			case '}', ']':
				depth--
			case '\n':
				v.line++
				continue
			case '"':
			default:
				continue
			}
			if c == '"' || depth == 0 {
				rest = rest[:i+1]
				break
			}
		}
		v.keep(rest...)
		v.pos += len(rest)
		switch last := rest[len(rest)-1]; {
		case last == '"':
			if !v.takeString() {
				return
			}
		case depth == 0:
			return
		}
	}
}

// takeLine takes the rest of a line, without its newline.
func (v *valueReader) takeLine() {
	for {
		c, ok := v.peek()
		if !ok || c == '\n' {
			return
		}
		rest := v.buf[v.pos:]
		for i, c := range rest {
			if c == '"' || c == '\n' {
				rest = rest[:i]
				break
			}
		}
		v.keep(rest...)
		v.pos += len(rest)
		if c, ok := v.peek(); ok && c == '"' {
			v.keep('"')
			v.pos++
			if !v.takeString() {
				return
			}
		}
	}
}

// takeString takes the rest of a string, after its first quote, and says whether
// it was closed. Where lines are values, it ends with its line.
func (v *valueReader) takeString() bool {
	begin, isFull := len(v.value), false
	for isEscaped := false; ; {
		if _, ok := v.peek(); !ok {
			v.isCut = v.mode != valuesOfLines
			return false
		}
		rest, isClosed := v.buf[v.pos:], false
	scan:
		for i, c := range rest {
			switch {
			case c == '\n':
				if v.mode == valuesOfLines {
					v.keepInString(rest[:i], begin, &isFull)
					v.pos += i
					return false
				}
				v.line++ // the value is broken, and is found to be
				isEscaped = false
			case isEscaped:
				isEscaped = false
			case c == '\\':
				isEscaped = true
			case c == '"':
				rest, isClosed = rest[:i], true
				break scan
			}
		}
		v.keepInString(rest, begin, &isFull)
		v.pos += len(rest)
		if isClosed {
			v.keep('"')
			v.pos++
			return true
		}
	}
}

// keepInString adds bytes to the value, in which a string begins at begin, unless
// they make that too long. isFull says that they have done so.
func (v *valueReader) keepInString(b []byte, begin int, isFull *bool) {
	if *isFull || v.isLong {
		return
	}
	if room := begin + v.stringLimit - len(v.value); len(b) > room {
		v.keep(b[:room]...)
		if !v.isLong {
			v.value = append(v.value[:begin], withoutHalf(v.value[begin:])...)
		}
		*isFull = true
		return
	}
	v.keep(b...)
}

// withoutHalf cuts what is left of an escape or of a character off the end of a
// part of a JSON string.
func withoutHalf(b []byte) []byte {
	// An escape has at most six bytes, and begins with an odd backslash.
	for n := 1; n <= 6 && n <= len(b); n++ {
		at := len(b) - n
		if b[at] != '\\' {
			continue
		}
		slashes := 0
		for at-slashes >= 0 && b[at-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 1 && (n == 1 || b[at+1] == 'u' && n < 6) {
			return b[:at]
		}
		break
	}
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if utf8.RuneStart(b[len(b)-n]) {
			if !utf8.FullRune(b[len(b)-n:]) {
				return b[:len(b)-n]
			}
			break
		}
	}
	return b
}
