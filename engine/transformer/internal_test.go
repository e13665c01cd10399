package transformer

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"pgregory.net/rapid"

	"sheaf/internal/testmodel"
)

// A plan holds each text once, longest first, and keeps to its limits.
func TestPlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lengths := rapid.SliceOfN(rapid.IntRange(0, 100), 0, 200).Draw(t, "lengths")
		limit := rapid.IntRange(1, 2000).Draw(t, "limit")
		fixed := shape{rows: rapid.IntRange(0, 1).Draw(t, "rows"), masked: rapid.Bool().Draw(t, "masked")}
		order, batches := plan(lengths, func(int) int { return limit }, fixed)
		seen := make([]int, len(lengths))
		at := 0
		for _, b := range batches {
			if b.from != at || b.to <= b.from {
				t.Fatalf("batch %v after %d", b, at)
			}
			at = b.to
			longest, shortest := lengths[order[b.from]], lengths[order[b.to-1]]
			if rows := b.to - b.from; rows > 1 && rows*longest > limit {
				t.Fatalf("%d×%d tokens, more than %d", rows, longest, limit)
			} else if fixed.rows > 0 && rows > fixed.rows {
				t.Fatalf("%d rows", rows)
			}
			if !fixed.masked && shortest != longest {
				t.Fatalf("lengths %d to %d without a mask", shortest, longest)
			}
		}
		if at != len(order) {
			t.Fatalf("batches end at %d of %d", at, len(order))
		}
		for i, text := range order {
			seen[text]++
			if i > 0 && lengths[text] > lengths[order[i-1]] {
				t.Fatal("not sorted")
			}
		}
		for i, n := range lengths {
			if want := min(n, 1); seen[i] != want {
				t.Fatalf("text %d of %d tokens is there %d times", i, n, seen[i])
			}
		}
	})
}

// Workers that take the batches as they come end at about the same time: the
// tokens of the busiest, padding included, are at most a twentieth more than
// its share where there are many texts.
func TestPlanBalance(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, tt := range []struct {
		texts, workers int
		share          float64
	}{{400, 1, .95}, {400, 2, .95}, {2000, 2, .95}, {256, 4, .93}, {2000, 8, .95}, {2000, 16, .95}} {
		lengths, total := make([]int, tt.texts), 0
		for i := range lengths { // as of notes: most about 16, some many more
			lengths[i] = min(max(int(math.Exp(rng.NormFloat64()*.9+2.8)), 1), 254) + 2
			total += lengths[i]
		}
		order, batches := plan(lengths, func(int) int { return 1024 }, shape{masked: true})
		busy := make([]int, tt.workers)
		for _, b := range batches {
			busy[slices.Index(busy, slices.Min(busy))] += (b.to - b.from) * lengths[order[b.from]]
		}
		if got := float64(total) / float64(tt.workers*slices.Max(busy)); got < tt.share {
			t.Errorf("%d texts, %d workers: %.3f of what is possible, want %.2f", tt.texts, tt.workers, got, tt.share)
		}
	}
}

func TestPool(t *testing.T) {
	hidden := []float32{1, -2, 3, 4, 5, 0} // three tokens of two dimensions
	for _, tt := range []struct {
		p    Pooling
		skip int
		want []float32
	}{
		{Mean, 0, []float32{3, 2.0 / 3}},
		{Mean, 1, []float32{4, 2}},
		{CLS, 1, []float32{1, -2}},
		{InGraph, 0, []float32{1, -2}},
		{Last, 0, []float32{5, 0}},
		{Max, 0, []float32{5, 4}},
		{Max, 2, []float32{5, 0}},
		{MeanSqrt, 0, []float32{9 / math.Sqrt2 / float32(math.Sqrt(1.5)), 2 / math.Sqrt2 / float32(math.Sqrt(1.5))}},
		{WeightedMean, 0, []float32{(1 + 6 + 15) / 6.0, (-2 + 8) / 6.0}},
		{WeightedMean, 1, []float32{(6 + 15) / 5.0, 8 / 5.0}},
	} {
		got := make([]float32, 2)
		tt.p.pool(got, make([]float64, 2), hidden, 3, tt.skip)
		for j := range got {
			if math.Abs(float64(got[j]-tt.want[j])) > 1e-6 {
				t.Errorf("%s, skip %d: %v, want %v", tt.p, tt.skip, got, tt.want)
			}
		}
	}
}

func TestUnit(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, tt := range []struct {
		v            []float32
		unit, finite bool
	}{
		{[]float32{3, 4}, true, true},
		{[]float32{0, 0}, false, true},
		{[]float32{1, nan}, false, false},
		{[]float32{1, inf}, false, false},
		{[]float32{1e-30, 1e-30}, true, true},
	} {
		if got := finite(tt.v); got != tt.finite {
			t.Errorf("finite(%v) = %v", tt.v, got)
		}
		if got := unit(slices.Clone(tt.v)); got != tt.unit {
			t.Errorf("unit(%v) = %v", tt.v, got)
		}
	}
}

func TestReadGraph(t *testing.T) {
	dir := t.TempDir()
	spec := testmodel.Small(testmodel.BERT, "")
	spec.ExternalData = true
	if err := spec.Write(dir); err != nil {
		t.Fatal(err)
	}
	g, err := ReadGraph(filepath.Join(dir, "model.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, in := range g.Inputs {
		names = append(names, in.Name)
		if in.Type != Int64 || !slices.Equal(in.Dims, []int64{-1, -1}) {
			t.Errorf("input %+v", in)
		}
	}
	if !slices.Equal(names, []string{InputIDs, AttentionMask, TokenTypeIDs}) {
		t.Errorf("inputs %v", names)
	}
	if len(g.Outputs) != 1 || g.Outputs[0].Name != "last_hidden_state" || !slices.Equal(g.Outputs[0].Dims, []int64{-1, -1, 32}) {
		t.Errorf("outputs %+v", g.Outputs)
	}
	if g.DType != "float32" {
		t.Errorf("weights are of type %q", g.DType)
	}
	if g.Vocab != 200 || !slices.Equal(g.External, []string{"model.onnx_data"}) {
		t.Errorf("vocabulary %d, external data in %v", g.Vocab, g.External)
	}
}

// The type is that of most numbers, whatever the type of the biases.
func TestWeightType(t *testing.T) {
	tensor := func(kind uint64, dims ...uint64) []byte {
		var msg, packed []byte
		for _, d := range dims {
			packed = protowire.AppendVarint(packed, d)
		}
		msg = protowire.AppendBytes(protowire.AppendTag(msg, 1, protowire.BytesType), packed)
		return protowire.AppendVarint(protowire.AppendTag(msg, 2, protowire.VarintType), kind)
	}
	for _, tt := range []struct {
		op      string
		tensors [][]byte
		want    string
	}{
		{"Add", nil, ""},
		{"Add", [][]byte{tensor(7, 1000)}, ""}, // shapes and indices are no weights
		{"MatMul", [][]byte{tensor(1, 30, 30), tensor(7, 1000)}, "float32"},
		{"MatMul", [][]byte{tensor(10, 30, 30), tensor(1, 30)}, "float16"},
		{"MatMul", [][]byte{tensor(16, 30, 30), tensor(1, 30)}, "bfloat16"},
		{"MatMulInteger", [][]byte{tensor(2, 30, 30), tensor(3, 30, 30), tensor(1, 30, 40)}, "int8"},
		{"MatMulNBits", [][]byte{tensor(2, 30, 30), tensor(1, 30, 40)}, "int4"},
		{"MatMul", [][]byte{tensor(22, 30, 30), tensor(1, 30)}, "int4"},
	} {
		r := reader{graph: &Graph{}, nodes: []node{{op: tt.op}}, tensors: map[string]int64{}, weights: map[ElementType]float64{}, extent: map[string]int64{}}
		for _, msg := range tt.tensors {
			if err := r.tensor(msg); err != nil {
				t.Fatal(err)
			}
		}
		if got := r.weightType(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.op, got, tt.want)
		}
	}
}

// What a graph demands of its inputs is served, or refused by name.
func TestCheckInputs(t *testing.T) {
	input := func(name string, dims ...int64) Value { return Value{name, Int64, dims} }
	for _, tt := range []struct {
		inputs []Value
		want   shape
		err    string
	}{
		{inputs: []Value{input(InputIDs, -1, -1), input(AttentionMask, -1, -1)}, want: shape{masked: true}},
		{inputs: []Value{input(InputIDs)}},
		{inputs: []Value{input(InputIDs, 1, 128), input(AttentionMask, 1, 128)}, want: shape{1, 128, true}},
		{inputs: []Value{input(InputIDs, 1, 128)}, err: "no attention_mask"},
		{inputs: []Value{input(InputIDs, 2, -1)}, err: "exactly 2 texts"},
		{inputs: []Value{input(InputIDs, 1, 1<<40), input(AttentionMask, 1, 1<<40)}, err: "more than any model"},
		{inputs: []Value{input(AttentionMask, -1, -1)}, err: "no input input_ids"},
		{inputs: []Value{input("pixel_values", -1, 3)}, err: "pixel_values"},
		{inputs: []Value{input(InputIDs, -1, -1, -1)}, err: "3 dimensions"},
		{inputs: []Value{{InputIDs, Float32, nil}}, err: "float32"},
	} {
		got, err := (&Folder{Graph: &Graph{Inputs: tt.inputs}}).checkInputs()
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%v: error %v, want %q", tt.inputs, err, tt.err)
			}
		} else if err != nil || got != tt.want {
			t.Errorf("%v: %+v, %v; want %+v", tt.inputs, got, err, tt.want)
		}
	}
}

// The header of any bytes gives an error or a graph, and never more.
func FuzzParseModel(f *testing.F) {
	for _, external := range []bool{false, true} {
		dir := f.TempDir()
		spec := testmodel.Small(testmodel.MPNet, "")
		spec.Layers, spec.Hidden, spec.Heads, spec.Intermediate, spec.ExternalData = 1, 2, 1, 2, external
		if err := spec.Write(dir); err != nil {
			f.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, "model.onnx"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		g, _, err := parseModel(data)
		if (g == nil) == (err == nil) {
			t.Errorf("graph %v, error %v", g, err)
		}
		if g != nil {
			folder := &Folder{Graph: g}
			// Neither may crash, whatever the header says.
			_, err1 := folder.checkInputs()
			_, err2 := folder.chooseOutput("")
			_ = err1 != nil || err2 != nil
		}
	})
}
