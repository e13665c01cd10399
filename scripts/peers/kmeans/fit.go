package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"
	"unsafe"

	"sheaf/kmeans"
)

// A measure is one line of JSON of one fit, of ours or a peer's.
type measure struct {
	Wall       float64 `json:"wall"`
	CPU        float64 `json:"cpu"`
	Inertia    float64 `json:"inertia"`
	Iterations int     `json:"iterations"`
	Data       float64 `json:"data"` // megabytes of X
	Peak       float64 `json:"peak"` // megabytes resident at most
	Digest     string  `json:"digest"`
}

func usage() (cpu, peakMB float64) {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return math.NaN(), math.NaN()
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(r.Utime) + seconds(r.Stime), float64(r.Maxrss) / 1024
}

// readNpy reads a file of writeNpy, straight into the rows.
func readNpy(name string) (x []float32, n, d int, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, 0, err
	}
	defer f.Close()
	start := make([]byte, 10)
	if _, err := io.ReadFull(f, start); err != nil {
		return nil, 0, 0, err
	}
	header := make([]byte, binary.LittleEndian.Uint16(start[8:]))
	if _, err := io.ReadFull(f, header); err != nil {
		return nil, 0, 0, err
	}
	if _, err := fmt.Sscanf(string(header), "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", &n, &d); err != nil {
		return nil, 0, 0, err
	}
	x = make([]float32, n*d)
	_, err = io.ReadFull(f, unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x)))
	return x, n, d, err
}

// fit is one process of ours: FILE K SEED.
func fit(args []string) error {
	x, n, d, k, seed, err := fitArgs(args)
	if err != nil {
		return err
	}
	before, _ := usage()
	start := time.Now()
	r, err := kmeans.Fit(context.Background(), x, n, d, kmeans.Options{K: k, Seed: seed})
	if err != nil {
		return err
	}
	wall := time.Since(start).Seconds()
	after, peak := usage()
	h := fnv.New64a()
	for _, v := range []any{r.Centroids, r.Labels, r.Distances, r.Inertia} {
		if err := binary.Write(h, binary.LittleEndian, v); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(measure{
		Wall: wall, CPU: after - before, Inertia: r.Inertia, Iterations: r.Iterations,
		Data: 4 * float64(len(x)) / (1 << 20), Peak: peak, Digest: fmt.Sprintf("%016x", h.Sum64()),
	})
}

func fitArgs(args []string) (x []float32, n, d, k int, seed uint64, err error) {
	if len(args) != 3 {
		return nil, 0, 0, 0, 0, errors.New("usage: FILE K SEED")
	}
	if x, n, d, err = readNpy(args[0]); err != nil {
		return
	}
	if k, err = strconv.Atoi(args[1]); err != nil {
		return
	}
	seed, err = strconv.ParseUint(args[2], 10, 64)
	return
}

// cancel is one process that cancels fits at several times: FILE K SEED. It
// prints the longest wait in milliseconds.
func cancel(args []string) error {
	x, n, d, k, seed, err := fitArgs(args)
	if err != nil {
		return err
	}
	var longest time.Duration
	for _, after := range []time.Duration{50, 150, 400, 900, 1600, 2500, 3500, 6000, 9000, 12000, 15000} {
		ctx, stop := context.WithCancel(context.Background())
		var at time.Time
		timer := time.AfterFunc(after*time.Millisecond, func() { at = time.Now(); stop() })
		_, err := kmeans.Fit(ctx, x, n, d, kmeans.Options{K: k, Seed: seed})
		end := time.Now()
		timer.Stop()
		if errors.Is(err, context.Canceled) {
			longest = max(longest, end.Sub(at))
		} else if err != nil {
			return err
		}
		stop()
	}
	fmt.Printf("%.1f\n", float64(longest)/1e6)
	return nil
}

// pass is one process that times passes without bounds on one thread and two,
// in turn: FILE K SEED. It prints the median ratio.
func pass(args []string) error {
	x, n, d, k, _, err := fitArgs(args)
	if err != nil {
		return err
	}
	c := x[:k*d]
	var ratios []float64
	for range 7 {
		var took [3]float64
		for threads := 1; threads <= 2; threads++ {
			start := time.Now()
			if _, err := kmeans.Assign(context.Background(), x, n, d, c, k, kmeans.AssignOptions{Threads: threads}); err != nil {
				return err
			}
			took[threads] = time.Since(start).Seconds()
		}
		ratios = append(ratios, took[1]/took[2])
	}
	fmt.Printf("%.3f\n", median(ratios))
	return nil
}

func median(v []float64) float64 {
	s := slices.Clone(v)
	slices.Sort(s)
	if len(s) == 0 {
		return math.NaN()
	}
	return s[len(s)/2]
}
