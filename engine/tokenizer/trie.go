package tokenizer

// trie is a double-array trie over bytes (Aoe, "An efficient digital search
// algorithm by using a double-array structure", 1989): a step down is one look
// at one node. Measured against hashing the beginnings of words it was 1.3 to
// 1.6 times as fast, and it finds all of them in one pass.
type trie struct {
	nodes []trieNode
	keys  int // number of distinct keys
}

// trieNode is a node: the child by byte c stands at base+c, if that node says
// that it is this one's.
type trieNode struct {
	base   int32
	parent int32 // -1 in a free place
	value  int32 // of the key that ends here, or -1
}

const (
	trieRoot = 0
	alphabet = 256
	// tryPlaces is how many of the last places a node with several children
	// is tried in before it gets new ones. What is left free in between is
	// filled with the nodes that have one child: most of them.
	tryPlaces = 64
)

// child returns the child of a node by byte c; false where there is none.
func (t *trie) child(node int32, c byte) (int32, bool) {
	next := t.nodes[node].base + int32(c)
	return next, int(next) < len(t.nodes) && t.nodes[next].parent == node
}

// descend returns the node that s leads to from a node.
func (t *trie) descend(node int32, s string) (int32, bool) {
	for i := range len(s) {
		next, ok := t.child(node, s[i])
		if !ok {
			return 0, false
		}
		node = next
	}
	return node, true
}

// longest returns the value and the length of the longest key below node that
// s begins with; the length is 0 where there is none.
func (t *trie) longest(node int32, s string) (value int32, n int) {
	nodes := t.nodes
	for i := range len(s) {
		next := nodes[node].base + int32(s[i])
		if int(next) >= len(nodes) || nodes[next].parent != node {
			break
		}
		node = next
		if v := nodes[node].value; v >= 0 {
			value, n = v, i+1
		}
	}
	return value, n
}

// trieGroup is keys that agree up to depth, and the node they led to.
type trieGroup struct {
	keys  []int32
	depth int32
	node  int32
}

// onlyChild is a child that waits for a free place.
type onlyChild struct {
	group trieGroup // the group's node is the parent
	c     byte
}

// trieBuilder holds what is needed only while a trie is made.
type trieBuilder struct {
	trie
	text    []byte
	places  []place
	free    int         // there is no free place before this one
	groups  []trieGroup // to be looked at
	pending []onlyChild // to be placed when there are no groups
	bytes   []byte      // the children that are being placed
	below   []trieGroup // and the keys below each
	sorted  []int32     // scratch of sort
}

// newTrie makes a trie of the keys that stand at places in text; a key has the
// value of the same index. Of equal keys the last one counts.
func newTrie(text []byte, places []place, values []uint32) trie {
	// No child has one of the first places, so that no base is negative.
	b := trieBuilder{text: text, places: places, free: alphabet}
	b.nodes = make([]trieNode, 0, len(text)/2+2*alphabet)
	b.extend(alphabet)
	keys := make([]int32, len(places))
	for i := range keys {
		keys[i] = int32(i)
	}
	b.groups = append(b.groups, trieGroup{keys, 0, trieRoot})
	for len(b.groups) > 0 || len(b.pending) > 0 {
		if n := len(b.groups); n > 0 {
			g := b.groups[n-1]
			b.groups = b.groups[:n-1]
			b.addGroup(g, values)
			continue
		}
		n := len(b.pending)
		p := b.pending[n-1]
		b.pending = b.pending[:n-1]
		b.bytes, b.below = append(b.bytes[:0], p.c), append(b.below[:0], p.group)
		b.place(p.group.node, b.nextFree())
	}
	return b.trie
}

// addGroup gives a node its value and its children.
func (b *trieBuilder) addGroup(g trieGroup, values []uint32) {
	rest := g.keys[:0]
	ends := int32(-1)
	for _, k := range g.keys {
		if p := b.places[k]; int64(p.end-p.start) == int64(g.depth) {
			ends = k
		} else {
			rest = append(rest, k)
		}
	}
	if ends >= 0 {
		b.nodes[g.node].value = int32(values[ends])
		b.keys++
	}
	if len(rest) == 0 {
		return
	}
	if b.agree(rest, g.depth) {
		b.pending = append(b.pending, onlyChild{trieGroup{rest, g.depth + 1, g.node}, b.byteAt(rest[0], g.depth)})
		return
	}
	b.sort(rest, g.depth)
	b.bytes, b.below = b.bytes[:0], b.below[:0]
	for from, to := 0, 0; from < len(rest); from = to {
		c := b.byteAt(rest[from], g.depth)
		for to = from; to < len(rest) && b.byteAt(rest[to], g.depth) == c; {
			to++
		}
		b.bytes, b.below = append(b.bytes, c), append(b.below, trieGroup{keys: rest[from:to], depth: g.depth + 1})
	}
	b.place(g.node, b.fit())
}

func (b *trieBuilder) byteAt(key, depth int32) byte {
	return b.text[b.places[key].start+uint32(depth)]
}

// agree reports whether keys have the same byte at depth.
func (b *trieBuilder) agree(keys []int32, depth int32) bool {
	first := b.byteAt(keys[0], depth)
	for _, k := range keys[1:] {
		if b.byteAt(k, depth) != first {
			return false
		}
	}
	return true
}

// sort sorts keys by their byte at depth; equal ones keep their order.
func (b *trieBuilder) sort(keys []int32, depth int32) {
	if len(keys) <= 16 {
		for i := 1; i < len(keys); i++ {
			k := keys[i]
			c := b.byteAt(k, depth)
			j := i
			for ; j > 0 && b.byteAt(keys[j-1], depth) > c; j-- {
				keys[j] = keys[j-1]
			}
			keys[j] = k
		}
		return
	}
	var starts [alphabet + 1]int32
	for _, k := range keys {
		starts[int(b.byteAt(k, depth))+1]++
	}
	for c := range alphabet {
		starts[c+1] += starts[c]
	}
	b.sorted = append(b.sorted[:0], keys...)
	for _, k := range b.sorted {
		c := b.byteAt(k, depth)
		keys[starts[c]] = k
		starts[c]++
	}
}

// nextFree returns the first free place.
func (b *trieBuilder) nextFree() int {
	for ; b.free < len(b.nodes); b.free++ {
		if b.nodes[b.free].parent < 0 {
			return b.free
		}
	}
	return b.free
}

// fit returns a place for the first of the children, such that there is room
// for the others too.
func (b *trieBuilder) fit() int {
	b.nextFree()
	for at := max(b.free, len(b.nodes)-tryPlaces); at < len(b.nodes); at++ {
		if b.fits(at - int(b.bytes[0])) {
			return at
		}
	}
	return len(b.nodes)
}

func (b *trieBuilder) fits(base int) bool {
	for _, c := range b.bytes {
		if at := base + int(c); at < len(b.nodes) && b.nodes[at].parent >= 0 {
			return false
		}
	}
	return true
}

// place puts the children of a node, the first of them at a place, and leaves
// their keys to be looked at.
func (b *trieBuilder) place(parent int32, at int) {
	base := at - int(b.bytes[0])
	b.extend(base + int(b.bytes[len(b.bytes)-1]) + 1)
	b.nodes[parent].base = int32(base)
	for i, c := range b.bytes {
		b.nodes[base+int(c)] = trieNode{parent: parent, value: -1}
		b.below[i].node = int32(base + int(c))
	}
	b.groups = append(b.groups, b.below...)
}

// extend makes sure that there are n places.
func (b *trieBuilder) extend(n int) {
	for len(b.nodes) < n {
		b.nodes = append(b.nodes, trieNode{parent: -1, value: -1})
	}
}
