package bench

// randomState is numpy's RandomState for a whole number as its seed: the
// Mersenne Twister MT19937 (Matsumoto & Nishimura 1998) and numpy's ways to draw
// from it, number for number. What scikit-learn draws, it draws too.
type randomState struct {
	key [624]uint32
	at  int
}

func newRandomState(seed uint32) *randomState {
	r := &randomState{at: len(randomState{}.key)}
	for i := range r.key {
		r.key[i] = seed
		seed = 1812433253*(seed^seed>>30) + uint32(i) + 1
	}
	return r
}

// next is the next 32 bits.
func (r *randomState) next() uint32 {
	const n, m = 624, 397
	if r.at == n {
		for i := range n {
			y := r.key[i]&0x80000000 | r.key[(i+1)%n]&0x7fffffff
			r.key[i] = r.key[(i+m)%n] ^ y>>1 ^ -(y&1)&0x9908b0df
		}
		r.at = 0
	}
	y := r.key[r.at]
	r.at++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// uniform is at least 0 and below 1: random_sample.
func (r *randomState) uniform() float64 {
	a, b := r.next()>>5, r.next()>>6
	return (float64(a)*(1<<26) + float64(b)) / (1 << 53)
}

// below is a number below n, which is at least 1: randint.
func (r *randomState) below(n int) int {
	most := uint32(n - 1)
	if most == 0 {
		return 0
	}
	mask := most
	for shift := 1; shift < 32; shift *= 2 {
		mask |= mask >> shift
	}
	for {
		if v := r.next() & mask; v <= most {
			return int(v)
		}
	}
}

// rows draws m numbers below n, each anew.
func (r *randomState) rows(n, m int) []int {
	out := make([]int, m)
	for i := range out {
		out[i] = r.below(n)
	}
	return out
}

// permutation is the numbers below n in another order.
func (r *randomState) permutation(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j := r.below(i + 1)
		out[i], out[j] = out[j], out[i]
	}
	return out
}
