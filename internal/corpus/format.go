package corpus

import (
	"path/filepath"
	"slices"
	"strings"

	"sheaf/internal/hint"
)

// A Format is how the notes lie in an input.
type Format string

// The formats of notes. The zero value is FormatAuto.
const (
	FormatAuto        Format = "auto"        // found by content and file extension; "" means the same
	FormatLines       Format = "lines"       // each line is a note
	FormatMarkdown    Format = "markdown"    // bullets and nested bullets, Obsidian, Logseq
	FormatKeep        Format = "keep"        // Google Keep: a note's JSON file from Takeout
	FormatTrello      Format = "trello"      // a Trello board as JSON
	FormatOPML        Format = "opml"        // outlines
	FormatFreeMind    Format = "freemind"    // mind maps of FreeMind and Freeplane
	FormatENEX        Format = "enex"        // Evernote
	FormatStickyNotes Format = "stickynotes" // plum.sqlite of Windows Sticky Notes
	FormatCSV         Format = "csv"         // with commas, semicolons, tabs or bars
	FormatTSV         Format = "tsv"         // with tabs
	FormatJSON        Format = "json"        // an array of texts or objects
	FormatJSONL       Format = "jsonl"       // a text or an object on each line
)

// Formats returns every format of notes, FormatAuto first.
func Formats() []Format {
	return []Format{
		FormatAuto, FormatLines, FormatMarkdown, FormatKeep, FormatTrello, FormatOPML, FormatFreeMind,
		FormatENEX, FormatStickyNotes, FormatCSV, FormatTSV, FormatJSON, FormatJSONL,
	}
}

// ParseFormat returns the format of that name. "" is FormatAuto.
func ParseFormat(name string) (Format, error) {
	if name == "" {
		return FormatAuto, nil
	}
	f := Format(strings.ToLower(name))
	if !slices.Contains(Formats(), f) {
		names := make([]string, 0, len(Formats()))
		for _, f := range Formats() {
			names = append(names, string(f))
		}
		return "", hint.Errorf("choose one of "+strings.Join(names, ", "), "unknown format of notes %q", name)
	}
	return f, nil
}

// formatOfExtension returns the format that a file's name alone settles, or
// "" where the content has to be looked at.
func formatOfExtension(name string) Format {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".md", ".markdown", ".mdown":
		return FormatMarkdown
	case ".csv":
		return FormatCSV
	case ".tsv", ".tab":
		return FormatTSV
	case ".jsonl", ".ndjson":
		return FormatJSONL
	case ".opml":
		return FormatOPML
	case ".mm":
		return FormatFreeMind
	case ".enex":
		return FormatENEX
	}
	return ""
}
