package privacy

import (
	"net/netip"
	"strings"
)

// structured finds what has a form of its own.
func (s *scan) structured() {
	for i := range s.tokens {
		switch {
		case s.is(i, '@'):
			s.email(i)
		case s.is(i, ':') && strings.HasPrefix(s.text[s.tokens[i].start:], "://"):
			s.url(i)
		case s.tokens[i].kind == number || s.tokens[i].kind == mixed:
			s.address(i)
			s.digits(i)
		}
	}
}

func (s *scan) email(i int) {
	const local = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+/=?^_{|}~-"
	const domain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"
	at := s.tokens[i].start
	start, end := at, at+1
	for start > 0 && strings.IndexByte(local, s.text[start-1]) >= 0 {
		start--
	}
	for end < len(s.text) && strings.IndexByte(domain, s.text[end]) >= 0 {
		end++
	}
	end -= len(s.text[at+1:end]) - len(strings.TrimRight(s.text[at+1:end], ".-"))
	if start < at && strings.Contains(s.text[at+1:end], ".") {
		s.add(EmailAddress, start, end, 0.99, "email")
	}
}

func (s *scan) url(i int) {
	start := s.tokens[i].start
	for start > 0 && s.text[start-1]|0x20 >= 'a' && s.text[start-1]|0x20 <= 'z' {
		start--
	}
	end := s.tokens[i].start
	for end < len(s.text) && s.text[end] > ' ' && !strings.ContainsRune("<>\"`", rune(s.text[end])) {
		end++
	}
	for end > start && strings.IndexByte(".,;:!?)]}'", s.text[end-1]) >= 0 {
		end--
	}
	if start < s.tokens[i].start && end > s.tokens[i].start+3 {
		s.add(URL, start, end, 0.95, "url")
	}
}

// address finds IP addresses that begin at token i.
func (s *scan) address(i int) {
	start := s.tokens[i].start
	if start > 0 && (s.text[start-1] == '.' || s.text[start-1] == ':') {
		return
	}
	end := start
	for end < len(s.text) && (isHex(s.text[end]) || s.text[end] == '.' || s.text[end] == ':') {
		end++
	}
	end -= len(s.text[start:end]) - len(strings.TrimRight(s.text[start:end], ".:"))
	if strings.Count(s.text[start:end], ".") != 3 && strings.Count(s.text[start:end], ":") < 2 {
		return
	}
	if _, err := netip.ParseAddr(s.text[start:end]); err == nil {
		s.add(IPAddress, start, end, 0.95, "ip")
	}
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// digits finds card numbers, IBANs and telephone numbers that begin at token i.
func (s *scan) digits(i int) {
	if i > 0 && s.tokens[i].gap == glued && !s.is(i-1, '+') && !s.is(i-1, '(') && !s.is(i-1, ':') {
		return
	}
	start := s.tokens[i].start
	if s.is(i-1, '+') || s.is(i-1, '(') {
		start = s.tokens[i-1].start
	}
	var compact []byte
	end := start
	for j := i; j < len(s.tokens); j++ {
		t := s.tokens[j]
		if t.gap == newline && j > i || t.kind == word && len(s.of(j)) > 4 || t.kind == hole {
			break
		}
		if t.kind == punct {
			if c := s.text[t.start]; c != '-' && c != '.' && c != ' ' && c != '(' && c != ')' {
				break
			}
			continue
		}
		if len(compact)+t.end-t.start > 34 {
			break
		}
		compact = append(compact, strings.ToUpper(s.of(j))...)
		end = t.end
		digits := allDigits(compact)
		switch {
		case digits && len(compact) >= 12 && len(compact) <= 19 && luhn(compact):
			s.add(CreditCard, start, end, 0.95, "card")
		case !digits && len(compact) >= 15 && iban(compact):
			s.add(IBAN, start, end, 0.99, "iban")
		case digits && len(compact) >= 9 && len(compact) <= 15 && (s.text[start] == '+' || s.text[start] == '(' || end-start > len(compact)):
			s.add(PhoneNumber, start, end, 0.6, "phone")
		}
		if t.kind == word && digits {
			break
		}
	}
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

func luhn(b []byte) bool {
	sum := 0
	for i := range b {
		d := int(b[len(b)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// iban checks an IBAN by ISO 7064 MOD 97-10.
func iban(b []byte) bool {
	if b[0] < 'A' || b[0] > 'Z' || b[1] < 'A' || b[1] > 'Z' {
		return false
	}
	rest := 0
	for i := range b {
		switch c := b[(i+4)%len(b)]; {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}
