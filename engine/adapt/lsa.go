package adapt

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
)

// Bounds of the latent semantic analysis.
const (
	lsaDims    = 32     // dimensions, at most
	lsaPerDim  = 4      // documents for each dimension, at least
	lsaSample  = 20_000 // documents it is fitted on, at most
	lsaExtra   = 10     // columns beyond the dimensions (oversampling)
	lsaPowers  = 2      // power iterations
	lsaMinDocs = 2      // a token in fewer documents says nothing of others
)

// lsa is a latent semantic analysis of a collection: tokens in documents,
// weighted by inverse document frequency, brought to a few dimensions by a
// truncated singular value decomposition (Deerwester et al.: Indexing by
// Latent Semantic Analysis, 1990). The decomposition is randomised, with a
// fixed seed (Halko, Martinsson, Tropp: Finding Structure with Randomness,
// 2011, algorithm 4.4), and made on at most lsaSample documents.
type lsa struct {
	column map[uint32]int32 // token ▸ column
	idf    []float64
	axes   *mat.Dense // columns×dims
	dims   int
}

// lsaRow is the i-th of the documents that an analysis of n is fitted on: they are
// evenly spread, so that no part of the collection is left out.
func lsaRow(i, n int) int {
	if n <= lsaSample {
		return i
	}
	return int(int64(i) * int64(n) / lsaSample)
}

// fitLSA fits documents, each given by its tokens. It returns nil where they
// have too little in common for a decomposition.
func fitLSA(ctx context.Context, docs [][]uint32, threads int) (*lsa, error) {
	sampled := make([][]uint32, min(len(docs), lsaSample))
	for i := range sampled {
		sampled[i] = docs[lsaRow(i, len(docs))]
	}
	return fitSample(ctx, sampled, threads)
}

// fitSample is fitLSA on all of some documents.
func fitSample(ctx context.Context, sampled [][]uint32, threads int) (*lsa, error) {
	l := &lsa{column: make(map[uint32]int32)}
	df := make(map[uint32]int)
	for _, d := range sampled {
		for _, t := range distinct(d) {
			df[t]++
		}
	}
	var tokens []uint32
	for t, n := range df {
		if n >= lsaMinDocs && n < len(sampled) { // what is in all of them tells none apart
			tokens = append(tokens, t)
		}
	}
	slices.Sort(tokens)
	for i, t := range tokens {
		l.column[t] = int32(i)
		l.idf = append(l.idf, math.Log(float64(len(sampled))/float64(df[t])))
	}
	l.dims = min(lsaDims, len(sampled)/lsaPerDim, len(tokens)-1)
	if l.dims < 2 {
		return nil, nil
	}
	rows := make([]sparse, len(sampled))
	for i, d := range sampled {
		rows[i] = l.weigh(d)
	}
	cols := transpose(rows, len(tokens))
	if err := l.decompose(ctx, rows, cols, threads); err != nil || l.dims == 0 {
		return nil, err
	}
	return l, nil
}

// decompose finds the right singular vectors of the rows, of which cols is
// the transpose. Where there are none it leaves dims 0.
func (l *lsa) decompose(ctx context.Context, rows, cols []sparse, threads int) error {
	k := min(l.dims+lsaExtra, len(cols), len(rows))
	l.dims = min(l.dims, k)
	rng := rand.New(rand.NewPCG(1, 1))
	omega := mat.NewDense(len(cols), k, nil)
	for i := range len(cols) {
		for j := range omega.RawRowView(i) {
			omega.RawRowView(i)[j] = rng.NormFloat64()
		}
	}
	q := orthonormal(multiply(rows, omega, threads))
	for range lsaPowers {
		if err := ctx.Err(); err != nil {
			return err
		}
		z := orthonormal(multiply(cols, q, threads))
		q = orthonormal(multiply(rows, z, threads))
	}
	// With B = Qᵀ·A, the right singular vectors of A are about Bᵀ·U·S⁻¹, for
	// U and S² the eigenvectors and eigenvalues of B·Bᵀ.
	bt := multiply(cols, q, threads) // columns×k
	var gram mat.SymDense
	gram.SymOuterK(1, bt.T())
	var eig mat.EigenSym
	if !eig.Factorize(&gram, true) {
		l.dims = 0
		return nil
	}
	values := eig.Values(nil)
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	// Eigenvalues ascend; those that are no more than rounding are left out.
	for l.dims > 0 && values[k-l.dims] <= 1e-9*values[k-1] {
		l.dims--
	}
	if l.dims == 0 {
		return nil
	}
	u := mat.NewDense(k, l.dims, nil)
	for j := range l.dims {
		s := math.Sqrt(values[k-1-j])
		for i := range k {
			u.Set(i, j, vectors.At(i, k-1-j)/s)
		}
	}
	l.axes = new(mat.Dense)
	l.axes.Mul(bt, u)
	return nil
}

// place writes where a document lies, at unit length, into dst, which has
// length dims; zero where none of its tokens is in the analysis.
func (l *lsa) place(dst []float64, doc []uint32) {
	clear(dst)
	for _, c := range l.weigh(doc) {
		for j, x := range l.axes.RawRowView(int(c.index)) {
			dst[j] += float64(c.value * x)
		}
	}
	var sum float64
	for _, x := range dst {
		sum += float64(x * x)
	}
	if sum == 0 {
		return
	}
	n := math.Sqrt(sum)
	for j := range dst {
		dst[j] /= n
	}
}

// A sparse is a row's non-zero values, by ascending index.
type sparse []cell

type cell struct {
	index int32
	value float64
}

// weigh is a document's row: how often a token stands in it, against the most
// frequent one, times the inverse document frequency.
func (l *lsa) weigh(doc []uint32) sparse {
	sorted := slices.Clone(doc)
	slices.Sort(sorted)
	var row sparse
	most := 0.0
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		n := float64(j - i)
		most = max(most, n)
		if c, ok := l.column[sorted[i]]; ok {
			row = append(row, cell{c, n * l.idf[c]})
		}
		i = j
	}
	for i := range row {
		row[i].value /= most
	}
	return row
}

func distinct(doc []uint32) []uint32 {
	d := slices.Clone(doc)
	slices.Sort(d)
	return slices.Compact(d)
}

func transpose(rows []sparse, columns int) []sparse {
	out := make([]sparse, columns)
	for i, r := range rows {
		for _, c := range r {
			out[c.index] = append(out[c.index], cell{int32(i), c.value})
		}
	}
	return out
}

// multiply is the product of sparse rows with a dense matrix. Each row is
// summed by one goroutine in the order of its cells, so that the number of
// threads does not show.
func multiply(rows []sparse, m *mat.Dense, threads int) *mat.Dense {
	_, k := m.Dims()
	out := mat.NewDense(len(rows), k, nil)
	each(len(rows), threads, func(i int) {
		dst := out.RawRowView(i)
		for _, c := range rows[i] {
			for j, x := range m.RawRowView(int(c.index)) {
				dst[j] += float64(c.value * x)
			}
		}
	})
	return out
}

// orthonormal is an orthonormal basis of the columns of m, n×k with n ≥ k, by
// Householder QR. It overwrites m.
func orthonormal(m *mat.Dense) *mat.Dense {
	a := m.RawMatrix()
	tau := make([]float64, a.Cols)
	work := make([]float64, 1)
	lapack64.Geqrf(a, tau, work, -1) // asks for the best length of work
	work = make([]float64, int(work[0]))
	lapack64.Geqrf(a, tau, work, len(work))
	lapack64.Orgqr(a, tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack64.Orgqr(a, tau, work, len(work))
	return m
}

// each calls do for 0 to n-1 on several goroutines.
func each(n, threads int, do func(i int)) {
	const block = 256
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(threads, (n+block-1)/block) {
		wg.Go(func() {
			for {
				lo := int(next.Add(block)) - block
				if lo >= n {
					return
				}
				for i := lo; i < min(lo+block, n); i++ {
					do(i)
				}
			}
		})
	}
	wg.Wait()
}
