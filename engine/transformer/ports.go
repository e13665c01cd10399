package transformer

import (
	"slices"
	"strings"
)

// The inputs an encoder may have, by the names that exports give them.
const (
	InputIDs      = "input_ids"
	AttentionMask = "attention_mask"
	TokenTypeIDs  = "token_type_ids"
	PositionIDs   = "position_ids"
)

// Data returns what belongs into the input of that name.
func (b *Batch) Data(input string) []int64 {
	switch input {
	case InputIDs:
		return b.IDs
	case AttentionMask:
		return b.Mask
	case TokenTypeIDs:
		return b.Types
	case PositionIDs:
		return b.Positions
	}
	panic("transformer: no input " + input)
}

// shape is what the graph's inputs demand of a batch.
type shape struct {
	rows   int  // fixed number of rows, 0 where any will do
	length int  // fixed length of a row, 0 where any will do
	masked bool // padding can be told from tokens
}

// maxFixedLength is the longest row that a graph may demand.
const maxFixedLength = 1 << 17

// checkInputs sees that every input of the graph can be served.
func (f *Folder) checkInputs() (shape, error) {
	var s shape
	ids := false
	for _, in := range f.Graph.Inputs {
		switch in.Name {
		case InputIDs:
			ids = true
		case AttentionMask:
			s.masked = true
		case TokenTypeIDs, PositionIDs:
		default:
			return s, modelError(f.GraphFile, "choose an encoder exported for feature extraction, with the inputs input_ids and attention_mask",
				"its input %s is not one of a text encoder", in.Name)
		}
		if in.Type != Int64 && in.Type != Int32 {
			return s, modelError(f.GraphFile, adviceOther, "its input %s takes %v, not whole numbers", in.Name, in.Type)
		}
		if len(in.Dims) != 2 && in.Dims != nil {
			return s, modelError(f.GraphFile, adviceOther, "its input %s has %d dimensions, want texts × tokens", in.Name, len(in.Dims))
		}
		if in.Dims != nil {
			s.rows, s.length = max(s.rows, int(in.Dims[0])), max(s.length, int(in.Dims[1]))
		}
	}
	if !ids {
		return s, modelError(f.GraphFile, adviceOther, "it has no input %s", InputIDs)
	}
	if s.rows > 1 {
		return s, modelError(f.GraphFile, adviceOther, "it takes exactly %d texts at a time; want any number, or 1", s.rows)
	}
	s.rows, s.length = max(s.rows, 0), max(s.length, 0)
	if s.length > maxFixedLength {
		return s, modelError(f.GraphFile, adviceOther, "it takes exactly %d tokens at a time, more than any model", s.length)
	}
	if s.length > 0 && !s.masked {
		return s, modelError(f.GraphFile, adviceOther, "it takes exactly %d tokens and no %s", s.length, AttentionMask)
	}
	return s, nil
}

// outputNames is the names an output may have, the best first: what has gone
// through all of the model's steps, then the tokens' vectors, then vectors of
// texts that were pooled in some way.
var outputNames = []string{"sentence_embedding", "last_hidden_state", "token_embeddings", "hidden_states", "pooled", "text_embeds", "pooler_output"}

// chooseOutput finds the output to take: the one that was asked for, else by
// name, else by shape.
func (f *Folder) chooseOutput(want string) (Value, error) {
	outputs := f.Graph.Outputs
	names := make([]string, len(outputs))
	for i, o := range outputs {
		names[i] = o.Name
	}
	if want != "" {
		if i := slices.Index(names, want); i >= 0 {
			return outputs[i], f.checkOutput(outputs[i])
		}
		return Value{}, modelError(f.GraphFile, "choose one of: "+strings.Join(names, ", "), "it has no output %s", want)
	}
	for _, name := range outputNames {
		if i := slices.Index(names, name); i >= 0 {
			return outputs[i], f.checkOutput(outputs[i])
		}
	}
	for _, rank := range []int{3, 2} {
		for _, o := range outputs {
			if len(o.Dims) == rank && f.checkOutput(o) == nil {
				f.assume("no output has a known name: took %s for its shape", o.Name)
				return o, nil
			}
		}
	}
	return Value{}, modelError(f.GraphFile, adviceOther, "none of its outputs is a vector for each token or text: %s", strings.Join(names, ", "))
}

func (f *Folder) checkOutput(o Value) error {
	if o.Type != Float32 {
		return modelError(f.GraphFile, "choose an .onnx file with float32 outputs; its weights may be of any type", "its output %s is %v", o.Name, o.Type)
	}
	if o.Dims != nil && len(o.Dims) != 2 && len(o.Dims) != 3 {
		return modelError(f.GraphFile, adviceOther, "its output %s has %d dimensions; want texts × tokens × vector or texts × vector", o.Name, len(o.Dims))
	}
	return nil
}
