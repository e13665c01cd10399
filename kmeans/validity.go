package kmeans

import (
	"context"
	"math"
	"slices"
)

// ScoreOptions says how to score a clustering. The zero value works.
type ScoreOptions struct {
	// Weights is how much each row counts: n values ≥ 0, not all zero. nil
	// means 1 for each row. In a silhouette it is how much the row counts in
	// the mean over all rows and in the mean distances of other rows; its
	// own copies say nothing of how well it fits and are left out of its a.
	Weights []float32
	// Threads is the number of goroutines that work at the same time. 0
	// means GOMAXPROCS. It has no influence on the result.
	Threads int
}

// SimplifiedSilhouette returns the weighted mean over the rows of
//
//	s = (b−a) / max(a, b)
//
// where a is the Euclidean distance of a row to the centroid of its cluster
// and b that to the nearest of the other centroids; −1 to 1, higher is better.
// A row alone in its cluster has s = 0, as has one with a = b = 0. (Hruschka,
// de Castro & Campello 2004, "Evolutionary algorithms for clustering
// gene-expression data"; the distances to centroids stand for the mean
// distances to members of Rousseeuw's silhouette.)
//
// X is n×d, centroids k×d with k ≥ 2, labels[i] in [0, k). It takes O(n·k·d)
// time. Above 16 clusters the squared b comes from a score in float32 where
// that one's proven error is less than a thousandth of it; what has been seen
// is 1e-6 in the result. Up to 16 it is measured in float64.
func SimplifiedSilhouette(ctx context.Context, X []float32, n, d int, labels []int32, centroids []float32, k int, opts ScoreOptions) (float64, error) {
	checkShape("centroids", centroids, k, d)
	sc, err := newScorer(ctx, X, n, d, labels, k, opts)
	if err != nil {
		return 0, err
	}
	if err := checkRows(centroids, k, d, "centroid"); err != nil {
		return 0, err
	}
	mean, _, err := sc.simplified(ctx, centroids)
	return mean, err
}

// Silhouette returns the weighted mean over the rows of
//
//	s = (b−a) / max(a, b)
//
// where a is the mean Euclidean distance of a row to the other rows of its
// cluster and b the least, over the other clusters, of its mean distance to
// their rows; −1 to 1, higher is better. A row alone in its cluster has s = 0.
// (Rousseeuw 1987, "Silhouettes: a graphical aid to the interpretation and
// validation of cluster analysis".)
//
// X is n×d, labels[i] in [0, k), k ≥ 2. It takes O(n²·d) time: fit for a few
// thousand rows.
func Silhouette(ctx context.Context, X []float32, n, d int, labels []int32, k int, opts ScoreOptions) (float64, error) {
	sc, err := newScorer(ctx, X, n, d, labels, k, opts)
	if err != nil {
		return 0, err
	}
	return sc.silhouette(ctx, func(i int, out []float64) {
		x := sc.p.row(i)
		for j := range out {
			out[j] = math.Sqrt(sc.p.pool.sqDist(x, sc.p.row(j)))
		}
	})
}

// CalinskiHarabasz returns the ratio
//
//	(B / (k−1)) / (W / (n−k))
//
// of the dispersion between clusters, B = Σⱼ nⱼ‖cⱼ−c‖², to that within them, W
// = Σᵢ‖xᵢ−c₍ᵢ₎‖², where cⱼ is the mean of cluster j, c that of all rows, and n
// the total weight, so that weights are to be counts: with a total below k the
// ratio is negative. Otherwise it is 0 and up, higher is better. Where W = 0 it is 1, as in
// scikit-learn. Clusters without weight do not count towards k. (Calinski &
// Harabasz 1974, "A dendrite method for cluster analysis".)
//
// X is n×d, labels[i] in [0, k), k ≥ 2. It takes O(n·d) time.
func CalinskiHarabasz(ctx context.Context, X []float32, n, d int, labels []int32, k int, opts ScoreOptions) (float64, error) {
	sc, err := newScorer(ctx, X, n, d, labels, k, opts)
	if err != nil {
		return 0, err
	}
	if err := sc.means(ctx); err != nil {
		return 0, err
	}
	return sc.calinskiHarabasz(), nil
}

// DaviesBouldin returns the mean over the clusters i of
//
//	max over j≠i of (sᵢ+sⱼ) / ‖cᵢ−cⱼ‖
//
// where cᵢ is the mean of cluster i and sᵢ the mean Euclidean distance of its
// rows to it; 0 and up, lower is better. Pairs of clusters with the same mean
// are passed over, as in scikit-learn, and so are clusters without weight.
// (Davies & Bouldin 1979, "A cluster separation measure".)
//
// X is n×d, labels[i] in [0, k), k ≥ 2. It takes O(n·d + k²·d) time.
func DaviesBouldin(ctx context.Context, X []float32, n, d int, labels []int32, k int, opts ScoreOptions) (float64, error) {
	sc, err := newScorer(ctx, X, n, d, labels, k, opts)
	if err != nil {
		return 0, err
	}
	if err := sc.means(ctx); err != nil {
		return 0, err
	}
	return sc.daviesBouldin(), nil
}

// scoreError is how large the proven error of a score may be for a silhouette
// to take it, as a part of the squared distance. The real one is far smaller.
const scoreError = 1e-3

// measuredK is up to how many clusters all distances are measured.
const measuredK = 16

// A scorer scores one labelling of points.
type scorer struct {
	pool   pool
	p      *points
	k      int
	labels []int32
	weight []float64 // of each cluster
	total  float64

	c      []float64 // means, k×d
	within []float64 // Σ w·‖x−c‖² of each cluster
	spread []float64 // Σ w·‖x−c‖ of each cluster
}

func newScorer(ctx context.Context, x []float32, n, d int, labels []int32, k int, opts ScoreOptions) (*scorer, error) {
	checkShape("X", x, n, d)
	if len(labels) != n {
		panic("kmeans: len(labels) is not n")
	}
	if opts.Weights != nil && len(opts.Weights) != n {
		panic("kmeans: len(Weights) is not n")
	}
	if k < 2 {
		return nil, inputErrorf("score two clusters or more", "kmeans: %d clusters cannot be scored", k)
	}
	if n == 0 {
		return nil, inputErrorf("give at least one row", "kmeans: no rows to score")
	}
	for _, j := range labels {
		if j < 0 || int(j) >= k {
			panic("kmeans: a label is not in [0, k)")
		}
	}
	pl, err := newPool(opts.Threads)
	if err != nil {
		return nil, err
	}
	p, err := newPoints(ctx, pl, x, n, d, opts.Weights)
	if err != nil {
		return nil, err
	}
	return score(pl, p, labels, k), nil
}

func score(pl pool, p *points, labels []int32, k int) *scorer {
	sc := &scorer{pool: pl, p: p, k: k, labels: labels, weight: make([]float64, k)}
	for i, j := range labels {
		sc.weight[j] += p.weight(i)
	}
	for _, w := range sc.weight {
		sc.total += w
	}
	return sc
}

// mean returns the weighted mean of f over the rows, summed in an order that
// depends on n alone.
func (sc *scorer) mean(ctx context.Context, f func(worker, i int) float64) (float64, error) {
	n := sc.p.n
	sums := make([]float64, blocks(n, blockRows))
	err := sc.pool.each(ctx, len(sums), func(worker, b int) {
		for i := b * blockRows; i < min(n, (b+1)*blockRows); i++ {
			sums[b] += float64(sc.p.weight(i) * f(worker, i))
		}
	})
	if err != nil {
		return 0, err
	}
	var sum float64
	for _, v := range sums {
		sum += v
	}
	return sum / sc.total, nil
}

func silhouetteOf(a, b float64) float64 {
	if m := max(a, b); m > 0 {
		return (b - a) / m
	}
	return 0
}

// simplified returns the mean and its standard error. The distance to the
// other centroid is that of the score, unless its error could show.
func (sc *scorer) simplified(ctx context.Context, c []float32) (mean, stdErr float64, err error) {
	p, n, d := sc.p, sc.p.n, sc.p.d
	ps := newPanels(sc.pool, sc.k, d)
	ps.set(c, p.mean)
	values := make([]float64, n)
	err = ps.topTwo(ctx, p, 1, func(i int, label int32, best, second float32) {
		own := sc.labels[i]
		if w := p.weight(i); w == 0 || sc.weight[own] <= w {
			return
		}
		if label != own {
			second = best
		}
		x := p.row(i)
		a, b := p.pool.sqDist(x, c[int(own)*d:(int(own)+1)*d]), sqFromScore(p, i, second)
		if sc.k <= measuredK || !(ps.errorBound(p, i) < scoreError*b) {
			b = math.Inf(1)
			for j := range sc.k {
				if j != int(own) {
					b = min(b, p.pool.sqDist(x, c[j*d:(j+1)*d]))
				}
			}
		}
		values[i] = silhouetteOf(math.Sqrt(a), math.Sqrt(b))
	})
	if err != nil {
		return 0, 0, err
	}
	var square float64
	for i, v := range values {
		w := p.weight(i)
		mean += float64(w * v)
		square += float64(float64(w*v) * v)
	}
	mean /= sc.total
	return mean, math.Sqrt(max(0, square/sc.total-float64(mean*mean)) / float64(n)), nil
}

// silhouette takes the distances of row i to every row from dist.
func (sc *scorer) silhouette(ctx context.Context, dist func(i int, out []float64)) (float64, error) {
	n := sc.p.n
	rows := make([][]float64, sc.pool.threads)
	perCluster := make([][]float64, sc.pool.threads)
	return sc.mean(ctx, func(worker, i int) float64 {
		own := sc.labels[i]
		others := sc.weight[own] - sc.p.weight(i)
		if others <= 0 {
			return 0
		}
		if rows[worker] == nil {
			rows[worker] = make([]float64, n)
			perCluster[worker] = make([]float64, sc.k)
		}
		row, sum := rows[worker], perCluster[worker]
		dist(i, row)
		clear(sum)
		for j, v := range row {
			sum[sc.labels[j]] += float64(sc.p.weight(j) * v)
		}
		b := math.Inf(1)
		for j, v := range sum {
			if j != int(own) && sc.weight[j] > 0 {
				b = min(b, v/sc.weight[j])
			}
		}
		if math.IsInf(b, 1) {
			return 0 // there is only one cluster
		}
		return silhouetteOf(sum[own]/others, b)
	})
}

// groupRows returns the rows by label, then by index, and where each label
// starts among them.
func groupRows(labels []int32, k int) (order []int32, start []int) {
	order, start = make([]int32, len(labels)), make([]int, k+1)
	for _, j := range labels {
		start[j+1]++
	}
	for j := 1; j <= k; j++ {
		start[j] += start[j-1]
	}
	next := slices.Clone(start)
	for i, j := range labels {
		order[next[j]] = int32(i)
		next[j]++
	}
	return order, start
}

// means fills c, within and spread; a cluster belongs to one goroutine.
func (sc *scorer) means(ctx context.Context) error {
	k, d := sc.k, sc.p.d
	order, start := groupRows(sc.labels, k)
	sc.c = make([]float64, k*d)
	sc.within, sc.spread = make([]float64, k), make([]float64, k)
	return sc.pool.each(ctx, k, func(_, j int) {
		if sc.weight[j] == 0 {
			return
		}
		c := sc.c[j*d : (j+1)*d]
		for _, i := range order[start[j]:start[j+1]] {
			w := sc.p.weight(int(i))
			for t, v := range sc.p.row(int(i)) {
				c[t] += float64(w * float64(v))
			}
		}
		for t := range c {
			c[t] /= sc.weight[j]
		}
		for _, i := range order[start[j]:start[j+1]] {
			var sq float64
			for t, v := range sc.p.row(int(i)) {
				e := float64(v) - c[t]
				sq += float64(e * e)
			}
			w := sc.p.weight(int(i))
			sc.within[j] += float64(w * sq)
			sc.spread[j] += float64(w * math.Sqrt(sq))
		}
	})
}

func (sc *scorer) calinskiHarabasz() float64 {
	d := sc.p.d
	centre := make([]float64, d)
	for j, w := range sc.weight {
		for t := range centre {
			centre[t] += float64(w / sc.total * sc.c[j*d+t])
		}
	}
	var between, within, k float64
	for j, w := range sc.weight {
		if w == 0 {
			continue
		}
		k++
		within += sc.within[j]
		between += float64(w * sqDist64(sc.c[j*d:(j+1)*d], centre))
	}
	if within == 0 || k < 2 {
		return 1
	}
	return between * (sc.total - k) / (within * (k - 1))
}

func (sc *scorer) daviesBouldin() float64 {
	d := sc.p.d
	var sum, k float64
	for i, wi := range sc.weight {
		if wi == 0 {
			continue
		}
		k++
		var worst float64
		for j, wj := range sc.weight {
			if j == i || wj == 0 {
				continue
			}
			if apart := math.Sqrt(sqDist64(sc.c[i*d:(i+1)*d], sc.c[j*d:(j+1)*d])); apart > 0 {
				worst = max(worst, (sc.spread[i]/wi+sc.spread[j]/wj)/apart)
			}
		}
		sum += worst
	}
	return sum / k
}
