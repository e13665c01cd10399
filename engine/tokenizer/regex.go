package tokenizer

import (
	"errors"
	"regexp/syntax"
	"sync"
	"unicode/utf8"
)

// regex is a compiled regular expression. Package regexp cannot be used: it
// has no look-ahead, and it allocates for each match. Its parser and compiler
// are used; the matcher here is the backtracking one that package regexp has
// for small texts. It tries each instruction at each place once, so that a
// search takes no more steps than instructions times characters looked at.
type regex struct {
	prog    *syntax.Prog
	classes []asciiClass // of the instructions that match a character
	first   asciiClass   // the characters that a match may begin with
	empty   bool         // a match may be empty
	states  *sync.Pool   // of *regexState
}

// asciiClass is the ASCII characters of a class, and whether there are others.
type asciiClass struct {
	bits  [2]uint64
	other bool
}

func (c *asciiClass) has(b byte) bool { return c.bits[b>>6]>>(b&63)&1 != 0 }

// regexState is the working memory of a search.
type regexState struct {
	stack   []regexThread
	visited []uint64 // a bit for each instruction at each place
}

// regexThread is an instruction to be tried at a place.
type regexThread struct {
	pc uint32
	at int
}

// The bounds of an expression in bytes and, compiled, in instructions. Those of
// real files have up to 400 and 100.
const (
	maxPattern = 2000
	maxRegex   = 10_000
)

func compileRegex(pattern string) (*regex, error) {
	if len(pattern) > maxPattern {
		return nil, errors.New("too long")
	}
	translated, err := translateRegex(pattern)
	if err != nil {
		return nil, err
	}
	tree, err := syntax.Parse(translated, syntax.Perl)
	if err != nil {
		var e *syntax.Error
		if errors.As(err, &e) {
			return nil, errors.New(string(e.Code))
		}
		return nil, err
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, err
	}
	if len(prog.Inst) > maxRegex {
		return nil, errors.New("too long")
	}
	r := &regex{prog: prog, classes: make([]asciiClass, len(prog.Inst))}
	for i := range prog.Inst {
		r.classes[i] = newASCIIClass(&prog.Inst[i])
	}
	r.begin(uint32(prog.Start), make([]bool, len(prog.Inst)))
	r.states = &sync.Pool{New: func() any { return new(regexState) }}
	return r, nil
}

func newASCIIClass(inst *syntax.Inst) asciiClass {
	c := asciiClass{other: true}
	switch inst.Op {
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		for b := range rune(utf8.RuneSelf) {
			if inst.MatchRune(b) {
				c.bits[b>>6] |= 1 << (b & 63)
			}
		}
	}
	return c
}

// begin finds the characters that a match may begin with.
func (r *regex) begin(pc uint32, seen []bool) {
	if seen[pc] {
		return
	}
	seen[pc] = true
	inst := &r.prog.Inst[pc]
	switch inst.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		r.begin(inst.Out, seen)
		r.begin(inst.Arg, seen)
	case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
		r.begin(inst.Out, seen)
	case syntax.InstMatch:
		r.empty = true
	case syntax.InstFail:
	default:
		r.first.bits[0] |= r.classes[pc].bits[0]
		r.first.bits[1] |= r.classes[pc].bits[1]
		r.first.other = true
	}
}

// appendFound appends all matches. An empty one does not count where the last
// match ended.
func (r *regex) appendFound(dst []span, text string) []span {
	s := r.states.Get().(*regexState)
	last := -1 // the end of the last match
	for at := 0; at <= len(text); {
		start, end := r.find(s, text, at)
		if start < 0 {
			break
		}
		at = end
		if start == end {
			if start != last {
				dst = append(dst, span{start, end})
			}
			_, n := utf8.DecodeRuneInString(text[at:])
			at += max(n, 1)
		} else {
			dst = append(dst, span{start, end})
		}
		last = end
	}
	s.stack = kept(s.stack)
	s.visited = kept(s.visited)
	r.states.Put(s)
	return dst
}

// find returns the first match that begins at or after from; -1 where there is
// none.
func (r *regex) find(s *regexState, text string, from int) (start, end int) {
	s.visited = s.visited[:0]
	for start = from; start <= len(text); {
		if !r.empty && start < len(text) && text[start] < utf8.RuneSelf && !r.first.has(text[start]) {
			start++
			continue
		}
		if end = r.match(s, text, from, start); end >= 0 {
			return start, end
		}
		_, n := utf8.DecodeRuneInString(text[start:])
		start += max(n, 1)
	}
	return -1, -1
}

// visit reports whether an instruction is tried at a place for the first time;
// places count from from.
func (s *regexState) visit(bit int) bool {
	word := bit >> 6
	for word >= len(s.visited) {
		s.visited = append(s.visited, 0)
	}
	mask := uint64(1) << (bit & 63)
	if s.visited[word]&mask != 0 {
		return false
	}
	s.visited[word] |= mask
	return true
}

// match returns the end of the match that begins at start, or -1. What was
// tried from an earlier start has failed and is not tried again.
func (r *regex) match(s *regexState, text string, from, start int) int {
	insts := r.prog.Inst
	s.stack = append(s.stack[:0], regexThread{uint32(r.prog.Start), start})
	for len(s.stack) > 0 {
		top := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		pc, at := top.pc, top.at
		for s.visit((at-from)*len(insts) + int(pc)) {
			inst := &insts[pc]
			switch inst.Op {
			case syntax.InstMatch:
				return at
			case syntax.InstFail:
			case syntax.InstAlt, syntax.InstAltMatch:
				s.stack = append(s.stack, regexThread{inst.Arg, at})
				pc = inst.Out
				continue
			case syntax.InstCapture, syntax.InstNop:
				pc = inst.Out
				continue
			case syntax.InstEmptyWidth:
				if holds(syntax.EmptyOp(inst.Arg), text, at) {
					pc = inst.Out
					continue
				}
			default:
				if at == len(text) {
					break
				}
				if b := text[at]; b < utf8.RuneSelf {
					if r.classes[pc].has(b) {
						pc, at = inst.Out, at+1
						continue
					}
					break
				}
				if c, n := utf8.DecodeRuneInString(text[at:]); inst.MatchRune(c) {
					pc, at = inst.Out, at+n
					continue
				}
			}
			break
		}
	}
	return -1
}

// holds reports whether conditions hold at a place.
func holds(op syntax.EmptyOp, text string, at int) bool {
	if op&syntax.EmptyBeginLine != 0 && at > 0 && text[at-1] != '\n' {
		return false
	}
	if op&syntax.EmptyEndLine != 0 && at < len(text) && text[at] != '\n' {
		return false
	}
	if op&syntax.EmptyNoWordBoundary != 0 && at < len(text) { // see notBeforeText
		c, _ := utf8.DecodeRuneInString(text[at:])
		return loadCharacters().has(c, space)
	}
	return true
}
