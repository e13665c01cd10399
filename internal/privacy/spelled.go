package privacy

// What is written so that a program does not see it, or a line breaks: mail
// addresses in words, numbers over two lines.

// spelledEmail finds an address whose @ is the word at token i: jane dot doe at
// example dot com, jane [at] example.org.
func (s *scan) spelledEmail(i int) {
	t := &s.tokens[i]
	n := t.end - t.start
	if n != 2 && n != 6 && n != 7 && n != 10 || t.shape != lower && t.shape != upper || !s.in(i, s.r.context("at arroba arobase chiocciola")) {
		return
	}
	bracket := func(j int) bool { return s.is(j, '[') || s.is(j, '(') || s.is(j, '{') || s.is(j, '<') }
	closing := func(j int) bool { return s.is(j, ']') || s.is(j, ')') || s.is(j, '}') || s.is(j, '>') }
	label := func(j int) bool {
		return j >= 0 && j < len(s.tokens) && s.tokens[j].kind <= mixed && s.tokens[j].end-s.tokens[j].start < 40
	}
	dot := func(j int) bool { return s.in(j, s.r.context("dot punkt punto ponto point punt")) }
	sure := n > 2
	j, k := i+1, i-1
	if bracket(k) && closing(j) {
		sure = true
		j++
		k--
	}
	if !label(j) || s.tokens[j].gap == newline || !label(k) {
		return
	}
	last, dots, words := j, 0, 0
	for j+1 < len(s.tokens) && dots < 5 {
		m := j + 1
		switch {
		case s.is(m, '.') && s.tokens[m].gap == glued && label(m+1) && s.tokens[m+1].gap == glued:
		case dot(m) && label(m+1) && s.tokens[m+1].gap == spaced:
			words++
		case bracket(m) && (dot(m+1) || s.is(m+1, '.')) && closing(m+2) && label(m+3):
			words++
			m += 2
		default:
			m = -1
		}
		if m < 0 {
			break
		}
		j = m + 1
		last = j
		dots++
	}
	if dots == 0 || !s.in(last, s.r.context("com org net edu gov de fr es it pt nl uk io co eu ch at be us info ca br mx se no dk fi pl ie au in jp me app dev ai")) && !(sure && s.tokens[last].kind == word && s.tokens[last].end-s.tokens[last].start <= 6) {
		return
	}
	first, joined := k, 0
	for k > 1 && joined < 5 {
		switch {
		case (s.is(k-1, '.') || s.is(k-1, '_') || s.is(k-1, '-')) && s.tokens[k].gap == glued && s.tokens[k-1].gap == glued && label(k-2):
			k -= 2
		case (dot(k-1) || s.in(k-1, s.r.context("underscore dash minus"))) && label(k-2) && s.tokens[k].gap == spaced:
			k -= 2
		case bracket(k-3) && dot(k-2) && closing(k-1) && label(k-4):
			k -= 4
		default:
			k = -1
		}
		if k < 0 {
			break
		}
		first = k
		joined++
	}
	// Look at example.com is none.
	if !sure && words == 0 && joined == 0 && s.tokens[first].kind == word && (!mailHosts[s.fold(i+1)] || s.fold(i+1) == "example") {
		return
	}
	s.add(EmailAddress, s.tokens[first].start, s.tokens[last].end, 0.9, "email/spelled")
}

// wrapped finds cards and IBANs that go on in the next line.
func (s *scan) wrapped(i int) {
	var raw [40]byte
	compact := raw[:0]
	letters, groups, lines := 0, 0, 0
	for j := i; j < len(s.tokens); j++ {
		t := &s.tokens[j]
		if j > i && t.gap == newline {
			lines++
		}
		if lines > 1 {
			return
		}
		if s.is(j, '-') && j > i {
			continue
		}
		if t.kind > mixed || t.kind == word && (t.shape != upper || t.end-t.start > 4) || len(compact)+t.end-t.start > 34 {
			return
		}
		for _, c := range []byte(s.of(j)) {
			if c|0x20 >= 'a' && c|0x20 <= 'z' {
				letters++
				c &^= 0x20
			} else if c < '0' || c > '9' {
				return
			}
			compact = append(compact, c)
		}
		groups++
		if lines == 0 || groups < 3 {
			continue
		}
		switch {
		case letters == 0 && len(compact) >= 15 && len(compact) <= 16 && card(string(compact)):
			s.add(CreditCard, s.tokens[i].start, t.end, 0.93, "card/wrapped")
			return
		case letters >= 2 && len(compact) >= 15 && compact[0] >= 'A' && compact[1] >= 'A' && compact[2] <= '9' && compact[3] <= '9' &&
			ibanLength(string(compact[:2])) == len(compact) && mod97(string(compact)) == 1:
			s.add(IBAN, s.tokens[i].start, t.end, 0.97, "iban/wrapped")
			return
		}
	}
}
