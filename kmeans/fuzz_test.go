package kmeans

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"testing"
	"time"
)

// FuzzFit takes the bytes as float32 rows of any kind.
func FuzzFit(f *testing.F) {
	f.Add([]byte{}, uint8(1), uint8(1), uint64(0))
	f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ"), uint8(2), uint8(3), uint64(1))
	var numbers []byte
	for _, v := range []float32{0, 1, 1, -1, 1e18, 1e-40, 0, 1, 1, -1, 3, 3, 3, 4, 5, 6, 7, 1e-20, 2e-20, 0} {
		numbers = binary.LittleEndian.AppendUint32(numbers, math.Float32bits(v))
	}
	f.Add(numbers, uint8(1), uint8(10), uint64(2))
	f.Add(numbers, uint8(2), uint8(9), uint64(3|1<<8))
	f.Add(numbers, uint8(4), uint8(3), uint64(4|1<<9))
	f.Fuzz(func(t *testing.T, b []byte, dim, k uint8, seed uint64) {
		d := 1 + int(dim)%8
		n := min(len(b)/4/d, 40)
		x := make([]float32, n*d)
		for i := range x {
			x[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
		o := Options{K: int(k), Seed: seed, Threads: 1, Spherical: seed&(1<<8) != 0, Restarts: int(seed >> 9 & 1)}
		// Nothing this small takes a second but a loop that does not end.
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		r, err := Fit(ctx, x, n, d, o)
		var bad *InputError
		if errors.As(err, &bad) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		checkResult(t, x, n, d, nil, r)
	})
}
