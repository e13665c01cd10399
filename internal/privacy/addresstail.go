package privacy

import "strings"

// addressTail is the last token of an address whose first line ends at token
// last: what stands behind it, over commas and lines, as far as it looks like
// the rest of an address and ends with a place or a code.
func (s *scan) addressTail(last int) int {
	best := last
	j := last + 1
	unit := false
	for parts := 0; parts < 7 && j < len(s.tokens); parts++ {
		lines := 0
		for j < len(s.tokens) && s.tokens[j].gap == newline && (s.is(j, '>') || s.is(j, '?') || s.is(j, '*') || s.is(j, '|')) {
			lines++
			for j < len(s.tokens) && (s.is(j, '>') || s.is(j, '?') || s.is(j, '*') || s.is(j, '|')) {
				j++
			}
		}
		for j < len(s.tokens) && (s.is(j, ',') || s.is(j, '-') && s.tokens[j].gap == spaced || s.is(j, '.') && s.tokens[j].gap == glued && j == last+1) {
			if s.tokens[j].gap == newline {
				lines++
			}
			j++
		}
		if j >= len(s.tokens) || s.tokens[j].kind == hole {
			break
		}
		if j > 0 && s.tokens[j].gap == newline && strings.Count(s.text[s.tokens[j-1].end:s.tokens[j].start], "\n") > 1 {
			break
		}
		sep := s.tokens[j].gap == newline || s.is(j-1, ',') || lines > 0
		t := &s.tokens[j]
		switch {
		case s.in(j, s.r.context(unitWords)) && t.kind == word && s.unit(j) > 0:
			j = s.unit(j)
			best = j - 1
			unit = true
			continue
		case s.is(j, '#') && j+1 < len(s.tokens) && s.tokens[j+1].kind == number:
			best = j + 1
			j += 2
			continue
		}
		// A part: words with capitals and codes, to the next comma or line.
		k, words, codes := j, 0, 0
		for k < len(s.tokens) && k < j+8 {
			u := &s.tokens[k]
			if k > j && u.gap == newline {
				// A state and its code may stand on two lines.
				if codes > 0 || u.kind != number || s.tokens[k-1].shape != lower {
					break
				}
			}
			if u.kind == word && (u.shape == capital || u.shape == upper || u.shape == camel || s.quiet && s.proper(k)) && !(u.info&common != 0 && u.info&(place|placeStart|anyName) == 0 && !sep) {
				words++
			} else if u.kind == word && u.shape == lower && u.info&particle != 0 && words > 0 || u.kind == word && u.shape == single && words > 0 {
				// København V, Frankfurt am Main
			} else if u.kind == word && u.shape == lower && u.end-u.start <= 3 && k+1 < len(s.tokens) && s.tokens[k+1].kind == number && s.tokens[k+1].end-s.tokens[k+1].start >= 3 && s.tokens[k+1].end-s.tokens[k+1].start <= 6 && !s.cued(k, cueFunction) {
				words++ // austin, tx 78701
			} else if (u.kind == number || u.kind == mixed && u.shape != lower) && u.end-u.start >= 2 && u.end-u.start <= 6 {
				codes++
			} else if s.is(k, '-') && u.gap == glued && k+1 < len(s.tokens) && s.tokens[k+1].gap == glued {
			} else {
				break
			}
			k++
		}
		if s.is(k, '(') && words > 0 && k+2 < len(s.tokens) && s.tokens[k+1].kind == word && s.tokens[k+1].shape == capital && s.is(k+2, ')') {
			k += 3
			if k < len(s.tokens) && s.tokens[k].gap == spaced && s.tokens[k].kind == number {
				codes++
				k++
			}
		}
		if codes > 2 || codes == 2 && words == 0 && s.tokens[k-1].end-s.tokens[j].start > 8 {
			break // more like a telephone number
		}
		if k == j || words == 0 && codes == 0 || !sep && !unit && codes == 0 && words > 0 && !s.placeAt(j) {
			break
		}
		if unit && words > 0 && codes == 0 && !sep {
			best = k - 1
		}
		ends := k >= len(s.tokens) || s.tokens[k].gap == newline || s.is(k, ',') || s.is(k, '.') || s.is(k, '?') || s.is(k, ';') || s.is(k, ')') || s.is(k, '"')
		if codes > 0 && words == 0 && !ends {
			break
		}
		if codes > 0 || s.placeAt(j) || s.placeAt(k-1) {
			best = k - 1
		} else if !ends {
			break
		}
		j = k
	}
	return best
}

// unit is the token behind an apartment, suite or box at token i, 0 if there
// is none.
func (s *scan) unit(i int) int {
	j := i + 1
	for s.is(j, '.') || s.is(j, '#') {
		j++
	}
	if j < len(s.tokens) && (s.tokens[j].kind == number || s.tokens[j].kind == mixed || s.tokens[j].kind == word && s.tokens[j].shape == single) && s.tokens[j].gap != newline && s.tokens[j].end-s.tokens[j].start <= 5 {
		return j + 1
	}
	return 0
}

// placeAt tells whether token i is a place, or a state's two letters.
func (s *scan) placeAt(i int) bool {
	t := &s.tokens[i]
	if t.kind != word {
		return false
	}
	if t.info&(place|placeStart) != 0 && (t.shape != lower || s.quiet && t.info&common == 0) {
		return true
	}
	return t.shape == upper && t.end-t.start == 2
}

// postalCodes finds codes that stand alone: British, Canadian and long
// American ones by their form, others by a word that says so.
func (s *scan) postalCodes() {
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.kind != number && t.kind != mixed || t.end-t.start > 8 {
			continue
		}
		if i > 0 && t.gap == glued && s.tokens[i-1].kind == punct && !s.is(i-1, ':') && !s.is(i-1, '(') && !s.is(i-1, '"') {
			continue
		}
		v := s.of(i)
		next, nextEnd := "", 0
		if i+1 < len(s.tokens) && s.tokens[i+1].gap == spaced && s.tokens[i+1].kind <= mixed {
			next, nextEnd = s.of(i+1), s.tokens[i+1].end
		}
		switch {
		case t.kind == mixed && len(v) <= 4 && len(next) == 3 && britishCode(v, next), t.kind == mixed && len(v) == 3 && len(next) == 3 && shaped(v+next, "A9A9A9"):
			s.add(PostalCode, t.start, nextEnd, 0.7, "postcode")
			continue
		case t.kind == number && len(v) == 5 && s.is(i+1, '-') && s.tokens[i+1].gap == glued && i+2 < len(s.tokens) && s.tokens[i+2].gap == glued && s.tokens[i+2].kind == number && s.tokens[i+2].end-s.tokens[i+2].start == 4:
			s.add(PostalCode, t.start, s.tokens[i+2].end, 0.6, "postcode")
			continue
		}
		if len(v) < 3 || !s.near(i, t.end, "zip zipcode postcode postal postleitzahl plz cp cap cep postnummer postinumero") {
			continue
		}
		end := t.end
		if s.is(i+1, '-') && s.tokens[i+1].gap == glued && i+2 < len(s.tokens) && s.tokens[i+2].kind == number && s.tokens[i+2].gap == glued {
			end = s.tokens[i+2].end
		} else if len(next) >= 2 && len(next) <= 3 && (next == strings.ToUpper(next)) {
			end = nextEnd
		}
		s.add(PostalCode, t.start, end, 0.75, "postcode")
	}
}

func britishCode(out, in string) bool {
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	letter := func(c byte) bool { return c >= 'A' && c <= 'Z' }
	if !digit(in[0]) || !letter(in[1]) || !letter(in[2]) || !letter(out[0]) {
		return false
	}
	k := 1
	if letter(out[1]) {
		k++
	}
	return k < len(out) && digit(out[k]) && (len(out)-k <= 2)
}
