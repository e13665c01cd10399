package tokenizer

import (
	"sync"
	"unicode/utf8"
)

// normalizerSequence applies normalizers one after another.
type normalizerSequence struct {
	steps   []normalizer
	scratch *sync.Pool // of *[2][]byte
}

func newNormalizerSequence(steps []normalizer) normalizer {
	return normalizerSequence{steps, &sync.Pool{New: func() any { return new([2][]byte) }}}
}

func (n normalizerSequence) appendNormalized(dst []byte, text string) []byte {
	buf := n.scratch.Get().(*[2][]byte)
	last := len(n.steps) - 1
	for i, step := range n.steps[:last] {
		b := &buf[i&1]
		*b = step.appendNormalized((*b)[:0], text)
		text = view(*b)
	}
	dst = n.steps[last].appendNormalized(dst, text)
	if cap(buf[0]) <= maxKept && cap(buf[1]) <= maxKept {
		n.scratch.Put(buf)
	}
	return dst
}

func (n normalizerSequence) growth() float64 {
	growth := 1.0
	for _, step := range n.steps {
		growth *= step.growth()
	}
	return growth
}

// keepsStart reports whether a normalizer leaves something of the first
// character of text. What comes after one that it drops is not the beginning
// of the input any more, for a pre-tokenizer that asks.
func (s *scratch) keepsStart(n normalizer, text string) bool {
	steps := []normalizer{n}
	if sequence, ok := n.(normalizerSequence); ok {
		steps = sequence.steps
	}
	_, size := utf8.DecodeRuneInString(text)
	text = text[:size]
	buffers := [...]*[]byte{&s.normalized, &s.words.rewritten[0]} // neither is in use yet
	for i, step := range steps {
		b := buffers[i&1]
		if *b = step.appendNormalized((*b)[:0], text); len(*b) == 0 {
			// To the reference, what comes after a character that this one
			// drops stands in its place.
			_, ok := step.(*precompiled)
			return ok
		}
		text = view(*b)
	}
	return true
}
