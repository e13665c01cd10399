package privacy

import (
	"strconv"
	"strings"
)

const birthContext = "born birth birthday birthdate dob bday geboren geburtsdatum nasci nasceu naci nacio nacimos nacque nacqui naquit geburtstag geb ne nee naissance nacido nacida nacimiento nato nata nascita nascido nascida nascimento geboortedatum fodd fodt fodselsdag fodelsedatum urodzony urodzona urodzenia narozen narozena szuletett nascut nascuta dogum syntynyt рождения родился родилась"

const months = "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec januar februar marz maerz mai juni juli oktober dezember janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro januari februari maart mei augustus maj okt dez" //nolint:misspell // not English alone

// dates finds dates of birth: dates with a word that says so.
func (s *scan) dates() {
	for i := 0; i < len(s.tokens); i++ {
		t := &s.tokens[i]
		if t.kind != number && t.kind != mixed && !(t.kind == word && t.info&common != 0 && s.cued(i, cueMonth)) {
			continue
		}
		last := s.date(i)
		if last < 0 {
			continue
		}
		end := s.tokens[last].end
		if s.near(i, end, birthContext) {
			s.add(DateOfBirth, t.start, end, 0.88, "birth")
		}
		i = last
	}
}

// date is the last token of the date that begins at token i, -1 if there is none.
func (s *scan) date(i int) int {
	numbers, month, last := 0, 0, -1
	var value [3]int
	for j := i; j < len(s.tokens) && j < i+8; j++ {
		t := &s.tokens[j]
		if j > i && t.gap == newline {
			break
		}
		switch t.kind {
		case number, mixed:
			v := s.of(j)
			k := 0
			for k < len(v) && v[k] >= '0' && v[k] <= '9' {
				k++
			}
			if k == 0 || k > 4 || k != len(v) && v[k:] != "st" && v[k:] != "nd" && v[k:] != "rd" && v[k:] != "th" && v[k:] != "er" {
				goto done
			}
			if numbers == 3 || numbers == 2 && month > 0 {
				goto done
			}
			value[numbers], _ = strconv.Atoi(v[:k])
			numbers++
			last = j
		case word:
			switch {
			case month == 0 && s.cued(j, cueMonth):
				month++
				last = j
			case s.in(j, s.r.context("of de del di do the")) && j > i:
			default:
				goto done
			}
		case punct:
			if c := s.text[t.start]; c != '/' && c != '-' && c != '.' && c != ',' {
				goto done
			}
		default:
			goto done
		}
	}
done:
	if last < 0 {
		return -1
	}
	year := func(v int) bool { return v >= 1900 && v <= 2030 }
	day := func(v int) bool { return v >= 1 && v <= 31 }
	switch {
	case numbers == 3 && (year(value[0]) && day(value[1]) && day(value[2]) || day(value[0]) && day(value[1]) && (year(value[2]) || value[2] < 100)):
		return last
	case numbers == 2 && month == 1 && (day(value[0]) && year(value[1]) || year(value[0]) && day(value[1])):
		return last
	case numbers == 1 && month == 1 && (day(value[0]) || year(value[0])):
		return last
	case numbers == 1 && month == 0 && year(value[0]) && s.in(i-1, s.r.context("in anno em en")):
		return last
	}
	return -1
}

// ages finds the age of a person: a number with a word that says so.
func (s *scan) ages() {
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.kind != number || t.end-t.start > 3 || t.end-t.start == 0 {
			continue
		}
		n, err := strconv.Atoi(s.of(i))
		if err != nil || n < 1 || n > 119 {
			continue
		}
		if s.aged(i) {
			s.add(Age, t.start, t.end, 0.75, "age")
		}
	}
}

func (s *scan) aged(i int) bool {
	// 34 years old, 34-year-old, 34 y/o, 34 Jahre alt.
	j := i + 1
	for s.is(j, '-') {
		j++
	}
	if s.in(j, s.r.context("year years yr yrs y yo jahre jahrige jahriger jahrigen jahr ans anos años anni jaar lat let")) && j < len(s.tokens) && s.tokens[j].gap != newline {
		w := s.fold(j)
		k := j + 1
		for s.is(k, '-') || s.is(k, '/') {
			k++
		}
		switch next := s.fold(k); {
		case next == "old" || next == "o" && w == "y" || next == "alt" || next == "oud" || w == "yo" || w == "jahrige" || w == "jahriger" || w == "jahrigen":
			return true
		case w == "ans" || w == "anos" || w == "anni":
			switch s.fold(i - 1) {
			case "ai", "as", "a", "avons", "tengo", "tiene", "tem", "tenho", "ho", "ha", "de", "di", "com", "con":
				return true
			}
		case next == "of" && s.fold(k+1) == "age":
			return true
		}
	}
	p := s.before(i)
	if p < 0 || s.tokens[i].gap == newline {
		return false
	}
	quantity := false
	if next := i + 1; next < len(s.tokens) && s.tokens[next].kind == word && s.tokens[next].gap == spaced && !s.cued(next, cueFunction) || s.is(i+1, '%') || s.is(i+1, '/') ||
		i+2 < len(s.tokens) && s.is(i+1, '.') && s.tokens[i+2].kind == number && s.tokens[i+2].gap == glued {
		quantity = true
	}
	switch s.fold(p) {
	case "aged", "turned", "turning":
		return !quantity || s.fold(i+1) == "years"
	case "age":
		return !quantity
	case "of", "is", "at":
		q := s.before(p)
		return !quantity && s.in(q, s.r.context("age alter edad eta"))
	case "turn", "turns":
		return !quantity && !s.is(i+1, ':')
	case "am", "m", "im":
		q := s.before(p)
		return !quantity && (s.fold(p) == "im" || s.fold(q) == "i") && s.between(p, i) == ' '
	case "was", "were":
		q := s.before(p)
		return !quantity && s.in(q, s.r.context("he she i")) && (i+1 >= len(s.tokens) || s.is(i+1, '.') || s.is(i+1, ',') || s.in(i+1, s.r.context("when and but")))
	}
	return false
}

// subjects are those whose number or name may follow.
const subjects = "user customer client patient member membership employee student staff policy subscriber cardholder username login userid nickname screenname gamertag mrn badge kunden kundennummer mitgliedsnummer patientennummer personalnummer benutzer benutzername utilisateur usuario utente utilizador gebruiker gebruikersnaam handle insta instagram twitter telegram discord snapchat snap skype github reddit tiktok steam matricola matricule empleado cliente paciente"

// labelled finds numbers and names of users behind a word that says whose
// they are: customer number 4711, username: jdoe.
func (s *scan) labelled() {
	for i := range s.tokens {
		if !s.cued(i, cueSubject) {
			continue
		}
		w := s.fold(i)
		j, sign := i+1, false
		label := w == "mrn" || strings.HasSuffix(w, "nummer") // it names the number itself
		for j < len(s.tokens) && j < i+9 && s.tokens[j].gap != newline {
			if s.tokens[j].kind == punct {
				if c := s.text[s.tokens[j].start]; c == ':' || c == '=' || c == '#' {
					sign = true
				} else if c != '.' && c != '"' && c != '\'' && c != '`' && c != '(' && c != ')' && c != '-' && c != '_' {
					break
				}
				j++
				continue
			}
			if s.tokens[j].kind == word {
				switch s.fold(j) {
				case "id", "ids", "no", "nr", "number", "num", "name", "nummer", "code", "handle", "username", "account", "record", "numero":
					label = true
				case "is", "ist", "est", "es", "was", "e":
					sign = sign || label || w == "username" || w == "login" || w == "handle" || w == "nickname"
				default:
					goto value
				}
				j++
				continue
			}
			break
		}
	value:
		if j >= len(s.tokens) || s.tokens[j].gap == newline || s.tokens[j].kind == hole || s.tokens[j].kind == punct || j == i+1 && !label {
			continue
		}
		start := s.tokens[j].start
		end := start
		for end < len(s.text) && (s.text[end] == '_' || s.text[end] == '-' || s.text[end] == '.' || s.text[end] < 0x80 && isWordRune(rune(s.text[end]))) {
			end++
		}
		for end > start && (s.text[end-1] == '.' || s.text[end-1] == '-') {
			end--
		}
		v := s.text[start:end]
		digits := 0
		odd := false
		for k := range len(v) {
			if v[k] >= '0' && v[k] <= '9' {
				digits++
			}
			odd = odd || v[k] == '_' || v[k] == '.'
		}
		switch {
		case digits >= 3 && (label || sign) && len(v) <= 30:
			s.add(Handle, start, end, 0.72, "labelled")
		case sign && len(v) >= 3 && (digits > 0 || odd || (w == "username" || w == "login" || w == "userid" || w == "benutzername" || w == "nickname" || w == "gebruikersnaam") && !s.cued(j, cueFunction)):
			s.add(Handle, start, end, 0.65, "labelled")
		}
	}
}
