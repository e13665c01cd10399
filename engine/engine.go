// Package engine turns texts into embeddings: unit vectors in which texts of
// similar meaning lie close together.
//
// The package holds what every backend shares: the [Embedder] interface, what
// an embedder says about itself ([Info]) and the shape of its answer
// ([Embeddings]). The backends are sub-packages; engine imports none of them.
// Everything runs in the calling process; no backend opens a connection.
package engine

import (
	"context"

	"gonum.org/v1/gonum/blas/blas32"
)

// An Embedder maps texts to unit vectors. Embed is a pure function of the
// model and the text: the row of a text does not depend on the texts beside
// it, on their order, or on the number of threads. Implementations may be
// used by several goroutines at once.
type Embedder interface {
	// Embed returns one row for each text, in the order given.
	//
	// progress, where it is not nil, is called now and then with the number
	// of texts done so far; calls do not overlap.
	//
	// ctx is looked at between batches; its error is returned as it is.
	Embed(ctx context.Context, texts []string, progress func(done int)) (*Embeddings, error)

	// Info says which model this is and how it was set up.
	Info() Info

	// Close releases what the model holds. The embedder and all it returned
	// as views must not be used afterwards; Embeddings are copies and live on.
	Close() error
}

// Embeddings is the answer to n texts.
type Embeddings struct {
	// Vectors is n×d, row-major, stride d. Each row has unit length, but for
	// the rows of texts in Empty, which are zero.
	Vectors blas32.General
	// Truncated is the texts that were longer than Info.MaxTokens and lost
	// their end, as indices in ascending order.
	Truncated []int
	// Empty is the texts that have no vector because none of their tokens is
	// known to the model, as indices in ascending order.
	Empty []int
}

// Info is what an embedder says about itself; it goes into a run's manifest.
type Info struct {
	Model           string  // the name or folder it was opened by
	Digest          string  // "sha256:…" over the model's files
	Backend         string  // "static", "onnx" or "purego"
	Provider        string  // "cpu" or "coreml"
	DType           string  // of most of its weights: "float32", "float16", "bfloat16", "int8", "int4"; "" where its files do not say
	Dim             int     // d, the length of a vector
	Pooling         string  // "mean", "cls", "last", "max"
	MaxTokens       int     // texts are cut after so many tokens
	TokenizerDigest string  // "sha256:…" of the tokenizer's file
	LexiconDigest   string  // "sha256:…" of the lexicon; "" where a model has none
	Blocks          []Block // how the dimensions are made up; nil means one block
}

// Concepts is the name of the block that holds what kinds of things a text
// speaks of.
const Concepts = "concepts"

// Block returns the block of that name and the dimension it begins at, or
// false where the model has none.
func (in Info) Block(name string) (b Block, offset int, ok bool) {
	for _, b := range in.Blocks {
		if b.Name == name {
			return b, offset, true
		}
		offset += b.Dim
	}
	return Block{}, 0, false
}

// A Block is a run of dimensions that were normalised apart and then joined.
// Its share of the vector's length can be changed afterwards; package
// engine/adapt does so.
type Block struct {
	Name   string  // "general", [Concepts]
	Dim    int     // number of dimensions
	Weight float32 // the factor it was joined with
	// Coarse is how many of the dimensions, the first ones, hold the most; the
	// others tell apart what is alike in those. It is 0 where they do not differ.
	Coarse int
}
