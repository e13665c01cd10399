package privacy

import "strings"

func emailLocal(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80 || strings.IndexByte(".!#$%&'*+/=?^_{|}~-", c) >= 0
}

func hostByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c >= 0x80
}

// email finds the address around the @ of token i, also name (at) host and
// the forms that hide it: name [at] host [dot] org is not claimed.
func (s *scan) email(i int) bool {
	at := s.tokens[i].start
	start, end := at, at+1
	for start > 0 && emailLocal(s.text[start-1]) {
		start--
	}
	for start < at && strings.IndexByte(".'/*=?|{}#$%&!^~", s.text[start]) >= 0 {
		start++
	}
	if k := strings.LastIndexAny(s.text[start:at], "=|/"); k >= 0 && k+1 < at-start {
		start += k + 1 // mailto, user=…
	}
	for end < len(s.text) && hostByte(s.text[end]) {
		end++
	}
	for end > at+1 && strings.IndexByte(".-", s.text[end-1]) >= 0 {
		end--
	}
	// A sentence may end in quotes or brackets of other scripts.
	host := s.text[at+1 : end]
	if i := strings.IndexFunc(host, func(r rune) bool { return r >= 0x80 && !isWordRune(r) }); i >= 0 {
		host = host[:i]
		end = at + 1 + i
	}
	if start == at || strings.Count(host, ".") == 0 || strings.Contains(host, "..") || host[0] == '.' || host[0] == '-' {
		return false
	}
	for start > 0 && start < at && s.text[start]&0xc0 == 0x80 {
		start++ // inside a rune
	}
	if start == at {
		return false
	}
	if i := strings.LastIndexFunc(s.text[start:at], func(r rune) bool { return r >= 0x80 && !isWordRune(r) }); i >= 0 {
		return false
	}
	s.add(EmailAddress, start, end, 0.99, "email")
	return true
}

// notHandles follow an @ in code.
const notHandles = "override property media import dataclass staticmethod classmethod param return returns app router get post test fixture component injectable input output author deprecated autowired entity id type types types-node angular vue babel override keyframes apply tailwind include mixin extend font charset supports interface nullable see link version since todo everyone here channel latest next beta"

// handle finds @name.
func (s *scan) handle(i int) {
	at := s.tokens[i].start
	if at > 0 && (hostByte(s.text[at-1]) || s.text[at-1] == '@') {
		return
	}
	end := at + 1
	for end < len(s.text) && (s.text[end] == '_' || s.text[end] == '.' || s.text[end] == '-' || s.text[end] < 0x80 && isWordRune(rune(s.text[end]))) {
		end++
	}
	for end > at+1 && strings.IndexByte(".-", s.text[end-1]) >= 0 {
		end--
	}
	name := s.text[at+1 : end]
	if len(name) < 2 || len(name) > 40 || allDigits(name) {
		return
	}
	if end < len(s.text) && (s.text[end] == '(' || s.text[end] == '/' || s.text[end] == '{') {
		return
	}
	first, _, _ := strings.Cut(strings.ToLower(name), ".")
	if s.r.context(notHandles)[first] {
		return
	}
	s.add(Handle, at, end, 0.8, "handle")
}

// url finds scheme://… around the colon of token i.
func (s *scan) url(i int) {
	colon := s.tokens[i].start
	if colon < s.urlEnds || !strings.HasPrefix(s.text[colon:], "://") {
		return
	}
	start := colon
	for start > 0 && (s.text[start-1]|0x20 >= 'a' && s.text[start-1]|0x20 <= 'z' || s.text[start-1] == '+' || s.text[start-1] == '-') {
		start--
	}
	end := s.urlEnd(colon + 3)
	s.urlEnds = end
	if start == colon || end <= colon+3 {
		return
	}
	host := s.text[colon+3 : end]
	if strings.HasPrefix(host, "localhost") || strings.HasPrefix(host, "127.0.0.1") {
		return
	}
	s.add(URL, start, end, 0.97, "url")
}

// urlEnd is where a URL ends that goes on at byte i.
func (s *scan) urlEnd(i int) int {
	end := i
	for end < len(s.text) && s.text[end] > ' ' && strings.IndexByte("<>\"`|\\^", s.text[end]) < 0 {
		end++
	}
	for end > i && strings.IndexByte(".,;:!?)]}'*", s.text[end-1]) >= 0 {
		end--
	}
	// Quotes and white space of other scripts end it too.
	if k := strings.IndexFunc(s.text[i:end], func(r rune) bool { return r >= 0x80 && !isWordRune(r) }); k >= 0 {
		end = i + k
	}
	return end
}

// fileEndings are what may follow a dot in a file's name or in code.
const fileEndings = "js ts py go rs md sh cc hs pl ps cs rb so ml vb tf ai ms bz gz zip mov py in is id me name at be do no as it to by my us"

// topLevel are endings of host names that are sure enough without a scheme.
const topLevel = "com org net edu gov mil info biz de uk fr es it nl pl pt br se dk fi at ch be eu ca au nz jp cn ru ua cz sk hu ro bg gr tr ie il za mx ar cl co kr tw hk sg my th vn ph id in pk ng ke io app dev xyz online site shop store blog club tech cloud agency cy lt lv ee hr si rs is no tv cc me us uy ge am"

// domain finds a host name without a scheme whose first dot is token i.
func (s *scan) domain(i int) {
	dot := s.tokens[i].start
	if i == 0 || s.tokens[i].gap != glued || s.tokens[i-1].kind == punct || i+1 >= len(s.tokens) || s.tokens[i+1].gap != glued || s.tokens[i+1].kind == punct {
		return
	}
	start, end := dot, dot
	for start > 0 && hostByte(s.text[start-1]) && s.text[start-1] < 0x80 && s.text[start-1] != '.' {
		start--
	}
	if start > 0 && strings.IndexByte("@/.:_", s.text[start-1]) >= 0 {
		return
	}
	for end < len(s.text) && hostByte(s.text[end]) && s.text[end] < 0x80 {
		end++
	}
	for end > dot && strings.IndexByte(".-", s.text[end-1]) >= 0 {
		end--
	}
	host := strings.ToLower(s.text[start:end])
	cut := strings.LastIndexByte(host, '.')
	if cut <= 0 || start == dot || !s.r.context(topLevel)[host[cut+1:]] || strings.Contains(host, "..") {
		return
	}
	www := strings.HasPrefix(host, "www.")
	path := end < len(s.text) && s.text[end] == '/'
	if end < len(s.text) && (s.text[end] == '(' || s.text[end] == '_' || s.text[end] == '@') {
		return
	}
	if s.r.context(fileEndings)[host[cut+1:]] && !www && !path && strings.Count(host, ".") < 2 {
		return
	}
	if first, _, _ := strings.Cut(host, "."); allDigits(host[:cut]) || !www && !path && (s.r.words.has(first, technical) || first == "asp") {
		return
	}
	// A sentence without a space behind its full stop, and code.
	if !www && !path && strings.Count(host, ".") == 1 && (s.text[dot+1] >= 'A' && s.text[dot+1] <= 'Z') && s.text[dot+1:end] != strings.ToUpper(s.text[dot+1:end]) {
		return
	}
	if path {
		end = s.urlEnd(end)
	}
	s.add(URL, start, end, 0.85, "url/host")
}
