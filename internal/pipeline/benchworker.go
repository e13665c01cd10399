package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/engine"
	"sheaf/engine/adapt"
	"sheaf/engine/static"
	"sheaf/engine/tokenizer"
	"sheaf/internal/bench"
	"sheaf/internal/hint"
	"sheaf/models"
)

// BenchWorker reads a job, measures its model and writes the measurement. An
// error of the model is in the measurement. in stays open as long as somebody
// waits for it: a comparison that was killed leaves nobody behind who goes on
// measuring, and takes time from the next one.
func BenchWorker(ctx context.Context, in io.Reader, out io.Writer) error {
	var job bench.Job
	if err := json.NewDecoder(in).Decode(&job); err != nil {
		return hint.Errorf("run sheaf bench, which runs this command", "no job on standard input: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, in) // however it ends
		cancel()
	}()
	m, err := MeasureModel(ctx, &job)
	if err != nil {
		m = &bench.Measurement{Model: job.Model, Error: err.Error(), Hint: hint.Of(err)}
	}
	return json.NewEncoder(out).Encode(m)
}

// latencyTexts is how many texts are embedded alone, after as many to warm up as
// a tenth of them.
const latencyTexts = 200

// MeasureModel measures a model in this process.
func MeasureModel(ctx context.Context, job *bench.Job) (*bench.Measurement, error) {
	c := &Common{Model: job.Model, ModelHome: job.ModelHome, RuntimeDir: job.RuntimeDir, Provider: job.Provider, Threads: job.Threads, Seed: job.Seed}
	start := time.Now()
	emb, err := openModel(c, nil)
	if err != nil {
		return nil, err
	}
	defer emb.Close() // it was only read from
	first := ""
	for _, s := range job.Sets {
		if len(s.Texts) > 0 {
			first = s.Texts[0]
		}
	}
	if _, err := emb.Embed(ctx, []string{first}, nil); err != nil { // some models load when there is work
		return nil, err
	}
	info := emb.Info()
	m := &bench.Measurement{
		Model: job.Model, Digest: info.Digest, Backend: info.Backend, Provider: info.Provider, DType: info.DType, Dim: info.Dim,
		LoadSeconds: time.Since(start).Seconds(),
	}
	if err := latencies(ctx, emb, job, m); err != nil {
		return nil, err
	}
	cpu, _ := bench.Usage()
	vectors := make([]*engine.Embeddings, len(job.Sets))
	for i, s := range job.Sets {
		start := time.Now()
		if vectors[i], err = emb.Embed(ctx, s.Texts, nil); err != nil {
			return nil, err
		}
		m.EmbedSeconds += time.Since(start).Seconds()
		m.Texts += len(s.Texts)
	}
	after, peak := bench.Usage()
	m.CPUSeconds, m.PeakMemory = after-cpu, peak
	if m.Tokens, err = countTokens(emb, job); err != nil {
		return nil, err
	}
	if !job.Quality {
		return m, nil
	}
	for i := range job.Sets {
		s, err := evaluate(ctx, emb, vectors[i], &job.Sets[i], job)
		if err != nil {
			return nil, err
		}
		m.Sets = append(m.Sets, *s)
	}
	return m, nil
}

// latencies embeds texts one by one.
func latencies(ctx context.Context, emb engine.Embedder, job *bench.Job, m *bench.Measurement) error {
	var texts []string
	for _, s := range job.Sets {
		n := max(1, latencyTexts/len(job.Sets))
		for i := range min(n, len(s.Texts)) {
			texts = append(texts, s.Texts[i*len(s.Texts)/min(n, len(s.Texts))])
		}
	}
	var seconds []float64
	for i, text := range append(texts[:len(texts)/10:len(texts)/10], texts...) {
		start := time.Now()
		if _, err := emb.Embed(ctx, []string{text}, nil); err != nil {
			return err
		}
		if i >= len(texts)/10 {
			seconds = append(seconds, time.Since(start).Seconds())
		}
	}
	slices.Sort(seconds)
	for i, q := range []float64{0.5, 0.95, 0.99} {
		m.Latency[i] = seconds[min(len(seconds)-1, int(q*float64(len(seconds))))]
	}
	return nil
}

// countTokens counts the tokens of all texts as the model reads them.
func countTokens(emb engine.Embedder, job *bench.Job) (int, error) {
	n := 0
	if model, ok := emb.(*static.Model); ok {
		var buf []uint32
		for _, s := range job.Sets {
			for _, text := range s.Texts {
				buf = model.AppendTokens(buf[:0], text)
				n += len(buf)
			}
		}
		return n, nil
	}
	at, err := models.Find(job.Model, job.ModelHome)
	if err != nil {
		return 0, err
	}
	raw, err := os.ReadFile(filepath.Join(at.Dir, "tokenizer.json"))
	if err != nil {
		return 0, err
	}
	t, err := tokenizer.Parse(raw)
	if err != nil {
		return 0, fmt.Errorf("tokenizer.json: %w", err)
	}
	var buf []uint32
	for _, s := range job.Sets {
		for _, text := range s.Texts {
			buf, _ = t.AppendSequence(buf[:0], text, emb.Info().MaxTokens)
			n += len(buf)
		}
	}
	return n, nil
}

// evaluate scores the vectors of a set: as the model gives them, or for sheaf's
// own protocol fitted to the collection as sheaf notes does.
func evaluate(ctx context.Context, emb engine.Embedder, e *engine.Embeddings, set *bench.Set, job *bench.Job) (*bench.Score, error) {
	d := e.Vectors.Cols
	at, texts := make([]int, 0, len(set.Texts)), make([]string, 0, len(set.Texts))
	kept := blas32.General{Cols: d, Stride: d, Data: e.Vectors.Data[:0]}
	for i, text := range set.Texts {
		if _, empty := slices.BinarySearch(e.Empty, i); empty {
			continue
		}
		kept.Data = append(kept.Data, e.Vectors.Data[i*e.Vectors.Stride:][:d]...)
		at, texts = append(at, i), append(texts, text)
	}
	kept.Rows = len(at)
	if kept.Rows < 2 {
		return nil, hint.Errorf("choose another model or other texts", "%s: only %d of %d texts have a word that %q knows", set.Name, kept.Rows, len(set.Texts), job.Model)
	}
	if model, ok := emb.(*static.Model); ok && job.Protocol == bench.Sheaf {
		v, _, err := adapt.Apply(ctx, &engine.Embeddings{Vectors: kept}, emb.Info(), texts, model, adapt.Options{Threads: job.Threads})
		if err != nil {
			return nil, err
		}
		kept = v
	}
	return bench.Evaluate(ctx, kept, at, set, job)
}
