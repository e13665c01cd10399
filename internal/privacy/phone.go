package privacy

const phoneContext = "phone telephone tel call called calling mobile cell cellphone fax number reach text whatsapp sms contact message messages ring dial registered answering office desk home work handy telefon nummer telefonnummer handynummer anrufen erreichbar rufen telefono numero cellulare celular movil llamame llamar appeler appelez portable telephone telefone ligar chamar bellen telefoonnummer mob landline hotline telefonu zadzwon telefonnumer ringa puhelin numerosu телефон номер звоните позвони"

// phone finds telephone numbers that begin at token i: by their form where it
// tells, by the words near them where it does not.
func (s *scan) phone(i int) {
	start := s.tokens[i].start
	first := i
	plus, paren := false, false
	for first > 0 && s.tokens[first-1].kind == punct && s.tokens[first].gap != newline {
		c := s.text[s.tokens[first-1].start]
		if c == '(' && !paren && !plus {
			paren = true
		} else if c == '+' && !plus {
			plus = true
		} else {
			break
		}
		first--
		start = s.tokens[first].start
	}
	if first > 0 && s.tokens[first].gap == glued {
		if p := &s.tokens[first-1]; p.kind != punct {
			return
		} else if c := s.text[p.start]; (c == '.' || c == '-' || c == '/' || c == ',') && first > 1 && p.gap == glued && s.tokens[first-2].kind == number || c == '$' || c == '#' {
			return
		}
	}
	var sizes [12]int
	var text [20]byte
	n, digits, end, opened := 0, 0, 0, paren
	dots, dashes, slashes := 0, 0, 0
	for j := i; j < len(s.tokens); j++ {
		t := &s.tokens[j]
		if t.gap == newline && j > i {
			break
		}
		switch t.kind {
		case number:
			if t.end-t.start > 14 || digits+t.end-t.start > 15 || n == len(sizes) {
				goto done
			}
			copy(text[digits:], s.text[t.start:t.end])
			digits += t.end - t.start
			sizes[n] = t.end - t.start
			n++
			end = t.end
			continue
		case punct:
			c := s.text[t.start]
			if c == 0xe2 {
				c = '-'
			}
			if j+1 >= len(s.tokens) || s.tokens[j+1].kind != number && s.tokens[j+1].kind != punct {
				goto done
			}
			switch c {
			case '-':
				dashes++
			case '.':
				dots++
			case '/':
				slashes++
			case '(':
				opened = true
			case ')':
				if !opened {
					goto done
				}
			default:
				goto done
			}
			continue
		}
		goto done
	}
done:
	// The extension may be glued to the last group: 4587 in 3599x4587.
	last := i
	for last < len(s.tokens) && s.tokens[last].end <= end {
		last++
	}
	mixedEnd := 0
	if last+1 < len(s.tokens) && (s.is(last, '-') || s.is(last, '.')) && s.tokens[last].gap == glued && s.tokens[last+1].kind == mixed {
		last++
	}
	if last < len(s.tokens) && s.tokens[last].kind == mixed && digits < 11 && n > 0 {
		t := s.of(last)
		k := 0
		for k < len(t) && t[k] >= '0' && t[k] <= '9' {
			k++
		}
		if (k == 4 || k == 3) && k+1 < len(t) && t[k] == 'x' && allDigits(t[k+1:]) && digits+k <= 11 {
			copy(text[digits:], t[:k])
			digits += k
			sizes[n] = k
			n++
			mixedEnd = s.tokens[last].end
			last++
		}
	}
	if digits < 7 || n == 0 {
		return
	}
	if mixedEnd > 0 {
		end = mixedEnd
	}
	score := phoneForm(text[:digits], sizes[:n], plus, paren, dots, dashes, slashes)
	if score < 0.5 && score > 0 && s.near(first, end, phoneContext) {
		score += 0.3
	} else if score > 0 && score < 0.9 && s.near(first, end, phoneContext) {
		score += 0.15
	}
	if mixedEnd > 0 {
		score += 0.2
	}
	if score == 0 {
		return
	}
	// ext. 12
	if s.in(last, map[string]bool{"ext": true, "extension": true, "x": true, "durchwahl": true, "poste": true}) {
		k := last + 1
		for s.is(k, '.') || s.is(k, ':') {
			k++
		}
		if k < len(s.tokens) && s.tokens[k].kind == number {
			end = s.tokens[k].end
		}
	}
	s.add(PhoneNumber, start, end, min(score, 0.95), "phone")
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// phoneForm is how much a number looks like a telephone number by itself: its
// digits, the sizes of its groups and what stands between them.
func phoneForm(d []byte, groups []int, plus, paren bool, dots, dashes, slashes int) float64 {
	n := len(groups)
	date := n == 3 && (groups[0] == 4 && groups[1] <= 2 && groups[2] <= 2 || groups[2] == 4 && groups[0] <= 2 && groups[1] <= 2)
	switch {
	case date && !plus:
		return 0
	case plus && len(d) >= 8 && d[0] != '0':
		return 0.9
	case slashes > 1:
		return 0
	case paren && len(d) >= 7 && n > 1:
		return 0.8
	case n == 3 && groups[0] == 3 && groups[1] == 3 && groups[2] == 4 && d[0] >= '2':
		return 0.8
	case n == 4 && groups[0] == 1 && d[0] == '1' && groups[1] == 3 && groups[2] == 3 && groups[3] == 4:
		return 0.88
	case d[0] == '0' && d[1] == '0' && n > 1 && len(d) >= 10:
		return 0.75
	case d[0] == '0' && n > 1 && len(d) >= 9 && len(d) <= 13:
		return 0.7
	case d[0] == '0' && len(d) >= 10 && len(d) <= 12:
		return 0.45
	case n == 1 && len(d) == 10 && d[0] >= '2' && d[3] >= '2':
		return 0.4
	case n == 1 && (len(d) == 11 && d[0] == '1' || len(d) >= 8 && len(d) <= 13):
		return 0.22
	case n == 2 && groups[0] == 3 && groups[1] == 4 && dashes == 1:
		return 0.5
	case n == 5 && groups[0] <= 2 && groups[1] == 2 && groups[2] == 2 && groups[3] == 2 && groups[4] == 2:
		return 0.55
	case n >= 2 && n <= 6 && len(d) >= 7 && dots == 0:
		for _, g := range groups {
			if g > 6 {
				return 0.2
			}
		}
		return 0.35
	case n >= 3 && len(d) >= 8:
		return 0.35
	}
	return 0
}
