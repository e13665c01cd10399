package corpus

import (
	"context"
	"errors"
	"io"
	"strings"
)

// streamTable is readCSV.
func streamTable(ctx context.Context, s *source, t *textStream, lim limits, tabs bool) error {
	more := func() (string, error) { return t.next(ctx) }
	head, err := readPieces(more, lim.head)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	table := newTable(head, tabs)
	table.ahead = lim.ahead
	table.more = more
	return s.readTable(ctx, table)
}

// readPieces joins pieces until they have the size, or returns io.EOF beside
// the last ones.
func readPieces(more func() (string, error), size int) (string, error) {
	var b strings.Builder
	for b.Len() < size {
		piece, err := more()
		if err != nil {
			return b.String(), err
		}
		b.WriteString(piece)
	}
	return b.String(), nil
}

// slide drops the rows that were read and takes on what follows the text. A row
// that reaches beyond what it takes on has a quote that nothing closes, and is
// read as one.
func (t *table) slide() {
	rest, err := readPieces(t.more, t.ahead+1)
	if err != nil {
		t.sliding = false
		if !errors.Is(err, io.EOF) {
			t.failed = err
		}
	}
	line := t.line + strings.Count(t.text[t.base:t.end], "\n")
	t.text = t.text[t.end:] + rest
	t.restart(0, line)
}
