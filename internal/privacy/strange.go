package privacy

import "strings"

// Organisations that are told by their capitals: nobody writes "a reminder to
// Paper Crane" with two of them unless it is a name. The words around it need
// not be known, only that it is a sentence and speaks of business of some kind.

// strange finds an organisation in the row of capitalised words from token a to
// token b by capitals that nothing else explains. It gives the token to go on
// with, or 0.
func (s *scan) strange(a, b int) int {
	a = s.afterDeal(a, b)
	// A Paper Crane não me pagou
	if a < b && s.tokens[a].shape == single && s.begins(a) && s.in(a, s.r.context("a o")) {
		a++
	}
	names, camels, shouted, ordinary, unknown := 0, 0, 0, 0, 0
	for j := a; j <= b; j++ {
		t := &s.tokens[j]
		switch {
		case t.kind != word:
			continue
		case s.longPlace(j), nameTitles[s.fold(j)], t.shape == single, t.cue&(cueRelation|cueGreeting|cueMonth) != 0, t.info&(nationality|title) != 0 && t.info&common == 0:
			return 0
		case t.shape == lower:
			continue
		case t.info&firstName != 0 && t.info&(common|technical) == 0, t.info&place != 0 && t.info&(common|technical) == 0:
			return 0
		case t.info&technical != 0:
			return 0
		case t.cue&cueFunction != 0 && j == b:
			return 0
		case t.cue&cueTopic != 0:
		case t.shape == camel && !compound(s.of(j)):
			camels++
		case t.shape == upper && !s.r.ordinary(s.fold(j)):
			shouted++
		case t.info&common != 0 || s.r.ordinary(s.fold(j)):
			ordinary++
		default:
			unknown++
		}
		names++
	}
	odd := ordinary + camels + shouted + unknown
	switch {
	case names == 0, odd == 0, s.shouts, s.in(a, s.r.context(weekdays)), s.onlyName(a) && camels+shouted == 0:
		return 0
	case s.cued(b, cueConcept) && camels+unknown == 0, s.generic(a, b):
		return 0
	case names > 1 && unknown == odd:
		return 0 // more like a person
	case !s.sentence(a, b), s.tooled(a, b):
		return 0
	case s.software > 1 && (camels > 0 || names == 1):
		return 0
	}
	if !s.strangeHere(a, b, names, camels, shouted, unknown) {
		return 0
	}
	s.add(Organization, s.tokens[a].start, s.tokens[b].end, 0.7, "name/strange")
	return b + 1
}

// compares tells whether the words before token i part two things: the
// difference between De and Het.
func (s *scan) compares(i int) bool {
	for j := i - 1; j >= 0 && j > i-6 && s.tokens[j].kind == word; j-- {
		if s.in(j, s.r.context("tussen entre tra fra between zwischen")) {
			return true
		}
	}
	return false
}

// subject tells whether token i stands in the subject line of a letter.
func (s *scan) subject(i int) bool {
	return s.in(s.line(i), s.r.context("subject betreff objet asunto oggetto assunto onderwerp re"))
}

// generic tells whether a row is a kind of school and not one.
func (s *scan) generic(a, b int) bool {
	return b == a+1 && s.in(b, s.r.context("school schools university college")) &&
		s.in(a, s.r.context("middle high primary elementary secondary grammar graduate medical law business public private summer night sunday home old art music language driving nursing community junior"))
}

// strangeHere tells whether the words around a row of so many words leave its
// capitals to an organisation.
func (s *scan) strangeHere(a, b, names, camels, shouted, unknown int) bool {
	p, next := a-1, b+1
	begins := s.begins(a)
	_, possessive := s.after(b)
	article := s.in(p, s.r.context("the a o as os la las el los il lo l le les i gli un una une um uma ein eine einen einem der die das den dem de het een an this that these"))
	// To the Copper Kettle, para a Paper Crane
	led := !begins && s.cued(p, cueDealer) && (!article || s.fold(p) == "a" || s.german && s.fold(p) == "an")
	many := names > 1
	if !begins && article && s.cued(p-1, cueDealer) && (!s.german || many || camels+shouted > 0) && !s.in(p, s.r.context("a an un une uma um ein eine einen einem een this that these")) ||
		!begins && s.in(p, s.r.context("a um una")) && s.in(p-1, s.r.context("para com por de em con")) {
		led, p = true, p-1
	}
	business := cueDeal | cueOurs | cueActs | cueWriting | cueJob | cueOrgBefore
	strong := s.hasBefore(a-16, a-1, business&^cueOurs) || s.hasBehind(next, next+10, business&^cueOurs)
	around := strong || s.hasBefore(a-16, a-1, business) || s.hasBehind(next, next+10, business)
	switch {
	case begins && s.subject(a) && s.ends(b) && s.is(p, '-'):
		return s.hasBefore(a-12, a-1, cueDeal|cueWriting) && (!s.german || s.foreign(a, b))
	case begins && s.german:
		return s.verb(next) && around && (camels+shouted > 0 || s.foreign(a, b) || many && unknown > 0)
	case begins && !many && camels+shouted+unknown == 0:
		// Nimbus heeft mijn bestelling geannuleerd; Nimbus sent me
		return (s.in(next, s.r.context("heeft non ne no ha nao wil weigert")) && (around || s.sparing) || s.sparing && s.in(next, s.r.context("me mi nos ci ons stuurt vraagt levert")) || s.verb(next) && s.in(next+1, s.r.context("me us my our"))) && s.tokens[a].info&frequent == 0 && !s.plural(a) && !s.cued(a, cueConcept) &&
			!s.in(a, s.r.context("nobody personne nadie nessuno ninguem niemand alguien qualcuno alguem iemand quelqu todo tutto tudo alles iedereen everyone"))
	case begins:
		return (many || camels+shouted > 0) && s.verb(next) && around
	case s.in(p, s.r.context("did does will would can could should may must")) && (s.begins(p) || s.in(p-1, s.r.context("why when how what where"))):
		return around && !s.plural(a) && s.tokens[next].kind == word && s.tokens[next].shape == lower
	case s.in(p, s.r.context("about uber over sobre su sur of on")) && s.in(p-1, s.r.context("review reviews complaint complaints bewertung avis resena recensione avaliacao recensie beschwerde klacht know heard hear opinion")):
		return many || camels+shouted+unknown > 0 || strong
	case s.in(p, s.r.context("op")) && s.in(p-1, s.r.context("zit zitten")):
		return true
	case s.german && s.begins(p) && s.cued(p, cueDealer) && s.tokens[next].kind == word && s.in(next+1, s.r.context("ich wir man er sie")):
		return camels+shouted > 0 || s.foreign(a, b) || many // Für Nimbus soll ich ein Logo entwerfen
	case s.in(p, s.r.context("runs owns manages leitet dirige gestiona gestisce runt")):
		return around && !s.plural(a) && !s.cued(b, cueConcept) // my dad runs Nimbus
	case s.in(p, s.r.context("that if whether because when since dass ob weil que si che se dat")):
		return around && !s.plural(a) && (many || camels+shouted > 0 || s.verb(next)) && (!s.german || s.foreign(a, b))
	case s.subject(a) && s.ends(b):
		return s.hasBefore(a-12, a-1, cueDeal|cueWriting) && (!s.german || s.foreign(a, b))
	case s.in(p, s.r.context("explain learn study studying understand teach between vs versus into on use using used install run like")):
		return false
	case s.in(p, s.r.context("with mit avec con com met")) && s.in(p-1, s.r.context("work works worked working help helps table trabajo travaille lavoro trabalho arbeite werk job")):
		return false // a tool
	case s.in(p, s.r.context("at chez")) && s.in(p-1, s.r.context("was were am are been i we")):
		return many || camels+shouted > 0 || !s.plural(a) && led && !s.in(a, s.r.context("university college school church mass sea court"))
	case possessive && article && !s.german:
		after, _ := s.after(b)
		return many || s.cued(after, cueOrgAfter)
	case article && !led:
		return false
	case s.sparing && !s.compares(a) && s.tokens[p].kind == word && s.tokens[p].shape == lower && !s.cued(b, cueConcept):
		// Where English has no capital, a word has one for a name.
		return led && !(article && s.hasBefore(a-8, a-1, cueConcept)) || many && !article || camels+shouted > 0 || s.cued(p, cueDeal)
	case many && s.german && s.tokens[p].kind == word && around && (s.foreign(a, b) || !s.adjective(a) && s.tokens[p].shape == lower || s.begins(p) && !s.adjective(a)):
		return true
	case many && s.german:
		return led && around || s.in(p, s.r.context("allem ist heisst gegen auf an"))
	case many:
		return led && around || strong || s.in(p, s.r.context("at from by with chez presso"))
	case s.german:
		return (around && s.tokens[p].kind == word && (led || s.tokens[p].shape == lower && s.foreign(a, b) && s.tokens[a].info != 0 && s.tokens[min(next, len(s.tokens)-1)].shape == lower) || s.in(p, s.r.context("allem ist heisst gegen"))) && !s.germanThing(a)
	case camels+shouted > 0:
		return around && s.tokens[p].kind == word && s.tokens[p].shape == lower
	case s.cued(p, cueDeal) && s.verb(p), s.in(p, s.r.context("joining hiring suing booking choosing leaving")):
		return !s.plural(a) && !s.cued(a, cueConcept) // we hired Nimbus
	}
	if s.plural(a) || s.cued(a, cueConcept) || !led || next < len(s.tokens) && s.tokens[next].kind == number {
		return false
	}
	if s.fold(p) == "at" {
		return !s.in(a, s.r.context("university college school church mass sea court")) && !s.in(p-1, s.r.context("look looking looked laugh aim aimed start point stare arrive"))
	}
	// A letter to Nimbus.
	return !s.plural(a) && led && s.hasDeal(p-6, p, cueWriting) && !s.cued(a, cueConcept) && s.fold(p) != "of"
}

// foreign tells whether a word of a row in a German text is none of its nouns.
func (s *scan) foreign(a, b int) bool {
	for j := a; j <= b; j++ {
		if s.tokens[j].kind == word && s.tokens[j].shape != lower && !s.germanThing(j) {
			return true
		}
	}
	return false
}

// adjective tells whether a word may be a German adjective, which a noun follows.
func (s *scan) adjective(i int) bool {
	w := s.fold(i)
	for _, e := range []string{"e", "er", "en", "es", "em", "s"} {
		if strings.HasSuffix(w, e) {
			return true
		}
	}
	return false
}

// germanThing tells whether a capitalised word in a German text may be one of
// its nouns, by its ending or since it is written as German words are.
func (s *scan) germanThing(i int) bool {
	t := &s.tokens[i]
	if t.shape == upper || t.shape == camel {
		return false
	}
	w := s.fold(i)
	for _, e := range []string{"en", "ern", "er", "ung", "heit", "keit", "schaft", "tion", "tat", "innen", "nis"} {
		if strings.HasSuffix(w, e) {
			return true
		}
	}
	if s.in(i, s.r.context("team teams coach computer service shop training meeting couch party baby hobby handy tour route souvenir city company homepage community facebook youtube")) {
		return true
	}
	if t.info&common == 0 && !strings.HasSuffix(w, "e") && !s.r.ordinary(w) {
		return false
	}
	for k := range len(w) {
		if w[k] == 'y' || w[k] == 'c' && (k+1 == len(w) || w[k+1] != 'h' && w[k+1] != 'k') {
			return false
		}
		if k+1 < len(w) {
			switch w[k : k+2] {
			case "gh", "oo", "ou", "ea", "sh", "wh", "oa":
				return false
			}
		}
	}
	return true
}

// hasBefore tells whether one of the tokens from i to j has a cue, behind the
// last full stop among them.
func (s *scan) hasBefore(i, j int, c cue) bool {
	for k := j; k >= max(i, 0); k-- {
		if s.is(k, '.') || s.is(k, '!') || s.is(k, '?') {
			return false
		}
		if s.tokens[k].kind == word && s.tokens[k].cue&c != 0 {
			return true
		}
		if s.tokens[k].gap == newline {
			return false
		}
	}
	return false
}

// hasBehind is hasDeal for what stands behind a name, in the same sentence.
func (s *scan) hasBehind(i, j int, c cue) bool {
	for k := max(i, 0); k <= j && k < len(s.tokens); k++ {
		t := &s.tokens[k]
		if t.gap == newline || s.is(k, '.') || s.is(k, '!') || s.is(k, '?') {
			return false
		}
		if t.kind == word && t.cue&c != 0 {
			return true
		}
	}
	return false
}

// sentence tells whether the line of a row is written in sentences, so that a
// capital says something: most of its other words have none.
func (s *scan) sentence(a, b int) bool {
	lowers, capitals := 0, 0
	for _, step := range []int{-1, 1} {
		j := a - 1
		if step > 0 {
			j = b + 1
		}
		for n := 0; j >= 0 && j < len(s.tokens) && n < 24; j, n = j+step, n+1 {
			t := &s.tokens[j]
			if step > 0 && t.gap == newline {
				break
			}
			if t.kind == word {
				if t.shape == lower {
					lowers++
				} else if !s.begins(j) {
					capitals++
				}
			}
			if step < 0 && t.gap == newline {
				break
			}
		}
	}
	return s.german && lowers >= 2 || lowers >= 2 && lowers > 2*capitals || s.subject(a)
}
