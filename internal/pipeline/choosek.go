package pipeline

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"sheaf/internal/quality"
	"sheaf/internal/report"
	"sheaf/kmeans"
)

// How the number of clusters is chosen. The search over k says which numbers
// explain the data as well as the best, within a standard error; of these that
// one is taken whose clusters come out most alike on subsamples. Nothing in
// this is fitted to labelled data but the search's own penalty. The range that
// is suggested is the widest one about it whose ends are a factor of two apart:
// on labelled collections the number of groups lay within a factor of 1.5 of
// the search's about three times in four, and in the narrower range of what
// scores alike only somewhat more than every other time.
const (
	subsamples     = 4
	subsampleShare = 0.8
	subsampleRows  = 5000 // of more, these are drawn before
	rangeRatio     = math.Sqrt2
)

// choice is a number of clusters and what it was chosen by.
type choice struct {
	*kmeans.SearchResult
	k         int             // what is suggested; SearchResult.K is the best by score alone
	low, high int             // the range that is suggested
	stability map[int]float64 // by k, where it was looked at: mean adjusted Rand index of subsamples
}

// chooseK looks for a number of clusters of the n rows of X, n×d. Stability is
// found for the numbers that score alike, and for those that also says.
func chooseK(ctx context.Context, X []float32, n, d int, weights []float32, also func(*kmeans.SearchResult) []int, c *Common) (*choice, error) {
	found, err := kmeans.Search(ctx, X, n, d, kmeans.SearchOptions{
		Seed: c.Seed, Weights: weights, Threads: c.Threads,
		Progress: func(p kmeans.Progress) { c.progress(Clustering, p.Done, p.Total) },
	})
	if err != nil {
		return nil, err
	}
	out := &choice{SearchResult: found, k: found.K, low: found.K, high: found.K, stability: make(map[int]float64)}
	if found.K < 2 {
		return out, nil
	}
	var ks, ties []int
	for _, cand := range found.Candidates {
		if cand.K >= found.Low && cand.K <= found.High {
			ties = append(ties, cand.K)
		}
	}
	ks = ties
	if also != nil {
		ks = slices.Compact(slices.Sorted(slices.Values(append(also(found), ties...))))
	}
	if len(ks) > 1 {
		if err := out.measure(ctx, X, n, d, weights, ks, c); err != nil {
			return nil, err
		}
	}
	for _, k := range ties {
		// Of equals, the one that scores higher, which is the search's own.
		if out.stability[k] > out.stability[out.k]+1e-9 {
			out.k = k
		}
	}
	out.low, out.high = int(math.Ceil(float64(out.k)/rangeRatio)), int(math.Floor(float64(out.k)*rangeRatio))
	return out, nil
}

// measure finds the stability of each of ks.
func (ch *choice) measure(ctx context.Context, X []float32, n, d int, weights []float32, ks []int, c *Common) error {
	pool := make([]int, n)
	for i := range pool {
		pool[i] = i
	}
	if n > subsampleRows {
		pool = rand.New(rand.NewPCG(c.Seed, math.MaxUint64-1)).Perm(n)[:subsampleRows]
		slices.Sort(pool)
	}
	samples := quality.Subsamples(len(pool), subsamples, subsampleShare, c.Seed)
	restarts := 1
	if n <= 500 {
		restarts = 5
	}
	for done, k := range ks {
		c.progress(Clustering, done, len(ks))
		var labels [][]int32
		for _, rows := range samples {
			if len(rows) <= k {
				break // nothing to compare
			}
			x, w := make([]float32, 0, len(rows)*d), make([]float32, 0, len(rows))
			for _, r := range rows {
				i := pool[r]
				x, w = append(x, X[i*d:(i+1)*d]...), append(w, weights[i])
			}
			res, err := kmeans.Fit(ctx, x, len(rows), d, kmeans.Options{K: k, Seed: c.Seed, Weights: w, Threads: c.Threads, Restarts: restarts, RelTol: 1e-3})
			if err != nil {
				return err
			}
			of := make([]int32, len(pool))
			for i := range of {
				of[i] = quality.Absent
			}
			for i, r := range rows {
				of[r] = res.Labels[i]
			}
			labels = append(labels, of)
		}
		if len(labels) > 1 {
			ch.stability[k] = quality.Stable(labels).ARI
		}
	}
	return nil
}

// searchWarnings says what weakens a number of clusters that was searched for;
// its bound is the search's own.
func searchWarnings(found *kmeans.SearchResult) []string {
	w := slices.Clone(found.Warnings)
	if found.Bounded {
		w = append(w, fmt.Sprintf("the best number of groups is the largest that was tried, %d; more may be better, and -k takes any", found.K))
	}
	return w
}

// candidates are the values of k that were looked at, for the result.
func (ch *choice) candidates() []report.KCandidate {
	out := make([]report.KCandidate, len(ch.Candidates))
	for i, c := range ch.Candidates {
		out[i] = report.KCandidate{K: c.K, Score: c.Score}
		if s, ok := ch.stability[c.K]; ok {
			out[i].Stability = &s
		}
	}
	return out
}
