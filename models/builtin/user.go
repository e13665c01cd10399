package builtin

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a user's lexicon. Each concept costs a vector and, in each cluster
// that is named, a score.
const (
	maxUserBytes    = 16 << 20
	maxUserLines    = 100_000
	maxUserConcepts = 10_000
	maxUserTerms    = 200_000
	maxUserParents  = 16
)

// A UserLexicon is a user's own concepts, which a model's lexicon is extended
// by. It is never changed once it is parsed.
type UserLexicon struct {
	Concepts []UserConcept // in the order of the file
	Digest   string        // "sha256:…" of the file's bytes
}

// A UserConcept is one line of a user's lexicon: a new concept, or one of the
// model's that gets more members.
type UserConcept struct {
	Name    string   // as it is written, white space folded
	Parents []string // in lower case; concepts of the user or of the model
	Members []Member // the name first, unless it is a stop word
	Source  string   // file:line
}

// A Member is a term of a user's concept.
type Member struct {
	Term    string // as Words gives it, joined by a space
	Written string // as the user wrote it
}

// ParseUserLexicon reads a user's own concepts, in the lines that ParseLexicon
// reads. name is what errors call the file. Parents are looked up by Extend,
// for they may be a model's.
//
// What is wrong with the text is a *LexiconError: a broken line, a concept
// that is there twice, a member of too many words, a file without a concept,
// one that is no UTF-8 text, and one of more than 16 MiB, 100,000 lines, 10,000
// concepts or 200,000 terms, of which no more than that is read.
func ParseUserLexicon(name string, r io.Reader) (*UserLexicon, error) {
	digest := sha256.New()
	limited := &io.LimitedReader{R: r, N: maxUserBytes + 1}
	sc := bufio.NewScanner(io.TeeReader(limited, digest))
	sc.Buffer(nil, maxLexiconLine)
	user := &UserLexicon{}
	at := make(map[string]string) // lower case ▸ source
	line, terms := 0, 0
	for sc.Scan() {
		line++
		src := fmt.Sprintf("%s:%d", name, line)
		switch {
		case limited.N <= 0:
			return nil, tooMuch(name, "%d bytes", maxUserBytes)
		case line > maxUserLines:
			return nil, tooMuch(name, "%d lines", maxUserLines)
		}
		raw := sc.Bytes()
		if line == 1 {
			raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
		}
		raw = bytes.TrimSpace(raw)
		if reason := notText(raw); reason != "" {
			return nil, &LexiconError{src, reason, "give a text file, saved as UTF-8"}
		}
		if len(raw) == 0 || raw[0] == '#' {
			continue
		}
		c, err := parseUserConcept(string(raw), src)
		if err != nil {
			return nil, err
		}
		key := strings.ToLower(c.Name)
		if first, ok := at[key]; ok {
			return nil, &LexiconError{src, fmt.Sprintf("concept %q is already at %s", c.Name, first), "put all members of a concept on one line"}
		}
		at[key] = src
		if terms += len(c.Members); terms > maxUserTerms {
			return nil, tooMuch(src, "%d terms", maxUserTerms)
		}
		if len(user.Concepts) == maxUserConcepts {
			return nil, tooMuch(src, "%d concepts", maxUserConcepts)
		}
		user.Concepts = append(user.Concepts, c)
	}
	switch err := sc.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, tooMuch(fmt.Sprintf("%s:%d", name, line+1), "%d bytes in a line", maxLexiconLine)
	case err != nil:
		return nil, err
	case limited.N <= 0:
		return nil, tooMuch(name, "%d bytes", maxUserBytes)
	case len(user.Concepts) == 0:
		return nil, &LexiconError{Source: name, Reason: "the lexicon is empty: no line has a concept"}
	}
	user.Digest = "sha256:" + hex.EncodeToString(digest.Sum(nil))
	return user, nil
}

func tooMuch(src, bound string, n int) error {
	return &LexiconError{src, fmt.Sprintf("a lexicon of more than "+bound, n), "keep only the concepts that these texts need"}
}

// notText says why a line is none of a text file, or "".
func notText(line []byte) string {
	if !utf8.Valid(line) {
		return "the text is not valid UTF-8"
	}
	i := bytes.IndexFunc(line, func(r rune) bool { return r != '\t' && unicode.IsControl(r) })
	if i < 0 {
		return ""
	}
	r, _ := utf8.DecodeRune(line[i:])
	return fmt.Sprintf("the control character %U: this is no text file", r)
}

func parseUserConcept(text, src string) (UserConcept, error) {
	name, parents, members, err := splitLine(text, src)
	if err != nil {
		return UserConcept{}, err
	}
	c := UserConcept{Name: name, Parents: parents, Source: src}
	if len(parents) > maxUserParents {
		return c, &LexiconError{Source: src, Reason: fmt.Sprintf("concept %q has more than %d parents", name, maxUserParents)}
	}
	seen := make(map[string]bool)
	add := func(kind, written string) error {
		words := Words(written)
		switch {
		case len(words) == 0:
			return &LexiconError{Source: src, Reason: fmt.Sprintf("the %s %q has no word", kind, written)}
		case len(words) > maxTermWords:
			return &LexiconError{Source: src, Reason: fmt.Sprintf("the %s %q has more than %d words", kind, written, maxTermWords)}
		}
		if term := strings.Join(words, " "); !seen[term] {
			seen[term] = true
			c.Members = append(c.Members, Member{term, written})
		}
		return nil
	}
	// Who calls a concept "IT" does not mean every "it".
	if err := add("concept", name); err != nil {
		return c, err
	}
	if IsStopWord(c.Members[0].Term) {
		c.Members = nil
		clear(seen)
	}
	for m := range strings.SplitSeq(members, ",") {
		if m = strings.Join(strings.Fields(m), " "); m == "" {
			continue
		}
		if err := add("member", m); err != nil {
			return c, err
		}
	}
	return c, nil
}

// Extend returns a lexicon with the user's concepts after those of l, which
// stays as it is. A concept that l has already, in whatever case it is written,
// gets the user's members and parents beside its own. A term has the concepts
// that the user gives it instead of those it has in l, unless l says all of that
// already.
//
// What is wrong is a *LexiconError with the user's line: a parent that is
// nowhere, a concept that is its own ancestor or has too many above it.
func (l *Lexicon) Extend(user *UserLexicon) (*Lexicon, error) {
	out := &Lexicon{
		Concepts: slices.Clone(l.Concepts), byName: maps.Clone(l.byName), called: make(map[int]string, len(user.Concepts)),
		terms: maps.Clone(l.terms), english: maps.Clone(l.english), function: l.function, none: l.none,
	}
	at := make([]int, len(user.Concepts))
	for i, c := range user.Concepts {
		key := strings.ToLower(c.Name)
		if k, ok := l.byName[key]; ok {
			at[i] = k
			continue
		}
		at[i] = len(out.Concepts)
		out.byName[key] = at[i]
		out.Concepts = append(out.Concepts, Concept{Name: c.Name, Source: c.Source})
	}
	for i, c := range user.Concepts {
		if err := out.addParents(at[i], c.Parents, c.Source); err != nil {
			return nil, advised(err, "name a concept of the built-in lexicon or of this file, or leave the parents out")
		}
	}
	if err := out.link(); err != nil {
		for i, c := range user.Concepts { // link may have come to a cycle by a concept of l
			if out.above(at[i])[at[i]] {
				err = &LexiconError{Source: c.Source, Reason: fmt.Sprintf("concept %q is its own ancestor", c.Name)}
				break
			}
		}
		return nil, advised(err, "take one of the parents out")
	}
	given := make(map[string][]int)
	maps.Copy(out.called, l.called)
	for i, c := range user.Concepts {
		out.called[at[i]] = c.Name
		concept := &out.Concepts[at[i]]
		concept.Terms = slices.Clone(concept.Terms)
		has := make(map[string]bool, len(concept.Terms))
		for _, t := range concept.Terms {
			has[t] = true
		}
		for _, m := range c.Members {
			given[m.Term] = append(given[m.Term], at[i])
			if !has[m.Term] {
				has[m.Term] = true
				concept.Terms = append(concept.Terms, m.Term)
			}
		}
	}
	for term, concepts := range given {
		if !containsAll(l.Lookup(term), concepts) {
			slices.Sort(concepts)
			out.terms[term] = concepts
			delete(out.english, term)
		}
	}
	return out, nil
}

func containsAll(all, some []int) bool {
	return !slices.ContainsFunc(some, func(c int) bool { return !slices.Contains(all, c) })
}

// advised gives a LexiconError of this package another hint.
func advised(err error, how string) error {
	var le *LexiconError
	if errors.As(err, &le) {
		le.How = how
	}
	return err
}

// above is the set of all concepts above one, whether or not there is a cycle.
func (l *Lexicon) above(concept int) map[int]bool {
	seen := make(map[int]bool)
	open := []int{concept}
	for len(open) > 0 {
		c := open[len(open)-1]
		open = open[:len(open)-1]
		for _, p := range l.Concepts[c].Parents {
			if !seen[p] {
				seen[p] = true
				open = append(open, p)
			}
		}
	}
	return seen
}
