package report

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// EncodeCentroid returns v as base64 (RFC 4648, with padding) of its elements
// as little-endian IEEE 754 numbers of 32 bits.
func EncodeCentroid(v []float32) string {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return base64.StdEncoding.EncodeToString(b)
}

// DecodeCentroid is the inverse of [EncodeCentroid]. An empty string, a broken
// one and one with an infinite element or a NaN are errors.
func DecodeCentroid(s string) ([]float32, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("centroid: %w", err)
	}
	if len(b) == 0 {
		return nil, errors.New("centroid: it is empty")
	}
	if len(b)%4 != 0 {
		return nil, fmt.Errorf("centroid: %d bytes are no whole number of elements", len(b))
	}
	v := make([]float32, len(b)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		if !finite(float64(v[i])) {
			return nil, fmt.Errorf("centroid: element %d is %v", i, v[i])
		}
	}
	return v, nil
}
