package engine

import "testing"

func TestBlock(t *testing.T) {
	in := Info{Dim: 5, Blocks: []Block{{Name: "general", Dim: 3}, {Name: Concepts, Dim: 2, Weight: 1.5}}}
	if b, at, ok := in.Block(Concepts); !ok || at != 3 || b.Dim != 2 || b.Weight != 1.5 {
		t.Errorf("Block(concepts) = %+v, %d, %v", b, at, ok)
	}
	if _, _, ok := in.Block("other"); ok {
		t.Error("a block that is not there was found")
	}
	if _, _, ok := (Info{Dim: 5}).Block(Concepts); ok {
		t.Error("a model of one block has another")
	}
}
