package privacy

// The check digits of numbers. Each function is given the digits and letters
// alone, in upper case, in the length its kind has.

func digitSum(s string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += w * int(s[i]-'0')
	}
	return sum
}

// luhn is ISO/IEC 7812-1 annex B.
func luhn(s string) bool {
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// mod97 is ISO 7064 MOD 97-10 over the IBAN's order: the first four last.
func mod97(s string) int {
	rest := 0
	for i := range len(s) {
		switch c := s[(i+4)%len(s)]; {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		default:
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return rest
}

// number97 is the remainder of a decimal number by 97.
func number97(s string) int {
	rest := 0
	for i := range len(s) {
		rest = (rest*10 + int(s[i]-'0')) % 97
	}
	return rest
}

// mod11_10 is ISO 7064 MOD 11,10.
func mod11_10(s string) bool {
	p := 10
	for i := range len(s) - 1 {
		p = (p + int(s[i]-'0')) % 10
		if p == 0 {
			p = 10
		}
		p = p * 2 % 11
	}
	return (11-p)%10 == int(s[len(s)-1]-'0')
}

// verhoeff is Verhoeff's check over the dihedral group of ten elements.
func verhoeff(s string) bool {
	c := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		for range i % 8 {
			d = [10]int{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}[d]
		}
		c = dihedral(c, d)
	}
	return c == 0
}

// dihedral multiplies in the group of the pentagon's symmetries.
func dihedral(a, b int) int {
	switch {
	case a < 5 && b < 5:
		return (a + b) % 5
	case a < 5:
		return 5 + (a+b-5)%5
	case b < 5:
		return 5 + (a-5-b+5)%5
	}
	return (a - b + 5) % 5
}

// monthDay tells whether two pairs of digits are a month and a day.
func monthDay(month, day string) bool {
	m, d := int(month[0]-'0')*10+int(month[1]-'0'), int(day[0]-'0')*10+int(day[1]-'0')
	return m >= 1 && m <= 12 && d >= 1 && d <= 31
}

func same(s string) bool {
	for i := range len(s) {
		if s[i] != s[0] {
			return false
		}
	}
	return true
}

func ssn(s string) bool {
	return s[:3] != "000" && s[:3] != "666" && s[3:5] != "00" && s[5:] != "0000"
}

func itin(s string) bool {
	g := int(s[3]-'0')*10 + int(s[4]-'0')
	return s[0] == '9' && (g >= 50 && g <= 65 || g >= 70 && g <= 88 || g >= 90 && g <= 92 || g >= 94)
}

func nino(s string) bool {
	bad := func(c byte) bool { return c == 'D' || c == 'F' || c == 'I' || c == 'Q' || c == 'U' || c == 'V' }
	switch s[:2] {
	case "BG", "GB", "KN", "NK", "NT", "TN", "ZZ":
		return false
	}
	return !bad(s[0]) && !bad(s[1]) && s[1] != 'O' && (len(s) == 8 || s[8] <= 'D')
}

func nhs(s string) bool {
	c := 11 - digitSum(s, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11
	return c != 10 && c%11 == int(s[9]-'0') && !same(s)
}

// steuerID also wants one digit two or three times in the first ten.
func steuerID(s string) bool {
	var seen [10]int
	for i := range 10 {
		seen[s[i]-'0']++
	}
	repeated := 0
	for _, n := range seen {
		if n > 3 {
			return false
		}
		if n > 1 {
			repeated++
		}
	}
	return s[0] != '0' && repeated == 1 && mod11_10(s)
}

// rvnr is the number of the German pension insurance.
func rvnr(s string) bool {
	letter := int(s[8]-'A') + 1
	digits := s[:8] + string([]byte{byte('0' + letter/10), byte('0' + letter%10)}) + s[9:11]
	sum := 0
	for i, w := range []int{2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1} {
		p := w * int(digits[i]-'0')
		sum += p/10 + p%10
	}
	return sum%10 == int(s[11]-'0')
}

const nifLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

func nif(s string) bool {
	n := 0
	for i := range 8 {
		n = n*10 + int(s[i]-'0')
	}
	return nifLetters[n%23] == s[8]
}

func nie(s string) bool {
	if s[0] < 'X' || s[0] > 'Z' {
		return false
	}
	return nif(string(s[0]-'X'+'0') + s[1:])
}

// codiceFiscale checks the last letter; in digits' places letters may stand.
func codiceFiscale(s string) bool {
	sum := 0
	for i := range 15 {
		c := s[i]
		v := int(c - 'A')
		if c <= '9' {
			v = int(c - '0')
		}
		if i%2 == 0 {
			v = [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}[v]
		}
		sum += v
	}
	return byte('A'+sum%26) == s[15]
}

// nir is the French number; 2A and 2B are Corsica's departments.
func nir(s string) bool {
	n := s[:13]
	switch n[5:7] {
	case "2A":
		n = n[:5] + "19" + n[7:]
	case "2B":
		n = n[:5] + "18" + n[7:]
	}
	if !allDigits(n) || s[0] != '1' && s[0] != '2' {
		return false
	}
	return 97-number97(n) == int(s[13]-'0')*10+int(s[14]-'0')
}

func bsn(s string) bool {
	if len(s) == 8 {
		s = "0" + s
	}
	return digitSum(s, 9, 8, 7, 6, 5, 4, 3, 2, -1)%11 == 0 && !same(s)
}

func pesel(s string) bool {
	m := int(s[2]-'0')*10 + int(s[3]-'0')
	d := int(s[4]-'0')*10 + int(s[5]-'0')
	return m%20 >= 1 && m%20 <= 12 && d >= 1 && d <= 31 && digitSum(s, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)%10 == 0
}

func personnummer(s string) bool {
	if len(s) == 12 {
		if s[:2] != "19" && s[:2] != "20" {
			return false
		}
		s = s[2:]
	}
	return monthDay(s[2:4], s[4:6]) && luhn(s)
}

func fodselsnummer(s string) bool {
	return monthDay(s[2:4], s[:2]) && digitSum(s, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1)%11 == 0 && digitSum(s, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

func cpr(s string) bool { return monthDay(s[2:4], s[:2]) }

func hetu(s string) bool {
	if !monthDay(s[2:4], s[:2]) {
		return false
	}
	n := 0
	for _, c := range []byte(s[:6] + s[len(s)-4:len(s)-1]) {
		if c < '0' || c > '9' {
			return false
		}
		n = n*10 + int(c-'0')
	}
	return "0123456789ABCDEFHJKLMNPRSTUVWXY"[n%31] == s[len(s)-1]
}

func aadhaar(s string) bool { return s[0] >= '2' && verhoeff(s) }

func pan(s string) bool {
	switch s[3] {
	case 'P', 'C', 'H', 'F', 'A', 'T', 'B', 'L', 'J', 'G':
		return true
	}
	return false
}

func sin(s string) bool { return s[0] != '0' && s[0] != '8' && luhn(s) }

func tfn(s string) bool {
	if len(s) == 8 {
		return digitSum(s, 10, 7, 8, 4, 6, 3, 5, 1)%11 == 0
	}
	return digitSum(s, 1, 4, 3, 7, 5, 8, 6, 9, 10)%11 == 0 && !same(s)
}

func medicare(s string) bool {
	return s[0] >= '2' && s[0] <= '6' && digitSum(s, 1, 3, 7, 9, 1, 3, 7, 9)%10 == int(s[8]-'0')
}

func abn(s string) bool {
	return (digitSum(s, 10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)-10)%89 == 0
}

func ahv(s string) bool {
	return s[:3] == "756" && digitSum(s, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1)%10 == 0
}

func svnr(s string) bool {
	return s[0] != '0' && monthDay(s[6:8], s[4:6]) && digitSum(s[:3]+s[4:], 3, 7, 9, 5, 8, 4, 2, 1, 6)%11 == int(s[3]-'0')
}

func rrn(s string) bool {
	if !monthDay(s[2:4], s[4:6]) {
		return false
	}
	check := int(s[9]-'0')*10 + int(s[10]-'0')
	return 97-number97(s[:9]) == check || 97-number97("2"+s[:9]) == check
}

func cpf(s string) bool {
	if same(s) {
		return false
	}
	check := func(sum int) int {
		if sum%11 < 2 {
			return 0
		}
		return 11 - sum%11
	}
	return check(digitSum(s, 10, 9, 8, 7, 6, 5, 4, 3, 2)) == int(s[9]-'0') &&
		check(digitSum(s, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)) == int(s[10]-'0')
}

func cnpj(s string) bool {
	check := func(sum int) int {
		if sum%11 < 2 {
			return 0
		}
		return 11 - sum%11
	}
	return !same(s) && check(digitSum(s, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) == int(s[12]-'0') &&
		check(digitSum(s, 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) == int(s[13]-'0')
}

func portugueseNIF(s string) bool {
	c := 11 - digitSum(s, 9, 8, 7, 6, 5, 4, 3, 2)%11
	if c > 9 {
		c = 0
	}
	return s[0] != '0' && c == int(s[8]-'0')
}

func rut(s string) bool {
	sum, w := 0, 2
	for i := len(s) - 2; i >= 0; i-- {
		sum += w * int(s[i]-'0')
		if w++; w > 7 {
			w = 2
		}
	}
	return "0K987654321"[sum%11] == s[len(s)-1]
}

func cuit(s string) bool {
	return digitSum(s, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0 && (s[0] == '2' || s[0] == '3')
}

func residentCN(s string) bool {
	return (s[6:8] == "19" || s[6:8] == "20") && monthDay(s[10:12], s[12:14]) &&
		"10X98765432"[digitSum(s, 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)%11] == s[17]
}

func residentKR(s string) bool { return monthDay(s[2:4], s[4:6]) && s[6] >= '1' && s[6] <= '8' }

func nric(s string) bool {
	sum := digitSum(s[1:], 2, 7, 6, 5, 4, 3, 2)
	switch s[0] {
	case 'S':
		return "JZIHGFEDCBA"[sum%11] == s[8]
	case 'T':
		return "JZIHGFEDCBA"[(sum+4)%11] == s[8]
	case 'F':
		return "XWUTRQPNMLK"[sum%11] == s[8]
	case 'G':
		return "XWUTRQPNMLK"[(sum+4)%11] == s[8]
	case 'M':
		return "XWUTRQPNJLK"[10-(sum+3)%11] == s[8]
	}
	return false
}

func hkid(s string) bool {
	sum := 36*9 + int(s[0]-'A'+10)*8 + digitSum(s[1:], 7, 6, 5, 4, 3, 2)
	return "0A987654321"[sum%11] == s[7]
}

func taiwanID(s string) bool {
	v := [26]int{10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21, 22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33}[s[0]-'A']
	return (s[1] == '1' || s[1] == '2') && (v/10+v%10*9+digitSum(s[1:], 8, 7, 6, 5, 4, 3, 2, 1, 1))%10 == 0
}

func southAfricaID(s string) bool { return monthDay(s[2:4], s[4:6]) && s[10] <= '2' && luhn(s) }

func turkeyID(s string) bool {
	odd, even := digitSum(s, 1, 0, 1, 0, 1, 0, 1, 0, 1), digitSum(s, 0, 1, 0, 1, 0, 1, 0, 1)
	d10 := ((odd*7-even)%10 + 10) % 10
	return s[0] != '0' && d10 == int(s[9]-'0') && (odd+even+d10)%10 == int(s[10]-'0')
}

func pps(s string) bool {
	sum := digitSum(s, 8, 7, 6, 5, 4, 3, 2)
	if len(s) == 9 && s[8] != 'W' {
		sum += 9 * int(s[8]-'A'+1)
	}
	return "WABCDEFGHIJKLMNOPQRSTUV"[sum%23] == s[7]
}

func rodneCislo(s string) bool {
	m := (int(s[2]-'0')*10 + int(s[3]-'0')) % 50
	if m > 20 {
		m -= 20
	}
	if m < 1 || m > 12 || s[4:6] > "31" || s[4:6] == "00" {
		return false
	}
	if len(s) == 9 {
		return true
	}
	n := 0
	for i := range 10 {
		n = (n*10 + int(s[i]-'0')) % 11
	}
	return n == 0
}

func cnp(s string) bool {
	c := digitSum(s, 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9) % 11
	if c == 10 {
		c = 1
	}
	return s[0] != '0' && monthDay(s[3:5], s[5:7]) && c == int(s[12]-'0')
}

func emso(s string) bool {
	c := 11 - digitSum(s, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11
	if c > 9 {
		c = 0
	}
	return monthDay(s[2:4], s[:2]) && (s[4] == '9' || s[4] == '0') && c == int(s[12]-'0')
}

func balticID(s string) bool {
	if s[0] < '1' || s[0] > '6' || !monthDay(s[3:5], s[5:7]) {
		return false
	}
	c := digitSum(s, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1) % 11
	if c == 10 {
		c = digitSum(s, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3) % 11 % 10
	}
	return c == int(s[10]-'0')
}

func snils(s string) bool {
	sum := digitSum(s, 9, 8, 7, 6, 5, 4, 3, 2, 1) % 101
	return sum%100 == int(s[9]-'0')*10+int(s[10]-'0')
}

func amka(s string) bool { return monthDay(s[2:4], s[:2]) && luhn(s) }

func routing(s string) bool { return digitSum(s, 3, 7, 1, 3, 7, 1, 3, 7, 1)%10 == 0 && !same(s) }

// card tells whether a number has an issuer's prefix and length, and its check
// digit.
func card(s string) bool {
	p := func(n int) int {
		v := 0
		for i := range n {
			v = v*10 + int(s[i]-'0')
		}
		return v
	}
	n, p2, p3, p4 := len(s), p(2), p(3), p(4)
	ok := false
	switch {
	case s[0] == '4':
		ok = n == 13 || n == 16 || n == 19
	case p2 >= 51 && p2 <= 55, p4 >= 2221 && p4 <= 2720, p4 >= 2200 && p4 <= 2204:
		ok = n == 16
	case p2 == 34 || p2 == 37, p4 == 2131, p4 == 1800:
		ok = n == 15
	case p3 >= 300 && p3 <= 305, p3 == 309, p2 == 36, p2 == 38, p2 == 39:
		ok = n >= 14 && n <= 19
	case p4 >= 3528 && p4 <= 3589:
		ok = n >= 16
	case s[0] == '6', p4 == 604, p2 == 50, p2 >= 56 && p2 <= 58:
		ok = true
	}
	return ok && luhn(s)
}

// ibanLengths are the lengths by country, of SWIFT's IBAN registry.
const ibanLengths = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MR27MT31MU30NL18NO15PK24PL28PS29PT25QA29RO24RS22SA24SC31SE24SI19SK24SM27ST25SV28TL23TN24TR26UA29VA22VG24XK20"

// ibanLength is the length of a country's IBAN, 0 if it has none.
func ibanLength(country string) int {
	for i := 0; i+4 <= len(ibanLengths); i += 4 {
		if ibanLengths[i:i+2] == country {
			return int(ibanLengths[i+2]-'0')*10 + int(ibanLengths[i+3]-'0')
		}
	}
	return 0
}
