package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"sync"
)

// A set is a mixture of overlapping groups of unit vectors with a decaying
// spectrum, groups of unequal size and a common offset, as the vectors of
// sentences have.
type set struct {
	name   string
	n, d   int
	groups int     // in truth
	noise  float64 // of a row about its group, relative to the spread of the groups
	decay  float64 // dimension j has a spread of j^−decay
	offset float64 // length of the common offset
	seed   uint64
}

// zipf is the exponent by which the sizes of groups fall.
const zipf = 0.5

var sets = map[string]set{
	"T": {"T", 1_000, 384, 20, 1.2, 0.4, 0.6, 1},
	"A": {"A", 10_000, 384, 50, 1.2, 0.4, 0.6, 1},
	"B": {"B", 100_000, 384, 100, 1.2, 0.4, 0.6, 2},
	"C": {"C", 100_000, 1024, 200, 1.3, 0.35, 0.6, 3},
	"D": {"D", 300_000, 384, 1000, 1.1, 0.35, 0.6, 4},
	"E": {"E", 100_000, 384, 300, 2.5, 0.5, 1.0, 9},
}

// path makes the set's file in dir if it is not there, and returns its name.
func (s set) path(dir string) (string, error) {
	name := filepath.Join(dir, s.name+".npy")
	if _, err := os.Stat(name); err == nil {
		return name, nil
	}
	fmt.Fprintf(os.Stderr, "making set %s: %d×%d\n", s.name, s.n, s.d)
	if err := writeNpy(name+".part", s.rows(), s.n, s.d); err != nil {
		return "", err
	}
	return name, os.Rename(name+".part", name)
}

// rows draws the set. A row's numbers depend on the seed and its place alone.
func (s set) rows() []float32 {
	spread := make([]float64, s.d)
	var sq float64
	for t := range spread {
		spread[t] = math.Pow(float64(t+1), -s.decay)
		sq += spread[t] * spread[t]
	}
	for t := range spread {
		spread[t] /= math.Sqrt(sq)
	}
	rng := rand.New(rand.NewPCG(s.seed, 77))
	common := make([]float64, s.d)
	for t := range common {
		common[t] = rng.NormFloat64() * s.offset / math.Sqrt(float64(s.d))
	}
	centre := make([]float64, s.groups*s.d)
	for i := range centre {
		centre[i] = rng.NormFloat64() * spread[i%s.d]
	}
	upTo := make([]float64, s.groups)
	var total float64
	for g := range upTo {
		total += math.Pow(float64(g+1), -zipf)
		upTo[g] = total
	}
	x := make([]float32, s.n*s.d)
	var wg sync.WaitGroup
	workers := runtime.NumCPU()
	for w := range workers {
		wg.Go(func() {
			row := make([]float64, s.d)
			for i := w; i < s.n; i += workers {
				rng := rand.New(rand.NewPCG(s.seed, uint64(i)*2654435761+1))
				g := min(s.groups-1, sort.SearchFloat64s(upTo, rng.Float64()*total))
				noise := s.noise * math.Exp(0.15*rng.NormFloat64())
				var sq float64
				for t := range row {
					row[t] = common[t] + centre[g*s.d+t] + noise*rng.NormFloat64()*spread[t]
					sq += row[t] * row[t]
				}
				for t, v := range row {
					x[i*s.d+t] = float32(v / math.Sqrt(sq))
				}
			}
		})
	}
	wg.Wait()
	return x
}

// writeNpy writes numpy's format, version 1.0.
func writeNpy(name string, x []float32, n, d int) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", n, d)
	for (10+len(header)+1)%64 != 0 {
		header += " "
	}
	// A Writer keeps its first error until Flush.
	w := bufio.NewWriterSize(f, 1<<20)
	start := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)+1))
	_, _ = w.Write(append(start, header+"\n"...))
	var four [4]byte
	for _, v := range x {
		binary.LittleEndian.PutUint32(four[:], math.Float32bits(v))
		_, _ = w.Write(four[:])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}
