package privacy

// Organisations that are called by ordinary words (Copper Lantern, Pulse) are
// told by what people have to do with them: an invoice from it, a job at it,
// the technician that it sent.

// institution finds a name that begins with what it is, in the row of
// capitalised words from token i to token last: Mairie de Valcourt, Hotel
// Kranichsee. It gives the token to go on with, or 0.
func (s *scan) institution(i, last int) int {
	for h := i; h <= last; h++ {
		if !s.cued(h, cueHead) || s.tokens[h].shape == lower || s.tokens[h].shape == upper {
			continue
		}
		end, rare := h, false
		for j := h + 1; j < len(s.tokens) && j < h+9; j++ {
			t := &s.tokens[j]
			if t.taken || t.gap == newline {
				break
			}
			if t.kind == punct {
				if c := s.text[t.start]; t.gap == glued && (c == '.' && s.tokens[j-1].info&title != 0 || c == '-' || c == '\'' || c >= 0x80) {
					continue
				}
				break
			}
			if t.kind != word {
				break
			}
			if t.shape == lower {
				if !s.cued(j, cueInside) || j-end > 2 {
					break
				}
				continue
			}
			if t.info&technical != 0 && s.in(h, s.r.context(englishHeads)) {
				break
			}
			end = j
			w := s.fold(j)
			rare = rare || t.info&frequent == 0 && (t.info&(common|orgSuffix|orgField) == 0 || t.info&(anyName|place) != 0) && !s.r.ordinary(w) || t.info&title != 0
		}
		if end == h {
			continue
		}
		// Hotel Booking is a topic; Apotheke am Markt, of small words, is none.
		small := s.tokens[h+1].shape == lower && !s.english(h)
		if !rare && !small && (end == h || s.tokens[h+1].shape == lower || s.in(h, s.r.context(englishHeads)) || s.cued(end, cueConcept|cueTopic|cueMonth)) {
			continue
		}
		s.add(Organization, s.tokens[h].start, s.tokens[end].end, 0.8, "name/institution")
		return end + 1
	}
	return 0
}

// english tells whether the small word behind token h is an English one.
func (s *scan) english(h int) bool { return s.fold(h+1) == "of" }

// dealt finds an organisation in the row of capitalised words from token a to
// token b by what somebody has to do with it, where the words are such as
// nothing else would take for a name. It gives the token to go on with, or 0.
func (s *scan) dealt(a, b int) int {
	a = s.afterDeal(a, b)
	names, ordinary, topics, shouted, tools, people := 0, 0, 0, 0, 0, 0
	for j := a; j <= b; j++ {
		t := &s.tokens[j]
		switch {
		case t.kind != word:
			continue
		case s.longPlace(j), nameTitles[s.fold(j)] && j < b:
			return 0
		case t.cue&(cueRelation|cueGreeting) != 0 || t.shape == single:
			people++
		case t.shape == lower && t.info&particle == 0, t.cue&cueMonth != 0, t.info&nationality != 0:
			return 0
		case t.info&firstName != 0 && t.info&(common|lastName|technical) == 0, t.info&place != 0 && t.info&(common|technical) == 0, t.info&title != 0 && t.info&common == 0:
			return 0 // a person or a place
		case t.info&(technical|brand) == technical:
			tools++
		case t.cue&cueTopic != 0:
			topics++
		case t.shape == upper || t.shape == camel && !compound(s.of(j)):
			shouted++
		case t.info&(common|brand) != 0 || s.r.ordinary(s.fold(j)):
			ordinary++
		}
		names++
	}
	switch {
	case names == 0, topics == names, s.generic(a, b), s.cued(b, cueConcept) && shouted == 0 && ordinary == names && !s.employer(a), s.in(a, s.r.context(weekdays)), s.onlyName(a) && shouted < names:
		return 0
	case ordinary+topics+shouted+tools == 0 && !s.begins(a):
		return 0 // unknown words are judged by their capitals
	case names == 1 && (s.cued(a, cueFunction|cueRelation|cueGreeting) || s.tokens[a].shape == single):
		return 0
	case names == 1 && s.tokens[b].info&orgSuffix != 0: // meine Versicherung, the bank
		return 0
	case tools > 0 && !s.employer(a) && (tools == names || s.tokens[b].info&(orgField|orgSuffix) == 0 || s.tokens[b].info&technical != 0), !s.dealtWith(a, b, names, ordinary, people):
		return 0
	}
	s.add(Organization, s.tokens[a].start, s.tokens[b].end, 0.72, "name/dealt")
	return b + 1
}

// landmark finds a place that is named by what it is: Central Park, Lake Morrow.
func (s *scan) landmark(a, b int) int {
	for a < b && (s.tokens[a].kind != word || s.cued(a, cueFunction)) {
		a++
	}
	t, u := &s.tokens[a], &s.tokens[b]
	named := s.in(b, s.r.context("park square bridge beach lake island bay airport station tower palace castle cathedral stadium falls harbour harbor plaza hills gardens")) &&
		!s.in(a, s.r.context("national public theme water car amusement trailer police gas train bus space bouncy sand control"))
	if a == b || !named && !s.in(a, s.r.context("lake mount fort cape")) || t.kind != word || u.kind != word || t.shape != capital || u.shape != capital ||
		(t.info|u.info)&technical != 0 || s.german {
		return 0
	}
	other := a
	if !named {
		other = b
	}
	// Ordinary words are one where something is at them.
	if s.r.ordinary(s.fold(other)) && !s.in(a-1, s.r.context("in at near to through from around visit visiting by across inside outside")) &&
		(s.fold(a-1) != "the" || !s.in(a-2, s.r.context("in at near to through from around visit by across"))) {
		return 0
	}
	s.add(Location, t.start, u.end, 0.7, "name/landmark")
	return b + 1
}

// longPlace tells whether a place of several words begins at token j: Los Angeles.
func (s *scan) longPlace(j int) bool {
	if s.tokens[j].info&placeStart == 0 || j+1 >= len(s.tokens) {
		return false
	}
	key := s.fold(j) + " " + s.fold(j+1)
	return s.r.words.phrases[key]&place != 0 || s.r.words.phrases[key+" "+s.fold(j+2)]&place != 0
}

// afterDeal is where the name begins in a row of capitalised words that may hold
// what leads to it too: Unser Kunde Pulse, Angebot von Pulse.
func (s *scan) afterDeal(a, b int) int {
	for j := b - 1; j >= a; j-- {
		if s.tokens[j].kind != word || s.tokens[j+1].kind != word || s.tokens[j+1].shape == lower {
			continue
		}
		leads := s.cued(j, cueOrgBefore) && (s.german || s.begins(j)) || s.in(j, s.r.context("team equipe equipo squad")) && s.begins(j)
		if s.tokens[j].shape == lower && s.cued(j, cueDealer) && j > a {
			leads = s.cued(j-1, cueDeal|cueOrgBefore|cueJob) || s.german && s.tokens[j-1].info&(common|anyName) == common
		}
		if leads {
			return j + 1
		}
	}
	if a < b && s.begins(a) && s.in(a, s.r.context("die der das den dem ein eine mein meine unser unsere el los las le les il lo i gli os as um uma de het een un une mi mon ma notre mio mia meu minha mijn onze")) {
		a++
	}
	if a < b && s.begins(a) && s.in(a, s.r.context("darf kann hat ist soll will muss wird is does did has can puo peut puede pode kan mag")) {
		a++ // Darf Pulse meine Kaution behalten?
	}
	if a < b && s.cued(a, cueGreeting) && s.in(b+1, s.r.context("team staff crew support")) {
		a++ // Dear Pulse team
	}
	for a < b && (s.cued(a, cueFunction|cueDealer) || s.tokens[a].kind != word) {
		a++
	}
	return a
}

// dealtWith tells whether the words around a row say that somebody has business
// with it. The row has so many words, of which so many are ordinary ones, and so many those that stand before a person.
func (s *scan) dealtWith(a, b, names, ordinary, people int) bool {
	begins := s.begins(a)
	p, before, next := a-1, s.before(a), b+1
	plain := names == 1 && ordinary == 1 // one ordinary word
	// Our supplier Pulse; my employer, Pulse, "employer": "Pulse"
	label := p
	for s.is(label, '"') || s.is(label, '\'') || s.is(label, '*') {
		label--
	}
	if (!begins || s.is(label, ':')) && s.cued(before, cueOrgBefore) && s.tokens[a].gap != newline && s.tokens[before].info&technical == 0 {
		if s.fold(before) != "bei" || !s.german || !plain && !s.germanThing(a) {
			return s.between(before, a) != '.'
		}
	}
	if s.in(p, s.r.context("founded cofounded joined acquired sued sue suing leaving left choosing")) || s.is(p, ':') && s.in(before, s.r.context("to from sender")) && !s.german && s.hasDeal(p-3, p-1, cueDeal) {
		return true
	}
	// Mein Arbeitgeber ist Pulse; the team of Pulse; ship to: Pulse
	if s.in(p, s.r.context("is ist est es e")) && s.cued(p-1, cueOrgBefore) && !begins {
		return true
	}
	if s.in(p, s.r.context("team equipe equipo squad")) && (s.ends(b) || s.german) || s.in(p, s.r.context("of von de del da do di van at bei")) && s.in(p-1, s.r.context("team equipe equipo squad")) {
		return !s.cued(a, cueConcept)
	}
	if s.is(p, ':') && s.in(p-1, s.r.context("to")) && s.in(p-2, s.r.context("ship bill deliver sold billed shipped attention invoice")) {
		return true
	}
	// My bakery, Pulse; a shop called Pulse
	if concern := s.hasDeal(p-6, p, cueConcern); concern && !begins && (s.introduced(a) > 0 || s.in(p, s.r.context("called named namens heisst heet")) || s.is(p, ',') && s.cued(p-1, cueConcern) ||
		s.in(p, s.r.context("is ist est es e")) && s.cued(p-1, cueConcern)) {
		return true
	}
	if s.dated(next) && (begins || s.is(p, ',') || s.is(p, ':')) {
		return true
	}
	// Head of sales, Pulse.
	if s.is(p, ',') && s.hasDeal(p-4, p-1, cueJob) && (next >= len(s.tokens) || s.tokens[next].gap == newline || s.is(next, '.') || s.is(next, ',')) {
		return true
	}
	// Is Pulse a good employer?
	if s.in(next, s.r.context("a an ein eine un une uma een")) && s.in(p, s.r.context("is was ist est es e is")) {
		for j := next + 1; j < next+4; j++ {
			if s.in(j, s.r.context("employer company agency supplier bank landlord insurer school startup arbeitgeber firma unternehmen employeur entreprise empresa azienda bedrijf werkgever")) {
				return true
			}
		}
	}
	if !begins && s.in(p, s.r.context(articles)) && !s.cued(p-1, cueDealer) {
		// The Copper Lantern account, but not the Savings account.
		if s.cued(next, cueOrgAfter) && (!plain || !s.german && !s.plural(a) && s.in(next, s.r.context("account office offices employees headquarters branch recruiter")) &&
			!s.in(a, s.r.context("post oval admin user guest saving checking bank business premium free email main head back front corporate local tax box test root service"))) {
			return true
		}
	}
	if s.in(p, s.r.context("a an")) && (plain || s.cued(b, cueConcept)) {
		return false
	}
	if led := s.cued(p, cueDealer); led && !begins || s.in(p, s.r.context(articles)) && s.cued(p-1, cueDealer) {
		prep := p
		if !led {
			prep--
		}
		switch {
		case s.begins(prep):
			return s.fold(prep) == "at" && s.in(next, s.r.context("we our i they"))
		case names > 1 && !s.german && s.in(prep, s.r.context("at chez presso bij")):
			return true
		case s.german && s.in(a, s.r.context("regen sonne schnee nacht tag hitze kalte wind fragen problemen bedarf kunden firmen hilfe krankheit arzten freunden")):
			return false
		case s.german && plain:
			// Every noun has a capital: "bei Regen" is none, "gearbeitet bei Pulse" is.
			return s.fold(p) == "bei" && s.hasDeal(p-6, p, cueDeal)
		case s.german && names == 1 && s.germanNoun(a):
			return false
		case s.in(prep, s.r.context("with con avec com mit met")) && s.in(prep-1, s.r.context("work works worked working trabajo travaille lavoro trabalho arbeite werk job")):
			return false // a tool
		}
		if s.in(prep, s.r.context("at from bei chez presso en na da bij")) {
			return s.hasDeal(prep-10, prep, cueDeal) || s.hasDeal(next, next+6, cueDeal|cueActs)
		}
		return s.hasDeal(prep-4, prep, cueDeal)
	}
	if plain && begins && (s.german || s.plural(a) || s.in(a, s.r.context("nobody someone somebody everyone everybody anyone anybody nothing something work school management another each neither none"))) {
		return false
	}
	// Pulse support keeps hanging up; dear Pulse team
	if begins && s.in(next, s.r.context("support helpdesk")) && s.verb(next+1) && !s.in(a, s.r.context("customer tech technical child life emotional peer community user phone online product sales")) ||
		s.in(next, s.r.context("team staff crew support")) && s.cued(before, cueGreeting) && s.tokens[next].gap == spaced && !s.in(a, s.r.context("hiring support sales marketing whole entire recruiting customer product design")) {
		return true
	}
	if s.column(a, b, cueOrgBefore|cueConcern) || s.signed(a, b) && !s.cued(b, cueConcept) && (names > 1 || !s.german) {
		return true
	}
	// Pulse is suing us
	if plain && begins && s.in(next, s.r.context("is has was keeps hat ha a heeft")) && s.cued(next+1, cueActs) {
		return true
	}
	// Pulse charged me; that Pulse sent
	if s.cued(next, cueActs) || s.in(next, s.r.context("wants asked asks wanted")) && s.in(next+1, s.r.context("us me for our")) || !plain && s.personal(next) {
		return true
	}
	// Copper Lantern has not replied to my emails
	if people == 0 && (names > 1 || ordinary == 0) {
		if s.verb(next) && (s.hasDeal(next, next+7, cueOurs) || s.in(next, s.r.context("no non nao")) && s.in(next+1, s.r.context("quiere vuole quer responde risponde paga contesta"))) && (begins || p < 0 || s.tokens[p].kind == word) {
			return true
		}
		if s.in(p, s.r.context("the")) && s.in(next, s.r.context("board website newsletter app portal invoice contract campaign deal merger project account")) && names > 1 {
			return true
		}
	}
	return s.in(p, s.r.context("that which because since after if dass weil que quand cuando porque perche dat omdat")) && s.in(next, s.r.context("sent sends made gave never had has"))
}

// verb tells whether token i may be what somebody does: it is in lower case,
// and an auxiliary, a negation, or of a verb's form.
func (s *scan) verb(i int) bool {
	if i >= len(s.tokens) || s.tokens[i].kind != word || s.tokens[i].shape != lower || s.tokens[i].gap != spaced {
		return false
	}
	if s.in(i, s.r.context("is was has had will would does did just never keeps kept still won cannot can says said sent made laid opens did told took hat ist wird will war stuurt vraagt levert betaalt weigert verlangt n a ne refuse no me non mi ha nao heeft wil is e")) {
		return true
	}
	w := s.of(i)
	return len(w) > 4 && (w[len(w)-2:] == "ed" || w[len(w)-1] == 's' && w[len(w)-2] != 's')
}

// ends tells whether a line ends behind token i.
func (s *scan) ends(i int) bool { return i+1 >= len(s.tokens) || s.tokens[i+1].gap == newline }

// employer tells whether the words before token i leave nothing but somebody's
// employer or supplier, even where the word is a tool's name too.
func (s *scan) employer(i int) bool {
	if s.begins(i) {
		return false
	}
	return s.cued(s.before(i), cueOrgBefore) && s.tokens[i].gap != newline || s.in(i-1, s.r.context("at bei chez")) && s.hasDeal(i-8, i-1, cueDeal)
}

// dated tells whether years of employment follow at token i: , 2018-2021.
func (s *scan) dated(i int) bool {
	if !s.is(i, ',') && !s.is(i, '(') && !s.is(i, '|') || i+1 >= len(s.tokens) {
		return false
	}
	year := func(j int) bool {
		return j < len(s.tokens) && s.tokens[j].kind == number && len(s.of(j)) == 4 && (s.of(j)[0] == '1' || s.of(j)[0] == '2')
	}
	if !year(i + 1) {
		return false
	}
	for j := i + 2; j < i+5 && j < len(s.tokens); j++ {
		if year(j) || s.in(j, s.r.context("present now today heute presente oggi heden")) {
			return true
		}
	}
	return false
}

// lowerDealt tells whether the unknown word at token i, in lower case, is an
// organisation by the words around it: our client zentrix.
func (s *scan) lowerDealt(i int) bool {
	if s.tokens[i].gap != spaced || i == 0 || s.tokens[i-1].kind != word {
		return false
	}
	return s.cued(i-1, cueOrgBefore) && s.in(i-2, s.r.context("my our the your their mein meine unser unsere mon notre mi nuestro il nostro meu nosso mijn onze")) && s.tokens[i-1].info&technical == 0 ||
		s.in(i-1, s.r.context("at bei chez presso bij")) && s.hasDeal(i-7, i-1, cueDeal)
}

// plural tells whether a word may be one in the plural, which needs no article.
func (s *scan) plural(i int) bool {
	w := s.fold(i)
	return w[len(w)-1] == 's' && s.r.ordinary(w[:len(w)-1])
}

// hasDeal tells whether one of the tokens from i to j has a cue: of those in
// front of a name the ones behind the last full stop count, of those behind it
// the ones before the next.
func (s *scan) hasDeal(i, j int, c cue) bool {
	behind := c&(cueActs|cueOurs) != 0
	found := false
	for k := max(i, 0); k <= j && k < len(s.tokens); k++ {
		t := &s.tokens[k]
		if k > i && t.gap == newline || s.is(k, '.') || s.is(k, '!') || s.is(k, '?') {
			if behind {
				return found
			}
			found = false
		}
		found = found || t.kind == word && t.cue&c != 0
	}
	return found
}
