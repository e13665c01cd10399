package tokenizer

import "sync"

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
