// Package privacy finds personal data in texts, takes it out, and audits what
// leaves a stage.
//
// A [Redactor] finds; a [Session] replaces what was found in the texts of one
// conversation by typed placeholders such as [PERSON_1], the same person by
// the same placeholder; an [Auditor] looks at every summary, label and
// description before it is kept or shown.
//
// All of it works by rule, without a network: checksums and context for what
// has a form, lists of names, shape and context for what has none. A text is
// split into tokens once, each word is looked up once, and every recogniser
// goes over the tokens; none is a regular expression but those of the user.
//
// It lowers the risk that a person can be identified. It does not make a text
// anonymous. What is claimed for each type, and what is not (dates other than
// of birth, job titles, names in scripts without capitals beyond what follows
// an introduction, addresses that are hidden on purpose), is in
// docs/privacy.md.
//
// Nothing in the package prints or returns, as an error or a reason, a part of
// a text: findings are places and types.
package privacy

import (
	"cmp"
	"slices"
	"sync"
)

// A Type is a kind of personal data. It is what stands in a placeholder, so a
// type is upper-case ASCII letters, digits and underscores.
type Type string

// The types that every Redactor knows. Rules of the user may bring others.
const (
	Person        Type = "PERSON"
	Organization  Type = "ORGANIZATION"
	Location      Type = "LOCATION" // countries, regions, cities
	Nationality   Type = "NATIONALITY"
	StreetAddress Type = "STREET_ADDRESS"
	PostalCode    Type = "POSTAL_CODE"
	PhoneNumber   Type = "PHONE_NUMBER"
	EmailAddress  Type = "EMAIL_ADDRESS"
	URL           Type = "URL"
	IPAddress     Type = "IP_ADDRESS"
	MACAddress    Type = "MAC_ADDRESS"
	Handle        Type = "HANDLE" // @name, and a user's name or number where the text says that it is one
	CreditCard    Type = "CREDIT_CARD"
	IBAN          Type = "IBAN_CODE"
	BankAccount   Type = "BANK_ACCOUNT" // account and routing numbers, SWIFT codes
	CryptoWallet  Type = "CRYPTO_WALLET"
	USSSN         Type = "US_SSN"
	NationalID    Type = "NATIONAL_ID" // tax, social security and health numbers of many countries
	Passport      Type = "PASSPORT"
	DriverLicense Type = "DRIVER_LICENSE"
	LicensePlate  Type = "LICENSE_PLATE"
	DateOfBirth   Type = "DATE_OF_BIRTH"
	Age           Type = "AGE"
	Secret        Type = "SECRET" // keys, tokens, passwords
)

// builtinTypes are the types above.
var builtinTypes = []Type{
	Person, Organization, Location, Nationality, StreetAddress, PostalCode, PhoneNumber, EmailAddress, URL,
	IPAddress, MACAddress, Handle, CreditCard, IBAN, BankAccount, CryptoWallet, USSSN, NationalID, Passport,
	DriverLicense, LicensePlate, DateOfBirth, Age, Secret,
}

// A Finding is where personal data stands in a text. It never holds the data,
// so it may be counted, kept and printed.
type Finding struct {
	Type       Type
	Start, End int     // bytes of the text that was looked at, Start < End
	Score      float64 // how sure the recogniser is, in (0, 1]
	Recogniser string  // what found it: "iban", "name/title", "rule"
}

// Options say what a Redactor looks for. The zero value looks for everything
// it knows.
type Options struct {
	// Rules are the user's own; nil is none.
	Rules *Rules
	// Known tells whether a word, in lower case, is an ordinary word of a
	// language and not a name: an unknown capitalised word is more likely one.
	// It is asked only for words that the package's own lists do not have.
	// Nil knows no word beyond those lists.
	Known func(word string) bool
	// MinScore is the least score of a finding; 0 is 0.5.
	MinScore float64
	// Without are types that are left alone.
	Without []Type
}

// A Redactor finds personal data. It may be used by several goroutines.
type Redactor struct {
	rules   *Rules
	known   func(string) bool
	least   float64
	without map[Type]bool
	words   *wordTable
	cues    *cues

	kindsByLength [41][]idKind
	contexts      sync.Map // sets of words by the list they were made from
}

// New makes a Redactor.
func New(opts Options) *Redactor {
	r := &Redactor{rules: opts.Rules, known: opts.Known, least: opts.MinScore, cues: newCues()}
	r.words = newWordTable(r.cues)
	for _, k := range idKinds() {
		r.kindsByLength[len(k.shape)] = append(r.kindsByLength[len(k.shape)], k)
	}
	if r.least == 0 {
		r.least = 0.5
	}
	if r.rules == nil {
		r.rules = &Rules{}
	}
	if r.known == nil {
		r.known = func(string) bool { return false }
	}
	r.without = make(map[Type]bool, len(opts.Without))
	for _, t := range opts.Without {
		r.without[t] = true
	}
	return r
}

// context is the set of a list of words; it is made once.
func (r *Redactor) context(words string) map[string]bool {
	if m, ok := r.contexts.Load(words); ok {
		return m.(map[string]bool)
	}
	m := set(words)
	r.contexts.Store(words, m)
	return m
}

// Find gives what is personal in a text, in order and without overlap.
// Placeholders are no findings.
func (r *Redactor) Find(text string) []Finding {
	return r.find(text)
}

// find is Find with names that are known from elsewhere.
func (r *Redactor) find(text string, names ...spellings) []Finding {
	return r.look(text).find(names...)
}

// look runs the recognisers over a text.
func (r *Redactor) look(text string) *scan {
	plain, back := unveil(text)
	s := newScan(r, plain)
	s.back = back
	s.rules()
	s.structured()
	s.names()
	return s
}

// find is what stands in a text, with the names that are known from elsewhere.
func (s *scan) find(names ...spellings) []Finding {
	for _, n := range names {
		s.again(n)
	}
	found := s.settle()
	if s.repeats(found) {
		found = s.settle()
	}
	return s.given(found)
}

// settle takes out what is too unsure or allowed, and of findings that overlap
// the worse, and sorts by place.
func (s *scan) settle() []Finding {
	kept := make([]Finding, 0, len(s.found))
	for _, f := range s.found {
		switch {
		case f.Start >= f.End, f.Score < s.r.least, s.r.without[f.Type]:
		case f.Recogniser != "rule" && s.r.rules.allows(s.text[f.Start:f.End]):
		default:
			kept = append(kept, f)
		}
	}
	slices.SortStableFunc(kept, func(a, b Finding) int { return a.Start - b.Start })
	var out []Finding
	for i := 0; i < len(kept); {
		// Only what overlaps, over others perhaps, competes.
		j, end := i+1, kept[i].End
		for j < len(kept) && kept[j].Start < end {
			end = max(end, kept[j].End)
			j++
		}
		out = append(out, best(kept[i:j])...)
		i = j
	}
	return out
}

// best chooses among overlapping findings: the user's rules before all, then
// what holds others inside it, then the surer, then the longer.
func best(found []Finding) []Finding {
	const crowd = 64 // beyond it, inside is not looked for, which takes the square of the number
	inside := make([]bool, len(found))
	if len(found) <= crowd {
		for i, f := range found {
			for _, g := range found {
				if g.Start <= f.Start && f.End <= g.End && g.End-g.Start > f.End-f.Start && g.Score >= 0.6 && g.Score >= f.Score-0.3 && f.Recogniser != "rule" {
					inside[i] = true
				}
			}
		}
	}
	order := make([]int, len(found))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := found[i], found[j]
		return cmp.Or(
			-compareBool(a.Recogniser == "rule", b.Recogniser == "rule"),
			compareBool(inside[i], inside[j]),
			cmp.Compare(b.Score, a.Score),
			cmp.Compare(b.End-b.Start, a.End-a.Start),
			cmp.Compare(a.Start, b.Start),
			cmp.Compare(a.Type, b.Type),
		)
	})
	var out []Finding
	for _, i := range order {
		f := found[i]
		at, _ := slices.BinarySearchFunc(out, f.Start, func(g Finding, start int) int { return g.Start - start })
		if at > 0 && out[at-1].End > f.Start || at < len(out) && out[at].Start < f.End {
			continue
		}
		out = slices.Insert(out, at, f)
	}
	return out
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
