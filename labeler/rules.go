package labeler

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of a [NoteLabel].
const (
	MaxWords = 6  // words of a label
	MaxChars = 60 // characters (code points) of a label
)

// A Rule is what a label has to keep; see [Rules.Check].
type Rule string

// The rules, in the order in which Check looks at them.
const (
	RuleEmpty      Rule = "empty"      // there is nothing in it
	RuleLetters    Rule = "no letters" // only punctuation, digits or symbols
	RuleWords      Rule = "too many words"
	RuleChars      Rule = "too long"
	RuleSymbols    Rule = "symbols"        // of code or markup, in none of the members
	RuleRefusal    Rule = "refusal"        // "Unable to Assist", in whatever words
	RuleSentence   Rule = "sentence"       // "These are animals"; in a note's label also "Learn About Animals"
	RuleImperative Rule = "no imperative"  // a ChatLabel that does not begin with a verb
	RuleTense      Rule = "no past tense"  // a ChatDescription that is not two sentences in it
	RulePuffery    Rule = "puffery"        // "Essential", "Ultimate", "Top", in none of the members
	RuleCount      Rule = "count"          // "5 Musicians", the number in none of the members
	RuleList       Rule = "lists members"  // names the members instead of what they share
	RuleInvented   Rule = "invented name"  // a person, company or product that is in no member
	RuleSoftened   Rule = "softened topic" // "Sensitive Content" for what has a name
	RuleVague      Rule = "vague"          // "Miscellaneous", "Group 3"

	// This is for whoever knows the other clusters' labels; see [NearEqual].
	RuleRepeats Rule = "repeats a label"

	// These take a judge; see labeler/judge.
	RuleObeys     Rule = "obeys a text"   // says what a text told the model to say
	RuleLanguage  Rule = "other language" // than that of the texts, or than was asked for
	RuleUnrelated Rule = "unrelated"      // it names nothing in the cluster
)

// A RuleError says which rule a label breaks. Its text completes the sentence
// "the label …" and holds no text of a member, so that it may be logged.
type RuleError struct {
	Rule   Rule
	Detail string
}

func (e *RuleError) Error() string { return e.Detail }

// Check is [Rules.Check] with the rules of a note's label and no vocabulary.
func Check(label string, members []string) error { return Rules{}.Check(label, members) }

// Check says whether a text, as [Rules.Tidy] leaves it, may stand for a cluster
// with these distinct members. The error is nil or a *[RuleError]. Of the
// members it looks at a [Sample], so that "in no member" is "in none of those
// looked at", and the time it takes is bounded.
//
// The rules know English best, and the words by which small models break them
// in some other languages. A label in another one passes those that it cannot
// break.
func (r Rules) Check(label string, members []string) error {
	if strings.TrimSpace(label) == "" {
		return &RuleError{RuleEmpty, "is empty"}
	}
	if !strings.ContainsFunc(label, unicode.IsLetter) {
		return &RuleError{RuleLetters, "has no letters"}
	}
	if n, most := countWords(label), r.Profile.MaxWords(); n > most {
		return &RuleError{RuleWords, fmt.Sprintf("has %d words, more than %d", n, most)}
	}
	if n, most := utf8.RuneCountInString(label), r.Profile.MaxChars(); n > most {
		return &RuleError{RuleChars, fmt.Sprintf("has %d characters, more than %d", n, most)}
	}
	c := newChecked(r, label, Sample(members))
	for _, rule := range []func() error{
		c.symbols, c.refusal, c.form, c.puffery, c.count, c.list, c.invented, c.softened, c.vague,
	} {
		if err := rule(); err != nil {
			return err
		}
	}
	return nil
}

// checked is a label and what the rules look at beside it.
type checked struct {
	Rules
	label   string
	words   []string
	members []string
	texts   [][]string      // the members' words
	said    map[string]bool // all of them, and their stems
}

func newChecked(r Rules, label string, members []string) *checked {
	c := &checked{Rules: r, label: label, words: tokens(label), members: members,
		texts: make([][]string, len(members)), said: make(map[string]bool)}
	for i, m := range members {
		c.texts[i] = tokens(m)
		for _, w := range c.texts[i] {
			c.said[w] = true
			c.said[stem(w)] = true
			for part := range strings.SplitSeq(w, "'") { // l'ampoule
				c.said[part] = true
			}
		}
	}
	return c
}

// isSaid says whether the members have a word or a form of it.
func (c *checked) isSaid(w string) bool { return c.said[w] || c.said[stem(w)] }

// quotes says whether a member has these words in a row.
func (c *checked) quotes(words ...string) bool {
	for _, text := range c.texts {
		if indexOf(text, words) >= 0 {
			return true
		}
	}
	return false
}

// list refuses a label that names two members or more, words that nearly all
// members have aside: "buy milk, buy bread, buy eggs" are milk, bread and eggs.
func (c *checked) list() error {
	if n := max(named(c.words, c.texts), named(c.words, c.withoutShared())); n >= 2 && len(c.members) > 2 {
		return &RuleError{RuleList, fmt.Sprintf("lists %d of the texts instead of saying what they share", n)}
	}
	return nil
}

// withoutShared is the words of members that are all short, without those that
// nearly all of them have.
func (c *checked) withoutShared() [][]string {
	const nearlyAll, short = 0.8, 3
	if slices.ContainsFunc(c.texts, func(t []string) bool { return len(t) > short }) {
		return nil
	}
	count := make(map[string]int)
	for _, text := range c.texts {
		seen := make(map[string]bool)
		for _, w := range text {
			if !seen[w] {
				seen[w] = true
				count[w]++
			}
		}
	}
	out := make([][]string, len(c.texts))
	for i, text := range c.texts {
		for _, w := range text {
			if float64(count[w]) < nearlyAll*float64(len(c.texts)) {
				out[i] = append(out[i], w)
			}
		}
	}
	return out
}

// named returns how many distinct members stand in the label, the longest
// first, no word counted twice: "sorting tables" is one even where "tables"
// is a member too. A member whose words another has beside others is none: of
// "curtains, blinds, curtain hooks, vertical blinds", "Curtains and Blinds" is no
// list.
func named(words []string, texts [][]string) int {
	label := stems(words)
	byLength := make([][][]string, len(label)+1)
	seen := make(map[string]bool)
	for _, text := range texts {
		if len(text) == 0 || len(text) > len(label) || !slices.ContainsFunc(text, func(w string) bool { return !smallWords.has(w) }) {
			continue
		}
		s := stems(text)
		if key := strings.Join(s, " "); !seen[key] {
			seen[key] = true
			byLength[len(s)] = append(byLength[len(s)], s)
		}
	}
	n := 0
	for size := len(label); size > 0; size-- {
		for _, text := range byLength[size] {
			at := indexOf(label, text)
			if at < 0 {
				continue
			}
			for i := range text {
				label[at+i] = "" // no stem is empty
			}
			if !slices.ContainsFunc(texts, func(t []string) bool { return len(t) > size && indexOf(stems(t), text) >= 0 }) {
				n++
			}
		}
	}
	return n
}

func stems(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = stem(w)
	}
	return out
}

// indexOf returns where sub begins in s, or -1.
func indexOf(s, sub []string) int {
next:
	for i := 0; i+len(sub) <= len(s); i++ {
		for j, w := range sub {
			if s[i+j] != w {
				continue next
			}
		}
		return i
	}
	return -1
}
