package privacy

import (
	"strings"
	"unicode/utf8"
)

// A run is a row of capitalised words, as it may be a name.
type run struct {
	first, last int // tokens
	// what the words are
	n, given, family, ambiguous, unknown, ordinary, initials int
}

// capitals finds names in the row of capitalised words that begins at token i
// and gives the token to go on with.
func (s *scan) capitals(i int) int {
	last := s.row(i)
	// St. Brannoc's Primary School
	if next, possessive := s.after(last); possessive && next < len(s.tokens) && s.tokens[next].kind == word && s.tokens[next].gap == spaced && s.tokens[next].shape == capital && !s.cued(i, cueFunction) {
		if end := s.row(next); (s.tokens[end].info&orgSuffix != 0 || s.in(end, s.r.context("school church hospital clinic nursery"))) && (end > next || s.tokens[i].info&title != 0) {
			s.add(Organization, s.tokens[i].start, s.tokens[end].end, 0.85, "name/company")
			return end + 1
		}
	}
	if n := s.company(i, last); n > 0 {
		return n
	}
	if n := s.institution(i, last); n > 0 {
		return n
	}
	if last > i && s.wholeCompany(i, last) {
		return last + 1
	}
	if n := s.landmark(i, last); n > 0 {
		return n
	}
	if n := s.destination(i, last); n > 0 {
		return n
	}
	if n := s.dealt(i, last); n > 0 {
		return n
	}
	if n := s.strange(i, last); n > 0 {
		return n
	}
	// Ordinary words part the row: "Ask Jake Miller" has one name of two words.
	for j := i; j <= last; {
		t := &s.tokens[j]
		if t.kind != word || s.breaks(j, i) {
			j++
			continue
		}
		k := j
		for k < last && !s.breaks(k+1, i) {
			k++
		}
		for k > j && (s.tokens[k].kind != word || s.tokens[k].shape == lower) {
			k--
		}
		if s.is(k+1, '.') && s.tokens[k].shape == single && k+2 <= last && s.surnameFollows(k+1, last) {
			k += 2
		} else if s.surnameFollows(k, last) {
			k++
		}
		if s.fielded(j, k) {
			j = k + 1
			continue
		}
		s.judge(s.givenBefore(j, i), k)
		j = k + 1
	}
	return last + 1
}

// surnameFollows tells whether the ordinary word behind a first name at token
// k is a family name, as in Jake Stone: it has a capital without need.
func (s *scan) surnameFollows(k, last int) bool {
	t := &s.tokens[k]
	if t.kind == punct && k > 1 {
		t = &s.tokens[k-2] // John Q. Public
	} else if t.shape == single && k > 0 {
		t = &s.tokens[k-1]
	}
	name := t.info&firstName != 0 || t.info&(place|orgName|nationality) == 0 && (t.info&lastName != 0 || !s.r.ordinary(s.fold(k)))
	if k >= last || !name || t.info&(common|technical) != 0 || s.tokens[k+1].kind != word || s.tokens[k+1].gap != spaced {
		return false
	}
	u := &s.tokens[k+1]
	if u.shape != capital || u.info&(title|nationality|technical|orgSuffix) != 0 || s.in(k+1, s.r.context(weekdays)) || s.cued(k+1, cueMonth) || s.cued(k+1, cueFunction) {
		return false
	}
	return k+1 == last || s.tokens[k+2].kind == punct
}

// givenBefore is the token at which the name begins that goes on at token j: an
// ordinary word before it may be a first name, as in Temperance Quandt, where
// its capital does not come from the sentence, or the word is a rare one.
func (s *scan) givenBefore(j, first int) int {
	k := j - 1
	if k < first || s.tokens[k].kind != word || s.tokens[k].shape != capital || s.tokens[j].gap != spaced {
		return j
	}
	t, u := &s.tokens[k], &s.tokens[j]
	if t.info&(title|nationality|technical|orgSuffix|place) != 0 || t.cue&(cueFunction|cueMonth|cueGreeting|cueRelation|cuePlaceBefore) != 0 || u.info&(firstName|technical|place) != 0 {
		return j
	}
	if t.info&frequent != 0 || s.in(k, s.r.context(weekdays)) || k-1 >= first && s.tokens[k-1].kind == word {
		return j
	}
	return k
}

// fielded finds a company that is named by a name and what it does: Drumlin
// Engineering.
func (s *scan) fielded(a, b int) bool {
	last := b
	if b+1 < len(s.tokens) && s.tokens[b+1].kind == word && s.tokens[b+1].gap == spaced && s.tokens[b+1].shape == capital && s.tokens[b+1].info&orgField != 0 {
		last = b + 1
	}
	if last == a || s.tokens[last].info&orgField == 0 || s.tokens[last].shape == lower {
		return false
	}
	for j := a; j < last; j++ {
		t := &s.tokens[j]
		if t.kind == word && t.info&technical == 0 && t.info&(common|firstName) == 0 && (t.info&lastName != 0 || !s.r.ordinary(s.fold(j))) {
			s.add(Organization, s.tokens[a].start, s.tokens[last].end, 0.68, "name/company")
			return true
		}
	}
	return false
}

const weekdays = "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miercoles jueves viernes sabado domingo lunedi martedi mercoledi giovedi venerdi domenica segunda terca quarta quinta sexta maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"

// row is the last token of the row of capitalised words that begins at token i.
func (s *scan) row(i int) int {
	last := i
	for j := i + 1; j < len(s.tokens) && j < i+24; j++ {
		t := &s.tokens[j]
		if t.taken || t.gap == newline || t.kind == hole {
			break
		}
		if t.kind == punct {
			r, _ := utf8.DecodeRuneInString(s.of(j))
			glue := j+1 < len(s.tokens) && s.tokens[j+1].kind == word && s.tokens[j+1].gap != newline
			switch {
			case (r == '-' || isApostrophe(r)) && t.gap == glued && glue && s.tokens[j+1].gap == glued && !s.possessive(j+1) && s.tokens[j+1].shape != lower:
				continue
			case r == '.' && t.gap == glued && glue && (s.tokens[j-1].shape == single || s.tokens[j-1].info&title != 0 || s.fold(j-1) == "st"):
				continue
			case r == '&' && glue && s.tokens[j+1].shape != lower:
				continue
			}
			break
		}
		if t.kind != word {
			break
		}
		switch t.shape {
		case capital, camel, upper, single:
			last = j
		case lower:
			// A particle is inside a name only.
			if t.info&particle == 0 || j+1 >= len(s.tokens) || j-last > 2 {
				return last
			}
		default:
			return last
		}
	}
	return last
}

// breaks tells whether token j, in the row that began at first, is no part of
// a person's name.
func (s *scan) breaks(j, first int) bool {
	t := &s.tokens[j]
	if t.kind == punct {
		c := s.text[t.start]
		return c == '&'
	}
	switch t.shape {
	case lower:
		// "and", "e", "y" join two persons more often than two parts of a name.
		w := s.of(j)
		return t.info&particle == 0 || w == "and" || w == "und" || w == "y" || w == "e" || w == "a" || w == "o" || w == "as"
	case capital:
		// Mein Sohn Jonas, My SSN
		if j+1 < len(s.tokens) && s.tokens[j+1].kind == word && (s.german && t.cue&cueRelation != 0 && s.tokens[j+1].shape == capital ||
			t.cue&cueFunction != 0 && s.tokens[j+1].shape == upper && !s.shouts && s.begins(j)) {
			return true
		}
	case single:
		next := j + 1
		if s.is(next, '.') {
			return false
		}
		return s.of(j) == "I" || j == first || s.of(j) == "A" && j+1 < len(s.tokens) && s.tokens[j+1].shape == lower
	}
	if t.info&title != 0 && t.info&anyName == 0 {
		return true
	}
	if t.info&brand != 0 && t.info&anyName == 0 {
		return !s.organisation(j, j)
	}
	if t.info&technical != 0 && t.info&anyName == 0 {
		return true
	}
	if t.info&nationality != 0 && t.info&anyName == 0 {
		return true
	}
	if t.info&(anyName|place) != 0 || !s.r.ordinary(s.fold(j)) {
		return false
	}
	// Mr. Table, my last name is Key: an ordinary word where only a name can be.
	return t.shape != capital || t.cue&cueFunction != 0 || !s.onlyName(j)
}

// onlyName tells whether the words before token i leave nothing but a name.
func (s *scan) onlyName(i int) bool {
	p := s.before(i)
	if p < 0 {
		return s.is(i-1, '?') && s.introduced(i) == 2
	}
	t := &s.tokens[p]
	return t.shape == lower && t.cue&cueRelation != 0 && s.tokens[i].gap == spaced && s.between(p, i) == ' ' && !s.begins(i) ||
		t.info&title != 0 && s.between(p, i) == '.' && len(s.of(p)) <= 4 && s.tokens[i].gap == spaced ||
		nameTitles[s.fold(p)] && t.shape == capital && s.tokens[i].gap == spaced && s.between(p, i) == ' ' ||
		s.introduced(i) == 2
}

// judge decides what the words from token a to token b are.
func (s *scan) judge(a, b int) {
	r := run{first: a, last: b}
	only, places, camels, uppers, techs := info(0), 0, 0, 0, 0
	for j := a; j <= b; j++ {
		t := &s.tokens[j]
		if t.kind != word {
			continue
		}
		if t.shape == single {
			r.initials++
			continue
		}
		if t.shape == lower {
			continue
		}
		r.n++
		only = t.info
		if t.shape == camel && !compound(s.of(j)) {
			camels++
		}
		if t.shape == upper {
			uppers++
		}
		if t.info&technical != 0 {
			techs++
		}
		if t.info&place != 0 {
			places++
		}
		switch {
		case t.info&(common|technical) != 0 && t.info&anyName != 0:
			r.ambiguous++
		case t.info&firstName != 0:
			r.given++
		case t.info&lastName != 0:
			r.family++
		case t.info&place != 0:
		case t.info&common != 0 || s.r.ordinary(s.fold(j)):
			r.ordinary++
		default:
			r.unknown++
		}
	}
	if r.n == 0 {
		return
	}
	start, end := s.tokens[a].start, s.tokens[b].end
	if r.n == 1 && r.given == 0 && (s.is(a-1, '`') && s.is(b+1, '`') || s.is(b+1, '_') && s.tokens[b+1].gap == glued) {
		return // part of a program
	}
	cue := s.cue(a, b)
	org := s.organisation(a, b)
	if places == r.n || places > 0 && r.n == 1 {
		s.placeOrPerson(a, b, only, cue, org)
		return
	}
	if (uppers == r.n && r.unknown == r.n || r.unknown > 0 && camels == 0 && r.n > 1) && r.given == 0 && r.initials == 0 && cue < 0.6 && !org && s.toPlace(a) && s.software == 0 {
		s.add(Location, start, end, 0.6, "name/place")
		return
	}
	if camels > 0 && r.given+r.family == 0 || uppers == r.n && r.unknown == r.n || only&orgName != 0 && r.n == 1 {
		if org || only&orgName != 0 && only&(common|technical|anyName) == 0 {
			s.add(Organization, start, end, 0.75, "name/company")
		} else if cue >= 2 && uppers == 0 && camels == 0 || s.shouts && cue >= 2 {
			s.add(Person, start, end, 0.6, "name/context")
		}
		return
	}
	if org && r.given == 0 && cue < 2 {
		s.add(Organization, start, end, 0.7, "name/company")
		return
	}
	score := s.likely(r, cue, techs)
	if uppers > 0 && !s.shouts && r.n == 1 && end-start < 4 && cue < 2 {
		score -= 0.4
	}
	if r.n == 1 && r.initials == 0 && (s.cued(a, cueFunction) || s.fold(a) == "can") && cue < 1 {
		score -= 0.3
	}
	if r.n == 1 && r.unknown == 1 && cue < 1 && !s.toPlace(a) && s.productLike(a) {
		if s.in(b+1, s.r.context("has have had will offers offered sells sold charged charges announced refused sent acquired bought makes made delivers delivered cancelled canceled")) {
			score += 0.2
		}
		s.add(Organization, start, end, score, "name/company")
		return
	}
	// One unknown word, or a family name, behind "in" or "to" is a place.
	if r.n == 1 && r.given == 0 && cue < 1.5 && (r.unknown == 1 || r.family == 1) && s.toPlace(a) {
		s.add(Location, start, end, 0.6, "name/place")
		return
	}
	s.add(Person, start, end, score, "name/person")
}

// tooled tells whether the words around a run speak of it as of a tool.
func (s *scan) tooled(a, b int) bool {
	return s.in(s.before(a), s.r.context("use using used uses install installed installing learn learning import configure deploy run running try tried in via written version library framework tool package language app between vs versus migrate switch than like")) &&
		!s.toPerson(a) || s.in(b+1, s.r.context("library framework tool package language app api sdk code script project version model file files server client plugin module class function"))
}

func (s *scan) toPerson(a int) bool { return s.cued(s.before(a), cueRelation) }

// titled tells whether the words beside a run have capitals too, as in a
// heading, so that its own says little.
func (s *scan) titled(a, b int) bool {
	near := func(i int) bool {
		return i >= 0 && i < len(s.tokens) && s.tokens[i].kind == word && s.tokens[i].shape == capital && s.tokens[i].info&common != 0
	}
	return near(a-1) && !s.begins(a-1) || near(b+1)
}

// compound tells whether a word with capitals inside is a name like McKay or
// DeLuca, and not a product's.
func compound(w string) bool {
	for _, p := range []string{"Mc", "Mac", "De", "Di", "Da", "La", "Le", "Van", "Von", "Fitz", "O", "Del", "Du", "St", "El", "Al"} {
		if len(w) > len(p)+2 && w[:len(p)] == p && w[len(p)] >= 'A' && w[len(p)] <= 'Z' {
			rest := w[len(p)+1:]
			for i := range len(rest) {
				if rest[i] >= 'A' && rest[i] <= 'Z' {
					return false
				}
			}
			return true
		}
	}
	return false
}

// toPlace tells whether the word before token a leads to a place.
func (s *scan) toPlace(a int) bool {
	p := a - 1
	if !s.cued(p, cuePlaceBefore) || s.tokens[a].gap != spaced {
		return false
	}
	if s.fold(p) == "to" && s.tokens[a].info&place == 0 {
		for q, n := p-1, 0; q >= 0 && n < 4; q, n = q-1, n+1 {
			if s.in(q, s.r.context("move moved moving travel travelling traveling travels flight fly flying flew trip go going went goes drive driving drove came come coming relocate relocated ticket tickets train bus visit way back world close next emigrated sent")) {
				return true
			}
		}
		return false
	}
	return true
}

// destination takes the row of tokens i to last for a place that one travels to,
// whatever its words mean elsewhere: "flew to Phoenix", "a train to New Westminster".
// It gives the token to go on with, or 0.
func (s *scan) destination(i, last int) int {
	if i < 2 || last > i+2 || s.shouts || s.tokens[i].gap != spaced || s.fold(i-1) != "to" {
		return 0
	}
	travels := false
	for q := i - 2; q >= 0 && q > i-5 && s.tokens[q].kind == word; q-- {
		travels = travels || s.in(q, s.r.context("flew fly flies flying flown flight flights drive drives driving drove driven train trains bus buses trip trips ticket tickets"))
	}
	for j := i; j <= last; j++ {
		t := &s.tokens[j]
		if t.kind != word || t.shape != capital && t.shape != upper || t.info&(orgSuffix|title|firstName) != 0 && t.info&place == 0 ||
			t.info&technical != 0 && t.info&place == 0 || s.in(j, s.r.context(weekdays)) || s.cued(j, cueMonth) {
			return 0
		}
	}
	if t := &s.tokens[i]; !travels || i == last && t.info&place == 0 && s.r.ordinary(s.fold(i)) { // a flight to Mom
		return 0
	}
	s.add(Location, s.tokens[i].start, s.tokens[last].end, 0.75, "name/destination")
	return last + 1
}

// placeOrPerson adds a run of words that are all places; some are names too.
func (s *scan) placeOrPerson(a, b int, only info, cue float64, org bool) {
	start, end := s.tokens[a].start, s.tokens[b].end
	t := &s.tokens[a]
	switch {
	case a != b:
		if only&anyName != 0 && t.info&firstName != 0 && s.tokens[b].info&lastName != 0 && !s.toPlace(a) {
			s.add(Person, start, end, 0.7, "name/person")
			return
		}
		s.add(Location, start, end, 0.7, "name/place")
	case only&common == 0 && only&technical == 0:
		if only&firstName != 0 && !s.toPlace(a) && !s.is(b+1, ',') || cue >= 2 {
			s.add(Person, start, end, 0.75, "name/person")
			return
		}
		if t.shape == upper && end-start < 4 && !s.shouts && !s.toPlace(a) && only&anyName != 0 {
			return
		}
		s.add(Location, start, end, 0.8, "name/place")
	case cue >= 1 && only&firstName != 0 && !s.toPlace(a):
		s.add(Person, start, end, 0.6, "name/person")
	case s.toPlace(a) && only&technical == 0:
		s.add(Location, start, end, 0.7, "name/place")
	case !s.begins(a) && only&technical == 0 && s.is(b+1, ',') && b+2 < len(s.tokens) && s.tokens[b+2].info&place != 0:
		s.add(Location, start, end, 0.7, "name/place")
	case only&technical == 0 && len(s.of(a)) >= 5 && only&firstName == 0 && !s.begins(a):
		s.add(Location, start, end, 0.55, "name/place")
	}
}

// uncasedName finds names in scripts without capitals, which takes a word of
// the lists; it gives the token to go on with.
func (s *scan) uncasedName(i int) int {
	t := &s.tokens[i]
	switch {
	case t.info&place != 0:
		s.add(Location, t.start, t.end, 0.8, "name/place")
	case t.info&firstName != 0:
		s.add(Person, t.start, t.end, 0.7, "name/person")
	case s.introduced(i) == 2:
		s.add(Person, t.start, t.end, 0.7, "name/context")
	default:
		s.clause(i)
	}
	return i + 1
}

// clause looks inside a token of a script that puts no spaces between words,
// for what follows an introduction and for places: 我叫王小明, 住在北京市.
func (s *scan) clause(i int) {
	t, text := &s.tokens[i], s.of(i)
	if len(text) < 6 {
		return
	}
	for _, intro := range []string{"我的名字是", "名字叫", "我叫", "他叫", "她叫", "私の名前は"} {
		at := strings.Index(text, intro)
		if at < 0 {
			continue
		}
		start := at + len(intro)
		end := start
		for n := 0; n < 3 && end < len(text); n++ {
			_, size := utf8.DecodeRuneInString(text[end:])
			end += size
		}
		if end > start {
			s.add(Person, t.start+start, t.start+end, 0.7, "name/context")
			return
		}
	}
	const han = 3 // bytes of a character
	for at := range text {
		for _, n := range []int{3 * han, 2 * han} {
			if at+n <= len(text) && s.r.words.has(text[at:at+n], place) {
				s.add(Location, t.start+at, t.start+at+n, 0.75, "name/place")
				break
			}
		}
	}
}
