package privacy

// determiners are German words before a noun, which has a capital itself: "Meine
// Bank" at the beginning of a sentence is no name.
const determiners = "mein meine meinen meinem meiner meines dein deine deinen deinem deiner sein seine seinen seinem seiner ihr ihre ihren ihrem ihrer" +
	" unser unsere unseren unserem unserer euer eure euren eurem eurer der die das den dem des ein eine einen einem einer eines" +
	" dieser diese dieses diesen diesem jeder jede jedes kein keine keinen welcher welche welches"

// company finds an organisation in the row of capitalised words from token a
// to token b, and gives the token to go on with, or 0.
func (s *scan) company(a, b int) int {
	// The name ends with what tells: Acme Corporation, Foo GmbH.
	for j := b; j > a; j-- {
		t := &s.tokens[j]
		if t.kind != word || t.info&orgSuffix == 0 || t.shape == lower || t.shape == single {
			continue
		}
		first := a
		for first < j && (s.cued(first, cueFunction) || s.tokens[first].kind != word || s.begins(first) && (s.leads(first) || s.in(first, s.r.context(determiners)))) {
			first++
		}
		if first == j {
			break
		}
		end := t.end
		next := j + 1
		if s.is(next, '.') && s.tokens[next].gap == glued && len(s.of(j)) <= 4 {
			end = s.tokens[next].end
		}
		s.add(Organization, s.tokens[first].start, end, 0.8, "name/company")
		return j + 1
	}
	if s.cued(a, cueFunction) {
		return 0
	}
	// University of X, Bank of X.
	if t := &s.tokens[a]; t.info&orgSuffix != 0 && a == b && s.fold(a+1) == "of" && a+2 < len(s.tokens) {
		if u := &s.tokens[a+2]; u.kind == word && (u.shape == capital || u.shape == upper) {
			last := s.row(a + 2)
			s.add(Organization, t.start, s.tokens[last].end, 0.8, "name/company")
			return last + 1
		}
	}
	// Two family names joined, and three in a row: a partnership.
	if b == a+2 && s.is(a+1, '-') && s.partner(a) && s.partner(b) && s.surname(b) && s.cue(a, b) < 1 {
		s.add(Organization, s.tokens[a].start, s.tokens[b].end, 0.65, "name/company")
		return b + 1
	}
	if a == b && s.partner(a) && s.is(a+1, ',') && a+4 < len(s.tokens) && s.partner(a+2) && !s.listed(a) {
		if and := s.fold(a + 3); (and == "and" || s.is(a+3, '&')) && s.partner(a+4) && s.row(a+4) == a+4 {
			s.add(Organization, s.tokens[a].start, s.tokens[a+4].end, 0.85, "name/company")
			return a + 5
		}
	}
	// Nimbus & Sons
	if a < b && s.is(b-1, '&') && s.in(b, s.r.context("sons son sohne sohn co partner partners associates brothers bros fils freres figli hijos filhos zonen zoon soner sonner cie company tochter")) {
		s.add(Organization, s.tokens[a].start, s.tokens[b].end, 0.82, "name/company")
		return b + 1
	}
	// Smith & Wesson, Miller and Sons.
	if a < b && s.is(a+1, '&') && b == a+2 && (s.surname(a) || !s.begins(a) && s.pair(a, b)) {
		s.add(Organization, s.tokens[a].start, s.tokens[b].end, 0.7, "name/company")
		return b + 1
	}
	if w := s.fold(b + 1); a == b && (w == "and" || s.is(b+1, '&')) && s.surname(a) && b+2 < len(s.tokens) {
		if w := s.fold(b + 2); w == "sons" || w == "partners" || w == "associates" || w == "brothers" || w == "co" || w == "company" {
			s.add(Organization, s.tokens[a].start, s.tokens[b+2].end, 0.85, "name/company")
			return b + 3
		}
	}
	return 0
}

// wholeCompany finds an organisation in a row that has ordinary words too, by
// the words around it alone: the Clean Power Finance office.
func (s *scan) wholeCompany(a, b int) bool {
	for a < b && (s.cued(a, cueFunction) || s.tokens[a].kind != word) {
		a++
	}
	if a == b || s.begins(a) && s.tokens[a].info&common != 0 && !s.describes(b) {
		return false
	}
	for j := a; j <= b; j++ {
		if t := &s.tokens[j]; t.kind == word && t.info&firstName != 0 && t.info&(common|lastName) == 0 || t.info&(placeStart|place) == place && j == a {
			return false
		}
	}
	if s.cue(a, b) >= 1 || s.cued(b, cueConcept) && s.tokens[a].info&common != 0 || !s.organisation(a, b) {
		return false
	}
	s.add(Organization, s.tokens[a].start, s.tokens[b].end, 0.72, "name/company")
	return true
}

// describes tells whether the words behind token b say that what stands there
// is an organisation: … is a design agency.
func (s *scan) describes(b int) bool {
	if !s.in(b+1, s.r.context("is was are became ist est es e")) || !s.in(b+2, s.r.context("a an the one ein eine une un una")) {
		return false
	}
	for j := b + 3; j < len(s.tokens) && j < b+10; j++ {
		if s.is(j, '.') || s.is(j, ',') {
			return false
		}
		if s.in(j, s.r.context("company startup firm agency bank nonprofit charity multinational corporation brainchild foundation organization organisation manufacturer retailer provider brand subsidiary unternehmen firma entreprise societe empresa azienda ngo 501 consultancy supplier distributor institution")) {
			return true
		}
	}
	return false
}

// pair tells whether two words that "&" joins are a company's name: one of them
// is a family name, and neither is an everyday word alone or a technology.
func (s *scan) pair(a, b int) bool {
	t, u := &s.tokens[a], &s.tokens[b]
	plain := func(t *token) bool { return t.info&frequent != 0 && t.info&anyName == 0 }
	return (t.info|u.info)&lastName != 0 && (t.info|u.info)&technical == 0 && !plain(t) && !plain(u)
}

// listed tells whether token a begins a list of persons.
func (s *scan) listed(a int) bool {
	p := s.before(a)
	return s.cued(p, cueRelation) || s.in(p, s.r.context("founders members people friends names participants attendees guests witnesses teilnehmer anwesende participantes partecipanti deelnemers colleagues authors students players"))
}

// partner tells whether token i may be a family name, and is no name that is
// a first name alone.
func (s *scan) partner(i int) bool {
	t := &s.tokens[i]
	return t.kind == word && (t.shape == capital || t.shape == camel) && (t.info&lastName != 0 || t.info == 0 && !s.r.ordinary(s.fold(i)))
}

// leads tells whether the capital of token i comes from the sentence alone.
func (s *scan) leads(i int) bool {
	return s.tokens[i].info&anyName == 0 && s.tokens[i].info&common != 0 && s.cued(i+1, cueFunction)
}

// surname tells whether token i may be a family name and is no first name.
func (s *scan) surname(i int) bool {
	t := &s.tokens[i]
	if t.kind != word || t.shape != capital && t.shape != camel {
		return false
	}
	return t.info&lastName != 0 && (t.info&firstName == 0 || t.info&common == 0) || t.info == 0 && !s.r.ordinary(s.fold(i))
}

// organisation tells whether the words around a run say that it is one.
func (s *scan) organisation(a, b int) bool {
	if a == b && s.cued(a, cueFunction) {
		return false
	}
	tech := 0
	for j := a; j <= b; j++ {
		if s.tokens[j].info&(technical|brand) == technical {
			tech++
		}
	}
	// Work with Spring Boot; but a job at Google.
	if tech > 0 && (b > a || !s.in(a-1, s.r.context("at for bei chez"))) {
		return false
	}
	p := s.before(a)
	if p >= 0 && s.between(p, a) == ' ' {
		w := s.fold(p)
		switch w {
		case "the", "la", "el", "die", "der", "l", "los":
			if s.cued(s.before(p), cueOrgBefore) {
				return true
			}
		case "for", "at", "with", "by", "of", "bei", "fur", "para", "en", "chez", "pour", "per", "presso", "na", "da", "voor", "bij", "from", "to":
			// "work for X", "a job at X", "CEO of X".
			for q, n := s.before(p), 0; q >= 0 && n < 3; q, n = s.before(q), n+1 {
				if s.cued(q, cueEmploy) && (w != "with" && w != "to" && w != "from" || n > 0) {
					return true
				}
			}
			// Anna Miller from X
			if w == "from" && p > 0 && s.tokens[p-1].kind == word && s.tokens[p-1].shape == capital && s.tokens[p-1].info&lastName != 0 && !s.begins(p-1) {
				return true
			}
			// Anna Miller of X
			if w == "of" && p > 1 && s.tokens[p-1].kind == word && s.tokens[p-1].shape == capital && s.tokens[p-2].kind == word && s.tokens[p-2].shape == capital &&
				s.tokens[p-2].info&firstName != 0 && s.tokens[p-1].info&(common|place|orgSuffix) == 0 {
				return true
			}
			if w == "with" && s.fold(p-1) == "been" {
				return true
			}
		}
		if (w == "of" || w == "for" || w == "at") && s.in(s.before(p), s.r.context("address headquarters headquarter office offices employees customers ceo founder shares branch year years recorded subsidiary website")) {
			return true
		}
		if s.cued(p, cueOrgBefore) || w == "joined" || w == "acquired" || w == "became" && s.in(s.before(p), s.r.context("later then")) {
			return true
		}
	}
	if s.describes(b) {
		return true
	}
	next, possessive := s.after(b)
	if s.cued(next, cueOrgAfter) && (possessive || s.tokens[next].gap == spaced) {
		return true
	}
	return false
}
