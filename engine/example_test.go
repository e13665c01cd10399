package engine_test

import (
	"context"
	"fmt"
	"log"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
	"sheaf/engine/static"
	"sheaf/models/builtin"
)

// Texts of similar meaning get vectors of a high cosine.
func ExampleEmbedder() {
	var e engine.Embedder
	e, err := static.OpenFS(builtin.ModelFS(), "builtin", static.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer e.Close()

	emb, err := e.Embed(context.Background(), []string{"two ripe pears", "a bag of apples", "fix the leaking tap"}, nil)
	if err != nil {
		log.Fatal(err)
	}
	row := func(i int) blas32.Vector {
		v := emb.Vectors
		return blas32.Vector{N: v.Cols, Inc: 1, Data: v.Data[i*v.Stride:]}
	}
	fruit, other := blas32.Dot(row(0), row(1)), blas32.Dot(row(0), row(2))
	fmt.Println("both are fruit:", fruit > 0.5)
	fmt.Println("a tap is not:", other < 0.3)
	// Output:
	// both are fruit: true
	// a tap is not: true
}
