//go:build cgo

package onnx_test

import (
	"context"
	"fmt"
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
// the same ids, packed beforehand. The two take turns, so that a busy machine
// disturbs both; of-floor compares what a clock on the wall shows, of-floor-cpu
// the processor's time.
func BenchmarkEmbed(b *testing.B) {
	open := open(b)
	dir := check.Write(b, testmodel.MiniLM())
	for _, n := range []int{400, 2000} {
		b.Run(fmt.Sprintf("texts=%d", n), func(b *testing.B) {
			texts := check.Mixed(1, n)
			e := open.Must(b, dir, transformer.Options{})
			f := quickestFloor(b, dir, texts)
			var r check.Rounds
			for b.Loop() {
				r.Round(b, func() { check.Embed(b, e, texts) }, func() { f.run(b) })
			}
			ours, _ := r.Mean()
			b.ReportMetric(float64(f.tokens)/ours.Seconds(), "tokens/s")
			b.ReportMetric(float64(n)/ours.Seconds(), "texts/s")
			b.ReportMetric(r.Wall(), "of-floor")
			b.ReportMetric(r.CPU(), "of-floor-cpu")
		})
	}
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

// floor is session.Run alone: all tensors are made beforehand, and as many
// batches as processors are computed at once.
type floor struct {
	session *ort.DynamicAdvancedSession
	batches [][]ort.Value // input_ids, attention_mask, token_type_ids, output
	tokens  int           // without padding
}

// quickestFloor is the one of several packings that takes the least of the
// processor's time: more padding makes fuller batches.
func quickestFloor(b *testing.B, dir string, texts []string) *floor {
	session := newFloorSession(b, filepath.Join(dir, "model.onnx"))
	var best *floor
	var least time.Duration
	for _, padding := range []float64{0, 1.0 / 32, 1.0 / 16} {
		for _, tokens := range []int{512, 1024} {
			f := newFloor(b, session, dir, texts, tokens, padding)
			f.run(b)
			start := check.CPUTime(b)
			f.run(b)
			if took := check.CPUTime(b) - start; best == nil || took < least {
				best, least = f, took
				b.Logf("floor with up to %d tokens in %d batches, %.3f padding: %v", tokens, len(f.batches), padding, took)
			}
		}
	}
	return best
}

// newFloor packs the texts, longest first, into batches of at most so many
// tokens, in which padding takes at most that share of a row.
func newFloor(b *testing.B, session *ort.DynamicAdvancedSession, dir string, texts []string, most int, padding float64) *floor {
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
	rows := make([][]uint32, 0, len(texts))
	f := &floor{session: session}
	for _, text := range texts {
		ids := tok.AppendIDs(nil, text)
		ids = slices.Concat(head, ids[:min(len(ids), spec.MaxTokens-2)], tail)
		rows, f.tokens = append(rows, ids), f.tokens+len(ids)
	}
	slices.SortStableFunc(rows, func(a, b []uint32) int { return len(b) - len(a) })
	for len(rows) > 0 {
		longest, n := len(rows[0]), 1
		for n < len(rows) && (n+1)*longest <= most && float64(longest-len(rows[n])) <= padding*float64(longest) {
			n++
		}
		f.add(b, rows[:n], longest, spec.Hidden)
		rows = rows[n:]
	}
	return f
}

func (f *floor) add(b *testing.B, batch [][]uint32, length, hidden int) {
	n := len(batch) * length
	ids, mask, types := make([]int64, n), make([]int64, n), make([]int64, n)
	for r, row := range batch {
		for i, id := range row {
			ids[r*length+i], mask[r*length+i] = int64(id), 1
		}
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
