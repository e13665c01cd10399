package privacy

import "strings"

// The words of postal addresses, folded.
const (
	streetTypes = "alley annex arcade avenue bayou beach bend bluff bottom boulevard branch bridge brook brooks burg burgs bypass camp canyon cape causeway center centers circle circles cliff cliffs club common commons corner corners course court courts cove coves creek crescent crest crossing crossroad curve dale dam divide drive drives estate estates expressway extension extensions fall falls ferry field fields flat flats ford fords forest forge forges fork forks fort freeway garden gardens gateway glen glens green greens grove groves harbor harbors haven heights highway hill hills hollow inlet island islands isle junction junctions key keys knoll knolls lake lakes land landing lane light lights loaf lock locks lodge loop mall manor manors meadow meadows mews mill mills mission motorway mount mountain mountains neck orchard oval overpass park parks parkway parkways pass passage path pike pine pines place plain plains plaza point points port ports prairie radial ramp ranch rapid rapids rest ridge ridges river road roads route row run shoal shoals shore shores skyway spring springs spur square squares station stravenue stream street streets summit terrace throughway trace track trafficway trail tunnel turnpike underpass union unions valley valleys viaduct view views village villages ville vista vistas walk walks wall way ways well wells st str ave av rd blvd ln dr ct pl sq ter hwy pkwy cir cres trl rte quay wharf drift close rise drove esplanade strasse straße terrasse gate vei vej väg gatan katu straat laan weg platz allee"
	// before the name of the street
	streetPrefixes = "rue avenue av boulevard bd place allee impasse chemin quai cours via viale piazza piazzale corso vicolo largo strada calle c avenida avda av plaza plza paseo carrer ronda camino carretera rua r travessa praca praceta alameda largo estrada ulica ul aleja al plac os osiedle ulice trida namesti utca strada str bulevardul calea jalan jl jln улица ул проспект пр пер переулок вулиця odos straat laan kralja bulevar trg rua"
	// inside the name of a street, in lower case
	streetJoints = "u utca ut ter tn tee mnt pst krt ulice i och and de da do van der poik tanav gate vei terrasse trg z ze na pri u a"
	unitWords    = "apt apartment suite ste unit flat floor fl room rm building bldg box block lot no top tur piso puerta planta apto apart etage stock etg app appt bat batiment interno int scala c/o"
	streetStarts = "corner apo fpo dpo psc po cmr unit uss p postfach apartado bp postbus apt apartment suite ste flat"
)

// streetSuffixes end the names of streets that are one word.
var streetSuffixes = []string{"strasse", "straße", "str", "weg", "gasse", "allee", "platz", "ring", "damm", "ufer", "chaussee", "steig", "pfad", "gade", "vej", "alle", "stræde", "straede", "gatan", "vagen", "grand", "torget", "gata", "gaten", "gate", "veien", "vegen", "bakken", "katu", "tie", "kuja", "polku", "kaari", "raitti", "tanav", "puiestee", "straat", "laan", "plein", "gracht", "kade", "dreef", "singel", "utca", "korut", "iela", "gatve", "stigur", "stræti", "straeti", "braut", "gotu", "ova", "ska", "vænget", "vaenget", "parken", "engen", "toften", "marken", "haven", "lunden", "bro", "broen", "skoven", "bakke", "høj", "hoj", "terrassen", "brinken", "stien", "gränd", "stigen", "backen", "strand", "rinne", "mäki", "maki", "ranta", "kangas"}

// streets finds postal addresses: a street with its number, and what goes on
// behind it; boxes and apartments.
func (s *scan) streets() {
	for i := 0; i < len(s.tokens); {
		first, last, score := s.street(i)
		if last < 0 {
			i++
			continue
		}
		// 28245 Puruntie 82: a number before the line belongs to it.
		if first > 0 && s.tokens[first].gap == spaced && s.tokens[first-1].kind == number && s.tokens[first-1].end-s.tokens[first-1].start <= 5 {
			first--
		}
		if s.fold(first-1) == "of" && s.fold(first-2) == "corner" {
			first -= 2
			if s.fold(first-1) == "the" {
				first--
			}
		}
		last = s.secondStreet(last)
		// Further down the address: an apartment, a town, a code, a country.
		last = s.addressTail(last)
		s.add(StreetAddress, s.tokens[first].start, s.tokens[last].end, score, "street")
		s.town(last + 1)
		i = last + 1
	}
	s.postalCodes()
}

// town finds the town behind an address: a comma and what ends the sentence.
func (s *scan) town(i int) {
	if !s.is(i, ',') {
		return
	}
	j := i + 1
	for j < len(s.tokens) && j < i+5 && s.tokens[j].kind == word && s.tokens[j].gap == spaced && s.tokens[j].shape != lower && s.tokens[j].cue&cueFunction == 0 {
		j++
	}
	if j > i+1 && (j == len(s.tokens) || s.tokens[j].gap == newline || s.is(j, '.') || s.is(j, '?') || s.is(j, '!') || s.is(j, ',')) {
		s.add(Location, s.tokens[i+1].start, s.tokens[j-1].end, 0.7, "street/town")
	}
}

// secondStreet goes on over the name of a second street: 31 Zezig Streets,
// and Frederikke Coves.
func (s *scan) secondStreet(last int) int {
	j := last + 1
	if s.fold(j) == "and" {
		j++
	}
	for k := j; k < len(s.tokens) && k < j+5 && s.tokens[k].gap != newline; k++ {
		u := &s.tokens[k]
		if u.kind == number && k == j {
			continue
		}
		if u.kind != word || u.shape == lower {
			break
		}
		if k > j && s.in(k, s.r.context(streetTypes)) {
			if s.is(k+1, '.') && s.tokens[k+1].gap == glued && u.end-u.start <= 4 {
				k++
			}
			return k
		}
	}
	return last
}

// street finds the line of an address that begins at token i: its tokens and
// how sure it is; last is -1 if there is none.
func (s *scan) street(i int) (first, last int, score float64) {
	t := &s.tokens[i]
	if t.kind == number || t.kind == mixed && t.end-t.start <= 6 {
		if j, score := s.numberedStreet(i); j >= 0 {
			return i, j, score
		}
	}
	if t.kind != word {
		return i, -1, 0
	}
	if t.cue&cueStreet == 0 {
		if (t.shape != lower || s.quiet) && s.digitNear(i) {
			if j, score := s.suffixedStreet(i); j >= 0 {
				return i, j, score
			}
		}
		return i, -1, 0
	}
	if t.shape == capital || t.shape == lower {
		if s.fold(i) == "corner" && s.fold(i+1) == "of" {
			if j := s.corner(i + 2); j > 0 {
				if s.fold(i-1) == "the" {
					i--
				}
				return i, j, 0.86
			}
		}
	}
	// FPO AE 25990, with the ship before it.
	if t.shape == upper && s.in(i, s.r.context("apo fpo dpo")) && i+2 < len(s.tokens) && s.tokens[i+1].shape == upper && s.tokens[i+2].kind == number {
		first = i
		for k := i - 1; k >= 0 && k > i-5 && s.tokens[k].kind == word && s.tokens[k].shape != lower; k-- {
			if s.in(k, s.r.context("uss usnv usns uscgc unit")) {
				first = k
			}
		}
		return first, i + 2, 0.86
	}
	if (t.shape == upper || t.shape == capital || t.shape == single) && s.in(i, s.r.context("psc po cmr unit uss p")) {
		// PSC 1234, Box 5678; PO Box 12; P.O. Box 12.
		for j := i + 1; j < len(s.tokens) && j <= i+6; j++ {
			if s.fold(j) == "box" && j+1 < len(s.tokens) && s.tokens[j+1].kind == number {
				return i, j + 1, 0.9
			}
			if s.tokens[j].kind == word && len(s.of(j)) > 3 {
				break
			}
		}
	}
	if s.in(i, s.r.context("postfach apartado bp postbus")) && i+1 < len(s.tokens) && s.tokens[i+1].kind == number && t.shape != lower {
		return i, i + 1, 0.8
	}
	if t.shape == capital && s.in(i, s.r.context("apt apartment suite ste flat unit")) {
		j := i + 1
		if s.is(j, '.') || s.is(j, '#') {
			j++
		}
		if j < len(s.tokens) && (s.tokens[j].kind == number || s.tokens[j].kind == mixed) && s.tokens[j].gap != newline {
			return i, j, 0.8
		}
	}
	if j, score := s.prefixedStreet(i); j >= 0 {
		return i, j, score
	}
	if j, score := s.suffixedStreet(i); j >= 0 {
		return i, j, score
	}
	return i, -1, 0
}

// digitNear tells whether a number follows on the line within a few words.
func (s *scan) digitNear(i int) bool {
	for j := i + 1; j < len(s.tokens) && j < i+9; j++ {
		t := &s.tokens[j]
		if t.gap == newline {
			return false
		}
		if t.kind == number || t.kind == mixed {
			return true
		}
	}
	return false
}

// corner is the last token of two streets that meet, the first of which begins
// at token i; 0 if there are none.
func (s *scan) corner(i int) int {
	and, last := -1, 0
	for k := i; k < len(s.tokens) && k < i+14 && s.tokens[k].gap != newline; k++ {
		t := &s.tokens[k]
		switch {
		case s.fold(k) == "and" && and < 0:
			and = k
		case t.kind == punct && s.is(k, '.') && t.gap == glued && k+1 < len(s.tokens) && (and < 0 || s.tokens[k-1].end-s.tokens[k-1].start <= 4 && s.tokens[k+1].gap != newline && s.tokens[k+1].shape != lower):
		case t.kind == number, t.kind == mixed, t.kind == word && (t.shape != lower || t.info&particle != 0 || and < 0):
			if and >= 0 {
				last = k
			}
		default:
			return last
		}
	}
	return last
}

// houseNumber is the last token of a house number at token i, -1 if there is
// none: 12, 12a, 12-14, 12/3.
func (s *scan) houseNumber(i int) int {
	if i >= len(s.tokens) {
		return -1
	}
	t := &s.tokens[i]
	if t.kind == word && s.in(i, s.r.context("no nr n num numero")) && t.gap == spaced {
		i++
		if s.is(i, '.') || s.is(i, '°') {
			i++
		}
		if i >= len(s.tokens) {
			return -1
		}
		t = &s.tokens[i]
	}
	if t.gap == newline || t.kind != number && t.kind != mixed || t.end-t.start > 5 || s.text[t.start] < '0' || s.text[t.start] > '9' {
		return -1
	}
	if t.kind == mixed && (t.end-t.start < 2 || s.text[t.end-2] < '0' || s.text[t.end-2] > '9' || s.text[t.end-1] == 's') {
		return -1 // 70s, 5th
	}
	last := i
	for j := i + 1; j+1 < len(s.tokens) && j <= i+3; j += 2 {
		if !s.is(j, '-') && !s.is(j, '/') || s.tokens[j].gap != glued || s.tokens[j+1].gap != glued || s.tokens[j+1].kind > mixed || s.tokens[j+1].end-s.tokens[j+1].start > 4 {
			break
		}
		last = j + 1
	}
	if last+1 < len(s.tokens) && s.tokens[last+1].gap == spaced && s.tokens[last+1].end-s.tokens[last+1].start == 1 && s.tokens[last+1].kind == word && s.tokens[last+1].shape == lower && last+2 < len(s.tokens) && s.tokens[last+2].kind == punct {
		last++
	}
	return last
}

// numberedStreet: 12 Main Street, 6750 Koskikatu, 14 rue de la Paix.
func (s *scan) numberedStreet(i int) (int, float64) {
	if c := s.text[s.tokens[i].start]; c < '0' || c > '9' || i > 0 && (s.is(i-1, '$') || s.is(i-1, '.') && s.tokens[i].gap == glued) {
		return -1, 0
	}
	i = s.houseNumber(i)
	if i < 0 {
		return -1, 0
	}
	j := i + 1
	if s.is(j, ',') || s.is(j, '.') {
		j++
	}
	if j >= len(s.tokens) || s.tokens[j].gap == newline {
		return -1, 0
	}
	if end, _ := s.prefixedStreet(j); end >= 0 {
		return end, 0.85
	}
	if s.in(j, s.r.context(streetPrefixes)) && j+1 < len(s.tokens) {
		k, caps := j+1, 0
		for k < len(s.tokens) && k < j+7 && s.tokens[k].gap == spaced && s.tokens[k].kind == word && (s.proper(k) || s.tokens[k].info&particle != 0) {
			if s.proper(k) {
				caps++
			}
			k++
		}
		if caps > 0 && len(s.of(j)) > 1 {
			return k - 1, 0.8
		}
	}
	caps, last, typ := 0, -1, -1
	for k := j; k < len(s.tokens) && k < j+7; k++ {
		u := &s.tokens[k]
		if u.gap == newline {
			break
		}
		if u.kind == punct {
			if (s.is(k, '.') || s.is(k, '\'') || s.is(k, '-')) && u.gap == glued {
				continue
			}
			break
		}
		if u.kind == mixed && k == j {
			continue // 5th Avenue
		}
		if u.kind != word {
			break
		}
		if caps > 0 || k > j {
			if s.in(k, s.r.context(streetTypes)) && (u.shape != lower || len(s.of(k)) > 3 || s.is(k+1, '.') || k+1 >= len(s.tokens)) {
				typ = k
				last = k
				caps++
				continue
			}
		}
		switch {
		case u.shape == lower && u.info&particle != 0 && !s.streetWord(k):
		case s.in(k, s.r.context(streetJoints)) && caps > 0:
		case !s.proper(k) && !(k == j && len(s.of(k)) > 2 && k+1 < len(s.tokens) && s.in(k+1, s.r.context(streetTypes))):
			k = len(s.tokens)
		default:
			caps++
			last = k
			if typ < 0 && s.streetWord(k) {
				typ = k
			}
		}
	}
	if typ >= 0 {
		end := typ
		// Main St. NW, Kissousa Streets
		if s.is(end+1, '.') && s.tokens[end+1].gap == glued && len(s.of(end)) <= 4 {
			end++
		}
		if h := s.houseNumber(end + 1); h >= 0 && s.streetWord(typ) {
			end = h
		}
		if end+1 < len(s.tokens) && s.tokens[end+1].gap == spaced && s.in(end+1, s.r.context("n s e w ne nw se sw north south east west")) && s.tokens[end+1].shape != lower {
			end++
		}
		return end, 0.85
	}
	// 5638 Aasa 43; 94 Heatherleigh Suite 620: a name between numbers.
	if caps > 0 && caps <= 4 && last >= 0 {
		k := last
		if s.in(k, s.r.context(unitWords)) {
			k--
		}
		if k >= j && k+1 < len(s.tokens) && s.tokens[k+1].kind == word && s.tokens[k+1].gap == spaced && s.in(k+1, s.r.context("apt apartment suite ste unit flat")) && s.unit(k+1) > 0 {
			return k, 0.85
		}
		if h := s.houseNumber(last + 1); h >= 0 && !s.cued(j, cueMonth) && !s.cued(last, cueMonth) && s.tokens[j].info&technical == 0 && s.tokens[last].info&technical == 0 {
			score := 0.6
			if h+1 >= len(s.tokens) || s.tokens[h+1].gap == newline || s.is(h+1, ',') || s.in(h+1, s.r.context(unitWords)) || s.addressContext(i) {
				score = 0.84
			}
			return h, score
		}
	}
	if caps > 0 && last >= 0 && s.addressContext(i) {
		if h := s.houseNumber(last + 1); h >= 0 {
			last = h
		}
		return last, 0.62
	}
	return -1, 0
}

// proper tells whether token i may be a word of a proper name: it has a
// capital, or the whole text has none.
func (s *scan) proper(i int) bool {
	return s.tokens[i].shape != lower || s.quiet && s.tokens[i].cue&(cueFunction|cueSpeaks|cueMonth) == 0 && s.tokens[i].end-s.tokens[i].start > 2
}

// streetWord tells whether a word ends like the name of a street.
func (s *scan) streetWord(i int) bool {
	t := &s.tokens[i]
	if t.end-t.start < 6 || t.kind != word {
		return false
	}
	w := s.fold(i)
	for _, suffix := range streetSuffixes {
		if strings.HasSuffix(w, suffix) && len(w) >= len(suffix)+3 {
			return true
		}
	}
	return false
}

// prefixedStreet: Via Roma 12, calle de Alcalá, 5, rue de la Paix 3.
func (s *scan) prefixedStreet(i int) (int, float64) {
	if !s.cued(i, cueStreet) || !s.in(i, s.r.context(streetPrefixes)) {
		return -1, 0
	}
	j := i + 1
	if s.is(j, '.') || s.is(j, '/') {
		j++
	}
	caps := 0
	for j < len(s.tokens) && j < i+9 && s.tokens[j].gap != newline {
		u := &s.tokens[j]
		if u.kind == word && (u.shape != lower || u.info&particle != 0 || len(s.of(j)) <= 3 || s.quiet && !s.cued(j, cueFunction)) {
			if s.proper(j) {
				caps++
			}
			j++
			continue
		}
		if u.kind == punct && (s.is(j, '\'') || s.is(j, '-') || s.is(j, '.')) && u.gap == glued || s.is(j, ',') && caps > 0 || strings.HasPrefix(s.text[u.start:], "’") {
			j++
			continue
		}
		break
	}
	if caps == 0 {
		return -1, 0
	}
	h := s.houseNumber(j)
	if h < 0 {
		return -1, 0
	}
	return h, 0.82
}

// suffixedStreet: Hauptstraße 5, Koskikatu 25, and behind a word that says
// that an address follows any word with a number.
func (s *scan) suffixedStreet(i int) (int, float64) {
	t := &s.tokens[i]
	if t.shape != capital && t.shape != upper && t.shape != camel && !(s.quiet && s.streetWord(i)) {
		return -1, 0
	}
	last, typ := i, -1
	for k := i; k < len(s.tokens) && k < i+6; k++ {
		u := &s.tokens[k]
		if k > i && u.gap == newline {
			break
		}
		if u.kind == punct && u.gap == glued && (s.is(k, '-') || s.is(k, '.')) {
			continue
		}
		if u.kind != word || u.shape == lower && !(s.quiet && k == i) && !s.in(k, s.r.context(streetJoints)) {
			break
		}
		if s.streetWord(k) || s.in(k, s.r.context("straße strasse str street road avenue weg platz allee gasse utca ut ter tee mnt pst u tn straat laan väg gata gade vej")) && k > i {
			typ = k
		}
		last = k
	}
	j := last + 1
	if s.is(j, '.') {
		j++
	}
	h := s.houseNumber(j)
	if h < 0 {
		return -1, 0
	}
	if s.is(h+1, '.') && s.tokens[h+1].gap == glued && j == h {
		h++
	}
	switch {
	case typ >= 0 && typ >= last-1:
		return h, 0.8
	case s.addressContext(i) && !s.cued(i, cueMonth) && s.tokens[h].kind != mixed:
		return h, 0.6
	case (i == 0 || t.gap == newline) && i > 0 && (h+1 >= len(s.tokens) || s.tokens[h+1].gap == newline || s.is(h+1, ',')):
		// A line of its own below a name.
		if s.cued(i, cueFunction) || s.tokens[h].end-s.tokens[h].start == 4 && t.info&common != 0 {
			return -1, 0
		}
		return h, 0.55
	}
	return -1, 0
}

// addressWords are words of several languages that announce an address.
const addressWords = "address adresse anschrift direccion indirizzo endereco adres adress osoite adresa cim lives live lived living located residence reside resides residing wohnt wohne wohnhaft habite vivo vive abito moro moved meet where stop drops restaurant office offices corner taxi deliver return arrived" //nolint:misspell // not English alone

// addressContext tells whether the words before token i announce an address.
func (s *scan) addressContext(i int) bool {
	for j, n := i-1, 0; j >= 0 && n < 5 && j > i-30; j-- {
		if s.tokens[j].kind == word {
			n++
			if s.in(j, s.r.context(addressWords)) {
				return true
			}
		}
	}
	return false
}
