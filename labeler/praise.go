package labeler

import (
	"fmt"
	"regexp"
	"strings"
)

// puffery refuses praise and superlatives that the members do not have
// themselves, as "essential" in "essential oils".
func (c *checked) puffery() error {
	if w := c.praise(); w != "" {
		return &RuleError{RulePuffery, fmt.Sprintf("has the word %q, which no text bears out", w)}
	}
	if c.advertises() {
		return &RuleError{RulePuffery, "advertises instead of naming"}
	}
	return nil
}

func (c *checked) praise() string {
	for i, w := range c.words {
		next, before := "", ""
		if i+1 < len(c.words) {
			next = c.words[i+1]
		}
		if i > 0 {
			before = c.words[i-1]
		}
		if c.Profile == ChatDescription && w == "most" { // of the requests
			continue
		}
		puffed := puffWords.has(w) && !(compounds.has(before) && w == "top") ||
			w == "key" && keyNouns.has(stem(next)) ||
			w == "must" && mustVerbs.has(stem(next)) ||
			w == "number" && next == "one" ||
			isSuperlative(w) && c.Profile != ChatDescription
		if puffed && !c.isSaid(w) {
			return w
		}
	}
	lower := strings.ToLower(c.label)
	for _, s := range strings.Fields(foreignPraise) {
		if strings.Contains(lower, s) && !c.anySays(s) {
			return s
		}
	}
	return ""
}

// anySays says whether some member has a string, in lower case.
func (c *checked) anySays(s string) bool {
	for _, m := range c.members {
		if strings.Contains(strings.ToLower(m), s) {
			return true
		}
	}
	return false
}

// isSuperlative knows "tallest" and "cutest" by the adjective that is left.
func isSuperlative(w string) bool {
	base, ok := strings.CutSuffix(w, "est")
	if !ok || len(base) < 2 {
		return false
	}
	if gradable.has(base) || gradable.has(base+"e") {
		return true
	}
	if b, ok := strings.CutSuffix(base, "i"); ok && gradable.has(b+"y") {
		return true
	}
	n := len(base)
	return n > 2 && base[n-1] == base[n-2] && gradable.has(base[:n-1])
}

// advertises reports whether a label is put as the headline of an article is:
// "Exploring the World of Fruits", "Tools for Everyday Life".
func (c *checked) advertises() bool {
	s := strings.Join(c.words, " ")
	for _, re := range []*regexp.Regexp{headline, appeal} {
		if m := re.FindString(s); m != "" && !c.quotes(strings.Fields(m)...) {
			return true
		}
	}
	return false
}

var (
	headline = regexp.MustCompile(`^(?:exploring|discovering|unveiling|unlocking|mastering|embracing|celebrating|navigating|understanding|appreciating|experiencing|savoring|savouring)\b` +
		`|^(?:an? |the )?(?:\pL+ )?(?:guides?|introduction|journey|trip|look|dive|tribute|window|gateway|roadmap) (?:to|into|through|at|for)\b` +
		`|^(?:an? |the )?(?:\pL+ )?(?:world|joys?|magic|beauty|wonders|secrets|realm|essence|importance|benefits) of\b` +
		`|^(?:all|everything) (?:about|you)\b|^(?:tips|tricks|secrets|hacks) for\b|^why \pL+ matters?\b`)
	appeal = regexp.MustCompile(`\bfor (?:an? |the |every |any |your |all )*(?:\pL+ )?(?:life|lifestyle|living|lives|occasions?|success|everyone|everybody|beginners|all ages|home and beyond)$` +
		`|\b(?:to know|to love|to try|to remember|to die for|that matter|that inspire|and beyond|and more|at its finest|of all time|in the world|made (?:easy|simple)|101)$` +
		`|\b(?:cutting edge|game changing|world class|top notch|first rate|mind blowing|jaw dropping|life changing|next level|all star)\b`)
)

// mustVerbs make an adjective of "must": "must-have".
const mustVerbs wordList = " have see know try read do watch visit eat "

// compounds take "top" for a thing: "Table Top".
const compounds wordList = " table roof mountain hill counter laptop desk tank crop halter "

// count refuses a number that counts what follows it and that no member has.
// Years and "Windows 11" count nothing.
func (c *checked) count() error {
	w := inventedCount(c.label, c.said, c.Profile != NoteLabel)
	if w == "" {
		if m := groupCount.FindStringSubmatch(strings.Join(c.words, " ")); m != nil && !c.isSaid(m[1]) {
			w = m[1]
		}
	}
	if w == "" {
		if m := rankNumber.FindStringSubmatch(c.label); m != nil && !c.said[m[1]] {
			w = m[1]
		}
	}
	if w != "" {
		return &RuleError{RuleCount, fmt.Sprintf("has the number %q, which no text bears out", w)}
	}
	return nil
}

// rankNumber is that of a rank: "No. 1 Fruits".
var rankNumber = regexp.MustCompile(`(?i)(?:^|\s)(?:no|nr|num|number|№)\.?\s?(\d{1,3})\b`)

// groupCount counts by a noun.
var groupCount = regexp.MustCompile(`^(?:an? |the )?(?:\pL+ )?(trio|duo|pair|couple|quartet|quintet|handful|dozens?|hundreds|thousands|trifecta) of\b`)

// inventedCount returns such a number, or "". anywhere says that it counts
// wherever it stands before a word, as behind an imperative.
func inventedCount(label string, said map[string]bool, anywhere bool) string {
	// Hyphens stay: "Two-Factor Logins" counts nothing.
	words := strings.Fields(strings.ToLower(label))
	for i, w := range words {
		ordinal := strings.HasPrefix(w, "#") && len(w) > 1
		bracket := isSerial(w) && i > 0
		w = strings.TrimFunc(w, func(r rune) bool { return !isWordRune(r) })
		words[i] = w
		digits := w != "" && len(w) <= 3 && strings.Trim(w, "0123456789") == ""
		if said[w] {
			continue
		}
		if digits && (ordinal || bracket) {
			return w
		}
		if m := counter.FindStringSubmatch(w); m != nil && !said[m[1]] {
			return m[1]
		}
		leads := i == 0 || anywhere || countLeads.has(words[i-1]) || puffWords.has(words[i-1])
		if !leads || i+1 == len(words) {
			continue
		}
		if digits || numberWords.has(w) {
			return w
		}
	}
	return ""
}

// countLeads are words after which a number counts.
const countLeads wordList = " the top of these those our my all best first with for other die les las los i de "

// counter knows numbers that are written together with what they count.
var counter = regexp.MustCompile(`^([0-9]{1,3}|[二三四五六七八九十]{1,2})(?:种|種|个|個|つの|つ|位|款|大|人の|名|本の|冊の)`)

// puffWords praise instead of naming.
const puffWords wordList = "" +
	" essential essentials ultimate best greatest finest top legendary iconic amazing awesome" +
	" incredible fantastic wonderful fabulous epic perfect premier unforgettable comprehensive" +
	" definitive successful stunning extraordinary biggest largest fastest hottest coolest" +
	" cheapest strongest smartest easiest tastiest healthiest richest most least" +
	" exceptional remarkable outstanding renowned acclaimed magnificent marvelous marvellous superb splendid spectacular" +
	" exquisite breathtaking captivating fascinating inspiring inspirational timeless beloved adorable charming gorgeous" +
	" delicious mouthwatering tasty yummy scrumptious delightful irresistible vital crucial indispensable invaluable" +
	" unbeatable unmatched unparalleled unrivaled revolutionary groundbreaking innovative" +
	" brilliant genius masterful effortless foolproof unique proven powerful thriving vibrant" +
	" influential majestic magical adventures mania extravaganza bonanza spree unstoppable unbelievable ideal pioneering trailblazing visionary "

// foreignPraise is the same in other languages; the strings may be parts of words.
const foreignPraise = "ultimativ wichtigste großartig essenziell unverzichtbar meilleur incontournable indispensable essentiel légendaire" +
	" mejores imprescindible esencial legendari migliori imperdibil essenzial melhores imperdíve essencia lendári onmisbare legendarisch" +
	" лучш легендарн незаменим важнейш 最佳 最好 最高の 必备 必備 必須の 究极 究極 传奇 伝説"

// keyNouns make "Key" an adjective: "Key Components" says no more than "Components".
const keyNouns wordList = "" +
	" aspect component concept element factor feature idea ingredient insight point principle" +
	" takeaway thing topic term theme area skill step item "

// numberWords are counts when they stand before what is counted, in English,
// German, French, Spanish and Dutch.
const numberWords wordList = "" +
	" two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen" +
	" sixteen seventeen eighteen nineteen twenty thirty forty fifty dozen hundred" +
	" zwei drei vier fünf sechs sieben acht zehn deux trois quatre cinq tres cuatro cinco seis siete ocho nueve diez" +
	" twee vijf zes zeven negen tien "

// gradable are adjectives that have a superlative.
const gradable wordList = "" +
	" big bold brave bright broad busy calm cheap clean clear clever close cold cool crazy cruel cute dark deadly dear deep dense dirty" +
	" dry dull early easy fair famous fancy fast few fierce fine firm fit flat fresh friendly full fun funny gentle good grand great" +
	" green happy hard harsh healthy heavy high hot huge hungry icy juicy keen kind large late lazy light likely lively lonely long loud" +
	" lovely low lucky mad mean mighty narrow nasty near neat new nice noble noisy odd old pale plain polite poor popular pretty proud" +
	" pure quick quiet rare raw rich ripe rough rude sad safe salty scary scarce sharp shiny short shy silly simple sleepy slim slow" +
	" small smart smooth soft sore sour spicy steep strange strict strong sturdy sunny sweet tall tasty thick thin tidy tiny tough trendy" +
	" true ugly vast warm weak wealthy weird wet wide wild wise witty worthy yellow young yummy "
