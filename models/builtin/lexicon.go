package builtin

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
)

// Bounds of a lexicon, so that a hostile one costs an error and not the memory.
const (
	maxConcepts     = 50_000
	maxLexiconTerms = 1_000_000
	maxTermWords    = 8
	maxLexiconLine  = 1 << 20
	maxDepth        = 32  // steps from a concept to the highest above it
	maxAncestors    = 256 // concepts above one
)

// ancestorDecay is how much of a concept's weight each step up keeps; a
// concept with several parents shares it among them by the square root, so
// that the squares sum to the same.
const ancestorDecay = 0.6

// A Concept is one line of the lexicon.
type Concept struct {
	Name    string
	Parents []int    // indices into Lexicon.Concepts
	Terms   []string // as Words gives them, joined by a space; the name comes first
	Source  string   // file:line
}

// A Lexicon says which words and phrases belong to which concepts. It is
// never changed once it is parsed and may be used by several goroutines.
type Lexicon struct {
	Concepts []Concept      // in the order of the files
	byName   map[string]int // lower case
	called   map[int]string // concepts of a user's file ▸ what they are called there
	terms    map[string][]int
	up       [][]Weighted
	english  map[string]string // term of another language ▸ English term
	function []string          // function words of other languages
	none     map[string]bool   // English words that are no terms, whatever their stems are
}

// Weighted is a concept and a weight from 0 to 1.
type Weighted struct {
	Concept int
	Weight  float64
}

// A LexiconError says what is wrong with a line of a lexicon.
type LexiconError struct {
	Source string // file:line
	Reason string
	How    string // what to do about it; "" is how a line reads
}

func (e *LexiconError) Error() string { return e.Source + ": " + e.Reason }

// Hint says what to do about it.
func (e *LexiconError) Hint() string {
	if e.How != "" {
		return e.How
	}
	return "a line of a lexicon reads \"concept < parent, parent: member, member\""
}

// ParseLexicon reads the *.txt files of fsys, in the order of their names.
// Each line is "concept < parent, parent: member, member"; the parents may be
// left out, "#" begins a comment line. A concept is a term of itself. Words of
// other languages are in translations.tsv and function-words.tsv, if those are
// there.
func ParseLexicon(fsys fs.FS) (*Lexicon, error) {
	names, err := fs.Glob(fsys, "*.txt")
	if err != nil {
		return nil, err
	}
	lex, err := parseFiles(fsys, names)
	if err != nil {
		return nil, err
	}
	if err := lex.readTranslations(fsys); err != nil {
		return nil, err
	}
	return lex, lex.readFunctionWords(fsys)
}

// ParseConcepts reads a single file of a lexicon, such as a model's list of
// concepts, in which members may be left out.
func ParseConcepts(fsys fs.FS, name string) (*Lexicon, error) {
	return parseFiles(fsys, []string{name})
}

func parseFiles(fsys fs.FS, names []string) (*Lexicon, error) {
	lex := &Lexicon{terms: make(map[string][]int), byName: make(map[string]int)}
	var parents [][]string
	terms := 0
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		sc := bufio.NewScanner(bytes.NewReader(data))
		sc.Buffer(nil, maxLexiconLine)
		line := 0
		for sc.Scan() {
			line++
			text := strings.TrimSpace(sc.Text())
			if text == "" || text[0] == '#' {
				continue
			}
			src := fmt.Sprintf("%s:%d", path.Base(name), line)
			c, ps, err := parseConcept(text, src)
			if err != nil {
				return nil, err
			}
			if at, ok := lex.byName[c.Name]; ok {
				return nil, &LexiconError{Source: src, Reason: fmt.Sprintf("concept %q is already at %s", c.Name, lex.Concepts[at].Source)}
			}
			if terms += len(c.Terms); terms > maxLexiconTerms || len(lex.Concepts) >= maxConcepts {
				return nil, &LexiconError{Source: src, Reason: fmt.Sprintf("more than %d terms or %d concepts", maxLexiconTerms, maxConcepts)}
			}
			lex.byName[c.Name] = len(lex.Concepts)
			lex.Concepts = append(lex.Concepts, c)
			parents = append(parents, ps)
		}
		if err := sc.Err(); err != nil {
			return nil, &LexiconError{Source: fmt.Sprintf("%s:%d", path.Base(name), line+1), Reason: err.Error()}
		}
	}
	for i, ps := range parents {
		if err := lex.addParents(i, ps, lex.Concepts[i].Source); err != nil {
			return nil, err
		}
	}
	if err := lex.link(); err != nil {
		return nil, err
	}
	for i, c := range lex.Concepts {
		for _, t := range c.Terms {
			lex.terms[t] = append(lex.terms[t], i)
		}
	}
	return lex, nil
}

// addParents adds parents to a concept, by their names, as src says.
func (l *Lexicon) addParents(concept int, names []string, src string) error {
	c := &l.Concepts[concept]
	for _, p := range names {
		at, ok := l.byName[p]
		if !ok {
			return &LexiconError{Source: src, Reason: fmt.Sprintf("concept %q has the parent %q, which is nowhere", c.Name, p)}
		}
		if !slices.Contains(c.Parents, at) {
			c.Parents = append(slices.Clip(c.Parents), at) // another lexicon may have the same ones
		}
		if len(c.Parents) > maxAncestors {
			return tooManyAbove(c.Name, src)
		}
	}
	return nil
}

func tooManyAbove(concept, src string) error {
	return &LexiconError{Source: src, Reason: fmt.Sprintf("concept %q has more than %d concepts above it", concept, maxAncestors)}
}

// splitLine takes a line of a lexicon apart: the concept as it is written, its
// parents in lower case, and its members as they are written.
func splitLine(text, src string) (name string, parents []string, members string, err error) {
	head, members, ok := strings.Cut(text, ":")
	if !ok {
		return "", nil, "", &LexiconError{Source: src, Reason: "no colon between concept and members"}
	}
	name, above, _ := strings.Cut(head, "<")
	name = strings.Join(strings.Fields(name), " ")
	if len(Words(name)) == 0 {
		return "", nil, "", &LexiconError{Source: src, Reason: "no concept before the colon"}
	}
	for p := range strings.SplitSeq(above, ",") {
		if p = strings.Join(strings.Fields(strings.ToLower(p)), " "); p != "" {
			parents = append(parents, p)
		}
	}
	return name, parents, members, nil
}

func parseConcept(text, src string) (Concept, []string, error) {
	name, parents, members, err := splitLine(text, src)
	if err != nil {
		return Concept{}, nil, err
	}
	name = strings.ToLower(name)
	c := Concept{Name: name, Source: src}
	seen := make(map[string]bool)
	add := func(term string) {
		w := Words(term)
		if len(w) == 0 || len(w) > maxTermWords {
			return
		}
		if t := strings.Join(w, " "); !seen[t] {
			seen[t] = true
			c.Terms = append(c.Terms, t)
		}
	}
	add(name)
	for m := range strings.SplitSeq(members, ",") {
		if len(Words(m)) > maxTermWords {
			return Concept{}, nil, &LexiconError{Source: src, Reason: fmt.Sprintf("the member %q has more than %d words", strings.TrimSpace(m), maxTermWords)}
		}
		add(m)
	}
	return c, parents, nil
}

// link finds the ancestors of each concept and refuses cycles.
func (l *Lexicon) link() error {
	const (
		unseen = iota
		open
		done
	)
	state := make([]byte, len(l.Concepts))
	l.up = make([][]Weighted, len(l.Concepts))
	depth := make([]int, len(l.Concepts))
	var visit func(i int) error
	visit = func(i int) error {
		switch state[i] {
		case done:
			return nil
		case open:
			return &LexiconError{Source: l.Concepts[i].Source, Reason: fmt.Sprintf("concept %q is its own ancestor", l.Concepts[i].Name)}
		}
		state[i] = open
		c := &l.Concepts[i]
		weights := map[int]float64{i: 1}
		for _, p := range c.Parents {
			if err := visit(p); err != nil {
				return err
			}
			// Deeper than any real tree; a chain of all concepts would have
			// ancestors without end.
			if depth[i] = max(depth[i], depth[p]+1); depth[i] > maxDepth {
				return &LexiconError{Source: c.Source, Reason: fmt.Sprintf("concept %q is more than %d steps below the highest", c.Name, maxDepth)}
			}
			share := ancestorDecay / math.Sqrt(float64(len(c.Parents)))
			for _, a := range l.up[p] {
				weights[a.Concept] = max(weights[a.Concept], a.Weight*share)
			}
		}
		if len(weights) > maxAncestors {
			return tooManyAbove(c.Name, c.Source)
		}
		for a, w := range weights {
			l.up[i] = append(l.up[i], Weighted{a, w})
		}
		slices.SortFunc(l.up[i], func(a, b Weighted) int { return a.Concept - b.Concept })
		state[i] = done
		return nil
	}
	for i := range l.Concepts {
		if err := visit(i); err != nil {
			return err
		}
	}
	return nil
}

// Lookup returns the concepts of a term, given as its words joined by a
// space, in the order of the lexicon; nil where it is not a term. A single
// word that is not a term itself is looked up by its stems.
func (l *Lexicon) Lookup(term string) []int {
	if c := l.terms[term]; c != nil || l.none[term] || strings.Contains(term, " ") {
		return c
	}
	for _, s := range Stems(term) {
		if c := l.terms[s]; c != nil {
			return c
		}
	}
	return nil
}

// Find returns the concept of that name, in lower case, and whether there is
// one.
func (l *Lexicon) Find(name string) (int, bool) {
	i, ok := l.byName[name]
	return i, ok
}

// UserName is what a user calls a concept, and whether the user's file names it.
func (l *Lexicon) UserName(concept int) (string, bool) {
	name, ok := l.called[concept]
	return name, ok
}

// Ancestors returns a concept and all above it, with a weight of 1 for the
// concept itself and less for each step up, in the order of the lexicon.
func (l *Lexicon) Ancestors(concept int) []Weighted { return l.up[concept] }

// Terms returns every term, sorted.
func (l *Lexicon) Terms() []string {
	out := make([]string, 0, len(l.terms))
	for t := range l.terms {
		out = append(out, t)
	}
	slices.Sort(out)
	return out
}

// Without returns a lexicon that lacks the terms for which drop says true; the
// concepts stay, their names too where those are no such terms.
func (l *Lexicon) Without(drop func(term string) bool) *Lexicon {
	out := *l
	out.Concepts = slices.Clone(l.Concepts)
	for i := range out.Concepts {
		out.Concepts[i].Terms = slices.DeleteFunc(slices.Clone(out.Concepts[i].Terms), drop)
	}
	out.terms = maps.Clone(l.terms)
	maps.DeleteFunc(out.terms, func(term string, _ []int) bool { return drop(term) })
	return &out
}

// LexiconDigest is "sha256:…" over the lexicon's files, names and bytes.
func LexiconDigest(fsys fs.FS) (string, error) {
	names, err := fs.Glob(fsys, "*.t[xs][tv]")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return "", err
		}
		h.Write(fmt.Appendf(nil, "%s %d\n", name, len(data)))
		h.Write(data)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}
