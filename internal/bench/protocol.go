package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"gonum.org/v1/gonum/blas/blas32"

	"sheaf/internal/hint"
	"sheaf/internal/quality"
	"sheaf/kmeans"
)

// A Protocol is how vectors are clustered to be compared with labels.
type Protocol string

// The protocols. The first two are those of MTEB (Muennighoff et al. 2023,
// "MTEB: Massive Text Embedding Benchmark"; Enevoldsen et al. 2025, "MMTEB") as
// far as they go for one set of texts, on the vectors as the model gives them.
// Sheaf's own is what sheaf notes does: vectors fitted to the collection, and
// its k-means.
const (
	MTEBv1 Protocol = "mteb-v1" // mini-batch k-means of batches of 500, k the number of labels; the mean of ten seeds
	MTEBv2 Protocol = "mteb-v2" // the mean of ten draws of 16,384 texts with putting back, batches of 512
	Sheaf  Protocol = "sheaf"
)

const (
	mtebRuns   = 10
	v1Batch    = 500
	v2Batch    = 512
	v2Draw     = 16_384
	v1Inits    = 3 // scikit-learn's default at the time of MTEB's first version
	v2Inits    = 1 // "auto"
	resamples  = 200
	subsamples = 4
	subShare   = 0.8
)

// Protocols are the names there are.
func Protocols() []string { return []string{string(Sheaf), string(MTEBv1), string(MTEBv2)} }

// ParseProtocol returns the protocol of that name; "" is sheaf's own.
func ParseProtocol(name string) (Protocol, error) {
	for _, p := range Protocols() {
		if p == name {
			return Protocol(p), nil
		}
	}
	if name == "" {
		return Sheaf, nil
	}
	return "", hint.Errorf("choose one of "+strings.Join(Protocols(), ", "), "unknown protocol %q", name)
}

// Evaluate scores vectors of a set, n×d, as the job's protocol has it. Texts
// without a vector are not among them: at says where each row stands in the set.
func Evaluate(ctx context.Context, v blas32.General, at []int, set *Set, job *Job) (*Score, error) {
	if set.Labels == nil {
		return unlabelled(ctx, v, at, set, job)
	}
	labels := make([]string, len(at))
	for i, a := range at {
		labels[i] = set.Labels[a]
	}
	k := (&Set{Labels: labels}).K()
	if k > v.Rows {
		return nil, fmt.Errorf("%s: %d groups of %d texts", set.Name, k, v.Rows)
	}
	s := &Score{Set: set.Name, K: k}
	var runs []float64
	add := func(labels []string, clusters []int32) {
		t := quality.Cross(labels, clusters)
		runs = append(runs, t.VMeasure().V)
		s.AMI += t.AMI(quality.Arithmetic)
		s.ARI += t.ARI()
		s.Accuracy += t.Accuracy()
	}
	switch job.Protocol {
	case MTEBv1:
		for r := range mtebRuns {
			c, err := miniBatch(ctx, v.Data, v.Rows, v.Cols, miniBatchOptions{K: k, BatchSize: v1Batch, Inits: v1Inits, Seed: uint32(job.Seed) + uint32(r), Threads: job.Threads})
			if err != nil {
				return nil, err
			}
			add(labels, c)
		}
	case MTEBv2:
		rng := rand.New(rand.NewPCG(job.Seed, 2))
		for r := range mtebRuns {
			drawn, of := make([]int, v2Draw), make([]string, v2Draw)
			for i := range drawn {
				drawn[i] = rng.IntN(v.Rows)
				of[i] = labels[drawn[i]]
			}
			c, err := miniBatch(ctx, rows(v.Data, v.Cols, drawn), v2Draw, v.Cols, miniBatchOptions{K: k, BatchSize: v2Batch, Inits: v2Inits, Seed: uint32(job.Seed) + uint32(r), Threads: job.Threads})
			if err != nil {
				return nil, err
			}
			add(of, c)
		}
	default:
		res, err := kmeans.Fit(ctx, v.Data, v.Rows, v.Cols, kmeans.Options{K: k, Seed: job.Seed, Threads: job.Threads})
		if err != nil {
			return nil, err
		}
		add(labels, res.Labels)
		in := quality.Bootstrap(v.Rows, quality.BootstrapOptions{Resamples: resamples, Seed: job.Seed, Center: true}, func(rows []int) float64 {
			a, b := make([]string, len(rows)), make([]int32, len(rows))
			for i, r := range rows {
				a[i], b[i] = labels[r], res.Labels[r]
			}
			return quality.VMeasure(a, b).V
		})
		s.V = &in
	}
	n := float64(len(runs))
	s.AMI, s.ARI, s.Accuracy = s.AMI/n, s.ARI/n, s.Accuracy/n
	if s.V == nil {
		in := quality.Bootstrap(len(runs), quality.BootstrapOptions{Seed: job.Seed}, func(rows []int) float64 {
			sum := 0.0
			for _, r := range rows {
				sum += runs[r]
			}
			return sum / float64(len(rows))
		})
		s.V = &in
	}
	return s, nil
}

// unlabelled scores clusters by themselves: by their silhouette, and by how
// much they depend on the seed and on which texts there are.
func unlabelled(ctx context.Context, v blas32.General, at []int, set *Set, job *Job) (*Score, error) {
	n, d, k := v.Rows, v.Cols, job.K
	if k > n {
		return nil, hint.Errorf(fmt.Sprintf("use -k auto, or a number up to %d", n), "%s: %d groups of %d texts", set.Name, k, n)
	}
	if k == 0 {
		found, err := kmeans.Search(ctx, v.Data, n, d, kmeans.SearchOptions{Seed: job.Seed, Threads: job.Threads})
		if err != nil {
			return nil, err
		}
		k = found.K
	}
	s := &Score{Set: set.Name, Clusters: absent(len(set.Texts))}
	var seeds, samples [][]int32
	for r := range uint64(3) {
		res, err := kmeans.Fit(ctx, v.Data, n, d, kmeans.Options{K: k, Seed: job.Seed + r, Threads: job.Threads})
		if err != nil {
			return nil, err
		}
		seeds = append(seeds, res.Labels)
		if r > 0 {
			continue
		}
		s.K = res.K
		for i, l := range res.Labels {
			s.Clusters[at[i]] = l
		}
		if res.K > 1 {
			sil, err := kmeans.SimplifiedSilhouette(ctx, v.Data, n, d, res.Labels, res.Centroids, res.K, kmeans.ScoreOptions{Threads: job.Threads})
			if err != nil {
				return nil, err
			}
			s.Silhouette = &sil
		}
	}
	for _, sample := range quality.Subsamples(n, subsamples, subShare, job.Seed) {
		if len(sample) <= k {
			break
		}
		res, err := kmeans.Fit(ctx, rows(v.Data, d, sample), len(sample), d, kmeans.Options{K: k, Seed: job.Seed, Threads: job.Threads, Restarts: 2})
		if err != nil {
			return nil, err
		}
		of := absent(n)
		for i, r := range sample {
			of[r] = res.Labels[i]
		}
		samples = append(samples, of)
	}
	a, b := quality.Stable(seeds), quality.Stable(samples)
	s.Seeds, s.Samples = &a, &b
	return s, nil
}

func absent(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = quality.Absent
	}
	return out
}

// rows copies rows of X, n×d.
func rows(X []float32, d int, at []int) []float32 {
	out := make([]float32, 0, len(at)*d)
	for _, i := range at {
		out = append(out, X[i*d:(i+1)*d]...)
	}
	return out
}
