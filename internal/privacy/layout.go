package privacy

// What the layout of a text says of a name: the head of its column, the end of
// a letter.

// column tells whether the words from token a to token b are a cell of a table
// whose column has a head with a cue: | Client | Amount |.
func (s *scan) column(a, b int, c cue) bool {
	sep := byte('|')
	next := b + 1
	switch {
	case s.is(next, '|') || s.is(a-1, '|'):
	case s.is(next, ',') || s.is(next, ';') || s.is(a-1, ',') || s.is(a-1, ';'):
		sep = ','
		if s.is(next, ';') || s.is(a-1, ';') {
			sep = ';'
		}
	default:
		return false
	}
	first := s.line(a)
	if first <= 0 || a != first && !s.is(a-1, sep) {
		return false
	}
	n := 0
	for j := first; j < a; j++ {
		if s.is(j, sep) {
			n++
		}
	}
	// Up to the first line of the table.
	head := -1
	for line, k := first, 0; line > 0 && k < 50; k++ {
		above := s.line(line - 1)
		if above < 0 {
			return false
		}
		cells := 0
		for j := above; j < line; j++ {
			if s.is(j, sep) {
				cells++
			}
		}
		if cells == 0 || cells < n {
			break
		}
		head, line = above, above
	}
	if head < 0 {
		return false
	}
	for j, k := head, 0; j < first && k <= n; j++ {
		if j > head && s.tokens[j].gap == newline {
			break
		}
		if s.is(j, sep) {
			k++
		} else if k == n && s.cued(j, c) {
			return true
		}
	}
	return false
}

// line is the first token of the line that token i stands on, -1 if that is far
// away, as it is in a text without lines.
func (s *scan) line(i int) int {
	for n := 0; n < 400; n++ {
		if i <= 0 || s.tokens[i].gap == newline {
			return max(i, 0)
		}
		i--
	}
	return -1
}

// signed tells whether the words from token a to token b are a line of their
// own below the closing of a letter.
func (s *scan) signed(a, b int) bool {
	if a == 0 || s.tokens[a].gap != newline || !s.ends(b) {
		return false
	}
	lines := 0
	for j := a - 1; j >= 0 && lines < 3 && a-j < 16; j-- {
		if s.in(j, s.r.context("regards sincerely yours cheers grussen gruss cordialement saluti atentamente saludo saludos groet groeten atenciosamente cumprimentos cordialmente salutations")) {
			return true
		}
		if s.tokens[j].gap == newline {
			lines++
		}
	}
	return false
}
