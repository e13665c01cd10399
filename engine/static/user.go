package static

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"unicode"

	"sheaf/models/builtin"
)

// parentShare is how much of its parents a user's concept has beside its own
// direction, shared among several by the square root, as in the lexicon's
// Ancestors.
const parentShare = 0.6

// A NoConceptsError says that a model has no concepts to which a user's own
// could be added.
type NoConceptsError struct{ Model string }

func (e *NoConceptsError) Error() string {
	return fmt.Sprintf("the model %q has no concepts, and so takes none of a lexicon", e.Model)
}

// Hint says what to do about it.
func (e *NoConceptsError) Hint() string { return "use the built-in model, or leave the lexicon out" }

// userBlock is what a user's own concepts add to a conceptBlock. Their rows are
// after the model's.
type userBlock struct {
	vectors []float32         // of the new concepts, in the order of the lexicon
	moved   map[int][]float32 // model's concepts that have more parents ▸ where they lie now
	phrases phraseIndex       // words too
	weights []float32         // by phrase
}

// vector is that of a new concept.
func (u *userBlock) vector(i, dim int) []float32 { return u.vectors[i*dim : (i+1)*dim] }

// userVector is where the user has put a concept, or nil.
func (c *conceptBlock) userVector(concept int) []float32 {
	switch {
	case c.user == nil:
		return nil
	case concept >= c.table.rows:
		return c.user.vector(concept-c.table.rows, c.table.dim)
	}
	return c.user.moved[concept]
}

// userSpan makes s the user's term that begins where s does, and says whether
// there is one. s is the model's longest phrase there, or the token where it
// has none; of equal length the user's term counts. The general block stays as
// it is.
func (c *conceptBlock) userSpan(s *span, ids []uint32) bool {
	p, n := c.user.phrases.longest(ids[s.start:], c.kinds)
	end := s.start + n
	if n == 0 || end < s.end || c.negated(ids, end) {
		return false
	}
	if end > s.end {
		s.end, s.general = end, -1
	}
	s.row, s.weight = c.user.phrases.rows[p], c.user.weights[p]
	return true
}

// extend adds a user's concepts to the model's. A new concept lies at
//
//	u + 0.6/√p · Σ v  at unit length
//
// with u a random direction by the hash of its name and v the vectors of its p
// parents; of one without parents, v is the mean of what its members mean to
// the model, where they mean anything. Its members share its row, as those of
// the model's concepts do. A concept of the model's to which the user gives
// parents is moved in the same way, u being where it lies.
func (m *Model) extend(user *builtin.UserLexicon) error {
	c := m.concepts
	if c == nil {
		return &NoConceptsError{m.info.Model}
	}
	lex, err := c.lexicon.Extend(user)
	if err != nil {
		return err
	}
	terms, err := m.userTerms(lex, user)
	if err != nil {
		return err
	}
	c.lexicon, c.user = lex, c.place(lex, user, m.spell)
	if err := c.addRows(terms, m.tok.Size()); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(m.info.LexiconDigest + "\n" + user.Digest))
	m.info.LexiconDigest = "sha256:" + hex.EncodeToString(sum[:])
	return nil
}

// spell gives the tokens of a term as they are looked up in texts, or none
// where the model cannot find the term in a text.
func (m *Model) spell(term string) []uint32 {
	ids := m.tok.AppendIDs(nil, term)
	if len(ids) == 0 || m.concepts.kinds[ids[0]] != wordStart || m.unknown >= 0 && slices.Contains(ids, uint32(m.unknown)) {
		return nil
	}
	out := ids[:0]
	for i := 0; i < len(ids); i++ {
		if m.concepts.kinds[ids[i]] != joiner {
			out = append(out, ids[i])
		} else if i+1 < len(ids) && m.concepts.kinds[ids[i+1]] == possessive {
			i++
		}
	}
	return out
}

// A userTerm is a spelling of a user's term and its concepts, ascending.
type userTerm struct {
	tokens   []uint32
	concepts []int32
}

// userTerms are the spellings, and where each is by its tokens.
type userTerms struct {
	terms []userTerm
	at    map[string]int
}

// key is the same for the same tokens.
func key(tokens []uint32) string {
	b := make([]byte, 0, 4*len(tokens))
	for _, id := range tokens {
		b = binary.LittleEndian.AppendUint32(b, id)
	}
	return string(b)
}

func (u *userTerms) find(tokens []uint32) (int, bool) {
	i, ok := u.at[key(tokens)]
	return i, ok
}

func (u *userTerms) add(tokens []uint32, concept int) {
	i, ok := u.find(tokens)
	if !ok {
		i = len(u.terms)
		u.at[key(tokens)] = i
		u.terms = append(u.terms, userTerm{tokens: tokens})
	}
	t := &u.terms[i]
	if place, ok := slices.BinarySearch(t.concepts, int32(concept)); !ok {
		t.concepts = slices.Insert(t.concepts, place, int32(concept))
	}
}

// userTerms gives the user's terms in all their spellings: the words, the term
// as it was written ("AT&T"), and plurals that are no term of their own. Those
// that mean to the model what they mean to the user are left out.
func (m *Model) userTerms(lex *builtin.Lexicon, user *builtin.UserLexicon) ([]userTerm, error) {
	type membership struct {
		concept int
		builtin.Member
		tokens []uint32
	}
	var all []membership
	u := userTerms{at: make(map[string]int)}
	for _, c := range user.Concepts {
		concept, _ := lex.Find(strings.ToLower(c.Name)) // Extend has put all of them there
		for _, member := range c.Members {
			tokens := m.spell(member.Term)
			if tokens == nil || strings.ContainsFunc(member.Term, foreignLetter) {
				return nil, &builtin.LexiconError{
					Source: c.Source, Reason: fmt.Sprintf("the model %q cannot spell the term %q", m.info.Model, member.Written),
					How: "write the term in Latin letters, or leave it out",
				}
			}
			u.add(tokens, concept)
			all = append(all, membership{concept, member, tokens})
		}
	}
	words := len(u.terms)
	known := make([]bool, words)
	for i, t := range u.terms {
		own := m.concepts.conceptsOf(t.tokens)
		known[i] = !slices.ContainsFunc(t.concepts, func(k int32) bool { return !slices.Contains(own, k) })
	}
	// What is there by then goes before what comes after.
	for _, forms := range []func(builtin.Member) []string{
		func(t builtin.Member) []string { return []string{t.Written} },
		func(t builtin.Member) []string { return builtin.Inflections(t.Term)[1:] },
	} {
		before := len(u.terms)
		for _, member := range all {
			if i, _ := u.find(member.tokens); known[i] {
				continue
			}
			for _, form := range forms(member.Member) {
				tokens := m.spell(form)
				if i, ok := u.find(tokens); tokens != nil && (!ok || i >= before) {
					u.add(tokens, member.concept)
				}
			}
		}
	}
	kept := u.terms[:0]
	for i, t := range u.terms {
		if i >= words || !known[i] {
			kept = append(kept, t)
		}
	}
	return kept, nil
}

// foreignLetter says whether r is a letter of a script of which the model has
// letters and hardly a word.
func foreignLetter(r rune) bool {
	return unicode.IsLetter(r) && !unicode.In(r, unicode.Latin, unicode.Common)
}

// conceptsOf returns the concepts that the model's lexicon gives a term.
func (c *conceptBlock) conceptsOf(tokens []uint32) []int32 {
	if s := c.spans(nil, tokens); len(s) == 1 && s[0].end == len(tokens) && c.inLexicon(s[0]) {
		concepts, _ := c.mixtures.row(s[0].row)
		return concepts
	}
	return nil
}

// place says where the concepts lie that lex has beyond the model's, and those
// of the model's that have more parents there.
func (c *conceptBlock) place(lex *builtin.Lexicon, user *builtin.UserLexicon, spell func(string) []uint32) *userBlock {
	dim, model := c.table.dim, c.table.rows
	out := &userBlock{vectors: make([]float32, (len(lex.Concepts)-model)*dim), moved: make(map[int][]float32)}
	members := make(map[int][]builtin.Member)
	for _, uc := range user.Concepts {
		k, _ := lex.Find(strings.ToLower(uc.Name)) // Extend has put all of them there
		members[k] = uc.Members
	}
	done := make([]bool, len(lex.Concepts)-model)
	var vector func(k int) []float32
	under := func(v []float32, parents []int) { // there are no cycles: Extend refuses them
		for _, p := range parents {
			addTo(v, vector(p), float32(parentShare/math.Sqrt(float64(len(parents)))))
		}
		unit(v)
	}
	vector = func(k int) []float32 {
		if k < model {
			v, ok := out.moved[k]
			if !ok {
				v = c.direction(k)
				if more := lex.Concepts[k].Parents[len(c.lexicon.Concepts[k].Parents):]; len(more) > 0 {
					under(v, more)
					out.moved[k] = v
				}
			}
			return v
		}
		v := out.vector(k-model, dim)
		if done[k-model] {
			return v
		}
		done[k-model] = true
		addSigns(v, hash([]rune(strings.ToLower(lex.Concepts[k].Name))))
		unit(v)
		parents := lex.Concepts[k].Parents
		if len(parents) == 0 {
			addTo(v, c.meaning(members[k], spell), parentShare)
		}
		under(v, parents)
		return v
	}
	for k := range lex.Concepts {
		if _, mine := members[k]; mine {
			vector(k)
		}
	}
	return out
}

// meaning is the mean of what the terms mean to the model: each is the mean of
// its words and phrases, and those that mean nothing are left out.
func (c *conceptBlock) meaning(members []builtin.Member, spell func(string) []uint32) []float32 {
	mean := make([]float32, c.table.dim)
	n := 0
	for _, member := range members {
		spans := c.spans(nil, spell(member.Term))
		if !slices.ContainsFunc(spans, c.inLexicon) {
			continue
		}
		n++
		for _, s := range spans {
			if c.inLexicon(s) {
				addTo(mean, c.row(s.row), 1/float32(len(spans)))
			}
		}
	}
	for j := range mean {
		mean[j] /= float32(max(n, 1))
	}
	return mean
}

// addTo adds w times v to dst. The conversion keeps multiplication and addition
// apart on every platform.
func addTo(dst, v []float32, w float32) {
	for j, x := range v {
		dst[j] += float32(w * x)
	}
}

// addRows makes the terms' rows and the index that finds them. Terms of the
// same concepts share a row: the mean of the concepts' vectors over the root of
// its length, so that a term of several counts somewhat less than a clear one.
func (c *conceptBlock) addRows(terms []userTerm, tokens int) error {
	mix := &c.mixtures
	rowOf := make(map[string]int32)
	rows := make([]int32, len(terms))
	for i, t := range terms {
		k := fmt.Sprint(t.concepts)
		row, ok := rowOf[k]
		if !ok {
			row = int32(len(mix.ends))
			rowOf[k] = row
			mean := make([]float32, c.table.dim)
			weight := 1 / float64(len(t.concepts))
			for _, concept := range t.concepts {
				addTo(mean, c.direction(int(concept)), float32(weight))
				mix.concepts, mix.shares = append(mix.concepts, concept), append(mix.shares, math.MaxUint8)
			}
			if l := norm(mean); l > 0 {
				weight /= math.Sqrt(l)
			}
			mix.ends, mix.scales = append(mix.ends, int32(len(mix.concepts))), append(mix.scales, float32(weight/math.MaxUint8))
		}
		rows[i] = row
	}
	c.made = make([]atomic.Pointer[[]float32], len(mix.ends))

	order := make([]int, len(terms))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return slices.Compare(terms[a].tokens, terms[b].tokens) })
	var flat, lengths, sorted []int32
	weights := make([]float32, 0, len(terms))
	for _, i := range order {
		ids := terms[i].tokens
		for _, id := range ids {
			flat = append(flat, int32(id))
		}
		lengths, sorted = append(lengths, int32(len(ids))), append(sorted, rows[i])
		weight := c.weights[ids[0]]
		if len(ids) > 1 {
			weight = phraseWeight(c, ids)
		}
		weights = append(weights, weight)
	}
	index, err := newPhraseIndex(flat, lengths, sorted, tokens)
	if err != nil {
		return err
	}
	c.user.phrases, c.user.weights = index, weights
	return nil
}
