package privacy

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
)

// Rules are what a user adds: words and patterns that are personal, and an
// allow-list of strings that are not.
type Rules struct {
	rules []rule
	allow map[string]bool // by key
}

type rule struct {
	typ     Type
	pattern *regexp.Regexp // nil for words
	words   map[string]bool
	longest int // words of a text that an entry of words may span
}

// A RulesError is a file of rules that cannot be read.
type RulesError struct{ Source, Reason string }

func (e *RulesError) Error() string { return e.Source + ": " + e.Reason }

// Hint says what to do.
func (e *RulesError) Hint() string {
	return `write allow = ["…"] and tables [[rule]] with type = "NAME" and words = ["…"] or pattern = '…'`
}

// ParseRules reads rules in TOML:
//
//	allow = ["Tokyo", "Jane Street"]
//
//	[[rule]]
//	type = "PROJECT"
//	words = ["Bluebird", "Night Owl"]
//
//	[[rule]]
//	type = "EMPLOYEE_ID"
//	pattern = 'E-\d{6}'
//
// A finding that is an entry of allow, in any spelling of case and accents, is
// no finding, unless a rule made it. Words are found in any spelling too; a
// pattern is a regular expression of Go's syntax.
func ParseRules(source string, r io.Reader) (*Rules, error) {
	var file struct {
		Allow []string
		Rule  []struct {
			Type    string
			Words   []string
			Pattern string
		}
	}
	md, err := toml.NewDecoder(r).Decode(&file)
	if err != nil {
		// The library's message may quote the file; its position is enough.
		reason := "it is not TOML"
		if pe, ok := err.(toml.ParseError); ok { //nolint:errorlint // Decode returns it bare
			reason = fmt.Sprintf("line %d is not TOML", pe.Position.Line)
		}
		return nil, &RulesError{source, reason}
	}
	if extra := md.Undecoded(); len(extra) > 0 {
		return nil, &RulesError{source, fmt.Sprintf("%d keys are not known", len(extra))}
	}
	rules := &Rules{allow: map[string]bool{}}
	for _, a := range file.Allow {
		if k := foldKey(a); k != "" {
			rules.allow[k] = true
		}
	}
	for i, in := range file.Rule {
		out := rule{typ: Type(in.Type)}
		if !validType(in.Type) {
			return nil, &RulesError{source, fmt.Sprintf("rule %d: a type is upper-case letters, digits and underscores", i+1)}
		}
		if (in.Pattern == "") == (len(in.Words) == 0) {
			return nil, &RulesError{source, fmt.Sprintf("rule %d: it needs words or a pattern, and not both", i+1)}
		}
		if in.Pattern != "" {
			if out.pattern, err = regexp.Compile(in.Pattern); err != nil {
				return nil, &RulesError{source, fmt.Sprintf("rule %d: the pattern is no regular expression", i+1)}
			}
		}
		out.words = map[string]bool{}
		for _, w := range in.Words {
			k := foldKey(w)
			if k == "" {
				return nil, &RulesError{source, fmt.Sprintf("rule %d: a word has no letter and no digit", i+1)}
			}
			out.words[k] = true
			out.longest = max(out.longest, len(foldWords(w)))
		}
		rules.rules = append(rules.rules, out)
	}
	return rules, nil
}

func validType(s string) bool {
	for i := range len(s) {
		if c := s[i]; !(c >= 'A' && c <= 'Z' || i > 0 && (c == '_' || c >= '0' && c <= '9')) {
			return false
		}
	}
	return s != "" && !strings.HasSuffix(s, "_")
}

func (r *Rules) allows(content string) bool {
	return len(r.allow) > 0 && r.allow[foldKey(content)]
}

// rules finds what the user's rules say.
func (s *scan) rules() {
	for _, rule := range s.r.rules.rules {
		if rule.pattern != nil {
			for _, m := range rule.pattern.FindAllStringIndex(s.text, -1) {
				if !s.taken(m[0], m[1]) {
					s.add(rule.typ, m[0], m[1], 1, "rule")
				}
			}
			continue
		}
		s.spelled(rule.longest, func(string) bool { return true }, func(key string, _, _ int) bool { return rule.words[key] }, func(start, end int) {
			s.add(rule.typ, start, end, 1, "rule")
		})
	}
}
