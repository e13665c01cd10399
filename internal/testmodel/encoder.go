package testmodel

import (
	"fmt"
	"math"
)

// MPNet's relative position bias, as its reference has it.
const (
	biasBuckets     = 32
	biasMaxDistance = 128
)

// layerNormEpsilon is BERT's.
const layerNormEpsilon = 1e-12

// build makes the graph of an encoder in the operators of a usual export from
// PyTorch: LayerNorm taken apart, GELU by Erf, attention by MatMul and Softmax.
func (s *Spec) build() *graph {
	g := &graph{seed: s.Seed}
	e := encoder{graph: g, spec: s}
	g.input("input_ids")
	g.input("attention_mask")
	if s.Architecture == BERT && !s.NoTokenTypes {
		g.input("token_type_ids")
	}
	if s.PositionInput {
		g.input("position_ids")
	}
	e.constants()
	x := e.embeddings()
	bias := e.attentionBias()
	for i := range s.Layers {
		x = e.layer(fmt.Sprintf("layer.%d", i), x, bias)
	}
	switch s.Output {
	case "", "last_hidden_state":
		g.opTo("last_hidden_state", "Identity", []string{x})
		g.output("last_hidden_state", "batch_size", "sequence_length", s.Hidden)
	case "sentence_embedding":
		e.sentenceEmbedding(x)
		g.output("sentence_embedding", "batch_size", s.Hidden)
	default: // an unusual name, to be found by its shape
		g.opTo(s.Output, "Identity", []string{x})
		g.output(s.Output, "batch_size", "sequence_length", s.Hidden)
	}
	return g
}

type encoder struct {
	*graph
	spec                  *Spec
	one, half, two, eps   string
	root2, lowest, scale  string
	splitHeads, joinHeads string
	zero, unit, axes12    string
	length                string // the sequence's length, [1]
}

func (e *encoder) constants() {
	s := e.spec
	head := s.Hidden / s.Heads
	e.one, e.half, e.two = e.float("one", 1), e.float("half", 0.5), e.float("two", 2)
	e.eps, e.root2 = e.float("epsilon", layerNormEpsilon), e.float("root2", math.Sqrt2)
	e.lowest, e.scale = e.float("lowest", -math.MaxFloat32), e.float("scale", math.Sqrt(float64(head)))
	e.splitHeads = e.ints("split_heads", []int{0, 0, s.Heads, head}, 4)
	e.joinHeads = e.ints("join_heads", []int{0, 0, s.Hidden}, 3)
	e.zero, e.unit = e.ints("zero", []int{0}, 1), e.ints("unit", []int{1}, 1)
	e.axes12 = e.ints("axes12", []int{1, 2}, 2)
	shape := e.op("Shape", []string{"input_ids"})
	e.length = e.op("Gather", []string{shape, e.unit}, integer("axis", 0))
}

func (e *encoder) embeddings() string {
	s := e.spec
	words := e.random("embeddings.word", 0, 0.1, s.Vocab, s.Hidden)
	if s.NaNToken > 0 {
		e.tensors[len(e.tensors)-1].nanRow = s.NaNToken
	}
	table := e.random("embeddings.position", 0, 0.04, s.MaxPositions, s.Hidden)
	ids := "input_ids"
	if s.HideTable {
		ids = e.op("Add", []string{ids, e.zero})
	}
	x := e.op("Gather", []string{words, ids}, integer("axis", 0))
	if s.Architecture == BERT {
		types := e.random("embeddings.type", 0, 0.04, 2, s.Hidden)
		ids := "token_type_ids"
		if s.NoTokenTypes {
			ids = e.op("Sub", []string{"input_ids", "input_ids"})
		}
		x = e.op("Add", []string{x, e.op("Gather", []string{types, ids}, integer("axis", 0))})
	}
	x = e.op("Add", []string{x, e.op("Gather", []string{table, e.positions()}, integer("axis", 0))})
	return e.layerNorm("embeddings.norm", x)
}

// positions is the ids of the positions: BERT counts from 0, the others count
// real tokens from the padding's id + 1.
func (e *encoder) positions() string {
	s := e.spec
	switch {
	case s.PositionInput:
		return "position_ids"
	case s.Architecture == BERT:
		all := make([]int, s.MaxPositions)
		for i := range all {
			all[i] = i
		}
		return e.op("Slice", []string{e.ints("positions", all, 1, s.MaxPositions), e.zero, e.length, e.unit})
	}
	pad := e.ints("pad", []int{s.padID()})
	isPad := e.op("Equal", []string{"input_ids", pad})
	real := e.op("Cast", []string{e.op("Not", []string{isPad})}, integer("to", int64Type))
	count := e.op("CumSum", []string{real, e.ints("axis1", []int{1})})
	return e.op("Add", []string{e.op("Mul", []string{count, real}), pad})
}

// attentionBias is what is added to the scores: the lowest number where the
// key is padding, and MPNet's bias of relative positions.
func (e *encoder) attentionBias() string {
	mask := e.op("Cast", []string{e.op("Unsqueeze", []string{"attention_mask", e.axes12})}, integer("to", float32Type))
	bias := e.op("Mul", []string{e.op("Sub", []string{e.one, mask}), e.lowest})
	if e.spec.Architecture != MPNet {
		return bias
	}
	far := e.spec.MaxPositions - 1
	buckets := make([]int, 2*far+1)
	for i := range buckets {
		buckets[i] = relativeBucket(i - far)
	}
	zero, one := e.ints("from", []int{0}), e.ints("step", []int{1})
	squeezed := e.op("Squeeze", []string{e.length, e.zero})
	line := e.op("Range", []string{zero, squeezed, one})
	keys := e.op("Unsqueeze", []string{line, e.zero})
	queries := e.op("Unsqueeze", []string{line, e.unit})
	distance := e.op("Add", []string{e.op("Sub", []string{keys, queries}), e.ints("far", []int{far})})
	// One column, as not every backend looks up in a vector.
	bucket := e.op("Gather", []string{e.ints("buckets", buckets, len(buckets), 1), distance}, integer("axis", 0))
	bucket = e.op("Squeeze", []string{bucket, e.ints("column", []int{2}, 1)})
	table := e.random("relative_attention_bias", 0, 0.2, biasBuckets, e.spec.Heads)
	values := e.op("Gather", []string{table, bucket}, integer("axis", 0))
	values = e.op("Unsqueeze", []string{e.op("Transpose", []string{values}, integers("perm", 2, 0, 1)), e.zero})
	return e.op("Add", []string{bias, values})
}

// relativeBucket is the bucket of a key that stands distance after its query
// (Raffel et al. 2020, as in MPNet: half the buckets for either side, the
// nearer half of those exact, the others logarithmic).
func relativeBucket(distance int) int {
	half, bucket := biasBuckets/2, 0
	if distance > 0 {
		bucket = half
	} else {
		distance = -distance
	}
	exact := half / 2
	if distance < exact {
		return bucket + distance
	}
	log := math.Log(float64(distance)/float64(exact)) / math.Log(biasMaxDistance/float64(exact))
	return bucket + min(exact+int(log*float64(half-exact)), half-1)
}

func (e *encoder) layer(name, x, bias string) string {
	s := e.spec
	heads := func(part string, perm ...int) string {
		y := e.linear(name+"."+part, x, s.Hidden, s.Hidden)
		return e.op("Transpose", []string{e.op("Reshape", []string{y, e.splitHeads})}, integers("perm", perm...))
	}
	q, k, v := heads("query", 0, 2, 1, 3), heads("key", 0, 2, 3, 1), heads("value", 0, 2, 1, 3)
	scores := e.op("Div", []string{e.op("MatMul", []string{q, k}), e.scale})
	scores = e.op("Softmax", []string{e.op("Add", []string{scores, bias})}, integer("axis", -1))
	mixed := e.op("Transpose", []string{e.op("MatMul", []string{scores, v})}, integers("perm", 0, 2, 1, 3))
	mixed = e.op("Reshape", []string{mixed, e.joinHeads})
	mixed = e.linear(name+".output", mixed, s.Hidden, s.Hidden)
	x = e.layerNorm(name+".norm1", e.op("Add", []string{mixed, x}))

	h := e.linear(name+".up", x, s.Hidden, s.Intermediate)
	erf := e.op("Add", []string{e.op("Erf", []string{e.op("Div", []string{h, e.root2})}), e.one})
	h = e.op("Mul", []string{e.op("Mul", []string{h, erf}), e.half})
	h = e.linear(name+".down", h, s.Intermediate, s.Hidden)
	return e.layerNorm(name+".norm2", e.op("Add", []string{h, x}))
}

// linear is x·W + b, W being in×out.
func (e *encoder) linear(name, x string, in, out int) string {
	w := e.random(name+".weight", 0, 1.2/math.Sqrt(float64(in)), in, out)
	b := e.random(name+".bias", 0, 0.05, out)
	return e.op("Add", []string{e.op("MatMul", []string{x, w}), b})
}

func (e *encoder) layerNorm(name, x string) string {
	gamma := e.random(name+".gamma", 1, 0.1, e.spec.Hidden)
	beta := e.random(name+".beta", 0, 0.1, e.spec.Hidden)
	over := []attr{integers("axes", -1), integer("keepdims", 1)}
	centred := e.op("Sub", []string{x, e.op("ReduceMean", []string{x}, over...)})
	variance := e.op("ReduceMean", []string{e.op("Pow", []string{centred, e.two})}, over...)
	deviation := e.op("Sqrt", []string{e.op("Add", []string{variance, e.eps})})
	y := e.op("Mul", []string{e.op("Div", []string{centred, deviation}), gamma})
	return e.op("Add", []string{y, beta})
}

// sentenceEmbedding takes the first token, as a model that pools by itself.
func (e *encoder) sentenceEmbedding(x string) {
	first := e.op("Gather", []string{x, e.ints("first", []int{0})}, integer("axis", 1))
	e.opTo("sentence_embedding", "Identity", []string{first})
}
