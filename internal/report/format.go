package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// A Format is a form a result can be written in. The zero value is Text.
type Format int

// The formats.
const (
	Text     Format = iota // for reading in a terminal; long lists and lines are cut
	Markdown               // a heading for each cluster, a list item for each item
	JSON                   // everything, see [Schema]
	CSV                    // a row for each item
)

var formatNames = [...]string{Text: "text", Markdown: "md", JSON: "json", CSV: "csv"}

// String returns the name that [ParseFormat] reads.
func (f Format) String() string {
	if f < 0 || int(f) >= len(formatNames) {
		return fmt.Sprintf("Format(%d)", int(f))
	}
	return formatNames[f]
}

// Formats returns the names of the formats, for a help text.
func Formats() []string {
	return append([]string(nil), formatNames[:]...)
}

// A FormatError says that a result cannot be written in a format. It is known
// before any input is opened, so it is a matter of wrong usage.
type FormatError struct {
	Name    string // as it was asked for
	Planned bool   // the name is taken, but nothing writes this format yet
}

func (e *FormatError) Error() string {
	if e.Planned {
		return fmt.Sprintf("format %q does not exist yet", e.Name)
	}
	return fmt.Sprintf("unknown format %q", e.Name)
}

// Hint says which formats there are.
func (e *FormatError) Hint() string {
	return "use one of " + strings.Join(formatNames[:], ", ")
}

// ParseFormat returns the format with a name. Any other name, "html" among
// them, gives a *[FormatError].
func ParseFormat(name string) (Format, error) {
	for f, n := range formatNames {
		if n == name {
			return Format(f), nil
		}
	}
	return 0, &FormatError{Name: name, Planned: name == "html"}
}

// Options says how a result is written. All of them are for Text; the other
// formats are the same whatever they are.
type Options struct {
	// Width is the number of terminal columns; 0 means 80. Fewer than 20
	// are taken as 20.
	Width int
	// Color allows bold and dim. No other colours are used, so that the
	// text is legible on any background.
	Color bool
	// ASCII keeps the marks around the texts (bullets, ellipses) to ASCII.
	// The texts themselves are not changed by it.
	ASCII bool
	// All shows every item, whole, on as many lines as it needs. Without
	// it, an item has one line, and a long list is cut to its first items.
	All bool
	// Explain adds each cluster's description and where its label is from.
	Explain bool
}

// Write writes r to w. It does not change r.
//
// Text is safe for a terminal, whatever the items hold: control characters,
// escape sequences and bidirectional overrides come out as visible escapes.
// Markdown and CSV are for files and carry each text as it is, but for what
// their syntax needs; see [CSVNote].
//
// A result that contradicts itself (an item in no cluster, counts that do not
// add up, a number that is not finite) is an error, and nothing is written.
func Write(w io.Writer, r *Result, f Format, opts Options) error {
	ix, err := check(r)
	if err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	bw := bufio.NewWriterSize(w, 64<<10)
	switch f {
	case Text:
		writeText(bw, r, ix, opts)
	case Markdown:
		writeMarkdown(bw, r, ix)
	case JSON:
		err = writeJSON(bw, r)
	case CSV:
		err = writeCSV(bw, r, ix)
	default:
		panic("report: unknown format " + f.String())
	}
	if err != nil {
		return err
	}
	return bw.Flush()
}
