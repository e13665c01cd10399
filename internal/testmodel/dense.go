package testmodel

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"sheaf/engine/static/safetensors"
)

func densePath(i int) string { return fmt.Sprintf("%d_Dense", i+2) }

// writeDense writes the weights of the Dense modules.
func (s *Spec) writeDense(dir string) error {
	in := s.Hidden
	for i, d := range s.Dense {
		rng := rand.New(rand.NewPCG(s.Seed, uint64(i)+0xde45e))
		random := func(n int, spread float64) []float32 {
			values := make([]float32, n)
			for i := range values {
				values[i] = float32((2*rng.Float64() - 1) * spread)
			}
			return values
		}
		tensors := []safetensors.Tensor{safetensors.NewFloat32("linear.weight", random(d.Out*in, 1.2/math.Sqrt(float64(in))), d.Out, in)}
		if !d.NoBias {
			tensors = append(tensors, safetensors.NewFloat32("linear.bias", random(d.Out, 0.05), d.Out))
		}
		if err := writeTensors(filepath.Join(dir, densePath(i)), tensors); err != nil {
			return err
		}
		in = d.Out
	}
	return nil
}

func writeTensors(dir string, tensors []safetensors.Tensor) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, "model.safetensors"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return safetensors.Write(f, tensors)
}
