// Package builtin holds the model that is compiled into the program: a
// static embedding model in two blocks, general meaning and concepts, and the
// lexicon that the concepts come from. CARD.md beside this file says how it
// was made and how good it is.
package builtin

import (
	"embed"
	"io/fs"
)

//go:embed model
var files embed.FS

// ModelFS returns the model's folder, in the layout that engine/static opens.
// The lexicon's own files are not in the program: the model holds what they
// say.
func ModelFS() fs.FS {
	f, err := fs.Sub(files, "model")
	if err != nil {
		panic("builtin: " + err.Error()) // the folder is embedded above
	}
	return f
}
