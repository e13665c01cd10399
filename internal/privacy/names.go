package privacy

import (
	"slices"
	"unicode/utf8"
)

// names finds persons, organisations and places by lists, shape and context.
func (s *scan) names() {
	s.cover()
	s.speakers()
	for i := 0; i < len(s.tokens); {
		t := &s.tokens[i]
		if t.kind != word || t.taken {
			i++
			continue
		}
		if n := s.phrase(i); n > 0 {
			i += n
			continue
		}
		if t.info&nationality != 0 && s.people(i) {
			s.add(Nationality, t.start, t.end, 0.7, "name/people")
			i++
			continue
		}
		switch t.shape {
		case lower:
			i = s.lowerName(i)
		case uncased:
			i = s.uncasedName(i)
		default:
			i = s.capitals(i)
		}
	}
}

// cover marks the tokens that a surer finding holds.
func (s *scan) cover() {
	for _, f := range s.found {
		if f.Score < 0.7 {
			continue
		}
		i, _ := slices.BinarySearchFunc(s.tokens, f.Start, func(t token, at int) int { return t.end - 1 - at })
		for ; i < len(s.tokens) && s.tokens[i].start < f.End; i++ {
			s.tokens[i].taken = true
		}
	}
}

// people tells whether token i is the nationality or belief of somebody, and
// not a language, a cuisine or a market.
func (s *scan) people(i int) bool {
	if s.tokens[i].shape == lower && s.tokens[i].info&common != 0 {
		return false
	}
	if s.cued(i+1, cuePeople) {
		return true
	}
	if s.tokens[i].shape == lower {
		return false
	}
	next, _ := s.after(i)
	ends := next >= len(s.tokens) || s.tokens[next].kind == punct || s.cued(next, cueFunction)
	p := s.before(i)
	switch s.fold(p) {
	case "am", "m", "is", "are", "re", "was", "were", "proud", "being", "half", "fellow", "bin", "suis", "soy", "sono", "sou", "ethnic":
		return ends
	case "a", "an":
		return ends && s.fold(next) != "for"
	}
	return false
}

// phrase finds a place or an organisation of the lists at token i and gives
// the number of its tokens.
func (s *scan) phrase(i int) int {
	t := &s.tokens[i]
	if t.info&(placeStart|orgStart) == 0 {
		return 0
	}
	best, n, kind := 0, 0, info(0)
	s.key = append(s.key[:0], ' ')
	s.key = appendFold(s.key[:0], s.of(i))
	key := append([]byte(nil), s.key...)
	caps := t.shape != lower
	for j := i + 1; j < len(s.tokens) && n < s.r.words.longest; j++ {
		u := &s.tokens[j]
		if u.gap == newline && !s.german {
			break
		}
		if u.kind == punct {
			r, _ := utf8.DecodeRuneInString(s.of(j))
			if r != '-' && r != '.' && r != '&' && !isApostrophe(r) {
				break
			}
			continue
		}
		if u.kind != word && u.kind != mixed {
			break
		}
		key = append(key, ' ')
		key = appendFold(key, s.of(j))
		n++
		if k := s.r.words.phrases[string(key)]; k != 0 {
			// Without capitals only where no word of it could be another.
			if caps || len(key) > 7 && !(s.r.ordinary(s.fold(i)) && s.r.ordinary(s.fold(j))) {
				best, kind = j-i+1, k
			}
		}
	}
	if best == 0 {
		return 0
	}
	last := i + best - 1
	// A family name behind a place: the whole is a person's.
	if kind&place != 0 && t.info&firstName != 0 && last+1 < len(s.tokens) && s.nameLike(last+1) {
		return 0
	}
	end := s.tokens[last].end
	if last+1 < len(s.tokens) && s.is(last+1, '.') && s.tokens[last].shape == single {
		end = s.tokens[last+1].end
		best++
	}
	typ := Location
	if kind&orgName != 0 {
		typ = Organization
	}
	s.add(typ, t.start, end, 0.85, "name/list")
	return best
}

// nameLike tells whether token i is written and known like a family name.
func (s *scan) nameLike(i int) bool {
	t := &s.tokens[i]
	return t.kind == word && t.gap == spaced && (t.shape == capital || t.shape == camel) && t.info&lastName != 0 && t.info&(common|place) == 0
}

// lowerName finds a name that is written without a capital at token i, and
// gives the token to go on with.
func (s *scan) lowerName(i int) int {
	t := &s.tokens[i]
	length := t.end - t.start
	if (s.cued(i, cueFunction) || s.cued(i, cueSpeaks)) && s.introduced(i) < 2 {
		return i + 1
	}
	if s.login(i) {
		return i + 3
	}
	// The lists have names without accents, which make others of a language's words: viết.
	if vietnamese(s.of(i)) && s.introduced(i) < 2 {
		return i + 1
	}
	known := t.info&(firstName|lastName) != 0
	plain := t.info&(common|technical|particle|title) == 0 && length >= 3
	if t.info&place != 0 && plain && length >= 4 && !(known && s.relation(i) > 0) {
		s.add(Location, t.start, t.end, 0.6, "name/lower")
		return i + 1
	}
	if t.info&orgName != 0 && t.info&(common|technical|anyName) == 0 && length >= 4 {
		s.add(Organization, t.start, t.end, 0.6, "name/lower")
		return i + 1
	}
	if t.info == 0 && length >= 4 && s.lowerDealt(i) && !s.r.ordinary(s.fold(i)) {
		s.add(Organization, t.start, t.end, 0.6, "name/dealt")
		return i + 1
	}
	if t.info == 0 && length >= 4 && t.gap == spaced && s.in(i-1, s.r.context("in to from near")) && s.in(i-2, s.r.context("live lives lived living born moved move moving flew fly flying flown travelled traveled")) && !s.r.ordinary(s.fold(i)) {
		s.add(Location, t.start, t.end, 0.6, "name/lower")
		return i + 1
	}
	if !known && t.info != 0 && t.info&common == 0 {
		return i + 1
	}
	score := 0.0
	switch {
	case t.info&firstName != 0 && plain && length >= 4:
		score = 0.55
	case known && plain:
		score = 0.3
	case t.info&firstName != 0 && t.info&technical == 0:
		score = 0.15
	case t.info == 0 && length >= 3:
		score = 0.05
	}
	if score == 0 {
		return i + 1
	}
	intro := s.introduced(i)
	switch {
	case intro == 2 && !s.cued(i, cueFunction):
		score += 0.5
	case s.relation(i) > 0 && t.info&firstName != 0 && (plain || !s.cued(i, cueFunction)):
		score += 0.4
	case intro == 1 && plain && known, s.cued(s.before(i), cueGreeting) && known && plain:
		score += 0.25
	}
	met := t.info&firstName != 0 && s.met(i)
	end, strangers := i, 0
	for end+1 < len(s.tokens) && end < i+3 {
		u := &s.tokens[end+1]
		if u.kind != word || u.gap != spaced || u.shape != lower {
			break
		}
		if u.info&particle != 0 && u.info&common == 0 {
			end++
			continue
		}
		// john smith: a word too, but behind a name it is one.
		surname := u.info&lastName != 0 && u.info&technical == 0 && u.cue&(cueFunction|cueSpeaks|cueMonth) == 0 && (met || plain && t.info&firstName != 0 && end == i && u.end-u.start >= 4)
		if !surname && (u.info&anyName == 0 && !(u.info == 0 && !s.r.ordinary(s.fold(end+1))) || u.info&(common|technical) != 0) {
			break
		}
		// Of words that no list has, a row of which is a language that the lists do not have, one behind a name.
		if u.info == 0 {
			if strangers++; strangers > 1 || !(known && plain && length >= 4) && intro < 2 && !met {
				break
			}
		}
		end++
		score += 0.3
		if surname && met {
			score += 0.3
		}
	}
	for end > i && s.tokens[end].info&anyName == 0 && s.tokens[end].info&particle != 0 {
		end--
	}
	next, possessive := s.after(end)
	if possessive && known && plain || s.cued(next, cueSpeaks) && known {
		score += 0.25
	}
	s.add(Person, t.start, s.tokens[end].end, min(score, 0.9), "name/lower")
	return end + 1
}

// relation tells how strongly the word before token i says that a person
// follows: 2 a kin or a friend, 1 a greeting.
func (s *scan) relation(i int) int {
	p := s.before(i)
	if p < 0 {
		return 0
	}
	if s.cued(p, cueRelation) && s.between(p, i) != '.' && s.tokens[i].gap != newline {
		return 2
	}
	if s.cued(p, cueGreeting) {
		return 1
	}
	return 0
}

// met tells whether the words before token i leave a person more often than
// anything else: spoke to, talked with.
func (s *scan) met(i int) bool {
	if s.tokens[i].gap != spaced {
		return false
	}
	return s.in(i-1, s.r.context("to with mit con avec com met")) && s.in(i-2, s.r.context("spoke speak spoken talk talked talking met meeting married lunch dinner date chat chatted gesprochen rede geredet hable habla parle parlato parlo falei falo gesproken")) ||
		s.in(i-1, s.r.context("met called texted emailed phoned dated asked told named")) && s.in(i-2, s.r.context("i we he she they just ve have"))
}

// login finds the name of a user that is put together of a first name and
// another word: jane.doe, jane_doe.
func (s *scan) login(i int) bool {
	t := &s.tokens[i]
	if i+2 >= len(s.tokens) || !s.is(i+1, '.') && !s.is(i+1, '_') || s.tokens[i+1].gap != glued || s.tokens[i+2].gap != glued || t.info&firstName == 0 ||
		t.info&technical != 0 || i > 0 && t.gap == glued && (s.is(i-1, '.') || s.is(i-1, '/') || s.is(i-1, '_') || s.is(i-1, '-')) {
		return false
	}
	u := &s.tokens[i+2]
	if u.kind != word || u.shape != lower || u.end-u.start < 3 || u.info&technical != 0 || t.info&common != 0 && u.info&(common|lastName) != lastName ||
		s.in(i+2, s.r.context("txt pdf doc docx csv json html htm png jpg jpeg xml yaml com org net edu app dev info")) {
		return false
	}
	if s.is(i+3, '(') || s.is(i+3, '.') && i+4 < len(s.tokens) && s.tokens[i+4].gap == glued || s.is(i+3, '=') || s.is(i+3, '@') {
		return false
	}
	s.add(Handle, t.start, u.end, 0.7, "name/login")
	return true
}

// vietnamese tells whether a word has letters that this language alone has.
func vietnamese(w string) bool {
	for i := range len(w) {
		if w[i] < utf8.RuneSelf {
			continue
		}
		for _, r := range w[i:] {
			if r >= 0x1ea0 && r <= 0x1ef9 || r == 'ơ' || r == 'ư' {
				return true
			}
		}
		return false
	}
	return false
}

// speakers finds who speaks in a transcript: names before colons at the
// beginnings of lines, where one of them comes again or is a name of the lists.
func (s *scan) speakers() {
	const most = 400 // lines
	var at []int
	seen := map[string]int{}
	names := 0
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.gap != newline || t.kind != word || !s.is(i+1, ':') || s.tokens[i+1].gap != glued || i+2 >= len(s.tokens) || s.tokens[i+2].gap != spaced || t.end-t.start < 3 || len(at) == most {
			continue
		}
		at = append(at, i)
		seen[s.fold(i)]++
		if t.info&firstName != 0 && t.info&(common|technical) == 0 {
			names++
		}
	}
	if len(at) < 2 || names == 0 {
		return
	}
	for _, i := range at {
		t := &s.tokens[i]
		if t.info&firstName != 0 && t.info&technical == 0 || t.info&^lastName == 0 && t.cue == 0 && !s.r.ordinary(s.fold(i)) {
			s.add(Person, t.start, t.end, 0.7, "name/speaker")
		}
	}
}
