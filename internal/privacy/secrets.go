package privacy

import (
	"crypto/sha256"
	"math"
	"strings"
)

// secretForms are the beginnings of keys that their makers chose so that they
// can be found, with the least length of the whole.
var secretForms = []struct {
	prefix string
	least  int
}{
	{"AKIA", 20}, {"ASIA", 20}, {"ABIA", 20}, {"ACCA", 20},
	{"ghp_", 20}, {"gho_", 20}, {"ghu_", 20}, {"ghs_", 20}, {"ghr_", 20}, {"github_pat_", 30}, {"glpat-", 20}, {"glptt-", 20},
	{"sk-", 20}, {"sess-", 30}, {"xoxb-", 15}, {"xoxp-", 15}, {"xoxa-", 15}, {"xoxr-", 15}, {"xoxs-", 15}, {"xoxe-", 15}, {"xapp-", 15},
	{"sk_live_", 16}, {"sk_test_", 16}, {"pk_live_", 16}, {"pk_test_", 16}, {"rk_live_", 16}, {"rk_test_", 16}, {"whsec_", 16},
	{"AIza", 30}, {"ya29.", 20}, {"GOCSPX-", 20}, {"eyJ", 30}, {"npm_", 20}, {"pypi-", 20}, {"SG.", 30}, {"hf_", 20}, {"dop_v1_", 20},
	{"shpat_", 20}, {"shpss_", 20}, {"EAACEdEose0cBA", 30}, {"sq0atp-", 20}, {"sq0csp-", 20}, {"AGE-SECRET-KEY-", 30}, {"lin_api_", 20},
	{"dapi", 34}, {"pat-", 24}, {"r8_", 30}, {"gsk_", 30}, {"xai-", 30}, {"nvapi-", 30}, {"PMAK-", 30}, {"hvs.", 24}, {"key-", 32}, {"AC", 34}, {"SK", 34},
	{"AccountKey=", 30}, {"rubygems_", 30}, {"figd_", 20}, {"ntn_", 20}, {"secret_", 30}, {"tok_", 20},
}

// mostBlob is how much of a run of signs is looked at for a key. Web tokens are
// the longest, and seldom longer.
const mostBlob = 4096

func blobByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '+' || c == '/' || c == '=' || c == '.' || c == '~'
}

// secretContext are words before a secret that has no form of its own.
const secretContext = "password passwort passwd pwd pw pass passphrase secret token apikey key api bearer auth authorization credential credentials kennwort motdepasse contrasena clave senha wachtwoord passcode pin haslo losenord salasana jelszo parola пароль otp 2fa recovery seed private access signature"

// secretLabels stand before a secret that a person chose.
const secretLabels = "password passwort passwd pwd passphrase secret token apikey kennwort contrasena senha wachtwoord passcode pin haslo losenord salasana jelszo parola пароль key pw passwords login motdepasse passe clave otp"

// secrets finds keys, tokens, passwords and the addresses of wallets.
func (s *scan) secrets() {
	for i := 0; i < len(s.tokens); i++ {
		t := &s.tokens[i]
		if t.kind >= punct {
			if s.is(i, '-') && strings.HasPrefix(s.text[t.start:], "-----BEGIN ") {
				i = s.pem(i)
			}
			continue
		}
		if i > 0 && t.gap == glued && blobByte(s.text[t.start-1]) && (s.text[t.start-1] != '=' && s.text[t.start-1] != '/' || t.end-t.start < 8) {
			s.password(i)
			continue
		}
		end := t.start
		for end < len(s.text) && end-t.start < mostBlob && blobByte(s.text[end]) {
			end++
		}
		for end > t.start && s.text[end-1] == '.' {
			end--
		}
		if n := end - t.start; n >= 12 && s.text[end-1] != '/' {
			s.blob(i, t.start, end)
		}
		s.password(i)
	}
}

// blob looks at a long run of letters, digits and signs.
func (s *scan) blob(i, start, end int) {
	b := s.text[start:end]
	for _, f := range secretForms {
		if len(b) >= f.least && strings.HasPrefix(b, f.prefix) && (len(f.prefix) > 2 || isHexRun(b[2:])) {
			if f.prefix == "sk-" || f.prefix == "key-" || f.prefix == "pat-" || f.prefix == "tok_" || f.prefix == "secret_" {
				if entropy(b) < 3 || !strings.ContainsAny(b, "0123456789") {
					continue
				}
			}
			s.add(Secret, start, end, 0.97, "secret/form")
			return
		}
	}
	switch {
	case strings.HasPrefix(b, "0x") && len(b) == 42 && isHexRun(b[2:]):
		s.add(CryptoWallet, start, end, 0.97, "wallet/ethereum")
		return
	case (strings.HasPrefix(b, "bc1") || strings.HasPrefix(b, "tb1") || strings.HasPrefix(b, "ltc1")) && len(b) >= 26 && len(b) <= 90:
		s.add(CryptoWallet, start, end, 0.95, "wallet/bech32")
		return
	case len(b) >= 26 && len(b) <= 35 && base58Check(b):
		s.add(CryptoWallet, start, end, 0.98, "wallet/base58")
		return
	case len(b) >= 26 && len(b) <= 110 && !strings.ContainsAny(b, "-_+/=.") && entropy(b) > 3.2 && s.near(i, end, "wallet bitcoin btc eth ethereum xmr monero solana sol litecoin ltc doge tron trx usdt ripple xrp cardano ada crypto address"):
		s.add(CryptoWallet, start, end, 0.8, "wallet/context")
		return
	}
	if len(b) >= 20 && strings.ContainsAny(b, "0123456789") && strings.IndexFunc(b, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }) >= 0 &&
		entropy(b) > 3.3 && s.near(i, end, secretContext) && strings.Count(b, "/") < 3 && strings.Count(b, "-") < 8 {
		s.add(Secret, start, end, 0.85, "secret/entropy")
	}
}

func isHexRun(b string) bool {
	for i := range len(b) {
		if !isHex(b[i]) {
			return false
		}
	}
	return true
}

// entropy is Shannon's, in bits a byte.
func entropy(b string) float64 {
	var count [256]int
	for i := range len(b) {
		count[b[i]]++
	}
	h := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(b))
			h -= p * math.Log2(p)
		}
	}
	return h
}

// pem finds a private key between its lines and gives its last token.
func (s *scan) pem(i int) int {
	start := s.tokens[i].start
	rest := s.text[start:]
	head, _, _ := strings.Cut(rest, "\n")
	if !strings.Contains(head, "PRIVATE KEY") {
		return i
	}
	end := len(rest)
	if k := strings.Index(rest, "-----END "); k >= 0 {
		if n := strings.Index(rest[k+9:], "-----"); n >= 0 {
			end = k + 9 + n + 5
		}
	}
	s.add(Secret, start, start+end, 0.99, "secret/pem")
	for i+1 < len(s.tokens) && s.tokens[i+1].start < start+end {
		i++
	}
	return i
}

// password finds what stands behind "password:", "token =" and the like.
func (s *scan) password(i int) {
	if !s.cued(i, cueSecret) {
		return
	}
	w := s.fold(i)
	j := i + 1
	sign := false
	for j < len(s.tokens) && j < i+8 {
		t := &s.tokens[j]
		if t.gap == newline {
			return
		}
		if t.kind == punct {
			switch s.text[t.start] {
			case ':', '=':
				sign = true
			case '"', '\'', '`', '(', '>':
			default:
				return
			}
			j++
			continue
		}
		if s.in(j, s.r.context("is was ist lautet es est e is: for für to the my account wifi wi fi of")) && !sign {
			if f := s.fold(j); f == "is" || f == "was" || f == "ist" || f == "lautet" || f == "es" || f == "est" || f == "e" {
				sign = true
			}
			j++
			continue
		}
		break
	}
	if j >= len(s.tokens) || !sign || s.tokens[j].kind == hole {
		return
	}
	start := s.tokens[j].start
	if start > 0 && strings.IndexByte("!@#$%^&*_-+~", s.text[start-1]) >= 0 {
		start--
	}
	end := start
	for end < len(s.text) && s.text[end] > ' ' && strings.IndexByte("\"'`<>,;)", s.text[end]) < 0 {
		end++
	}
	for end > start && strings.IndexByte(".?:", s.text[end-1]) >= 0 && end-start > 1 {
		end--
	}
	v := s.text[start:end]
	digit, sign2, up, low := false, false, false, false
	for k := range len(v) {
		switch c := v[k]; {
		case c >= '0' && c <= '9':
			digit = true
		case c >= 'A' && c <= 'Z':
			up = true
		case c >= 'a' && c <= 'z':
			low = true
		case c < 0x80:
			sign2 = true
		}
	}
	switch {
	case strings.ContainsAny(v, "([{") || strings.HasPrefix(v, "http"):
	case w == "key" || w == "token" || w == "secret" || w == "clave" || w == "login":
		if len(v) >= 8 && digit && (up || low) {
			s.add(Secret, start, end, 0.7, "secret/labelled")
		}
	case w == "pin" || w == "otp" || w == "passcode":
		if len(v) >= 4 && allDigits(v) {
			s.add(Secret, start, end, 0.75, "secret/labelled")
		}
	case len(v) >= 5 && (digit && (up || low || sign2) || sign2 && (up || low) && !strings.Contains(v, "-") || digit && len(v) >= 6):
		s.add(Secret, start, end, 0.8, "secret/labelled")
	case len(v) >= 6 && up && low && v[1:] != strings.ToLower(v[1:]):
		s.add(Secret, start, end, 0.7, "secret/labelled")
	}
}

const base58Digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// base58Check is the check of Bitcoin's older addresses: the last four bytes
// are the first of SHA-256 taken twice over the others.
func base58Check(b string) bool {
	var raw [25]byte
	for i := range len(b) {
		carry := strings.IndexByte(base58Digits, b[i])
		if carry < 0 {
			return false
		}
		for k := len(raw) - 1; k >= 0; k-- {
			carry += int(raw[k]) * 58
			raw[k] = byte(carry)
			carry >>= 8
		}
		if carry != 0 {
			return false
		}
	}
	first := sha256.Sum256(raw[:21])
	second := sha256.Sum256(first[:])
	return string(second[:4]) == string(raw[21:])
}
