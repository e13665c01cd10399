package corpus

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// readCSV reads a table with a row for each note. The delimiter, unless tabs
// are asked for, and whether there is a header are found by content. A column
// called id or key becomes the note's Ref.
func readCSV(ctx context.Context, s *source, tabs bool) error {
	return s.readTable(ctx, newTable(s.text, tabs))
}

func (s *source) readTable(ctx context.Context, t *table) error {
	head, err := t.sample(ctx)
	if err != nil {
		return err
	}
	if len(head) == 0 {
		return s.skipAll(ctx, t)
	}
	// A number asks for a column by its place, so that it says nothing about
	// what the first row is.
	isNamed := s.column != "" && columnNumber(s.column) == 0 && findColumn(head[0], s.column) >= 0
	hasHeader := isNamed || isHeader(head)
	names, body := head[0], head[1:]
	if !hasHeader {
		// From here on nothing that is said about the file can quote a note.
		names, body = numberedColumns(len(head[0])), head
	}
	text, ref, err := s.chooseColumns(names, body, hasHeader)
	if err != nil {
		return err
	}
	if !hasHeader {
		s.remark("no header, every row is a note")
	}
	// Without a row to choose by, all that follow the header, if any do, are
	// broken: each is lost for a reason of its own, whatever the column.
	return s.readRows(ctx, t, names, hasHeader, max(text, 0), ref)
}

// readRows adds a note for each row, from the start of the table. The header is
// the first row that can be read.
func (s *source) readRows(ctx context.Context, t *table, names []string, hasHeader bool, text, ref int) error {
	t.rewind()
	t.sliding = t.more != nil
	wasHTML, skipHeader := false, hasHeader
	for {
		if err := s.tick(ctx); err != nil {
			return err
		}
		row, line, err := t.next()
		switch {
		case errors.Is(err, io.EOF):
			s.remarkHTML(wasHTML)
			return t.failed
		case err != nil:
			s.lose(s.line(line), err.Error())
			continue
		case skipHeader:
			skipHeader = false
			continue
		}
		if reason := badShape(row, names, text); reason != "" {
			s.lose(s.line(line), reason)
			continue
		}
		// The reader makes one string of all fields: keep only the one.
		value := strings.Clone(row[text])
		if isHTML(value) {
			value, wasHTML = htmlText(value), true
		}
		id := ""
		if ref >= 0 && ref < len(row) {
			id = strings.Clone(trim(row[ref]))
		}
		s.add(s.line(line), id, value)
	}
}

// badShape says why a row cannot be trusted to hold its text in column text.
// More fields than the first row has are a delimiter that was not quoted.
func badShape(row, names []string, text int) string {
	for _, extra := range row[min(len(row), len(names)):] {
		if !isBlank(extra) {
			return fmt.Sprintf("%s where the first row has %d", countOf(len(row), "field"), len(names))
		}
	}
	if text >= len(row) {
		return fmt.Sprintf("%s where the first row has %d", countOf(len(row), "field"), len(names))
	}
	return ""
}

// chooseColumns returns the columns of the text and of the id. text is -1
// where there is no row to choose by, ref where there is no such column.
func (s *source) chooseColumns(names []string, body [][]string, hasHeader bool) (text, ref int, err error) {
	columns := make([]columnSample, len(names))
	ref = -1
	for i, name := range names {
		columns[i].name = name
		if ref < 0 && isRefName(name) {
			ref = i
		}
	}
	if s.column != "" {
		text = findColumn(names, s.column)
		if n := columnNumber(s.column); text < 0 && n <= len(names) {
			text = n - 1
		}
		switch text {
		case -1:
			return 0, 0, noColumn(s.name, "column", s.column, names)
		case ref:
			ref = -1
		}
		return text, ref, nil
	}
	if len(body) == 0 {
		return -1, ref, nil
	}
	for _, row := range body {
		for i := range min(len(row), len(columns)) {
			columns[i].add(row[i])
		}
	}
	text = bestColumn(columns, len(body))
	switch {
	case len(names) == 1:
	case hasHeader:
		s.remark("the text is column %q", names[text])
	default:
		s.remark("the text is %s", names[text])
	}
	if text == ref {
		ref = -1
	}
	return text, ref, nil
}

// skipAll skips every row of a table of which none can be read.
func (s *source) skipAll(ctx context.Context, t *table) error {
	return s.readRows(ctx, t, nil, false, 0, -1)
}

// A table reads the rows of delimited text and goes on after a broken one.
type table struct {
	text  string // the whole
	start int    // offset where the rows begin
	comma rune

	r    *csv.Reader
	base int // offset in text where r begins
	line int // lines before base
	end  int // offset in text after the last good row

	// more, where it is not nil, gives what follows text, in pieces that end with
	// a line, and then io.EOF. While the table is sliding, text is a part that
	// reaches far enough ahead.
	more    func() (string, error)
	ahead   int
	sliding bool
	failed  error // of more, where it is not io.EOF
}

func newTable(text string, tabs bool) *table {
	t := &table{text: text, comma: '\t'}
	if rest, ok := strings.CutPrefix(text, "sep="); ok && len(rest) > 1 && rest[1] == '\n' &&
		strings.ContainsRune(delimiters, rune(rest[0])) {
		t.start = len("sep=;\n") // what Excel takes as the delimiter
		t.comma = rune(rest[0])
	} else if !tabs {
		t.comma = findDelimiter(text)
	}
	t.rewind()
	return t
}

func (t *table) rewind() {
	t.restart(t.start, strings.Count(t.text[:t.start], "\n"))
}

func (t *table) restart(base, line int) {
	t.base, t.end, t.line = base, base, line
	t.r = csv.NewReader(strings.NewReader(t.text[base:]))
	t.r.Comma = t.comma
	t.r.FieldsPerRecord = -1
	t.r.ReuseRecord = true
	t.r.TrimLeadingSpace = t.comma != '\t' // which is a space itself
}

// next returns the next row, which is valid until the next call, and the line
// on which it begins. After an error other than io.EOF the reading can go on.
func (t *table) next() (row []string, line int, err error) {
	if t.sliding && len(t.text)-t.end < t.ahead {
		t.slide()
	}
	row, err = t.r.Read()
	if err == nil {
		line, _ = t.r.FieldPos(0)
		t.end = t.base + int(t.r.InputOffset())
		return row, t.line + line, nil
	}
	var broken *csv.ParseError
	if !errors.As(err, &broken) {
		return nil, t.line + 1, err // io.EOF: a string does not fail otherwise
	}
	// Go on with the line after the one the row begins on. No line is read more
	// than twice that way: a row fails at the first odd run of quotes that does
	// not close it, and none of the lines before that can open a row of its own
	// that goes beyond its line.
	begin := t.end + len(t.text[t.end:]) - len(strings.TrimLeft(t.text[t.end:], "\n"))
	bad, _ := nextLine(t.text[begin:])
	line = t.line + broken.StartLine
	t.restart(min(begin+len(bad)+1, len(t.text)), line)
	if t.comma == '\t' {
		// Most programs that write tabs quote nothing.
		return strings.Split(bad, "\t"), line, nil
	}
	return nil, line, fmt.Errorf("broken quotes: %w", broken.Err)
}

// sample returns the first good rows.
func (t *table) sample(ctx context.Context) ([][]string, error) {
	var head [][]string
	for len(head) < sampleSize {
		row, _, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			head = append(head, append([]string(nil), row...))
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return head, nil
}

// oneColumn stands for a delimiter where there is none: no text holds it.
const oneColumn = '\x1f'

const delimiters = ",;\t|"

// findDelimiter returns the delimiter that cuts most of the first rows into
// the same number of fields, more than one.
func findDelimiter(text string) rune {
	best, bestFields := rune(oneColumn), 1
	for _, comma := range delimiters {
		if fields := commonFields(text, comma, true); fields > bestFields {
			best, bestFields = comma, fields
		}
	}
	return best
}

// commonFields returns the number of fields that the first row has with that
// delimiter, or 0 unless most of the first rows have it too or, where named is
// enough, one of the fields is the name of a text. Empty fields at the end do
// not count.
func commonFields(text string, comma rune, named bool) int {
	const rows = 50
	t := &table{text: text, comma: comma}
	t.rewind()
	first, same, n := 0, 0, 0
	for ; n < rows; n++ {
		row, _, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		for len(row) > 1 && isBlank(row[len(row)-1]) {
			row = row[:len(row)-1]
		}
		if named && n == 0 && len(row) > 1 && slices.ContainsFunc(row, isTextName) {
			return len(row)
		}
		if first == 0 {
			first = len(row)
		}
		if err == nil && len(row) == first {
			same++
		}
	}
	if same*2 <= n {
		return 0
	}
	return first
}
