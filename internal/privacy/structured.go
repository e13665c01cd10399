package privacy

import "net/netip"

// structured finds what has a form of its own: numbers, addresses of the net,
// keys. A token begins at most a few of them, which its kind and its
// neighbours tell.
func (s *scan) structured() {
	s.style()
	s.secrets()
	for i := range s.tokens {
		t := &s.tokens[i]
		switch t.kind {
		case punct:
			switch s.text[t.start] {
			case '@':
				if !s.email(i) {
					s.handle(i)
				}
			case ':':
				s.url(i)
				s.addressIP(i)
			case '.':
				s.domain(i)
			}
		case number, mixed:
			s.addressIP(i)
			s.hardware(i)
			s.number(i)
		case word:
			if t.end-t.start <= 6 && t.gap != glued && !(t.shape == lower && s.cued(i, cueFunction)) && s.digitsFollow(i) {
				s.number(i)
			}
			if t.end-t.start <= 4 && i+1 < len(s.tokens) && s.tokens[i+1].kind == punct && s.tokens[i+1].gap == glued && isHexRun(s.of(i)) {
				s.addressIP(i)
				s.hardware(i)
			}
			s.bic(i)
			s.spelledEmail(i)
		}
	}
	s.dates()
	s.ages()
	s.labelled()
	s.streets()
}

// chunk is a piece of a number, as it stands between separators.
type chunk struct {
	text       string // upper case
	start, end int
	sep        byte // what stands before it: 0 nothing, ' ', '-', '.', '/'
}

// chunks are the pieces from token i on that may be one number.
func (s *scan) chunks(i int, buf []chunk) []chunk {
	length := 0
	for j := i; j < len(s.tokens) && len(buf) < cap(buf); j++ {
		t := &s.tokens[j]
		if t.kind == hole || t.kind == word && t.end-t.start > 6 && j > i {
			break
		}
		sep := byte(0)
		if j > i {
			if t.gap == newline {
				break
			}
			if t.gap == spaced {
				sep = ' '
			}
		}
		if t.kind == punct {
			c := s.text[t.start]
			if c == 0xe2 { // en dash, hyphens
				c = '-'
			}
			if c != '-' && c != '.' && c != '/' && c != '+' || j+1 >= len(s.tokens) || s.tokens[j+1].kind == punct || len(buf) == 0 {
				break
			}
			if (t.gap == spaced) != (s.tokens[j+1].gap == spaced) || s.tokens[j+1].gap == newline || s.tokens[j+1].kind == hole {
				break
			}
			sep = c
			j++
			t = &s.tokens[j]
			if t.kind == word && t.end-t.start > 6 {
				break
			}
		}
		if length += t.end - t.start; length > 40 {
			break
		}
		buf = append(buf, chunk{upperASCII(s.text[t.start:t.end]), t.start, t.end, sep})
	}
	return buf
}

func upperASCII(s string) string {
	for i := range len(s) {
		if s[i] >= 'a' && s[i] <= 'z' {
			b := []byte(s)
			for i, c := range b {
				if c >= 'a' && c <= 'z' {
					b[i] = c - 'a' + 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

func (s *scan) digitsFollow(i int) bool {
	for j := i + 1; j < len(s.tokens) && j <= i+3; j++ {
		t := &s.tokens[j]
		if t.gap == newline {
			return false
		}
		switch t.kind {
		case number, mixed:
			return true
		case word:
			if t.end-t.start > 4 {
				return false
			}
		case punct:
			if c := s.text[t.start]; c != '-' && c != '.' && c != '/' {
				return false
			}
		default:
			return false
		}
	}
	return false
}

// shaped tells whether a number has the shape of a kind.
func shaped(text, shape string) bool {
	for i := range len(shape) {
		c := text[i]
		digit, letter := c >= '0' && c <= '9', c >= 'A' && c <= 'Z'
		switch shape[i] {
		case '9':
			if !digit {
				return false
			}
		case 'A':
			if !letter {
				return false
			}
		case 'X':
			if !digit && c != 'X' && c != 'K' {
				return false
			}
		default:
			if !digit && !letter {
				return false
			}
		}
	}
	return true
}

// number finds what the numbers are that begin at token i.
func (s *scan) number(i int) {
	if i > 0 && s.tokens[i].gap == glued && s.tokens[i-1].kind == punct {
		switch c := s.text[s.tokens[i-1].start]; c {
		case '.', '-', '/', '_', ',':
			if i > 1 && s.tokens[i-1].gap == glued && s.tokens[i-2].kind != punct {
				return // inside a longer one
			}
		case '$', '%':
			return
		}
	}
	var buf [14]chunk
	cs := s.chunks(i, buf[:0])
	if len(cs) == 0 {
		return
	}
	var raw [64]byte
	compact := raw[:0]
	digits, letters := 0, 0
	grouping := make([]byte, 0, 24)
	for n, c := range cs {
		if n > 0 {
			sep := byte('-')
			if c.sep == '/' {
				sep = '/'
			}
			grouping = append(grouping, sep)
		}
		grouping = appendInt(grouping, len(c.text))
		for k := range len(c.text) {
			switch b := c.text[k]; {
			case b >= '0' && b <= '9':
				digits++
			case b >= 'A' && b <= 'Z':
				letters++
			default:
				return // no ASCII
			}
		}
		compact = append(compact, c.text...)
		if digits == 0 || len(compact) < 6 {
			continue
		}
		s.identify(i, string(compact), string(grouping), cs[0].start, c.end, n+1, letters)
	}
	if s.tokens[i].kind != word {
		s.phone(i)
	}
	if len(compact) >= 4 {
		s.wrapped(i)
	}
}

func appendInt(b []byte, n int) []byte {
	if n >= 10 {
		b = append(b, byte('0'+n/10))
	}
	return append(b, byte('0'+n%10))
}

// identify adds what a number is that consists of some groups.
func (s *scan) identify(i int, compact, grouping string, start, end, groups, letters int) {
	n := len(compact)
	if letters == 0 && n >= 12 && n <= 19 {
		switch {
		case card(compact):
			s.add(CreditCard, start, end, 0.96, "card")
		case s.near(i, end, "card cc credit debit visa mastercard amex karte kreditkarte carte tarjeta carta cartao"):
			s.add(CreditCard, start, end, 0.7, "card/context")
		}
	}
	if letters >= 2 && n >= 15 && n <= 34 && compact[0] >= 'A' && compact[1] >= 'A' && compact[2] <= '9' && compact[3] <= '9' {
		switch length := ibanLength(compact[:2]); {
		case length == n && mod97(compact) == 1:
			s.add(IBAN, start, end, 0.98, "iban")
		case length == n && s.near(i, end, "iban account konto compte cuenta"):
			s.add(IBAN, start, end, 0.8, "iban/context")
		}
	}
	for k := range s.r.kindsByLength[min(n, len(s.r.kindsByLength)-1)] {
		kind := s.r.kindsByLength[n][k]
		if !shaped(compact, kind.shape) || kind.check != nil && !kind.check(compact) {
			continue
		}
		score := kind.loose
		for _, g := range kind.groups {
			if g == anyGroups && (groups <= 5 || letters > 0 || n == 15) || g == grouping {
				score = max(score, kind.bare)
			}
		}
		if kind.near > score && s.nearWords(i, end, s.r.context(kind.context)) {
			score = kind.near
		}
		if score > 0 {
			s.add(kind.typ, start, end, score, "id/"+kind.name)
		}
	}
	if letters <= 4 && n >= 6 && n <= 20 && groups <= 6 && s.near(i, end, "account acct konto kontonummer compte cuenta conto conta rekening kontonr accounts") &&
		(letters == 0 || groups == 1) && !s.near(i, end, "twitter github email user") {
		s.add(BankAccount, start, end, 0.62, "account")
	}
	// The numbers of some countries are mostly letters: C01XJFCGF.
	if n <= 12 && groups <= 3 && (n-letters >= 5 || n == 9 && groups == 1 && n-letters >= 2) &&
		s.near(i, end, "passport reisepass passeport pasaporte passaporto passaporte paspoort reisepassnummer pass") {
		s.add(Passport, start, end, 0.84, "passport")
	}
	if n <= 18 && n-letters >= 4 && groups <= 5 && s.near(i, end, "driver drivers driver's driving fuhrerschein fuhrerscheinnummer permis conducir patente rijbewijs dl licence license") &&
		!s.near(i, end, "software plate key product windows plates") {
		s.add(DriverLicense, start, end, 0.82, "driver-license")
	}
	if n >= 4 && n <= 9 && groups <= 3 && letters >= 1 && s.near(i, end, "plate plates registration kennzeichen nummernschild immatriculation matricula targa numberplate reg kenteken placa rejestracyjny") {
		s.add(LicensePlate, start, end, 0.8, "license-plate")
	}
}

// near tells whether one of the words stands on the line before token i, not
// far from it, or right behind the byte end.
func (s *scan) near(i, end int, words string) bool {
	return s.nearWords(i, end, s.r.context(words))
}

func (s *scan) nearWords(i, end int, words map[string]bool) bool {
	lines := 0
	for j, n := i-1, 0; j >= 0 && n < 9 && j > i-40; j-- {
		if s.tokens[j+1].gap == newline {
			if lines++; lines > 1 {
				break
			}
		}
		if s.tokens[j].kind == word || s.tokens[j].kind == mixed {
			n++
			s.key = appendFold(s.key[:0], s.of(j))
			if words[string(s.key)] {
				return true
			}
		}
	}
	for j, n := i, 0; j < len(s.tokens) && n < 4 && j < i+60; j++ {
		if s.tokens[j].start < end {
			continue
		}
		if s.tokens[j].gap == newline || s.is(j, '.') {
			break
		}
		if s.tokens[j].kind == word {
			n++
			s.key = appendFold(s.key[:0], s.of(j))
			if words[string(s.key)] {
				return true
			}
		}
	}
	return false
}

// addressIP finds IP addresses that begin at token i.
func (s *scan) addressIP(i int) {
	start := s.tokens[i].start
	if start > 0 && (s.text[start-1] == '.' || s.text[start-1] == ':' || isHex(s.text[start-1])) {
		return
	}
	end, dots, colons := start, 0, 0
	for end < len(s.text) && end-start < 48 {
		switch c := s.text[end]; {
		case c == '.':
			dots++
		case c == ':':
			colons++
		case !isHex(c):
			goto done
		}
		end++
	}
done:
	for end > start && (s.text[end-1] == '.' || s.text[end-1] == ':') {
		if s.text[end-1] == '.' {
			dots--
		} else if end-2 >= start && s.text[end-2] == ':' {
			break
		} else {
			colons--
		}
		end--
	}
	if dots != 3 && colons < 2 || end < len(s.text) && isWordRune(rune(s.text[end])) {
		return
	}
	// 1.2.3.4:8080
	host := s.text[start:end]
	if dots == 3 && colons == 1 {
		for k := range len(host) {
			if host[k] == ':' {
				host = host[:k]
				break
			}
		}
	}
	a, err := netip.ParseAddr(host)
	if err != nil || a.IsUnspecified() || a.IsLoopback() && a.Is4() {
		return
	}
	if a.Is4() && s.near(i, start+len(host), "version release v ver upgrade firmware build") {
		return
	}
	s.add(IPAddress, start, start+len(host), 0.95, "ip")
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// hardware finds MAC addresses.
func (s *scan) hardware(i int) {
	t := s.text[s.tokens[i].start:]
	if len(t) < 14 || s.tokens[i].start > 0 && (isHex(s.text[s.tokens[i].start-1]) || s.text[s.tokens[i].start-1] == ':') {
		return
	}
	for _, form := range []struct {
		group, n int
		sep      byte
	}{{2, 6, ':'}, {2, 6, '-'}, {4, 3, '.'}} {
		length := form.group*form.n + form.n - 1
		if len(t) < length || len(t) > length && isHex(t[length]) || len(t) > length+1 && t[length] == form.sep && isHex(t[length+1]) {
			continue
		}
		ok := true
		for k := range length {
			if k%(form.group+1) == form.group {
				ok = ok && t[k] == form.sep
			} else {
				ok = ok && isHex(t[k])
			}
		}
		if ok {
			s.add(MACAddress, s.tokens[i].start, s.tokens[i].start+length, 0.96, "mac")
		}
	}
}

// bic finds the codes of banks, which have letters alone more often than not.
func (s *scan) bic(i int) {
	t := &s.tokens[i]
	n := t.end - t.start
	if t.shape != upper || n != 8 && n != 11 || ibanLength(s.text[t.start+4:t.start+6]) == 0 && s.text[t.start+4:t.start+6] != "US" {
		return
	}
	if s.near(i, t.end, "swift bic") {
		s.add(BankAccount, t.start, t.end, 0.9, "bic")
	}
}
