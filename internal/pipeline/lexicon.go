package pipeline

import (
	"errors"
	"fmt"
	"os"

	"sheaf/engine"
	"sheaf/engine/static"
	"sheaf/internal/hint"
	"sheaf/models"
	"sheaf/models/builtin"
)

// userLexicon is the user's own concepts, or nil where there are none. The
// file is read once: it may be a pipe.
func (c *Common) userLexicon() (*builtin.UserLexicon, error) {
	if c.Lexicon == "" || c.lexicon != nil {
		return c.lexicon, nil
	}
	f, err := os.Open(c.Lexicon)
	if err != nil {
		return nil, lexiconFile(err)
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil {
		return nil, lexiconFile(err)
	} else if st.IsDir() {
		return nil, hint.Errorf("give the file that has the concepts", "lexicon: %s is a folder", c.Lexicon)
	}
	lex, err := builtin.ParseUserLexicon(c.Lexicon, f)
	var broken *builtin.LexiconError
	if err != nil && !errors.As(err, &broken) {
		return nil, lexiconFile(err)
	}
	c.lexicon = lex
	return lex, err
}

func lexiconFile(err error) error {
	return hint.Errorf("check the path and its permissions", "lexicon: %w", err)
}

// openStatic opens a static model with the user's own concepts, or without
// them where the model has none that they could stand beside.
func openStatic(m models.Model, c *Common) (*static.Model, error) {
	lexicon, err := c.userLexicon()
	if err != nil {
		return nil, err
	}
	opts := static.Options{Threads: c.Threads, Lexicon: lexicon}
	if m.Dir == "" {
		return static.OpenFS(builtin.ModelFS(), models.Builtin, opts)
	}
	e, err := static.Open(m.Dir, opts)
	var none *static.NoConceptsError
	if errors.As(err, &none) {
		opts.Lexicon = nil
		return static.Open(m.Dir, opts)
	}
	return e, err
}

// openSpace opens the model in whose space concepts name groups: always the
// built-in one, whatever model embeds.
func openSpace(emb engine.Embedder, c *Common) (*static.Model, error) {
	if space, ok := emb.(*static.Model); ok && space.Info().Model == models.Builtin {
		return space, nil
	}
	return openStatic(models.Model{Name: models.Builtin}, c)
}

// lexiconWarning says that the user's concepts do not change the vectors,
// where that is so.
func lexiconWarning(emb engine.Embedder, c *Common) string {
	info := emb.Info()
	if c.Lexicon == "" || info.LexiconDigest != "" {
		return ""
	}
	return fmt.Sprintf("the lexicon %s does not change the vectors of %s, which has no concepts", c.Lexicon, info.Model)
}
