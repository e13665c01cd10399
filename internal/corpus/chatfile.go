package corpus

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// chatHead is how much of a file is looked at to find what it is.
const chatHead = 1 << 20

// openInput reads one input, and notes its sum and format in file.
func (run *chatRun) openInput(ctx context.Context, in Input, file *File) (err error) {
	if in.Folder != nil {
		fsys, err := in.Folder()
		if err != nil {
			return fmt.Errorf("%s: %w", in.Name, err)
		}
		return run.readFolder(ctx, in.Name, fsys, file)
	}
	r, err := in.Open()
	if err != nil {
		return err
	}
	defer func() {
		if cerr := r.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("%s: %w", in.Name, cerr)
		}
	}()
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			var magic [4]byte
			if n, _ := f.ReadAt(magic[:], 0); isZip(string(magic[:n])) {
				return run.readZip(ctx, in.Name, f, info.Size(), file)
			}
		}
	}
	sum := sha256.New()
	counted := &countingReader{ctx: ctx, r: r, progress: run.progress}
	all := io.TeeReader(counted, sum)
	file.Format, err = run.readFile(ctx, in.Name, all)
	if err == nil || run.out.Read > 0 {
		// The sum is that of the whole input, wherever the reading ended.
		if _, cerr := io.Copy(io.Discard, all); cerr != nil && err == nil {
			err = fmt.Errorf("%s: %w", in.Name, cerr)
		}
	}
	file.SHA256 = hex.EncodeToString(sum.Sum(nil))
	run.bytes += counted.n
	return err
}

func isZip(head string) bool {
	return strings.HasPrefix(head, "PK\x03\x04") || strings.HasPrefix(head, "PK\x05\x06")
}

// A chatFile is one file while its conversations are read.
type chatFile struct {
	run    *chatRun
	name   string
	format Format

	isUTF16 bool
	broken  int    // U+FFFD that were put in, or are in UTF-16
	first   string // where the first is
	windows int    // items that were read as Windows-1252

	roles   int // messages with an unknown role
	cycles  int // conversations with a loop in their tree
	foreign int // messages of a kind that is not known
}

// readFile reads the conversations of a file and returns its format.
func (run *chatRun) readFile(ctx context.Context, name string, r io.Reader) (Format, error) {
	f := &chatFile{run: run, name: name}
	r, head, err := f.decoded(r)
	if err != nil {
		return FormatAuto, endedOr(ctx, err)
	}
	if len(bytes.TrimSpace(head)) == 0 && len(head) < chatHead {
		return FormatAuto, &brokenError{where: name, err: errors.New("empty"), advice: "export it again"}
	}
	shape, err := detectChats(name, head, run.opts.Format)
	if err != nil {
		return FormatAuto, err
	}
	f.format = shape.format
	switch shape.format {
	case FormatWhatsApp:
		err = f.readWhatsApp(ctx, r)
	case FormatSlack:
		err = f.readSlackDay(ctx, r)
	default:
		if shape.skip > 0 {
			if _, err := io.CopyN(io.Discard, r, int64(shape.skip)); err != nil {
				return f.format, err
			}
		}
		v := newValueReader(r, shape.mode)
		v.only = shape.inside
		err = f.readValues(ctx, v, decoderOf(shape.format))
	}
	f.remarks()
	return f.format, withFormat(err, f.format)
}

// decoded returns the text of r as UTF-8, as far as it is not in bytes of another
// encoding, and its first bytes, which are still to be read.
func (f *chatFile) decoded(r io.Reader) (io.Reader, []byte, error) {
	head, _, err := readHead(r, chatHead)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", f.name, err)
	}
	text := string(head[:min(len(head), chatHead)])
	if strings.HasPrefix(text, bomUTF32LE) || strings.HasPrefix(text, bomUTF32BE) {
		return nil, nil, &brokenError{where: f.name, err: errors.New("UTF-32 is not supported"), advice: adviceUTF8}
	}
	if kind := binaryKind(text); kind != "" || isSQLite(text) {
		return nil, nil, binaryChats(f.name, kind)
	}
	whole := io.MultiReader(bytes.NewReader(head), r)
	order := orderOfUTF16(text)
	if order == "" {
		skip := 0
		if strings.HasPrefix(text, bomUTF8) {
			skip = len(bomUTF8)
		}
		return io.MultiReader(bytes.NewReader(head[skip:]), r), head[skip:], nil
	}
	f.isUTF16 = true
	endian := unicode.LittleEndian
	if order == bomUTF16BE {
		endian = unicode.BigEndian
	}
	decoded := unicode.UTF16(endian, unicode.UseBOM).NewDecoder().Reader(whole)
	if head, _, err = readHead(decoded, chatHead); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", f.name, err)
	}
	return io.MultiReader(bytes.NewReader(head), decoded), head, nil
}

func binaryChats(name, kind string) error {
	advice := "give the export of a chat app as it was downloaded"
	switch kind {
	case kindZip:
		advice = "give the archive itself, not through a pipe"
	case kindGzip:
		advice = "unpack it, and give what is in it"
	case "", kindBinary:
		kind = "a binary file"
	}
	return &brokenError{where: name, err: fmt.Errorf("%s, not text", kind), advice: advice}
}

// A chatDecoder reads a conversation from the JSON of one. Its error is why that
// is not possible, in words that quote nothing.
type chatDecoder func(f *chatFile, raw []byte, c *Conversation) error

func decoderOf(format Format) chatDecoder {
	switch format {
	case FormatChatGPT:
		return decodeChatGPT
	case FormatClaude:
		return decodeClaude
	case FormatMessages:
		return decodeMessages
	case FormatShareGPT:
		return decodeShareGPT
	case FormatLMSYS, FormatWildChat:
		return decodeArena
	case FormatOpenWebUI:
		return decodeOpenWebUI
	case FormatLMStudio:
		return decodeLMStudio
	}
	panic("corpus: no reader for format " + string(format))
}

const adviceCutShort = "export it again: it was cut short"

// readValues reads a conversation from each value.
func (f *chatFile) readValues(ctx context.Context, v *valueReader, decode chatDecoder) error {
	for wasCut := false; ; wasCut = v.isCut {
		if f.run.err != nil {
			return f.run.err
		}
		raw, err := v.next()
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF) && wasCut:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, io.ErrUnexpectedEOF):
			return &brokenError{where: f.name, err: errors.New("cut short: the list of conversations does not end"), advice: adviceCutShort}
		case errors.Is(err, errBetweenValues):
			return &brokenError{where: f.where(v), err: err, advice: adviceMend}
		case err != nil:
			return fmt.Errorf("%s: %w", f.name, err)
		}
		f.readValue(v, raw, decode)
	}
}

// where names the place of the last value.
func (f *chatFile) where(v *valueReader) string {
	switch {
	case v.mode == valuesOfLines:
		return numbered(f.name+":", v.start)
	case v.mode == valuesInARow && v.count <= 1:
		return f.name
	}
	return numbered(f.name+"#", v.count)
}

func (f *chatFile) readValue(v *valueReader, raw []byte, decode chatDecoder) {
	where := f.where(v)
	switch {
	case v.isCut:
		f.run.skip(where, "broken JSON: it does not end", true)
		return
	case v.isLong:
		f.run.skip(where, ReasonLongChat, true)
		return
	}
	raw = f.mend(raw, where)
	c := &Conversation{Source: where}
	if err := decode(f, raw, c); err != nil {
		f.run.skip(where, chatFault(err), true)
		return
	}
	f.run.take(c)
}

// mend returns a piece of text as UTF-8.
func (f *chatFile) mend(raw []byte, where string) []byte {
	if f.isUTF16 {
		if n := bytes.Count(raw, []byte(replacement)); n > 0 {
			f.countBroken(n, where)
		}
		return raw
	}
	if utf8.Valid(raw) {
		return raw
	}
	text := string(raw)
	sequences, broken, _ := utf8Health(text)
	if sequences <= broken {
		f.windows++
		decoded, err := charmap.Windows1252.NewDecoder().Bytes(raw)
		if err == nil {
			if n := bytes.Count(decoded, []byte(replacement)); n > 0 { // bytes that it leaves undefined
				f.countBroken(n, where)
			}
			return decoded
		}
	}
	f.countBroken(broken, where)
	return []byte(strings.ToValidUTF8(text, replacement))
}

func (f *chatFile) countBroken(n int, where string) {
	if f.broken == 0 {
		f.first = where
	}
	f.broken += n
}

// remarks says what had to be decided for the user.
func (f *chatFile) remarks() {
	say := func(n int, format string, args ...any) {
		if n > 0 {
			f.run.remark(f.name, format, args...)
		}
	}
	say(f.windows, "%s read as Windows-1252, being no UTF-8", wereOf(f.windows, "item"))
	say(f.broken, "U+FFFD stands %s for what could not be read as text, first in %s", times(f.broken), f.first)
	say(f.roles, "%s of an unknown role, read as a tool's", wereOf(f.roles, "message"))
	say(f.foreign, "%s of an unknown kind, not read", wereOf(f.foreign, "message"))
	say(f.cycles, "%s with a loop in the tree of messages, read up to it", countOf(f.cycles, "conversation"))
}

// wereOf returns "1 item was", "2 items were".
func wereOf(n int, what string) string {
	if n == 1 {
		return "1 " + what + " was"
	}
	return countOf(n, what) + " were"
}

// add adds a message with a role as the format calls it, and counts what is
// unknown.
func (f *chatFile) add(c *Conversation, role, text, author string, at time.Time) {
	known, ok := roleOf(role)
	before := len(c.Messages)
	c.add(known, text, author, at)
	if !ok && len(c.Messages) > before {
		f.roles++
	}
}

// chatFault says what is wrong with a conversation.
func chatFault(err error) string {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind):
		// Field is one of those that are asked for; Value may be a literal.
		value, _, _ := strings.Cut(kind.Value, " ")
		if kind.Field == "" {
			return fmt.Sprintf("of the type %s, not a conversation", value)
		}
		return fmt.Sprintf("%q is of the type %s", kind.Field, value)
	case errors.As(err, &syntax):
		return brokenJSON(syntax).Error()
	}
	return err.Error()
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
