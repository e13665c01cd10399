package corpus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"sheaf/internal/hint"
)

// A Record is an item of an input, with a text or with the reason why not.
type Record struct {
	Ref    string // the input's own id, "" where it has none
	Text   string // as Document.Text; "" where there is a Reason
	Source string // as Document.Source
	Reason string // as Skip.Reason, "" where there is a Text
	Lost   bool   // as Skip.Lost
}

// IsEmpty says that the record has nothing in it, and is there all the same:
// an empty field of a table, say. Others without a text and not Lost, as a
// deleted note, are none that their owner wants to see.
func (r *Record) IsEmpty() bool { return r.Reason == reasonEmpty }

// Streamed is what is known once all inputs are read.
type Streamed struct {
	Records int      // that were handed out
	Blank   int      // as Notes.Blank
	Remarks []string // as Notes.Remarks
}

// limits bounds what is held of an input at once.
type limits struct {
	head  int // bytes that are looked at to find format, column and encoding
	line  int // bytes of a line; what is beyond is read and dropped
	ahead int // bytes that a row of a table with line breaks in it may have
}

var streamLimits = limits{head: 4 << 20, line: 4 << 20, ahead: 4 << 20}

// Stream reads all inputs, in order, and hands each item to each as it is read,
// in the order of the input. An error of each ends the reading and is returned
// as it is. The texts of records are parts of larger strings: whoever keeps one
// for long clones it.
//
// Items are those of [ReadNotes], each as a Record. Plain lines, JSONL and
// tables are never held as a whole, whatever their size; the other formats are,
// up to the size that ReadNotes takes. Of an input that is larger than 4 MiB,
// the first 4 MiB decide its format, column and encoding. There is no limit to
// the number of lines, but a line of JSONL or a row may have 4 MiB.
//
// Unlike in ReadNotes an input with broken content is always an error, for what
// was in it before has been handed out. It is an error too if no input holds a
// record.
func Stream(ctx context.Context, inputs []Input, opts Options, each func(Record) error) (*Streamed, error) {
	return stream(ctx, inputs, opts, each, streamLimits)
}

func stream(ctx context.Context, inputs []Input, opts Options, each func(Record) error, lim limits) (*Streamed, error) {
	format, err := ParseFormat(string(opts.Format))
	if err != nil {
		return nil, err
	}
	if len(inputs) == 0 {
		return nil, hint.Errorf("give one or more files, or - for standard input", "no input")
	}
	notes := &Notes{}
	var done int64
	for _, in := range inputs {
		s := &source{name: in.Name, column: opts.Column, notes: notes, each: each}
		n, err := s.stream(ctx, in, format, lim, func(n int64) {
			if opts.Progress != nil {
				opts.Progress(done + n)
			}
		})
		if s.err != nil {
			return nil, s.err
		}
		if err != nil {
			return nil, err
		}
		done += n
	}
	out := &Streamed{Records: notes.handed, Blank: notes.Blank, Remarks: notes.Remarks}
	if out.Records == 0 {
		none := &Notes{Blank: notes.Blank}
		for _, in := range inputs {
			none.Files = append(none.Files, File{Path: in.Name})
		}
		return nil, noDocuments(none, done)
	}
	return out, nil
}

// hand gives an item to each.
func (s *source) hand(r Record) {
	if s.err != nil {
		return
	}
	s.items++
	s.notes.handed++
	s.err = s.each(r)
}

// stream reads one input and returns its size.
func (s *source) stream(ctx context.Context, in Input, format Format, lim limits, progress func(int64)) (size int64, err error) {
	r, err := in.Open()
	if err != nil {
		return 0, err
	}
	defer func() {
		if cerr := r.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("%s: %w", in.Name, cerr)
		}
	}()
	counted := &countingReader{ctx: ctx, r: r, progress: progress}
	head, isWhole, err := readHead(counted, lim.head)
	if err != nil {
		return 0, endedOr(ctx, fmt.Errorf("%s: %w", in.Name, err))
	}
	if kind := binaryKind(string(head)); kind != "" {
		return 0, binaryError(in.Name, kind)
	}
	if format == FormatAuto && !isWhole && !isSQLite(string(head)) {
		if format, err = detectHead(ctx, in.Name, head, lim); err != nil {
			return 0, err
		}
	}
	read := streamerOf(format)
	if read == nil || isWhole || isSQLite(string(head)) {
		return s.readRest(ctx, in, format, head, counted)
	}
	if err := s.checkColumn(format); err != nil {
		return 0, err
	}
	text, err := newTextStream(in.Name, io.MultiReader(bytes.NewReader(head), counted), head, lim)
	if err != nil {
		return 0, withFormat(err, format)
	}
	if err := read(ctx, s, text, lim); err != nil {
		return 0, endedOr(ctx, withFormat(err, format))
	}
	if remark := text.remark(); remark != "" {
		s.remark("%s", remark)
	}
	return counted.n, nil
}

// endedOr is the error of ctx where that has ended, for a reader may wrap it.
func endedOr(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// readRest reads an input whose format cannot be streamed, or that is small.
func (s *source) readRest(ctx context.Context, in Input, format Format, head []byte, counted *countingReader) (int64, error) {
	whole := Input{Name: in.Name, Open: func() (io.ReadCloser, error) {
		// A database is read with what lies beside it, and so its reader has
		// to be the file.
		if _, ok := counted.r.(*os.File); ok && isSQLite(string(head)) {
			return in.Open()
		}
		return io.NopCloser(io.MultiReader(bytes.NewReader(head), counted)), nil
	}}
	raw, err := readAll(ctx, whole, true, func(int64) {})
	if err != nil {
		return 0, err
	}
	s.raw = raw
	return raw.size, s.readWhole(ctx, format)
}

// detectHead finds the format by what is whole of the first bytes.
func detectHead(ctx context.Context, name string, head []byte, lim limits) (Format, error) {
	text, err := newTextStream(name, bytes.NewReader(head), head, lim)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for {
		piece, err := text.next(ctx)
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if err != nil {
			// The end, or what the head's end cut in two; what is really wrong
			// will be met again.
			return detect(name, b.String())
		}
		if strings.HasSuffix(piece, "\n") { // the last line goes on beyond the head
			b.WriteString(piece)
		}
	}
}

// A streamer reads the items of one input in pieces.
type streamer func(context.Context, *source, *textStream, limits) error

// streamerOf returns nil for a format that is read as a whole.
func streamerOf(f Format) streamer {
	switch f {
	case FormatLines:
		return streamLines
	case FormatJSONL:
		return streamJSONL
	case FormatCSV, FormatTSV:
		return func(ctx context.Context, s *source, t *textStream, lim limits) error {
			return streamTable(ctx, s, t, lim, f == FormatTSV)
		}
	}
	return nil
}

// streamLines is readLines.
func streamLines(ctx context.Context, s *source, t *textStream, _ limits) error {
	for n := 1; ; {
		rest, err := t.next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for ; rest != ""; n++ {
			if err := s.tick(ctx); err != nil {
				return err
			}
			var line string
			line, rest = nextLine(rest)
			if t.isCut {
				s.lose(s.line(n), reasonLong)
				continue
			}
			s.addLine(n, withoutSign(line))
		}
	}
}

// streamJSONL is readJSONL.
func streamJSONL(ctx context.Context, s *source, t *textStream, lim limits) error {
	// The first records choose the key.
	var head strings.Builder
	cut := make(map[int]bool) // lines that were too long
	lines, ended := 0, false
	for !ended && head.Len() < lim.head {
		piece, err := t.next(ctx)
		switch {
		case errors.Is(err, io.EOF):
			ended = true
		case err != nil:
			return err
		}
		head.WriteString(piece)
		if t.isCut {
			cut[lines+1] = true
		}
		lines += strings.Count(piece, "\n")
	}
	s.text = head.String()
	entries, err := s.jsonLines(ctx)
	if err != nil {
		return err
	}
	key, err := s.chooseKey(ctx, entries)
	if err != nil {
		return err
	}
	wasHTML, before := false, 0
	for {
		html, err := s.addLines(ctx, key, before, cut)
		if err != nil {
			return err
		}
		wasHTML = wasHTML || html
		before = lines
		if s.text, err = t.next(ctx); errors.Is(err, io.EOF) {
			s.remarkHTML(wasHTML)
			return nil
		}
		if err != nil {
			return err
		}
		clear(cut)
		if t.isCut {
			cut[lines+1] = true
		}
		lines += strings.Count(s.text, "\n")
	}
}

// addLines adds a note for each line of s.text, which begins after so many lines
// of the input. Those that were too long are lost.
func (s *source) addLines(ctx context.Context, key string, before int, cut map[int]bool) (wasHTML bool, err error) {
	entries, err := s.jsonLines(ctx)
	if err != nil || len(cut) == 0 {
		if err == nil {
			wasHTML, err = s.addEntries(ctx, entries, key, before)
		}
		return wasHTML, err
	}
	lines := lineCounter{text: s.text, before: before}
	for i, e := range entries {
		n := lines.at(e.start)
		if cut[n] {
			s.lose(s.line(n), reasonLong)
			continue
		}
		html, err := s.addEntries(ctx, entries[i:i+1], key, before)
		if err != nil {
			return wasHTML, err
		}
		wasHTML = wasHTML || html
	}
	return wasHTML, nil
}
