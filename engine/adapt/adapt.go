// Package adapt fits the vectors of a static model to the collection they
// are from. An embedder gives each text the same vector whatever stands
// beside it; how much each of a model's blocks should count depends on the
// collection, and so it is a second step with a record of its own.
package adapt

import (
	"fmt"
	"math"

	"sheaf/engine"
)

// A Fit is what was fitted, as it goes into a run's manifest.
type Fit struct {
	Beta      float64 // weight of the block "concepts" against the general one
	Documents int     // distinct texts it was fitted on
}

// In a short list of short notes the words themselves hardly repeat, so that
// what kind of thing they name has to decide; in a large collection the
// general meaning tells finer groups apart. Chosen on the notes and the
// collections of a few thousand questions in models/builtin/CARD.md.
const (
	betaFew, few   = 2.5, 60
	betaMany, many = 1.1, 200
)

// Beta is the weight of the concept block for a collection of n distinct
// texts: 2.5 up to 60, 1.1 from 200 on, between them falling with log n.
func Beta(n int) float64 {
	switch {
	case n <= few:
		return betaFew
	case n >= many:
		return betaMany
	}
	t := math.Log(float64(n)/few) / math.Log(float64(many)/few)
	return betaFew + t*(betaMany-betaFew)
}

// Apply fits the vectors in e, in place, to a collection of documents
// distinct texts. Rows stay at unit length. It says false and changes nothing
// where the model has no block "concepts".
//
// Apply panics if the vectors' width is not info's.
func Apply(e *engine.Embeddings, info engine.Info, documents int) (Fit, bool) {
	if e.Vectors.Cols != info.Dim {
		panic(fmt.Sprintf("adapt: vectors of %d dimensions, the model has %d", e.Vectors.Cols, info.Dim))
	}
	lo, block := 0, engine.Block{}
	for _, b := range info.Blocks {
		if b.Name == "concepts" {
			block = b
			break
		}
		lo += b.Dim
	}
	if block.Dim == 0 {
		return Fit{}, false
	}
	fit := Fit{Beta: Beta(documents), Documents: documents}
	factor := fit.Beta / float64(block.Weight)
	for i := range e.Vectors.Rows {
		row := e.Vectors.Data[i*e.Vectors.Stride:][:e.Vectors.Cols]
		concepts := row[lo : lo+block.Dim]
		for j, x := range concepts {
			concepts[j] = float32(float64(x) * factor)
		}
		normalise(row)
	}
	return fit, true
}

func normalise(row []float32) {
	var sum float64
	for _, x := range row {
		sum += float64(float64(x) * float64(x))
	}
	if sum == 0 {
		return
	}
	n := math.Sqrt(sum)
	for j, x := range row {
		row[j] = float32(float64(x) / n)
	}
}
