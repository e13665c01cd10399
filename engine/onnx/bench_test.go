//go:build cgo

package onnx_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	ort "github.com/yalue/onnxruntime_go"

	"sheaf/engine/tokenizer"
	"sheaf/engine/transformer"
	"sheaf/internal/testmodel"
	"sheaf/internal/testmodel/check"
)

// BenchmarkEmbed embeds texts of mixed lengths at MiniLM's shape, and reports
// tokens a second and the share of the floor: what the graph alone needs for
// the same ids, packed without any padding. The two take turns, so that a busy
// machine disturbs both; the best turn of each counts.
func BenchmarkEmbed(b *testing.B) {
	open := open(b)
	dir := check.Write(b, testmodel.MiniLM())
	texts := check.Mixed(1, 400)
	e := open.Must(b, dir, transformer.Options{})
	f := newFloor(b, dir, texts)
	f.run(b)
	var ours, floor time.Duration
	for b.Loop() {
		start := time.Now()
		check.Embed(b, e, texts)
		took := time.Since(start)
		if ours == 0 || took < ours {
			ours = took
		}
		b.StopTimer()
		start = time.Now()
		f.run(b)
		took = time.Since(start)
		if floor == 0 || took < floor {
			floor = took
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(f.tokens)/ours.Seconds(), "tokens/s")
	b.ReportMetric(float64(len(texts))/ours.Seconds(), "texts/s")
	b.ReportMetric(float64(floor)/float64(ours), "of-floor")
}

// BenchmarkOpen loads a model in MiniLM's shape.
func BenchmarkOpen(b *testing.B) {
	open := open(b)
	dir := check.Write(b, testmodel.MiniLM())
	for b.Loop() {
		e, err := open(dir, transformer.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// floor is session.Run alone: all tensors are made beforehand, each batch has
// texts of one length, and as many batches as processors are computed at once.
type floor struct {
	session *ort.DynamicAdvancedSession
	batches [][]ort.Value // input_ids, attention_mask, token_type_ids, output
	tokens  int
}

// floorBatchTokens was the quickest of 256, 512, 1024, 2048 and 4096.
const floorBatchTokens = 1024

func newFloor(b *testing.B, dir string, texts []string) *floor {
	data, err := os.ReadFile(filepath.Join(dir, "tokenizer.json"))
	if err != nil {
		b.Fatal(err)
	}
	tok, err := tokenizer.Parse(data)
	if err != nil {
		b.Fatal(err)
	}
	spec := testmodel.MiniLM()
	head, tail := tok.Special()
	byLength := map[int][][]uint32{}
	for _, text := range texts {
		ids := tok.AppendIDs(nil, text)
		ids = ids[:min(len(ids), spec.MaxTokens-2)]
		ids = slices.Concat(head, ids, tail)
		byLength[len(ids)] = append(byLength[len(ids)], ids)
	}
	f := &floor{}
	var lengths []int
	for n := range byLength {
		lengths = append(lengths, n)
	}
	slices.SortFunc(lengths, func(a, b int) int { return b - a })
	for _, n := range lengths {
		for batch := range slices.Chunk(byLength[n], max(floorBatchTokens/n, 1)) {
			f.add(b, batch, n, spec.Hidden)
		}
	}
	f.session = newFloorSession(b, filepath.Join(dir, "model.onnx"))
	return f
}

func (f *floor) add(b *testing.B, batch [][]uint32, length, hidden int) {
	n := len(batch) * length
	f.tokens += n
	ids, mask, types := make([]int64, 0, n), make([]int64, n), make([]int64, n)
	for _, row := range batch {
		for _, id := range row {
			ids = append(ids, int64(id))
		}
	}
	for i := range mask {
		mask[i] = 1
	}
	shape := ort.NewShape(int64(len(batch)), int64(length))
	var values []ort.Value
	for _, data := range [][]int64{ids, mask, types} {
		v, err := ort.NewTensor(shape, data)
		if err != nil {
			b.Fatal(err)
		}
		values = append(values, v)
	}
	out, err := ort.NewEmptyTensor[float32](ort.NewShape(int64(len(batch)), int64(length), int64(hidden)))
	if err != nil {
		b.Fatal(err)
	}
	f.batches = append(f.batches, append(values, out))
}

// newFloorSession sets the session up as the quickest of what was tried: a
// thread for each batch, no pattern of memory.
func newFloorSession(b *testing.B, path string) *ort.DynamicAdvancedSession {
	opts, err := ort.NewSessionOptions()
	if err != nil {
		b.Fatal(err)
	}
	defer opts.Destroy()
	if err := opts.SetIntraOpNumThreads(1); err != nil {
		b.Fatal(err)
	}
	if err := opts.SetMemPattern(false); err != nil {
		b.Fatal(err)
	}
	s, err := ort.NewDynamicAdvancedSession(path, []string{"input_ids", "attention_mask", "token_type_ids"}, []string{"last_hidden_state"}, opts)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Destroy() })
	return s
}

func (f *floor) run(b *testing.B) {
	next := make(chan []ort.Value)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for v := range next {
				if err := f.session.Run(v[:3], v[3:]); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for _, v := range f.batches {
		next <- v
	}
	close(next)
	wg.Wait()
}

// A batch of 512-token texts at gte-large's shape adds at most 400 MB to what
// the loaded model takes.
func TestPeakMemory(t *testing.T) {
	if os.Getenv("SHEAF_VERIFY") == "" {
		t.Skip("writes and loads 1.3 GB; set SHEAF_VERIFY=1")
	}
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	dir := check.Write(t, testmodel.GTELarge())
	needLibrary(t)
	e := open(t).Must(t, dir, transformer.Options{})
	loaded := check.Memory(t, "VmRSS")
	// 5 sets the peak back (proc_pid_clear_refs).
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Skip(err)
	}
	texts := check.Mixed(2, 6)
	for i := range texts {
		for len(texts[i]) < 6000 {
			texts[i] += texts[i]
		}
	}
	emb, err := e.Embed(context.Background(), texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(emb.Truncated) != len(texts) {
		t.Fatalf("only %d of %d texts have 512 tokens", len(emb.Truncated), len(texts))
	}
	grown := check.Memory(t, "VmHWM") - loaded
	t.Logf("loaded %d MB, at most %d MB more while embedding", loaded>>20, grown>>20)
	if grown > 400<<20 {
		t.Errorf("embedding takes %d MB beside the loaded model", grown>>20)
	}
}
