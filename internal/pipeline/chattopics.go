package pipeline

import (
	"slices"

	"sheaf/internal/store"
)

// topics are the texts that stand for conversations among others and are embedded
// (embedblocks.go),
// redacted, in order. They are most of what a run has to remember of a conversation
// and are wanted once, so that those of a large collection are in a file.
type topics struct {
	list    []string
	scratch *store.Scratch // instead of the list
}

// add takes the next text.
func (t *topics) add(topic string) error {
	if t.scratch != nil {
		return t.scratch.Append(topic)
	}
	t.list = append(t.list, topic)
	return nil
}

// spill moves the texts to a file in a folder.
func (t *topics) spill(dir string) error {
	scratch, err := store.NewScratch(dir)
	if err != nil {
		return err
	}
	t.scratch = scratch
	for _, topic := range t.list {
		if err := scratch.Append(topic); err != nil {
			return err
		}
	}
	t.list = nil
	return nil
}

// read gives the texts from lo up to, but not including, hi.
func (t *topics) read(lo, hi int) ([]string, error) {
	if t.scratch != nil {
		return t.scratch.Read(lo, hi)
	}
	return slices.Clone(t.list[lo:hi]), nil
}

func (t *topics) close() error {
	if t == nil || t.scratch == nil {
		return nil
	}
	return t.scratch.Close()
}
