package tokenizer

// wordLevel looks a word up as a whole.
type wordLevel struct {
	*vocabulary
	unknown    uint32
	hasUnknown bool
}

func newWordLevel(c *modelConfig) (model, error) {
	v, err := newVocabulary(c.Vocab)
	if err != nil {
		return nil, err
	}
	w := &wordLevel{vocabulary: v}
	unknown := "<unk>"
	if c.UnkToken != nil {
		unknown = *c.UnkToken
	}
	w.unknown, w.hasUnknown = v.id(unknown)
	return w, nil
}

func (w *wordLevel) appendIDs(dst []uint32, word string, _ *workspace) []uint32 {
	if id, ok := w.id(word); ok {
		return append(dst, id)
	}
	if w.hasUnknown {
		dst = append(dst, w.unknown)
	}
	return dst
}

func (w *wordLevel) unknownID() (uint32, bool) { return w.unknown, w.hasUnknown }
func (w *wordLevel) entryCount() int           { return w.keys }
func (w *wordLevel) size() int                 { return len(w.byID) }
