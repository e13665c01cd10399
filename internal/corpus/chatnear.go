package corpus

import (
	"math"
	"math/bits"
	"strings"
)

// A nearFinder finds conversations that share most of their shingles, the runs of
// three words. It keeps a MinHash signature of each distinct one: the smallest
// hash in each of 128 parts of the hash's range (one permutation hashing, Li,
// Owen, Zhang 2012), an empty part borrowing that of the next full one (Shrivastava
// and Li 2014). The share of equal parts estimates the Jaccard index of the sets,
// with a standard error of at most 1/(2·√128) = 0.045. Which signatures are
// compared is settled by bands (Leskovec, Rajaraman, Ullman, Mining of Massive
// Datasets, section 3.4). It is the same on every machine.
type nearFinder struct {
	similarity float64
	rows       int // parts of a signature that make a band
	signatures []signature
	ids        []string
	bands      map[uint64][]int32 // signatures by the hash of a band
}

const (
	signatureSize = 128
	shingleWords  = 3
	// maxInBand bounds what a single signature is compared with: the first ones.
	maxInBand = 16
)

type signature [signatureSize]uint16

func newNearFinder(similarity float64) *nearFinder {
	f := &nearFinder{similarity: similarity, rows: 1, bands: make(map[uint64][]int32)}
	// The longest bands of which, at the threshold, one is equal in 99 of 100 pairs.
	for rows := 2; rows <= 32; rows *= 2 {
		if 1-math.Pow(1-math.Pow(similarity, float64(rows)), signatureSize/float64(rows)) >= 0.99 {
			f.rows = rows
		}
	}
	return f
}

// find returns the id of the earlier conversation that is nearest to these texts,
// if it is near enough; else it keeps them under id.
func (f *nearFinder) find(id string, texts []string) string {
	sig, ok := signatureOf(texts)
	if !ok {
		return ""
	}
	keys := make([]uint64, 0, signatureSize)
	best, bestEqual := -1, -1
	for at := 0; at < signatureSize; at += f.rows {
		key := uint64(at)
		for _, h := range sig[at : at+f.rows] {
			key = mix(key ^ uint64(h))
		}
		keys = append(keys, key)
		for _, i := range f.bands[key] {
			if equal := equalParts(&f.signatures[i], &sig); equal > bestEqual || equal == bestEqual && int(i) < best {
				best, bestEqual = int(i), equal
			}
		}
	}
	// Parts of 16 bits are equal by chance so seldom that it does not count.
	if best >= 0 && float64(bestEqual) >= f.similarity*signatureSize {
		return f.ids[best]
	}
	next := int32(len(f.ids))
	f.signatures, f.ids = append(f.signatures, sig), append(f.ids, id)
	for _, key := range keys {
		if in := f.bands[key]; len(in) < maxInBand {
			f.bands[key] = append(in, next)
		}
	}
	return ""
}

func equalParts(a, b *signature) (n int) {
	for i := range a {
		if a[i] == b[i] {
			n++
		}
	}
	return n
}

// signatureOf returns the signature of texts with a word in them.
func signatureOf(texts []string) (sig signature, ok bool) {
	var least [signatureSize]uint64 // 0 where there is none
	add := func(h uint64) {
		part, rest := h>>(64-7), h<<7|1
		if least[part] == 0 || rest < least[part] {
			least[part] = rest
		}
		ok = true
	}
	for _, text := range texts {
		var words [shingleWords]uint64
		n := 0
		for word := range strings.FieldsSeq(text) {
			words[n%shingleWords] = hashWord(word)
			if n++; n >= shingleWords {
				add(hashShingle(&words, n))
			}
		}
		if n > 0 && n < shingleWords { // a text of one or two words is one shingle
			add(hashShingle(&words, n))
		}
	}
	if !ok {
		return sig, false
	}
	for i := range sig {
		steps := uint64(0)
		at := i
		for least[at] == 0 {
			at = (at + 1) % signatureSize
			steps++
		}
		sig[i] = uint16(mix(least[at]+steps) >> 48)
	}
	return sig, true
}

// hashShingle hashes the last words, the oldest first, of which there were n.
func hashShingle(words *[shingleWords]uint64, n int) (h uint64) {
	for i := range shingleWords {
		h = mix(bits.RotateLeft64(h, 21) ^ words[(n+i)%shingleWords])
	}
	return h
}

// hashWord is FNV-1a.
func hashWord(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// mix is the finalizer of SplitMix64: every bit of x moves every bit of the
// result.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
