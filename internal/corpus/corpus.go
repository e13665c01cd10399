// Package corpus reads input files into documents and conversations.
//
// Notes become Documents, all of them at once ([ReadNotes]) or one by one
// ([Stream]). Conversations come one by one ([StreamChats]), from the exports of
// chat apps and from a plain form, FormatMessages: an object for each conversation,
// in an array, in an array that is a member of an object, or one on each line.
//
//	{"id": "a1", "user": "u17", "title": "Tea", "language": "en",
//	 "created": "2025-03-01T08:00:00Z", "updated": 1740816600,
//	 "messages": [{"role": "user", "content": "How long?", "time": "2025-03-01T08:00:05Z", "author": "Ann"},
//	              {"role": "assistant", "content": [{"type": "text", "text": "Two minutes."}]}]}
//
// Only messages has to be there. A role is one of Roles, or a common name of one
// as human; content is a text or a list of parts, of which those with a text are
// read and the others counted as attachments; "text" serves as well. Times are
// RFC 3339, or seconds, milli- or microseconds since 1970. created and updated are
// those of the first and the last message where they are missing. Further keys are
// passed over.
package corpus

import (
	"io"
	"io/fs"
)

// An Input is something to read: a file, or standard input.
type Input struct {
	Name string // as the user gave it; "-" is standard input
	Open func() (io.ReadCloser, error)
	// Folder, if not nil, is in place of Open for a folder. Only conversations are
	// read from folders.
	Folder func() (fs.FS, error)
}

// A Document is one text that is to be clustered.
type Document struct {
	ID     string // n1… over all inputs in reading order
	Ref    string // the input's own id, "" where it has none
	Text   string // without bullets, numbering and white space around it
	Source string // "notes.txt:6", the line the text begins on, or the record's number
}

// A Skip is an item that was read but cannot be used, and why. Of several
// inputs, one that is broken is a single item.
type Skip struct {
	Source string
	Reason string // "empty", or what kept it from being read
	// Lost says that the item has a text that could not be read. Otherwise it
	// was left out as it should be: it is empty, archived or deleted.
	Lost bool
}

// A File is one input as it stands in the manifest.
type File struct {
	Path   string
	SHA256 string // of the bytes, in hex
	Items  int    // documents and skipped items
	Format Format // FormatAuto where the input is broken before its format shows
}

// Notes is what was read. Every item is a Document or a Skip.
type Notes struct {
	Documents []Document
	Skipped   []Skip
	Blank     int      // empty lines of plain text and Markdown
	Files     []File   // in the order of the inputs
	Remarks   []string // choices made for the user, a sentence each: the column, the encoding

	handed int // items that went to a function of Stream instead
}
