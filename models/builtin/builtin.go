// Package builtin holds the model that is compiled into the program: a
// static embedding model in two blocks, general meaning and concepts, and the
// lexicon that the concepts come from. CARD.md beside this file says how it
// was made and how good it is.
package builtin

import (
	"embed"
	"io/fs"
)

//go:embed lexicon/*.txt model
var files embed.FS

// LexiconFS returns the lexicon's files.
func LexiconFS() fs.FS { return sub("lexicon") }

// ModelFS returns the model's folder, in the layout that engine/static opens.
func ModelFS() fs.FS { return sub("model") }

func sub(dir string) fs.FS {
	f, err := fs.Sub(files, dir)
	if err != nil {
		panic("builtin: " + err.Error()) // the folders are embedded above
	}
	return f
}
