package privacy

import "strings"

// likely is how sure it is that a run is a person.
func (s *scan) likely(r run, cue float64, techs int) float64 {
	score := 0.0
	begins := s.begins(r.first)
	switch {
	case r.given > 0 && r.n > 1:
		score = 0.85
	case r.given > 0:
		score = 0.7
	case r.ambiguous > 0 && r.family+r.unknown > 0:
		score = 0.65
		if techs > 0 {
			score = 0.4
		}
	case r.ambiguous > 1:
		score = 0.45
		if s.tokens[r.first].info&firstName != 0 && s.tokens[r.last].info&lastName != 0 && techs == 0 {
			score = 0.55
		}
	case r.family > 1, r.family > 0 && r.unknown > 0:
		score = 0.65
	case r.family == 1:
		score = 0.55
	case r.unknown > 1:
		score = 0.58
		if s.tooled(r.first, r.last) {
			score = 0.4
		}
	case r.unknown == 1 && r.initials > 0:
		score = 0.55
	case r.unknown == 1:
		score = 0.53
		switch {
		case s.german && s.germanNoun(r.first):
			score = 0.2
		case s.german && begins:
			score = 0.35
		case begins:
			score = 0.4
		}
		if s.software > 1 {
			score -= 0.2
		}
		if s.tooled(r.first, r.last) {
			score -= 0.2
		}
	case r.ambiguous == 1:
		score = 0.2
		if s.tokens[r.first].info&firstName != 0 {
			score = 0.3
			if !begins && techs == 0 && !s.titled(r.first, r.last) && !s.cued(r.first, cueMonth) && !s.in(r.first, s.r.context(weekdays)) && s.tokens[r.first].info&nationality == 0 && !s.tooled(r.first, r.last) {
				score = 0.5
			}
			if s.german {
				score -= 0.2
			}
		}
		if techs > 0 {
			score = 0.15
		}
	default:
		score = 0.12
	}
	if r.initials > 0 && r.n > 0 && r.ordinary == 0 {
		score += 0.1
	}
	return min(score+0.2*cue, 0.97)
}

// germanNoun tells whether an unknown word of a German text is one: nouns have
// capitals there too. A noun follows an article or an adjective more often
// than not, and has a noun's ending, where a name has neither.
func (s *scan) germanNoun(i int) bool {
	w := s.fold(i)
	for _, e := range []string{"ung", "ungen", "heit", "keit", "schaft", "tion", "tionen", "tat", "nis", "tum", "chen", "lein", "ismus", "enz", "anz", "ik", "ur", "erei", "ling", "ment", "or", "oren", "zeug", "werk", "arbeit", "zeit", "fahrt", "fahrten", "karte", "kasse", "pflicht", "steuer", "kosten", "geld", "preis", "schule", "anlage", "stelle", "plan", "buch", "haus", "raum"} {
		if strings.HasSuffix(w, e) && len(w) > len(e)+2 {
			return true
		}
	}
	// The last part of a compound is a word: Elternabend.
	for k := 3; k+4 <= len(w); k++ {
		if s.r.words.words[w[k:]].info&common != 0 && (s.r.words.words[w[:k]].info&common != 0 || w[k-1] == 's' && s.r.words.words[w[:k-1]].info&common != 0) {
			return true
		}
	}
	p := i - 1
	if p < 0 || s.tokens[i].gap == newline || s.tokens[p].kind != word || s.tokens[p].shape != lower && !s.begins(p) {
		return false
	}
	prev := s.fold(p)
	if prev == "als" && (strings.HasSuffix(w, "in") || strings.HasSuffix(w, "er") || strings.HasSuffix(w, "ist") || strings.HasSuffix(w, "frau") || strings.HasSuffix(w, "mann")) {
		return true // what somebody works as
	}
	if s.r.context("der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner zum zur im am beim vom ins ans aufs dieser diese dieses diesen diesem jeder jede jedes welche welcher welches viele alle einige mehrere wenig etwas ohne pro")[prev] {
		return true
	}
	if s.r.context("mein meine meinen meinem meiner meines dein deine deinen deinem seine seinen seinem ihre ihren ihrem unser unsere unseren unserem unserer eure euren und oder")[prev] {
		return s.r.context("und oder")[prev] && i > 1 && s.tokens[p-1].shape != capital || !s.r.context("und oder")[prev]
	}
	for _, e := range []string{"en", "er", "es", "em"} {
		if strings.HasSuffix(prev, e) && len(prev) > 4 && !s.r.cues.speaks[prev] && !s.r.context("haben hatten werden wurden konnen mussen sollen wollen waren gestern")[prev] {
			return true
		}
	}
	return false
}

// productLike tells whether an unknown word is put together like the name of a
// company: of two ordinary words, or with an ending that is their fashion.
func (s *scan) productLike(i int) bool {
	w := s.fold(i)
	for _, e := range []string{"ify", "soft", "tech", "data", "ware", "works", "base", "corp", "systems", "lytics", "metrics", "logic", "labs", "io", "com", "net", "bank", "pay", "cloud"} {
		if strings.HasSuffix(w, e) && len(w) > len(e)+2 {
			return true
		}
	}
	for k := 3; k+3 < len(w); k++ {
		if s.r.words.words[w[:k]].info&common != 0 && s.r.words.words[w[k:]].info&common != 0 && len(w)-k >= 4 {
			return true
		}
	}
	return false
}

// cue is how strongly the words around a run say that it is a person: 1 makes
// an ambiguous first name one, 2 nearly everything.
func (s *scan) cue(a, b int) float64 {
	cue := 0.0
	p := s.before(a)
	if p >= 0 {
		t := &s.tokens[p]
		if t.info&title != 0 && s.tokens[a].gap != newline && s.between(p, a) != ',' && s.between(p, a) != ':' {
			w := s.fold(p)
			switch {
			case s.is(p+1, '.') || nameTitles[w] || t.shape != lower && len(w) > 2 && t.info&common == 0:
				cue = 3
			case t.shape != lower || s.cued(p, cueRelation):
				cue = 1.5
			}
		}
		switch {
		case s.cued(p, cueRelation) && s.between(p, a) != '.' && s.tokens[a].gap != newline:
			cue = max(cue, 2)
		case s.cued(p, cueGreeting):
			cue = max(cue, 1)
			if s.tokens[a].gap == newline {
				cue = max(cue, 1.5)
			}
		case s.cued(p, cuePersonBefore) && s.between(p, a) == ' ':
			cue = max(cue, 0.5)
		}
	}
	switch s.introduced(a) {
	case 1:
		cue = max(cue, 1)
	case 2:
		cue = max(cue, 2)
	}
	next, possessive := s.after(b)
	if possessive {
		cue += 0.3
		if s.cued(next, cueRelation) {
			cue++
		}
	}
	if s.cued(next, cueSpeaks) || s.tokens[b].info&common == 0 && s.personal(next) {
		cue++
	}
	if p >= 0 && s.cued(p, cueSpeaks) && s.between(p, a) == ' ' {
		cue += 0.6
	}
	if s.listed(a) {
		cue = max(cue, 1) + 0.5
	}
	alone := (a == 0 || s.tokens[a].gap == newline) && (next >= len(s.tokens) || s.tokens[next].gap == newline)
	if alone {
		cue += 0.5
	}
	if (a == 0 || s.tokens[a].gap == newline || s.tokens[a-1].gap == newline && (s.is(a-1, '-') || s.is(a-1, '*'))) && s.is(next, ':') {
		cue++
	}
	// Warrane, can you help?
	if s.begins(a) && s.is(next, ',') && s.in(next+1, s.r.context("can could please would will what how when where why do did are is have thanks i you we let")) {
		cue++
	}
	if s.is(next, ',') && next+2 < len(s.tokens) && s.tokens[next+1].kind == number && s.is(next+2, ',') {
		cue++
	}
	return min(cue, 3)
}

// personal tells whether the words from token i on are what is said of a
// person: … me pidió, … hat mir, … won't.
func (s *scan) personal(i int) bool {
	if i >= len(s.tokens) || s.tokens[i].kind != word || s.tokens[i].shape != lower {
		return false
	}
	switch w := s.fold(i); w {
	case "me", "mi", "mir", "te", "nos", "ci", "uns", "lo", "la", "le":
		return i+1 < len(s.tokens) && s.tokens[i+1].kind == word && s.tokens[i+1].cue&cueFunction == 0
	case "m", "t", "won", "wouldn", "couldn", "can", "isn", "wasn":
		return i+1 < len(s.tokens) && s.tokens[i+1].gap == glued && s.tokens[i+1].kind == punct && w != "can"
	case "hat", "ha", "heeft", "har", "vroeg", "bat", "will":
		switch s.fold(i + 1) {
		case "mir", "mich", "uns", "me", "mij", "chiesto", "detto", "ons", "be", "come", "call", "het":
			return true
		}
	}
	return false
}
