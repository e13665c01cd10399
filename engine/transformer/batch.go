package transformer

import (
	"slices"
)

// A Batch is texts that go through the graph together: n rows of length
// tokens each, shorter rows padded at their end.
type Batch struct {
	Rows, Length int
	IDs          []int64 // Rows×Length
	Mask         []int64 // 1 where there is a token, 0 where there is padding
	Types        []int64 // 0 for all tokens of most models
	Positions    []int64

	types []uint32 // scratch
}

// minPack is how many tokens a batch should have before padding is avoided at
// the price of one more batch: a smaller product of matrices is slow for its
// size.
const minPack = 128

// maxPadding is the padding, as a share of a row, that is taken in exchange for
// a fuller batch.
const maxPadding = 1.0 / 16

// No batch has more than 1/tailShare of the tokens that are left, but for
// minTail of them, so that the last ones are small and the goroutines that run
// them end at about the same time.
const (
	tailShare = 16
	minTail   = 256
)

// span is a run of the planned order of texts: one batch.
type span struct{ from, to int }

// plan sorts the texts by length, longest first, and cuts them into batches of
// at most limit(length) tokens, padding included, the last ones smaller. lengths holds the number of
// tokens of each text; texts of length 0 are left out. It looks at nothing but
// the lengths, so that the same texts make the same batches for any number of
// threads. fixed is what the graph demands; where it has no mask, batches hold
// texts of one length alone.
func plan(lengths []int, limit func(length int) int, fixed shape) (order []int, batches []span) {
	order = make([]int, 0, len(lengths))
	left := 0 // tokens that are in no batch yet
	for i, n := range lengths {
		if n > 0 {
			order = append(order, i)
			left += n
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return lengths[b] - lengths[a] })
	for from := 0; from < len(order); {
		longest := lengths[order[from]]
		rows := max(min(limit(longest), max(left/tailShare, minTail))/longest, 1)
		if fixed.rows > 0 {
			rows = fixed.rows
		}
		shortest := longest - int(maxPadding*float64(longest))
		to := from + 1
		for to < len(order) && to-from < rows {
			n := lengths[order[to]]
			if n < shortest && (to-from)*longest >= minPack || n < longest && !fixed.masked {
				break
			}
			to++
		}
		for _, t := range order[from:to] {
			left -= lengths[t]
		}
		batches = append(batches, span{from, to})
		from = to
	}
	return order, batches
}

// fill makes b the batch of these texts, whose ids are in ids. Its rows have at
// least minLength tokens.
func (f *Folder) fill(b *Batch, texts []int, ids [][]uint32, minLength int) {
	b.Rows, b.Length = len(texts), minLength
	for _, t := range texts {
		b.Length = max(b.Length, len(ids[t]))
	}
	n := b.Rows * b.Length
	for _, part := range []*[]int64{&b.IDs, &b.Mask, &b.Types, &b.Positions} {
		*part = slices.Grow((*part)[:0], n)[:n]
	}
	for r, t := range texts {
		row := r * b.Length
		b.types = f.Tokenizer.AppendTypeIDs(b.types[:0], len(ids[t]))
		for j := range b.Length {
			at := row + j
			if j < len(ids[t]) {
				b.IDs[at], b.Mask[at], b.Types[at] = int64(ids[t][j]), 1, int64(b.types[j])
				b.Positions[at] = f.FirstPosition + int64(j)
			} else {
				// A padding's position is never attended to; the last valid
				// one is in range in every table.
				b.IDs[at], b.Mask[at], b.Types[at] = f.PadID, 0, 0
				b.Positions[at] = b.Positions[at-1]
			}
		}
	}
}
