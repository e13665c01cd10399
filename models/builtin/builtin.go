// Package builtin holds the model that is compiled into the program: a
// static embedding model in two blocks, general meaning and concepts, and the
// lexicon that the concepts come from. CARD.md beside this file says how it
// was made and how good it is.
package builtin

import (
	"embed"
	"io/fs"
)

//go:embed lexicon/*.txt
var lexiconFiles embed.FS

// LexiconFS returns the lexicon's files.
func LexiconFS() fs.FS {
	sub, err := fs.Sub(lexiconFiles, "lexicon")
	if err != nil {
		panic("builtin: " + err.Error()) // the folder is embedded above
	}
	return sub
}
