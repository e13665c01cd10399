package labeler

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// symbols refuses a character that belongs to code or markup and is in no
// member.
func (c *checked) symbols() error {
	if r := symbol(c.label, c.members, c.Profile == ChatDescription); r != 0 {
		return &RuleError{RuleSymbols, fmt.Sprintf("has the character %q, which no text has", r)}
	}
	return nil
}

func symbol(label string, members []string, prose bool) rune {
	for _, r := range label {
		if strings.ContainsRune(`{}<>[]|\;=^~`, r) && !(prose && r == ';') &&
			!slices.ContainsFunc(members, func(m string) bool { return strings.ContainsRune(m, r) }) {
			return r
		}
	}
	return 0
}

// refusal refuses what a model says instead of a label.
func (c *checked) refusal() error {
	s := strings.Join(c.words, " ")
	if m := refused.FindString(s); m != "" && !c.quotes(strings.Fields(m)...) || refusedElsewhere.MatchString(s) && !c.anySays(refusedElsewhere.FindString(s)) {
		return &RuleError{RuleRefusal, "is a refusal"}
	}
	return nil
}

var (
	refused = regexp.MustCompile(`\b(?:i'm sorry|i am sorry|sorry i|(?:i|we|it) (?:cannot|can't|can not|won't|am unable|do not|don't|am not)|as an ai|language model` +
		`|(?:unable|not able|not possible|refuse|refusing|refused|decline|declined|declining|failed) to (?:\pL+ )?(?:assist|help|label|name|provide|answer|comply|respond|generate|process|fulfill|complete|create|determine|classify|categorize|summarize)` +
		`|cannot (?:\pL+ )?(?:assist|help|label|name|provide|answer|comply|respond|generate|process|fulfill|complete|create|determine|be)` +
		`|(?:content|safety|usage|community) (?:policy|policies|guidelines|standards|filter|warning)|policy violations?|against (?:my|the|our) (?:\pL+ )?(?:policy|policies|guidelines|programming)` +
		`|not (?:appropriate|suitable|allowed|permitted|available|applicable)|(?:request|response|answer|label|content|topic) (?:denied|declined|refused|rejected|blocked|removed|withheld|unavailable|redacted|not)` +
		`|no (?:label|answer|response|comment|category|suitable|appropriate|common)\b)`)
	refusedElsewhere = regexp.MustCompile(`(?:^| )(?:es tut mir leid|tut mir leid|ich kann (?:\pL+ )*nicht|je suis désolée?|désolée?|je ne peux pas|lo siento|no puedo|mi dispiace|non posso|desculpe|não posso|ik kan (?:\pL+ )*niet|het spijt)(?: |$)` +
		`|извините|я не могу|к сожалению|抱歉|对不起|對不起|我无法|我無法|申し訳|できません|آسف|عذرا|لا أستطيع|لا يمكنني`)
)

// vague refuses words that fit any group, unless the members share nothing and
// the label says so.
func (c *checked) vague() error {
	if c.repeatsItself() {
		return &RuleError{RuleVague, "repeats a word"}
	}
	if !isVague(c.words, c.said) || c.Mixed && c.SaysMixed(c.label) {
		return nil
	}
	return &RuleError{RuleVague, "could stand for any group"}
}

// repeatsItself says whether a label has a word three times, as models do that
// cannot stop.
func (c *checked) repeatsItself() bool {
	if c.Profile == ChatDescription {
		return false
	}
	const often = 3
	count := make(map[string]int)
	for _, w := range c.words {
		if !smallWords.has(w) {
			count[stem(w)]++
		}
		if count[stem(w)] == often {
			return true
		}
	}
	return false
}

// isVague reports whether a label consists of words that fit any group.
func isVague(words []string, said map[string]bool) bool {
	any := false
	for _, w := range words {
		digits := strings.Trim(w, "0123456789") == ""
		if !digits && !smallWords.has(w) && (!isVagueWord(w) || said[w] || said[stem(w)]) {
			return false
		}
		any = any || !digits
	}
	return any
}

func isVagueWord(w string) bool {
	return vagueWords.has(w) || vagueWords.has(stem(w)) || mixedWords.has(w) || softWords.has(w)
}

// SaysMixed says whether a label says of a cluster that its members have little in
// common: "Miscellaneous", "Various Topics".
func (r Rules) SaysMixed(label string) bool {
	for _, w := range tokens(label) {
		if mixedWords.has(w) {
			return true
		}
	}
	return false
}

// mixedWords say of a group that its members have little in common.
const mixedWords wordList = "" +
	" assorted different diverse misc miscellaneous miscellany mixed mix mixture other others random unrelated uncategorized" +
	" uncategorised varied variety various unsorted eclectic" +
	" verschiedenes sonstiges gemischtes diverses vermischtes allerlei divers diverse autres varios variado variados otros miscelánea" +
	" miscelánico vari varie altro diversos outros diversen overige overig gemengd разное прочее 其他 杂项 雜項 その他 雑多 متنوع متفرقات 기타 "

// vagueWords name no group when nothing else stands beside them.
const vagueWords wordList = "" +
	" category cluster collection content data entry general group item label list n na none note" +
	" stuff text thing title topic unknown unlabeled unnamed untitled" +
	" array aspect assortment catalog common concept detail element example everyday everything field grouping idea important info information" +
	" interesting json kind matter noun null object overview phrase placeholder point range related relevant response sample selection" +
	" set short similar simple sort string subject summary tag term theme thought type undefined useful valid value variable word" +
	" area basic discussion domain category notes answer here insert your" +
	" thema themen begriffe begriff wörter wort liste dinge sachen notizen texte mots mot termes choses notes liste textes" +
	" palabras palabra términos cosas notas textos lista parole parola termini cose palavras termos coisas woorden termen dingen lijst" +
	" слова список тексты заметки 单词 词语 列表 单词列表 言葉 単語 リスト كلمات قائمة "

// softWords are said of a topic that somebody does not want to name, and of
// what people say and ask in general.
const softWords wordList = "" +
	" adult concerning concern concerns controversial delicate disturbing explicit harmful inappropriate illicit" +
	" issue issues mature nsfw objectionable offensive problematic prohibited questionable restricted" +
	" sensitive taboo troubling unethical unsafe warning request requests question questions inquiry inquiries" +
	" query queries behavior behaviour behaviors situation situations matters forbidden conversation conversations" +
	" sensible heikle sensibel sensibles délicats delicados sensibili gevoelige "
