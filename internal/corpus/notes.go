package corpus

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"sheaf/internal/hint"
)

const (
	// maxItem bounds a note. A longer one is a wrong reading of the file: no
	// model looks at more than the first few thousand words.
	maxItem = 1 << 20
	// maxInput bounds what one input may hold in memory.
	maxInput = 512 << 20
	// sampleSize is how many records are looked at to choose a column.
	sampleSize = 1000
)

// The reasons of a skip that several formats share.
const (
	reasonEmpty = "empty"
	reasonLong  = "longer than 1 MiB"
)

// Options says how notes are read. The zero value finds the format and the
// column by itself.
type Options struct {
	// Format is that of every input. "" is FormatAuto.
	Format Format
	// Column is the column of CSV and TSV, or the key of JSON and JSONL, that
	// holds the text; a key inside an object is written with dots. "" chooses
	// one by name and content, and says so in Notes.Remarks.
	Column string
	// Progress, where it is not nil, is called now and then with the number of
	// bytes read so far over all inputs. Calls do not overlap.
	Progress func(bytes int64)
}

// ReadNotes reads all inputs, in order. The inputs are opened one at a time,
// when their turn comes.
//
// Every item becomes a Document or a Skip. An item that cannot be read is a
// Skip and the reading goes on. Beside other inputs one with broken content, as
// JSON that was cut, or that is no text at all, as a PDF, is a Skip too; alone
// it is an error. An input that cannot be opened, read or used as asked is an
// error always, and so is a set of inputs without any document.
//
// The end of ctx is seen between the blocks of an input and between its items.
// A read that blocks, as on a terminal, is not interrupted: close the reader.
func ReadNotes(ctx context.Context, inputs []Input, opts Options) (*Notes, error) {
	format, err := ParseFormat(string(opts.Format))
	if err != nil {
		return nil, err
	}
	if len(inputs) == 0 {
		return nil, hint.Errorf("give one or more files, or - for standard input", "no input")
	}
	for i, in := range inputs {
		if in.Name == "" {
			return nil, hint.Errorf("give the name of a file, or - for standard input", "input %d of %d: an empty name", i+1, len(inputs))
		}
	}
	notes := &Notes{Files: make([]File, 0, len(inputs))}
	var done int64
	for _, in := range inputs {
		progress := func(n int64) {
			if opts.Progress != nil {
				opts.Progress(done + n)
			}
		}
		raw, err := readAll(ctx, in, len(inputs) == 1, progress)
		if err != nil {
			return nil, err
		}
		done += raw.size
		sum, before := raw.sha256, notes.mark()
		err = readInput(ctx, notes, in.Name, raw, format, opts.Column)
		var broken *brokenError
		if errors.As(err, &broken) && len(inputs) > 1 {
			notes.cutTo(before)
			notes.Skipped = append(notes.Skipped, Skip{Source: broken.where, Reason: broken.err.Error(), Lost: true})
			notes.Files = append(notes.Files, File{Path: in.Name, SHA256: sum, Items: 1, Format: broken.format})
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	if len(notes.Documents) == 0 {
		return nil, noDocuments(notes, done)
	}
	return notes, nil
}

// readInput adds the items of one input to notes.
func readInput(ctx context.Context, notes *Notes, name string, raw *rawInput, format Format, column string) error {
	if raw.kind != "" {
		return withFormat(binaryError(name, raw.kind), format)
	}
	return (&source{name: name, raw: raw, column: column, notes: notes}).readWhole(ctx, format)
}

// readWhole reads the items of an input that is in s.raw.
func (s *source) readWhole(ctx context.Context, format Format) error {
	name, raw := s.name, s.raw
	if format == FormatAuto && isSQLite(raw.bytes) {
		format = FormatStickyNotes
	}
	if format != FormatStickyNotes {
		text, remark, err := decodeText(name, raw.bytes)
		if err != nil {
			return withFormat(err, format)
		}
		s.text = text
		raw.bytes = "" // the text may be a copy: let the bytes go
		if remark != "" {
			s.remark("%s", remark)
		}
		if format == FormatAuto {
			if format, err = detect(name, text); err != nil {
				return withFormat(err, FormatAuto)
			}
		}
	}
	if err := s.checkColumn(format); err != nil {
		return err
	}
	read := readerOf(format)
	if err := read(ctx, s); err != nil {
		return withFormat(err, format)
	}
	if s.items == 0 {
		s.remark("no notes in it")
	}
	s.notes.Files = append(s.notes.Files, File{Path: name, SHA256: raw.sha256, Items: s.items, Format: format})
	return nil
}

// checkColumn refuses to look for a column where there are none.
func (s *source) checkColumn(format Format) error {
	if s.column != "" && !hasColumns(format) {
		return hint.Errorf("leave the column out, or name the format",
			"%s: read as %s, which has no columns to find %q in", s.name, format, s.column)
	}
	return nil
}

func hasColumns(f Format) bool {
	return f == FormatCSV || f == FormatTSV || f == FormatJSON || f == FormatJSONL
}

// A noteReader reads the items of one input.
type noteReader func(context.Context, *source) error

func readerOf(f Format) noteReader {
	switch f {
	case FormatLines:
		return readLines
	case FormatMarkdown:
		return readMarkdown
	case FormatKeep:
		return readKeep
	case FormatTrello:
		return readTrello
	case FormatOPML:
		return readOPML
	case FormatFreeMind:
		return readFreeMind
	case FormatENEX:
		return readENEX
	case FormatStickyNotes:
		return readStickyNotes
	case FormatCSV, FormatTSV:
		return func(ctx context.Context, s *source) error { return readCSV(ctx, s, f == FormatTSV) }
	case FormatJSON:
		return readJSON
	case FormatJSONL:
		return readJSONL
	}
	panic("corpus: no reader for format " + strconv.Quote(string(f)))
}

// A source is one input while its items are read.
type source struct {
	name   string
	raw    *rawInput
	text   string // UTF-8 with \n between lines; "" for a database
	column string
	notes  *Notes
	items  int // documents and skips so far
	ticks  int

	each func(Record) error // takes the items in place of notes; see Stream
	err  error              // of each; the reading ends with it
}

// line names the place of an item that begins on line n.
func (s *source) line(n int) string { return numbered(s.name+":", n) }

// record names the place of the n-th item where its line is not known.
func (s *source) record(n int) string { return numbered(s.name+"#", n) }

// numbered returns prefix and number with a single allocation, of which there
// are two for each note.
func numbered(prefix string, n int) string {
	var b [64]byte
	return string(strconv.AppendInt(append(b[:0], prefix...), int64(n), 10))
}

// add takes an item of a structured format: what is blank is skipped.
func (s *source) add(where, ref, text string) {
	text = trim(text)
	switch {
	case isBlank(text):
		s.skip(where, reasonEmpty)
	case len(text) > maxItem:
		s.lose(where, reasonLong)
	case s.each != nil:
		s.hand(Record{Ref: ref, Text: text, Source: where})
	default:
		s.items++
		s.notes.Documents = append(s.notes.Documents, Document{
			ID:     numbered("n", len(s.notes.Documents)+1),
			Ref:    ref,
			Text:   text,
			Source: where,
		})
	}
}

// addLine takes an item of plain text or Markdown: what is blank is a
// separator.
func (s *source) addLine(n int, text string) {
	if isBlank(text) {
		s.notes.Blank++
		return
	}
	s.add(s.line(n), "", text)
}

// skip leaves an item out that has nothing to say or is archived or deleted.
func (s *source) skip(where, reason string) {
	if s.each != nil {
		s.hand(Record{Source: where, Reason: reason})
		return
	}
	s.items++
	s.notes.Skipped = append(s.notes.Skipped, Skip{Source: where, Reason: reason})
}

// lose leaves an item out that cannot be read.
func (s *source) lose(where, reason string) {
	if s.each != nil {
		s.hand(Record{Source: where, Reason: reason, Lost: true})
		return
	}
	s.items++
	s.notes.Skipped = append(s.notes.Skipped, Skip{Source: where, Reason: reason, Lost: true})
}

func (s *source) remark(format string, args ...any) {
	s.notes.Remarks = append(s.notes.Remarks, s.name+": "+fmt.Sprintf(format, args...))
}

// tick is called for each record and looks at ctx now and then.
func (s *source) tick(ctx context.Context) error {
	if s.err != nil {
		return s.err
	}
	s.ticks++
	if s.ticks%1024 == 0 {
		return ctx.Err()
	}
	return nil
}

// noDocuments says why nothing was found to cluster.
func noDocuments(n *Notes, bytes int64) error {
	name := fmt.Sprintf("%d inputs", len(n.Files))
	if len(n.Files) == 1 {
		name = n.Files[0].Path
	}
	const oneEach = "give a text file with a note on each line, or an export of a notes app"
	switch {
	case bytes == 0:
		return hint.Errorf(oneEach, "%s: empty", name)
	case len(n.Skipped) == 0 && n.Blank > 0:
		return hint.Errorf(oneEach, "%s: only blank lines", name)
	case len(n.Skipped) == 0:
		return hint.Errorf(oneEach, "%s: no notes", name)
	}
	first := n.Skipped[0]
	advice := "look at the file, or name its format"
	if first.Reason == reasonLong {
		advice = "put each note on a line of its own"
	}
	if len(n.Skipped) == 1 {
		return hint.Errorf(advice, "%s: no usable note: %s", first.Source, first.Reason)
	}
	return hint.Errorf(advice, "%s: none of %d items is a usable note, the first because: %s: %s",
		name, len(n.Skipped), first.Source, first.Reason)
}
