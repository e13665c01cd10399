package planted

import (
	"crypto/sha256"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
)

// A Generator makes valid data of one kind in the ways that it is written.
type Generator struct {
	Kind Kind
	Make func(*rand.Rand) string
}

// Kinds are the kinds with a form of their own.
var Kinds = []Generator{
	{"phone", phone}, {"email", email}, {"card", card}, {"iban", iban}, {"ip", ip}, {"ssn", ssn}, {"url", url}, {"mac", mac},
	{"api key", apiKey}, {"street", street}, {"birth", birth}, {"nino", nino}, {"steuer-id", steuerID}, {"nif", nif},
	{"codice", codice}, {"nir", nir}, {"aadhaar", aadhaar}, {"cpf", cpf}, {"ahv", ahv}, {"wallet", wallet}, {"handle", handle},
	{"account", account}, {"passport", passport}, {"credentials", credentials},
}

// Carrier is an English sentence with an item of a kind in it.
func Carrier(r *rand.Rand, k Kind, text string) string {
	c := languages[0].structured[k]
	return strings.ReplaceAll(c[r.IntN(len(c))], "%", text)
}

func digits(r *rand.Rand, n int) string { return from(r, "0123456789", n) }

func from(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

const (
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower  = "abcdefghijklmnopqrstuvwxyz"
	figure = "0123456789"
)

func one(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

// groups parts s into groups of the sizes, by the separator.
func groups(s, sep string, sizes ...int) string {
	var parts []string
	for _, n := range sizes {
		parts = append(parts, s[:n])
		s = s[n:]
	}
	if s != "" {
		parts = append(parts, s)
	}
	return strings.Join(parts, sep)
}

// luhnDigit is the digit that completes s.
func luhnDigit(s string) string {
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return fmt.Sprint((10 - sum%10) % 10)
}

func phone(r *rand.Rand) string {
	area, mid := fmt.Sprint(200+r.IntN(800)), fmt.Sprint(200+r.IntN(800))
	line := digits(r, 4)
	switch r.IntN(12) {
	case 0:
		return "(" + area + ") " + mid + "-" + line
	case 1:
		return area + "-" + mid + "-" + line
	case 2:
		return area + "." + mid + "." + line
	case 3:
		return "+1 " + area + " " + mid + " " + line
	case 4:
		return "+44 7" + digits(r, 3) + " " + digits(r, 6)
	case 5:
		return "07" + digits(r, 3) + " " + digits(r, 6)
	case 6:
		return "+49 1" + one(r, "51", "60", "71", "76") + " " + digits(r, 7)
	case 7:
		return "0" + one(r, "30", "40", "89", "221") + "/" + digits(r, 7)
	case 8:
		return "06 " + groups(digits(r, 8), " ", 2, 2, 2)
	case 9:
		return "+33 6 " + groups(digits(r, 8), " ", 2, 2, 2)
	case 10:
		return "+34 6" + digits(r, 2) + " " + digits(r, 3) + " " + digits(r, 3)
	}
	return "+" + one(r, "31", "39", "46", "48", "55", "91") + digits(r, 10)
}

func email(r *rand.Rand) string {
	local := strings.ToLower(First(r)) + one(r, ".", "_", "-", "") + strings.ToLower(lasts[r.IntN(len(lasts))]) + one(r, "", digits(r, 2), "+news")
	return local + "@" + one(r, "example.org", "mail.example.com", "posteo.example", "firma-xy.de", "correo.es", "webmail.co.uk", "laposte.net")
}

func card(r *rand.Rand) string {
	var s string
	switch r.IntN(5) {
	case 0, 1:
		s = "4" + digits(r, 14)
	case 2:
		s = fmt.Sprint(51+r.IntN(5)) + digits(r, 13)
	case 3:
		s = one(r, "34", "37") + digits(r, 12)
	default:
		s = "6011" + digits(r, 11)
	}
	s += luhnDigit(s)
	if len(s) == 15 {
		return one(r, s, groups(s, " ", 4, 6), groups(s, "-", 4, 6))
	}
	return one(r, s, groups(s, " ", 4, 4, 4), groups(s, "-", 4, 4, 4), groups(s, ".", 4, 4, 4))
}

func iban(r *rand.Rand) string {
	country, bban := "DE", digits(r, 18)
	switch r.IntN(7) {
	case 1:
		country, bban = "GB", from(r, upper, 4)+digits(r, 14)
	case 2:
		country, bban = "FR", digits(r, 10)+from(r, upper+figure, 11)+digits(r, 2)
	case 3:
		country, bban = "ES", digits(r, 20)
	case 4:
		country, bban = "NL", from(r, upper, 4)+digits(r, 10)
	case 5:
		country, bban = "IT", from(r, upper, 1)+digits(r, 10)+from(r, upper+figure, 12)
	case 6:
		country, bban = "CH", digits(r, 5)+from(r, upper+figure, 12)
	}
	var number strings.Builder
	for _, c := range bban + country + "00" {
		if c >= 'A' {
			fmt.Fprint(&number, c-'A'+10)
		} else {
			number.WriteRune(c)
		}
	}
	n, _ := new(big.Int).SetString(number.String(), 10)
	s := fmt.Sprintf("%s%02d%s", country, 98-new(big.Int).Mod(n, big.NewInt(97)).Int64(), bban)
	spaced := ""
	for i := 0; i < len(s); i += 4 {
		spaced += " " + s[i:min(i+4, len(s))]
	}
	return one(r, s, spaced[1:], strings.ToLower(s), strings.ReplaceAll(spaced[1:], " ", "-"))
}

func ip(r *rand.Rand) string {
	if r.IntN(3) == 0 {
		var parts []string
		for range 8 {
			parts = append(parts, fmt.Sprintf("%x", r.IntN(0xffff)))
		}
		return one(r, strings.Join(parts, ":"), "2001:db8::"+parts[0]+":"+parts[1], "fe80::"+parts[2])
	}
	return fmt.Sprintf("%d.%d.%d.%d", 1+r.IntN(223), r.IntN(256), r.IntN(256), 1+r.IntN(254))
}

func ssn(r *rand.Rand) string {
	s := fmt.Sprintf("%03d%02d%04d", 1+r.IntN(665), 1+r.IntN(99), 1+r.IntN(9999))
	return one(r, groups(s, "-", 3, 2), groups(s, " ", 3, 2), groups(s, ".", 3, 2))
}

func url(r *rand.Rand) string {
	host := strings.ToLower(First(r)) + one(r, ".com", ".org", ".de", ".fr", ".co.uk", ".io")
	return one(r, "https://", "http://", "https://www.", "www.") + host + one(r, "", "/", "/about?id="+digits(r, 3), "/"+from(r, lower, 6)+"/index.html")
}

func mac(r *rand.Rand) string {
	s := from(r, "0123456789abcdef", 12)
	if r.IntN(2) == 0 {
		s = strings.ToUpper(s)
	}
	return one(r, groups(s, ":", 2, 2, 2, 2, 2), groups(s, "-", 2, 2, 2, 2, 2), groups(s, ".", 4, 4))
}

func apiKey(r *rand.Rand) string {
	all := upper + lower + figure
	return one(r,
		"AKIA"+from(r, upper+"234567", 16), "ghp_"+from(r, all, 36), "sk-"+from(r, all, 48), "sk-proj-"+from(r, all, 48), "xoxb-"+digits(r, 12)+"-"+from(r, all, 24),
		"sk_live_"+from(r, all, 24), "AIza"+from(r, all+"-_", 35), "glpat-"+from(r, all, 20),
		"eyJ"+from(r, all, 30)+".eyJ"+from(r, all, 60)+"."+from(r, all+"-_", 43))
}

func street(r *rand.Rand) string {
	n := fmt.Sprint(1 + r.IntN(250))
	w := lasts[r.IntN(len(lasts))]
	return one(r,
		n+" "+w+" "+one(r, "Street", "Road", "Avenue", "Lane", "Drive", "Close"), n+" "+w+" St, Apt "+digits(r, 2),
		w+one(r, "straße ", "weg ", "gasse ", "allee ")+n, one(r, "rue ", "avenue ")+w+" "+n, n+" rue de "+w,
		"Calle "+w+" "+n, "Via "+w+" "+n, w+one(r, "straat ", "laan ")+n)
}

func birth(r *rand.Rand) string {
	y, m, d := 1940+r.IntN(65), 1+r.IntN(12), 1+r.IntN(28)
	month := strings.Fields("January February March April May June July August September October November December")[m-1]
	return one(r, fmt.Sprintf("%d/%d/%d", m, d, y), fmt.Sprintf("%02d.%02d.%d", d, m, y), fmt.Sprintf("%d-%02d-%02d", y, m, d),
		fmt.Sprintf("%d %s %d", d, month, y), fmt.Sprintf("%s %d, %d", month, d, y), fmt.Sprintf("%02d-%02d-%d", d, m, y))
}

func nino(r *rand.Rand) string {
	s := from(r, "ABCEHJLMPRSTWXY", 1) + from(r, "ABCEHJLMRSTWXY", 1) + digits(r, 6) + from(r, "ABCD", 1)
	return one(r, s, groups(s, " ", 2, 2, 2, 2), groups(s, "-", 2, 2, 2, 2), groups(s, " ", 2, 6))
}

func steuerID(r *rand.Rand) string {
	p := r.Perm(10)
	if p[0] == 0 {
		p[0], p[1] = p[1], p[0]
	}
	p[9] = p[r.IntN(9)] // one digit twice, one not at all
	s, product := "", 10
	for _, d := range p {
		s += fmt.Sprint(d)
		sum := (d + product) % 10
		if sum == 0 {
			sum = 10
		}
		product = 2 * sum % 11
	}
	s += fmt.Sprint((11 - product) % 10)
	return one(r, s, groups(s, " ", 2, 3, 3))
}

func nif(r *rand.Rand) string {
	n := r.IntN(100000000)
	letter := "TRWAGMYFPDXBNJZSQVHLCKE"[n%23]
	return fmt.Sprintf(one(r, "%08d%c", "%08d-%c", "%08d %c"), n, letter)
}

func codice(r *rand.Rand) string {
	s := from(r, "BCDFGLMNPRSTV", 6) + digits(r, 2) + from(r, "ABCDEHLMPRST", 1) + fmt.Sprintf("%02d", 1+r.IntN(28)) + from(r, "ABCDEFGHIL", 1) + digits(r, 3)
	odd := map[byte]int{}
	for i, v := range []int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21} {
		odd[byte('0'+i)], odd[byte('A'+i)] = v, v
	}
	for i, v := range []int{2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23} {
		odd[byte('K'+i)] = v
	}
	sum := 0
	for i := range len(s) {
		switch {
		case i%2 == 0:
			sum += odd[s[i]]
		case s[i] >= 'A':
			sum += int(s[i] - 'A')
		default:
			sum += int(s[i] - '0')
		}
	}
	s += string(rune('A' + sum%26))
	return one(r, s, strings.ToLower(s), groups(s, " ", 3, 3, 5))
}

func nir(r *rand.Rand) string {
	s := one(r, "1", "2") + digits(r, 2) + fmt.Sprintf("%02d", 1+r.IntN(12)) + fmt.Sprintf("%02d", 1+r.IntN(95)) + digits(r, 6)
	n, _ := new(big.Int).SetString(s, 10)
	s += fmt.Sprintf("%02d", 97-new(big.Int).Mod(n, big.NewInt(97)).Int64())
	return one(r, s, groups(s, " ", 1, 2, 2, 2, 3, 3))
}

func aadhaar(r *rand.Rand) string {
	s := from(r, "23456789", 1) + digits(r, 10)
	// Verhoeff's tables, written out.
	d := [10]string{"0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"}
	p := [8]string{"0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258"}
	inv := "0432156789"
	c := byte('0')
	for i := range len(s) {
		c = d[c-'0'][p[(i+1)%8][s[len(s)-1-i]-'0']-'0']
	}
	s += string(inv[c-'0'])
	return one(r, groups(s, " ", 4, 4), groups(s, "-", 4, 4))
}

func cpf(r *rand.Rand) string {
	s := digits(r, 9)
	for n := 10; n <= 11; n++ {
		sum := 0
		for i := range len(s) {
			sum += int(s[i]-'0') * (n - i)
		}
		check := 11 - sum%11
		if check > 9 {
			check = 0
		}
		s += fmt.Sprint(check)
	}
	return one(r, s, s[:3]+"."+s[3:6]+"."+s[6:9]+"-"+s[9:])
}

func ahv(r *rand.Rand) string {
	s := "756" + digits(r, 9)
	sum := 0
	for i := range len(s) {
		sum += int(s[i]-'0') * (1 + 2*(i%2))
	}
	s += fmt.Sprint((10 - sum%10) % 10)
	return one(r, s, groups(s, ".", 3, 4, 4))
}

func wallet(r *rand.Rand) string {
	if r.IntN(3) == 0 {
		return "0x" + from(r, "0123456789abcdef", 40)
	}
	if r.IntN(2) == 0 {
		return "bc1q" + from(r, "023456789acdefghjklmnpqrstuvwxyz", 38)
	}
	raw := []byte{0}
	for range 20 {
		raw = append(raw, byte(r.IntN(256)))
	}
	first := sha256.Sum256(raw)
	second := sha256.Sum256(first[:])
	n := new(big.Int).SetBytes(append(raw, second[:4]...))
	s := ""
	for n.Sign() > 0 {
		rest := new(big.Int)
		n.DivMod(n, big.NewInt(58), rest)
		s = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[rest.Int64():rest.Int64()+1] + s
	}
	return "1" + s
}

func handle(r *rand.Rand) string {
	return "@" + strings.ToLower(First(r)) + one(r, "", "_", ".") + one(r, digits(r, 2), "the"+from(r, lower, 4), strings.ToLower(lasts[r.IntN(len(lasts))]))
}

func account(r *rand.Rand) string {
	s := digits(r, 8+r.IntN(4))
	return one(r, s, groups(s, "-", 4), groups(s, " ", 4))
}

func passport(r *rand.Rand) string {
	return one(r, digits(r, 9), from(r, upper, 1)+digits(r, 8), from(r, upper, 2)+digits(r, 7), "C"+from(r, "01CFGHJKLMNPRTVWXYZ23456789", 3)+digits(r, 5))
}

func credentials(r *rand.Rand) string {
	return one(r, strings.ToLower(First(r))+digits(r, 3)+"!", from(r, upper+lower, 5)+digits(r, 3), from(r, lower, 4)+"-"+digits(r, 4)+"-"+from(r, upper, 3), from(r, lower, 6)+"#"+digits(r, 2))
}
