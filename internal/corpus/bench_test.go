package corpus

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// sampleOf returns n short notes in a format.
func sampleOf(format Format, n int) string {
	var b strings.Builder
	switch format {
	case FormatCSV:
		b.WriteString("id,author,text\n")
	case FormatJSON:
		b.WriteString("[\n")
	case FormatOPML:
		b.WriteString("<opml><body>\n")
	}
	for i := range n {
		text := fmt.Sprintf("note %d about things to buy, and where", i)
		switch format {
		case FormatLines:
			b.WriteString(text)
		case FormatMarkdown:
			b.WriteString("- " + text)
		case FormatCSV:
			fmt.Fprintf(&b, "%d,Ann,%q", i, text)
		case FormatJSON, FormatJSONL:
			fmt.Fprintf(&b, `{"id":%d,"author":"Ann","text":%q}`, i, text)
			if format == FormatJSON && i < n-1 {
				b.WriteByte(',')
			}
		case FormatOPML:
			fmt.Fprintf(&b, "<outline text=%q/>", text)
		}
		b.WriteByte('\n')
	}
	switch format {
	case FormatJSON:
		b.WriteString("]\n")
	case FormatOPML:
		b.WriteString("</body></opml>\n")
	}
	return b.String()
}

func BenchmarkReadNotes(b *testing.B) {
	for _, format := range []Format{FormatLines, FormatMarkdown, FormatCSV, FormatJSON, FormatJSONL, FormatOPML} {
		for _, n := range []int{1e3, 1e4, 1e5} {
			text := sampleOf(format, n)
			b.Run(fmt.Sprintf("%s/%d", format, n), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for b.Loop() {
					notes, err := ReadNotes(context.Background(), []Input{textInput("notes", text)}, Options{Format: format})
					if err != nil || len(notes.Documents) != n {
						b.Fatalf("%d notes, error %v", len(notes.Documents), err)
					}
				}
			})
		}
	}
}

func BenchmarkDuplicates(b *testing.B) {
	notes := readText(b, "notes", sampleOf(FormatLines, 1e5), Options{})
	b.ReportAllocs()
	for b.Loop() {
		Duplicates(notes.Documents)
	}
}
