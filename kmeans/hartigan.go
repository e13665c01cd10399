package kmeans

import (
	"context"
	"math"
	"slices"
)

// Hartigan's moves take single rows from one cluster to another as long as
// that lowers the inertia. Taking row x of weight w from cluster a, of weight
// A, and giving it to b, of weight B, changes the inertia by
//
//	w·B/(B+w)·‖x−c_b‖² − w·A/(A−w)·‖x−c_a‖²
//
// (Hartigan 1975, "Clustering algorithms", chapter 4). Both centroids follow
// at once. Lloyd's algorithm stops as soon as each row is nearest to its own
// centroid, which in a small cluster the row itself has drawn towards it; a
// point where no move helps is one of its stops too, but not the other way
// round (Telgarsky & Vattani 2010, "Hartigan's method: k-means clustering
// without Voronoi").

const (
	// hartiganGain is by what part all moves have to lower the inertia to be
	// worth another run of Lloyd's algorithm.
	hartiganGain = 1e-6
	// maxSweeps bounds the times that all rows are looked at.
	maxSweeps = 100
)

// A mover is a clustering while rows move; its centroids are in float64.
type mover struct {
	p      *points
	k      int
	labels []int32
	weight []float64 // of each cluster
	least  float64   // the least of them
	sum    []float64 // weighted sums, k×d
	c      []float64 // sum/weight
	// low[i]−drift bounds the distance of row i to any centroid but its own:
	// drift is how far any centroid has gone so far, at most.
	low   []float64
	drift float64
}

// hartigan returns the centroids after moves, or nil where moves do not help.
func (cl *clustering) hartigan(ctx context.Context) ([]float32, error) {
	if cl.weigh(); cl.spherical || cl.anyEmpty() || cl.k < 2 {
		return nil, nil
	}
	m := newMover(cl)
	var gain float64
	quiet := 0 // rows looked at since the last move
	for range maxSweeps {
		for i := range m.labels {
			if quiet == len(m.labels) {
				break
			}
			quiet++
			if i%blockRows == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if to, g := m.best(i); to >= 0 {
				m.move(i, to)
				gain += g
				quiet = 0
			}
		}
	}
	if !(gain > hartiganGain*cl.inertia()) {
		return nil, nil
	}
	c := make([]float32, len(m.c))
	for i, v := range m.c {
		c[i] = float32(v)
	}
	return c, nil
}

func newMover(cl *clustering) *mover {
	p, k, d := cl.p, cl.k, cl.p.d
	m := &mover{
		p: p, k: k, labels: slices.Clone(cl.labels), weight: slices.Clone(cl.weight),
		sum: make([]float64, k*d), c: make([]float64, k*d), low: make([]float64, p.n),
	}
	m.least = slices.Min(m.weight)
	for i, j := range m.labels {
		w := p.weight(i)
		for t, v := range p.row(i) {
			m.sum[int(j)*d+t] += float64(w * float64(v))
		}
		m.low[i] = float64(cl.lower[i])
	}
	for j := range k {
		var sq float64
		for t := j * d; t < (j+1)*d; t++ {
			m.c[t] = m.sum[t] / m.weight[j]
			e := m.c[t] - float64(cl.c[t])
			sq += float64(e * e)
		}
		m.drift = max(m.drift, math.Sqrt(sq)*up)
	}
	return m
}

func (m *mover) dist(x []float32, j int) float64 {
	c := m.c[j*len(x) : (j+1)*len(x)]
	var s0, s1, s2, s3 float64
	for len(x) >= 4 && len(c) >= 4 {
		a, b, e, f := float64(x[0])-c[0], float64(x[1])-c[1], float64(x[2])-c[2], float64(x[3])-c[3]
		s0 += float64(a * a)
		s1 += float64(b * b)
		s2 += float64(e * e)
		s3 += float64(f * f)
		x, c = x[4:], c[4:]
	}
	for i, v := range x {
		a := float64(v) - c[i]
		s0 += float64(a * a)
	}
	return (s0 + s1) + (s2 + s3)
}

// best returns the cluster to which moving row i lowers the inertia most, and
// by how much, or −1.
func (m *mover) best(i int) (to int, gain float64) {
	w, a := m.p.weight(i), int(m.labels[i])
	if w == 0 || m.weight[a] <= w {
		return -1, 0
	}
	x := m.p.row(i)
	given := w * m.weight[a] / (m.weight[a] - w) * m.dist(x, a)
	if l := m.low[i] - m.drift; l > 0 && w*m.least/(m.least+w)*l*l*down > given {
		return -1, 0
	}
	near := math.Inf(1)
	to, least := -1, given*down
	for b := range m.k {
		if b == a {
			continue
		}
		sq := m.dist(x, b)
		near = min(near, sq)
		if v := w * m.weight[b] / (m.weight[b] + w) * sq; v < least {
			to, least = b, v
		}
	}
	m.low[i] = math.Sqrt(near)*down + m.drift
	return to, given - least
}

func (m *mover) move(i, to int) {
	x, w, from := m.p.row(i), m.p.weight(i), int(m.labels[i])
	d := len(x)
	m.labels[i] = int32(to)
	m.low[i] = 0
	m.weight[from] -= w
	m.weight[to] += w
	m.least = slices.Min(m.weight)
	var fromSq, toSq float64
	for t, v := range x {
		wv := float64(w * float64(v))
		f, g := from*d+t, to*d+t
		m.sum[f] -= wv
		m.sum[g] += wv
		c := m.sum[f] / m.weight[from]
		e := c - m.c[f]
		fromSq += float64(e * e)
		m.c[f] = c
		c = m.sum[g] / m.weight[to]
		e = c - m.c[g]
		toSq += float64(e * e)
		m.c[g] = c
	}
	m.drift += math.Sqrt(max(fromSq, toSq)) * up
}
